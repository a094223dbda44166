"""Mail to one unit suspended: kept back when it would be sent, listed with its reason, and not lost."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.errors import GiveUp
from include.domain.letters import NotNotifiedLetter
from include.domain.notices import NoticeKind, NoticeState
from include.domain.plans import EVERYTHING, unit_scope
from include.steps import deliver, plan, reconcile, stop_sending
from tests.steps.conftest import LAUNCH_DAY, Desk

WHO = {"by": "admin", "reason": "正在核实联系人"}


@pytest.fixture
def launched(desk: Desk) -> Desk:
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    return desk


def suspend(desk: Desk, number: int = 0) -> str:
    code = desk.units[number].code
    stop_sending.stop(unit_scope(desk.campaign.id, code), using=desk.using, **WHO)
    return code


def resume(desk: Desk, code: str, on: date = LAUNCH_DAY) -> int:
    return stop_sending.resume_unit(desk.campaign, code, on=on, using=desk.using, **WHO)


def run(desk: Desk, on: date = LAUNCH_DAY) -> dict[NoticeState, int]:
    return deliver.notices(desk.campaign, on=on, using=desk.using)


def test_only_that_unit_is_kept_back(launched: Desk) -> None:
    code = suspend(launched)
    assert run(launched) == {NoticeState.HELD: 1, NoticeState.ACCEPTED: 5}
    assert launched.mail.to(str(launched.units[0].contact_email)) == []
    [row] = [row for row in launched.using.ledger.outbox.rows(launched.campaign.id) if row.unit_code == code]
    assert row.detail == "已暂停向该单位发信（admin：正在核实联系人），请电话告知"


def test_it_is_listed_as_not_notified_with_the_reason(launched: Desk) -> None:
    code = suspend(launched)
    run(launched)
    reconcile.batches(launched.campaign, on=LAUNCH_DAY, using=launched.using)
    run(launched)
    [letter] = [each for _, each in launched.letters.written if isinstance(each, NotNotifiedLetter)]
    assert letter.difference == 0
    assert {line.unit_code: line.reason for line in letter.lines}[code].endswith(
        "正在核实联系人），请电话告知"
    )


def test_what_was_kept_back_goes_out_once_after_all(launched: Desk) -> None:
    code = suspend(launched)
    run(launched)
    assert resume(launched, code) == 1
    assert run(launched) == {NoticeState.ACCEPTED: 1}
    assert len(launched.mail.to(str(launched.units[0].contact_email))) == 1
    assert run(launched) == {}
    suspend(launched)
    assert resume(launched, code) == 0, "nothing has been kept back since"


def test_a_second_suspension_loses_nothing_either(launched: Desk) -> None:
    code = suspend(launched)
    run(launched)
    resume(launched, code)
    suspend(launched)
    assert run(launched) == {NoticeState.HELD: 1}
    assert resume(launched, code) == 1
    assert run(launched) == {NoticeState.ACCEPTED: 1}


def test_what_is_no_longer_wanted_is_not_sent_after_all(desk: Desk) -> None:
    step = next(step for step in desk.campaign.ladder if step.offset < 0)
    day = desk.using.calendar.shift(desk.phase.due, step.offset)
    plan.reminders(desk.campaign, desk.phase, on=day, units=None, step_key=None, using=desk.using)
    code = suspend(desk)
    run(desk, day)
    late = desk.using.calendar.shift(desk.phase.due, 1)
    resume(desk, code, late)
    run(desk, late)
    kinds = [(kind, state) for who, kind, state in desk.notices(NoticeKind.REMINDER) if who == code]
    assert kinds == [(NoticeKind.REMINDER, NoticeState.HELD), (NoticeKind.REMINDER, NoticeState.SKIPPED)]


def test_resuming_a_unit_that_was_not_suspended_is_refused(launched: Desk) -> None:
    with pytest.raises(GiveUp, match="没有暂停向"):
        resume(launched, launched.units[0].code)


def test_other_stops_are_other_stops(launched: Desk) -> None:
    code = suspend(launched)
    stop_sending.stop(EVERYTHING, using=launched.using, **WHO)
    assert {each.scope for each in stop_sending.standing(launched.campaign, launched.using)} == {
        EVERYTHING,
        unit_scope(launched.campaign.id, code),
    }
    assert stop_sending.resume(EVERYTHING, using=launched.using, **WHO)
    assert run(launched)[NoticeState.HELD] == 1


def test_confirming_a_restored_ledger_lowers_the_mark(launched: Desk) -> None:
    launched.using.watermark.write(1_000)
    assert run(launched) == {}
    assert stop_sending.resume(EVERYTHING, using=launched.using, **WHO)
    assert run(launched) == {NoticeState.ACCEPTED: 6}
