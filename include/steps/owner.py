"""Whose a file is: by the token of an issued workbook, else by the code in the file's name, else by its mail.

In the folder inbox a name is believed: only staff can put files there. By mail anybody can write anything,
so there a unit counts only when a genuine token or one of its own contacts vouches for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from include.domain.campaign import Campaign
from include.domain.inbound import Claim, ClaimBy
from include.domain.model import Severity
from include.domain.returns import Finding, Identity, Reading, ReturnFile
from include.domain.units import Unit
from include.steps.ports import Gateways

CODE_IN_NAME = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]\d{11})(?![A-Za-z0-9])")

UNKNOWN = "文件名中没有本次名册内的机构编码，表内也没有单位标识，无法确认是哪个单位报送的，请办公室认领"


def known(
    campaign: Campaign, files: Iterable[tuple[str, Identity | None, Claim | None]], using: Gateways
) -> dict[str, Unit]:
    """The units files could be from, by code: what their names, identities and mails name, looked up at once."""
    codes: set[str] = set()
    for name, identity, sent in files:
        codes.update(codes_in(name)[-1:])
        codes.update(named.unit_code for named in (identity, sent) if named is not None and named.unit_code)
    return using.ledger.roster.known(campaign.id, codes)


def of_workbook(
    campaign: Campaign,
    file_name: str,
    reading: Reading,
    units: Mapping[str, Unit],
    using: Gateways,
    *,
    sent: Claim | None = None,
) -> tuple[Unit | None, list[Finding]]:
    """The unit a workbook is from (one of ``units``), and what speaks against its own account of itself.

    A genuine token decides; a code in the file name that contradicts it sends the file back to the
    unit named there, without telling it whose workbook it used. ``sent`` is what the mail it came in
    told; without it the file name alone is believed.
    """
    named = _named(file_name, units)
    believed, doubts = _believed(named, sent, units)
    identity = reading.identity
    if identity is None:
        said = doubts if sent is not None else [Finding("unit.unknown", UNKNOWN)]
        return believed, [] if believed or (reading.findings and not doubts) else said
    if not using.workbooks.is_genuine(identity):
        return believed, [
            Finding(
                "identity.forged",
                "表格的防伪信息已被改动，无法确认来源；请重新使用邮件所附的本单位专用表填报",
            ),
            *doubts,
        ]
    if identity.campaign_id != campaign.id:
        return believed, [
            Finding(
                "identity.campaign",
                f"所用表格属于其他专项行动，不能用于“{campaign.short_title}”；请使用本次发给本单位的专用表",
            ),
            *doubts,
        ]
    if named is not None and named.code != identity.unit_code:
        return believed, [
            Finding("identity.unit", "所用表格是发给其他单位的专用表；请使用发给本单位的专用表填报"),
            *doubts,
        ]
    owner = units.get(identity.unit_code)
    if owner is None:
        message = f"本次名册中没有专用表所属的单位（编码“{identity.unit_code}”），请办公室核对名册"
        return None, [Finding("unit.not_on_roster", message, Severity.WARNING)]
    return owner, []


def of_scan(
    file_name: str, units: Mapping[str, Unit], *, sent: Claim | None = None
) -> tuple[Unit | None, list[Finding]]:
    """The unit a file without a token is from, and why nobody can say, if so."""
    return _believed(_named(file_name, units), sent, units)


def sent_by(file: ReturnFile) -> Claim | None:
    """What the mail told about the file; None for one from a folder, and for one staff have assigned since."""
    if file.sender is None or file.unit_code is not None:
        return None
    return Claim(file.sender, file.hint_unit_code, ClaimBy.NOTHING, bool(file.is_vouched))


def unit_in_name(campaign: Campaign, file_name: str, using: Gateways) -> Unit | None:
    """The unit whose code stands in the file's name, when the roster has it."""
    return _named(file_name, known(campaign, [(file_name, None, None)], using))


def codes_in(text: str) -> list[str]:
    """Unit codes in a file name or a subject, in capitals, also of full-width letters and digits."""
    found: list[str] = CODE_IN_NAME.findall(unicodedata.normalize("NFKC", text))
    return [code.upper() for code in found]


def _named(file_name: str, units: Mapping[str, Unit]) -> Unit | None:
    codes = codes_in(file_name)
    # Of a file in a zip (x.zip/inner.xlsx) the inner name is the nearer one.
    return units.get(codes[-1]) if codes else None


def _believed(
    named: Unit | None, sent: Claim | None, units: Mapping[str, Unit]
) -> tuple[Unit | None, list[Finding]]:
    """The unit that may be answered, or why not: an answer to the wrong one would tell it another's affairs."""
    if sent is None:
        return named, []
    unit = named
    if unit is None and sent.unit_code is not None:
        unit = units.get(sent.unit_code)
    sender = f"发件邮箱“{sent.sender}”" if sent.sender else "发件人（邮件没有写明邮箱）"
    if unit is None:
        message = f"从文件名、邮件主题、所回复的通知和{sender}都不能确定是哪个单位报送的，请办公室认领"
        return None, [Finding("sender.unclear", message)]
    if sent.is_vouched and unit.code == sent.unit_code:
        return unit, []
    message = (
        f"{sender}不是{unit.name}（{unit.code}）登记的联系邮箱，文件本身也不能证明是该单位报送的；"
        f"请办公室与该单位核实后认领，建议认领给{unit.name}"
    )
    return None, [Finding("sender.unknown", message)]
