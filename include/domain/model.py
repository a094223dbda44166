"""The base of every configuration model, and the types they share."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=48)]
"""A name used in identifiers, file names and URLs: small ASCII letters, digits, single underscores."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Words shown to people; never empty."""

NOT_A_DAY = "not_a_day"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written_as_a_day(value: object) -> object:
    """Let only days pass: pydantic would read a bare 20240531 as seconds since 1970."""
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if is_day or (isinstance(value, str) and _ISO_DAY.fullmatch(value)):
        return value
    raise PydanticCustomError(NOT_A_DAY, "应为 2024-05-31 这样的日期")


Day = Annotated[date, BeforeValidator(_written_as_a_day)]
"""A day in Asia/Shanghai, written 2024-05-31 and in no other way."""


class Strict(BaseModel):
    """Frozen; an unknown key is an error, so a typing mistake cannot pass unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class UnitKind(StrEnum):
    """Who can owe a return."""

    MEDICAL_INSTITUTION = "medical_institution"
    RETAIL_PHARMACY = "retail_pharmacy"
    HANDLING_AGENCY = "handling_agency"
    COUNTY_BRANCH = "county_branch"
    MEMBER_DEPARTMENT = "member_department"

    @property
    def zh(self) -> str:
        return _UNIT_KIND_ZH[self]


_UNIT_KIND_ZH = {
    UnitKind.MEDICAL_INSTITUTION: "定点医疗机构",
    UnitKind.RETAIL_PHARMACY: "定点零售药店",
    UnitKind.HANDLING_AGENCY: "医保经办机构",
    UnitKind.COUNTY_BRANCH: "医保分局",
    UnitKind.MEMBER_DEPARTMENT: "成员单位",
}


class Severity(StrEnum):
    """What a finding does to a return: send it back, ask for attention, or just say so."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def zh(self) -> str:
        return {Severity.ERROR: "须改正", Severity.WARNING: "请核对", Severity.INFO: "告知"}[self]
