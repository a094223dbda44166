"""Records followed one by one: who is told what on which day, never twice, and nothing is closed for anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from include.domain.clues import Rule, proposals
from include.domain.errors import GiveUp
from include.domain.letters import RecordDueLetter
from include.domain.notices import NoticeKind, NoticeState
from include.domain.registers import STATE, Given, change_of, given_in, parts
from include.domain.time_limits import ChangeKind
from include.steps import deliver, follow
from tests.gateways.workbook_builders import examples, forms
from tests.steps.conftest import Desk

DUE = date(2024, 6, 25)
"""A Tuesday; T-3 is Thursday the 20th, T+1 the 26th, T+3 the 28th."""
UNFINISHED: dict[str, Any] = {
    "closed_on": None,
    "feedback_on": None,
    "result": None,
    STATE: "核查中",
    "due_on": DUE,
}


def enter(desk: Desk, key: str, *records: dict[str, Any], on: date = date(2024, 6, 3)) -> None:
    """The example record of the form, once for each set of changed values; numbers are counted."""
    form = forms()[key]
    part = parts(form)[0]
    [given] = given_in(form, examples(key))[part.table]
    known = desk.using.ledger.registers.records(desk.campaign.id, form)[part.table]
    changes = []
    for values in records:
        number = str(values.get("number", given.number))
        change = change_of(part, known.get(number), Given(number, {**given.values, **values}, {}))
        assert change is not None
        changes.append(change)
    desk.using.ledger.registers.enter(
        desk.campaign.id, form, changes, on=on, actor="test", source_sha256="a" * 64
    )


def clue(number: int, **values: Any) -> dict[str, Any]:
    return {**UNFINISHED, "number": f"XS-150626-20240603-{number:04d}", **values}


def run(desk: Desk, day: date) -> dict[str, int]:
    return follow.records(desk.campaign, on=day, using=desk.using)


def told(desk: Desk) -> list[tuple[str, str, str]]:
    rungs = desk.using.ledger.time_limits.rungs(desk.campaign.id, mode=desk.mail.mode)
    return [(each.number[-4:], each.rung, each.notice_key.split("/")[-2]) for each in rungs]


def letters(desk: Desk, day: date) -> list[RecordDueLetter]:
    """What leaves when the outbox is worked off that day."""
    before = len(desk.letters.written)
    desk.clock[0] = desk.clock[0].replace(year=day.year, month=day.month, day=day.day)
    deliver.notices(desk.campaign, on=day, using=desk.using)
    return [letter for _, letter in desk.letters.written[before:] if isinstance(letter, RecordDueLetter)]


def test_the_post_is_told_three_days_before_on_the_day_and_after_and_then_the_director(desk: Desk) -> None:
    enter(desk, "clue", clue(1))
    days = [date(2024, 6, day) for day in range(17, 31)]
    working = [day for day in days if desk.using.calendar.is_working_day(day)]
    entered = {day.day: run(desk, day) for day in working}
    assert {day: counts for day, counts in entered.items() if counts} == {
        20: {"clue": 1},
        25: {"clue": 1},
        26: {"clue": 1},
        28: {"clue": 1},
    }
    assert told(desk) == [
        ("0001", "before_3", "office_staff"),
        ("0001", "due_day", "office_staff"),
        ("0001", "after_1", "office_staff"),
        ("0001", "after_3", "office_director"),
    ]


def test_one_digest_per_post_and_register_names_every_record_and_a_second_run_adds_nothing(
    desk: Desk,
) -> None:
    enter(desk, "clue", *(clue(number) for number in range(1, 41)))
    enter(desk, "tip", {STATE: "已受理", "number": 1, "received_at": date(2024, 6, 3), "filed_on": None})
    assert run(desk, DUE) == {"clue": 40, "tip": 1}
    assert run(desk, DUE) == {}
    assert [kind for _, kind, _ in desk.notices()] == [NoticeKind.RECORD_DUE] * 2
    found = {letter.register_title: letter for letter in letters(desk, DUE)}
    assert {title: len(letter.lines) for title, letter in found.items()} == {
        "疑点线索台账": 40,
        "举报线索登记表": 1,
    }
    line = found["疑点线索台账"].lines[0]
    assert (line.number, line.due_on, line.working_days_left) == ("XS-150626-20240603-0001", DUE, 0)


def test_after_an_outage_each_audience_is_told_its_highest_rung_once(desk: Desk) -> None:
    enter(desk, "clue", clue(1))
    assert run(desk, date(2024, 7, 5)) == {"clue": 2}
    assert [rung for _, rung, _ in told(desk)] == ["after_1", "after_3"]
    assert run(desk, date(2024, 7, 8)) == {}
    assert run(desk, date(2024, 6, 20)) == {}, "a late run for an earlier day adds no lower rung"


def test_what_was_settled_before_the_mail_leaves_is_not_in_it(desk: Desk) -> None:
    enter(desk, "clue", clue(1), clue(2), clue(3))
    run(desk, DUE)
    enter(desk, "clue", clue(1, **{STATE: "已反馈"}))
    extend(desk, 2)
    [letter] = letters(desk, DUE)
    assert [line.number[-4:] for line in letter.lines] == ["0003"]


def test_a_digest_whose_records_are_all_settled_is_not_sent(desk: Desk) -> None:
    enter(desk, "clue", clue(1))
    run(desk, DUE)
    enter(desk, "clue", clue(1, **{STATE: "已反馈"}))
    assert letters(desk, DUE) == []
    assert [state for *_, state in desk.notices(NoticeKind.RECORD_DUE)] == [NoticeState.SKIPPED]


def test_of_digests_that_waited_only_the_newest_speaks_of_a_record(desk: Desk) -> None:
    enter(desk, "clue", clue(1))
    run(desk, date(2024, 6, 20))
    run(desk, DUE)
    assert [letter.on for letter in letters(desk, DUE)] == [DUE]


def test_following_changes_no_record(desk: Desk) -> None:
    enter(desk, "clue", clue(1), clue(2))
    before = desk.using.ledger.registers.records(desk.campaign.id, forms()["clue"])
    run(desk, date(2024, 7, 5))
    letters(desk, date(2024, 7, 5))
    assert desk.using.ledger.registers.records(desk.campaign.id, forms()["clue"]) == before


def test_a_moved_due_date_begins_the_ladder_anew(desk: Desk) -> None:
    enter(desk, "clue", clue(1))
    run(desk, DUE)
    now = extend(desk, 1)
    assert (now.due_on, now.extended) == (date(2024, 7, 16), 1)
    assert run(desk, date(2024, 6, 26)) == {}
    assert run(desk, date(2024, 7, 16)) == {"clue": 1}


def test_a_paused_record_is_listed_and_told_to_nobody(desk: Desk) -> None:
    enter(desk, "clue", clue(1))
    move(desk, 1, ChangeKind.PAUSE, ground="鉴定", on=date(2024, 6, 12))
    assert run(desk, date(2024, 7, 5)) == {}
    [each] = follow.standing(desk.campaign, on=date(2024, 7, 5), using=desk.using)
    assert (each.due_on, each.paused_since, each.rung) == (None, date(2024, 6, 12), "")
    now = move(desk, 1, ChangeKind.RESUME, on=date(2024, 7, 5))
    assert now.due_on == date(2024, 7, 18)


@pytest.mark.parametrize(
    ("register", "number", "facts", "says"),
    [
        ("clue", "XS-150626-20240603-0001", {"reason": ""}, "须写明理由（依据：线索下发时确定的核查期限"),
        ("clue", "XS-150626-20240603-0001", {"approved_by": ""}, "须经批准"),
        ("clue", "XS-150626-20240603-0001", {"days": 30}, "延长30个工作日不符合规定"),
        ("clue", "XS-150626-20240603-0009", {}, "没有编号“XS-150626-20240603-0009”"),
        ("clue", "XS-150626-20240603-0002", {}, "已办理完毕（已反馈），期限已经终止"),
        ("branch_progress", "1", {}, "没有逐条督办的台账“branch_progress”；可选：tip（举报线索登记表）"),
    ],
)
def test_a_refusal_says_the_rule_and_enters_nothing(
    desk: Desk, register: str, number: str, facts: dict[str, Any], says: str
) -> None:
    enter(desk, "clue", clue(1), clue(2, **{STATE: "已反馈"}))
    given: dict[str, Any] = {"reason": "案情复杂", "approved_by": "office_director", "on": DUE} | facts
    with pytest.raises(GiveUp, match=says):
        follow.change(desk.campaign, register, number, ChangeKind.EXTEND, using=desk.using, **given)
    histories = desk.using.ledger.time_limits.histories(desk.campaign.id, forms()["clue"])
    assert not any(each.changes for each in histories.values())


def test_a_second_extension_is_refused(desk: Desk) -> None:
    enter(desk, "clue", clue(1))
    extend(desk, 1)
    with pytest.raises(GiveUp, match=r"已延长1次，不能再延长：最多延长1次.*第4号"):
        extend(desk, 1)


def test_a_record_whose_day_cannot_be_worked_out_stops_no_other(desk: Desk) -> None:
    far = {"ban_until": date(2099, 1, 1), "removed_on": None}
    enter(desk, "blacklist", far)
    enter(desk, "clue", clue(1))
    assert run(desk, DUE) == {"clue": 1}
    listed = follow.standing(desk.campaign, on=DUE, using=desk.using)
    assert [(each.register, bool(each.note)) for each in listed] == [("clue", False), ("blacklist", True)]


def test_a_record_assigned_to_the_handling_agency_is_chased_there(desk: Desk) -> None:
    handling = next(post for post in desk.campaign.posts if post.role.value == "handling_unit")
    enter(desk, "clue", clue(1, unit=handling.unit))
    run(desk, DUE)
    assert [post for *_, post in told(desk)] == [handling.key]


def test_the_mail_says_nothing_of_a_tip_but_its_number(desk: Desk) -> None:
    secret = {"subject_name": "示例旗秘密药店", "content": "反映该店有人串换药品", "reply": None}
    enter(
        desk,
        "tip",
        {STATE: "已受理", "number": 1, "received_at": date(2024, 6, 3), "filed_on": None, **secret},
    )
    run(desk, DUE)
    [letter] = letters(desk, DUE)
    assert [line.number for line in letter.lines] == ["第1号"]
    assert "秘密" not in repr(letter.lines)
    assert "串换" not in repr(letter.lines)


def test_the_clue_rules_see_the_extended_day(desk: Desk) -> None:
    enter(desk, "clue", clue(1, risk_level="高"), clue(2, risk_level="高"))
    extend(desk, 2)
    found = follow.clues(desk.campaign, using=desk.using)
    overdue = [
        each.numbers
        for each in proposals(found, date(2024, 6, 28), desk.using.calendar)
        if each.rule is Rule.UNVERIFIED
    ]
    assert overdue == [("XS-150626-20240603-0001",)]


def move(desk: Desk, number: int, kind: ChangeKind, **facts: Any) -> follow.Followed:
    given: dict[str, Any] = {"reason": "案情复杂", "approved_by": "office_director", "on": DUE} | facts
    return follow.change(
        desk.campaign, "clue", f"XS-150626-20240603-{number:04d}", kind, using=desk.using, **given
    )


def extend(desk: Desk, number: int) -> follow.Followed:
    return move(desk, number, ChangeKind.EXTEND)


def test_a_campaign_without_registers_is_followed_in_silence(desk: Desk) -> None:
    desk.using = replace(desk.using, forms={})
    assert run(desk, DUE) == {}
