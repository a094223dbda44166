"""Whose a file is: by the token of an issued workbook, else by the code in the file's name."""

from __future__ import annotations

import re

from include.domain.campaign import Campaign
from include.domain.model import Severity
from include.domain.returns import Finding, Reading
from include.domain.units import Unit
from include.steps.ports import Gateways

CODE_IN_NAME = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]\d{11})(?![A-Za-z0-9])")

UNKNOWN = "文件名中没有本次名册内的机构编码，表内也没有单位标识，无法确认是哪个单位报送的，请办公室认领"


def of_workbook(
    campaign: Campaign, file_name: str, reading: Reading, using: Gateways
) -> tuple[Unit | None, list[Finding]]:
    """The unit a workbook is from, and what speaks against its own account of itself.

    A genuine token decides; a code in the file name that contradicts it sends the file back to the
    unit named there, without telling it whose workbook it used.
    """
    named = unit_in_name(campaign, file_name, using)
    identity = reading.identity
    if identity is None:
        return named, [] if named or reading.findings else [Finding("unit.unknown", UNKNOWN)]
    if not using.workbooks.is_genuine(identity):
        return named, [
            Finding(
                "identity.forged",
                "表格的防伪信息已被改动，无法确认来源；请重新使用邮件所附的本单位专用表填报",
            )
        ]
    if identity.campaign_id != campaign.id:
        return named, [
            Finding(
                "identity.campaign",
                f"所用表格属于其他专项行动，不能用于“{campaign.short_title}”；请使用本次发给本单位的专用表",
            )
        ]
    if named is not None and named.code != identity.unit_code:
        return named, [
            Finding("identity.unit", "所用表格是发给其他单位的专用表；请使用发给本单位的专用表填报")
        ]
    owner = using.ledger.roster.unit(campaign.id, identity.unit_code)
    if owner is None:
        message = f"本次名册中没有专用表所属的单位（编码“{identity.unit_code}”），请办公室核对名册"
        return None, [Finding("unit.not_on_roster", message, Severity.WARNING)]
    return owner, []


def unit_in_name(campaign: Campaign, file_name: str, using: Gateways) -> Unit | None:
    """The unit whose code stands in the file's name, when the roster has it."""
    codes = CODE_IN_NAME.findall(file_name)
    # Of a file in a zip (x.zip/inner.xlsx) the inner name is the nearer one.
    return using.ledger.roster.unit(campaign.id, codes[-1].upper()) if codes else None
