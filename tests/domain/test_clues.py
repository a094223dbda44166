"""The clue rules of the notices: who is proposed for what, and the sentence that says why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.domain.clues import BatchCount, Clue, Rule, batches, proposals
from include.domain.workdays import WorkdayCalendar

CALENDAR = WorkdayCalendar()
DAY = date(2024, 6, 14)
"""Eight of the fifteen working days from 6-3 to 6-25 are gone; on 6-13 seven."""


def make(number: str = "1", **facts: Any) -> Clue:
    given: dict[str, Any] = {
        "source": "省局下发",
        "risk": "中",
        "progress": "核查中",
        "received_on": date(2024, 6, 3),
        "due_on": date(2024, 6, 25),
        "subject": f"H1506260000{number}",
    }
    return Clue(number, **(given | facts))


def said(rule: Rule, *clues: Clue, on: date = DAY) -> list[tuple[tuple[str, ...], str]]:
    return [(each.numbers, each.why) for each in proposals(clues, on, CALENDAR) if each.rule is rule]


def test_a_closed_clue_from_above_is_to_be_fed_back_one_by_one() -> None:
    closed = {"progress": "已办结"}
    found = said(
        Rule.FEED_BACK,
        make("1", upper_number="GJ-001", **closed),
        make("2", **closed),
        make("3", **closed, source="本地大数据筛查"),
        make("4", progress="已反馈"),
        make("5", **closed, feedback_on=DAY),
        make("6"),
    )
    assert found == [
        (("1",), "省局下发的线索GJ-001已办结，尚未向下发单位反馈，请逐条反馈"),
        (("2",), "省局下发的线索2已办结，尚未向下发单位反馈，请逐条反馈"),
    ]


@pytest.mark.parametrize(
    ("facts", "on", "why"),
    [
        ({"progress": "未启动"}, DAY, "高风险线索，核查期限共15个工作日，已过8个工作日，仍未启动核查"),
        ({"progress": "未启动"}, date(2024, 6, 13), None),
        ({}, DAY, None),
        ({"progress": "未启动", "risk": "中"}, date(2024, 6, 28), None),
        ({}, date(2024, 6, 25), None),
        ({}, date(2024, 6, 26), "高风险线索，核查期限2024-06-25，已逾期1个工作日，目前“核查中”"),
        ({"progress": "已办结"}, date(2024, 6, 28), None),
        ({"due_on": None}, date(2024, 6, 28), None),
    ],
)
def test_a_risky_clue_that_is_slow_is_proposed_for_a_flying_inspection(
    facts: dict[str, Any], on: date, why: str | None
) -> None:
    found = said(Rule.FLYING, make(**({"risk": "高"} | facts)), on=on)
    assert found == ([(("1",), why)] if why else [])


def test_a_subject_named_again_is_watched_more_closely_the_most_named_first() -> None:
    named = [make("1", subject="B"), make("2", subject="A"), make("3", subject="A"), make("4", subject="A")]
    others = [make("5", subject="B", progress="已反馈"), make("6", subject="C"), make("7", subject="")]
    assert said(Rule.WATCH, *named, *others, make("8", subject="")) == [
        (("2", "3", "4"), "本专项中已3次出现在疑点线索中，检查间隔提高一档"),
        (("1", "5"), "本专项中已2次出现在疑点线索中，检查间隔提高一档"),
    ]


def test_an_overdue_clue_nobody_verified_is_itself_reported() -> None:
    clues = [
        make("1", progress="未启动"),
        make("2", progress="待复核"),
        make("3", progress="已办结"),
        make("4", due_on=date(2024, 6, 28)),
        make("5", due_on=None),
    ]
    assert said(Rule.UNVERIFIED, *clues, on=date(2024, 6, 28)) == [
        (("1",), "核查期限2024-06-25，已逾期3个工作日，目前“未启动”"),
        (("2",), "核查期限2024-06-25，已逾期3个工作日，目前“待复核”"),
    ]
    assert said(Rule.UNVERIFIED, *clues, on=date(2024, 6, 25)) == []


def test_only_risky_clues_without_a_conclusion_are_offered_for_a_cross_check() -> None:
    clues = [make("1", risk="高"), make("2", risk="低"), make("3", risk="高", progress="已办结")]
    assert [numbers for numbers, _ in said(Rule.CROSS_CHECK, *clues)] == [("1",)]


def test_a_batch_is_counted_clue_by_clue_and_only_when_it_came_from_above() -> None:
    clues = [
        make("1", batch="第1批", progress="已反馈"),
        make("2", batch="第1批", progress="已办结"),
        make("3", batch="第1批"),
        make("4"),
        make("5", batch="第1批", source="举报"),
    ]
    assert batches(clues, date(2024, 6, 28)) == [
        BatchCount("第1批", issued=3, verified=2, fed_back=1, overdue=1),
        BatchCount("（未注明批次）", issued=1, verified=0, fed_back=0, overdue=1),
    ]
