"""Inspections (现场检查): weeks drawn by lot, units visited, what is found written down with its consequences."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from include.domain.campaign import Campaign, PhaseKind
from include.domain.inspection_plans import COVERAGE, InspectionType, Planned, Team, Teams, monday
from include.domain.units import Unit
from include.domain.workdays import WorkdayCalendar
from include.rehearsal.casework import PARTIES, CaseKind, Casework, Found
from include.rehearsal.desk import Agenda, Desk
from include.rehearsal.verification import occurred
from include.steps import plan_inspections
from include.steps.ports import Gateways

INSPECTIONS, PROBLEMS = "inspections", "problems"
CLERK = "office_staff"
LEAST_PLACES = 3
PER_TEAM = 6
"""Units (家) a team can visit in a week."""
RESERVE = Decimal("1.15")
"""More places than coverage needs: some visits fail, some units are visited again."""
WITH_PROBLEMS, RELAPSED, FAILED = 0.35, 0.3, 0.03
CASES = {1: CaseKind.LOSS, 2: CaseKind.FRAUD, 4: CaseKind.CRIME, 12: CaseKind.LOSS, 30: CaseKind.FRAUD}
"""The n-th violation of an institution becomes a case."""
GRAVE = 10
"""So many times as much money is at stake where fraud is suspected."""


class Inspecting:
    """The inspection teams of the office."""

    def __init__(
        self,
        campaign: Campaign,
        units: dict[str, Unit],
        desk: Desk,
        agenda: Agenda,
        casework: Casework,
        chance: random.Random,
        *,
        calendar: WorkdayCalendar,
        seed: int,
    ) -> None:
        self._campaign = campaign
        self._units = units
        self._desk = desk
        self._agenda = agenda
        self._casework = casework
        self._chance = chance
        self._calendar = calendar
        self._seed = seed
        self._violations = 0
        self._phases = [
            phase
            for phase in campaign.phases_of(PhaseKind.INSPECTION)
            if any(owed.form == "inspection" for owed in phase.returns)
        ]
        kinds = {kind for phase in self._phases for owed in phase.returns for kind in owed.owed_by}
        self._to_inspect = sum(unit.kind in kinds for unit in units.values())

    def draw(self, on: date, using: Gateways) -> int:
        """Draw the week on its first working day inside an inspection phase; return how many (家) were drawn.

        By the office itself, with a seed that is known: a rehearsal repeated is the same rehearsal.
        """
        days = [day for day in self._week(on) if self._is_inspecting(day)]
        if not days or on != days[0]:
            return 0
        drawn = plan_inspections.plan(
            self._campaign,
            self.teams,
            week=on,
            seed=self._seed + on.toordinal(),
            on=on,
            actor=CLERK,
            dry_run=False,
            using=using,
        )
        for planned in drawn.planned:
            self._agenda.at(self._chance.choice(days), self._visit_of(planned, using))
        return len(drawn.planned)

    @property
    def teams(self) -> Teams:
        """As many as coverage needs by the milestones; by the end of the phase where there are none."""
        begin = min(phase.start for phase in self._phases)
        ends = [
            (each.due, math.ceil(self._to_inspect * each.target))
            for each in self._campaign.milestones
            if each.indicator == COVERAGE
        ] or [(max(phase.due for phase in self._phases), self._to_inspect)]
        weekly = max(RESERVE * wanted / max(1, _weeks(begin, due)) for due, wanted in ends)
        places = max(LEAST_PLACES, math.ceil(weekly))
        count = math.ceil(places / PER_TEAM)
        return Teams(
            teams=tuple(
                Team(
                    name=f"第{number}检查组",
                    officers=(f"SL{number}001", f"SL{number}002", f"SL{number}003"),
                    capacity=math.ceil(places / count),
                )
                for number in range(1, count + 1)
            )
        )

    def _week(self, on: date) -> list[date]:
        first = monday(on)
        return list(self._calendar.working_days(first, first + timedelta(days=6)))

    def _is_inspecting(self, day: date) -> bool:
        return any(phase.start <= day <= phase.due for phase in self._phases)

    def _visit_of(self, planned: Planned, using: Gateways) -> Callable[[date], None]:
        fails = self._chance.random() < FAILED

        def visit(on: date) -> None:
            if fails:
                plan_inspections.skip(
                    self._campaign,
                    planned.week,
                    planned.unit_code,
                    reason="到场时停业装修（模拟）",
                    on=on,
                    actor=CLERK,
                    using=using,
                )
            else:
                self._visit(planned, on)

        return visit

    def _visit(self, planned: Planned, on: date) -> None:
        unit = self._units[planned.unit_code]
        again = planned.insp_type is not InspectionType.FULL
        relapsed = again and self._chance.random() < RELAPSED
        found = self._found(unit, on) if relapsed or self._chance.random() < WITH_PROBLEMS else None
        kind = self._case_kind(found)
        if found and kind in (CaseKind.FRAUD, CaseKind.CRIME):
            found = replace(found, violation=found.violation * GRAVE, fund=found.fund * GRAVE)
        window = self._campaign.data_window
        amount, fund = (found.violation, found.fund) if found else (Decimal(0), Decimal(0))
        conclusion = "涉嫌骗保" if kind in (CaseKind.FRAUD, CaseKind.CRIME) else "一般违规"
        number = planned.number
        self._desk.write(
            "inspection",
            INSPECTIONS,
            number,
            insp_no=number,
            fixmedins_code=unit.code,
            fixmedins_name=unit.name,
            insp_type=planned.insp_type.value,
            insp_mode="现场加数据",
            status="完成",
            start_on=on,
            end_on=on,
            window_start=window.start if window else on.replace(month=1, day=1),
            window_end=min(window.end or on, on) if window else on,
            unit=self._campaign.lead.name,
            team=planned.team,
            officers="、".join(planned.officers),
            sampled_records=self._chance.randrange(20, 120),
            problem_count=1 if found else 0,
            violation_amt=amount,
            fund_amt=fund,
            self_check_ok="部分" if found else "是",
            relapse=relapsed,
            conclusion=conclusion if found else "未发现问题",
            proposed="责令限期整改；追回医保基金" if found else None,
            party_opinion="无异议",
        )
        if found is None:
            return
        self._desk.write(
            "inspection",
            PROBLEMS,
            number,
            1,
            insp_no=number,
            problem_no=1,
            violation_type="虚构医药服务项目" if conclusion == "涉嫌骗保" else "重复收费",
            description="收费记录与服务记录不符，经抽查核实（模拟）",
            visits=self._chance.randrange(5, 30),
            occurrences=self._chance.randrange(30, 90),
            violation_amt=amount,
            fund_amt=fund,
        )
        told = self._agenda.later(on, 2)
        if kind is None:
            self._agenda.at(
                told, lambda day: self._casework.rectify(found, f"检查{number}发现的重复收费", day)
            )
        else:
            self._agenda.at(told, lambda day: _opened(self._casework, kind, found, day))

    def _found(self, unit: Unit, on: date) -> Found:
        fund = Decimal(self._chance.randrange(50_000, 900_000)).scaleb(-2)
        violation = (fund * Decimal("1.25")).quantize(Decimal("0.01"))
        return Found(unit, "检查", "现场检查", *occurred(self._campaign, on), violation, fund)

    def _case_kind(self, found: Found | None) -> CaseKind | None:
        if found is None or found.unit.kind not in PARTIES:
            return None
        self._violations += 1
        return CASES.get(self._violations)


def _opened(casework: Casework, kind: CaseKind, found: Found, on: date) -> None:
    casework.open(kind, found, on)


def _weeks(first: date, last: date) -> int:
    return max(1, (monday(last) - monday(first)).days // 7)
