from __future__ import annotations

import re
from pathlib import Path

import yaml

from include.domain.violations import (
    VIOLATION_TYPES,
    in_article_order,
    violation_article,
    violation_zh,
)


def test_codes_and_names_are_unique() -> None:
    assert len({violation.code for violation in VIOLATION_TYPES}) == len(VIOLATION_TYPES) == 46
    assert len({violation.zh for violation in VIOLATION_TYPES}) == len(VIOLATION_TYPES)


def test_an_article_is_written_as_the_regulation_writes_it() -> None:
    pattern = re.compile(r"第(三十[六七八九]|四十|四十一)条(第[一二]款)?(第（[一二三四五六七]）项)?")
    stated = [violation.article for violation in VIOLATION_TYPES if violation.article]
    assert not [article for article in stated if not pattern.fullmatch(article)]


def test_types_stand_in_the_order_of_the_articles_and_those_without_one_last() -> None:
    numbers = ["三十六", "三十七", "三十八", "三十九", "四十条", "四十一"]
    order = [
        next((place for place, number in enumerate(numbers) if number in violation.article), len(numbers))
        for violation in VIOLATION_TYPES
    ]
    assert order == sorted(order)


def test_codes_are_sorted_by_article_and_unknown_ones_come_last() -> None:
    assert in_article_order({"ZZZ", "OVERCHARGE", "AGENCY_NO_RULES", "SPLIT_ADMISSION"}) == [
        "AGENCY_NO_RULES",
        "SPLIT_ADMISSION",
        "OVERCHARGE",
        "ZZZ",
    ]


def test_an_unknown_code_is_shown_and_not_lost() -> None:
    assert violation_zh("ZZZ") == "目录外类型（ZZZ）"
    assert violation_article("ZZZ") == violation_article("ONLINE_PURCHASE") == "—"
    assert violation_zh("DUPLICATE_CHARGE") == "重复收费"


def test_forms_offer_only_types_of_the_catalogue_under_the_same_names() -> None:
    lists = yaml.safe_load(
        (Path(__file__).parents[2] / "include" / "forms" / "lists.yaml").read_text(encoding="utf-8")
    )
    known = {violation.code: violation.zh for violation in VIOLATION_TYPES}
    assert {each["code"]: each["label"] for each in lists["violation_type"]}.items() <= known.items()
    assert {each["code"] for each in lists["agency_problem"]} <= set(known)
