"""What a mail carries besides its words: the unit's own workbook, its due date, and who it goes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from include.domain.letters import DigestLetter, NotNotifiedLetter, SampleMail, UnitLetter, Unreached
from include.domain.notices import Notice, NoticeKind, SendMode
from include.steps import write, write_staff
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk

K = NoticeKind


def draft(desk: Desk, kind: NoticeKind, number: int = 0, *, on: date = LAUNCH_DAY) -> tuple[Notice, Any]:
    obligation = desk.obligation(desk.units[number])
    notice = Notice(
        id=1,
        key="sample",
        mode=SendMode.LIVE,
        campaign_id=desk.campaign.id,
        kind=kind,
        planned_on=on,
        phase_key=desk.phase.key,
        step_key="t_minus_3",
        obligation_id=obligation.id,
        unit_code=obligation.unit_code,
        due_on=obligation.due_on,
    )
    return notice, write.letter(desk.campaign, notice, on=on, using=desk.using)


@pytest.mark.parametrize(
    ("kind", "names"),
    [(K.LAUNCH, [".xlsx", ".ics"]), (K.REMINDER, [".xlsx"]), (K.OVERDUE, [".xlsx"])],
)
def test_only_the_launch_carries_the_due_date_for_the_calendar(
    desk: Desk, kind: NoticeKind, names: list[str]
) -> None:
    _, written = draft(desk, kind)
    assert [file.name[file.name.rindex(".") :] for file in written.attachments] == names
    assert {file.unit_code for file in written.attachments} == {desk.units[0].code}
    assert written.letter.attachments == tuple(file.name for file in written.attachments)


@pytest.mark.parametrize(
    ("on", "rings_on"),
    [
        (LAUNCH_DAY, date(2024, 5, 28)),
        (date(2024, 5, 28), date(2024, 5, 30)),
        (date(2024, 5, 30), date(2024, 5, 31)),
        (date(2024, 5, 31), None),
    ],
)
def test_the_calendar_rings_three_working_days_before_or_on_the_first_day_left(
    desk: Desk, on: date, rings_on: date | None
) -> None:
    _, written = draft(desk, K.LAUNCH, on=on)
    (due_date,) = written.due_dates
    assert (due_date.due_on, due_date.remind_on, due_date.revision) == (desk.phase.due, rings_on, 0)
    assert due_date.key == f"wushen_2024/self_check/self_check/{desk.units[0].code}"


def test_a_date_that_was_moved_is_sent_again_with_the_next_reminder(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    obligation = replace(desk.obligation(desk.units[0]), due_on=date(2024, 6, 7))
    monkeypatch.setattr(Desk, "obligation", lambda *_: obligation)
    monkeypatch.setattr(type(desk.using.ledger.obligations), "get", lambda *_: obligation)
    _, written = draft(desk, K.REMINDER)
    (due_date,) = written.due_dates
    assert (due_date.due_on, due_date.revision) == (date(2024, 6, 7), 7)
    assert written.letter.deadline.moved_from == date(2024, 5, 31)
    assert written.attachments[-1].name.endswith(".ics")


def test_a_digest_takes_each_units_workbook_along_and_rings_once(desk: Desk) -> None:
    mail = [
        (notice, replace(one, to="c@unit.example"))
        for notice, one in (draft(desk, K.LAUNCH, n) for n in (1, 0))
    ]
    kind, digest = write.digest(desk.campaign, mail, on=LAUNCH_DAY, using=desk.using)
    assert kind is K.DIGEST
    assert isinstance(digest.letter, DigestLetter)
    assert [line.unit_code for line in digest.letter.lines] == sorted(unit.code for unit in desk.units[:2])
    assert [file.unit_code for file in digest.attachments] == [desk.units[1].code, desk.units[0].code, None]
    assert [line.workbook.partition("_")[0] for line in digest.letter.lines] == [
        unit.code for unit in desk.units[:2]
    ]
    assert digest.letter.launch


def test_a_digest_too_long_to_read_has_its_list_as_a_file(desk: Desk) -> None:
    notice, one = draft(desk, K.REMINDER)
    assert isinstance(one.letter, UnitLetter)
    mail = [
        (
            notice,
            replace(
                one,
                letter=replace(
                    one.letter, unit=factories.make_unit(number).model_copy(update={"name": "=1+1"})
                ),
            ),
        )
        for number in range(100, 100 + write.LISTED + 1)
    ]
    _, digest = write.digest(desk.campaign, mail, on=LAUNCH_DAY, using=desk.using)
    assert isinstance(digest.letter, DigestLetter)
    assert digest.letter.full_list == digest.attachments[-1].name == "待办单位清单.csv"
    content = write.content(digest.attachments[-1], desk.using).decode("utf-8-sig")
    assert len(content.splitlines()) == 1 + write.LISTED + 1
    assert ",'=1+1," in content, "a name must never be a formula"
    _, short = write.digest(desk.campaign, mail[:-1], on=LAUNCH_DAY, using=desk.using)
    assert isinstance(short.letter, DigestLetter)
    assert short.letter.full_list == ""


def unreached(count: int) -> list[Unreached]:
    return [Unreached(f"P{number}", f"示例单位{number}", "名册没有登记邮箱") for number in range(count)]


@pytest.mark.parametrize(("sent", "difference"), [(139, 0), (138, 1), (141, -2)])
def test_the_list_of_those_not_notified_says_by_how_much_its_sums_are_out(
    desk: Desk, sent: int, difference: int
) -> None:
    written = write_staff.not_notified(
        desk.campaign,
        desk.phase,
        desk.campaign.post("office_director"),
        step_title="启动通知",
        expected=144,
        sent=sent,
        not_needed={"免报": 2},
        unreached=unreached(3),
        on=LAUNCH_DAY,
        using=desk.using,
    )
    assert isinstance(written.letter, NotNotifiedLetter)
    assert written.letter.difference == difference
    assert written.to == "office_director@bureau.example"


def test_a_letter_for_a_vacant_post_goes_to_the_office_and_shows_three_samples(bare: Desk) -> None:
    written = write_staff.approval_request(
        bare.campaign,
        bare.phase,
        bare.campaign.post("office_director"),
        step_title="启动通知",
        count=312,
        decide_by=factories.at("2024-05-08"),
        samples=[SampleMail("示例单位", "主题", "正文")] * 5,
        unreached=[],
        on=LAUNCH_DAY,
        using=bare.using,
    )
    assert written.to == bare.using.office.mailbox
    assert len(written.letter.samples) == write_staff.SAMPLES  # type: ignore[union-attr]
