"""Nothing is sent twice, nothing is lost, and one bad notice never stops the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from include.domain.errors import GiveUp, InDoubt, Refusal, TryAgain
from include.domain.model import UnitKind
from include.domain.notices import Handed, Message, NoticeKind, NoticeState, SendMode
from include.domain.plans import EVERYTHING, Reason, Returned, SendingRules, Standing
from include.domain.quota import QuietHours, Quota
from include.domain.returns import Judgement, Verdict
from include.domain.units import RosterChange
from include.gateways.ledger import sending
from include.steps import deliver, open_phase, plan, reconcile, returned_mail
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk


@pytest.fixture
def launched(desk: Desk) -> Desk:
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    return desk


def run(desk: Desk, on: date = LAUNCH_DAY) -> dict[NoticeState, int]:
    return deliver.notices(desk.campaign, on=on, using=desk.using)


def states(desk: Desk) -> dict[str | None, NoticeState]:
    return {who: state for who, _, state in desk.notices()}


def test_each_notice_is_sent_once_over_one_connection(launched: Desk) -> None:
    assert run(launched) == {NoticeState.ACCEPTED: 6}
    assert run(launched) == {}
    assert launched.mail.sessions == 1
    assert len({message.to for message in launched.mail.sent}) == 6


def test_no_connection_is_opened_when_there_is_nothing_to_send(desk: Desk) -> None:
    assert run(desk) == {}
    assert desk.mail.sessions == 0


def test_every_unit_gets_its_own_workbook_and_nobody_elses(launched: Desk) -> None:
    run(launched)
    for message in launched.mail.sent:
        code = message.to.split("@")[0].upper()
        workbook, due_date = message.attachments
        assert workbook.content == f"xlsx:prefilled:self_check:{code}".encode()
        assert code in due_date.content.decode()
        assert message.attachments[0].name.startswith(code)


def test_a_mail_server_that_is_down_loses_nothing_and_asks_to_be_tried_again(launched: Desk) -> None:
    launched.mail.down = TryAgain("connection refused")
    with pytest.raises(TryAgain):
        run(launched)
    assert set(states(launched).values()) == {NoticeState.PLANNED}
    launched.mail.down = None
    launched.clock[0] += timedelta(hours=1)
    assert run(launched) == {NoticeState.ACCEPTED: 6}


def test_a_refused_address_is_settled_and_the_others_still_go_out(launched: Desk) -> None:
    bad = launched.units[0]
    launched.mail.answers[str(bad.contact_email)] = GiveUp("550 no such user")
    assert run(launched) == {NoticeState.ACCEPTED: 5, NoticeState.REFUSED: 1}
    assert run(launched) == {}


def test_a_temporary_fault_is_tried_again_later_and_only_for_that_notice(launched: Desk) -> None:
    slow = str(launched.units[0].contact_email)
    launched.mail.answers[slow] = TryAgain("451 greylisted")
    with pytest.raises(TryAgain):
        run(launched)
    assert len(launched.mail.sent) == 5
    del launched.mail.answers[slow]
    assert run(launched) == {}, "its pause has not passed"
    launched.clock[0] += timedelta(minutes=6)
    assert run(launched) == {NoticeState.ACCEPTED: 1}
    assert len(launched.mail.to(slow)) == 1


def test_a_notice_in_doubt_is_never_sent_again_by_itself(launched: Desk) -> None:
    address = str(launched.units[0].contact_email)
    launched.mail.answers[address] = InDoubt("connection lost after DATA")
    assert run(launched)[NoticeState.IN_DOUBT] == 1
    launched.mail.answers.clear()
    launched.clock[0] += timedelta(days=3)
    assert run(launched) == {}
    assert launched.mail.to(address) == []


def test_a_worker_that_died_leaves_its_notice_in_doubt_and_the_rest_go_out(launched: Desk) -> None:
    claimed = launched.using.ledger.outbox.claim(
        launched.campaign.id, mode=SendMode.LIVE, limit=1, now=launched.clock[0], lease=deliver.LEASE
    )
    launched.clock[0] += deliver.LEASE + timedelta(seconds=1)
    assert run(launched) == {NoticeState.ACCEPTED: 5}
    assert states(launched)[claimed[0].unit_code] is NoticeState.IN_DOUBT


def test_a_return_accepted_before_sending_stops_the_mail(launched: Desk) -> None:
    unit = launched.units[0]
    file = launched.using.ledger.returns.receive(
        launched.campaign.id,
        name="a.xlsx",
        sha256="a" * 64,
        kind="workbook",
        channel="folder",
        received_at=factories.at("2024-05-06"),
        received_on=LAUNCH_DAY,
    )
    launched.using.ledger.returns.judge(
        [Judgement(file.id, Verdict.ACCEPTED, unit.code, launched.obligation(unit).id)],
        [],
        on=LAUNCH_DAY,
        actor="test",
    )
    assert run(launched) == {NoticeState.ACCEPTED: 5, NoticeState.SKIPPED: 1}
    assert launched.mail.to(str(unit.contact_email)) == []


def test_a_text_that_cannot_be_written_is_put_back_and_stops_nobody_else(launched: Desk) -> None:
    plan.escalations(launched.campaign, launched.phase, on=date(2024, 6, 3), using=launched.using)
    launched.letters.broken.add(NoticeKind.ESCALATION)
    with pytest.raises(TryAgain):
        run(launched, date(2024, 6, 3))
    assert len(launched.mail.sent) == 6
    assert NoticeState.PLANNED in states(launched).values()


def test_an_attachment_of_another_unit_is_never_sent(launched: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from include.domain.notices import Attachment
    from include.steps import write

    stranger = Attachment("x.xlsx", launched.using.archive.put(b"x"), "P15062699999")
    monkeypatch.setattr(write, "own_workbook", lambda *_: stranger)
    assert run(launched) == {NoticeState.REFUSED: 6}
    assert launched.mail.sent == []


def test_an_escalation_for_a_vacant_post_goes_to_the_office(bare: Desk) -> None:
    units = [factories.make_unit(1)]
    bare.using.ledger.roster.freeze(
        bare.campaign.id, units, [], on=LAUNCH_DAY, actor="test", source_sha256="0" * 64
    )
    open_phase.obligations(bare.campaign, bare.phase, on=LAUNCH_DAY, using=bare.using)
    plan.escalations(bare.campaign, bare.phase, on=date(2024, 6, 3), using=bare.using)
    run(bare, date(2024, 6, 3))
    assert {message.to for message in bare.mail.sent} == {"office@bureau.example"}


def shared_desk(bare: Desk, *, backup: str | None = None, count: int = 4) -> Desk:
    """Units whose contact is the same person, and one of its own."""
    bare.units = [
        *(factories.make_unit(n, email="chain@pharmacy.example") for n in range(1, count)),
        factories.make_unit(count, email="own@pharmacy.example"),
    ]
    if backup:
        bare.units = [unit.model_copy(update={"backup_email": backup}) for unit in bare.units]
    posts = [factories.make_holder(post.key) for post in bare.campaign.posts]
    bare.using.ledger.roster.freeze(
        bare.campaign.id, bare.units, posts, on=LAUNCH_DAY, actor="test", source_sha256="0" * 64
    )
    open_phase.obligations(bare.campaign, bare.phase, on=LAUNCH_DAY, using=bare.using)
    plan.launch(bare.campaign, bare.phase, on=LAUNCH_DAY, units=None, using=bare.using)
    return bare


def test_the_contact_of_several_units_gets_one_mail_with_each_units_own_workbook(bare: Desk) -> None:
    desk = shared_desk(bare)
    assert run(desk) == {NoticeState.ACCEPTED: 4}
    [chain] = desk.mail.to("chain@pharmacy.example")
    assert len(desk.mail.sent) == 2
    workbooks = [a.content.decode() for a in chain.attachments if a.content.startswith(b"xlsx:prefilled")]
    assert sorted(workbooks) == sorted(f"xlsx:prefilled:self_check:{unit.code}" for unit in desk.units[:3])
    assert desk.letters.written[0][0] is NoticeKind.DIGEST


def test_the_contact_of_several_units_is_told_once_of_the_campaign(bare: Desk) -> None:
    bare.units = [
        *(factories.make_unit(n, email="chain@pharmacy.example") for n in (1, 2)),
        factories.make_unit(3, email="chain@pharmacy.example", kind=UnitKind.MEDICAL_INSTITUTION),
    ]
    bare.using.ledger.roster.freeze(
        bare.campaign.id, bare.units, [], on=LAUNCH_DAY, actor="test", source_sha256="0" * 64
    )
    phase = bare.campaign.phases[0]
    plan.announcements(bare.campaign, phase, on=LAUNCH_DAY, units=None, using=bare.using)
    assert run(bare) == {NoticeState.ACCEPTED: 3}
    told = [[unit.code for unit in letter.units] for _, letter in bare.letters.written]  # type: ignore[union-attr]
    assert sorted(told) == [[], [unit.code for unit in bare.units[:2]]]


def test_a_digest_leaves_out_the_unit_whose_contact_has_changed_meanwhile(bare: Desk) -> None:
    desk = shared_desk(bare)
    moved = desk.units[1].model_copy(update={"contact_email": "new@pharmacy.example"})
    desk.using.ledger.roster.adjust(
        desk.campaign.id,
        [RosterChange(kind="changed", unit=moved, effective_on=LAUNCH_DAY, reason="更换联系人")],
        actor="test",
    )
    assert run(desk) == {NoticeState.ACCEPTED: 4}
    assert sorted(message.to for message in desk.mail.sent) == [
        "chain@pharmacy.example",
        "new@pharmacy.example",
        "own@pharmacy.example",
    ]
    [alone] = desk.mail.to("new@pharmacy.example")
    assert moved.code in alone.attachments[0].name
    [chain] = desk.mail.to("chain@pharmacy.example")
    assert not any(moved.code in attachment.name for attachment in chain.attachments)


def test_a_digest_leaves_out_the_unit_that_has_reported_meanwhile(bare: Desk) -> None:
    desk = shared_desk(bare)
    file = desk.using.ledger.returns.receive(
        desk.campaign.id,
        name="a.xlsx",
        sha256="a" * 64,
        kind="workbook",
        channel="folder",
        received_at=factories.at("2024-05-06"),
        received_on=LAUNCH_DAY,
    )
    desk.using.ledger.returns.judge(
        [Judgement(file.id, Verdict.ACCEPTED, desk.units[0].code, desk.obligation(desk.units[0]).id)],
        [],
        on=LAUNCH_DAY,
        actor="test",
    )
    assert run(desk) == {NoticeState.ACCEPTED: 3, NoticeState.SKIPPED: 1}
    [chain] = desk.mail.to("chain@pharmacy.example")
    assert not any(desk.units[0].code in attachment.name for attachment in chain.attachments)


def test_a_digest_that_is_put_back_goes_out_whole_later(bare: Desk) -> None:
    desk = shared_desk(bare)
    desk.mail.answers["chain@pharmacy.example"] = TryAgain("451")
    with pytest.raises(TryAgain):
        run(desk)
    desk.mail.answers.clear()
    desk.clock[0] += timedelta(minutes=6)
    assert run(desk) == {NoticeState.ACCEPTED: 3}
    assert len(desk.mail.to("chain@pharmacy.example")) == 1


@pytest.mark.parametrize("connections", [1, 4])
def test_several_connections_send_each_notice_once(launched: Desk, connections: int) -> None:
    launched.mail.quota = Quota(connections=connections)
    assert run(launched) == {NoticeState.ACCEPTED: 6}
    assert len({message.message_id for message in launched.mail.sent}) == 6
    assert len(launched.mail.sent) == 6


def test_nothing_leaves_while_sending_is_stopped_and_all_of_it_after(launched: Desk) -> None:
    outbox = launched.using.ledger.outbox
    outbox.stop(EVERYTHING, by="办公室", reason="名册有误", at=launched.clock[0])
    assert run(launched) == {}
    assert launched.mail.sent == []
    outbox.resume(EVERYTHING, by="办公室", reason="已更正", at=launched.clock[0])
    assert run(launched) == {NoticeState.ACCEPTED: 6}


def test_a_stop_in_the_middle_of_a_run_lets_no_further_mail_out(launched: Desk) -> None:
    real = launched.mail.send

    def send_and_stop(message: Message) -> Handed:
        if len(launched.mail.sent) == 2:
            launched.using.ledger.outbox.stop(
                launched.campaign.id, by="办公室", reason="停", at=launched.clock[0]
            )
        return real(message)

    launched.mail.send = send_and_stop  # type: ignore[method-assign]
    assert run(launched) == {NoticeState.ACCEPTED: 3}
    assert run(launched) == {}


def test_no_mail_is_claimed_before_its_turn(launched: Desk) -> None:
    """It would be in doubt, and all that time no other worker could send it, should this one die waiting."""
    claimed_while_waiting: list[int] = []

    def ready(*, at_most: float) -> bool:
        claimed_while_waiting.append(list(states(launched).values()).count(NoticeState.SENDING))
        return at_most > 0

    launched.mail.ready = ready  # type: ignore[method-assign]
    assert run(launched) == {NoticeState.ACCEPTED: 6}
    # The mail just handed over is not recorded yet when it is asked whether the next may follow at once.
    assert claimed_while_waiting == [0, *[1, 0] * 6]


@pytest.mark.parametrize(("hour", "sent"), [(7, 0), (8, 6), (19, 6), (20, 0)])
def test_quiet_hours_keep_the_mail_until_morning(launched: Desk, hour: int, sent: int) -> None:
    quiet = QuietHours(until=time(8), since=time(20), on_free_days=False)
    using = replace(launched.using, sending=SendingRules(quiet_hours=quiet))
    launched.clock[0] = launched.clock[0].astimezone(deliver.SHANGHAI).replace(hour=hour, minute=0)
    deliver.notices(launched.campaign, on=LAUNCH_DAY, using=using)
    assert len(launched.mail.sent) == sent
    assert set(states(launched).values()) == {NoticeState.ACCEPTED if sent else NoticeState.PLANNED}


def test_a_ledger_from_an_old_backup_sends_nothing_until_a_person_says_so(launched: Desk) -> None:
    launched.using.watermark.write(1_000)
    assert run(launched) == {}
    assert launched.mail.sent == []
    [stop] = launched.using.ledger.outbox.stops()
    assert "备份" in stop.reason
    launched.using.watermark.lower(launched.using.ledger.outbox.attempts_made())
    launched.using.ledger.outbox.resume(EVERYTHING, by="办公室", reason="已核对", at=launched.clock[0])
    assert run(launched) == {NoticeState.ACCEPTED: 6}
    assert launched.using.watermark.read() == launched.using.ledger.outbox.attempts_made()


def test_an_unknown_address_is_suspended_and_the_second_one_tried_the_same_day(bare: Desk) -> None:
    desk = shared_desk(bare, backup="second@pharmacy.example", count=2)
    unknown = GiveUp("550 5.1.1 no such user", refusal=Refusal.ADDRESS_UNKNOWN, code=550)
    desk.mail.answers["own@pharmacy.example"] = unknown
    assert run(desk) == {NoticeState.ACCEPTED: 2}
    assert len(desk.mail.to("second@pharmacy.example")) == 1
    assert "own@pharmacy.example" in desk.using.ledger.inbound.suspended()


def test_a_suspended_address_is_not_written_to_again(launched: Desk) -> None:
    def unreachable() -> int:
        return launched.using.ledger.outbox.count_unreachable(launched.campaign.id, launched.phase.key)

    before = unreachable()
    address = str(launched.units[0].contact_email)
    unknown = GiveUp("550 5.1.1 no such user", refusal=Refusal.ADDRESS_UNKNOWN, code=550)
    launched.mail.answers[address] = unknown
    assert run(launched)[NoticeState.REFUSED] == 1
    launched.mail.answers.clear()
    later = date(2024, 5, 24)
    plan.reminders(launched.campaign, launched.phase, on=later, using=launched.using)
    run(launched, later)
    assert launched.mail.to(address) == []
    assert unreachable() == before + 1


def test_mail_refused_as_unwanted_three_times_stops_all_sending(launched: Desk) -> None:
    for unit in launched.units:
        launched.mail.answers[str(unit.contact_email)] = GiveUp("554 spam", refusal=Refusal.POLICY, code=554)
    assert run(launched)[NoticeState.REFUSED] == deliver.POLICY_LIMIT
    [stop] = launched.using.ledger.outbox.stops()
    assert stop.scope == EVERYTHING
    assert "垃圾邮件" in stop.reason


def test_a_fault_of_the_mailbox_is_met_once_not_once_per_mail(launched: Desk) -> None:
    tried: list[str] = []

    def refuse(message: Message) -> Handed:
        tried.append(message.to)
        raise TryAgain("535", refusal=Refusal.ACCOUNT)

    launched.mail.send = refuse  # type: ignore[method-assign]
    with pytest.raises(TryAgain):
        run(launched)
    assert len(tried) == 1
    assert set(states(launched).values()) == {NoticeState.PLANNED}


def test_the_days_allowance_used_up_is_no_fault_and_the_rest_waits(launched: Desk) -> None:
    def ready(*, at_most: float) -> bool:
        if len(launched.mail.sent) == 2:
            raise TryAgain("当日发送量已用完", refusal=Refusal.DAY_SPENT)
        return True

    launched.mail.ready = ready  # type: ignore[method-assign]
    assert run(launched) == {NoticeState.ACCEPTED: 2}
    assert list(states(launched).values()).count(NoticeState.PLANNED) == 4


def test_a_reminder_that_could_not_leave_in_its_time_is_left_to_the_next_rung(desk: Desk) -> None:
    early, late = date(2024, 5, 24), date(2024, 5, 31)
    plan.reminders(desk.campaign, desk.phase, on=early, using=desk.using)
    planned = len(desk.notices(NoticeKind.REMINDER))
    assert planned == 6
    plan.reminders(desk.campaign, desk.phase, on=late, using=desk.using)
    run(desk, late)
    states = [state for _, _, state in desk.notices(NoticeKind.REMINDER)]
    assert states.count(NoticeState.SKIPPED) == planned
    assert len(desk.mail.sent) == planned


def test_a_fault_nobody_foresaw_while_handing_over_is_in_doubt_and_names_the_mail(launched: Desk) -> None:
    unit = launched.units[0]
    launched.mail.answers[str(unit.contact_email)] = RuntimeError("unforeseen")
    assert run(launched) == {NoticeState.ACCEPTED: 5, NoticeState.IN_DOUBT: 1}
    launched.mail.answers.clear()
    assert run(launched) == {}
    [doubt] = launched.using.ledger.outbox.in_doubt(launched.campaign.id)
    assert (doubt.unit_code, doubt.recipient) == (unit.code, unit.contact_email)
    assert doubt.message_id is not None


def test_a_mail_that_took_too_long_to_write_is_not_sent_by_one_who_may_be_taken_for_dead(
    launched: Desk,
) -> None:
    render = launched.letters.render

    def slow(*args: object) -> object:
        launched.clock[0] += deliver.LATEST + timedelta(seconds=1)
        return render(*args)  # type: ignore[arg-type]

    launched.letters.render = slow  # type: ignore[assignment]
    with pytest.raises(TryAgain):
        run(launched)
    assert launched.mail.sent == []
    assert set(states(launched).values()) == {NoticeState.PLANNED}


def test_a_digest_is_recorded_whole_or_not_at_all(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = shared_desk(bare)
    real = sending.move
    moved: list[int] = []

    def dies_at_the_second(
        connection: object, trail: object, notice_id: int, *args: object, **kw: object
    ) -> int:
        moved.append(notice_id)
        if len(moved) == 2:
            raise SystemExit
        return real(connection, trail, notice_id, *args, **kw)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "move", dies_at_the_second)
    with pytest.raises(SystemExit):
        run(desk)
    monkeypatch.undo()
    chain = {unit.code for unit in desk.units[:3]}
    assert {states(desk)[code] for code in chain} == {NoticeState.SENDING}


def test_several_workers_end_with_the_mail_in_hand_when_the_ledger_fails_one(
    launched: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched.mail.quota = Quota(connections=2)

    def fail(*_: object, **__: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(sending, "record", fail)
    with pytest.raises(OSError, match="disk full"):
        run(launched)
    assert len(launched.mail.sent) <= 2
    assert len(launched.mail.sent) == list(states(launched).values()).count(NoticeState.SENDING)


def came_back(desk: Desk) -> None:
    """All of the mail of the first unit is sent, and comes back for good."""
    run(desk)
    [row] = [
        row for row in desk.using.ledger.outbox.rows(desk.campaign.id) if row.unit_code == desk.units[0].code
    ]
    returned = Returned(row.id, row.unit_code, "550 5.1.1")
    desk.using.ledger.inbound.suspend("own@pharmacy.example", reason="550 5.1.1", at=desk.clock[0])
    desk.using.ledger.outbox.came_back = lambda _: [returned]  # type: ignore[method-assign]


def test_a_run_cut_short_while_it_handles_a_bounce_loses_no_second_try(
    bare: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = shared_desk(bare, backup="second@pharmacy.example", count=1)
    came_back(desk)
    for name in ("plan_again", "bounce"):
        with monkeypatch.context() as patch:
            patch.setattr(desk.using.ledger.outbox, name, dies)
            with pytest.raises(SystemExit):
                returned_mail.notices(desk.campaign, on=LAUNCH_DAY, using=desk.using)
    returned_mail.notices(desk.campaign, on=LAUNCH_DAY, using=desk.using)
    run(desk)
    assert len(desk.mail.to("second@pharmacy.example")) == 1
    [batch] = desk.using.ledger.outbox.dispatches(desk.campaign.id)
    found = reconcile.account(batch, desk.using)
    assert found.is_whole, "one notice bounced and one sent are two"
    assert (batch.entered, found.sent, found.failed) == (2, 1, 1)


def dies(*_: object, **__: object) -> None:
    raise SystemExit


def test_a_unit_granted_an_extension_before_the_launch_mail_left_gets_it_with_the_new_date(
    launched: Desk,
) -> None:
    unit = launched.units[0]
    later = date(2024, 6, 7)
    launched.using.ledger.obligations.extend(
        launched.obligation(unit).id, due_on=later, reason="系统升级", approved_by="办公室", on=LAUNCH_DAY
    )
    assert run(launched) == {NoticeState.ACCEPTED: 6}
    [mail] = launched.mail.to(str(unit.contact_email))
    assert str(later) in mail.attachments[1].content.decode()
    [batch] = launched.using.ledger.outbox.dispatches(launched.campaign.id)
    sent = reconcile.account(batch, launched.using).units(Standing.SENT)
    assert unit.code in {line.unit_code for line, _ in sent}


def test_a_late_run_for_an_earlier_day_adds_no_lower_rung(desk: Desk) -> None:
    plan.reminders(desk.campaign, desk.phase, on=date(2024, 6, 5), using=desk.using)
    plan.escalations(desk.campaign, desk.phase, on=date(2024, 6, 5), using=desk.using)
    before = desk.notices()
    for earlier in (date(2024, 5, 24), date(2024, 5, 31), date(2024, 6, 3)):
        counts = plan.reminders(desk.campaign, desk.phase, on=earlier, using=desk.using)
        assert counts.left_out[Reason.OVERTAKEN] == 6
        assert plan.escalations(desk.campaign, desk.phase, on=earlier, using=desk.using) == 0
    assert desk.notices() == before
