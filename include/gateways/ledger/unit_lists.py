"""The units of a roster as a list that was asked for: which ones, and what each owes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select

from include.domain.calls import TELLING
from include.domain.glances import Show, UnitsAsked
from include.domain.obligations import SETTLED, UNSETTLED
from include.gateways.ledger.plans import has_address
from include.gateways.ledger.tables import in_force, obligation, phone_call, unit

# Written out, in the index's own order: SQLite takes an index of some rows only for the very words of its condition.
IS_UNSETTLED = obligation.c.state.in_(
    bindparam(None, each, type_=obligation.c.state.type, literal_execute=True) for each in sorted(UNSETTLED)
)

_BY_UNIT = obligation.c.filled_by == "unit"


def asked_for(asked: UnitsAsked) -> list[ColumnElement[bool]]:
    """What a unit of the list must fulfil."""
    found = [unit.c.campaign_id == asked.campaign_id, _in_roster(asked)]
    if asked.regions:
        found.append(within(asked.regions))
    if asked.region:
        found.append(within([asked.region]))
    if asked.kind is not None:
        found.append(unit.c.kind == asked.kind)
    if asked.text:
        found.append(
            or_(
                unit.c.name.contains(asked.text, autoescape=True),
                unit.c.code.contains(asked.text.upper(), autoescape=True),
            )
        )
    return found + _owing_as(asked)


def _in_roster(asked: UnitsAsked) -> ColumnElement[bool]:
    if asked.show is not Show.LEFT:
        return in_force(asked.on)
    later = unit.alias("later")
    is_last = ~(
        select(later.c.id)
        .where(
            later.c.campaign_id == unit.c.campaign_id,
            later.c.code == unit.c.code,
            or_(later.c.left_on.is_(None), later.c.left_on > unit.c.left_on),
        )
        .exists()
    )
    return and_(unit.c.left_on <= asked.on, is_last)


def _owing_as(asked: UnitsAsked) -> list[ColumnElement[bool]]:
    unsettled = [*_owed(asked), IS_UNSETTLED]
    match asked.show:
        case Show.OWING:
            return [_has(unsettled)]
        case Show.OVERDUE:
            return [_has([*unsettled, obligation.c.due_on < asked.on])]
        case Show.SETTLED:
            return [_has(_owed(asked)), ~_has(unsettled)]
        case Show.UNREACHABLE:
            return [_has([*unsettled, _BY_UNIT]), ~has_address()]
        case Show.TO_CALL:
            return [_has([*unsettled, _BY_UNIT]), _to_call(asked)]
        case Show.AGREED:
            return [_has([*unsettled, _BY_UNIT]), _agreed(asked, is_due=True)]
    is_narrowed = bool(asked.phase or asked.form or asked.due_on)
    return [_has(_owed(asked))] if is_narrowed else []


def contacts(asked: UnitsAsked) -> Select[Any]:
    """Of the units that owe and cannot be written to or are to be called, by one look: how many of each kind.

    Unreachable by mail, to be called, and those with whom this day or an earlier one was agreed.
    """
    agreed = _agreed(asked, is_due=True)
    concerned = [
        unit.c.campaign_id == asked.campaign_id,
        in_force(asked.on),
        or_(~has_address(), agreed),
    ]
    if asked.regions:
        concerned.append(within(asked.regions))
    # They are few beside all that owe something, so what is owed is looked through for them and not for everybody.
    codes = select(unit.c.code).where(*concerned)
    owing = [*_owed(asked), IS_UNSETTLED, _BY_UNIT, obligation.c.unit_code.in_(codes)]
    return (
        select(count(~has_address()), count(_to_call(asked)), count(agreed))
        .select_from(unit)
        .where(*concerned, _has(owing))
    )


def _to_call(asked: UnitsAsked) -> ColumnElement[bool]:
    untold = and_(~has_address(), ~_told(asked), ~_agreed(asked, is_due=False))
    return or_(untold, _agreed(asked, is_due=True))


def _told(asked: UnitsAsked) -> ColumnElement[bool]:
    """Whether somebody of the unit was told by telephone, in the days for which that counts."""
    is_recent = [phone_call.c.called_on >= asked.told_since] if asked.told_since else []
    return unit.c.code.in_(
        select(phone_call.c.unit_code).where(
            *_called(asked), phone_call.c.result.in_(sorted(TELLING)), *is_recent
        )
    )


def _agreed(asked: UnitsAsked, *, is_due: bool) -> ColumnElement[bool]:
    """Whether the unit's last call agreed on a day, and that day has come (or has not yet)."""
    later = phone_call.alias("later")
    is_later = or_(
        later.c.called_on > phone_call.c.called_on,
        and_(later.c.called_on == phone_call.c.called_on, later.c.called_at > phone_call.c.called_at),
    )
    is_last = ~(
        select(later.c.id)
        .where(
            later.c.campaign_id == phone_call.c.campaign_id,
            later.c.unit_code == phone_call.c.unit_code,
            later.c.called_on <= asked.on,
            is_later,
        )
        .exists()
    )
    day = phone_call.c.next_on
    has_come = day <= asked.on if is_due else day > asked.on
    return unit.c.code.in_(select(phone_call.c.unit_code).where(*_called(asked), has_come, is_last))


def _called(asked: UnitsAsked) -> list[ColumnElement[bool]]:
    return [phone_call.c.campaign_id == asked.campaign_id, phone_call.c.called_on <= asked.on]


def _has(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    return unit.c.code.in_(select(obligation.c.unit_code).where(*conditions))


def _owed(asked: UnitsAsked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [obligation.c.campaign_id == asked.campaign_id]
    if asked.phase:
        found.append(obligation.c.phase_key == asked.phase)
    if asked.form:
        found.append(obligation.c.form == asked.form)
    if asked.due_on is not None:
        found.append(obligation.c.due_on == asked.due_on)
    return found


def owed_by(asked: UnitsAsked, codes: Sequence[str]) -> Select[Any]:
    """By unit: what it owes, what of it is settled and overdue, the earliest day still to come or missed."""
    return (
        select(
            obligation.c.unit_code,
            func.count(),
            count(obligation.c.state.in_(sorted(SETTLED))),
            count(and_(IS_UNSETTLED, obligation.c.due_on < asked.on)),
            func.min(case((IS_UNSETTLED, obligation.c.due_on))),
        )
        .where(*_owed(asked), obligation.c.unit_code.in_(codes))
        .group_by(obligation.c.unit_code)
    )


def within(regions: Collection[str]) -> ColumnElement[bool]:
    return or_(*(unit.c.region_code.startswith(each, autoescape=True) for each in regions))


def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
