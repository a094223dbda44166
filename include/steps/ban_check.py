"""Hold rows of a roster against the bans of all campaigns, and list who goes to the social credit system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from include.domain.bans import Ban, Push, ban_against, bans_of, pushes
from include.domain.campaign import Campaign
from include.domain.forms import Sheet
from include.domain.model import Severity
from include.domain.returns import Finding, Row
from include.steps.ports import Gateways

BLACKLIST, CASE = "blacklist", "case"


def bans(on: date, using: Gateways) -> list[Ban]:
    """Bans in force that day, whichever campaign they come from: a ban outlives the campaign."""
    registers = using.ledger.registers
    blacklist, cases = (
        [record.values for record in registers.of_all_campaigns(using.forms[key])]
        for key in (BLACKLIST, CASE)
    )
    return [ban for ban in bans_of(blacklist, cases) if ban.is_in_force(on)]


def refused(sheet: Sheet, rows: Iterable[Row], *, on: date, using: Gateways) -> Iterator[Finding]:
    """One finding for each row of a banned party, by USCC, else by code.

    A roster has no column for the legal representative, so a ban on a person cannot be held against it.
    """
    known = bans(on, using)
    for row in rows if known else ():
        uscc, code = str(row.values.get("uscc") or ""), str(row.values.get("code") or "")
        found = ban_against(known, unit_code=code, uscc=uscc, on=on)
        if found is not None:
            yield _finding(sheet, row, *found)


def push_list(campaign: Campaign, *, on: date, using: Gateways) -> list[Push]:
    """Entries not yet reported; those that may not go say why."""
    records = using.ledger.registers.records(campaign.id, using.forms[BLACKLIST])[BLACKLIST]
    return pushes((record.values for record in records.values()), is_public=campaign.is_public, on=on)


def _finding(sheet: Sheet, row: Row, ban: Ban, field: str) -> Finding:
    column = next(column for column in sheet.columns if column.field == field)
    value = str(row.values.get(field) or "")
    return Finding(
        rule="roster.banned",
        message=(
            f"{column.header}“{value}”的主体已列入医疗保障“黑名单”或被解除协议（{ban.basis}，{ban.span}），"
            "期内不得纳入医保定点，请删除该行；已更正或移出的，请先在黑名单台账填写移出日期和理由"
        ),
        severity=Severity.ERROR,
        sheet=sheet.title,
        cell=row.cells.get(field, f"A{row.number}"),
        header=column.label,
        value=value,
    )
