"""The newest survey of each campaign, and the counts it is made of, each in one statement."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    LargeBinary,
    Select,
    String,
    Table,
    and_,
    case,
    column,
    delete,
    exists,
    func,
    or_,
    select,
    values,
)

from include.domain.calls import TELLING
from include.domain.groups import OUTSIDE, level_of
from include.domain.ladder import Window
from include.domain.notices import NoticeKind, NoticeState, SendMode
from include.domain.obligations import REPORTED, UNSETTLED, ObligationState
from include.domain.survey import BY_TELEPHONE, Cell, Day, PassedOver, Reminded, Survey
from include.gateways.ledger.columns import Instant
from include.gateways.ledger.database import Database
from include.gateways.ledger.tables import audit, metadata, notice, obligation, phone_call, return_file, unit

CONTENT = TypeAdapter(Survey)

survey = Table(
    "survey",
    metadata,
    Column("campaign_id", String(48), primary_key=True),
    Column("on", Date, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

_REMINDERS = (NoticeKind.REMINDER, NoticeKind.OVERDUE)
_LEFT = (NoticeState.ACCEPTED, NoticeState.RENDERED)
_OWED_BY_UNITS = and_(obligation.c.filled_by == "unit", obligation.c.state != ObligationState.CLOSED)


class Surveys:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, taken: Survey) -> None:
        """In place of the one before."""
        content = gzip.compress(CONTENT.dump_json(taken), mtime=0)
        row = {"campaign_id": taken.campaign_id, "on": taken.on, "taken_at": taken.taken_at}
        with self._database.writing() as connection:
            connection.execute(delete(survey).where(survey.c.campaign_id == taken.campaign_id))
            connection.execute(survey.insert().values(**row, content=content))

    def newest(self, campaign_id: str) -> Survey | None:
        """None before the first."""
        with self._database.reading() as connection:
            content = connection.scalar(select(survey.c.content).where(survey.c.campaign_id == campaign_id))
        return None if content is None else CONTENT.validate_json(gzip.decompress(content))

    def taken_at(self, campaign_id: str) -> datetime | None:
        """When the newest was taken."""
        with self._database.reading() as connection:
            return connection.scalar(select(survey.c.taken_at).where(survey.c.campaign_id == campaign_id))

    def trail(self) -> int:
        """The newest row of the audit trail, in which every change of the ledger leaves one; 0 for none."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.max(audit.c.id))) or 0

    def cells(self, campaign_id: str, *, mode: SendMode, on: date) -> list[Cell]:
        """All returns units themselves owe, by where they stand; reminders count that left in that mode."""
        is_overdue = and_(obligation.c.state.in_(UNSETTLED), obligation.c.due_on < on)
        counts = (
            func.count(),
            _sum(is_overdue),
            _sum(obligation.c.days_late > 0),
            _sum(obligation.c.is_zero),
        )
        owed = _of(campaign_id, on).where(obligation.c.filled_by == "unit")
        # From the notices to what they are about, by its key: PostgreSQL plans the other way round badly while a
        # hundred thousand of them are new to it.
        reminded = select(notice.c.obligation_id).where(*_reminders(campaign_id, mode)).distinct().subquery()
        reminders = owed.join(reminded, reminded.c.obligation_id == obligation.c.id)
        sums: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 5)
        with self._database.reading() as connection:
            for statement, counted, first in ((owed, counts, 0), (reminders, (func.count(),), 4)):
                grouped = statement.with_only_columns(*_WHERE, *counted).group_by(*_WHERE)
                for region, kind, level, phase, form, state, *numbers in map(
                    tuple, connection.execute(grouped)
                ):
                    cell = sums[
                        region or OUTSIDE, kind, level_of(kind, level or "") or "", phase, form, state
                    ]
                    for place, number in enumerate(numbers, first):
                        cell[place] += number
        return [Cell._make((*key, *numbers)) for key, numbers in sorted(sums.items())]

    def days(self, campaign_id: str, *, on: date) -> list[Day]:
        """By day what fell due, came in last, and was accepted and still is; dues after that day too."""
        is_accepted = obligation.c.state.in_(REPORTED)
        sums: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
        with self._database.reading() as connection:
            for number, (day, which) in enumerate(
                [
                    (obligation.c.due_on, _OWED_BY_UNITS),
                    (obligation.c.received_on, _OWED_BY_UNITS),
                    (obligation.c.accepted_on, and_(_OWED_BY_UNITS, is_accepted)),
                ]
            ):
                columns = [unit.c.region_code, *_WHICH, day]
                statement = (
                    _of(campaign_id, on)
                    .where(which, day.is_not(None))
                    .with_only_columns(*columns, func.count())
                    .group_by(*columns)
                )
                for region, phase, form, when, count in connection.execute(statement):
                    sums[region or OUTSIDE, phase, form, when][number] += count
        return [Day._make((*key, *numbers)) for key, numbers in sorted(sums.items())]

    def reminders(
        self, campaign_id: str, *, mode: SendMode, on: date, until: Callable[[date], date]
    ) -> list[Reminded]:
        """By rung the reminders that left by that day; answered when a return came by ``until`` of their day."""
        came = and_(
            return_file.c.obligation_id == notice.c.obligation_id,
            return_file.c.received_on >= notice.c.planned_on,
        )
        first = (
            select(
                notice.c.obligation_id,
                notice.c.step_key,
                notice.c.planned_on,
                func.min(return_file.c.received_on).label("answered_on"),
            )
            .select_from(notice.outerjoin(return_file, came))
            .where(*_reminders(campaign_id, mode), notice.c.planned_on <= on, notice.c.step_key.is_not(None))
            .group_by(notice.c.id, notice.c.obligation_id, notice.c.step_key, notice.c.planned_on)
            .subquery()
        )
        columns = [
            unit.c.region_code,
            obligation.c.phase_key,
            first.c.step_key,
            first.c.planned_on,
            first.c.answered_on,
        ]
        statement = (
            _of(campaign_id, on)
            .join(first, first.c.obligation_id == obligation.c.id)
            .with_only_columns(*columns, func.count())
            .group_by(*columns)
        )
        with self._database.reading() as connection:
            return _reminded(map(tuple, connection.execute(statement)), until)

    def passed_over(
        self, campaign_id: str, windows: Collection[Window], *, mode: SendMode, on: date
    ) -> list[PassedOver]:
        """By rung the returns that were owed all through its days, launched before them, and not reminded of in them."""
        if not windows:
            return []
        rung = _RUNG.data([tuple(each) for each in windows]).cte("rung")
        was_launched = exists().where(
            *_about(obligation.c.id, mode),
            notice.c.kind == NoticeKind.LAUNCH,
            notice.c.planned_on < rung.c.begins_on,
        )
        was_reminded = exists().where(
            *_about(obligation.c.id, mode),
            notice.c.kind.in_(_REMINDERS),
            or_(
                and_(notice.c.step_key == rung.c.step, notice.c.due_on == rung.c.due_on),
                notice.c.planned_on.between(rung.c.begins_on, rung.c.ends_on),
            ),
        )
        columns = [unit.c.region_code, obligation.c.phase_key, rung.c.step]
        statement = (
            _of(campaign_id, on)
            .join(rung, rung.c.due_on == obligation.c.due_on)
            .where(
                _OWED_BY_UNITS,
                obligation.c.state != ObligationState.WAIVED,
                or_(obligation.c.accepted_on.is_(None), obligation.c.accepted_on > rung.c.ends_on),
                was_launched,
                ~was_reminded,
            )
            .with_only_columns(*columns, func.count())
            .group_by(*columns)
        )
        with self._database.reading() as connection:
            rows = sorted(map(tuple, connection.execute(statement)), key=str)
        return [PassedOver(region or OUTSIDE, *rest) for region, *rest in rows]

    def calls(
        self, campaign_id: str, *, on: date, until: Callable[[date], date], began: Mapping[str, date]
    ) -> list[Reminded]:
        """Calls by that day that told a unit, one for each return it then owed in a phase that had begun."""
        owed = obligation.alias()
        came = and_(
            return_file.c.obligation_id == owed.c.id, return_file.c.received_on >= phone_call.c.called_on
        )
        first = (
            select(
                owed.c.id.label("obligation_id"),
                phone_call.c.called_on,
                func.min(return_file.c.received_on).label("answered_on"),
            )
            .select_from(
                phone_call.join(
                    owed,
                    and_(
                        owed.c.campaign_id == phone_call.c.campaign_id,
                        owed.c.unit_code == phone_call.c.unit_code,
                        owed.c.filled_by == "unit",
                        or_(owed.c.accepted_on.is_(None), owed.c.accepted_on >= phone_call.c.called_on),
                    ),
                ).outerjoin(return_file, came)
            )
            .where(
                phone_call.c.campaign_id == campaign_id,
                phone_call.c.called_on <= on,
                phone_call.c.result.in_(sorted(TELLING)),
            )
            .group_by(phone_call.c.id, owed.c.id, phone_call.c.called_on)
            .subquery()
        )
        columns = [unit.c.region_code, obligation.c.phase_key, first.c.called_on, first.c.answered_on]
        statement = (
            _of(campaign_id, on)
            .join(first, first.c.obligation_id == obligation.c.id)
            .with_only_columns(*columns, func.count())
            .group_by(*columns)
        )
        with self._database.reading() as connection:
            rows = [
                (region, phase, BY_TELEPHONE, called_on, answered_on, count)
                for region, phase, called_on, answered_on, count in connection.execute(statement)
                if called_on >= began.get(phase, called_on)
            ]
        return _reminded(rows, until)


def _reminded(rows: Iterable[tuple[Any, ...]], until: Callable[[date], date]) -> list[Reminded]:
    """Of (region, phase, rung, day, day of the answer, how many) the sums by the first three."""
    sums: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for region, phase, step, day, answered_on, count in rows:
        found = sums[region or OUTSIDE, phase, step]
        found[0] += count
        if answered_on is not None and answered_on <= until(day):
            found[1] += count
    return [Reminded._make((*key, *numbers)) for key, numbers in sorted(sums.items())]


other = unit.alias("other")
_RUNG = values(
    column("step", String),
    column("due_on", Date),
    column("begins_on", Date),
    column("ends_on", Date),
    name="rung",
)
_WHICH = (obligation.c.phase_key, obligation.c.form)
_WHERE = (unit.c.region_code, obligation.c.unit_kind, unit.c.level, *_WHICH, obligation.c.state)


def _of(campaign_id: str, on: date) -> Select[Any]:
    """The obligations, each with its unit as ``frozen`` takes it: of that day, else the last before, else the first.

    Looked up one by one in the index: joined to a list of all units SQLite would read the list for each obligation.
    """
    started = other.c.joined_on <= on
    its_unit = (
        select(other.c.id)
        .where(other.c.campaign_id == obligation.c.campaign_id, other.c.code == obligation.c.unit_code)
        .order_by(
            case((started, 0), else_=1),
            case((started, other.c.joined_on)).desc(),
            other.c.joined_on,
            other.c.id.desc(),
        )
        .limit(1)
        .scalar_subquery()
    )
    joined = obligation.outerjoin(unit, unit.c.id == its_unit)
    return select(obligation.c.id).select_from(joined).where(obligation.c.campaign_id == campaign_id)


def _reminders(campaign_id: str, mode: SendMode) -> tuple[ColumnElement[bool], ...]:
    return (
        notice.c.campaign_id == campaign_id,
        notice.c.kind.in_(_REMINDERS),
        notice.c.state.in_(_LEFT),
        notice.c.mode == mode,
    )


def _about(obligation_id: ColumnElement[int], mode: SendMode) -> tuple[ColumnElement[bool], ...]:
    return (notice.c.obligation_id == obligation_id, notice.c.mode == mode)


def _sum(condition: Any) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
