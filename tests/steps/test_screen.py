"""Hits become clues once each, the runs are written down, and what verification says comes back to the rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from include.domain.screening import Hit, RuleRun, precision, scored
from include.gateways.quality import Quality
from include.steps import screen, screened_clues
from include.steps.screen import Found
from tests.screening.tables import data
from tests.steps.conftest import Desk

ON = date(2024, 6, 3)


def hit(person: str, amount: int = 2000, number: str = "S05") -> Hit:
    return Hit(
        number, "1.0", "H15062600001", person, date(2024, 3, 1), date(2024, 3, 9), Decimal(3),
        Decimal(amount), ("M1", "M2"), (), {}, "出院后仅隔3天又因同一主要诊断入住本机构",
    )  # fmt: skip


def found(*hits: Hit) -> Found:
    return Found(tuple(scored(hits)), (RuleRun("S05", "1.0", {"days": Decimal(15)}, len(hits)),))


def enter(desk: Desk, given: Found, *, dry_run: bool = False) -> screen.Entered:
    desk.using = replace(desk.using, quality=Quality())
    return screen.enter(
        desk.campaign, given, scope="测试", on=ON, actor="系统", dry_run=dry_run, using=desk.using
    )


def test_the_same_hits_twice_enter_nothing_new(desk: Desk) -> None:
    first = enter(desk, found(hit("P1"), hit("P2")))
    assert first.new == ("XS-150626-20240603-0001", "XS-150626-20240603-0002")
    again = enter(desk, found(hit("P2"), hit("P1"), hit("P3")))
    assert (again.new, again.known) == (("XS-150626-20240603-0003",), 2)
    assert enter(desk, found(hit("P3"))).new == ()
    runs = desk.using.ledger.screenings.runs(desk.campaign.id)
    assert [(each.hits, each.entered) for each in runs] == [(2, 2), (3, 1), (1, 0)]
    assert runs[0].rules[0].parameters == {"days": Decimal(15)}


def test_a_rehearsal_enters_and_records_nothing(desk: Desk) -> None:
    assert len(enter(desk, found(hit("P1")), dry_run=True).new) == 1
    assert screened_clues.by_unit(desk.campaign, using=desk.using) == {}
    assert desk.using.ledger.screenings.runs(desk.campaign.id) == []


def test_clues_of_own_screening_count_against_the_institution(desk: Desk) -> None:
    enter(desk, found(hit("P1", 2000), hit("P2", 500)))
    [(code, told)] = screened_clues.by_unit(desk.campaign, using=desk.using).items()
    assert (code, told.hits, told.suspect_amt) == ("H15062600001", 2, Decimal(2500))
    assert (told.high, told.by_model) == (0, "S05 分解住院2条")


def test_risk_is_by_fraud_model_amount_and_number_of_models() -> None:
    assert [each.risk for each in scored([hit("P1", 999), hit("P2", 1000), hit("P3", 10_000)])] == [
        "低",
        "中",
        "高",
    ]
    assert scored([hit("P1", 1, "S08")])[0].risk == "高"
    three = [hit("P1", 1, number) for number in ("S01", "S02", "S03")]
    assert {each.risk for each in scored(three)} == {"高"}
    assert {each.risk for each in scored(three[:2])} == {"低"}


def test_a_rule_that_is_mostly_wrong_says_so() -> None:
    [bad] = precision([("S05", "1.0", "不属实")] * 8 + [("S05", "1.0", "查实")] * 2 + [("S05", "1.0", "")])
    assert bad.is_mostly_wrong
    assert bad.sentence == "S05（版本1.0）：已核查10条，查实2条，查实率20.0%；多数不属实，建议调整参数或停用"
    [few] = precision([("S05", "", "不属实")] * 9)
    assert "暂不评价" in few.sentence
    [good] = precision([("S05", "", "查实")] * 9 + [("S05", "", "不属实")])
    assert "停用" not in good.sentence


def test_a_campaign_is_told_of_the_institutions_of_its_own_region() -> None:
    elsewhere = replace(hit("P2"), fixmedins_code="H15062700001")
    both = Found(
        tuple(scored([hit("P1"), elsewhere])), (RuleRun("S05", "1.0", {}, 2), RuleRun("S08", "1.0", {}, 0))
    )
    here = screen.inside(both, "150626")
    assert [each.hit.psn_no for each in here.hits] == ["P1"]
    assert [each.hits for each in here.rules] == [1, 0]
    assert screen.inside(both, "150600") == both
    assert screen.inside(both, "340000").hits == ()


def test_a_rule_without_its_list_says_why_and_stops_no_other() -> None:
    refused = replace(data([], []), refused={"deaths": "清单deaths.csv不能使用：列death_date有1行填写有误"})
    runs = screen.find(refused, on=ON, only=("S01", "S05", "S09")).rules
    assert {each.number: each.left_out for each in runs} == {
        "S01": "缺少清单：限次项目（item_times.csv）",
        "S05": "",
        "S09": "清单deaths.csv不能使用：列death_date有1行填写有误",
    }
