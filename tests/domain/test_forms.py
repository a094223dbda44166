"""The form model: what a form file may say, and how columns and choices are recognised."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from include.domain.forms import Form, bare_header, unit_in_header


def form_of(**changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "key": "sample",
        "title": "样例表",
        "version": "1",
        "purpose": "样例",
        "sheets": [
            {
                "key": "cover",
                "title": "封面",
                "layout": "card",
                "columns": [{"field": "has_problem", "header": "是否发现问题", "type": "yes_no"}],
            },
            {
                "key": "items",
                "title": "明细",
                "layout": "table",
                "columns": [
                    {"field": "kind", "header": "类型", "type": "choice", "choice_list": "kinds"},
                    {
                        "field": "paid",
                        "header": "金额",
                        "aliases": ["涉及金额"],
                        "type": "money",
                        "unit": "元",
                    },
                    {"field": "fund", "header": "其中基金", "type": "money", "unit": "元"},
                ],
            },
        ],
        "lists": {"kinds": [{"code": "BED", "label": "挂床住院", "aliases": ["挂床"]}]},
    }
    return facts | changes


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "key": "covers",
        "kind": "greater_or_equal",
        "sheet": "items",
        "field": "paid",
        "other": "fund",
        "text": "样例",
        "message": "{paid}小于{fund}",
    } | changes


def test_a_right_form_is_accepted() -> None:
    form = Form.model_validate(form_of(rules=[rule()]))
    assert form.rules_of(form.sheet("items"))[0].fields == ("paid", "fund")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rules": [rule(sheet="lines")]}, "工作表“lines”不存在"),
        ({"rules": [rule(other="nothing")]}, "字段“nothing”在工作表“明细”中不存在"),
        ({"rules": [rule(message="{pied}有误")]}, "{pied}"),
        ({"rules": [rule(), rule()]}, "规则 key“covers”重复"),
        (
            {"rules": [rule(kind="required_if", other=None, when={"field": "kind"})]},
            "须在 is_one_of",
        ),
        ({"lists": {}}, "lists.yaml 中没有"),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(changes: dict[str, Any], said: str) -> None:
    if changes.get("rules", [{}])[0].get("other", "") is None:
        changes["rules"][0].pop("other")
    with pytest.raises(ValidationError, match=said.replace("{", r"\{").replace("}", r"\}")):
        Form.model_validate(form_of(**changes))


def test_an_unknown_word_in_a_form_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Form.model_validate(form_of(titel="样例表"))


def test_two_columns_cannot_be_called_the_same() -> None:
    facts = form_of()
    facts["sheets"][1]["columns"][2]["aliases"] = ["涉及金额（元）"]
    with pytest.raises(ValidationError, match="栏目名“涉及金额”重复"):
        Form.model_validate(facts)


@pytest.mark.parametrize("pattern", ["[a-z](", "[a-z](_[a-z])*"])
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    facts = form_of()
    facts["sheets"][0]["columns"][0] |= {"type": "text", "pattern": pattern, "pattern_text": "样例"}
    with pytest.raises(ValidationError, match="不是可用的正则表达式"):
        Form.model_validate(facts)


def test_choices_are_known_by_label_alias_and_code() -> None:
    form = Form.model_validate(form_of())
    column = form.sheet("items").column("kind")
    assert form.option(column, "挂床 住院") == form.option(column, "挂床") == "挂床住院"
    assert form.option(column, "别的") is None
    assert form.choice_code("kinds", "挂床住院") == "BED"
    with pytest.raises(KeyError):
        form.choice_code("kinds", "别的")


@pytest.mark.parametrize(
    "seen", ["金额", "*金额（元）", "金 额(万元)", "★金额：", "金额\n（元）", "涉及金额（元）"]
)
def test_a_header_is_recognised_whatever_its_unit_star_and_spacing(seen: str) -> None:
    assert Form.model_validate(form_of()).sheet("items").column("paid").is_called(seen)


def test_a_different_header_is_not_recognised() -> None:
    assert not Form.model_validate(form_of()).sheet("items").column("paid").is_called("基金金额")


@pytest.mark.parametrize(("seen", "unit"), [("金额（万元）", "万元"), ("金额 (元)", "元"), ("金额", None)])
def test_the_unit_of_a_header(seen: str, unit: str | None) -> None:
    assert unit_in_header(seen) == unit


def test_a_stamp_mark_is_not_part_of_a_header() -> None:
    assert bare_header("填报单位（盖章）：") == "填报单位"


def test_the_label_says_the_unit_once() -> None:
    columns = Form.model_validate(form_of()).sheet("items").columns
    assert columns[1].label == "金额（元）"
    assert columns[1].model_copy(update={"header": "涉及人次", "unit": "人次"}).label == "涉及人次"
