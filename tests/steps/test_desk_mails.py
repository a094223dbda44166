"""Mails and posts decided at the desk: sent again to a few, settled when in doubt, let go after a restore, sent elsewhere."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from include.domain.errors import GiveUp
from include.domain.notices import NewNotice, NoticeKind, NoticeState, notice_key
from include.domain.plans import EVERYTHING
from include.steps import desk_campaign, desk_sending, stop_sending
from include.steps.slips import Slip
from tests import factories
from tests.steps.conftest import Desk

DAY = date(2024, 5, 24)
ONE, TWO, THREE = (factories.make_unit(number).code for number in (1, 2, 3))
AGAIN = {"kind": "launch", "units": f"{ONE}\n{TWO.lower()}\n{THREE}"}
HOLDER = {"post": "office_director", "email": "Director2@bureau.example", "since": "2024-06-01"}


def slip(desk: Desk, answers: dict[str, str], *, dry_run: bool = False) -> Slip:
    return Slip(desk.campaign, DAY, "admin", "单位称没有收到", answers, dry_run, desk.using)


@pytest.fixture
def told(desk: Desk) -> Desk:
    """The first unit was written to, of the second nobody knows, the third was never planned for."""
    outbox, mode = desk.using.ledger.outbox, desk.mail.mode
    for code in (ONE, TWO):
        key = notice_key(mode, desk.campaign.id, "launch", code)
        outbox.plan(
            [
                NewNotice(
                    key,
                    mode,
                    desk.campaign.id,
                    NoticeKind.LAUNCH,
                    DAY,
                    phase_key="self_check",
                    unit_code=code,
                )
            ]
        )
    claimed = outbox.claim(
        desk.campaign.id, mode=mode, limit=9, now=desk.clock[0], lease=timedelta(minutes=5)
    )
    first = next(each for each in claimed if each.unit_code == ONE)
    outbox.record_mail([first.id], NoticeState.ACCEPTED, at=desk.clock[0], to="one@unit.example")
    desk.clock[0] += timedelta(hours=1)
    outbox.expire_leases(now=desk.clock[0])
    return desk


def states(desk: Desk) -> list[tuple[str | None, NoticeState]]:
    return [(row.unit_code, row.state) for row in desk.using.ledger.outbox.rows(desk.campaign.id)]


def test_only_what_has_left_is_sent_again_and_once(told: Desk) -> None:
    before = states(told)
    shown = desk_sending.send_again(slip(told, AGAIN, dry_run=True))
    assert states(told) == before
    assert [line[: len(ONE)] for line in shown.changes] == [ONE]
    assert any(TWO in note and "先登记核实结果" in note for note in shown.notes)
    assert any(THREE in note and "没有发过" in note for note in shown.notes)
    assert desk_sending.send_again(slip(told, AGAIN)) == shown
    assert states(told) == [*before, (ONE, NoticeState.PLANNED)]
    again = desk_sending.send_again(slip(told, AGAIN))
    assert again.changes == ()
    assert any("已列入发送，尚未发出" in note for note in again.notes)


@pytest.mark.parametrize(
    ("found", "state"), [("sent", NoticeState.ACCEPTED), ("resend", NoticeState.PLANNED)]
)
def test_a_mail_in_doubt_is_settled_by_a_person(told: Desk, found: str, state: NoticeState) -> None:
    (row,) = told.using.ledger.outbox.in_doubt(told.campaign.id)
    answers = {"number": str(row.id), "found": found}
    desk_sending.settle(slip(told, answers, dry_run=True))
    assert told.using.ledger.outbox.in_doubt(told.campaign.id)
    desk_sending.settle(slip(told, answers))
    assert (TWO, state) in states(told)
    with pytest.raises(GiveUp, match="不是待核实的邮件"):
        desk_sending.settle(slip(told, answers))


def test_too_many_or_unknown_units_are_refused(told: Desk) -> None:
    many = "\n".join(f"P1506260{number:04d}" for number in range(desk_sending.MOST_AGAIN + 1))
    with pytest.raises(GiveUp, match="一次写1至50家"):
        desk_sending.send_again(slip(told, {**AGAIN, "units": many}))
    with pytest.raises(ValueError, match="名册中没有编码"):
        desk_sending.send_again(slip(told, {**AGAIN, "units": "P15062699999"}))


def test_after_a_restore_and_only_then_sending_is_confirmed(desk: Desk) -> None:
    with pytest.raises(GiveUp, match="无需确认"):
        desk_sending.confirm_restored(slip(desk, {}))
    stop_sending.stop(EVERYTHING, by=stop_sending.SYSTEM, reason="台账是从备份恢复的", using=desk.using)
    desk_sending.confirm_restored(slip(desk, {}, dry_run=True))
    assert stop_sending.now(EVERYTHING, desk.using)
    told = desk_sending.confirm_restored(slip(desk, {}))
    assert any("待核实" in note for note in told.notes)
    assert stop_sending.now(EVERYTHING, desk.using) is None


def test_what_a_person_stopped_is_not_confirmed_as_restored(desk: Desk) -> None:
    stop_sending.stop(EVERYTHING, by="admin", reason="名单有误", using=desk.using)
    with pytest.raises(GiveUp, match="用“恢复发送”"):
        desk_sending.confirm_restored(slip(desk, {}))


def test_a_post_is_held_by_another_from_a_day_on(desk: Desk) -> None:
    def address(on: date) -> str:
        holder = desk.using.ledger.roster.holder(desk.campaign.id, "office_director", on=on)
        assert holder is not None
        return holder.email

    shown = desk_campaign.appoint(slip(desk, HOLDER, dry_run=True))
    assert address(date(2024, 6, 1)) == "office_director@bureau.example"
    assert desk_campaign.appoint(slip(desk, HOLDER)) == shown
    assert address(date(2024, 5, 31)) == "office_director@bureau.example"
    assert address(date(2024, 6, 1)) == "director2@bureau.example"
    assert desk_campaign.appoint(slip(desk, HOLDER)).changes == ()
    assert desk.using.ledger.audit.verify() is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": "主任"}, "不是邮箱地址"),
        ({"email": "a@b.cn,c@d.cn"}, "不是邮箱"),
        ({"post": "nobody"}, "没有岗位"),
    ],
)
def test_a_holder_that_cannot_be_is_refused(desk: Desk, change: dict[str, str], sentence: str) -> None:
    with pytest.raises((GiveUp, ValueError), match=sentence):
        desk_campaign.appoint(slip(desk, HOLDER | change))


def test_an_amended_notice_is_shown_and_then_entered(desk: Desk) -> None:
    phase = desk.campaign.phase("self_check")
    later = phase.model_copy(update={"due": date(2024, 6, 14)})
    phases = tuple(later if each.key == phase.key else each for each in desk.campaign.phases)
    for owed in phase.returns:
        desk.using.ledger.obligations.open(desk.campaign.id, phase.key, owed, due_on=phase.due, on=DAY)
    approved = {"approved_by": "office_director"}
    assert desk_campaign.amend(slip(desk, approved)).changes == ()
    desk.campaign = desk.campaign.model_copy(update={"phases": phases})
    shown = desk_campaign.amend(slip(desk, approved, dry_run=True))
    assert "截止日由2024-05-31推迟到2024-06-14" in shown.changes[0]
    assert desk_campaign.amend(slip(desk, approved)) == shown
    assert desk_campaign.amend(slip(desk, approved)).changes == ()
