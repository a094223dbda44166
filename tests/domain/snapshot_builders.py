"""Snapshots for tests: synthetic units and problems, every field replaceable by keyword."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.domain.occasions import Period
from include.domain.reports import Snapshot, SnapshotItem, SnapshotUnit

DUE = date(2024, 5, 31)
BEFORE_DUE = date(2024, 5, 30)
AFTER_DUE = date(2024, 6, 5)

HOSPITAL, PHARMACY, AGENCY = (
    UnitKind.MEDICAL_INSTITUTION,
    UnitKind.RETAIL_PHARMACY,
    UnitKind.HANDLING_AGENCY,
)


def make_unit(code: str, state: ObligationState = ObligationState.ACCEPTED, **changed: Any) -> SnapshotUnit:
    facts: dict[str, Any] = {
        "unit_code": code,
        "unit_name": f"示例单位{code}",
        "unit_kind": HOSPITAL,
        "region_code": "150626",
        "level": "二级甲等",
        "form": "self_check",
        "state": state,
        "due_on": DUE,
        "is_zero": False,
        "received_on": None,
        "accepted_on": None,
        "days_late": 0,
        "has_address": True,
    }
    return SnapshotUnit(**(facts | changed))


def make_item(code: str, violation_type: str = "DUPLICATE_CHARGE", **changed: Any) -> SnapshotItem:
    facts: dict[str, Any] = {
        "unit_code": code,
        "unit_kind": HOSPITAL,
        "violation_type": violation_type,
        "visits": 2,
        "occurrences": 3,
        "violation_amt": Decimal("100.00"),
        "fund_amt": Decimal("80.00"),
        "refunded_amt": Decimal("30.00"),
        "rectify_status": "整改中",
    }
    return SnapshotItem(**(facts | changed))


def make_snapshot(
    units: list[SnapshotUnit], items: list[SnapshotItem] | None = None, *, on: date = AFTER_DUE
) -> Snapshot:
    return Snapshot(
        id=7,
        campaign_id="sample_2024",
        report_key="self_check_statistics",
        period=Period(date(2024, 5, 1), on),
        taken_on=on,
        sha256="5f3c" * 16,
        units=tuple(units),
        items=tuple(items or ()),
    )
