"""Bounces in the words of the providers: which address, which code, and whether it is the address's own fault."""

from __future__ import annotations

import pytest

from include.domain.bounces import bounce_of
from include.domain.inbound import MessageKind, kind_of
from include.gateways.incoming_mail import MailReader
from tests import mail_messages as made

BOUNCE, DELAY = MessageKind.BOUNCE, MessageKind.DELAY

REPORTS = [
    # action, status, diagnostic → kind, permanent
    ("failed", "5.1.1", "550 5.1.1 User unknown", BOUNCE, True),
    ("failed", "5.0.0", "550 Mailbox not found. mail.qq.com", BOUNCE, True),
    ("failed", "5.0.0", "550 User not found: P15062600001@unit.example", BOUNCE, True),
    ("failed", "5.2.1", "550 Mailbox disabled", BOUNCE, True),
    ("failed", "5.4.4", "Host or domain name not found", BOUNCE, True),
    ("failed", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", BOUNCE, True),
    ("failed", "5.2.2", "552 5.2.2 Mailbox full", BOUNCE, False),
    ("failed", "5.7.1", "554 DT:SPM 163 smtp14, message rejected as spam", BOUNCE, False),
    ("failed", "5.5.0", "550 Connection frequency limited", BOUNCE, False),
    ("failed", "5.3.4", "552 message size exceeds limit", BOUNCE, False),
    ("failed", "5.1.1", "554 5.7.1 Rejected by spam policy", BOUNCE, False),
    ("failed", "4.4.7", "421 Delivery time expired", BOUNCE, False),
    ("failed", "5.7.26", "550 5.7.26 SPF check failed", BOUNCE, False),
    ("delayed", "4.4.1", "connect to mx.unit.example: Connection timed out", DELAY, None),
    ("delivered", "2.0.0", "250 ok", MessageKind.READ_RECEIPT, None),
]

FREE_TEXT = [
    # sender, subject, words → permanent
    ("PostMaster@qq.com", "来自qq.com的退信", "抱歉，您的邮件被退回来了……原因：收件人邮箱地址不存在。", True),
    (
        "10000@qq.com",
        "系统退信/The email is returned",
        "错误代码：550 该邮箱不存在此用户 User not exist",
        True,
    ),
    ("Postmaster@163.com", "系统退信", "退信代码：550 User not found 无此用户，请核对收件人地址", True),
    ("Postmaster@163.com", "系统退信/Systems bounce", "收件人邮箱容量已满 552 Quota exceeded", False),
    ("Postmaster@126.com", "系统退信", "您的邮件被判定为垃圾邮件，拒收，554 DT:SPM", False),
    ("mailer-daemon@sina.com", "邮件退回 Returned mail", "收信人不存在，账号已停用", True),
    ("postmaster@aliyun.example", "退信通知：报送提醒", "投递失败：recipient not found，收件人不存在", True),
    ("postmaster@corp.example", "未送达: 【医保自查】报送提醒", "找不到收件人。550 5.1.1 unknown user", True),
    ("postmaster@corp.example", "Undeliverable: reminder", "The recipient's mailbox is full. 5.2.2", False),
    (
        "MAILER-DAEMON@yeah.example",
        "Mail delivery failed: returning message to sender",
        "550 No such user here",
        True,
    ),
    ("mdaemon@corp.example", "邮件投递失败", "收件人地址无效，域名不存在", True),
    ("postmaster@sohu.example", "Mail System Error - Returned Mail", "554 邮件过大，超过限制", False),
]


def wrapped(original: bool) -> str:
    return f"\n\n原邮件 Message-ID: {made.NOTICE_ID}" if original else f"\n\n收件人：{made.CONTACT}"


@pytest.mark.parametrize(("action", "status", "diagnostic", "kind", "is_permanent"), REPORTS)
def test_a_delivery_status_notification_is_read_by_its_fields(
    action: str, status: str, diagnostic: str, kind: MessageKind, is_permanent: bool | None
) -> None:
    mail = MailReader().read(made.report(action, status, diagnostic))
    assert kind_of(mail, mailbox=made.OFFICE, mail_domain=made.DOMAIN) is kind
    if is_permanent is not None:
        bounce = bounce_of(mail, sent_to=None, mailbox=made.OFFICE)
        assert (bounce.address, bounce.status, bounce.is_permanent) == (made.CONTACT, status, is_permanent)


@pytest.mark.parametrize("names_message", [True, False])
@pytest.mark.parametrize(("sender", "subject", "words", "is_permanent"), FREE_TEXT)
def test_a_bounce_in_words_is_read_by_its_words(
    sender: str, subject: str, words: str, is_permanent: bool, names_message: bool
) -> None:
    mail = MailReader().read(made.plain(words + wrapped(names_message), sender=sender, subject=subject))
    assert kind_of(mail, mailbox=made.OFFICE, mail_domain=made.DOMAIN) is BOUNCE
    sent_to = made.CONTACT if names_message else None
    bounce = bounce_of(mail, sent_to=sent_to, mailbox=made.OFFICE)
    assert (bounce.address, bounce.is_permanent) == (made.CONTACT, is_permanent)


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("postmaster@qq.com", "邮件投递延迟通知"),
        ("mailer-daemon@unit.example", "Warning: could not send message for past 4 hours - Delayed"),
        ("postmaster@corp.example", "延迟送达: 报送提醒"),
    ],
)
def test_a_delay_is_no_bounce(sender: str, subject: str) -> None:
    mail = MailReader().read(made.plain("仍在尝试投递 451 try again", sender=sender, subject=subject))
    assert kind_of(mail, mailbox=made.OFFICE, mail_domain=made.DOMAIN) is DELAY


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("回复：贵局邮件被退回的情况说明", "我单位邮箱已满，现已清理。"),
        ("关于退信的咨询", "请问发到qq邮箱的通知被退信怎么办？"),
        ("Re: Undeliverable: reminder", "now fixed"),
    ],
)
def test_a_person_writing_about_a_bounce_is_no_bounce(subject: str, words: str) -> None:
    files = [made.file(b"xlsx:plain")] if "咨询" in subject else []
    raw = made.mail(made.text(words), *files, subject=subject)
    kind = kind_of(MailReader().read(raw), mailbox=made.OFFICE, mail_domain=made.DOMAIN)
    assert kind is (MessageKind.RETURN if files else MessageKind.QUESTION)
