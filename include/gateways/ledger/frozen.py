"""The rows a snapshot freezes, read from the roster, the obligations and the registers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, case, func, or_, select

from include.domain.model import UnitKind
from include.domain.obligations import REPORTED
from include.domain.occasions import ONCE, Period
from include.domain.reports import FigureNote, Snapshot, SnapshotItem, SnapshotUnit
from include.domain.screening import OWN_SCREENING
from include.domain.self_check import SELF_CHECK_FORMS
from include.domain.snapshot_records import (
    Blacklisting,
    Case,
    Clue,
    Inspection,
    InspectionProblem,
    Rectification,
    Referral,
    RosterUnit,
    Screening,
    Tip,
)
from include.gateways.ledger.register_tables import TABLES
from include.gateways.ledger.screening import screening_run
from include.gateways.ledger.tables import figure_note, obligation, self_check_item, shaped, unit
from include.gateways.ledger.time_limit_tables import record_state

Frozen = TypeVar("Frozen")

ZERO = Decimal(0)
DONE = "完成"
_CHECKED = ("UNDER_REVIEW", "CLOSED", "FED_BACK")
_ITEM_COLUMNS = [
    (obligation if field.name in ("unit_code", "unit_kind") else self_check_item).c[field.name]
    for field in fields(SnapshotItem)
]


@dataclass(frozen=True, slots=True)
class Content:
    """What a snapshot freezes. A snapshot from before a part existed has none of its rows."""

    units: tuple[SnapshotUnit, ...]
    items: tuple[SnapshotItem, ...]
    roster: tuple[RosterUnit, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    problems: tuple[InspectionProblem, ...] = ()
    rectifications: tuple[Rectification, ...] = ()
    clues: tuple[Clue, ...] = ()
    tips: tuple[Tip, ...] = ()
    cases: tuple[Case, ...] = ()
    referrals: tuple[Referral, ...] = ()
    blacklistings: tuple[Blacklisting, ...] = ()
    screenings: tuple[Screening, ...] = ()
    notes: tuple[FigureNote, ...] = ()

    @classmethod
    def of(cls, snapshot: Snapshot) -> Content:
        return cls(**{field.name: getattr(snapshot, field.name) for field in fields(cls)})


def content(
    connection: Connection, campaign_id: str, report_key: str, phase_key: str, period: Period, on: date
) -> Content:
    """Everything in one reading, each part in an order of its own that no database decides."""
    inspections = _inspections(connection, campaign_id)
    finished = {inspection.number for inspection in inspections}
    return Content(
        units=_units(connection, campaign_id, phase_key, on),
        items=_items(connection, campaign_id, phase_key),
        roster=_roster(connection, campaign_id),
        inspections=inspections,
        problems=tuple(
            each
            for each in _ordered(connection, campaign_id, "inspection_problem", _problem)
            if each.inspection in finished
        ),
        rectifications=_ordered(connection, campaign_id, "rectification", _rectification),
        clues=_clues(connection, campaign_id),
        tips=_tips(connection, campaign_id),
        cases=_cases(connection, campaign_id),
        referrals=_ordered(connection, campaign_id, "referral", _referral),
        blacklistings=_ordered(connection, campaign_id, "blacklist", _blacklisting),
        screenings=_screenings(connection, campaign_id),
        notes=notes(connection, campaign_id, report_key, period),
    )


def notes(
    connection: Connection, campaign_id: str, report_key: str, period: Period
) -> tuple[FigureNote, ...]:
    """What was written about the figures of the report for that period."""
    rows = connection.execute(
        select(*shaped(figure_note, FigureNote)).where(
            figure_note.c.campaign_id == campaign_id,
            figure_note.c.report_key == report_key,
            figure_note.c.period_end == period.end,
        )
    )
    found = (FigureNote(**row._mapping) for row in rows)
    return tuple(sorted(found, key=lambda each: (each.indicator, each.dimension, each.member, each.scope)))


def _of_the_report(phase_key: str) -> ColumnElement[bool]:
    """The phase's obligations, and the self-checks of whatever phase: later reports count them too.

    What recurs with a report is no part of them: its numbers are summed up on a sheet of their own.
    """
    return and_(
        obligation.c.occasion == ONCE,
        or_(obligation.c.phase_key == phase_key, obligation.c.form.in_(SELF_CHECK_FORMS)),
    )


def _units(connection: Connection, campaign_id: str, phase_key: str, on: date) -> tuple[SnapshotUnit, ...]:
    facts = _facts(connection, campaign_id, on)
    rows = connection.execute(
        select(*shaped(obligation, SnapshotUnit), obligation.c.phase_key).where(
            obligation.c.campaign_id == campaign_id, _of_the_report(phase_key)
        )
    )
    lines = [
        (
            row.phase_key,
            SnapshotUnit(
                **{name: value for name, value in row._mapping.items() if name != "phase_key"},
                region_code=facts[row.unit_code].region_code,
                level=facts[row.unit_code].level or "",
                has_address=bool(facts[row.unit_code].contact_email or facts[row.unit_code].backup_email),
            ),
        )
        for row in rows
    ]
    # Sorted here: databases order text each in its own way, and the hash must not depend on it.
    lines.sort(key=lambda line: (line[1].unit_code, line[1].form, line[0]))
    return tuple(line for _, line in lines)


def _facts(connection: Connection, campaign_id: str, on: date) -> dict[str, Any]:
    """Each unit's version of that day, or the last one before; a unit yet to join by its first."""
    started = unit.c.joined_on <= on
    rows = connection.execute(
        select(unit.c.code, unit.c.region_code, unit.c.level, unit.c.contact_email, unit.c.backup_email)
        .where(unit.c.campaign_id == campaign_id)
        .order_by(started, case((started, unit.c.joined_on)), unit.c.joined_on.desc(), unit.c.id)
    )
    return {row.code: row for row in rows}


def _items(connection: Connection, campaign_id: str, phase_key: str) -> tuple[SnapshotItem, ...]:
    rows = connection.execute(
        select(obligation.c.form, self_check_item.c.seq, self_check_item.c.id, *_ITEM_COLUMNS)
        .join_from(obligation, self_check_item, self_check_item.c.return_id == obligation.c.return_id)
        .where(
            obligation.c.campaign_id == campaign_id,
            _of_the_report(phase_key),
            obligation.c.state.in_(REPORTED),
        )
    )
    in_order = sorted(rows, key=lambda row: (row.unit_code, row.form, row.seq, row.id))
    return tuple(SnapshotItem(*row[3:]) for row in in_order)


def _roster(connection: Connection, campaign_id: str) -> tuple[RosterUnit, ...]:
    """The roster as it was frozen: no adjustment moves the denominator."""
    rows = connection.execute(
        select(
            unit.c.code,
            unit.c.name,
            unit.c.kind,
            unit.c.region_code,
            unit.c.level,
            unit.c.ownership,
            unit.c.handling_unit,
        ).where(unit.c.campaign_id == campaign_id, unit.c.change_id.is_(None))
    )
    found = (
        RosterUnit(
            row.code,
            row.name,
            UnitKind(row.kind),
            row.region_code,
            row.level or "",
            row.ownership or "",
            row.handling_unit or "",
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda each: each.code))


def _rows(connection: Connection, campaign_id: str, name: str) -> Iterator[Row[Any]]:
    table: Table = TABLES[name]
    yield from connection.execute(select(table).where(table.c.campaign_id == campaign_id))


def _ordered(
    connection: Connection, campaign_id: str, name: str, made: Callable[[Row[Any]], Frozen]
) -> tuple[Frozen, ...]:
    in_order = sorted(_rows(connection, campaign_id, name), key=lambda row: (row.number, row.id))
    return tuple(made(row) for row in in_order)


def _inspections(connection: Connection, campaign_id: str) -> tuple[Inspection, ...]:
    rows = sorted(_rows(connection, campaign_id, "inspection"), key=lambda row: row.number)
    return tuple(
        Inspection(
            number=row.number,
            unit_code=row.unit_code or "",
            unit_name=row.fixmedins_name or "",
            kind=row.insp_type or "",
            end_on=row.end_on,
            problem_count=row.problem_count or 0,
            violation_amt=row.violation_amt or ZERO,
            fund_amt=row.fund_amt or ZERO,
            conclusion=row.conclusion or "",
        )
        for row in rows
        if row.status == DONE and row.end_on is not None
    )


def _problem(row: Row[Any]) -> InspectionProblem:
    return InspectionProblem(
        inspection=row.record_number,
        number=row.number,
        violation_type=row.violation_type or "",
        occurrences=row.occurrences or 0,
        violation_amt=row.violation_amt or ZERO,
        fund_amt=row.fund_amt or ZERO,
    )


def _rectification(row: Row[Any]) -> Rectification:
    return Rectification(
        number=row.number,
        source=row.source or "",
        unit_code=row.unit_code or "",
        unit_name=row.fixmedins_name or "",
        state=row.state or "",
        issued_on=row.issued_on,
        due_on=row.due_on,
        payable=row.payable or ZERO,
        paid=row.paid or ZERO,
        paid_on=row.paid_on,
        closed_on=row.closed_on,
        case_no=row.case_no or "",
    )


def _clues(connection: Connection, campaign_id: str) -> tuple[Clue, ...]:
    reached = connection.execute(
        select(record_state.c.number, func.min(record_state.c.since))
        .where(
            record_state.c.campaign_id == campaign_id,
            record_state.c.register == "clue",
            record_state.c.state.in_(_CHECKED),
        )
        .group_by(record_state.c.number)
    )
    since: dict[str, date] = {row[0]: row[1] for row in reached}

    def made(row: Row[Any]) -> Clue:
        days = [day for day in (since.get(row.number), row.closed_on) if day is not None]
        return Clue(
            number=row.number,
            source=row.source or "",
            batch=row.batch_no or "",
            subject=row.subject_type or "",
            unit_code=row.unit_code or "",
            unit_name=row.fixmedins_name or "",
            risk=row.risk_level or "",
            state=row.state or "",
            received_on=row.received_on,
            due_on=row.due_on,
            checked_on=min(days) if days and (row.state in _CHECKED or row.closed_on) else None,
            closed_on=row.closed_on,
            result=row.result or "",
            suspect_amt=row.suspect_amt or ZERO,
            confirmed_amt=row.confirmed_amt or ZERO,
            # Words of others may say anything; those of a rule are the rule's.
            model=(row.model_code or "") if row.source == OWN_SCREENING else "",
        )

    return _ordered(connection, campaign_id, "clue", made)


def _screenings(connection: Connection, campaign_id: str) -> tuple[Screening, ...]:
    runs = connection.execute(
        select(screening_run.c.ran_on, screening_run.c.scope, screening_run.c.rules)
        .where(screening_run.c.campaign_id == campaign_id)
        .order_by(screening_run.c.id)
    )
    return tuple(
        Screening(run.ran_on, run.scope, f"{rule['number']} {rule.get('title', '')}".strip(), rule["hits"])
        for run in runs
        for rule in run.rules
        if rule["hits"]
    )


def _tips(connection: Connection, campaign_id: str) -> tuple[Tip, ...]:
    """Column by column: who gave a tip is in another table, and what it says may name somebody."""
    tip = TABLES["tip"]
    wanted = ("number", "received_at", "subject_type", "unit_code", "state", "accepted", "result")
    days = ("filed_on", "told_on", "paid_on")
    columns = [tip.c[name] for name in (*wanted, *days, "reward_amt")]
    is_replied = (func.coalesce(tip.c.reply, "") != "").label("is_replied")
    rows = connection.execute(select(*columns, is_replied).where(tip.c.campaign_id == campaign_id))
    return tuple(
        Tip(
            number=row.number,
            received_on=row.received_at,
            subject=row.subject_type or "",
            unit_code=row.unit_code or "",
            state=row.state or "",
            accepted=row.accepted == "受理",
            result=row.result or "",
            decided_on=row.filed_on,
            replied_on=row.told_on,
            is_replied=bool(row.is_replied) or row.told_on is not None,
            reward_amt=row.reward_amt or ZERO,
            reward_on=row.paid_on,
        )
        for row in sorted(rows, key=lambda row: (len(row.number), row.number))
    )


def _cases(connection: Connection, campaign_id: str) -> tuple[Case, ...]:
    entries = TABLES["disposition"]
    dispositions: defaultdict[str, list[str]] = defaultdict(list)
    for number, code in connection.execute(
        select(entries.c.record_number, entries.c.code).where(entries.c.campaign_id == campaign_id)
    ):
        dispositions[number].append(code)

    def made(row: Row[Any]) -> Case:
        return Case(
            number=row.number,
            source=row.source or "",
            party=row.party_type or "",
            unit_code=row.unit_code or "",
            unit_name=(row.party_name or "") if row.unit_code else "",
            conduct=row.violation_types or "",
            state=row.state or "",
            nature=row.nature or "",
            filed_on=row.filed_on,
            decided_on=row.decided_on,
            terminated_on=row.terminated_on,
            suspended_on=row.suspend_start,
            published_on=row.published_on,
            closed_on=row.closed_on,
            dispositions=tuple(sorted(dispositions[row.number])),
            violation_amt=row.violation_amt or ZERO,
            recoup_due=row.recoup_due or ZERO,
            recoup_paid=row.recoup_paid or ZERO,
            recoup_on=row.recoup_on,
            damages_amt=row.liquidated_damages or ZERO,
            fine_amt=row.fine_amt or ZERO,
        )

    return _ordered(connection, campaign_id, "case", made)


def _referral(row: Row[Any]) -> Referral:
    return Referral(
        number=row.number,
        direction=row.direction or "",
        from_org=row.from_org or "",
        to_org=row.to_org or "",
        case_no=row.case_no or "",
        amount=row.amount or ZERO,
        sent_on=row.sent_on,
        decision=row.decision or "",
        decided_on=row.decided_on,
        returned_on=row.returned_on,
    )


def _blacklisting(row: Row[Any]) -> Blacklisting:
    return Blacklisting(
        subject=row.subject_type or "",
        unit_code=row.unit_code or "",
        basis_doc_no=row.basis_doc_no or "",
        listed_on=row.listed_on,
        removed_on=row.removed_on,
    )
