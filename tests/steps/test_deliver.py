"""Nothing is sent twice, nothing is lost, and one bad notice never stops the rest."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from include.domain.errors import GiveUp, InDoubt, TryAgain
from include.domain.notices import NoticeKind, NoticeState
from include.domain.returns import Judgement, Verdict
from include.steps import deliver, open_phase, plan
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
        assert [a.content for a in message.attachments] == [f"xlsx:prefilled:self_check:{code}".encode()]
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
        launched.campaign.id, limit=1, now=launched.clock[0], lease=deliver.LEASE
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
    monkeypatch.setattr(write, "_own_workbook", lambda *_: stranger)
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
