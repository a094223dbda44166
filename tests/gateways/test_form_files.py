"""The form files of the project, and what is said about a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.domain.forms import ColumnType
from include.domain.violations import VIOLATION_TYPES
from include.gateways.form_files import FORMS, FormFilesBroken, load_forms
from tests.gateways.workbook_builders import RETURNS, forms

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


def test_returns_need_our_identity_and_the_roster_does_not() -> None:
    assert all(forms()[key].identified for key in RETURNS)
    assert not forms()["roster"].identified


def test_labels_and_codes_are_those_of_the_catalogue_of_violations() -> None:
    catalogue = {each.code: each.zh for each in VIOLATION_TYPES}
    used = forms()["self_check"].lists["violation_type"]
    assert {choice.code: choice.label for choice in used}.items() <= catalogue.items()
    assert {
        choice.code for choice in forms()["agency_self_check"].lists["agency_problem"]
    } <= catalogue.keys()


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


def test_all_problems_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("title: 样例表\n", ""), encoding="utf-8")
    with pytest.raises(FormFilesBroken) as broken:
        load_forms(tmp_path)
    assert len(broken.value.problems) == 2
