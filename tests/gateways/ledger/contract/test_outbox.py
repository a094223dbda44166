"""What any ledger promises about the outbox: nothing twice, nothing lost, nothing blindly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from include.domain.notices import Attachment, Notice, NoticeKind, NoticeState, SendMode, notice_key
from include.domain.obligations import IllegalMove, Obligation, ObligationState
from include.domain.occasions import Period
from include.domain.plans import EVERYTHING, PlanLine, Reason
from include.domain.returns import Verdict
from include.domain.units import Unit
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    ACTOR,
    CAMPAIGN,
    DUE,
    FORM,
    LEASE,
    MONDAY,
    NEXT_MONDAY,
    NINE,
    PHASE,
    accept,
    claim_one,
    judge,
    judgement,
    make_change,
    make_notice,
    make_owed,
    make_plan,
    make_unit,
    make_units,
    open_obligations,
    receive,
)

SOON = NINE + timedelta(minutes=5)
LATER = NINE + timedelta(hours=1)


def reasons(lines: list[PlanLine]) -> dict[str, Reason]:
    return {line.unit_code: line.reason for line in lines}


def test_a_notice_is_entered_once(ledger: Ledger) -> None:
    notices = [make_notice("one"), make_notice("two")]
    assert ledger.outbox.plan(notices) == 2
    assert ledger.outbox.plan([*notices, make_notice("three")]) == 1
    assert ledger.outbox.plan([]) == 0
    assert ledger.outbox.keys(CAMPAIGN, kind=NoticeKind.ANNOUNCEMENT) == {
        notice_key(SendMode.LIVE, CAMPAIGN, name) for name in ("one", "two", "three")
    }
    assert ledger.outbox.keys(CAMPAIGN, kind=NoticeKind.LAUNCH) == set()


def test_a_notice_comes_out_as_it_was_entered(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    file = receive(ledger)
    given = make_notice(
        phase_key=PHASE,
        kind=NoticeKind.RETURNED,
        step_key="t_minus_5",
        obligation_id=obligation.id,
        return_id=file.id,
        unit_code=obligation.unit_code,
        post_key="office_director",
        due_on=DUE,
        attachments=(
            Attachment("退回说明.xlsx", "c" * 64, obligation.unit_code),
            Attachment("a.pdf", "d" * 64),
        ),
        thread_key="live/thread",
    )
    ledger.outbox.plan([given])
    [notice] = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=5, now=NINE, lease=LEASE)
    for field in given.__slots__:
        assert getattr(notice, field) == getattr(given, field), field
    assert notice.attempts == 1


def test_planning_leaves_out_who_needs_no_letter_and_says_why(ledger: Ledger) -> None:
    units = [*make_units(4), make_unit(5, contact_email=None), make_unit(6, contact_email=" ")]
    owing, accepted, returned, gone, *_ = open_obligations(ledger, units)
    accept(ledger, accepted)
    judge(ledger, [judgement(receive(ledger, "bad.xlsx"), returned, Verdict.RETURNED)])
    ledger.roster.adjust(CAMPAIGN, [make_change("left", units[3], MONDAY)], actor=ACTOR)
    expected = [
        Reason.SEND,
        Reason.ACCEPTED,
        Reason.SEND,
        Reason.CLOSED,
        Reason.NO_ADDRESS,
        Reason.NO_ADDRESS,
    ]
    preview = ledger.outbox.preview_units(make_plan("t_minus_5"))
    assert reasons(preview) == dict(zip([unit.code for unit in units], expected, strict=True))
    counts = ledger.outbox.plan_units(make_plan("t_minus_5"))
    assert counts.entered == 2
    assert counts.left_out == {Reason.ACCEPTED: 1, Reason.CLOSED: 1, Reason.NO_ADDRESS: 2}
    claimed = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=NINE, lease=LEASE)
    assert [notice.unit_code for notice in claimed] == [owing.unit_code, returned.unit_code]
    assert gone.unit_code not in ledger.outbox.keys(CAMPAIGN, kind=NoticeKind.REMINDER)


def test_a_preview_enters_nothing(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    expected = [PlanLine(obligation.unit_code, obligation.unit_name, DUE, "launch", Reason.SEND)]
    assert ledger.outbox.preview_units(make_plan()) == expected
    assert ledger.outbox.preview_units(make_plan()) == expected
    assert ledger.outbox.rows(CAMPAIGN) == []


def test_the_same_step_is_never_planned_twice(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(3))
    assert ledger.outbox.plan_units(make_plan()).entered == 3
    again = ledger.outbox.plan_units(make_plan(on=NEXT_MONDAY + timedelta(days=1)))
    assert (again.entered, again.left_out) == (0, {Reason.ALREADY_SENT: 3})
    assert set(reasons(ledger.outbox.preview_units(make_plan())).values()) == {Reason.ALREADY_SENT}


def test_a_rehearsal_does_not_use_up_the_real_letter(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(1))
    assert ledger.outbox.plan_units(make_plan(mode=SendMode.OFF)).entered == 1
    assert ledger.outbox.plan_units(make_plan(mode=SendMode.LIVE)).entered == 1


def test_a_planned_letter_knows_unit_obligation_due_date_and_thread(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    ledger.outbox.plan_units(make_plan("launch", on=MONDAY))
    ledger.outbox.plan_units(make_plan("t_minus_5", due_on=DUE))
    launch, reminder = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=NINE, lease=LEASE)
    parts = (CAMPAIGN, PHASE, FORM)
    assert launch.key == notice_key(SendMode.LIVE, *parts, "launch", obligation.unit_code)
    rung = ("t_minus_5", DUE.isoformat())
    assert reminder.key == notice_key(SendMode.LIVE, *parts, *rung, obligation.unit_code)
    assert reminder.thread_key == launch.key
    assert launch.thread_key is None, "the first mail of a thread must not answer itself"
    for notice in (launch, reminder):
        assert (notice.unit_code, notice.obligation_id) == (obligation.unit_code, obligation.id)
        assert notice.due_on == DUE
        assert (notice.mode, notice.phase_key, notice.attachments) == (SendMode.LIVE, PHASE, ())
    assert (launch.planned_on, reminder.planned_on) == (MONDAY, NEXT_MONDAY)
    assert (reminder.kind, reminder.step_key) == (NoticeKind.REMINDER, "t_minus_5")


def test_only_the_due_date_and_the_units_asked_for_are_planned(ledger: Ledger) -> None:
    units = make_units(3)
    open_obligations(ledger, units)
    plan = make_plan("t_minus_5", due_on=DUE)
    assert ledger.outbox.plan_units(replace(plan, due_on=date(2026, 5, 1))).entered == 0
    assert ledger.outbox.preview_units(replace(plan, units=frozenset())) == []
    some = frozenset({units[0].code, units[2].code, "H99999999999"})
    assert ledger.outbox.plan_units(replace(plan, units=some)).entered == 2
    assert ledger.outbox.plan_units(plan).entered == 1


def test_no_reminder_follows_the_launch_on_the_very_same_day(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    ledger.outbox.plan_units(make_plan("launch"))
    reminder = make_plan("t_minus_5", due_on=DUE)
    assert reasons(ledger.outbox.preview_units(reminder)) == {obligation.unit_code: Reason.JUST_LAUNCHED}
    assert ledger.outbox.plan_units(reminder).left_out == {Reason.JUST_LAUNCHED: 1}
    next_day = replace(reminder, on=NEXT_MONDAY + timedelta(days=1))
    assert ledger.outbox.plan_units(next_day).entered == 1


def test_the_launch_of_a_rehearsal_does_not_hold_back_a_real_reminder(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(1))
    ledger.outbox.plan_units(make_plan("launch", mode=SendMode.OFF))
    assert ledger.outbox.plan_units(make_plan("t_minus_5", due_on=DUE)).entered == 1


def test_what_the_office_fills_in_is_never_chased_at_the_units(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(2), make_owed(filled_by="office"))
    assert ledger.outbox.plan_units(make_plan()).entered == 0
    assert ledger.outbox.preview_units(make_plan()) == []
    assert ledger.outbox.count_unreachable(CAMPAIGN, PHASE) == 0


def test_the_address_of_the_day_decides(ledger: Ledger) -> None:
    [unit] = make_units(1)
    open_obligations(ledger, [unit])
    lost = make_unit(1, contact_email=None)
    ledger.roster.adjust(CAMPAIGN, [make_change("changed", lost, NEXT_MONDAY)], actor=ACTOR)
    sunday = NEXT_MONDAY - timedelta(days=1)
    assert reasons(ledger.outbox.preview_units(make_plan(on=sunday))) == {unit.code: Reason.SEND}
    assert reasons(ledger.outbox.preview_units(make_plan())) == {unit.code: Reason.NO_ADDRESS}


def test_units_without_an_address_count_as_unreachable_until_they_settle(ledger: Ledger) -> None:
    units = [make_unit(2, contact_email=None), make_unit(1, contact_email=None), make_unit(3)]
    first, _, _ = open_obligations(ledger, units)
    assert ledger.outbox.count_unreachable(CAMPAIGN, PHASE) == 2
    accept(ledger, first)
    assert ledger.outbox.count_unreachable(CAMPAIGN, PHASE) == 1


def test_a_claimed_notice_is_not_claimed_again(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice(name) for name in "abc"])
    first = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=2, now=NINE, lease=LEASE)
    second = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=2, now=NINE, lease=LEASE)
    assert [notice.key[-1] for notice in first + second] == ["a", "b", "c"]
    assert ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=2, now=LATER, lease=LEASE) == []
    assert ledger.outbox.claim("other_2026", mode=SendMode.LIVE, limit=2, now=NINE, lease=LEASE) == []


def test_a_released_notice_waits_until_its_time(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice()])
    ledger.outbox.release(claim_one(ledger), at=NINE, not_before=SOON, detail="421 请稍后再试")
    assert ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=NINE, lease=LEASE) == []
    [again] = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=SOON, lease=LEASE)
    assert again.attempts == 2


def test_an_expired_lease_is_in_doubt_and_never_sent_again(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice()])
    claim_one(ledger)
    assert ledger.outbox.expire_leases(now=NINE + LEASE - timedelta(seconds=1)) == 0
    assert ledger.outbox.expire_leases(now=NINE + LEASE) == 1
    assert ledger.outbox.expire_leases(now=LATER) == 0
    assert ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=LATER, lease=LEASE) == []
    [row] = ledger.outbox.rows(CAMPAIGN)
    assert row.state is NoticeState.IN_DOUBT


def test_a_recorded_notice_keeps_its_outcome(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    ledger.outbox.plan_units(make_plan())
    notice_id = claim_one(ledger)
    ledger.outbox.record_mail(
        [notice_id],
        NoticeState.ACCEPTED,
        at=SOON,
        to="unit@hospital.example",
        message_id="<x@duban.example>",
        detail="250 2.0.0 Ok: queued",
    )
    assert ledger.outbox.expire_leases(now=LATER) == 0
    [row] = ledger.outbox.rows(CAMPAIGN)
    assert (row.id, row.kind, row.state) == (notice_id, NoticeKind.LAUNCH, NoticeState.ACCEPTED)
    assert (row.unit_code, row.post_key, row.step_key) == (obligation.unit_code, None, "launch")
    assert (row.recipient, row.message_id) == ("unit@hospital.example", "<x@duban.example>")
    assert (row.detail, row.planned_on) == ("250 2.0.0 Ok: queued", NEXT_MONDAY)
    assert ledger.outbox.counts(CAMPAIGN) == {(NoticeKind.LAUNCH, NoticeState.ACCEPTED): 1}


def record_and_claim(
    ledger: Ledger, notice_id: int, state: NoticeState = NoticeState.ACCEPTED
) -> list[Notice]:
    attempt, claimed = ledger.outbox.record_and_claim(
        CAMPAIGN, [notice_id], state, mode=SendMode.LIVE, lease=LEASE, at=NINE, message_id="<x@duban.example>"
    )
    assert attempt == ledger.outbox.attempts_made()
    return claimed


def in_order(ledger: Ledger) -> list[NoticeState]:
    return [row.state for row in ledger.outbox.rows(CAMPAIGN)]


def test_a_mail_is_recorded_and_the_next_one_claimed(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice(name) for name in "abc"])
    [second] = record_and_claim(ledger, claim_one(ledger))
    assert (second.key[-1], second.attempts) == ("b", 1)
    assert in_order(ledger) == [NoticeState.ACCEPTED, NoticeState.SENDING, NoticeState.PLANNED]
    assert ledger.outbox.expire_leases(now=NINE + LEASE) == 1
    assert in_order(ledger) == [NoticeState.ACCEPTED, NoticeState.IN_DOUBT, NoticeState.PLANNED]
    assert ledger.audit.verify() is None


def test_a_mail_is_recorded_though_sending_was_stopped_and_no_other_is_claimed(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice(name) for name in "ab"])
    first = claim_one(ledger)
    ledger.outbox.stop(EVERYTHING, by="办公室", reason="停", at=NINE)
    assert record_and_claim(ledger, first) == []
    assert in_order(ledger) == [NoticeState.ACCEPTED, NoticeState.PLANNED]


def test_nothing_is_claimed_along_with_what_cannot_be_recorded(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice(name) for name in "ab"])
    with pytest.raises(IllegalMove):
        record_and_claim(ledger, ledger.outbox.rows(CAMPAIGN)[0].id)
    assert in_order(ledger) == [NoticeState.PLANNED, NoticeState.PLANNED]


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (NoticeState.ACCEPTED, 1),
        (NoticeState.RENDERED, 0),
        (NoticeState.REFUSED, 0),
        (NoticeState.SKIPPED, 0),
    ],
)
def test_only_reminders_taken_over_count_as_chasing(ledger: Ledger, state: NoticeState, count: int) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    ledger.outbox.plan_units(make_plan())
    ledger.outbox.record_mail([claim_one(ledger)], NoticeState.ACCEPTED, at=NINE)
    plan = make_plan()
    assert reminders(ledger, obligation) == 0, "the launch notice chases nobody"
    reminder = replace(
        plan, kind=NoticeKind.REMINDER, step_key="t_minus_5", on=NEXT_MONDAY + timedelta(days=7)
    )
    ledger.outbox.plan_units(reminder)
    ledger.outbox.record_mail([claim_one(ledger)], state, at=NINE)
    assert reminders(ledger, obligation) == count


def reminders(ledger: Ledger, of: Obligation) -> int:
    [line] = ledger.obligations.missing(CAMPAIGN, of.phase_key, due_on=of.due_on, on=NEXT_MONDAY)
    return line.reminders


@pytest.mark.parametrize(
    "state", [NoticeState.ACCEPTED, NoticeState.REFUSED, NoticeState.HELD, NoticeState.PLANNED]
)
def test_a_notice_moves_only_where_it_may(ledger: Ledger, state: NoticeState) -> None:
    ledger.outbox.plan([make_notice()])
    notice_id = claim_one(ledger)
    ledger.outbox.record_mail([notice_id], NoticeState.SKIPPED, at=NINE)
    with pytest.raises(IllegalMove):
        ledger.outbox.record_mail([notice_id], state, at=NINE)
    with pytest.raises(IllegalMove):
        ledger.outbox.release(notice_id, at=NINE, not_before=SOON, detail="")
    assert ledger.outbox.rows(CAMPAIGN)[0].state is NoticeState.SKIPPED


def test_an_unclaimed_notice_cannot_have_been_sent(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice()])
    [row] = ledger.outbox.rows(CAMPAIGN)
    with pytest.raises(IllegalMove):
        ledger.outbox.record_mail([row.id], NoticeState.ACCEPTED, at=NINE)


def test_an_edition_is_sent_once_its_mail_was_taken_over(ledger: Ledger) -> None:
    snapshot = ledger.snapshots.take(CAMPAIGN, "summary", PHASE, period=Period(MONDAY, MONDAY), on=MONDAY)
    edition = ledger.editions.add(
        CAMPAIGN, "summary", snapshot.id, occasion="once", number=1, files=(), on=MONDAY
    )
    ledger.outbox.plan([make_notice(kind=NoticeKind.REPORT, edition_id=edition.id)])
    assert not ledger.outbox.is_sent(edition_id=edition.id)
    ledger.outbox.record_mail([claim_one(ledger)], NoticeState.ACCEPTED, at=NINE)
    assert ledger.outbox.is_sent(edition_id=edition.id)
    assert not ledger.outbox.is_sent(edition_id=edition.id + 1)


def shared(count: int, contact: str = "chain@pharmacy.example") -> list[Unit]:
    return [
        make_unit(number, contact_email=contact.upper() if number % 2 else contact)
        for number in range(1, count + 1)
    ]


def states(ledger: Ledger) -> dict[str | None, NoticeState]:
    return {row.unit_code: row.state for row in ledger.outbox.rows(CAMPAIGN)}


def test_units_of_one_contact_are_claimed_together_and_others_alone(ledger: Ledger) -> None:
    open_obligations(ledger, [*shared(3), make_unit(4), make_unit(5)])
    ledger.outbox.plan_units(make_plan("t_minus_5", due_on=DUE))
    claimed = [
        ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=NINE, lease=LEASE) for _ in range(4)
    ]
    assert [len(group) for group in claimed] == [3, 1, 1, 0]


def test_a_mail_never_mixes_two_rungs_or_two_kinds(ledger: Ledger) -> None:
    open_obligations(ledger, shared(2))
    ledger.outbox.plan_units(make_plan("launch", on=MONDAY))
    ledger.outbox.plan_units(make_plan("t_minus_5", due_on=DUE))
    groups = [
        ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=NINE, lease=LEASE) for _ in range(2)
    ]
    assert [{notice.step_key for notice in group} for group in groups] == [{"launch"}, {"t_minus_5"}]


def test_a_unit_taken_out_of_its_group_goes_alone(ledger: Ledger) -> None:
    open_obligations(ledger, shared(3))
    ledger.outbox.plan_units(make_plan())
    first, second, third = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=NINE, lease=LEASE)
    for notice in (first, third):
        ledger.outbox.release(notice.id, at=NINE, not_before=NINE, detail="451")
    ledger.outbox.release(second.id, at=NINE, not_before=NINE, detail="联系人已变更", alone=True)
    groups = [
        ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=NINE, lease=LEASE) for _ in range(2)
    ]
    assert [[notice.id for notice in group] for group in groups] == [[first.id, third.id], [second.id]]


def test_a_member_that_must_wait_does_not_hold_up_its_group(ledger: Ledger) -> None:
    open_obligations(ledger, shared(2))
    ledger.outbox.plan_units(make_plan())
    first, second = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=NINE, lease=LEASE)
    ledger.outbox.release(first.id, at=NINE, not_before=LATER, detail="451")
    ledger.outbox.release(second.id, at=NINE, not_before=NINE, detail="451")
    [only] = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=NINE, lease=LEASE)
    assert only.id == second.id


@pytest.mark.parametrize("scope", [CAMPAIGN, EVERYTHING])
def test_nothing_is_claimed_while_sending_is_stopped(ledger: Ledger, scope: str) -> None:
    ledger.outbox.plan([make_notice()])
    ledger.outbox.stop(scope, by="办公室", reason="名册有误", at=NINE)
    ledger.outbox.stop(scope, by="另一人", reason="重复", at=LATER)
    [stop] = ledger.outbox.stops(CAMPAIGN)
    assert (stop.scope, stop.by, stop.reason, stop.at) == (scope, "办公室", "名册有误", NINE)
    assert ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=LATER, lease=LEASE) == []
    assert ledger.outbox.due(CAMPAIGN, mode=SendMode.LIVE, now=LATER) == 0
    assert ledger.outbox.resume(scope, by="办公室", reason="已更正", at=LATER)
    assert not ledger.outbox.resume(scope, by="办公室", reason="已更正", at=LATER)
    assert ledger.outbox.due(CAMPAIGN, mode=SendMode.LIVE, now=LATER) == 1
    assert len(ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=LATER, lease=LEASE)) == 1


def test_stopping_one_campaign_does_not_stop_another(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice()])
    ledger.outbox.stop("other_2026", by="办公室", reason="核对", at=NINE)
    assert ledger.outbox.stops(CAMPAIGN) == []
    assert len(ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=NINE, lease=LEASE)) == 1


def test_a_large_batch_waits_for_a_person_and_a_small_one_does_not(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(3))
    counts = ledger.outbox.plan_units(replace(make_plan(), approve_above=2))
    assert (counts.entered, counts.waiting) == (3, 3)
    assert ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=NINE, lease=LEASE) == []
    [batch] = ledger.outbox.dispatches(CAMPAIGN, waiting=True)
    assert (batch.entered, batch.kind, batch.form, batch.is_waiting) == (3, NoticeKind.LAUNCH, FORM, True)
    small = replace(make_plan("t_minus_5", due_on=DUE, on=NEXT_MONDAY + timedelta(days=1)), approve_above=3)
    assert ledger.outbox.plan_units(small).waiting == 0
    assert {
        notice.step_key
        for notice in ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=NINE, lease=LEASE)
    } == {"t_minus_5"}
    assert ledger.outbox.decide(batch.id, approved=True, by="director", reason="", at=NINE)
    assert not ledger.outbox.decide(batch.id, approved=False, by="director", reason="改主意", at=LATER)
    assert len(ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=NINE, lease=LEASE)) == 3
    assert ledger.outbox.dispatches(CAMPAIGN, waiting=True) == []


def test_a_refused_batch_is_never_sent_and_says_who_refused_it(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(2))
    ledger.outbox.plan_units(replace(make_plan(), approve_above=0))
    [batch] = ledger.outbox.dispatches(CAMPAIGN)
    ledger.outbox.decide(batch.id, approved=False, by="director", reason="名册未核", at=NINE)
    assert ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=LATER, lease=LEASE) == []
    for row in ledger.outbox.rows(CAMPAIGN):
        assert row.state is NoticeState.SKIPPED
        assert "director" in row.detail
        assert "名册未核" in row.detail


def test_a_plan_without_new_notices_is_no_batch(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(1))
    ledger.outbox.plan_units(make_plan())
    ledger.outbox.plan_units(make_plan(on=NEXT_MONDAY + timedelta(days=1)))
    assert [batch.entered for batch in ledger.outbox.dispatches(CAMPAIGN)] == [1]


def test_coverage_holds_every_unit_that_owes_and_says_how_it_ended(ledger: Ledger) -> None:
    units = [*make_units(3), make_unit(4, contact_email=None, contact_phone="0999-1234567")]
    accepted, *_ = open_obligations(ledger, units)
    accept(ledger, accepted)
    ledger.outbox.plan_units(make_plan())
    [batch] = ledger.outbox.dispatches(CAMPAIGN)
    ledger.outbox.record_mail([claim_one(ledger)], NoticeState.ACCEPTED, at=NINE)
    ledger.outbox.record_mail([claim_one(ledger)], NoticeState.REFUSED, at=NINE, detail="550 no such user")
    lines = ledger.outbox.coverage(batch.id)
    assert [(line.unit_code, line.notice_state, line.has_address) for line in lines] == [
        (units[0].code, None, True),
        (units[1].code, NoticeState.ACCEPTED, True),
        (units[2].code, NoticeState.REFUSED, True),
        (units[3].code, None, False),
    ]
    assert lines[0].obligation_state is ObligationState.ACCEPTED
    assert (lines[2].detail, lines[3].phone) == ("550 no such user", "0999-1234567")


@pytest.mark.parametrize("was_sent", [True, False])
def test_only_a_person_settles_a_notice_in_doubt(ledger: Ledger, was_sent: bool) -> None:
    ledger.outbox.plan([make_notice()])
    notice_id = claim_one(ledger)
    with pytest.raises(IllegalMove):
        ledger.outbox.settle(notice_id, was_sent=True, by="办公室", reason="", at=NINE)
    ledger.outbox.record_mail([notice_id], NoticeState.IN_DOUBT, at=NINE, detail="连接中断")
    assert [row.id for row in ledger.outbox.in_doubt(CAMPAIGN)] == [notice_id]
    ledger.outbox.settle(notice_id, was_sent=was_sent, by="办公室", reason="已电话核实", at=LATER)
    assert ledger.outbox.in_doubt(CAMPAIGN) == []
    again = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=LATER, lease=LEASE)
    assert [notice.id for notice in again] == ([] if was_sent else [notice_id])
    with pytest.raises(IllegalMove):
        ledger.outbox.settle(notice_id, was_sent=True, by="办公室", reason="", at=LATER)


def test_a_bounced_notice_is_entered_once_more_for_the_other_address(ledger: Ledger) -> None:
    [unit] = [make_unit(1, backup_email="second@hospital.example")]
    open_obligations(ledger, [unit])
    ledger.outbox.plan_units(make_plan())
    notice_id = claim_one(ledger)
    assert not ledger.outbox.bounce(notice_id, at=NINE, detail="未发出的不会退信")
    ledger.outbox.record_mail([notice_id], NoticeState.ACCEPTED, at=NINE)
    assert ledger.outbox.bounce(notice_id, at=LATER, detail="550 5.1.1")
    assert not ledger.outbox.bounce(notice_id, at=LATER, detail="550 5.1.1")
    assert ledger.outbox.plan_again(notice_id, on=NEXT_MONDAY)
    assert not ledger.outbox.plan_again(notice_id, on=NEXT_MONDAY)
    [again] = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=LATER, lease=LEASE)
    assert (again.unit_code, again.step_key, again.obligation_id is not None) == (unit.code, "launch", True)


@pytest.mark.parametrize(
    ("facts", "suspended", "reason"),
    [
        ({}, [], Reason.SEND),
        ({}, ["h00000000001@hospital.example"], Reason.NO_ADDRESS),
        ({"backup_email": "b@x.example"}, ["h00000000001@hospital.example"], Reason.SEND),
        (
            {"backup_email": "B@x.example"},
            ["h00000000001@hospital.example", "b@x.example"],
            Reason.NO_ADDRESS,
        ),
        ({"contact_email": None, "backup_email": "b@x.example"}, [], Reason.SEND),
    ],
)
def test_mail_that_came_back_ends_an_address_and_the_second_one_takes_over(
    ledger: Ledger, facts: dict[str, str | None], suspended: list[str], reason: Reason
) -> None:
    unit = make_unit(1, **facts)
    open_obligations(ledger, [unit])
    for address in suspended:
        ledger.inbound.suspend(address, reason="550 5.1.1", at=NINE)
    assert reasons(ledger.outbox.preview_units(make_plan())) == {unit.code: reason}
    assert (unit.address(ledger.inbound.suspended()) is not None) == (reason is Reason.SEND)
    assert ledger.outbox.count_unreachable(CAMPAIGN, PHASE) == (0 if reason is Reason.SEND else 1)


def test_what_the_server_took_over_today_is_counted_by_mails_not_by_units(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice(name) for name in "abc"])
    for message_id in ("<one@x>", "<one@x>", "<two@x>"):
        ledger.outbox.record_mail([claim_one(ledger)], NoticeState.ACCEPTED, at=NINE, message_id=message_id)
    assert ledger.outbox.sent_between(NINE - LEASE, NINE + LEASE) == 2
    assert ledger.outbox.sent_between(LATER, LATER + LEASE) == 0
    assert ledger.outbox.attempts_made() >= 3


def test_only_what_was_planned_in_the_send_mode_of_today_is_claimed(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(2))
    ledger.outbox.plan_units(make_plan(mode=SendMode.OFF))
    assert ledger.outbox.due(CAMPAIGN, mode=SendMode.LIVE, now=NINE) == 0
    assert ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=9, now=NINE, lease=LEASE) == []
    assert ledger.outbox.due(CAMPAIGN, mode=SendMode.OFF, now=NINE) == 2
    assert len(ledger.outbox.claim(CAMPAIGN, mode=SendMode.OFF, limit=9, now=NINE, lease=LEASE)) == 2


def test_the_notices_of_one_mail_are_recorded_together_or_not_at_all(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice(name) for name in "abc"])
    one, two = claim_one(ledger), claim_one(ledger)
    [_, _, unclaimed] = ledger.outbox.rows(CAMPAIGN)
    with pytest.raises(IllegalMove):
        ledger.outbox.record_mail([one, two, unclaimed.id], NoticeState.ACCEPTED, at=NINE)
    assert [row.state for row in ledger.outbox.rows(CAMPAIGN)][:2] == [NoticeState.SENDING] * 2
    attempt = ledger.outbox.record_mail([one, two], NoticeState.ACCEPTED, at=NINE, message_id="<one@x>")
    assert attempt == ledger.outbox.attempts_made()
    assert [row.message_id for row in ledger.outbox.rows(CAMPAIGN)] == ["<one@x>", "<one@x>", None]


def test_what_is_told_to_the_whole_roster_is_planned_once_for_each_unit(ledger: Ledger) -> None:
    open_obligations(ledger, [*make_units(3), make_unit(4, contact_email=None)])
    told = replace(make_plan("announce", due_on=DUE), form=None, kind=NoticeKind.ANNOUNCEMENT)
    assert ledger.outbox.plan_units(told).entered == 3
    again = ledger.outbox.plan_units(told)
    assert (again.entered, again.left_out) == (0, {Reason.ALREADY_SENT: 3, Reason.NO_ADDRESS: 1})


def test_a_run_for_an_earlier_day_plans_no_lower_rung(ledger: Ledger) -> None:
    open_obligations(ledger, make_units(2))
    late = make_plan("overdue_1", due_on=DUE, on=NEXT_MONDAY + timedelta(days=1))
    assert ledger.outbox.plan_units(late).entered == 2
    early = ledger.outbox.plan_units(make_plan("t_minus_5", due_on=DUE))
    assert (early.entered, early.left_out) == (0, {Reason.OVERTAKEN: 2})
    rehearsed = make_plan("t_minus_5", due_on=DUE, mode=SendMode.OFF)
    assert ledger.outbox.plan_units(rehearsed).entered == 2, "another send mode has its own ladder"


def test_a_notice_entered_again_is_one_more_to_account_for(ledger: Ledger) -> None:
    open_obligations(ledger, [make_unit(1, backup_email="second@hospital.example")])
    ledger.outbox.plan_units(make_plan())
    notice_id = claim_one(ledger)
    ledger.outbox.record_mail([notice_id], NoticeState.ACCEPTED, at=NINE)
    ledger.outbox.bounce(notice_id, at=LATER, detail="550 5.1.1")
    ledger.outbox.plan_again(notice_id, on=NEXT_MONDAY)
    ledger.outbox.plan_again(notice_id, on=NEXT_MONDAY)
    [batch] = ledger.outbox.dispatches(CAMPAIGN)
    assert batch.entered == ledger.outbox.states(batch.id).total() == 2
