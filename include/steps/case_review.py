"""Look at cases and referrals: what the law has against a row, and where each open one stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.domain import cases, tips
from include.domain.campaign import Campaign
from include.domain.cases import Fault
from include.domain.codes import identity_card
from include.domain.model import Severity
from include.domain.registers import STATE, Change, Record
from include.domain.returns import Value
from include.domain.values import Unreadable
from include.steps.ports import Gateways

CASE, REFERRAL, RECTIFICATION, TIP = "case", "referral", "rectification", "tip"


@dataclass(frozen=True, slots=True)
class Open:
    """A case or referral that is not at its end; ``days_left`` is negative when the day has passed."""

    form: str
    number: str
    name: str
    step: str
    next_step: str
    due_on: date | None
    days_left: int | None
    missing: tuple[str, ...]


def faults(form: str, change: Change, using: Gateways) -> Iterator[Fault]:
    """What is wrong with a record as it would be entered; ``name`` of a fault is a ledger column."""
    if change.part.table == CASE:
        yield from cases.faults(change.new, using.law)
    elif change.part.table == REFERRAL:
        yield from cases.referral_faults(change.new)
    elif change.part.table == RECTIFICATION:
        yield from _paid_back(change)
    elif change.part.table == TIP:
        yield from tips.faults(change.new, using.law.rewards)
    elif form == TIP and change.part.is_confidential:
        yield from _identity(change.new)


def open_ones(campaign: Campaign, *, on: date, using: Gateways) -> list[Open]:
    """Every case and referral that is not ended, the earliest due first."""
    procedure = using.law.procedure
    found = [
        _open(
            CASE,
            record,
            name=_text(record, "case_name"),
            step=_text(record, STATE),
            next_step=next_step,
            due_on=cases.due_on(record.values, procedure),
            missing=cases.missing(record.values, procedure),
            on=on,
        )
        for record in _records(campaign, CASE, using).values()
        if (next_step := cases.next_step(record.values, procedure))
    ] + [
        _open(
            REFERRAL,
            record,
            name=_text(record, "suspected"),
            step=_text(record, "decision") or _text(record, "direction"),
            next_step=next_step,
            due_on=None,
            missing=[] if record.values.get("receipt_on") else ["回执日期"],
            on=on,
        )
        for record in _records(campaign, REFERRAL, using).values()
        if (next_step := cases.referral_next(record.values))
    ]
    return sorted(found, key=lambda each: (each.due_on or date.max, each.form, each.number))


def points(campaign: Campaign, *, using: Gateways) -> list[dict[str, object]]:
    """Points by person and natural year, with what they lead to; people are posts, never names."""
    found = cases.points_by_person(record.values for record in _records(campaign, CASE, using).values())
    return [
        {"unit": unit, "post": who, "year": year, "points": total, "means": cases.points_mean(most, total)}
        for (unit, who, year), (most, total) in sorted(found.items())
    ]


def _paid_back(change: Change) -> Iterator[Fault]:
    """Payments add up in one figure; one that falls takes back money that was receipted."""
    old, new = (change.old or {}).get("paid"), change.new.get("paid")
    if isinstance(old, Decimal) and isinstance(new, Decimal) and new < old:
        yield Fault(
            "paid",
            "paid_falls",
            f"已退金额由{old}元改为{new}元，退回的医保基金只会增加；确为更正的，请在备注中说明原因",
            Severity.WARNING,
        )


def _identity(values: Mapping[str, Value]) -> Iterator[Fault]:
    number = str(values.get("tipster_cert") or "")
    if len(number) != 18 or not number[:17].isdigit():
        return  # another kind of certificate
    try:
        identity_card(number)
    except Unreadable as wrong:
        yield Fault("tipster_cert", "identity_card", str(wrong))


def _open(
    form: str,
    record: Record,
    *,
    name: str,
    step: str,
    next_step: str,
    due_on: date | None,
    missing: list[str],
    on: date,
) -> Open:
    left = (due_on - on).days if due_on else None
    return Open(form, record.number, name, step, next_step, due_on, left, tuple(missing))


def _records(campaign: Campaign, key: str, using: Gateways) -> dict[str, Record]:
    return using.ledger.registers.records(campaign.id, using.forms[key])[key]


def _text(record: Record, name: str) -> str:
    value = record.values.get(name)
    return "" if value is None else str(value)
