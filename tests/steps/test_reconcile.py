"""After a step the office hears of everyone it did not reach, and a sum that is out by one is an alarm."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from include.domain.calls import CallResult, PhoneCall
from include.domain.errors import GiveUp, InDoubt
from include.domain.letters import DeliveryAlarmLetter, NotNotifiedLetter
from include.domain.notices import NewNotice, NoticeKind, SendMode
from include.domain.plans import SendingRules, Standing
from include.steps import approve, deliver, plan, reconcile
from tests.steps.conftest import LAUNCH_DAY, Desk


@pytest.fixture
def launched(desk: Desk) -> Desk:
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    return desk


def send(desk: Desk, on: date = LAUNCH_DAY) -> None:
    deliver.notices(desk.campaign, on=on, using=desk.using)


def settle_accounts(desk: Desk, on: date = LAUNCH_DAY) -> dict[str, int]:
    counts = reconcile.batches(desk.campaign, on=on, using=desk.using)
    send(desk, on)
    return counts


def letters(desk: Desk, kind: type) -> list:
    return [letter for _, letter in desk.letters.written if isinstance(letter, kind)]


def test_the_list_of_those_not_notified_sums_to_everyone_who_owes(launched: Desk) -> None:
    launched.mail.answers[str(launched.units[0].contact_email)] = GiveUp("552 邮箱已满")
    send(launched)
    counts = settle_accounts(launched)
    assert counts == {"列入发送": 6, "已发出": 5, "未发": 0, "未成功": 1, "未能通知的单位": 2}
    [letter] = letters(launched, NotNotifiedLetter)
    assert (letter.expected, letter.sent, letter.spared, len(letter.lines)) == (7, 5, 0, 2)
    assert letter.difference == 0
    reasons = {line.unit_code: line.reason for line in letter.lines}
    assert "552" in reasons[launched.units[0].code]
    assert reasons[launched.units[5].code] == "无可用邮箱"
    assert all(line.phone for line in letter.lines)
    assert letters(launched, DeliveryAlarmLetter) == []


def test_the_list_brings_the_workbook_to_call_from_and_what_was_said_before(launched: Desk) -> None:
    call = PhoneCall(launched.units[5].code, LAUNCH_DAY, CallResult.NO_ANSWER, "办公室", called_at="09:30")
    launched.using.ledger.calls.enter(
        launched.campaign.id, [call], on=LAUNCH_DAY, actor="test", reason="电话催办"
    )
    send(launched)
    settle_accounts(launched)
    [letter] = letters(launched, NotNotifiedLetter)
    assert letter.attachments == ("电话催办表.xlsx",)
    assert [line.last_call for line in letter.lines] == ["2024-05-06 09:30 无人接听"]
    [mail] = [each for each in launched.mail.sent if any("电话催办表" in a.name for a in each.attachments)]
    assert mail.attachments[0].content == b"xlsx:register:call:1"


def test_the_office_gets_one_list_per_batch_however_often_it_is_reconciled(launched: Desk) -> None:
    send(launched)
    settle_accounts(launched)
    settle_accounts(launched)
    assert len(launched.notices(NoticeKind.NOT_NOTIFIED)) == 1


def test_a_notice_in_doubt_raises_the_alarm_and_names_it(launched: Desk) -> None:
    launched.mail.answers[str(launched.units[0].contact_email)] = InDoubt("连接中断")
    send(launched)
    settle_accounts(launched)
    [alarm] = letters(launched, DeliveryAlarmLetter)
    assert (alarm.planned, alarm.sent, alarm.failed, alarm.difference) == (6, 5, 1, 0)
    assert [each.recipient for each in alarm.in_doubt] == [launched.units[0].code]


def test_a_difference_of_one_raises_the_alarm(launched: Desk) -> None:
    send(launched)
    database = launched.using.ledger.outbox._database
    with database.writing() as connection:
        connection.execute(
            text("UPDATE notice SET dispatch_id = NULL WHERE id = (SELECT min(id) FROM notice)")
        )
    settle_accounts(launched)
    [alarm] = letters(launched, DeliveryAlarmLetter)
    assert alarm.difference == 1


def test_all_well_raises_no_alarm(launched: Desk) -> None:
    send(launched)
    settle_accounts(launched)
    assert launched.notices(NoticeKind.DELIVERY_ALARM) == []


def test_what_still_waits_counts_as_not_notified(launched: Desk) -> None:
    [batch] = launched.using.ledger.outbox.dispatches(launched.campaign.id)
    found = reconcile.account(batch, launched.using)
    assert len(found.units(Standing.UNREACHED)) == 7
    assert found.is_whole


def test_a_batch_on_its_way_is_accounted_for_the_next_day_as_it_stands(launched: Desk) -> None:
    assert reconcile.batches(launched.campaign, on=LAUNCH_DAY, using=launched.using) == {}
    counts = reconcile.batches(launched.campaign, on=LAUNCH_DAY + timedelta(days=1), using=launched.using)
    assert (counts["已发出"], counts["未能通知的单位"]) == (0, 7)


def test_a_worker_that_died_is_told_of_once_its_lease_has_run_out(launched: Desk) -> None:
    outbox = launched.using.ledger.outbox
    outbox.claim(
        launched.campaign.id, mode=SendMode.LIVE, limit=1, now=launched.clock[0], lease=deliver.LEASE
    )
    send(launched)
    assert reconcile.batches(launched.campaign, on=LAUNCH_DAY, using=launched.using) == {}
    launched.clock[0] += deliver.LEASE
    send(launched)
    settle_accounts(launched)
    [alarm] = letters(launched, DeliveryAlarmLetter)
    assert len(alarm.in_doubt) == 1


def test_a_receipt_in_doubt_raises_an_alarm_too_and_only_one(launched: Desk) -> None:
    send(launched)
    unit = launched.units[0]
    obligation = launched.obligation(unit)
    launched.using.ledger.outbox.plan(
        [
            NewNotice(
                key="live/receipt",
                mode=SendMode.LIVE,
                campaign_id=launched.campaign.id,
                kind=NoticeKind.RECEIPT,
                planned_on=LAUNCH_DAY,
                obligation_id=obligation.id,
                unit_code=unit.code,
            )
        ]
    )
    [claimed] = launched.using.ledger.outbox.claim(
        launched.campaign.id, mode=SendMode.LIVE, limit=1, now=launched.clock[0], lease=deliver.LEASE
    )
    launched.clock[0] += deliver.LEASE
    send(launched)
    settle_accounts(launched)
    settle_accounts(launched)
    [alarm] = letters(launched, DeliveryAlarmLetter)
    assert [each.recipient for each in alarm.in_doubt] == [unit.code]
    launched.using.ledger.outbox.settle(
        claimed.id, was_sent=True, by="办公室", reason="已核实", at=launched.clock[0]
    )
    settle_accounts(launched)
    assert len(letters(launched, DeliveryAlarmLetter)) == 1


def test_a_roster_wide_batch_is_accounted_for_too(desk: Desk) -> None:
    phase = desk.campaign.phases[0]
    plan.announcements(desk.campaign, phase, on=LAUNCH_DAY, units=None, using=desk.using)
    send(desk)
    counts = reconcile.batches(desk.campaign, on=LAUNCH_DAY, using=desk.using)
    assert (counts["已发出"], counts["未能通知的单位"]) == (6, 1)


@pytest.fixture
def large(desk: Desk) -> Desk:
    object.__setattr__(desk.using, "sending", SendingRules(approve_above=3))
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    return desk


def test_a_large_batch_is_laid_before_a_person_with_samples_and_the_unreachable(large: Desk) -> None:
    page = approve.request(large.campaign, large.phase, on=LAUNCH_DAY, using=large.using)
    assert "拟发送 **6** 份" in page
    assert large.units[5].code in page
    assert page.count("样件") == approve.SAMPLES
    send(large)
    [request] = large.mail.sent
    assert request.to == "office_director@bureau.example"
    assert large.notices(NoticeKind.LAUNCH)[0][2].value == "planned"


def test_only_after_a_yes_the_batch_leaves(large: Desk) -> None:
    assert (
        approve.decide(
            large.campaign,
            large.phase,
            on=LAUNCH_DAY,
            approved=True,
            by="director",
            reason="",
            using=large.using,
        )
        == 6
    )
    assert (
        approve.decide(
            large.campaign,
            large.phase,
            on=LAUNCH_DAY,
            approved=False,
            by="director",
            reason="",
            using=large.using,
        )
        == 0
    )
    send(large)
    assert len(large.mail.sent) == 6


def test_a_no_sends_nothing_and_the_batch_can_be_laid_before_again(large: Desk) -> None:
    approve.decide(
        large.campaign,
        large.phase,
        on=LAUNCH_DAY,
        approved=False,
        by="director",
        reason="名册未核",
        using=large.using,
    )
    send(large)
    assert large.mail.sent == []
    assert reconcile.batches(large.campaign, on=LAUNCH_DAY, using=large.using) == {}
    next_day = LAUNCH_DAY + timedelta(days=1)
    again = plan.launch(large.campaign, large.phase, on=next_day, units=None, using=large.using)
    assert (again.entered, again.waiting) == (6, 6)


def test_a_word_concerns_only_the_batches_laid_before_the_person(large: Desk) -> None:
    next_day = LAUNCH_DAY + timedelta(days=1)
    preparation = large.campaign.phases[0]
    plan.announcements(large.campaign, preparation, on=LAUNCH_DAY, units=None, using=large.using)
    page = approve.request(large.campaign, preparation, on=LAUNCH_DAY, using=large.using)
    assert page.count("拟发送") == 1, "the batch of another phase is asked about by its own run"
    said = {"approved": True, "by": "director", "reason": "", "using": large.using}
    assert approve.decide(large.campaign, large.phase, on=LAUNCH_DAY - timedelta(days=1), **said) == 0
    assert approve.decide(large.campaign, large.phase, on=next_day, **said) == 6
    [left] = large.using.ledger.outbox.dispatches(large.campaign.id, waiting=True)
    assert left.phase_key == preparation.key
