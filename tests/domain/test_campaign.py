"""A campaign is consistent in itself, or says at which field it is not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from include.domain.campaign import Campaign, DocumentNumber, PhaseKind, RegionCode
from include.domain.faults import Fault, refuse
from include.domain.model import Day, Key
from tests.factories import campaign

WUSHEN = campaign("wushen_2024")


def changed(**changes: Any) -> Campaign:
    return Campaign.model_validate(WUSHEN.model_dump() | changes)


def places(error: ValidationError) -> list[tuple[str | int, ...]]:
    return [found["loc"] for found in error.errors()]


@pytest.mark.parametrize(
    "number", ["内医保办发〔2024〕13号", "卓政办发〔2019〕1号", "医保函〔2020〕1号", "泉医保〔2024〕70号"]
)
def test_document_number_as_the_standard_writes_it_passes(number: str) -> None:
    assert TypeAdapter(DocumentNumber).validate_python(number) == number


@pytest.mark.parametrize(
    "number",
    [
        "泉医保[2024]70号",
        "泉医保（2024）70号",
        "泉医保〔2024〕070号",
        "泉医保〔2024〕第70号",
        "泉医保〔24〕70号",
        "〔2024〕70号",
        "泉医保〔2024〕70",
        " 泉医保〔2024〕70号",
    ],
)
def test_document_number_written_otherwise_is_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(DocumentNumber).validate_python(number)


@pytest.mark.parametrize("key", ["a", "self_check", "wushen_2024", "t_minus_10", "xyz"])
def test_key_is_small_letters_digits_and_single_underscores(key: str) -> None:
    assert TypeAdapter(Key).validate_python(key) == key


@pytest.mark.parametrize("key", ["", "A", "1a", "a__b", "_a", "a_", "a-b", "自查", "a\n", "a" * 49])
def test_key_that_would_break_a_dag_id_is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Key).validate_python(key)


@pytest.mark.parametrize("code", ["15062", "1506260", "15062a", ""])
def test_region_code_has_six_digits(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(RegionCode).validate_python(code)


@pytest.mark.parametrize(
    "value",
    [20240531, "20240531", 1717113600, "2024-5-31", "2024-05-31T10:00", datetime(2024, 5, 31), None, "5月底"],
)
def test_day_is_never_guessed_from_a_number_or_a_moment(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(value)


@pytest.mark.parametrize("value", ["2024-05-31", date(2024, 5, 31)])
def test_day_is_a_day(value: object) -> None:
    assert TypeAdapter(Day).validate_python(value) == date(2024, 5, 31)


def test_unknown_key_is_refused_and_a_campaign_cannot_be_changed() -> None:
    with pytest.raises(ValidationError) as caught:
        changed(tittle="x")
    assert places(caught.value) == [("tittle",)]
    with pytest.raises(ValidationError):
        WUSHEN.title = "x"  # type: ignore[misc]


@pytest.mark.parametrize("part", ["phases", "milestones", "reports", "posts", "ladder"])
def test_repeated_key_is_refused_where_it_is_repeated(part: str) -> None:
    items = WUSHEN.model_dump()[part]
    with pytest.raises(ValidationError) as caught:
        changed(**{part: [*items, items[0]]})
    assert (part, len(items), "key") in places(caught.value)


def test_two_returns_of_one_form_in_a_phase_are_refused() -> None:
    phases = WUSHEN.model_dump()["phases"]
    phases[1]["returns"] = phases[1]["returns"] * 2
    with pytest.raises(ValidationError) as caught:
        changed(phases=phases)
    assert places(caught.value) == [("phases", 1, "returns", 1, "form")]


def test_step_outside_its_phase_is_refused() -> None:
    heshan = campaign("heshan_2020").model_dump()
    heshan["phases"][1]["steps"][0]["start"] = date(2020, 6, 1)
    heshan["phases"][1]["steps"][2]["due"] = date(2020, 12, 1)
    with pytest.raises(ValidationError) as caught:
        Campaign.model_validate(heshan)
    assert places(caught.value) == [("phases", 1, "steps", 0, "start"), ("phases", 1, "steps", 2, "due")]


def test_report_made_once_needs_a_date_and_the_others_do_not() -> None:
    reports = WUSHEN.model_dump()["reports"]
    for report in reports:
        report["due"] = None
    with pytest.raises(ValidationError) as caught:
        changed(reports=reports)
    once = [number for number, report in enumerate(reports) if report["cadence"] == "once"]
    assert places(caught.value) == [("reports", number, "due") for number in once]


def test_parts_are_found_by_key_and_nothing_is_made_up() -> None:
    assert WUSHEN.phase("self_check").kind is PhaseKind.SELF_CHECK
    assert WUSHEN.report("final_summary").cadence == "once"
    assert WUSHEN.post("group_head").unit == "旗医保局"
    assert WUSHEN.step("overdue_1").offset == 1
    for find in (WUSHEN.phase, WUSHEN.report, WUSHEN.post, WUSHEN.step):
        with pytest.raises(KeyError):
            find("nowhere")


def test_names_in_airflow_follow_from_the_keys() -> None:
    assert WUSHEN.dag_id(WUSHEN.phase("self_check")) == "wushen_2024__self_check"
    report = WUSHEN.report("self_check_statistics")
    assert WUSHEN.report_dag_id(report) == "wushen_2024__report__self_check_statistics"


def test_campaign_starts_with_its_earliest_phase() -> None:
    assert WUSHEN.starts_on == date(2024, 5, 1)


@pytest.mark.parametrize(
    ("issued_on", "over"),
    [
        (None, []),
        (date(2024, 5, 20), []),
        (date(2024, 5, 21), ["mobilization"]),
        (date(2024, 6, 1), ["mobilization", "self_check"]),
    ],
)
def test_phase_is_over_at_issue_only_when_its_last_day_was_before(
    issued_on: date | None, over: list[str]
) -> None:
    issued = changed(notice=WUSHEN.notice.model_dump() | {"issued_on": issued_on})
    assert [phase.key for phase in issued.phases if issued.was_over_when_issued(phase)] == over


def test_campaign_survives_json_and_back() -> None:
    assert Campaign.model_validate_json(WUSHEN.model_dump_json()) == WUSHEN


def test_no_fault_refuses_nothing_and_several_are_told_at_once() -> None:
    refuse("Campaign", [])
    with pytest.raises(ValidationError) as caught:
        refuse("Campaign", [Fault(("a", 1), "一{x}", 1), Fault(("b",), "二", None)])
    assert [(found["loc"], found["msg"]) for found in caught.value.errors()] == [
        (("a", 1), "一{x}"),
        (("b",), "二"),
    ]
