"""Scores: points by rate, nothing owed costs nothing, every line says what it comes from."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from include.domain.assessment import Rate, Score, ranked, score
from include.domain.schedule import Assessment

LINES = [
    {"measure": "inspection_coverage", "title": "检查覆盖率", "points": 60},
    {"measure": "clues_closed", "title": "线索办结率", "points": 40},
]


def assessment(**changes: object) -> Assessment:
    facts = {"text": "发挥年底考核的指挥棒作用", "scored": ["county_branch"], "lines": LINES}
    return Assessment.model_validate(facts | changes)


@pytest.mark.parametrize(
    ("inspected", "clues", "total"),
    [
        pytest.param(Rate(120, 120, "家"), Rate(10, 10, "条"), Decimal("100.0"), id="everything done"),
        pytest.param(Rate(0, 120, "家"), Rate(0, 10, "条"), Decimal("0.0"), id="nothing done"),
        pytest.param(Rate(96, 120, "家"), Rate(5, 10, "条"), Decimal("68.0"), id="48 and 20 points"),
        pytest.param(Rate(96, 120, "家"), Rate(0, 0, "条"), Decimal("80.0"), id="no clues: made up to 100"),
        pytest.param(Rate(0, 0, "家"), Rate(0, 0, "条"), None, id="nothing to score"),
        pytest.param(Rate(1, 3, "家"), Rate(2, 3, "条"), Decimal("46.7"), id="rounded once"),
    ],
)
def test_the_total_is_out_of_a_hundred(inspected: Rate, clues: Rate, total: Decimal | None) -> None:
    rates = {"inspection_coverage": inspected, "clues_closed": clues}
    assert score("J1", "甲市", assessment(), rates).total == total


def test_every_line_says_what_it_comes_from() -> None:
    rates = {"inspection_coverage": Rate(96, 120, "家"), "clues_closed": Rate(0, 0, "条")}
    assert [line.sentence for line in score("J1", "甲市", assessment(), rates).lines] == [
        "检查覆盖率：应办120家，已办96家，80.0%，得48.0分（满分60分）",
        "线索办结率：没有应办事项，不计分",
    ]


def test_the_best_come_first_and_those_without_a_score_last() -> None:
    scores = [
        Score("J1", "甲市", None, ()),
        Score("J2", "乙市", Decimal("70.0"), ()),
        Score("J3", "丙市", Decimal("90.0"), ()),
    ]
    assert [each.unit_code for each in ranked(scores)] == ["J3", "J2", "J1"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [(LINES[:1], "合计60分，应为100分"), ([*LINES, LINES[0]], "评分项目")],
)
def test_lines_make_a_hundred_and_none_counts_twice(lines: list[object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        assessment(lines=lines)


def test_weights_are_a_proposal_unless_the_office_says_otherwise() -> None:
    assert assessment().proposal is True
