"""The weekly draw: repeatable, fair, by lots that no other unit can change; scores that say where they come from."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from include.domain.credit_grades import Grade, SelfCheckRecord
from include.domain.inspection_plans import (
    SCORING,
    Candidate,
    DrawInputs,
    InspectionType,
    Pace,
    RiskClass,
    RiskFacts,
    Team,
    Teams,
    covered,
    draw,
    in_order_of_lots,
    interval,
    look_back_sample,
    monday,
    score,
)
from include.domain.model import UnitKind
from include.domain.red_flags import Flag, RedFlag, Screened
from tests import factories

WEEK = date(2024, 6, 3)
UNIT = factories.make_unit(1)
GOOD = SelfCheckRecord(is_accepted=True)


def candidate(number: int, risk: RiskClass = RiskClass.HIGH, **changes: Any) -> Candidate:
    facts: dict[str, Any] = {
        "code": f"P150626{number:05d}",
        "kind": UnitKind.RETAIL_PHARMACY,
        "region_code": "150626",
        "risk": risk,
        "type": InspectionType.FULL,
    }
    return Candidate(**(facts | changes))


def team(name: str = "一组", *officers: str, **changes: Any) -> Team:
    return Team(name=name, officers=officers or ("SL1", "SL2", "SL3"), **changes)


def inputs(*candidates: Candidate, seed: int = 1, teams: Teams | None = None, **changes: Any) -> DrawInputs:
    facts: dict[str, Any] = {
        "seed": seed,
        "week": WEEK,
        "scoring_version": SCORING.version,
        "look_back_share": SCORING.look_back_share,
        "seats": SCORING.seats,
        "teams": teams or Teams(teams=(team(),)),
        "candidates": candidates,
    }
    return DrawInputs(**(facts | changes))


CLASSES = st.sampled_from(list(RiskClass))


@given(st.lists(CLASSES, max_size=30), st.integers(0, 10**9), st.randoms())
@settings(max_examples=50, deadline=None)
def test_the_same_inputs_give_the_same_plan_in_whatever_order_they_come(
    risks: list[RiskClass], seed: int, shuffler: Any
) -> None:
    units = [candidate(number, risk) for number, risk in enumerate(risks)]
    first = draw(inputs(*units, seed=seed))
    shuffler.shuffle(units)
    assert draw(inputs(*units, seed=seed)) == first
    kept = DrawInputs.model_validate_json(inputs(*units, seed=seed).model_dump_json())
    assert draw(kept) == first, "what the ledger keeps is enough to draw again"


@given(st.lists(CLASSES, min_size=1, max_size=30), CLASSES, st.integers(0, 10**6), st.data())
@settings(max_examples=50, deadline=None)
def test_one_units_score_changes_no_other_units_place_in_its_class(
    risks: list[RiskClass], moved_to: RiskClass, seed: int, data: st.DataObject
) -> None:
    units = [candidate(number, risk) for number, risk in enumerate(risks)]
    moved = data.draw(st.integers(0, len(units) - 1))
    changed = [*units[:moved], candidate(moved, moved_to), *units[moved + 1 :]]
    before, after = (in_order_of_lots(inputs(*each, seed=seed)) for each in (units, changed))
    for risk in RiskClass:
        others = [
            [each.code for each in lots[risk] if each.code != units[moved].code] for lots in (before, after)
        ]
        assert others[0] == others[1]
        if risk not in (risks[moved], moved_to):
            assert before[risk] == after[risk]


def test_over_many_seeds_every_unit_of_a_class_is_drawn_equally_often() -> None:
    units, places, seeds = 20, 5, 2_000
    lone = Teams(teams=(team(capacity=places),))
    times = Counter(
        each.code
        for seed in range(seeds)
        for each in draw(inputs(*map(candidate, range(units)), seed=seed, teams=lone)).drawn
    )
    expected = seeds * places / units
    chi_square = sum((times[candidate(number).code] - expected) ** 2 / expected for number in range(units))
    # 19 degrees of freedom: 43.8 is exceeded once in a thousand; the seeds are fixed, so never here.
    assert chi_square < 43.8


def test_officers_are_drawn_too_and_no_pair_goes_always() -> None:
    drawn = draw(inputs(*map(candidate, range(6)), teams=Teams(teams=(team(capacity=6),)))).drawn
    assert {len(set(each.officers)) for each in drawn} == {2}
    assert Counter(Counter(each.officers for each in drawn).values()) == {2: 3}, "three pairs, twice each"


def test_a_pair_that_went_before_waits() -> None:
    used = (("SL1", "SL2", 3), ("SL1", "SL3", 3))
    firsts = {draw(inputs(candidate(1), seed=seed, used=used)).drawn[0].officers for seed in range(20)}
    assert firsts == {("SL2", "SL3")}


@pytest.mark.parametrize("officers", [(), ("SL1",), ("SL1", "SL1")])
def test_fewer_than_two_officers_are_refused_with_the_rule(officers: tuple[str, ...]) -> None:
    with pytest.raises(
        ValidationError, match=r"不得少于2人.*监督管理条例》第二十九条.*行政处罚法》第四十二条"
    ):
        Team(name="一组", officers=officers)


@pytest.mark.parametrize("name", ["张三", "张 三", "", "SL1、SL2"])
def test_an_officer_is_a_number_and_never_a_name(name: str) -> None:
    with pytest.raises(ValidationError):
        Team(name="一组", officers=(name, "SL2"))


def test_an_officer_in_two_teams_is_refused() -> None:
    with pytest.raises(ValidationError, match="同时编入2个检查组"):
        Teams(teams=(team("一组", "SL1", "SL2"), team("二组", "SL1", "SL3")))


def test_an_officer_never_inspects_a_unit_declared() -> None:
    unit = candidate(1)
    three = Teams(teams=(team(),), conflicts={"SL2": (unit.code,)})
    for seed in range(20):
        (drawn,) = draw(inputs(unit, seed=seed, teams=three)).drawn
        assert drawn.officers == ("SL1", "SL3")
    two = Teams(teams=(team("一组", "SL1", "SL2"),), conflicts={"SL2": (unit.code,)})
    found = draw(inputs(unit, candidate(2), teams=two))
    assert [each.code for each in found.drawn] == [candidate(2).code]
    ((code, why),) = found.left_out
    assert code == unit.code
    assert "不足2人" in why
    assert "第四十三条" in why


def test_a_team_inspects_only_where_and_what_it_is_there_for() -> None:
    elsewhere = Teams(
        teams=(team(regions=("150627",)), team("二组", "SL8", "SL9", kinds=("handling_agency",)))
    )
    found = draw(inputs(candidate(1), teams=elsewhere))
    assert found.drawn == ()
    assert found.left_out[0][1] == "没有检查组负责该地区、该类机构"


def test_places_are_shared_by_class_and_those_not_needed_go_on() -> None:
    ten = Teams(teams=(team(capacity=10),))
    full = [candidate(number, risk) for place, risk in enumerate(RiskClass) for number in range(place * 20, place * 20 + 20)]  # fmt: skip
    drawn = Counter(each.risk for each in draw(inputs(*full, teams=ten)).drawn)
    assert drawn == {RiskClass.HIGH: 6, RiskClass.MEDIUM: 3, RiskClass.LOW: 1}
    low = [candidate(number, RiskClass.LOW) for number in range(20)]
    assert len(draw(inputs(*low, teams=ten)).drawn) == 10


def test_what_was_carried_over_goes_first_and_a_unit_is_drawn_once() -> None:
    units = [candidate(number) for number in range(20)]
    late = candidate(99, RiskClass.LOW, carried="关门歇业", look_back=True)
    drawn = draw(inputs(*units, late)).drawn
    assert drawn[0].code == late.code
    assert len({each.code for each in drawn}) == len(drawn) == 5
    crowd = [candidate(number, carried="关门歇业") for number in range(8)]
    found = draw(inputs(*crowd))
    assert [why for _, why in found.left_out] == ["各检查组本周已排满"] * 3


def test_a_share_of_the_rectified_is_looked_at_again_and_nobody_else_who_is_not_due() -> None:
    closed = [candidate(number, is_due=False, look_back=True) for number in range(10)]
    rested = [candidate(number, is_due=False) for number in range(10, 20)]
    given_ = inputs(*closed, *rested)
    found = draw(given_).drawn
    assert len(found) == len(look_back_sample(given_)) == 2
    assert {each.type for each in found} == {InspectionType.LOOK_BACK}


@pytest.mark.parametrize(
    ("facts", "points", "said"),
    [
        ({}, 20, "本次专项行动中尚未检查"),
        ({"self_check": SelfCheckRecord(is_missing=True)}, 60, "尚未报送"),
        ({"self_check": GOOD}, 5, "酌减检查频次"),
        ({"self_check": SelfCheckRecord(is_accepted=True, days_late=3)}, 25, "逾期3日"),
        ({"screened": Screened(4, Decimal(12_000))}, 52, "12,000.00元"),
        ({"screened": Screened(99, Decimal(0))}, 50, "筛查疑点99条"),
        (
            {"screened": Screened(3, Decimal(900), 1, (("S05 分解住院", 2), ("S09 死亡后结算", 1)))},
            32,
            "筛查疑点3条，其中高风险1条（S05 分解住院2条、S09 死亡后结算1条）",
        ),
        ({"flags": (RedFlag(UNIT.code, Flag.SAME_WORDS, "雷同"),)}, 35, "权重合计3"),
        ({"problem_inspections": 2}, 50, "以往2次检查发现问题"),
        ({"clues": 1}, 25, "涉及线索1条"),
        ({"clues": 3}, 45, "涉及线索3条"),
        ({"grade": Grade.D}, 45, "信用等级D"),
        ({"grade": Grade.A}, 10, "信用等级A"),
        ({"last_inspected_on": WEEK - timedelta(days=95)}, 6, "95日"),
        ({"last_inspected_on": WEEK, "self_check": GOOD, "grade": Grade.A}, 0, "信用等级A"),
    ],
)
def test_every_point_has_its_line(facts: dict[str, Any], points: int, said: str) -> None:
    total, lines = score(RiskFacts(UNIT, **facts), on=WEEK)
    assert total == points == max(0, sum(line.points for line in lines))
    assert any(said in line.why for line in lines)
    assert all(line.points for line in lines)


def test_a_missing_or_careless_self_check_comes_before_a_thorough_one() -> None:
    careless = SelfCheckRecord(is_accepted=True, flag_weight=5)
    flag = (RedFlag(UNIT.code, Flag.ZERO_DESPITE_HITS, "零报告"),)
    scores = [
        score(RiskFacts(UNIT, self_check=SelfCheckRecord(is_missing=True)), on=WEEK)[0],
        score(RiskFacts(UNIT, self_check=careless, flags=flag), on=WEEK)[0],
        score(RiskFacts(UNIT, self_check=SelfCheckRecord(is_accepted=True, days_late=1)), on=WEEK)[0],
        score(RiskFacts(UNIT, self_check=GOOD), on=WEEK)[0],
    ]
    assert all(one > other for one, other in pairwise(scores))


def test_the_interval_follows_the_grade_and_is_a_step_shorter_for_a_repeat_subject() -> None:
    days = [interval(RiskFacts(UNIT, grade=grade)) for grade in Grade]
    assert days == sorted(days, reverse=True)
    assert interval(RiskFacts(UNIT, grade=Grade.A, clues=2)) == interval(RiskFacts(UNIT, grade=Grade.B))
    hit = RiskFacts(UNIT, grade=Grade.A, clues=1, screened=Screened(1, Decimal(0)))
    assert interval(hit) == interval(RiskFacts(UNIT, grade=Grade.B)), "a clue of either kind is a clue"
    assert interval(RiskFacts(UNIT, grade=Grade.D, problem_inspections=2)) == days[-1]


def test_coverage_counts_units_once_against_all_on_the_roster() -> None:
    units = [factories.make_unit(1), factories.make_unit(2, kind=UnitKind.MEDICAL_INSTITUTION)]
    found = covered(units, {units[0].code: WEEK, "P15062699999": WEEK})
    assert [(each.group, each.inspected, each.total) for each in found] == [
        ("全部", 1, 2),
        ("定点医疗机构", 0, 1),
        ("定点零售药店", 1, 1),
        ("区划150626", 1, 2),
    ]
    assert covered([], {}) == []


@pytest.mark.parametrize(
    ("missing", "days_left", "per_week"),
    [(0, 0, 0), (32, 64, 3), (10, 10, 5), (11, 10, 6), (4, 2, 4), (4, 0, None)],
)
def test_the_pace_is_what_is_missing_over_the_weeks_left(
    missing: int, days_left: int, per_week: int | None
) -> None:
    assert Pace("完成80%", WEEK, 40, missing, days_left).per_week == per_week


def test_a_week_is_its_monday() -> None:
    assert {monday(WEEK + timedelta(days=day)) for day in range(7)} == {WEEK}
