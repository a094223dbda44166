"""A whole campaign against synthetic units, day by day from its first to its last, through the real steps."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from include.campaigns.registry import load_calendar
from include.domain import run_days
from include.domain.campaign import Campaign, Owed, Phase, UpwardReport
from include.domain.errors import GiveUp, TryAgain
from include.domain.inspection_plans import Pace
from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import ObligationState
from include.domain.occasions import Occasion, occasions, on_event
from include.domain.reports import Event
from include.domain.returns import Verdict
from include.rehearsal import SEED, UNITS, invariants, rosters, runs
from include.rehearsal.desk import Entry
from include.rehearsal.institutions import Cast
from include.rehearsal.office import Office
from include.rehearsal.place import SHANGHAI, Place, opened
from include.rehearsal.runs import Reported, Run
from include.rehearsal.timeline import Day, Heading, Line, counted
from include.settings import Settings
from include.steps import inspection_coverage, refund_account, roster

EARLY, ENTERING = time(8, 0), time(16, 30)
ROSTER_FILE = "定点医药机构名册（模拟）.xlsx"


@dataclass(slots=True)
class Outcome:
    """What a rehearsal came to. Counts of notices are 份, of units 家; ``problems`` is empty when all holds."""

    campaign: Campaign
    seed: int
    units: int
    days: list[Day] = field(default_factory=list)
    mails: dict[tuple[NoticeKind, NoticeState], int] = field(default_factory=dict)
    returns: dict[Verdict, int] = field(default_factory=dict)
    obligations: dict[str, dict[ObligationState, int]] = field(default_factory=dict)
    registers: dict[str, int] = field(default_factory=dict)
    refunds: tuple[str, str, str] = ("0", "0", "0")
    milestones: list[tuple[str, bool, str]] = field(default_factory=list)
    reports: list[tuple[date, Reported]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def by_hand(self) -> list[str]:
        """Reports of which nothing went up, because they cannot be compiled yet."""
        sent = {(each.report.key, each.occasion.key) for _, each in self.reports if each.is_sent}
        left = (
            each.title
            for _, each in self.reports
            if not each.is_fault and (each.report.key, each.occasion.key) not in sent
        )
        return list(dict.fromkeys(left))


Watch = Callable[[Day], None]


def rehearse(
    campaign: Campaign,
    home: Path,
    *,
    deployed: Settings,
    seed: int = SEED,
    units: int = UNITS,
    until: date | None = None,
    watch: Watch = lambda day: None,
) -> Outcome:
    """Play the campaign in an empty folder with so many units (家); ``watch`` is shown every day with events.

    The same seed gives the same rehearsal. ``until`` ends it early; what must hold at the end is then not asked.
    """
    with opened(home, on=campaign.starts_on, seed=seed, deployed=deployed) as place:
        rehearsal = Rehearsal(campaign, place, seed=seed, units=units)
        for day in rehearsal.days(until or rehearsal.last):
            rehearsal.outcome.days.append(day)
            watch(day)
        rehearsal.conclude(is_whole=until is None)
        return rehearsal.outcome


class Rehearsal:
    """One campaign in one place."""

    def __init__(self, campaign: Campaign, place: Place, *, seed: int, units: int) -> None:
        self._campaign = campaign
        self._place = place
        self._using = place.using
        self._calendar = load_calendar()
        self._first = campaign.starts_on
        self.last = _last(campaign)
        self._roster = rosters.synthetic(campaign, units, seed=seed)
        self._casts = list(self._cast_of(seed))
        self._office = Office(
            campaign,
            self._roster,
            first=self._first,
            last=self.last,
            seed=seed,
            using=self._using,
            calendar=self._calendar,
        )
        self._seen: dict[int, NoticeState] = {}
        self._reached: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self.outcome = Outcome(campaign, seed, units)

    def days(self, until: date) -> Iterator[Day]:
        """Play day after day; yield those on which something happened."""
        self._hand_in_roster()
        day = self._first
        while day <= until:
            lines = [*self._boundaries(day), *self._day(day)]
            if self._calendar.is_working_day(day):
                lines += [*self._mails(), *self._milestones(day)]
            if lines:
                yield Day(day, tuple(lines))
            day += timedelta(days=1)

    def conclude(self, *, is_whole: bool) -> None:
        """Count what came of it, and say what does not hold."""
        campaign, using, outcome = self._campaign, self._using, self.outcome
        outcome.mails = using.ledger.outbox.counts(campaign.id)
        outcome.returns = using.ledger.returns.counts(campaign.id)
        outcome.obligations = {
            phase.title: counts
            for phase in campaign.phases
            if sum((counts := using.ledger.obligations.counts(campaign.id, phase.key)).values())
        }
        for key, form in using.forms.items():
            if form.office_register and (found := using.ledger.registers.records(campaign.id, form)[key]):
                outcome.registers[form.title] = len(found)
        total = refund_account.account(campaign, using=using).total
        outcome.refunds = (str(total.payable), str(total.paid), str(total.outstanding))
        if is_whole:
            outcome.problems += [
                *invariants.broken(
                    campaign,
                    self._roster,
                    self._office.desk,
                    mails=self._place.mails,
                    on=self.last,
                    using=using,
                ),
                *invariants.late((day, each) for day, each in outcome.reports if each.is_sent),
            ]

    def _hand_in_roster(self) -> None:
        """The roster lies in the inbox on the first day, before anything else happens."""
        folder = self._place.inbox / self._campaign.id / "roster"
        file = folder / ROSTER_FILE
        rosters.write_workbook(file, self._roster, self._campaign, self._using.forms["roster"])
        _arrive(file, self._first)

    def _cast_of(self, seed: int) -> Iterator[Cast]:
        """The units, once for every return they owe themselves."""
        for phase in self._campaign.phases:
            for owed in phase.returns:
                if owed.filled_by == "unit" and not self._campaign.was_over_when_issued(phase):
                    yield Cast(
                        self._roster,
                        self._campaign,
                        mails=self._place.mails,
                        inbox=self._place.inbox,
                        fetch=self._by_hand(phase, owed),
                        seed=seed,
                        asked=(phase, owed),
                    )

    def _by_hand(self, phase: Phase, owed: Owed) -> Callable[[str], bytes]:
        units = {unit.code: unit for unit in self._roster.units}

        def fetch(code: str) -> bytes:
            form = self._using.forms[owed.form]
            return self._using.workbooks.prefilled(form, self._campaign, phase, units[code])

        return fetch

    def _day(self, on: date) -> Iterator[Line]:
        clock, calendar = self._place.clock, self._calendar
        is_working = calendar.is_working_day(on)
        if on == self._first:
            clock.set(on, EARLY)
            yield from self._import_roster(on)
        if is_working:
            clock.set(on, EARLY)
            if drawn := self._office.draw(on):
                yield Line(Heading.INSPECTIONS, f"抽签排定本周检查{drawn}家", {"drawn": drawn})
            for run in runs.of_working_day(self._campaign, on, calendar):
                yield from self._run(run, on)
            clock.set(on, runs.REPORT_AT)
            yield from self._report(on)
            clock.set(on, ENTERING)
            yield from self._enter(on)
        for cast in self._casts:
            cast.drops(on)
        yield from self._run(runs.intake(self._campaign), on)

    def _import_roster(self, on: date) -> Iterator[Line]:
        taken = roster.take_over(self._campaign, on=on, using=self._using)
        reached = roster.contacts(self._campaign, on=on, using=self._using)
        for counts in taken.values():
            yield Line(
                Heading.ROSTER,
                f"名册{counts['名册基数']}家已锁定，{len(reached['电话联系名单'])}家无邮箱列入电话联系名单",
            )
            if counts["问题"]:
                yield Line(Heading.ROSTER, f"名册有{len(counts['问题'])}处提示，第一处：{counts['问题'][0]}")
            if counts["名册基数"] != len(self._roster.units):
                self.outcome.problems += [f"名册：{problem}" for problem in counts["问题"]]

    def _run(self, run: Run, on: date) -> Iterator[Line]:
        """The tasks of a run; one that fails is told once, and those after it are done where the run goes on."""
        self._place.clock.set(on, run.at)
        judged: Counter[Verdict] = Counter()
        for task in run.tasks:
            try:
                result = task.work(on, self._using)
            except (GiveUp, TryAgain) as why:
                if (run.title, str(why)) not in self._told:
                    self._told.add((run.title, str(why)))
                    self.outcome.problems.append(f"{on} {run.title}“{task.title}”未办成：{why}")
                    yield Line(Heading.FAULTS, f"{run.title}“{task.title}”：{why}")
                if not run.goes_on:
                    break
                continue
            if isinstance(result, dict):
                judged.update({key: n for key, n in result.items() if isinstance(key, Verdict)})
        if judged:
            counts = {verdict.zh: number for verdict, number in judged.items()}
            yield Line(Heading.RETURNS, counted(counts, "份"), counts)

    def _report(self, on: date) -> Iterator[Line]:
        due: list[tuple[UpwardReport, Occasion, Event | None]] = [
            (report, occasion, None)
            for report, occasion in runs.reports_on(self._campaign, on, self._calendar)
        ]
        major = self._office.casework.major
        if major is not None:
            self._office.casework.major = None
            event = Event(
                "重大案件（模拟）", f"查处案件{major}，案情及处理见案件台账（模拟数据）。", str(major)
            )
            due += [
                (report, on_event(self._campaign, report, on=on), event)
                for report in self._campaign.reports
                if report.cadence == "on_event"
            ]
        for report, occasion, event in due:
            said = runs.report(self._campaign, report, occasion, event=event, on=on, using=self._using)
            if said is None or (said.report.key + occasion.key, said.sentence) in self._told:
                continue
            self._told.add((said.report.key + occasion.key, said.sentence))
            self.outcome.reports.append((on, said))
            if said.is_fault:
                self.outcome.problems.append(f"{on} {said.title}：{said.sentence}")
            self.outcome.files |= {name: self._using.archive.get(sha256) for name, sha256 in said.files}
            yield Line(Heading.REPORTS, f"{said.title}：{said.sentence}")

    def _enter(self, on: date) -> Iterator[Line]:
        due = {occasion.due for _, occasion in runs.reports_on(self._campaign, on, self._calendar)}
        for entry in self._office.work(on, must_enter=on in due):
            yield self._entered(entry, on)

    def _entered(self, entry: Entry, on: date) -> Line:
        if entry.refusals:
            self.outcome.problems += [f"{on} 《{entry.title}》：{said}" for said in entry.refusals]
            return Line(Heading.FAULTS, f"《{entry.title}》{len(entry.refusals)}处须改正，没有登记")
        counts = {"新增": entry.added, "修改": entry.changed}
        return Line(Heading.REGISTERS, f"{entry.title}：{counted(counts, '条')}", counts)

    def _mails(self) -> Iterator[Line]:
        """Notices that came to an end today, by kind."""
        ended: defaultdict[NoticeKind, Counter[NoticeState]] = defaultdict(Counter)
        for row in self._using.ledger.outbox.rows(self._campaign.id):
            if row.state is not self._seen.get(row.id) and row.state is not NoticeState.PLANNED:
                self._seen[row.id] = row.state
                ended[row.kind][row.state] += 1
        for kind, states in ended.items():
            counts = {state.zh: number for state, number in states.items()}
            yield Line(Heading.MAIL, f"{kind.zh}：{counted(counts, '份')}", counts)

    def _boundaries(self, on: date) -> Iterator[Line]:
        for phase in self._campaign.phases:
            if on == phase.start:
                yield Line(Heading.PHASE, f"{phase.title}开始（至{phase.due}）")
            if on == phase.due:
                yield Line(Heading.PHASE, f"{phase.title}截止")

    def _milestones(self, on: date) -> Iterator[Line]:
        """Coverage reached, on the day it was, or missed, on the day it was due."""
        open_ones = [each for each in self._campaign.milestones if each.title not in self._reached]
        if not open_ones:
            return
        paces = {pace.title: pace for pace in self._paces(on)}
        for milestone in open_ones:
            pace = paces.get(milestone.title)
            last = self._calendar.on_or_before(milestone.due)
            if pace is not None and (not pace.missing or on == last):
                self._reached.add(milestone.title)
                text = "已达到" if not pace.missing else f"到期未达到，还差{pace.missing}家"
                self.outcome.milestones.append((milestone.title, not pace.missing, text))
                yield Line(
                    Heading.MILESTONES,
                    f"{milestone.title}（应达{pace.needed}家，时限{milestone.due}）：{text}",
                    {"needed": pace.needed, "missing": pace.missing},
                )

    def _paces(self, on: date) -> tuple[Pace, ...]:
        return inspection_coverage.against_roster(self._campaign, on=on, using=self._using).paces


def _last(campaign: Campaign) -> date:
    """The last day on which anything is due or may still come in."""
    calendar = load_calendar()
    dues = [occasion.due for report in campaign.reports for occasion in occasions(campaign, report, calendar)]
    return max([run_days.last_day(campaign, calendar), *dues])


def _arrive(file: Path, day: date) -> None:
    """The file lies there from the first hour of that day."""
    moment = datetime.combine(day, time.min, tzinfo=SHANGHAI).timestamp()
    os.utime(file, (moment, moment))
