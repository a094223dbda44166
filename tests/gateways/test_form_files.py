"""The form files of the project, and what is said about a broken one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.domain.form_rules import EachInList
from include.domain.forms import ColumnType
from include.domain.violations import VIOLATION_TYPES
from include.gateways.form_files import FORMS, FormFilesBroken, load_forms
from tests.gateways.workbook_builders import RETURNS, examples, forms

LEDGERS = ("rectification", "inspection", "clue", "tip", "case", "referral", "blacklist", "officer")
SENT = (*RETURNS, "branch_progress", "department_contribution")

GOOD = """
key: sample
title: 样例表
version: "1"
purpose: 样例
sheets:
  - key: cover
    title: 封面
    layout: card
    columns:
      - {field: name, header: 名称, type: text}
"""


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(FORMS.glob("*.yaml")) if path.stem != "lists"],
    ids=lambda path: path.stem,
)
def test_every_form_file_loads_under_its_own_name(path: Path) -> None:
    assert forms()[path.stem].key == path.stem


def test_returns_need_our_identity_and_the_ledgers_of_the_office_do_not() -> None:
    assert {key for key, form in forms().items() if form.identified} == set(SENT)
    assert {key for key, form in forms().items() if not form.identified} == {"roster", "call", *LEDGERS}


def test_every_form_says_since_when_it_is_used() -> None:
    assert [key for key, form in forms().items() if form.effective_from is None] == []


@pytest.mark.parametrize("key", forms())
def test_every_column_of_the_workbook_is_read_back_and_every_example_can_be_read(key: str) -> None:
    reading = examples(key)
    assert reading.findings == ()
    for sheet in forms()[key].filled_sheets:
        (row,) = reading.sheets[sheet.key]
        assert set(row.cells) == {column.field for column in sheet.columns}
        assert row.problems == {}
        unread = [c.field for c in sheet.columns if c.example and row.values[c.field] is None]
        assert unread == []


def test_labels_of_a_card_fit_into_its_first_column() -> None:
    long = [
        column.label
        for form in forms().values()
        for sheet in form.cards
        for column in sheet.columns
        if len(column.label) > 12 and len(column.label.encode("gb18030")) > 24
    ]
    assert long == []


def test_a_tip_has_no_place_for_who_gave_it() -> None:
    form = forms()["tip"]
    columns = form.sheet("tips").columns
    assert "举报人姓名、电话" in form.purpose
    assert [column.field for column in columns if column.field.startswith("tipster")] == []
    assert [column.field for column in columns if column.type in {ColumnType.PHONE, ColumnType.EMAIL}] == []
    names = [name for column in columns for name in (column.header, *column.aliases)]
    assert [name for name in names if "姓名" in name or "电话" in name or "证件" in name] == []


def test_several_choices_in_one_cell_are_named_where_they_are_asked_for() -> None:
    for form in forms().values():
        for rule in form.rules:
            if isinstance(rule, EachInList):
                said = str(form.sheet(rule.sheet).column(rule.field).help).partition("：")[2]
                assert said.split("；") == [choice.label for choice in form.lists[rule.choice_list]]


def test_labels_and_codes_are_those_of_the_catalogue_of_violations() -> None:
    catalogue = {each.code: each.zh for each in VIOLATION_TYPES}
    used = forms()["self_check"].lists["violation_type"]
    assert {choice.code: choice.label for choice in used}.items() <= catalogue.items()
    assert {
        choice.code for choice in forms()["agency_self_check"].lists["agency_problem"]
    } <= catalogue.keys()
    conduct = forms()["case"].lists["conduct"]
    assert {choice.code: choice.label for choice in conduct} == catalogue


def test_agencies_choose_from_the_eleven_problems_of_their_notice() -> None:
    assert len(forms()["agency_self_check"].lists["agency_problem"]) == 11


def test_no_word_means_two_choices() -> None:
    for form in forms().values():
        for name, choices in form.lists.items():
            words = [word for choice in choices for word in (choice.label, *choice.aliases)]
            assert len(words) == len(set(words)), name


def test_everything_that_can_be_filled_in_has_an_example_or_a_hint() -> None:
    silent = [
        (form.key, column.field)
        for form in forms().values()
        for sheet in form.filled_sheets
        for column in sheet.columns
        if column.required and not (column.help or column.example) and column.type is ColumnType.TEXT
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("header: 名称, ", ""), "sample.yaml 的 sheets[1].columns[1].header：缺少这一项"),
        (
            GOOD.replace("type: text", "type: words"),
            "sample.yaml 的 sheets[1].columns[1].type：写的是“words”",
        ),
        (GOOD + "titel: 样例\n", "sample.yaml 的 titel：不认识这个字段"),
        (GOOD.replace("key: sample", "key: other"), "须与文件名一致，应为“sample”"),
        (GOOD.replace('version: "1"', 'version: "1'), "sample.yaml第"),
        ("- a\n- b\n", "内容应为“字段: 值”的形式"),
        (GOOD + "lists: {}\n", "清单统一写在 lists.yaml 中"),
    ],
)
def test_a_broken_form_file_is_explained_with_file_and_field(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "sample.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FormFilesBroken) as broken:
        load_forms(tmp_path)
    assert any(said in problem for problem in broken.value.problems), broken.value.problems


RULE = """
rules:
  - {key: named, kind: any_filled, sheet: cover, field: name, others: [name], text: 样例, message: 样例%s}
"""


@pytest.mark.parametrize(
    ("form_days", "rule_days", "said"),
    [
        ("", ", since: 2024-02-30", "rules[1].any_filled.since：写的是“2024-02-30”，没有这一天"),
        ("", ", since: 20240501", "since：写的是“20240501”，应为 2024-05-31 这样的日期"),
        ("", ", until: 5月底", "until：写的是“5月底”，应为 2024-05-31 这样的日期"),
        ("effective_from: 2023-13-01", "", "effective_from：写的是“2023-13-01”，没有这一天"),
        ("", ", since: 2024-05-02, until: 2024-05-01", "停止日期 until（2024-05-01）早于起始日期 since"),
        ("effective_from: 2024-05-01\neffective_until: 2024-04-30", "", "停用日期 effective_until（2024-04-30）早于"),
        ("effective_from: 2024-05-01", ", until: 2024-04-30", "早于本表的启用日期 2024-05-01，永远不会生效"),
        ("effective_until: 2024-05-01", ", since: 2024-05-02", "晚于本表的停用日期 2024-05-01，永远不会生效"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_is_explained(tmp_path: Path, form_days: str, rule_days: str, said: str) -> None:
    text = f"{GOOD}{form_days}\n{RULE % rule_days}"
    (tmp_path / "sample.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FormFilesBroken) as broken:
        load_forms(tmp_path)
    assert any(said in problem for problem in broken.value.problems), broken.value.problems


def test_days_that_fit_together_are_accepted(tmp_path: Path) -> None:
    text = f"{GOOD}effective_from: 2024-05-01\neffective_until: 2024-05-31\n" + RULE % ", since: 2024-05-31"
    (tmp_path / "sample.yaml").write_text(text, encoding="utf-8")
    assert load_forms(tmp_path)["sample"].rules[0].since == date(2024, 5, 31)


def test_all_problems_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("title: 样例表\n", ""), encoding="utf-8")
    with pytest.raises(FormFilesBroken) as broken:
        load_forms(tmp_path)
    assert len(broken.value.problems) == 2
