"""A snapshot's rows as figures see them: each with the members it counts under, of every dimension."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from include.domain.conduct_headings import heading_of
from include.domain.groups import (
    ACTION_HEADING,
    BATCH,
    BRANCH,
    CLUE_SOURCE,
    GOVERNANCE_HEADING,
    LEVEL,
    MODEL,
    OBJECT,
    OUTSIDE,
    OWNERSHIP,
    REFUND_SOURCES,
    REGION,
    SOURCE,
    TOTAL,
    UNIT_KIND,
    UNITEMISED,
    UNSTATED,
    VIOLATION_TYPE,
    level_of,
    ownership_of,
    standings,
)
from include.domain.indicators.definition import Source
from include.domain.model import UnitKind
from include.domain.obligations import REPORTED
from include.domain.reports import Snapshot, SnapshotItem, SnapshotUnit
from include.domain.screening import OWN_SCREENING
from include.domain.snapshot_records import Case, Inspection, InspectionProblem, RosterUnit

Places = tuple[tuple[str, str], ...]
"""(dimension, member) pairs, the total first."""

ZERO = Decimal(0)

_OBJECT_OF = {
    "医疗机构": "medical_institution",
    "定点医疗机构": "medical_institution",
    "零售药店": "retail_pharmacy",
    "定点零售药店": "retail_pharmacy",
    "参保人员": "insured_person",
    "医师": "staff",
    "医疗机构工作人员": "staff",
    "经办机构": "handling_agency",
}
PERSONS = frozenset({"insured_person", "staff"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit expected to report stands, and the day its return counts from once it is accepted."""

    unit: SnapshotUnit
    reported_on: date | None


@dataclass(frozen=True, slots=True)
class Item:
    """A counted self-check problem and the day its return counts from."""

    row: SnapshotItem
    on: date


@dataclass(frozen=True, slots=True)
class Visit:
    """A finished inspection; ``counted`` when its unit is in the denominator of coverage."""

    row: Inspection
    counted: bool
    has_problems: bool
    kind: UnitKind | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What an inspection found of one violation type; ``count`` (个) is 1 but for what no line breaks down."""

    visit: Visit
    violation_type: str
    count: int
    occurrences: int
    amount: Decimal
    fund: Decimal


@dataclass(frozen=True, slots=True)
class Refund:
    """One sum to be refunded to the fund: a line of the refund register, or a case that has none there."""

    number: str
    unit_code: str
    source: str
    payable: Decimal
    payable_on: date | None
    paid: Decimal
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Violation:
    """Something found: by the unit itself, by an inspection, or in a case against an insured person."""

    on: date
    unit_code: str
    person: str
    occurrences: int
    amount: Decimal
    fund: Decimal


@dataclass(frozen=True, slots=True)
class PartyCase:
    """A case with what its party is: ``object`` as tables divide it."""

    row: Case
    object: str
    handled_on: date | None

    @property
    def is_of_unit(self) -> bool:
        return self.object not in PERSONS

    @property
    def party(self) -> str:
        """Whom it is against; a person, or a party without a code, is known by the case alone."""
        return self.row.unit_code or self.row.number


class Facts:
    """The rows of each source, every row made once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._roster = {unit.code: unit for unit in snapshot.roster}
        self._unit_places = {code: _of_roster(unit) for code, unit in self._roster.items()}
        self._units: dict[str, Standing] = {}
        self._standing_places: dict[str, Places] = {}
        for unit in standings(snapshot):
            self._standing_places[unit.unit_code] = self._of_standing(unit)
            self._units[unit.unit_code] = Standing(unit, self._reported_on(unit))

    def rows(self) -> Iterator[tuple[Source, Any, Places]]:
        """Every row with its source and its places, source after source."""
        for code, standing in self._units.items():
            yield Source.UNITS, standing, self._standing_places[code]
        for unit in self._snapshot.roster:
            yield Source.ROSTER, unit, self._unit_places[unit.code]
        yield from self._of_items()
        yield from self._of_inspections()
        yield from self._of_cases()
        yield from self._of_refunds()
        yield from self._of_clues()
        for run in self._snapshot.screenings:
            yield Source.SCREENINGS, run, ((TOTAL, ""), (MODEL, run.model))
        for tip in self._snapshot.tips:
            yield Source.TIPS, tip, self._of_record(tip.unit_code, tip.subject)
        parties = {row.number: (row.unit_code, row.party) for row in self._snapshot.cases}
        for referral in self._snapshot.referrals:
            yield Source.REFERRALS, referral, self._of_record(*parties.get(referral.case_no, ("", "")))
        for entry in self._snapshot.blacklistings:
            yield Source.BLACKLISTINGS, entry, self._of_record(entry.unit_code, entry.subject)

    def _reported_on(self, unit: SnapshotUnit) -> date | None:
        if unit.state not in REPORTED:
            return None
        end = self._snapshot.period.end
        # States are as of the snapshot and cannot be turned back: what came after the period counts with it.
        return min(unit.accepted_on or unit.received_on or end, end)

    def _of_standing(self, unit: SnapshotUnit) -> Places:
        known = self._roster.get(unit.unit_code)
        places = [
            (TOTAL, ""),
            (UNIT_KIND, unit.unit_kind.value),
            (REGION, unit.region_code),
            (BRANCH, (known.branch if known else "") or UNSTATED),
        ]
        return _with_class(places, unit.unit_kind, unit.level, known.ownership if known else "")

    def _of_record(self, unit_code: str, subject: str) -> Places:
        """Where a row counts: by its unit in the roster, else as the unit reports; outside when it does neither."""
        known = self._unit_places.get(unit_code) or self._standing_places.get(unit_code)
        if known is not None:
            return known
        outside = ((UNIT_KIND, OUTSIDE), (REGION, OUTSIDE), (BRANCH, OUTSIDE))
        return ((TOTAL, ""), *outside, (OBJECT, object_of(_subject_by_code(unit_code) or subject)))

    def _of_items(self) -> Iterator[tuple[Source, Any, Places]]:
        for row in self._snapshot.items:
            standing = self._units.get(row.unit_code)
            if standing is None or standing.reported_on is None:
                continue
            conduct = _conduct(object_of("", row.unit_kind), row.violation_type)
            places = (*self._standing_places[row.unit_code], *conduct)
            yield Source.ITEMS, Item(row, standing.reported_on), places
            found = Violation(
                standing.reported_on, row.unit_code, "", row.occurrences, row.violation_amt, row.fund_amt
            )
            yield Source.FOUND, found, (*self._of_record(row.unit_code, ""), *conduct)

    def _of_inspections(self) -> Iterator[tuple[Source, Any, Places]]:
        problems: defaultdict[str, list[InspectionProblem]] = defaultdict(list)
        for problem in self._snapshot.problems:
            problems[problem.inspection].append(problem)
        for row in self._snapshot.inspections:
            known = self._roster.get(row.unit_code)
            places = self._of_record(row.unit_code, "")
            subject = places[-1][1]
            has_problems = row.problem_count > 0 or row.conclusion in ("一般违规", "涉嫌骗保")
            visit = Visit(
                row,
                known is not None and known.kind in SUPERVISED,
                has_problems,
                known.kind if known else None,
            )
            yield Source.INSPECTIONS, visit, places
            for part in _itemised(visit, problems[row.number]):
                everywhere = (*places, *_conduct(subject, part.violation_type))
                yield Source.PROBLEMS, part, everywhere
                found = Violation(row.end_on, row.unit_code, "", part.occurrences, part.amount, part.fund)
                yield Source.FOUND, found, everywhere

    def _of_cases(self) -> Iterator[tuple[Source, Any, Places]]:
        for row in self._snapshot.cases:
            places = self._of_record(row.unit_code, row.party)
            subject = places[-1][1]
            everywhere = (*places, *_conduct(subject, row.conduct))
            yield Source.CASES, PartyCase(row, subject, handled_on(row)), everywhere
            if subject == "insured_person":
                found = Violation(row.filed_on, "", row.number, 1, row.violation_amt, row.recoup_due)
                yield Source.FOUND, found, everywhere

    def _of_refunds(self) -> Iterator[tuple[Source, Any, Places]]:
        conducts = {row.number: row.conduct for row in self._snapshot.cases}
        for refund, conduct in _refunds(self._snapshot, conducts):
            places = self._of_record(refund.unit_code, "")
            yield (
                Source.REFUNDS,
                refund,
                (*places, (SOURCE, refund.source), *_conduct(places[-1][1], conduct)),
            )

    def _of_clues(self) -> Iterator[tuple[Source, Any, Places]]:
        for row in self._snapshot.clues:
            origin = ((CLUE_SOURCE, row.source), (BATCH, row.batch or UNSTATED))
            model = ((MODEL, row.model or UNSTATED),) if row.source == OWN_SCREENING else ()
            yield Source.CLUES, row, (*self._of_record(row.unit_code, row.subject), *origin, *model)


SUPERVISED = frozenset({UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY})


def object_of(subject: str, kind: UnitKind | None = None) -> str:
    """The object class of a record: by the kind of its unit, else by the word in the register."""
    if kind in SUPERVISED or kind is UnitKind.HANDLING_AGENCY:
        return kind.value
    return _OBJECT_OF.get(subject, "handling_agency" if kind is UnitKind.COUNTY_BRANCH else "other")


def handled_on(case: Case) -> date | None:
    """The day a party was dealt with: of the decision, else the first act under the agreement or in public.

    None for a case without a disposition, or whose only one is 不予处理.
    """
    if not set(case.dispositions) - {"NO_ACTION"}:
        return None
    acts = (case.terminated_on, case.suspended_on, case.published_on, case.closed_on)
    return case.decided_on or min((day for day in acts if day is not None), default=None)


def _subject_by_code(code: str) -> str:
    return {"H": "定点医疗机构", "P": "定点零售药店"}.get(code[:1], "")


def _of_roster(unit: RosterUnit) -> Places:
    places = [
        (TOTAL, ""),
        (UNIT_KIND, unit.kind.value),
        (REGION, unit.region_code),
        (BRANCH, unit.branch or UNSTATED),
    ]
    return _with_class(places, unit.kind, unit.level, unit.ownership)


def _with_class(places: list[tuple[str, str]], kind: UnitKind, level: str, ownership: str) -> Places:
    if (rank := level_of(kind, level)) is not None:
        places.append((LEVEL, rank))
    if (owner := ownership_of(kind, ownership)) is not None:
        places.append((OWNERSHIP, owner))
    return (*places, (OBJECT, object_of("", kind)))


def _conduct(subject: str, violation_type: str) -> Places:
    return (
        (VIOLATION_TYPE, violation_type or UNITEMISED),
        (ACTION_HEADING, heading_of(ACTION_HEADING, subject, violation_type)),
        (GOVERNANCE_HEADING, heading_of(GOVERNANCE_HEADING, subject, violation_type)),
    )


def _itemised(visit: Visit, problems: Iterable[InspectionProblem]) -> Iterator[Problem]:
    """The problems, and what the inspection counts beyond them, so that types add up to the inspection."""
    count, amount, fund = visit.row.problem_count, visit.row.violation_amt, visit.row.fund_amt
    for row in problems:
        count, amount, fund = count - 1, amount - row.violation_amt, fund - row.fund_amt
        yield Problem(visit, row.violation_type, 1, row.occurrences, row.violation_amt, row.fund_amt)
    if count or amount or fund:
        yield Problem(visit, "", count, 0, amount, fund)


def _refunds(snapshot: Snapshot, conducts: dict[str, str]) -> Iterator[tuple[Refund, str]]:
    """Every sum once: a case with lines of its own in the refund register is counted there, else by its order."""
    self_check, check, case = REFUND_SOURCES
    for line in snapshot.rectifications:
        found_by = self_check if line.source == self_check else check
        refund = Refund(
            line.number,
            line.unit_code,
            case if line.case_no else found_by,
            line.payable,
            line.issued_on,
            line.paid,
            line.paid_on,
        )
        yield refund, conducts.get(line.case_no, "")
    entered = {line.case_no for line in snapshot.rectifications if line.case_no}
    for row in snapshot.cases:
        if row.number not in entered and (row.recoup_due or row.recoup_paid):
            day = row.decided_on or row.closed_on or row.filed_on
            refund = Refund(
                row.number, row.unit_code, case, row.recoup_due, day, row.recoup_paid, row.recoup_on
            )
            yield refund, row.conduct
