"""A due date in a contact's calendar: one entry for ever, moved when the date moves, the same bytes every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from include.domain.letters import DueDate, Office
from include.gateways.calendar_entries import calendar_file
from tests.gateways import letter_builders as build

ENTRY = DueDate(
    key="sample_2024/self_check/self_check/H15062600001",
    title=build.FORM,
    unit_name="示例旗人民医院",
    due_on=build.FRIDAY,
    remind_on=build.TUESDAY,
    text="请报送自查自纠情况表，发送至ybj@office.example；依据：《工作方案》（示医保发〔2024〕8号）。",
    office=build.OFFICE,
    written_on=date(2024, 5, 20),
)


def events(*entries: DueDate) -> list[Any]:
    return list(Calendar.from_ical(calendar_file(entries)).walk("VEVENT"))


def test_the_file_is_a_published_calendar_with_all_that_the_standards_require() -> None:
    calendar = Calendar.from_ical(calendar_file([ENTRY]))
    assert (calendar["VERSION"], calendar["METHOD"], calendar["X-WR-TIMEZONE"]) == (
        "2.0",
        "PUBLISH",
        "Asia/Shanghai",
    )
    (event,) = calendar.walk("VEVENT")
    # RFC 5546, 3.2.1: these must be there; an attendee must not.
    assert {"UID", "DTSTAMP", "DTSTART", "ORGANIZER", "SUMMARY"} <= set(event)
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == "MAILTO:ybj@office.example"
    assert event["UID"].endswith("@office.example")


def test_it_is_an_all_day_event_on_the_due_date_that_blocks_nobodys_day() -> None:
    (event,) = events(ENTRY)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (build.FRIDAY, date(2024, 6, 1))
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["SUMMARY"] == "报送截止：自查自纠情况表（示例旗人民医院）"
    assert event["DESCRIPTION"] == ENTRY.text


def test_it_rings_at_nine_in_the_morning_of_the_day_named() -> None:
    (event,) = events(ENTRY)
    (alarm,) = event.walk("VALARM")
    rings = datetime(2024, 5, 31) + alarm["TRIGGER"].dt
    assert rings == datetime(2024, 5, 28, 9)
    assert alarm["ACTION"] == "DISPLAY"
    assert "自查自纠情况表" in alarm["DESCRIPTION"]


def test_without_a_day_left_to_ring_there_is_no_alarm() -> None:
    (event,) = events(replace(ENTRY, remind_on=None))
    assert event.walk("VALARM") == []


def test_the_same_facts_give_the_same_bytes_and_other_units_other_entries() -> None:
    assert calendar_file([ENTRY]) == calendar_file([ENTRY])
    other = replace(ENTRY, key="sample_2024/self_check/self_check/P15062600001")
    assert len({event["UID"] for event in events(ENTRY, other)}) == 2


def test_a_date_that_moved_keeps_its_entry_and_outranks_the_old_one() -> None:
    moved = replace(ENTRY, due_on=ENTRY.due_on + timedelta(days=7), revision=7, written_on=build.TUESDAY)
    (old,), (new,) = events(ENTRY), events(moved)
    assert old["UID"] == new["UID"]
    assert (old["SEQUENCE"], new["SEQUENCE"]) == (0, 7)
    assert old["DTSTAMP"].dt < new["DTSTAMP"].dt


@pytest.mark.parametrize("name", ["甲,乙;丙\\丁", "甲\n乙", "示例" * 60, 'a"b:c'])
def test_any_name_comes_back_as_it_went_in_and_no_line_is_too_long(name: str) -> None:
    office = Office(name="示例旗,医保局;", mailbox="ybj@office.example")
    content = calendar_file([replace(ENTRY, unit_name=name, office=office)])
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert event["SUMMARY"] == f"报送截止：自查自纠情况表（{name}）"
    assert event["ORGANIZER"].params["CN"] == office.name
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert content.endswith(b"END:VCALENDAR\r\n")
