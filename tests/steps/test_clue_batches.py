"""A batch of clues to each handling unit: once, with its own clues only, and no person by number."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.campaign import PostRole
from include.domain.letters import OfficeMatter, OfficeTaskLetter
from include.domain.notices import Attachment, NoticeKind, NoticeState
from include.domain.screening import scored
from include.steps import clue_batches, deliver
from tests.steps.conftest import Desk
from tests.steps.test_follow import clue, enter
from tests.steps.test_screen import hit

DAY = date(2024, 6, 3)
OWN = {
    "source": "本地大数据筛查",
    "received_on": DAY,
    "model_code": "S05 分解住院",
    "batch_no": "2024年06月筛查",
}


def screened(desk: Desk, *numbers: int, unit: str = "示例旗医保中心", **values: object) -> None:
    enter(desk, "clue", *(clue(number, **(OWN | {"unit": unit} | values)) for number in numbers))


def planned(desk: Desk, day: date = DAY, **annexes: tuple[Attachment, ...]) -> int:
    return clue_batches.plan(desk.campaign, annexes, on=day, using=desk.using)


def letters(desk: Desk, day: date = DAY) -> list[OfficeTaskLetter]:
    before = len(desk.letters.written)
    desk.clock[0] = desk.clock[0].replace(year=day.year, month=day.month, day=day.day, hour=10)
    deliver.notices(desk.campaign, on=day, using=desk.using)
    return [each for _, each in desk.letters.written[before:] if isinstance(each, OfficeTaskLetter)]


def test_each_unit_is_told_once_of_its_own_clues(desk: Desk) -> None:
    screened(desk, 1, 2)
    screened(desk, 3, unit="乙中心")
    enter(desk, "clue", clue(4), clue(5, **(OWN | {"received_on": date(2024, 5, 6)})))
    assert planned(desk) == 2
    assert planned(desk) == 0, "the same batch is told once"
    told = letters(desk)
    assert sorted(each.title for each in told) == [
        "疑点线索1条（2024年06月筛查）",
        "疑点线索2条（2024年06月筛查）",
    ]
    assert {each.matter for each in told} == {OfficeMatter.CLUE_BATCH}
    assert letters(desk) == []


def test_the_annex_goes_along_to_its_unit(desk: Desk) -> None:
    screened(desk, 1)
    annex = Attachment("附件.xlsx", desk.using.archive.put(b"annex"))
    planned(desk, 示例旗医保中心=(annex,))
    [letter] = letters(desk)
    assert letter.attachments == ("附件.xlsx",)
    assert letter.lines == (("S05 分解住院", "1条，疑点金额15,000.00元"),)
    assert "附件.xlsx" in str(desk.mail.sent[-1])


def test_more_clues_of_the_day_are_told_together_with_the_earlier_ones(desk: Desk) -> None:
    screened(desk, 1, 2)
    planned(desk)
    screened(desk, 3)
    assert planned(desk) == 1
    [letter] = letters(desk)
    assert letter.title == "疑点线索3条（2024年06月筛查）", (
        "the smaller batch was not sent yet and is left out"
    )
    states = [state for _, kind, state in desk.notices(NoticeKind.OFFICE_TASK)]
    assert states.count(NoticeState.SKIPPED) == 1


@pytest.mark.parametrize("progress", ["已办结", "已反馈"])
def test_nothing_is_sent_of_clues_that_are_closed(desk: Desk, progress: str) -> None:
    screened(desk, 1)
    planned(desk)
    screened(desk, 1, state=progress)
    assert letters(desk) == []


def test_a_batch_has_the_hits_of_its_clues_by_number_the_same_on_every_try(desk: Desk) -> None:
    place = {"unit_code": "H15062600001", "window_start": date(2024, 3, 1)}
    screened(desk, 2, psn_no="P1", **place)
    screened(desk, 1, psn_no="P2", **place)
    screened(desk, 3, psn_no="P3", **(place | {"received_on": date(2024, 5, 6)}))
    hits = scored([hit("P1"), hit("P2"), hit("P3"), hit("P4")])
    [batch] = clue_batches.of_hits(desk.campaign, hits, on=DAY, using=desk.using)
    assert [(number[-1], each.hit.psn_no) for number, each in batch.clues] == [("1", "P2"), ("2", "P1")]
    assert batch == clue_batches.of_hits(desk.campaign, hits, on=DAY, using=desk.using)[0]


def test_the_units_own_post_is_told_else_one_that_stands_for_it_else_the_office(desk: Desk) -> None:
    others = [each for each in desk.campaign.posts if each.role is not PostRole.HANDLING_UNIT]
    office = next(each for each in others if each.role is PostRole.OFFICE_STAFF)
    role = {"role": PostRole.HANDLING_UNIT}
    own = office.model_copy(update=role | {"key": "center", "unit": "示例旗医保中心"})
    shared = office.model_copy(update=role | {"key": "branches", "unit": "各分局", "handles": ("乙分局",)})
    desk.campaign = desk.campaign.model_copy(update={"posts": (*others, own, shared)})
    for number, unit in enumerate(("示例旗医保中心", "乙分局", "丙分局", "基金监管办公室"), start=1):
        screened(desk, number, unit=unit)
    planned(desk)
    told = {who for who, _, _ in desk.notices(NoticeKind.OFFICE_TASK)}
    assert told == {"center", "branches", office.key}
    [sentence] = clue_batches.without_post(desk.campaign, on=DAY, using=desk.using)
    assert sentence.startswith(
        f"承办单位“丙分局”没有对应的管辖经办机构岗位，线索批次改发“{office.title}”转办"
    )


def test_a_post_that_stands_for_every_unit_is_told_but_not_of_what_the_office_handles(desk: Desk) -> None:
    [every] = [each for each in desk.campaign.posts if "全部" in each.handles]
    screened(desk, 1, unit="乙中心")
    screened(desk, 2, unit="基金监管办公室")
    planned(desk)
    told = {who for who, _, _ in desk.notices(NoticeKind.OFFICE_TASK)}
    assert told == {every.key, "office_staff"}
    assert clue_batches.without_post(desk.campaign, on=DAY, using=desk.using) == []
