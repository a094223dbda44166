"""When each report of the notices is owed, and over which days it counts."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from include.campaigns.registry import load_calendar, load_campaigns
from include.domain.occasions import Occasion, Period, compile_window, occasions, on_event, open_on
from include.domain.schedule import UpwardReport

CAMPAIGNS = {campaign.id: campaign for campaign in load_campaigns().campaigns}
WUSHEN = CAMPAIGNS["wushen_2024"]


def dated(report: UpwardReport) -> list[tuple[str, str, str, str]]:
    return [
        (each.key, str(each.period.start), str(each.period.end), str(each.due))
        for each in occasions(WUSHEN, report, load_calendar())
    ]


def periodic(rhythm: str, due_after: int) -> UpwardReport:
    return WUSHEN.report("fund_work_quarterly").model_copy(
        update={"cadence": "periodic", "rhythm": rhythm, "due_after": due_after}
    )


def test_a_quarter_is_owed_when_it_ends_within_the_phase() -> None:
    assert dated(WUSHEN.report("fund_work_quarterly")) == [
        ("2024Q2", "2024-05-01", "2024-06-30", "2024-07-05"),
        ("2024Q3", "2024-07-01", "2024-09-30", "2024-10-12"),  # 国庆 off, Saturday 10-12 worked
    ]


def test_a_report_owed_once_counts_from_the_first_day() -> None:
    assert dated(WUSHEN.report("final_summary")) == [("once", "2024-05-01", "2024-11-30", "2024-11-30")]


@pytest.mark.parametrize(
    ("rhythm", "due_after", "number", "first", "last"),
    [
        ("monthly", 0, 5, ("202406", "2024-06-30"), ("202410", "2024-10-31")),
        ("monthly", 3, 5, ("202406", "2024-07-03"), ("202410", "2024-11-05")),
        ("half_monthly", 0, 10, ("202406a", "2024-06-15"), ("202410b", "2024-10-31")),
        ("weekly", 1, 22, ("20240602", "2024-06-03"), ("20241027", "2024-10-28")),
    ],
)
def test_a_rhythm_follows_the_calendar(
    rhythm: str, due_after: int, number: int, first: tuple[str, str], last: tuple[str, str]
) -> None:
    found = dated(periodic(rhythm, due_after))
    assert len(found) == number
    assert (found[0][0], found[0][3]) == first
    assert (found[-1][0], found[-1][3]) == last
    for before, after in itertools.pairwise(found):
        assert before[2] < after[1], "no day counts twice"


def test_what_happens_has_no_date_beforehand() -> None:
    report = WUSHEN.report("major_cases")
    assert dated(report) == []
    day = date(2024, 8, 13)
    assert on_event(WUSHEN, report, on=day) == Occasion(
        "20240813", "2024年8月13日", Period(WUSHEN.starts_on, day), day
    )
    assert on_event(WUSHEN, report, on=day, number=2).key == "20240813-2"


@pytest.mark.parametrize("campaign_id", CAMPAIGNS)
def test_the_keys_of_a_report_are_different(campaign_id: str) -> None:
    campaign = CAMPAIGNS[campaign_id]
    for report in campaign.reports:
        keys = [each.key for each in occasions(campaign, report, load_calendar())]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("on", "keys"),
    [
        ("2024-07-02", []),  # quarter end, then five working days: 5 July, compiled from two before
        ("2024-07-03", ["2024Q2"]),
        ("2024-07-12", ["2024Q2"]),  # five working days past due
        ("2024-07-15", []),
        ("2024-09-30", []),
        ("2024-10-09", []),
        ("2024-10-10", ["2024Q3"]),  # due on Saturday the 12th, worked for 国庆节
    ],
)
def test_a_day_belongs_to_the_occasion_compiled_around_it(on: str, keys: list[str]) -> None:
    report = WUSHEN.report("fund_work_quarterly")
    found = open_on(WUSHEN, report, load_calendar(), on=date.fromisoformat(on))
    assert [each.key for each in found] == keys


def test_windows_of_a_short_rhythm_overlap_and_come_in_order() -> None:
    found = open_on(WUSHEN, periodic("weekly", 2), load_calendar(), on=date(2024, 7, 19))
    assert len(found) == 2
    assert [each.due for each in found] == sorted(each.due for each in found)


def test_a_window_ends_with_the_last_year_that_is_arranged() -> None:
    last = load_calendar().last_known
    report = WUSHEN.report("self_check_statistics").model_copy(update={"due": last})
    [occasion] = occasions(WUSHEN, report, load_calendar())
    first, end = compile_window(occasion, report, load_calendar())
    assert first < end <= last
