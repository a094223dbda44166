"""Take the roster (名册) from a workbook: frozen at first, adjusted later; rows in error stay outside."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from include.domain.campaign import Campaign, PostRole
from include.domain.errors import GiveUp
from include.domain.forms import Form
from include.domain.model import Severity, UnitKind
from include.domain.returns import CheckContext, Finding, Reading, Row, Value
from include.domain.units import PostHolder, RosterChange, Unit
from include.steps import ban_check
from include.steps.collect import end_of
from include.steps.ports import Gateways

log = logging.getLogger(__name__)

FORM, UNITS, POSTS = "roster", "units", "posts"
ACTOR = "take_roster"
MOST_UNITS = 200_000
"""A province has some 50,000 designated institutions (家), the largest twice as many."""
ENDED = frozenset({"解除", "到期"})


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A roster workbook after its checks: what can be entered, and what was found."""

    units: tuple[Unit, ...]
    holders: tuple[PostHolder, ...]
    findings: tuple[Finding, ...]
    names_persons: bool = False
    """Whether the file says anything about a legal representative; it is then not kept."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def review(campaign: Campaign, content: bytes, *, on: date, using: Gateways) -> Reviewed:
    """Read and check a roster workbook, entering nothing. Rows with an error are left out of the result."""
    reading = using.workbooks.read(content, {FORM: using.forms[FORM]}, most_rows=MOST_UNITS)
    return review_rows(campaign, reading, on=on, using=using)


def review_rows(campaign: Campaign, reading: Reading, *, on: date, using: Gateways) -> Reviewed:
    """The same for rows that were read already, from a workbook or from elsewhere."""
    form = using.forms[FORM]
    if not reading.is_readable:
        return Reviewed((), (), reading.findings)
    context = CheckContext("", "", campaign.starts_on, None, None, on)
    kept = [row for row in reading.sheets.get(UNITS, ()) if row.values.get("agreement_status") not in ENDED]
    findings = (
        *(_without_person(form, finding) for finding in reading.findings),
        *(_without_person(form, each) for each in using.quality.judge(form, {0: reading}, {0: context})[0]),
        *ban_check.refused(form.sheet(UNITS), kept, on=on, using=using),
    )
    return Reviewed(
        units=tuple(_unit(form, row.values) for row in _sound_rows(form, UNITS, reading, findings)),
        holders=tuple(_holder(row.values) for row in _sound_rows(form, POSTS, reading, findings)),
        findings=findings,
        names_persons=any(
            row.raw.get(field) for row in reading.sheets.get(UNITS, ()) for field in ban_check.PERSONAL
        ),
    )


def enter(
    campaign: Campaign, content: bytes, reviewed: Reviewed, *, on: date, actor: str, using: Gateways
) -> dict[str, int]:
    """Freeze the roster, or enter what differs from it as adjustments; return counts (家).

    A unit that merely is not in a later file has not left: exits are entered by its 协议状态, because
    an incomplete file must not strike units off. The file is kept in the archive, unless it says who the legal
    representatives are: that is compared with the bans and then kept nowhere.
    """
    if not reviewed.units:
        raise GiveUp("名册中没有可以导入的单位，请按列出的问题修改后重新放入")
    sha256 = hashlib.sha256(content).hexdigest() if reviewed.names_persons else using.archive.put(content)
    if using.ledger.roster.frozen_on(campaign.id) is None:
        using.ledger.roster.freeze(
            campaign.id, reviewed.units, reviewed.holders, on=on, actor=actor, source_sha256=sha256
        )
        return {"名册基数": len(reviewed.units), "岗位": len(reviewed.holders)}
    changes = differences(campaign, reviewed, on=on, using=using)
    return {"名册调整": using.ledger.roster.adjust(campaign.id, changes, actor=actor)}


def differences(campaign: Campaign, reviewed: Reviewed, *, on: date, using: Gateways) -> list[RosterChange]:
    """What entering it would change in a roster that is frozen."""
    known = {unit.code: unit for unit in using.ledger.roster.units(campaign.id, on=on)}
    return [change for unit in reviewed.units if (change := _change(unit, known.get(unit.code), on))]


def take_over(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, Any]:
    """Enter every roster workbook lying in the inbox's ``{campaign}/roster``; list the rows in error.

    Raise GiveUp when there is no roster yet and none has arrived: nobody could be written to.
    """
    shown: dict[str, Any] = {}
    for file in using.inbox.files(f"{campaign.id}/{FORM}", received_until=end_of(on)):
        reviewed = review(campaign, file.content, on=on, using=using)
        problems = [f"{finding.place} {finding.message}" for finding in reviewed.findings]
        for problem in problems:
            log.warning("%s：%s", file.name, problem)
        shown[file.name] = enter(campaign, file.content, reviewed, on=on, actor=ACTOR, using=using) | {
            "问题": problems
        }
        using.inbox.take(file)
    if using.ledger.roster.frozen_on(campaign.id) is None:
        raise GiveUp(
            f"还没有名册：请把定点医药机构名册工作簿放入收件箱的“{campaign.id}/{FORM}”文件夹，再清除本任务重跑"
        )
    return shown


def contacts(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, Any]:
    """Whom mail cannot reach: units without an address (电话联系名单), posts without a holder that day."""
    units = using.ledger.roster.units(campaign.id, on=on)
    by_phone = [f"{unit.code} {unit.name}" for unit in units if unit.address() is None]
    vacant = [
        post.title
        for post in campaign.posts
        if using.ledger.roster.holder(campaign.id, post.key, on=on) is None
    ]
    return {"单位": len(units), "电话联系名单": by_phone, "未登记邮箱的岗位": vacant}


def _without_person(form: Form, finding: Finding) -> Finding:
    """What was written about a legal representative is repeated nowhere, not even to say that it is wrong."""
    hidden = {column.label for column in form.sheet(UNITS).columns if column.field in ban_check.PERSONAL}
    if finding.header not in hidden:
        return finding
    message = "应只填姓氏加“某”，证件号只留前6位和后4位、中间用*代替，请改正；这两栏只用于核对黑名单"
    return replace(finding, value="", message=message)


def hotlines(campaign: Campaign, *, on: date, using: Gateways) -> list[tuple[str, str, str]]:
    """Unit, post and telephone of each hotline (举报电话); the number is empty until the office has entered it."""
    found = []
    for post in campaign.posts:
        if post.role is PostRole.HOTLINE_OFFICER:
            holder = using.ledger.roster.holder(campaign.id, post.key, on=on)
            found.append((post.unit, post.title, (holder.phone or "") if holder else ""))
    return found


def _sound_rows(form: Form, key: str, reading: Reading, findings: tuple[Finding, ...]) -> list[Row]:
    titles = {form.sheet(key).title, *form.sheet(key).aliases}
    bad = {
        _row_number(finding.cell)
        for finding in findings
        if finding.severity is Severity.ERROR and finding.sheet in titles and finding.cell
    }
    return [row for row in reading.sheets.get(key, ()) if row.number not in bad]


def _row_number(cell: str) -> int:
    return int(re.sub(r"\D", "", cell))


def _change(unit: Unit, known: Unit | None, on: date) -> RosterChange | None:
    if unit.agreement_status in ENDED:
        reason = f"医保协议{unit.agreement_status}"
        return RosterChange(kind="left", unit=unit, effective_on=on, reason=reason) if known else None
    if known is None:
        return RosterChange(kind="joined", unit=unit, effective_on=on, reason="新增定点")
    if unit != known:
        return RosterChange(kind="changed", unit=unit, effective_on=on, reason="名册信息变更")
    return None


def _unit(form: Form, values: dict[str, Value] | Any) -> Unit:
    return Unit(
        code=_text(values["code"]),
        name=_text(values["name"]),
        kind=UnitKind(form.choice_code("unit_kind", _text(values["kind"])).lower()),
        uscc=_optional(values.get("uscc")),
        region_code=_text(values["region_code"]),
        level=_optional(values.get("level")),
        ownership=_optional(values.get("ownership")),
        handling_unit=_optional(values.get("handling_unit")),
        agreement_status=_optional(values.get("agreement_status")) or "有效",
        contact_post=_optional(values.get("contact_post")),
        contact_email=_optional(values.get("contact_email")),
        backup_email=_optional(values.get("backup_email")),
        contact_phone=_optional(values.get("contact_phone")),
    )


def _holder(values: dict[str, Value] | Any) -> PostHolder:
    return PostHolder(
        post_key=_text(values["post_key"]),
        email=_text(values["email"]),
        phone=_optional(values.get("phone")),
        holds_from=values["holds_from"],
        holds_until=values.get("holds_until"),
    )


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _optional(value: Value) -> str | None:
    return _text(value) or None
