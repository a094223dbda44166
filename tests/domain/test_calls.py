"""A telephone call: what may be entered, how a time is written, when two calls are one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from include.domain.calls import (
    BY_WORDS,
    TELLING,
    CallResult,
    PhoneCall,
    contradiction,
    faults,
    has_wrong_number,
    last_said,
    time_of_day,
)

MONDAY, FRIDAY = date(2024, 5, 27), date(2024, 5, 31)
TOLD = PhoneCall("P15062600001", MONDAY, CallResult.TOLD, "办公室工作人员", number="0999-0000001")


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({}, "", ""),
        ({"result": CallResult.NO_ANSWER, "next_on": FRIDAY}, "", ""),
        ({"result": CallResult.PROMISED, "next_on": MONDAY}, "", ""),
        ({"called_on": FRIDAY}, "called_on", "晚于办理当天"),
        ({"result": CallResult.PROMISED}, "next_on", "“承诺报送”，请填写约定日期"),
        ({"result": CallResult.CALL_BACK}, "next_on", "“约定回电”，请填写约定日期"),
        ({"next_on": FRIDAY}, "next_on", "不填约定日期"),
        ({"result": CallResult.WRONG_NUMBER, "next_on": FRIDAY}, "next_on", "不填约定日期"),
        ({"result": CallResult.CALL_BACK, "next_on": date(2024, 5, 24)}, "next_on", "早于通话日期"),
        ({"result": CallResult.REFUSED}, "note", "写明对方所述理由"),
        ({"note": "让打13800138000"}, "note", "不得填写身份证号、手机号"),
        ({"spoken_to": "99000019900101001X"}, "spoken_to", "不得填写身份证号、手机号"),
        ({"note": "长" * 201}, "note", "超过200字"),
    ],
)
def test_what_may_be_entered(facts: dict[str, object], field: str, sentence: str) -> None:
    found = list(faults(replace(TOLD, **facts), on=MONDAY))
    assert [each.field for each in found] == ([field] if field else [])
    assert all(sentence in each.sentence for each in found)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("", ""), (" ", ""), ("9:30", "09:30"), ("9：05", "09:05"), ("14时5分", "14:05"), ("09:30:00", "09:30")],
)
def test_a_time_is_kept_in_one_way(written: str, kept: str) -> None:
    assert time_of_day(written) == kept


@pytest.mark.parametrize("written", ["24:00", "9:60", "上午", "930", "9.30"])
def test_what_is_no_time_is_told_how_to_be_written(written: str) -> None:
    with pytest.raises(ValueError, match=r"请写成 9:30"):
        time_of_day(written)


def test_the_same_call_again_is_no_contradiction_another_one_is() -> None:
    assert contradiction(replace(TOLD, number="another"), TOLD) == ""
    assert "内容与此不同" in contradiction(replace(TOLD, note="在忙"), TOLD)


@pytest.mark.parametrize("result", CallResult)
def test_every_result_has_its_own_word_and_only_one_who_listened_was_told(result: CallResult) -> None:
    assert BY_WORDS[result.zh] is result
    assert result.has_told is (result in TELLING)
    assert {CallResult.NO_ANSWER, CallResult.WRONG_NUMBER, CallResult.CALL_BACK}.isdisjoint(TELLING)


def test_a_wrong_number_is_wrong_until_the_roster_has_another() -> None:
    wrong = replace(TOLD, result=CallResult.WRONG_NUMBER)
    assert has_wrong_number(wrong, "0999-0000001")
    assert not has_wrong_number(wrong, "0999-0000002")
    assert not has_wrong_number(TOLD, "0999-0000001")
    assert not has_wrong_number(None, "0999-0000001")
    assert not has_wrong_number(replace(wrong, number=""), None), "no number is no wrong one"


def test_the_last_call_is_told_with_the_day_agreed() -> None:
    back = replace(TOLD, result=CallResult.CALL_BACK, next_on=FRIDAY, called_at="09:30")
    assert last_said([TOLD, back]) == "2024-05-27 09:30 约定回电（2024-05-31）"
    assert last_said([]) == ""
