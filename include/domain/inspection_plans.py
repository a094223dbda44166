"""Whom to inspect next (检查计划): scores with their reasons, and a draw that anybody can repeat (双随机).

A score puts a unit in a risk class; inside a class lots decide. The lot of a unit is the SHA-256 of seed, week,
class and code, so it depends on nothing but itself: no other unit's score can change it, and any spreadsheet
or command line can work it out again.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import Annotated, Final

from pydantic import Field, StringConstraints, model_validator

from include.domain.campaign import Milestone, RegionCode
from include.domain.credit_grades import SCORECARD, Grade, Line, Scorecard, SelfCheckRecord
from include.domain.dates import zh_date
from include.domain.faults import Fault, refuse
from include.domain.model import Strict, Text, UnitKind
from include.domain.red_flags import RedFlag, Screened
from include.domain.units import Unit

LEAST_OFFICERS: Final = 2
TWO_OFFICERS = (
    "现场检查的执法人员不得少于2人（《医疗保障基金使用监督管理条例》第二十九条、"
    "《中华人民共和国行政处罚法》第四十二条）"
)
RECUSAL = "执法人员与当事人有利害关系的应当回避（《中华人民共和国行政处罚法》第四十三条）"
COVERAGE = "inspection_coverage"
WORKING_WEEK = 5

Officer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{1,29}$")]
"""A certificate or staff number, or a post's key; never a name."""


class RiskClass(StrEnum):
    HIGH = "高"
    MEDIUM = "中"
    LOW = "低"


class InspectionType(StrEnum):
    """Words of the inspection record."""

    FULL = "全覆盖检查"
    AGAIN = "抽查复查"
    LOOK_BACK = "回头看"


class PlanState(StrEnum):
    PLANNED = "待检查"
    DONE = "已检查"
    SKIPPED = "未能检查"
    CARRIED = "已转下周"
    DROPPED = "已取消"

    @property
    def is_open(self) -> bool:
        return self in (PlanState.PLANNED, PlanState.SKIPPED)


def monday(day: date) -> date:
    """The Monday of the day's week, which names the week."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Scoring:
    """All weights in one place: whoever changes one gives the scoring a new version."""

    version: str
    per_hit: int
    per_high_hit: int
    most_hits: int
    large_amt: tuple[tuple[Decimal, int], ...]
    per_flag_weight: int
    most_flags: int
    missing_return: int
    late_return: int
    thorough: int
    per_problem_inspection: int
    most_problem_inspections: int
    first_clue: int
    per_repeat_clue: int
    most_clues: int
    never_inspected: int
    per_30_days: int
    most_days: int
    grade: tuple[tuple[Grade, int], ...]
    least: tuple[tuple[int, RiskClass], ...]
    seats: tuple[tuple[RiskClass, int], ...]
    look_back_after: int
    look_back_share: Decimal

    def risk(self, score: int) -> RiskClass:
        return next(risk for least, risk in self.least if score >= least)


SCORING = Scoring(
    version="2026.2",
    per_hit=3,
    per_high_hit=6,
    most_hits=30,
    large_amt=((Decimal(10_000), 20), (Decimal(1_000), 10)),
    per_flag_weight=5,
    most_flags=40,
    missing_return=40,
    late_return=5,
    thorough=-15,
    per_problem_inspection=15,
    most_problem_inspections=45,
    first_clue=5,
    per_repeat_clue=10,
    most_clues=30,
    never_inspected=20,
    per_30_days=2,
    most_days=20,
    grade=((Grade.A, -10), (Grade.B, 0), (Grade.C, 10), (Grade.D, 25)),
    least=((50, RiskClass.HIGH), (25, RiskClass.MEDIUM), (0, RiskClass.LOW)),
    seats=((RiskClass.HIGH, 60), (RiskClass.MEDIUM, 30), (RiskClass.LOW, 10)),
    look_back_after=90,
    look_back_share=Decimal("0.2"),
)
"""``seats``: percent of the week's places. Amounts in 元; ``look_back_after`` in days (日)."""


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What is known of a unit: earlier completed inspections with problems (次), clues about it (条).

    ``clues`` are those not of own screening, which ``screened`` counts.
    """

    unit: Unit
    self_check: SelfCheckRecord | None = None
    flags: tuple[RedFlag, ...] = ()
    screened: Screened | None = None
    problem_inspections: int = 0
    clues: int = 0
    last_inspected_on: date | None = None
    grade: Grade | None = None


def score(facts: RiskFacts, *, on: date, by: Scoring = SCORING) -> tuple[int, tuple[Line, ...]]:
    """Points, never below 0, and every line they come from."""
    lines = tuple(line for line in _lines(facts, on, by) if line.points)
    return max(0, sum(line.points for line in lines)), lines


def _lines(facts: RiskFacts, on: date, by: Scoring) -> Iterator[Line]:
    if (found := facts.screened) is not None:
        points = by.per_hit * found.hits + (by.per_high_hit - by.per_hit) * found.high
        yield Line(min(points, by.most_hits), _screened(found))
        points = next((points for least, points in by.large_amt if found.suspect_amt >= least), 0)
        yield Line(points, f"筛查疑点金额{found.suspect_amt:,.2f}元")
    if facts.flags:
        weight = sum(each.flag.weight for each in facts.flags)
        why = "；".join(f"{each.flag.zh}（{each.why}）" for each in facts.flags)
        yield Line(min(by.per_flag_weight * weight, by.most_flags), f"自查质量红旗，权重合计{weight}：{why}")
    if (own := facts.self_check) is not None:
        if own.is_missing:
            yield Line(by.missing_return, "自查表已过截止日，尚未报送")
        if own.days_late:
            yield Line(by.late_return, f"自查表逾期{own.days_late}日报送")
        if own.is_thorough:
            yield Line(by.thorough, "自查表按时报送并校验通过，未见敷衍迹象，酌减检查频次")
    times = facts.problem_inspections
    points = min(by.per_problem_inspection * times, by.most_problem_inspections)
    yield Line(points, f"以往{times}次检查发现问题")
    if facts.clues:
        points = by.first_clue + by.per_repeat_clue * (facts.clues - 1)
        yield Line(min(points, by.most_clues), f"涉及线索{facts.clues}条")
    if facts.last_inspected_on is None:
        yield Line(by.never_inspected, "本次专项行动中尚未检查")
    else:
        days = (on - facts.last_inspected_on).days
        why = f"距上次检查（{zh_date(facts.last_inspected_on)}）{days}日"
        yield Line(min(by.per_30_days * (days // 30), by.most_days), why)
    if facts.grade is not None:
        yield Line(dict(by.grade)[facts.grade], f"信用等级{facts.grade}")


def _screened(found: Screened) -> str:
    high = f"，其中高风险{found.high}条" if found.high else ""
    models = f"（{found.by_model}）" if found.models else ""
    return f"筛查疑点{found.hits}条{high}{models}"


def interval(facts: RiskFacts, card: Scorecard = SCORECARD) -> int:
    """Days (日) until the unit is inspected again: by credit grade, one grade's step shorter for a repeat subject."""
    grade = facts.grade or Grade.B
    clues = facts.clues + (facts.screened.hits if facts.screened else 0)
    if clues > 1 or facts.problem_inspections > 1:
        grade = list(Grade)[min(list(Grade).index(grade) + 1, len(Grade) - 1)]
    return card.interval(grade)


class Team(Strict):
    """An inspection team (检查组) and how many units (家) it can inspect in a week."""

    name: Text
    officers: tuple[Officer, ...]
    capacity: int = Field(default=5, ge=1, le=200)
    regions: tuple[RegionCode, ...] = ()
    kinds: tuple[UnitKind, ...] = ()

    @model_validator(mode="after")
    def _at_least_two(self) -> Team:
        if len(set(self.officers)) < LEAST_OFFICERS:
            sentence = f"“{self.name}”只有{len(set(self.officers))}名执法人员，{TWO_OFFICERS}，请补足"
            refuse("Team", [Fault(("officers",), sentence, self.officers)])
        return self

    def serves(self, candidate: Candidate) -> bool:
        return (not self.regions or candidate.region_code in self.regions) and (
            not self.kinds or candidate.kind in self.kinds
        )


class Teams(Strict):
    """The week's teams; ``conflicts``: officer → codes of units the officer has declared (回避)."""

    teams: tuple[Team, ...]
    conflicts: Mapping[Officer, tuple[Text, ...]] = {}

    @model_validator(mode="after")
    def _in_one_team_each(self) -> Teams:
        names = Counter(team.name for team in self.teams)
        twice = [name for name, number in names.items() if number > 1]
        faults = [] if self.teams else [Fault(("teams",), "一个检查组也没有，请至少写一个", self.teams)]
        faults += [Fault(("teams",), f"检查组名称“{name}”重复，请改为不同的名称", name) for name in twice]
        members = Counter(officer for team in self.teams for officer in set(team.officers))
        faults += [
            Fault(("teams",), f"执法人员“{officer}”同时编入{number}个检查组，请只编入一个", officer)
            for officer, number in members.items()
            if number > 1
        ]
        faults += [
            Fault(("conflicts",), f"回避申报中的“{officer}”不在任何检查组，请核对编号", officer)
            for officer in self.conflicts
            if officer not in members
        ]
        refuse("Teams", faults)
        return self


class Candidate(Strict):
    """A unit that may be drawn. ``carried`` says why it comes from an earlier week and so goes first.

    ``look_back``: it has rectified problems old enough to be looked at again; ``is_due``: it may be drawn anyway.
    """

    code: Text
    kind: UnitKind
    region_code: str
    risk: RiskClass
    type: InspectionType
    is_due: bool = True
    look_back: bool = False
    carried: str = ""


class DrawInputs(Strict):
    """All that a draw depends on: the same inputs give the same draw. ``used`` counts earlier pairs (次)."""

    seed: int
    week: date
    scoring_version: str
    look_back_share: Decimal
    seats: tuple[tuple[RiskClass, int], ...]
    teams: Teams
    candidates: tuple[Candidate, ...]
    used: tuple[tuple[Officer, Officer, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """One unit drawn for one team and its officers, ``lot`` being the draw's own figure."""

    code: str
    risk: RiskClass
    type: InspectionType
    team: str
    officers: tuple[str, ...]
    lot: str


@dataclass(frozen=True, slots=True)
class Draw:
    """Who was drawn, in order; and who of those carried over or drawn could not be given to any team, and why."""

    drawn: tuple[Drawn, ...]
    left_out: tuple[tuple[str, str], ...]


def lot(inputs: DrawInputs, *words: str) -> str:
    """The lot: SHA-256 of “seed|week|words…” in hexadecimal. The smallest is drawn first."""
    text = "|".join([str(inputs.seed), inputs.week.isoformat(), *words])
    return hashlib.sha256(text.encode()).hexdigest()


def in_order_of_lots(inputs: DrawInputs) -> dict[RiskClass, list[Candidate]]:
    """The due candidates of each class in the order in which they are drawn."""
    classes: dict[RiskClass, list[Candidate]] = {risk: [] for risk in RiskClass}
    for each in inputs.candidates:
        if each.is_due and not each.carried:
            classes[each.risk].append(each)
    for risk, members in classes.items():
        members.sort(key=lambda each: lot(inputs, risk, each.code))
    return classes


def draw(inputs: DrawInputs) -> Draw:
    """The week's draw: first those carried over, then the look-back sample, then the classes by their seats.

    Places that a class does not need go to the gravest class that does.
    """
    work = _Allotment(inputs)
    for each in sorted((each for each in inputs.candidates if each.carried), key=lambda each: each.code):
        work.give(each, each.type)
    for each in look_back_sample(inputs):
        work.give(each, InspectionType.LOOK_BACK)
    classes = in_order_of_lots(inputs)
    free = work.free
    for risk, percent in inputs.seats:
        work.give_some(classes[risk], math.ceil(free * percent / 100))
    for risk in RiskClass:
        work.give_some(classes[risk], work.free)
    return Draw(tuple(work.drawn), tuple(work.left_out.items()))


def look_back_sample(inputs: DrawInputs) -> list[Candidate]:
    """The share of rectified units that is looked at again, drawn by lot."""
    offered = sorted(
        (each for each in inputs.candidates if each.look_back and not each.carried),
        key=lambda each: lot(inputs, InspectionType.LOOK_BACK, each.code),
    )
    return offered[: math.ceil(len(offered) * inputs.look_back_share)]


class _Allotment:
    """Units handed to teams one after the other."""

    def __init__(self, inputs: DrawInputs) -> None:
        self._inputs = inputs
        self._free = {team.name: team.capacity for team in inputs.teams.teams}
        self._used = Counter({(one, other): times for one, other, times in inputs.used})
        self._seen: set[str] = set()
        self.drawn: list[Drawn] = []
        self.left_out: dict[str, str] = {}

    @property
    def free(self) -> int:
        """Places (家) left this week."""
        return sum(self._free.values())

    def give_some(self, members: Iterable[Candidate], places: int) -> None:
        for each in members:
            if places <= 0 or not self.free:
                return
            places -= self.give(each, each.type)

    def give(self, candidate: Candidate, type_: InspectionType) -> bool:
        """Whether a team has it now. A unit is drawn once."""
        if candidate.code in self._seen:
            return False
        if not self.free:
            if candidate.carried:
                self.left_out[candidate.code] = "各检查组本周已排满"
            return False
        self._seen.add(candidate.code)
        able = [
            (team, pairs)
            for team in self._inputs.teams.teams
            if team.serves(candidate) and self._free[team.name] and (pairs := self._pairs(team, candidate))
        ]
        if not able:
            self.left_out[candidate.code] = self._why_not(candidate)
            return False
        team, pairs = min(able, key=lambda each: lot(self._inputs, candidate.code, each[0].name))
        pair = min(
            pairs, key=lambda pair: (self._used[pair], lot(self._inputs, candidate.code, team.name, *pair))
        )
        self._used[pair] += 1
        self._free[team.name] -= 1
        number = lot(self._inputs, candidate.risk, candidate.code)
        self.drawn.append(Drawn(candidate.code, candidate.risk, type_, team.name, pair, number))
        return True

    def _pairs(self, team: Team, candidate: Candidate) -> list[tuple[str, str]]:
        """Pairs of officers who have declared nothing about the unit."""
        conflicts = self._inputs.teams.conflicts
        able = sorted({each for each in team.officers if candidate.code not in conflicts.get(each, ())})
        return list(combinations(able, LEAST_OFFICERS))

    def _why_not(self, candidate: Candidate) -> str:
        serving = [team for team in self._inputs.teams.teams if team.serves(candidate)]
        if not serving:
            return "没有检查组负责该地区、该类机构"
        if not any(self._pairs(team, candidate) for team in serving):
            return f"回避后可派执法人员不足2人：{TWO_OFFICERS}；{RECUSAL}，请从其他检查组抽调"
        return "负责的检查组本周已排满"


@dataclass(frozen=True, slots=True)
class Planned:
    """One planned inspection as the ledger keeps it; ``number`` becomes the inspection record's 检查编号."""

    number: str
    week: date
    team: str
    unit_code: str
    unit_name: str
    insp_type: InspectionType
    risk: RiskClass
    score: int
    reasons: tuple[str, ...]
    seed: int
    scoring_version: str
    officers: tuple[str, ...]
    planned_on: date
    state: PlanState = PlanState.PLANNED
    state_reason: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a planned inspection."""

    number: str
    state: PlanState
    reason: str


@dataclass(frozen=True, slots=True)
class Covered:
    """Units (家) inspected of those on the frozen roster, in one group."""

    group: str
    inspected: int
    total: int

    @property
    def percent(self) -> str:
        return f"{Decimal(self.inspected) * 100 / self.total:.1f}%" if self.total else "—"


def covered(units: Sequence[Unit], done: Mapping[str, date] | set[str]) -> list[Covered]:
    """All together, by kind, and by region; a unit counts once however often it was inspected."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for each in units:
        for group in ("全部", each.kind.zh, f"区划{each.region_code}"):
            groups[group].append(each.code)
    order = sorted(groups, key=lambda group: (group != "全部", group.startswith("区划"), group))
    return [
        Covered(group, sum(code in done for code in groups[group]), len(groups[group])) for group in order
    ]


@dataclass(frozen=True, slots=True)
class Pace:
    """A milestone and what is missing: units (家) to go, working days left, units a week from now on."""

    title: str
    due: date
    needed: int
    missing: int
    days_left: int

    @property
    def per_week(self) -> int | None:
        """Units a week (家/周); None when the day has passed and it was not reached."""
        if not self.missing:
            return 0
        if self.days_left <= 0:
            return None
        # With less than a week left it is all of them.
        return math.ceil(Decimal(self.missing * WORKING_WEEK) / max(self.days_left, WORKING_WEEK))

    @property
    def sentence(self) -> str:
        wanted = f"{self.title}（{zh_date(self.due)}前{self.needed}家）"
        if not self.missing:
            return f"{wanted}：已达到"
        if self.per_week is None:
            return f"{wanted}：已过期，还差{self.missing}家"
        return (
            f"{wanted}：还差{self.missing}家，剩{self.days_left}个工作日，从现在起每周须完成{self.per_week}家"
        )


def pace(milestone: Milestone, *, total: int, inspected: int, days_left: int) -> Pace:
    """``days_left`` are working days up to and including the due date."""
    needed = math.ceil(total * milestone.target)
    return Pace(milestone.title, milestone.due, needed, max(0, needed - inspected), days_left)
