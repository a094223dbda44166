"""Hold rows of a roster against the bans of all campaigns, and list who goes to the social credit system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from include.domain.bans import Ban, Person, Push, ban_against, bans_of, pushes
from include.domain.campaign import Campaign
from include.domain.forms import Sheet
from include.domain.model import Severity
from include.domain.returns import Finding, Row
from include.steps.ports import Gateways

BLACKLIST, CASE = "blacklist", "case"
PERSONAL = frozenset({"legal_rep", "legal_rep_cert"})
BAN_RULE = "条例第四十条（骗保的解除协议）和“解除协议未满3年不得申请医保定点”的规定"
"""The three years stand in the notices and in practice (own); the article ends the agreement."""


def bans(on: date, using: Gateways) -> list[Ban]:
    """Bans in force that day, whichever campaign they come from: a ban outlives the campaign."""
    registers = using.ledger.registers
    blacklist, cases = (
        [record.values for record in registers.of_all_campaigns(using.forms[key])]
        for key in (BLACKLIST, CASE)
    )
    return [ban for ban in bans_of(blacklist, cases) if ban.is_in_force(on)]


def refused(sheet: Sheet, rows: Iterable[Row], *, on: date, using: Gateways) -> Iterator[Finding]:
    """One finding for each row of a banned party, by USCC, else by code, else by its legal representative.

    The legal representative is compared here and kept nowhere: the ledger has no column for it.
    """
    known = bans(on, using)
    for row in rows if known else ():
        uscc, code, name, certificate = (
            str(row.values.get(field) or "") for field in ("uscc", "code", "legal_rep", "legal_rep_cert")
        )
        person = Person.of(name, certificate)
        found = ban_against(known, unit_code=code, uscc=uscc, person=person, on=on)
        if found is not None:
            yield _finding(sheet, row, *found)


def push_list(campaign: Campaign, *, on: date, using: Gateways) -> list[Push]:
    """Entries not yet reported; those that may not go say why."""
    records = using.ledger.registers.records(campaign.id, using.forms[BLACKLIST])[BLACKLIST]
    return pushes((record.values for record in records.values()), is_public=campaign.is_public, on=on)


def _finding(sheet: Sheet, row: Row, ban: Ban, field: str) -> Finding:
    column = next(column for column in sheet.columns if column.field == field)
    value = "" if field in PERSONAL else str(row.values.get(field) or "")
    who = "法定代表人（姓氏和证件号首尾）与" if field in PERSONAL else f"{column.header}“{value}”的主体"
    listed = f"已列入医疗保障“黑名单”或被解除协议（{ban.basis}，{ban.span}）"
    what = f"{listed}的主体或其法定代表人相同" if field in PERSONAL else listed
    return Finding(
        rule="roster.banned",
        message=(
            f"{who}{what}，依{BAN_RULE}，期内不得纳入医保定点，请删除该行；"
            + ("核实确非同一人的，请清空法定代表人证件号并在备查资料中说明" if field in PERSONAL else "")
            + ("" if field in PERSONAL else "已更正或移出的，请先在黑名单台账填写移出日期和理由")
        ),
        severity=Severity.ERROR,
        sheet=sheet.title,
        cell=row.cells.get(field, f"A{row.number}"),
        header=column.label,
        value=value,
    )
