"""The weekly inspection plan: who is inspected, why, by whom, drawn once per week."""

from __future__ import annotations

import logging
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from include.domain.campaign import Campaign, Phase, PhaseKind
from include.domain.credit_grades import Line
from include.domain.dates import zh_date
from include.domain.errors import GiveUp
from include.domain.inspection_plans import (
    SCORING,
    Candidate,
    Draw,
    DrawInputs,
    Drawn,
    InspectionType,
    Planned,
    PlanState,
    RiskFacts,
    Settled,
    Teams,
    draw,
    in_order_of_lots,
    interval,
    monday,
    score,
)
from include.domain.registers import NUMBER, STATE, UNIT
from include.domain.returns import Value
from include.domain.units import Unit
from include.steps import flags, grade_units, officer_check, screened_clues
from include.steps.grade_units import Facts, amount, is_done, records
from include.steps.inspection_coverage import FORM, inspected_kinds, last_done
from include.steps.ports import Gateways

log = logging.getLogger(__name__)

SYSTEM = "系统"
LARGEST_SEED = 10**9


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """A week's plan. ``is_new`` when it was drawn just now; ``left_out``: unit and why it could not be given away."""

    week: date
    inputs: DrawInputs
    planned: tuple[Planned, ...]
    settled: tuple[Settled, ...]
    left_out: tuple[tuple[str, str], ...]
    is_new: bool


def plan(
    campaign: Campaign,
    teams: Teams,
    *,
    week: date,
    seed: int | None,
    on: date,
    actor: str,
    dry_run: bool,
    using: Gateways,
) -> WeekPlan:
    """Draw the week and enter it, unless it was drawn before: then what was drawn is returned and nothing changes.

    Without a seed one is made; it is kept either way.
    Raise GiveUp for a week that is over, and for officers whose certificates are not valid in it.
    """
    week = monday(week)
    there = _entered(campaign, week, using)
    if there is not None:
        return there
    if week < monday(on):
        raise GiveUp(f"{zh_date(week)}这一周已经过去，不能再排检查计划；请写本周或以后的日期")
    officer_check.refuse_invalid(teams, on=week, using=using)
    found = _prepared(
        campaign, teams, week, secrets.randbelow(LARGEST_SEED) if seed is None else seed, on, using
    )
    if not dry_run and not using.ledger.inspection_plans.enter(
        campaign.id, found.inputs, found.planned, found.settled, on=on, actor=actor
    ):
        # Somebody else drew the week in the meantime; theirs stands.
        return _entered(campaign, week, using) or found
    return found


def go_on(campaign: Campaign, *, on: date, dry_run: bool, using: Gateways) -> dict[str, int]:
    """Draw the day's week with the teams of the week drawn last; return planned inspections (家) by risk class.

    The first week is drawn by a person, who names the teams.
    """
    drawn = using.ledger.inspection_plans.all(campaign.id)
    last = max((each.week for each in drawn), default=None)
    inputs = using.ledger.inspection_plans.inputs(campaign.id, last) if last else None
    if inputs is None:
        log.warning(
            "尚未登记检查组，本周不排检查计划；请先运行：python -m include.cli inspections plan "
            "--campaign %s --week %s --teams 检查组.yaml",
            campaign.id,
            monday(on),
        )
        return {}
    found = plan(
        campaign, inputs.teams, week=on, seed=None, on=on, actor=SYSTEM, dry_run=dry_run, using=using
    )
    for code, why in found.left_out:
        log.warning("%s 本周未排：%s", code, why)
    return dict(Counter(f"风险{each.risk}" for each in found.planned))


def check(campaign: Campaign, week: date, *, using: Gateways) -> list[str]:
    """Draw the week again from what was recorded; return every difference. Raise GiveUp for a week not drawn."""
    week = monday(week)
    there = _entered(campaign, week, using)
    if there is None:
        raise GiveUp(f"{zh_date(week)}这一周没有检查计划")
    again = {each.code: (each.team, each.officers) for each in draw(there.inputs).drawn}
    kept = {each.unit_code: (each.team, each.officers) for each in there.planned}
    return [
        f"{code}：重抽为{_assigned(again.get(code))}，计划登记为{_assigned(kept.get(code))}"
        for code in sorted({*again, *kept})
        if again.get(code) != kept.get(code)
    ]


def skip(
    campaign: Campaign,
    week: date,
    unit_code: str,
    *,
    reason: str,
    on: date,
    actor: str,
    using: Gateways,
) -> None:
    """A planned unit could not be inspected (关门歇业等): next week it goes first. Raise GiveUp if not planned."""
    try:
        using.ledger.inspection_plans.skip(
            campaign.id, monday(week), unit_code, reason=reason, on=on, actor=actor
        )
    except KeyError as fault:
        raise GiveUp(
            f"{zh_date(monday(week))}这一周没有“{unit_code}”的待检查计划，请核对编码和周次"
        ) from fault


def workbooks(campaign: Campaign, week: date, *, on: date, using: Gateways) -> list[tuple[str, bytes]]:
    """One inspection record per open planned inspection, with what is known filled in; for the officers.

    They come back through ``registers import inspection``. Scores and red flags are not in them.
    """
    week = monday(week)
    there = _entered(campaign, week, using)
    if there is None:
        raise GiveUp(
            f"{zh_date(week)}这一周没有检查计划，请先运行：python -m include.cli inspections plan "
            f"--campaign {campaign.id} --week {week} --teams 检查组.yaml"
        )
    open_ones = [each for each in there.planned if each.state is PlanState.PLANNED]
    units = using.ledger.roster.known(campaign.id, [each.unit_code for each in open_ones])
    history = records(campaign, FORM, using)
    form, phase = using.forms[FORM], _phase(campaign)
    return [
        (
            _file_name(each),
            using.workbooks.prefilled(
                form,
                campaign,
                phase,
                units[each.unit_code],
                {form.sheets[0].key: [_row(campaign, each, history, on)]},
            ),
        )
        for each in open_ones
        if each.unit_code in units
    ]


def planned_record(campaign: Campaign, number: str, *, on: date, using: Gateways) -> dict[str, Value] | None:
    """What is known beforehand of an open planned inspection, by field; None when none has that number."""
    for each in using.ledger.inspection_plans.all(campaign.id):
        if each.number == number and each.state is PlanState.PLANNED:
            return _row(campaign, each, records(campaign, FORM, using), on)
    return None


@dataclass(frozen=True, slots=True)
class _Weighed:
    unit: Unit
    candidate: Candidate
    score: int
    lines: tuple[Line, ...]


def _prepared(
    campaign: Campaign,
    teams: Teams,
    week: date,
    seed: int,
    on: date,
    using: Gateways,
) -> WeekPlan:
    earlier = using.ledger.inspection_plans.all(campaign.id)
    inspections = records(campaign, FORM, using)
    weighed = _weighed(campaign, earlier, inspections, week, on, using)
    used = Counter(each.officers for each in earlier)
    inputs = DrawInputs(
        seed=seed,
        week=week,
        scoring_version=SCORING.version,
        look_back_share=SCORING.look_back_share,
        seats=SCORING.seats,
        teams=teams,
        candidates=tuple(each.candidate for each in weighed.values()),
        used=tuple((pair[0], pair[1], number) for pair, number in sorted(used.items())),
    )
    drawn = draw(inputs)
    planned = _planned(campaign, inputs, drawn, weighed, inspections, on)
    settled = _settled(earlier, inspections, weighed, {each.unit_code for each in planned}, week, on)
    return WeekPlan(week, inputs, planned, settled, drawn.left_out, is_new=True)


def _weighed(
    campaign: Campaign,
    earlier: list[Planned],
    inspections: list[Facts],
    week: date,
    on: date,
    using: Gateways,
) -> dict[str, _Weighed]:
    """Every unit that may be drawn, with its score. Not those being inspected or planned for a week not yet over."""
    screened = screened_clues.by_unit(campaign, using=using)
    flagged = {each.unit.code: each for each in flags.of_returns(campaign, on=on, using=using)}
    checks = grade_units.self_checks(campaign, list(flagged.values()), on=on, using=using)
    grades = {each.unit_code: each.grade for each in grade_units.grades(campaign, on=on, using=using)}
    done = [each for each in inspections if is_done(each, on)]
    last = last_done(inspections, on)
    with_problems = Counter(str(each[UNIT]) for each in done if amount(each.get("problem_count")))
    clues = Counter(
        str(each[UNIT])
        for each in records(campaign, "clue", using)
        if each.get(UNIT) and not screened_clues.is_own(each)
    )
    look_back = _to_look_back(campaign, inspections, on, using)
    under_way = {str(each[UNIT]) for each in inspections if each.get("status") == "检查中"}
    waiting, carried = set(under_way), dict[str, Planned]()
    for each in earlier:
        if each.state.is_open and _outcome(each, inspections) is None:
            if _is_over(each, week, on):
                carried[each.unit_code] = each
            else:
                waiting.add(each.unit_code)
    found = {}
    kinds = inspected_kinds(campaign)
    for unit in using.ledger.roster.units(campaign.id, on=on):
        if unit.kind not in kinds or unit.code in waiting:
            continue
        facts = RiskFacts(
            unit=unit,
            self_check=checks.get(unit.code),
            flags=flagged[unit.code].flags if unit.code in flagged else (),
            screened=screened.get(unit.code),
            problem_inspections=with_problems[unit.code],
            clues=clues[unit.code],
            last_inspected_on=last.get(unit.code),
            grade=grades.get(unit.code),
        )
        points, lines = score(facts, on=on)
        before = carried.get(unit.code)
        found[unit.code] = _Weighed(
            unit,
            Candidate(
                code=unit.code,
                kind=unit.kind,
                region_code=unit.region_code,
                risk=SCORING.risk(points),
                type=before.insp_type if before else _type(facts),
                is_due=facts.last_inspected_on is None
                or (on - facts.last_inspected_on).days >= interval(facts),
                look_back=unit.code in look_back,
                carried=_why_carried(before, on) if before else "",
            ),
            points,
            lines,
        )
    return found


def _planned(
    campaign: Campaign,
    inputs: DrawInputs,
    drawn: Draw,
    weighed: Mapping[str, _Weighed],
    inspections: list[Facts],
    on: date,
) -> tuple[Planned, ...]:
    prefix = f"JC-{campaign.region}-{inputs.week:%Y%m%d}-"
    taken = [str(each[NUMBER]).removeprefix(prefix) for each in inspections]
    first = max((int(number) for number in taken if re.fullmatch(r"\d{1,9}", number)), default=0) + 1
    places = {
        each.code: place
        for members in in_order_of_lots(inputs).values()
        for place, each in enumerate(members, start=1)
    }
    return tuple(
        Planned(
            number=f"{prefix}{number:04d}",
            week=inputs.week,
            team=each.team,
            unit_code=each.code,
            unit_name=weighed[each.code].unit.name,
            insp_type=each.type,
            risk=each.risk,
            score=weighed[each.code].score,
            reasons=_reasons(inputs, each, weighed[each.code], places),
            seed=inputs.seed,
            scoring_version=inputs.scoring_version,
            officers=each.officers,
            planned_on=on,
        )
        for number, each in enumerate(drawn.drawn, start=first)
    )


def _reasons(
    inputs: DrawInputs, drawn: Drawn, weighed: _Weighed, places: Mapping[str, int]
) -> tuple[str, ...]:
    said = [str(line) for line in weighed.lines]
    said.append(f"合计{weighed.score}分，风险等级{drawn.risk}（评分规则{inputs.scoring_version}版）")
    if weighed.candidate.carried:
        said.append(f"由以前的计划结转，优先安排：{weighed.candidate.carried}")
    elif drawn.type is InspectionType.LOOK_BACK:
        said.append(f"问题整改销号已满{SCORING.look_back_after}日，“回头看”抽样抽中")
    else:
        said.append(
            f"种子{inputs.seed}，签号{drawn.lot[:12]}，为风险等级{drawn.risk}中的第{places[drawn.code]}签"
        )
    return tuple(said)


def _settled(
    earlier: list[Planned],
    inspections: list[Facts],
    weighed: Mapping[str, _Weighed],
    planned: set[str],
    week: date,
    on: date,
) -> tuple[Settled, ...]:
    """What became of open plans: a unit that found no place this week stays open and comes first next week."""
    found = []
    for each in earlier:
        if not each.state.is_open:
            continue
        done = _outcome(each, inspections)
        if done is not None:
            found.append(Settled(each.number, PlanState.DONE, done))
        elif each.unit_code in planned and _is_over(each, week, on):
            found.append(Settled(each.number, PlanState.CARRIED, _why_carried(each, on)))
        elif each.unit_code not in weighed and _is_over(each, week, on):
            found.append(Settled(each.number, PlanState.DROPPED, "单位已退出名册，或正在检查"))
    return tuple(found)


def _is_over(planned: Planned, week: date, on: date) -> bool:
    """Whether the plan's week has passed by the day the next one is drawn."""
    return planned.week < week and on >= planned.week + timedelta(days=7)


def _outcome(planned: Planned, inspections: list[Facts]) -> str | None:
    """The inspection record that answers a plan: under its number, or of its unit since its week began."""
    for each in inspections:
        began = each.get("start_on")
        is_of_unit = each.get(UNIT) == planned.unit_code
        if each.get(NUMBER) == planned.number or (
            is_of_unit and isinstance(began, date) and began >= planned.week
        ):
            return f"检查记录{each[NUMBER]}"
    return None


def _why_carried(planned: Planned, on: date) -> str:
    return planned.state_reason or f"{zh_date(planned.week)}一周的计划，至{zh_date(on)}未登记检查记录"


def _type(facts: RiskFacts) -> InspectionType:
    return InspectionType.FULL if facts.last_inspected_on is None else InspectionType.AGAIN


def _to_look_back(campaign: Campaign, inspections: list[Facts], on: date, using: Gateways) -> set[str]:
    """Units whose problems were closed long enough ago and have not been looked at again since."""
    newest: dict[str, date] = {}
    for each in records(campaign, "rectification", using):
        closed = each.get("closed_on")
        if each.get(UNIT) and each.get(STATE) == "已销号" and isinstance(closed, date):
            code = str(each[UNIT])
            newest[code] = max(closed, newest.get(code, closed))
    looked: dict[str, date] = {}
    for each in inspections:
        began = each.get("start_on")
        if each.get("insp_type") == InspectionType.LOOK_BACK and isinstance(began, date):
            code = str(each[UNIT])
            looked[code] = max(began, looked.get(code, began))
    return {
        code
        for code, closed in newest.items()
        if (on - closed).days >= SCORING.look_back_after and looked.get(code, date.min) < closed
    }


def _entered(campaign: Campaign, week: date, using: Gateways) -> WeekPlan | None:
    inputs = using.ledger.inspection_plans.inputs(campaign.id, week)
    if inputs is None:
        return None
    planned = tuple(each for each in using.ledger.inspection_plans.all(campaign.id) if each.week == week)
    return WeekPlan(week, inputs, planned, (), draw(inputs).left_out, is_new=False)


def _phase(campaign: Campaign) -> Phase:
    return next(iter(campaign.phases_of(PhaseKind.INSPECTION)), campaign.phases[-1])


def _row(campaign: Campaign, planned: Planned, history: list[Facts], on: date) -> dict[str, Value]:
    window = campaign.data_window
    return {
        "insp_no": planned.number,
        "fixmedins_code": planned.unit_code,
        "fixmedins_name": planned.unit_name,
        "insp_type": planned.insp_type.value,
        "insp_mode": "现场",
        "window_start": window.start if window else None,
        "window_end": window.end if window else None,
        "unit": campaign.lead.name,
        "team": planned.team,
        "officers": "、".join(planned.officers),
        "memo": _last_findings(planned.unit_code, history, on),
    }


def _last_findings(code: str, history: list[Facts], on: date) -> str | None:
    done = [each for each in history if each.get(UNIT) == code and is_done(each, on)]
    if not done:
        return "本次专项行动中首次检查"
    last = max(done, key=lambda each: str(each.get("end_on")))
    return (
        f"上次检查（{last[NUMBER]}，{last.get('end_on')}完成）：{last.get('conclusion') or '未填结论'}，"
        f"发现问题{last.get('problem_count') or 0}个，违规金额{amount(last.get('violation_amt')):,.2f}元，"
        f"其中医保基金{amount(last.get('fund_amt')):,.2f}元"
    )


def _file_name(planned: Planned) -> str:
    words = [
        re.sub(r'[\\/:*?"<>|\s]+', "-", word) for word in (planned.team, planned.number, planned.unit_name)
    ]
    return f"{'_'.join(words)}_现场检查记录.xlsx"


def _assigned(given: tuple[str, tuple[str, ...]] | None) -> str:
    return f"{given[0]}（{'、'.join(given[1])}）" if given else "未抽中"
