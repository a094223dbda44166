"""The weekly plan at work: drawn once, carried on, taken along as workbooks and back by the register."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from include.domain.campaign import PhaseKind
from include.domain.credit_grades import Grade
from include.domain.errors import GiveUp
from include.domain.inspection_plans import InspectionType, PlanState, Team, Teams
from include.domain.registers import office_form
from include.domain.units import RosterChange
from include.gateways.workbooks import Workbooks
from include.steps import grade_units, inspection_coverage, open_phase, registers
from include.steps import plan_inspections as step
from include.steps.plan_inspections import WeekPlan
from tests.gateways.workbook_builders import KEY, examples, forms
from tests.steps.conftest import LAUNCH_DAY, Desk

WEEK = date(2024, 6, 3)
NEXT = WEEK + timedelta(days=7)
TEAMS = Teams(teams=(Team(name="一组", officers=("SL1", "SL2", "SL3"), capacity=3),))


@pytest.fixture
def office(desk: Desk) -> Desk:
    """Seven institutions whose self-checks are overdue, and real workbooks."""
    desk.using = replace(desk.using, workbooks=Workbooks(KEY))
    return desk


def planned(office: Desk, week: date = WEEK, *, seed: int | None = 7, **changes: Any) -> WeekPlan:
    facts: dict[str, Any] = {"on": week, "actor": "test", "dry_run": False}
    return step.plan(office.campaign, TEAMS, week=week, seed=seed, using=office.using, **(facts | changes))


def entered(office: Desk, key: str, rows: list[dict[str, Any]], *, on: date = WEEK) -> None:
    form = forms()[key]
    sheet = form.record_sheets[0].key
    lines = [{**examples(key).sheets[sheet][0].values, **row} for row in rows]
    content = office.using.workbooks.register(office_form(form), {sheet: lines})
    reviewed = registers.review(office.campaign, key, "台账.xlsx", content, on=on, using=office.using)
    assert reviewed.errors == ()
    registers.enter(office.campaign, reviewed, on=on, actor="test", using=office.using)


def inspected(office: Desk, number: str, code: str, day: date, **changes: Any) -> None:
    row = {"insp_no": number, "fixmedins_code": code, "start_on": day, "end_on": day}
    entered(office, "inspection", [row | changes], on=day)


def test_a_week_is_drawn_once_and_the_draw_can_be_made_again(office: Desk) -> None:
    first = planned(office)
    assert first.is_new
    assert len(first.planned) == 3
    assert {each.state for each in first.planned} == {PlanState.PLANNED}
    again = planned(office, seed=8, week=WEEK + timedelta(days=2), on=WEEK + timedelta(days=2))
    assert not again.is_new
    assert again.planned == first.planned
    assert again.inputs.seed == 7
    assert step.check(office.campaign, WEEK, using=office.using) == []
    assert office.using.ledger.audit.verify() is None
    assert office.mail.sent == [], "nobody is told"


def test_looking_enters_nothing(office: Desk) -> None:
    looked = planned(office, dry_run=True)
    assert office.using.ledger.inspection_plans.all(office.campaign.id) == []
    assert planned(office).planned == looked.planned


def test_every_planned_unit_has_its_reasons_with_figures(office: Desk) -> None:
    for each in planned(office).planned:
        assert "+40分：自查表已过截止日，尚未报送" in each.reasons
        assert any(reason.startswith(f"合计{each.score}分，风险等级{each.risk}") for reason in each.reasons)
        assert any("种子7，签号" in reason for reason in each.reasons)


def test_hits_of_screening_put_a_unit_first_and_are_counted_once(office: Desk) -> None:
    hit, rejected, issued = (unit.code for unit in office.units[:3])
    own = {"source": "本地大数据筛查", "model_code": "S05 分解住院", "suspect_amt": 4000, "risk_level": "高"}
    rows = [own | {"clue_no": f"XS-150626-20240603-{n:04}", "fixmedins_code": hit} for n in range(1, 4)]
    rows.append(own | {"clue_no": "XS-150626-20240603-0004", "fixmedins_code": rejected, "result": "不属实"})
    rows.append({"clue_no": "XS-150626-20240603-0005", "fixmedins_code": issued, "source": "国家局下发"})
    for row in rows:
        row.setdefault("result", "查实")
    nothing = {"explain": "经核对病历，两次住院病种不同", "confirmed_amt": None, "confirmed_fund": None}
    rows[3] |= nothing
    entered(office, "clue", rows, on=date(2024, 6, 24))
    teams = Teams(teams=(TEAMS.teams[0].model_copy(update={"capacity": 7}),))
    week = date(2024, 6, 24)
    plan = step.plan(
        office.campaign, teams, week=week, seed=7, on=week, actor="t", dry_run=False, using=office.using
    )
    said = {each.unit_code: each for each in plan.planned}
    assert "+18分：筛查疑点3条，其中高风险3条（S05 分解住院3条）" in said[hit].reasons
    assert "+20分：筛查疑点金额12,000.00元" in said[hit].reasons
    assert not any("涉及线索" in reason for reason in said[hit].reasons), "not counted a second time"
    assert not any("筛查" in reason for reason in said[rejected].reasons), "what verification rejected"
    assert any("涉及线索1条" in reason for reason in said[issued].reasons)
    assert max(plan.planned, key=lambda each: each.score).unit_code == hit


def test_what_was_not_inspected_is_carried_on_with_its_reason(office: Desk) -> None:
    done, shut, forgotten = planned(office).planned
    inspected(office, done.number, done.unit_code, WEEK)
    step.skip(
        office.campaign, WEEK, shut.unit_code, reason="关门歇业", on=WEEK, actor="test", using=office.using
    )
    following = planned(office, NEXT)
    assert {each.unit_code for each in following.planned} >= {shut.unit_code, forgotten.unit_code}
    assert done.unit_code not in {each.unit_code for each in following.planned}
    why = {each.unit_code: each.reasons[-1] for each in following.planned}
    assert why[shut.unit_code] == "由以前的计划结转，优先安排：关门歇业"
    assert "至2024年6月10日未登记检查记录" in why[forgotten.unit_code]
    states = {
        each.number: each.state for each in office.using.ledger.inspection_plans.all(office.campaign.id)
    }
    assert states[done.number] is PlanState.DONE
    assert states[shut.number] is states[forgotten.number] is PlanState.CARRIED
    assert step.check(office.campaign, NEXT, using=office.using) == []


def test_a_unit_planned_for_a_week_not_yet_over_is_not_planned_twice(office: Desk) -> None:
    first = planned(office)
    ahead = planned(office, NEXT, on=WEEK)
    assert not {each.unit_code for each in first.planned} & {each.unit_code for each in ahead.planned}
    assert ahead.settled == ()


def test_a_unit_that_left_is_dropped(office: Desk) -> None:
    gone = planned(office).planned[0]
    unit = next(unit for unit in office.units if unit.code == gone.unit_code)
    change = RosterChange(kind="left", unit=unit, effective_on=WEEK, reason="注销")
    office.using.ledger.roster.adjust(office.campaign.id, [change], actor="test")
    assert gone.unit_code not in {each.unit_code for each in planned(office, NEXT).planned}
    states = {
        each.number: each.state for each in office.using.ledger.inspection_plans.all(office.campaign.id)
    }
    assert states[gone.number] is PlanState.DROPPED


def test_rectified_units_are_offered_for_a_second_look(office: Desk) -> None:
    for number, unit in enumerate(office.units):
        inspected(office, f"JC-{number}", unit.code, WEEK)
    code = office.units[0].code
    closed = {
        "rect_no": "ZG-1", "fixmedins_code": code, "issued_on": WEEK, "rectify_due": WEEK, "paid_on": WEEK,
        "checked_on": WEEK, "closed_on": WEEK,
    }  # fmt: skip
    entered(office, "rectification", [closed])
    assert [
        each for each in planned(office, WEEK + timedelta(days=84)).planned if each.unit_code == code
    ] == []
    later = planned(office, WEEK + timedelta(days=91))
    (again,) = (each for each in later.planned if each.unit_code == code)
    assert again.insp_type is InspectionType.LOOK_BACK
    assert "整改销号已满90日" in again.reasons[-1]


def test_a_prefilled_record_comes_back_through_the_register(office: Desk) -> None:
    (first, *_) = planned(office).planned
    inspected(office, "JC-OLD", first.unit_code, LAUNCH_DAY, problem_count=2)
    made = step.workbooks(office.campaign, WEEK, on=WEEK, using=office.using)
    assert len(made) == 3
    name, content = made[0]
    assert first.unit_name in name
    form = office_form(forms()["inspection"])
    reading = office.using.workbooks.read(content, {form.key: form})
    (row,) = reading.sheets["inspections"]
    assert row.values["insp_no"] == first.number
    assert row.values["officers"] == "、".join(first.officers)
    assert "发现问题2个" in str(row.values["memo"])
    book = load_workbook(BytesIO(content))
    said = " ".join(str(cell.value) for sheet in book for cells in sheet.iter_rows() for cell in cells)
    assert not any(words in said for words in ("红旗", "评分规则", "签号")), "scores stay inside"

    blank = {field: value for field, value in row.values.items() if value is not None}
    day = {"start_on": WEEK, "end_on": WEEK, "fixmedins_code": first.unit_code}
    entered(office, "inspection", [blank | day])
    assert planned(office, NEXT).settled[0].state is PlanState.DONE


def test_coverage_counts_units_once_on_the_frozen_roster(office: Desk) -> None:
    code = office.units[0].code
    inspected(office, "JC-1", code, WEEK)
    inspected(office, "JC-2", code, WEEK)
    entered(office, "inspection", [{"insp_no": "JC-3", "fixmedins_code": office.units[1].code, "status": "检查中", "start_on": WEEK, "end_on": None}])  # fmt: skip
    change = RosterChange(kind="left", unit=office.units[5], effective_on=WEEK, reason="注销")
    office.using.ledger.roster.adjust(office.campaign.id, [change], actor="test")
    found = inspection_coverage.against_roster(office.campaign, on=NEXT, using=office.using)
    assert (found.groups[0].inspected, found.groups[0].total, found.left) == (1, 7, 1)
    assert [(each.needed, each.missing) for each in found.paces] == [(6, 5), (7, 6)]


def test_a_phase_tells_of_inspections_made_since_it_began_not_of_returns_owed(office: Desk) -> None:
    [phase, *_] = office.campaign.phases_of(PhaseKind.INSPECTION)
    open_phase.obligations(office.campaign, phase, on=phase.start, using=office.using)
    first, second, third, *_ = office.units
    inspected(office, "JC-1", first.code, phase.start)
    inspected(office, "JC-2", first.code, phase.start)
    inspected(office, "JC-3", second.code, phase.start - timedelta(days=1))
    inspected(office, "JC-4", third.code, phase.start + timedelta(days=9))
    found = inspection_coverage.progress(office.campaign, phase, on=phase.start, using=office.using)
    assert found == {"应检查": 7, "已检查": 1, "尚未检查": 6}


def test_coverage_needs_a_roster(bare: Desk) -> None:
    with pytest.raises(GiveUp, match="名册尚未导入"):
        inspection_coverage.against_roster(bare.campaign, on=WEEK, using=bare.using)


@pytest.mark.parametrize("what", ["check", "workbooks"])
def test_a_week_not_drawn_is_told(office: Desk, what: str) -> None:
    on = {"on": WEEK} if what == "workbooks" else {}
    with pytest.raises(GiveUp, match="没有检查计划"):
        getattr(step, what)(office.campaign, WEEK, using=office.using, **on)


def test_a_week_that_is_over_is_not_planned(office: Desk) -> None:
    with pytest.raises(GiveUp, match="已经过去"):
        planned(office, on=NEXT)


def test_the_scheduler_goes_on_with_the_teams_of_the_week_before(office: Desk) -> None:
    go_on = {"dry_run": False, "using": office.using}
    assert step.go_on(office.campaign, on=WEEK, **go_on) == {}
    assert office.using.ledger.inspection_plans.inputs(office.campaign.id, WEEK) is None
    planned(office)
    assert step.go_on(office.campaign, on=NEXT + timedelta(days=1), **go_on) == {"风险高": 3}
    before = office.using.ledger.inspection_plans.all(office.campaign.id)
    assert step.go_on(office.campaign, on=NEXT + timedelta(days=2), **go_on) == {"风险高": 3}
    assert office.using.ledger.inspection_plans.all(office.campaign.id) == before
    assert {each.week for each in before} == {WEEK, NEXT}


def test_grades_come_from_the_ledgers(office: Desk) -> None:
    code = office.units[0].code
    inspected(office, "JC-1", code, WEEK, problem_count=4, conclusion="涉嫌骗保")
    (found,) = grade_units.grades(office.campaign, on=NEXT, using=office.using, only=[code])
    assert found.grade is Grade.D
    assert found.points == 100 - 20 - 12 - 20
    assert any("退费情况未计" in each for each in found.missing)
    all_of_them = grade_units.grades(office.campaign, on=NEXT, using=office.using)
    assert all_of_them[0].unit_code == code
    assert len(all_of_them) == 7
    sheet = load_workbook(BytesIO(grade_units.workbook(all_of_them, office.using))).worksheets[0]
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert {"D", "信用等级", code} <= set(said)
    with pytest.raises(GiveUp, match="没有编码为"):
        grade_units.grades(office.campaign, on=NEXT, using=office.using, only=["P00000000000"])


def test_a_team_with_an_officer_whose_certificate_has_run_out_is_not_drawn(office: Desk) -> None:
    own = {"valid_from": date(2021, 1, 1), "valid_until": date(2026, 12, 31)}
    entered(office, "officer", [own | {"cert_no": number} for number in ("SL1", "SL2")])
    entered(office, "officer", [own | {"cert_no": "SL3", "valid_until": WEEK - timedelta(days=1)}])
    with pytest.raises(GiveUp, match="“一组”的SL3的证件有效期为2021-01-01至2024-06-02，2024-06-03无效"):
        planned(office)
    assert office.using.ledger.inspection_plans.all(office.campaign.id) == []
    entered(office, "officer", [own | {"cert_no": "SL3"}])
    assert len(planned(office).planned) == 3
