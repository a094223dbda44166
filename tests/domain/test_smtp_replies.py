"""What a server's refusal means, in the words of real kinds of servers; samples synthetic."""

from __future__ import annotations

import pytest

from include.domain.errors import GiveUp, InDoubt, Refusal, TryAgain
from include.domain.smtp_replies import refusal_of


@pytest.mark.parametrize(
    ("code", "words", "refusal"),
    [
        (
            550,
            "5.1.1 <a@b.example>: Recipient address rejected: User unknown in table",
            Refusal.ADDRESS_UNKNOWN,
        ),
        (550, "User not found: a@b.example", Refusal.ADDRESS_UNKNOWN),
        (550, "Mailbox not found or access denied", Refusal.ADDRESS_UNKNOWN),
        (550, "No such user here", Refusal.ADDRESS_UNKNOWN),
        (550, "Invalid recipient", Refusal.ADDRESS_UNKNOWN),
        (550, "RCPT 邮箱不存在", Refusal.ADDRESS_UNKNOWN),
        (551, "not local", Refusal.ADDRESS_UNKNOWN),
        (550, "5.2.1 mailbox disabled", Refusal.ADDRESS_UNKNOWN),
        (450, "4.1.1 user unknown", Refusal.TEMPORARY),
        (550, "Mailbox is full", Refusal.MAILBOX_FULL),
        (552, "5.2.2 the account is over quota", Refusal.MAILBOX_FULL),
        (552, "Quota exceeded", Refusal.MAILBOX_FULL),
        (550, "邮箱空间已满", Refusal.MAILBOX_FULL),
        (452, "4.2.2 mailbox full", Refusal.MAILBOX_FULL),
        (452, "Requested action not taken", Refusal.MAILBOX_FULL),
        (452, "4.3.1 Insufficient system storage", Refusal.TEMPORARY),
        (552, "5.3.4 Message size exceeds fixed limit", Refusal.TOO_LARGE),
        (552, "邮件过大", Refusal.TOO_LARGE),
        (554, "5.7.1 DT:SPM 163 smtp1,synthetic", Refusal.POLICY),
        (550, "Mail content denied by policy", Refusal.POLICY),
        (550, "5.7.26 not authenticated", Refusal.POLICY),
        (554, "5.7.1 Service unavailable; client host blocked using example RBL", Refusal.POLICY),
        (550, "该邮件被判定为垃圾邮件", Refusal.POLICY),
        (450, "4.7.1 Greylisted by policy", Refusal.TEMPORARY),
        (550, "Connection frequency limited", Refusal.TOO_FREQUENT),
        (421, "4.7.0 Too many connections from your host", Refusal.TOO_FREQUENT),
        (450, "4.7.1 Error: too much mail from 127.0.0.1", Refusal.TOO_FREQUENT),
        (550, "发信频率过高，请稍后再试", Refusal.TOO_FREQUENT),
        (535, "5.7.8 authentication failed", Refusal.ACCOUNT),
        (530, "5.7.0 Must issue a STARTTLS command first", Refusal.ACCOUNT),
        (454, "4.7.0 Temporary authentication failure", Refusal.TEMPORARY),
        (421, "4.3.2 Service shutting down", Refusal.TEMPORARY),
        (451, "4.3.0 try later", Refusal.TEMPORARY),
        (554, "5.5.1 no valid recipients", Refusal.PERMANENT),
        (550, "", Refusal.PERMANENT),
        (500, "5.5.2 syntax error at 10.5.1.1.2", Refusal.PERMANENT),
    ],
)
def test_the_kind_of_a_refusal(code: int, words: str, refusal: Refusal) -> None:
    assert refusal_of(code, words) is refusal


@pytest.mark.parametrize("code", range(400, 500))
def test_a_passing_reply_never_condemns_an_address_a_message_or_a_mailbox(code: int) -> None:
    for words in ("5.1.1 user unknown", "4.1.1 user unknown", "spam blocked by policy", "too large", ""):
        assert refusal_of(code, words) in {Refusal.TEMPORARY, Refusal.MAILBOX_FULL}


@pytest.mark.parametrize(
    ("fault", "usual"),
    [(TryAgain, Refusal.TEMPORARY), (GiveUp, Refusal.PERMANENT), (InDoubt, Refusal.UNREACHABLE)],
)
def test_a_fault_without_a_kind_has_the_usual_one_and_reads_as_its_sentence(
    fault: type[TryAgain | GiveUp | InDoubt], usual: Refusal
) -> None:
    plain, told = fault("一句话"), fault("一句话", refusal=Refusal.POLICY, code=554)
    assert (str(plain), plain.refusal, plain.code) == ("一句话", usual, None)
    assert (str(told), told.refusal, told.code) == ("一句话", Refusal.POLICY, 554)


def test_what_stops_the_whole_mailbox_is_told_from_what_concerns_one_mail() -> None:
    stops = {refusal for refusal in Refusal if refusal.concerns_mailbox}
    assert stops == {
        Refusal.TOO_FREQUENT,
        Refusal.DAY_SPENT,
        Refusal.UNREACHABLE,
        Refusal.ACCOUNT,
        Refusal.POLICY,
    }
