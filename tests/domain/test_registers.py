"""Registers: their parts, their numbers, the moves of their states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from include.domain.forms import Form
from include.domain.registers import (
    MACHINES,
    Change,
    Given,
    Part,
    Record,
    change_of,
    counted_numbers,
    illegal_move,
    office_form,
    parts,
    without_confidential,
)
from include.domain.returns import Value
from tests.gateways.workbook_builders import forms


def records_of(key: str) -> Part:
    return parts(forms()[key])[0]


def moved(key: str, old: str | None, new: str | None) -> str | None:
    before = None if old is None else {"state": old}
    return illegal_move(forms()[key], Change(records_of(key), "1", before, {"state": new}))


@pytest.mark.parametrize("key", MACHINES)
def test_a_machine_has_the_states_of_its_form_and_no_others(key: str) -> None:
    register = forms()[key].office_register
    assert register is not None
    assert register.state is not None
    states = forms()[key].options(records_of(key).named(register.state).column)
    assert MACHINES[key].states == set(states)
    assert {state for after in MACHINES[key].moves.values() for state in after} <= set(states)


def test_every_form_with_a_state_has_a_machine_and_the_reverse() -> None:
    with_state = {key for key, form in forms().items() if form.office_register and form.office_register.state}
    assert with_state == set(MACHINES)


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("rectification", "整改中", "待验收"),
        ("rectification", "待验收", "退回重改"),
        ("rectification", "退回重改", "整改中"),
        ("rectification", "逾期", "已销号"),
        ("clue", "未启动", "已反馈"),  # several steps between two imports
        ("tip", "已登记", "不予受理"),
        ("tip", "不予受理", "已回复"),
        ("case", "告知", "法制审核"),
        ("case", "决定", "中止"),
        ("case", "中止", "决定"),
        ("case", "中止", "终止"),
        ("case", "立案", "立案"),
        ("clue", None, "已办结"),  # an existing register is taken over as it stands
        ("referral", "立案", "退回"),  # no machine
    ],
)
def test_a_state_may_go_along_its_machine(key: str, old: str | None, new: str) -> None:
    assert moved(key, old, new) is None


@pytest.mark.parametrize(
    ("key", "old", "new", "said"),
    [
        ("rectification", "已销号", "整改中", "“已销号”是最后一步"),
        ("rectification", "整改中", "未启动", "“整改中”之后只能是“待验收、退回重改、逾期、已销号”"),
        ("clue", "已办结", "核查中", "“已办结”之后只能是“已反馈”"),
        ("clue", "核查中", None, "改为“空白”"),
        ("tip", "不予受理", "转线索", "“不予受理”之后只能是“已回复”"),
        ("tip", "已受理", "不予受理", "办理状态由“已受理”改为“不予受理”"),
        (
            "case",
            "决定",
            "立案",
            "不符合办理流程（依《医疗保障行政处罚程序暂行规定》）",
        ),  # not by way of 中止
        ("case", "结案", "执行", "最后一步"),
        ("case", "终止", "调查", "最后一步"),
    ],
)
def test_a_state_never_goes_another_way(key: str, old: str, new: str | None, said: str) -> None:
    sentence = moved(key, old, new)
    assert sentence is not None
    assert said in sentence


TIP = {
    "received_at": date(2024, 6, 5),
    "channel": "电话",
    "receiver_post": "基金稽核岗",
    "real_name": True,
    "subject_type": "定点零售药店",
    "subject_name": "示例旗第二药店",
    "content": "反映该店用医保卡结算日用品",
    "state": "已登记",
}


def tip(number: str, **changes: Value) -> Given:
    values: dict[str, Value] = {"number": int(number) if number else None, **TIP, **changes}
    return Given(number, values, {})


def known(*contents: str) -> Mapping[str, Record]:
    return {
        str(order): Record(str(order), {"number": order, **TIP, "content": content})
        for order, content in enumerate(contents, start=1)
    }


@pytest.mark.parametrize(
    ("there", "given", "numbers"),
    [
        (("甲",), [tip("", content="乙"), tip("", content="丙")], ["2", "3"]),
        (("甲",), [tip("", content="乙"), tip("2", content="丙")], ["3", "2"]),
        (("甲",), [tip("", content="甲")], ["1"]),
        (
            ("甲", "甲"),
            [tip("", content="甲"), tip("", content="甲"), tip("", content="甲")],
            ["1", "2", "3"],
        ),
        (("甲",), [tip("1", content="甲"), tip("", content="甲")], ["1", "2"]),
        ((), [tip("", content="甲")], ["1"]),
        (("甲",), [tip("1", state="已受理", content="改正后的举报内容")], ["1"]),
    ],
)
def test_numbers_go_on_without_a_gap_and_the_same_tip_keeps_its_own(
    there: tuple[str, ...], given: list[Given], numbers: list[str]
) -> None:
    counted, faults = counted_numbers(records_of("tip"), given, known(*there))
    assert faults == []
    assert [each.number for each in counted] == numbers
    assert [each.values["number"] for each in counted] == [int(number) for number in numbers]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([tip("3", content="丙")], ["按顺序应为2"]),
        ([tip("2", content="乙"), tip("4", content="丁")], ["按顺序应为3"]),
        ([tip("0", content="零")], ["按顺序应为2"]),
        ([tip("", content="甲", state="已受理")], ["与台账第1号是同一件"]),
        (
            [tip("1", content="乙", channel="网络", subject_name="他店", received_at=date(2024, 7, 1))],
            ["第1号已登记为另一件"],
        ),
    ],
)
def test_a_number_that_would_leave_a_gap_or_bury_a_tip_is_refused(
    given: list[Given], said: list[str]
) -> None:
    _, faults = counted_numbers(records_of("tip"), given, known("甲"))
    assert len(faults) == len(said)
    assert all(words in sentence for words, (_, sentence) in zip(said, faults, strict=True))


def test_a_column_the_file_does_not_have_keeps_its_value_and_a_blank_cell_empties_it() -> None:
    part = records_of("clue")
    there = Record("1", {"memo": "旧", "risk_level": "中"})
    change = change_of(part, there, Given("1", {"memo": None}, {}))
    assert change is not None
    assert change.new == {"memo": None, "risk_level": "中"}
    assert [each.name for each in change.fields] == ["memo"]
    assert change_of(part, there, Given("1", {"risk_level": "中"}, {})) is None


def test_the_cards_of_a_form_are_one_record_and_equal_fields_stay_apart() -> None:
    records, batches = parts(forms()["branch_progress"])
    names = [each.name for each in records.kept]
    assert {"checks_memo", "leads_memo", "unit_code", "period_end"} <= set(names)
    assert (batches.table, batches.is_detail) == ("branch_progress_batch", True)


def test_the_office_needs_no_identity_and_its_form_of_tips_has_a_place_for_tipsters_only_when_asked() -> None:
    form = office_form(forms()["tip"])
    assert (form.identified, "tips_numbered" in {rule.key for rule in form.rules}) == (False, False)
    assert [sheet.key for sheet in without_confidential(form).sheets] == ["tips"]
    assert [part.table for part in parts(without_confidential(form))] == ["tip"]
    assert not any(
        column.locked for sheet in office_form(forms()["branch_progress"]).sheets for column in sheet.columns
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": ["nothing"]}, "字段“nothing”在台账记录的工作表中不存在"),
        ({"state": "nothing"}, "字段“nothing”"),
        ({"details": [{"sheet": "nothing", "table": "none"}]}, "工作表“nothing”不存在"),
        ({"details": [{"sheet": "tipsters", "table": "t", "of": "nothing"}]}, "字段“nothing”"),
    ],
)
def test_a_register_that_contradicts_its_form_is_refused(changes: dict[str, Any], said: str) -> None:
    facts = forms()["tip"].model_dump()
    facts["office_register"] |= changes
    with pytest.raises(ValueError, match=said):
        Form.model_validate(facts)
