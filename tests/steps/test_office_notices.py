"""What the office is told of its campaign, once: milestones in danger, steps ahead, vacant posts, the day's work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from itertools import pairwise

import pytest
from openpyxl import load_workbook

from include.domain.campaign import Campaign, Phase
from include.domain.letters import MilestoneLetter, OfficeTaskLetter
from include.domain.milestones import Standing
from include.domain.notices import NoticeKind, NoticeState
from include.domain.units import RosterChange
from include.gateways.workbooks import Workbooks
from include.steps import deliver, milestones, office_notices
from tests import factories
from tests.gateways.workbook_builders import KEY
from tests.steps.conftest import LAUNCH_DAY, Desk
from tests.steps.test_plan_inspections import entered, inspected

WUSHEN = factories.campaign()
INSPECTION = WUSHEN.phase("concentrated_rectification")
HESHAN = factories.campaign("heshan_2020")
QUANZHOU = factories.campaign("quanzhou_2024")
ZHUONI = factories.campaign("zhuoni_2019")


@pytest.fixture
def office(desk: Desk) -> Desk:
    """Seven institutions to inspect, and real workbooks."""
    desk.using = replace(desk.using, workbooks=Workbooks(KEY))
    return desk


def frozen(desk: Desk, campaign: Campaign, on: date, *, without: tuple[str, ...] = ()) -> None:
    posts = [factories.make_holder(post.key) for post in campaign.posts if post.key not in without]
    posts = [each.model_copy(update={"holds_from": date(2018, 1, 1)}) for each in posts]
    units = [factories.make_unit(1)]
    desk.using.ledger.roster.freeze(campaign.id, units, posts, on=on, actor="test", source_sha256="0" * 64)


def told(
    desk: Desk, on: date, campaign: Campaign = WUSHEN, phase: Phase = INSPECTION
) -> list[MilestoneLetter | OfficeTaskLetter]:
    """Every mail to the office that one run of that day plans and sends."""
    before = len(desk.letters.written)
    desk.clock[0] = factories.at(on.isoformat())
    office_notices.plan(campaign, phase, on=on, dry_run=False, using=desk.using)
    deliver.notices(campaign, on=on, using=desk.using)
    return [
        letter
        for _, letter in desk.letters.written[before:]
        if isinstance(letter, MilestoneLetter | OfficeTaskLetter)
    ]


def each_working_day(desk: Desk, first: date, last: date, campaign: Campaign, phase: Phase) -> list[str]:
    return [
        f"{on} {letter.post.key} {letter.matter.value} {letter.title}"
        for on in desk.using.calendar.working_days(first, last)
        for letter in told(desk, on, campaign, phase)
        if isinstance(letter, OfficeTaskLetter)
    ]


def test_a_milestone_in_danger_is_told_with_its_numbers_and_what_is_open(office: Desk) -> None:
    inspected(office, "JC-150626-20240603-0001", office.units[0].code, date(2024, 6, 3))
    inspected(office, "JC-150626-20240603-0002", office.units[0].code, date(2024, 6, 4))
    on = date(2024, 6, 21)
    letters = told(office, on)
    assert [letter.projection.milestone.key for letter in letters if isinstance(letter, MilestoneLetter)] == [
        "coverage_80",
        "coverage_100",
    ]
    first = letters[0]
    assert isinstance(first, MilestoneLetter)
    found = first.projection
    assert (found.total, found.target, found.reached, found.missing) == (7, 6, 1, 5), "a unit counts once"
    assert first.teams == (("未排入检查计划", 6),)
    assert first.branches == (("区划150626", 6),)
    attached = next(
        each for message in office.mail.sent for each in message.attachments if "80%" in each.name
    )
    book = load_workbook(BytesIO(attached.content))
    assert book.sheetnames == ["按管辖单位", "按检查组"]
    text = {str(cell.value) for row in book["按管辖单位"].iter_rows() for cell in row}
    assert office.units[1].code in text
    assert office.units[0].code not in text


def test_the_office_is_not_told_the_same_again_until_it_worsens_or_two_weeks_passed(office: Desk) -> None:
    days = [
        on
        for on in office.using.calendar.working_days(date(2024, 6, 3), date(2024, 9, 6))
        for letter in told(office, on)
        if isinstance(letter, MilestoneLetter) and letter.projection.milestone.key == "coverage_80"
    ]
    assert days[0] == date(2024, 6, 18), "not judged in the first ten working days"
    assert date(2024, 8, 23) in days, "a last time, five working days before"
    assert max(days) == date(2024, 8, 23), "none after it, and none once it is over"
    gaps = [later - earlier for earlier, later in pairwise(days[:-1])]
    assert all(gap >= timedelta(days=14) for gap in gaps)


def test_a_run_repeated_or_for_an_earlier_day_tells_nothing_more(office: Desk) -> None:
    on = date(2024, 6, 21)
    assert len(told(office, on)) == 2
    assert told(office, on) == []
    assert told(office, date(2024, 6, 20)) == []


def test_a_warning_no_longer_true_when_it_is_sent_is_dropped(office: Desk) -> None:
    on = date(2024, 6, 21)
    office_notices.plan(WUSHEN, INSPECTION, on=on, dry_run=False, using=office.using)
    for number, unit in enumerate(office.units):
        inspected(office, f"JC-150626-20240603-000{number}", unit.code, date(2024, 6, 20))
    office.clock[0] = factories.at(on.isoformat())
    deliver.notices(WUSHEN, on=on, using=office.using)
    assert office.mail.sent == []
    assert {state for _, _, state in office.notices(NoticeKind.MILESTONE)} == {NoticeState.SKIPPED}


def test_a_rehearsal_enters_nothing(office: Desk) -> None:
    shown = office_notices.plan(WUSHEN, INSPECTION, on=date(2024, 6, 21), dry_run=True, using=office.using)
    assert shown == {"拟发进度预警": 2}
    assert office.notices() == []


def test_the_frozen_roster_is_the_denominator_whoever_left_since(office: Desk) -> None:
    change = RosterChange(
        kind="left", unit=office.units[0], effective_on=date(2024, 6, 10), reason="医保协议解除"
    )
    office.using.ledger.roster.adjust(WUSHEN.id, [change], actor="test")
    [found, _] = milestones.standing(WUSHEN, INSPECTION, on=date(2024, 6, 21), using=office.using)
    assert (found.total, found.standing) == (7, Standing.ENDANGERED)
    items = milestones.open_items(WUSHEN, found.milestone, on=date(2024, 6, 21), using=office.using)
    assert [each.note for each in items if each.number == office.units[0].code] == ["已退出名册，仍计入基数"]


def test_without_a_roster_nothing_is_projected(bare: Desk) -> None:
    [first, _] = milestones.standing(WUSHEN, INSPECTION, on=date(2024, 6, 21), using=bare.using)
    assert first.standing is Standing.NOTHING_TO_COUNT
    assert told(bare, date(2024, 6, 21)) == []


def test_the_return_rate_of_a_phase_can_be_a_milestone(desk: Desk) -> None:
    milestone = WUSHEN.milestones[0].model_copy(
        update={"phase": "self_check", "indicator": "return_rate", "due": date(2024, 5, 31)}
    )
    campaign = WUSHEN.model_copy(update={"milestones": (milestone,)})
    [found] = milestones.standing(
        campaign, campaign.phase("self_check"), on=date(2024, 5, 20), using=desk.using
    )
    assert (found.total, found.reached, found.unit) == (7, 0, "份")
    assert len(milestones.open_items(campaign, milestone, on=date(2024, 5, 20), using=desk.using)) == 7


def test_every_milestone_of_every_campaign_can_be_measured() -> None:
    for key in ("wushen_2024", "anhui_2024", "heshan_2020", "quanzhou_2024", "zhuoni_2019"):
        for milestone in factories.campaign(key).milestones:
            assert milestone.indicator in milestones.MEASURES


def test_the_dated_steps_of_heshan_are_told_before_they_begin_and_end_once_each(bare: Desk) -> None:
    frozen(bare, HESHAN, date(2020, 6, 1))
    recheck = HESHAN.phase("recheck")
    early = each_working_day(bare, date(2020, 6, 1), date(2020, 6, 30), HESHAN, HESHAN.phase("self_check"))
    assert {line.partition(" ")[2] for line in early} == {
        "office_staff step_begins 分级复查",
        "liaison_finance step_begins 分级复查",
        "liaison_audit step_begins 分级复查",
        "liaison_health step_begins 分级复查",
    }
    later = each_working_day(bare, date(2020, 7, 1), date(2020, 11, 30), HESHAN, recheck)
    staff = [line for line in later if "office_staff" in line]
    assert staff == [
        "2020-08-25 office_staff step_begins 配合江门市级抽查",
        "2020-08-26 office_staff step_ends 分级复查",
        "2020-09-24 office_staff step_begins 配合省级复查",
        "2020-09-27 office_staff step_ends 配合江门市级抽查",
        "2020-11-25 office_staff step_ends 配合省级复查",
    ]
    assert len(later) == len(set(later))


def test_after_an_outage_only_the_end_of_a_step_is_told(bare: Desk) -> None:
    frozen(bare, HESHAN, date(2020, 6, 1))
    [*letters] = told(bare, date(2020, 9, 28), HESHAN, HESHAN.phase("recheck"))
    titles = {(each.title, each.matter.value) for each in letters if isinstance(each, OfficeTaskLetter)}
    assert titles == {("配合江门市级抽查", "step_ends"), ("配合省级复查", "step_begins")}
    assert told(bare, date(2020, 12, 1), HESHAN, HESHAN.phase("recheck")) == [], "over"


def test_posts_without_a_holder_are_asked_for_twice_and_not_when_they_are_filled(bare: Desk) -> None:
    phase = WUSHEN.phase("mobilization")
    frozen(bare, WUSHEN, LAUNCH_DAY, without=("deputy_police", "liaison_finance"))
    lines = each_working_day(bare, LAUNCH_DAY, date(2024, 5, 31), WUSHEN, phase)
    assert lines == [f"{day} office_staff vacant_posts 动员部署阶段" for day in ("2024-05-06", "2024-05-15")]
    letter = bare.letters.written[0][1]
    assert isinstance(letter, OfficeTaskLetter)
    assert letter.lines == (
        ("旗公安局党组成员、副局长", "旗公安局"),
        ("旗财政局行政事业和社会保障股副股长", "旗财政局"),
    )


def test_with_every_post_filled_nobody_is_asked(desk: Desk) -> None:
    assert told(desk, date(2024, 5, 8), WUSHEN, WUSHEN.phase("mobilization")) == []


def test_a_phase_over_before_the_notice_tells_nobody_anything(bare: Desk) -> None:
    phase = QUANZHOU.phase("mobilization")
    frozen(bare, QUANZHOU, date(2024, 6, 20), without=("group_head",))
    for on in (date(2024, 5, 15), date(2024, 5, 31), date(2024, 6, 20)):
        assert told(bare, on, QUANZHOU, phase) == []
    assert bare.notices() == []


def test_one_month_of_daily_reminders_to_the_hotlines_and_none_on_free_days_or_after(bare: Desk) -> None:
    phase = ZHUONI.phase("look_back")
    frozen(bare, ZHUONI, date(2019, 1, 7))
    lines = each_working_day(bare, date(2019, 1, 7), date(2019, 2, 20), ZHUONI, phase)
    days = {line[:10] for line in lines}
    assert min(days) == "2019-01-07"
    assert max(days) == "2019-02-03"
    assert {line.split()[1] for line in lines} == set(phase.daily_posts)
    assert len(lines) == len(days) * len(phase.daily_posts)
    assert told(bare, date(2019, 1, 8), ZHUONI, phase) == []


def test_a_case_that_may_be_major_is_told_at_once_and_once_and_only_where_the_notice_asks(
    office: Desk,
) -> None:
    on = date(2024, 9, 2)
    entered(office, "case", [{"case_no": "AJ-150626-2024-0001"}], on=on)
    self_check, summary = WUSHEN.phase("self_check"), WUSHEN.phase("summary")
    first = [each for each in told(office, on, WUSHEN, summary) if isinstance(each, OfficeTaskLetter)]
    assert first == [], "nothing is told before the phase opens"
    letters = [each for each in told(office, on, WUSHEN, self_check) if isinstance(each, OfficeTaskLetter)]
    assert [(each.matter.value, each.lines[0][0], each.post.key) for each in letters] == [
        ("major_case", "AJ-150626-2024-0001", "office_director")
    ]
    for phase in (self_check, INSPECTION):
        again = told(office, date(2024, 9, 3), WUSHEN, phase)
        assert not [each for each in again if isinstance(each, OfficeTaskLetter)]
