"""A mail is shown as it was sent; what it would say now is shown as such, and sends nothing."""

from __future__ import annotations

import pytest

from include.domain.errors import GiveUp, NotFound
from include.domain.notices import NoticeState
from include.domain.returns import Judgement, Verdict
from include.steps import deliver, one_mail, plan
from include.steps.one_mail import OneMail
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk


@pytest.fixture
def launched(desk: Desk) -> Desk:
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    return desk


@pytest.fixture
def sent(launched: Desk) -> Desk:
    deliver.notices(launched.campaign, on=LAUNCH_DAY, using=launched.using)
    return launched


def find(desk: Desk, number: int = 1, regions: tuple[str, ...] = ()) -> OneMail:
    return one_mail.find(desk.campaign, number, on=LAUNCH_DAY, regions=regions, using=desk.using)


def file_of(desk: Desk, mail: OneMail, place: int) -> tuple[str, bytes]:
    return one_mail.attachment(desk.campaign, mail, place, using=desk.using)


def test_what_was_handed_over_is_what_is_shown(sent: Desk) -> None:
    mail, handed = find(sent), sent.mail.sent[0]
    assert mail.sent is not None
    assert (mail.sent.to, mail.sent.subject, mail.sent.html) == (handed.to, handed.subject, handed.html)
    assert [each.name for each in mail.sent.files] == [each.name for each in handed.attachments]
    assert [each.state for each in mail.attempts] == [NoticeState.ACCEPTED]


def test_an_attachment_that_was_made_for_the_mail_is_made_again_alike(sent: Desk) -> None:
    mail = find(sent)
    for place, attached in enumerate(sent.mail.sent[0].attachments):
        assert file_of(sent, mail, place) == (attached.name, attached.content)


def test_an_attachment_that_would_not_be_alike_is_not_passed_off_as_sent(sent: Desk) -> None:
    settle(sent)
    with pytest.raises(NotFound, match="不一致"):
        file_of(sent, find(sent), 0)
    with pytest.raises(NotFound, match="没有第9份附件"):
        file_of(sent, find(sent), 8)


def test_an_attachment_of_the_archive_is_taken_from_there(sent: Desk) -> None:
    attached = sent.mail.sent[0].attachments[0]
    sent.using.archive.put(attached.content)
    settle(sent)
    assert file_of(sent, find(sent), 0) == (attached.name, attached.content)


def test_a_mail_not_sent_yet_has_no_words_but_can_be_written_for_a_look(launched: Desk) -> None:
    mail = find(launched)
    assert mail.sent is None
    now = one_mail.now(launched.campaign, mail, on=LAUNCH_DAY, using=launched.using)
    assert now.to in {each.contact_email for each in launched.units}
    assert launched.mail.sent == []
    assert find(launched).attempts == ()


def test_why_a_mail_would_not_be_sent_any_more_is_said(launched: Desk) -> None:
    settle(launched)
    with pytest.raises(GiveUp, match="不再发送"):
        one_mail.now(launched.campaign, find(launched), on=LAUNCH_DAY, using=launched.using)


@pytest.mark.parametrize(("number", "regions"), [(99, ()), (1, ("99",))])
def test_a_mail_that_is_not_theirs_is_not_there(sent: Desk, number: int, regions: tuple[str, ...]) -> None:
    with pytest.raises(NotFound, match="或您的账号不能查看它"):
        find(sent, number, regions)


def settle(desk: Desk) -> None:
    """The return of the unit that mail 1 was written to is accepted."""
    number = desk.using.ledger.mail_list.notice(1).obligation_id
    [unit] = [each for each in desk.units if desk.obligation(each).id == number]
    file = desk.using.ledger.returns.receive(
        desk.campaign.id,
        name="x.xlsx",
        sha256="0" * 64,
        kind=desk.workbooks.file_kind(b""),
        channel="folder",
        received_at=factories.at("2024-05-07"),
        received_on=LAUNCH_DAY,
    )
    judged = Judgement(file.id, Verdict.ACCEPTED, unit_code=unit.code, obligation_id=number)
    desk.using.ledger.returns.judge([judged], [], on=LAUNCH_DAY, actor="test")
