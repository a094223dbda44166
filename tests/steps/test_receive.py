"""Mail in: what each message is, whose it is, what enters the ledger, and what must never happen."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from include.domain.errors import TryAgain
from include.domain.inbound import SEND_AS_ATTACHMENT, Arrival, MessageKind, MessageState
from include.domain.letters import UnusableLetter
from include.domain.notices import NewNotice, NoticeKind, NoticeState, SendMode, message_id, notice_key
from include.domain.occasions import Period
from include.domain.reports import EditionState
from include.domain.returns import FileKind, Reading, ReturnFile, Verdict
from include.domain.sign_off import Hand
from include.gateways.workbooks.archives import unpacked
from include.steps import check, deliver, receive
from tests import factories
from tests import mail_messages as made
from tests.steps.conftest import Desk

NINE = factories.at("2024-05-20")
ON = date(2024, 5, 20)
ONE, TWO = "P15062600001", "P15062600002"
GENUINE, OTHERS, FORGED = (
    b"xlsx:genuine:" + ONE.encode(),
    b"xlsx:genuine:" + TWO.encode(),
    b"xlsx:forged:" + ONE.encode(),
)
PLAIN = b"xlsx:plain"
KINDS = MessageKind
CLOUD = "https://wx.mail.qq.com/ftn/download?func=3&key=1"


@dataclass
class FakeMailbox:
    """A mailbox in memory. ``address`` is its own."""

    address: str = made.OFFICE
    lying: list[Arrival] = field(default_factory=list)
    done: list[Arrival] = field(default_factory=list)
    failed: list[Arrival] = field(default_factory=list)
    unmovable: bool = False

    def deliver(self, raw: bytes, at: datetime = NINE) -> Arrival:
        arrival = Arrival(self.address, 1, len(self.lying) + len(self.done) + 1, at, raw)
        self.lying.append(arrival)
        return arrival

    @contextmanager
    def session(self) -> Iterator[FakeMailbox]:
        yield self

    def arrivals(self, *, received_until: datetime) -> Iterator[Arrival]:
        yield from [each for each in self.lying if each.received_at <= received_until]

    def file_away(self, arrival: Arrival) -> None:
        if self.unmovable:
            raise OSError("connection lost")
        if arrival in self.lying:
            self.lying.remove(arrival)
            self.done.append(arrival)

    def set_aside(self, arrival: Arrival) -> None:
        self.lying.remove(arrival)
        self.failed.append(arrival)


@pytest.fixture
def mailbox() -> FakeMailbox:
    return FakeMailbox()


@pytest.fixture
def office(desk: Desk) -> Desk:
    """The desk, its workbooks told apart by their words: ``xlsx:genuine:CODE``, ``xlsx:forged:CODE``, else plain."""

    class Readings(dict[bytes, Reading]):
        def __missing__(self, content: bytes) -> Reading:
            _, what, *code = content.decode("latin-1").split(":")
            unit = next((each for each in desk.units if code and each.code == code[0][:12]), desk.units[0])
            if what == "plain":
                return Reading(identity=None, sheets={})
            return factories.make_reading(unit, token="genuine" if what == "genuine" else "no")

    desk.workbooks.readings = Readings()
    desk.workbooks.unpack = unpacked  # type: ignore[method-assign]
    return desk


def send_notice(
    desk: Desk, number: int = 0, *, key: str = "launch", at: datetime = NINE - timedelta(days=1)
) -> str:
    """A notice the mail server took over for a unit; return its Message-ID."""
    unit = desk.units[number]
    assert unit.contact_email is not None
    full = notice_key(SendMode.LIVE, "wushen_2024", key, unit.code)
    outbox = desk.using.ledger.outbox
    outbox.plan(
        [
            NewNotice(
                full,
                SendMode.LIVE,
                desk.campaign.id,
                NoticeKind.LAUNCH,
                at.date(),
                phase_key="self_check",
                unit_code=unit.code,
                obligation_id=desk.obligation(unit).id,
            )
        ]
    )
    claimed = outbox.claim(desk.campaign.id, mode=SendMode.LIVE, limit=1, now=at, lease=timedelta(minutes=5))
    notice_id = claimed[0].id
    own = message_id(full, desk.using.mail_domain)
    outbox.record_mail([notice_id], NoticeState.ACCEPTED, at=at, to=unit.contact_email, message_id=own)
    return own


def take(desk: Desk, mailbox: FakeMailbox, *, on: date = ON) -> dict[MessageKind, int]:
    return receive.mail([desk.campaign], mailbox, on=on, using=desk.using)


def pending(desk: Desk) -> list[ReturnFile]:
    return desk.using.ledger.returns.pending(desk.campaign.id, received_until=date(2030, 1, 1))


GB = made.NAME.encode("gb18030")


def cut_words() -> str:
    """One name in two encoded words, cut in the middle of a character."""
    packed = made.NAME.encode("gb18030")
    halves = packed[:14], packed[14:]

    return " ".join(f"=?gb2312?B?{base64.b64encode(half).decode()}?=" for half in halves)


def continued() -> str:
    percent = "".join(f"%{byte:02X}" for byte in made.NAME.encode("gbk"))
    third = len(percent) // 9 * 3
    return f"attachment;\r\n filename*0*=gb2312''{percent[:third]};\r\n filename*1*={percent[third:]}"


def spelled(disposition: str | bytes, *, kind: str | bytes = made.XLSX) -> bytes:
    """A plain workbook from the unit's contact, its name written in one of the ways of the world."""
    return made.mail(made.text(), made.file(PLAIN, disposition, kind=kind))


OWN_NAME = [(made.NAME, ONE, True)]

NAMES = {
    "rfc 2231": spelled(made.named(made.NAME)),
    "rfc 2231 gbk in pieces": spelled(continued()),
    "rfc 2047 within filename": spelled(f'attachment; filename="{made.word(made.NAME)}"'),
    "rfc 2047 without quotes": spelled(f"attachment; filename={made.word(made.NAME, 'utf-8')}"),
    "rfc 2047 cut inside a character": spelled(f'attachment; filename="{cut_words()}"'),
    "rfc 2047 folded": spelled('attachment;\r\n\tfilename="' + cut_words().replace(" ", "\r\n\t") + '"'),
    "raw gb18030": spelled(b'attachment; filename="' + GB + b'"'),
    "raw utf-8": spelled(b'attachment; filename="' + made.NAME.encode() + b'"'),
    "percent signs in plain": spelled(
        'attachment; filename="' + made.named(made.NAME).partition("''")[2] + '"'
    ),
    "only in content-type": spelled("attachment", kind=b'application/octet-stream; name="' + GB + b'"'),
    "question marks beside a good one": spelled(
        'attachment; filename="????.xlsx"', kind=f'application/octet-stream; name="{made.word(made.NAME)}"'
    ),
    "a path": spelled('attachment; filename="C:\\\\Users\\\\a\\\\' + made.NAME + '"'),
    "inline": spelled(made.named(made.NAME).replace("attachment", "inline")),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_is_read_however_it_was_written(case: str, office: Desk, mailbox: FakeMailbox) -> None:
    mailbox.deliver(NAMES[case])
    assert take(office, mailbox) == {KINDS.RETURN: 1}
    assert [(file.name, file.hint_unit_code, file.is_vouched) for file in pending(office)] == OWN_NAME


def returned(*parts: bytes, **facts: object) -> bytes:
    return made.mail(made.text(), *parts, **facts)  # type: ignore[arg-type]


STRANGE = {"sender": made.STRANGER}
UNNAMED = 'attachment; filename="table.xlsx"'
SCANNED = 'attachment; filename="scan.pdf"'

MESSAGES: dict[str, tuple[bytes, MessageKind, MessageState, list[tuple[str, str | None, bool]]]] = {
    # what arrives → kind, state, (name, unit, vouched for)
    "token, sender unknown": (
        returned(made.file(GENUINE, UNNAMED), **STRANGE),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, True)],
    ),
    "token and a nameless scan beside it, sender unknown": (
        returned(made.file(GENUINE, UNNAMED), made.file(made.SCAN, "attachment"), **STRANGE),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, True), ("未命名附件2.pdf", ONE, True)],
    ),
    "code in the name, sender unknown": (
        returned(made.file(PLAIN, made.named(made.NAME)), **STRANGE),
        KINDS.RETURN,
        MessageState.HANDLED,
        [(made.NAME, ONE, False)],
    ),
    "code in the name of another unit than the sender's": (
        returned(made.file(PLAIN, f'attachment; filename="{TWO}.xlsx"')),
        KINDS.RETURN,
        MessageState.HANDLED,
        [(f"{TWO}.xlsx", TWO, False)],
    ),
    "token of one unit under the name of another": (
        returned(made.file(OTHERS, f'attachment; filename="{ONE}.xlsx"')),
        KINDS.RETURN,
        MessageState.HANDLED,
        [(f"{ONE}.xlsx", ONE, True)],
    ),
    "the same from a stranger": (
        returned(made.file(OTHERS, f'attachment; filename="{ONE}.xlsx"'), **STRANGE),
        KINDS.RETURN,
        MessageState.HANDLED,
        [(f"{ONE}.xlsx", ONE, False)],
    ),
    "forged token, sender unknown": (
        returned(made.file(FORGED, UNNAMED), **STRANGE),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", None, False)],
    ),
    "code in the subject": (
        returned(made.file(made.SCAN, SCANNED), subject=f"{ONE}盖章扫描件"),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("scan.pdf", ONE, True)],
    ),
    "full-width code in the subject": (
        returned(made.file(made.SCAN, SCANNED), subject="Ｐ１５０６２６００００１ 盖章"),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("scan.pdf", ONE, True)],
    ),
    "a registered sender and nothing else": (
        returned(made.file(PLAIN, UNNAMED)),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, True)],
    ),
    "the sender's address in capitals and with a name": (
        returned(made.file(PLAIN, UNNAMED), sender=f"{made.word('药店')} <{made.CONTACT.upper()}>"),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, True)],
    ),
    "nothing tells": (
        returned(made.file(PLAIN, UNNAMED), **STRANGE),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", None, False)],
    ),
    "no sender at all": (
        returned(made.file(PLAIN, UNNAMED), sender=""),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", None, False)],
    ),
    "two units in one mail": (
        returned(
            made.file(GENUINE, UNNAMED), made.file(OTHERS, UNNAMED), made.file(made.SCAN, SCANNED), **STRANGE
        ),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, True), ("table（2）.xlsx", TWO, True), ("scan.pdf", None, False)],
    ),
    "a zip of two units": (
        returned(
            made.file(
                made.zipped((f"{ONE}.xlsx", GENUINE), (f"{TWO}.xlsx", OTHERS)), 'attachment; filename="a.zip"'
            ),
            **STRANGE,
        ),
        KINDS.RETURN,
        MessageState.HANDLED,
        [(f"a.zip/{ONE}.xlsx", ONE, True), (f"a.zip/{TWO}.xlsx", TWO, True)],
    ),
    "forwarded as a message": (
        made.mail(made.text("转上。"), made.forwarded(returned(made.file(PLAIN, UNNAMED))), **STRANGE),  # type: ignore[arg-type]
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, False)],
    ),
    "forwarded twice, with the token": (
        made.mail(
            made.forwarded(made.mail(made.forwarded(returned(made.file(GENUINE, UNNAMED))))),
            **STRANGE,  # type: ignore[arg-type]
        ),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, True)],
    ),
    "forwarded inline": (
        made.mail(
            made.text(f"见附件\n\n-----原始邮件-----\n发件人: 药店 <{made.CONTACT}>\n主题: 自查表"),
            made.file(PLAIN, UNNAMED),
            **STRANGE,  # type: ignore[arg-type]
        ),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, False)],
    ),
    "a reply that carries our own mail along": (
        returned(made.forwarded(made.ours()), made.file(made.SCAN, SCANNED)),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("scan.pdf", ONE, True)],
    ),
    "winmail.dat": (
        returned(
            made.file(
                made.winmail(made.NAME, PLAIN),
                'attachment; filename="winmail.dat"',
                kind="application/ms-tnef",
            )
        ),
        KINDS.RETURN,
        MessageState.HANDLED,
        [(made.NAME, ONE, True)],
    ),
    "a winmail.dat that cannot be opened": (
        returned(made.file(b"\x78\x9f\x3e\x22 cut off", 'attachment; filename="winmail.dat"')),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("winmail.dat", ONE, True)],
    ),
    "a logo in the text and a page photographed": (
        made.mail(
            made.text('<p>见图<img src="cid:logo"><img src="cid:page"></p>', kind="html"),
            made.file(
                made.LOGO, 'inline; filename="image001.png"', kind="image/png", more="Content-ID: <logo>"
            ),
            made.file(
                made.PHOTO, 'inline; filename="IMG_1.jpg"', kind="image/jpeg", more="Content-ID: <page>"
            ),
            kind="related",
        ),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("IMG_1.jpg", ONE, True)],
    ),
    "a copying machine's scan": (
        returned(
            made.file(made.SCAN, SCANNED), subject=f"{ONE}", more=[("Auto-Submitted", "auto-generated")]
        ),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("scan.pdf", ONE, True)],
    ),
    "an answer to an automatic reply": (
        returned(made.file(PLAIN, UNNAMED), subject="Re: 自动回复: 报送提醒"),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, True)],
    ),
    "a charset that lies": (
        made.mail(made.text("附件请查收", charset="gb18030", label="us-ascii"), made.file(PLAIN, UNNAMED)),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("table.xlsx", ONE, True)],
    ),
    "a raw subject in gbk": (
        made.mail(made.file(made.SCAN, SCANNED), subject=f"{ONE}盖章".encode("gbk"), sender=made.STRANGER),
        KINDS.RETURN,
        MessageState.HANDLED,
        [("scan.pdf", ONE, False)],
    ),
    "a cloud link alone": (
        made.mail(
            made.text(f'<p>从QQ邮箱发来的超大附件</p><a href="{CLOUD}">下载</a>', kind="html"),
            kind="alternative",
        ),
        KINDS.CLOUD_LINK,
        MessageState.WAITING,
        [],
    ),
    "a question": (made.plain("门诊慢特病费用要不要填？"), KINDS.QUESTION, MessageState.WAITING, []),
    "a question above our quoted notice": (
        made.plain("何时截止？\n\n-----原始邮件-----\n发件人: 办公室\n请报送"),
        KINDS.QUESTION,
        MessageState.WAITING,
        [],
    ),
    "empty, from a contact": (made.plain(" \n\u3000", subject=""), KINDS.EMPTY, MessageState.WAITING, []),
    "empty, from a stranger": (
        made.plain("", sender=made.STRANGER),
        KINDS.EMPTY,
        MessageState.HANDLED,
        [],
    ),
    "nothing but our quoted notice": (
        made.plain("\n\n-----原始邮件-----\n发件人: 办公室\n请报送"),
        KINDS.EMPTY,
        MessageState.WAITING,
        [],
    ),
    "automatic, RFC 3834": (
        made.plain("外出", more=[("Auto-Submitted", "auto-replied (vacation)")]),
        KINDS.AUTO_REPLY,
        MessageState.HANDLED,
        [],
    ),
    "automatic, X-Autoreply": (
        made.plain("外出", more=[("X-Autoreply", "yes")]),
        KINDS.AUTO_REPLY,
        MessageState.HANDLED,
        [],
    ),
    "automatic, Precedence": (
        made.plain("外出", more=[("Precedence", "bulk")]),
        KINDS.AUTO_REPLY,
        MessageState.HANDLED,
        [],
    ),
    "automatic, by subject": (
        made.plain("我在休假", subject="自动回复：报送提醒"),
        KINDS.AUTO_REPLY,
        MessageState.HANDLED,
        [],
    ),
    "automatic, with an attachment": (
        made.mail(made.text(), made.file(GENUINE, UNNAMED), more=[("Auto-Submitted", "auto-replied")]),
        KINDS.AUTO_REPLY,
        MessageState.WAITING,
        [],
    ),
    "a read receipt": (
        made.mail(
            made.text("您的邮件已阅读"),
            b"Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action; displayed\r\n",
            kind="report; report-type=disposition-notification",
        ),
        KINDS.READ_RECEIPT,
        MessageState.HANDLED,
        [],
    ),
    "a read receipt by subject": (
        made.plain("已阅", subject="已读：报送提醒"),
        KINDS.READ_RECEIPT,
        MessageState.HANDLED,
        [],
    ),
    "our own mail come back": (made.ours(), KINDS.OWN, MessageState.HANDLED, []),
    "a bounce of an unknown message": (
        made.report("failed", "5.1.1", "550 unknown", original=None, recipient="nobody@unit.example"),
        KINDS.BOUNCE,
        MessageState.WAITING,
        [],
    ),
    "a bounce with our workbook in it": (
        made.report("failed", "5.1.1", "550 unknown", original=made.ours(), recipient="nobody@unit.example"),
        KINDS.BOUNCE,
        MessageState.WAITING,
        [],
    ),
    "a calendar answer": (
        made.mail(b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\n", made.text("接受")),
        KINDS.QUESTION,
        MessageState.WAITING,
        [],
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_what_a_message_is_and_whose(case: str, office: Desk, mailbox: FakeMailbox) -> None:
    raw, kind, state, files = MESSAGES[case]
    arrival = mailbox.deliver(raw)
    assert take(office, mailbox) == {kind: 1}
    [message] = office.using.ledger.inbound.messages()
    assert (message.kind, message.state, message.received_at) == (kind, state, NINE)
    assert [(file.name, file.hint_unit_code, file.is_vouched) for file in pending(office)] == files
    assert office.using.archive.get(message.sha256) == raw
    assert (mailbox.lying, mailbox.done, mailbox.failed) == ([], [arrival], [])
    told = [each for _, each, _ in office.notices()]
    allowed = [NoticeKind.UNUSABLE] if kind in (KINDS.CLOUD_LINK, KINDS.EMPTY) else []
    assert told in ([], allowed), "taking mail over writes to nobody but who forgot the file"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "空的"),
        (b"\r\n\r\nno header at all", "没有邮件头"),
        (made.mail(*[made.text()] * 400), "300个部分"),
    ],
    ids=["empty", "no header", "too many parts"],
)
def test_what_nobody_can_read_is_kept_listed_and_stops_nothing_else(
    raw: bytes, said: str, office: Desk, mailbox: FakeMailbox
) -> None:
    bad = mailbox.deliver(raw)
    good = mailbox.deliver(returned(made.file(GENUINE, UNNAMED)), NINE + timedelta(minutes=1))
    assert take(office, mailbox) == {KINDS.UNREADABLE: 1, KINDS.RETURN: 1}
    assert (mailbox.failed, mailbox.done) == ([bad], [good])
    [listed] = office.using.ledger.inbound.messages(states=[MessageState.FAILED])
    assert said in listed.reason
    assert office.using.archive.get(listed.sha256) == raw


def test_verdicts_follow_from_who_vouches(office: Desk, mailbox: FakeMailbox) -> None:
    """By mail anybody can write anything: a stranger's file is judged only with a genuine token."""
    for raw in (
        returned(made.file(GENUINE, UNNAMED), **STRANGE),
        returned(made.file(PLAIN + b":2", f'attachment; filename="{TWO}.xlsx"'), **STRANGE),
        returned(made.file(FORGED + b":3", 'attachment; filename="P15062600003.xlsx"'), **STRANGE),
        returned(made.file(made.SCAN, 'attachment; filename="P15062600004.pdf"'), **STRANGE),
        returned(made.file(made.SCAN + b"5", SCANNED), sender="p15062600005@unit.example"),
    ):
        mailbox.deliver(raw)
    take(office, mailbox)
    files = {file.sha256: file for file in pending(office)}
    check.returns(office.campaign, on=ON, using=office.using)
    judged = [office.using.ledger.returns.get(file.id) for file in files.values()]
    assert [(file.verdict, file.unit_code) for file in judged] == [
        (Verdict.PARTIAL, ONE),
        (Verdict.UNCLAIMED, None),
        (Verdict.UNCLAIMED, None),
        (Verdict.UNCLAIMED, None),
        (Verdict.KEPT, "P15062600005"),
    ]
    for waiting in judged[1:4]:
        said = waiting.findings[-1].message
        assert made.STRANGER in said
        assert "建议认领给示例单位" in said
    assert {unit for unit, _, _ in office.notices()} == {ONE}, "nobody is answered on a stranger's word"


def test_mail_sent_at_2359_on_the_due_day_is_on_time_though_fetched_next_morning(
    office: Desk, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(returned(made.file(GENUINE, UNNAMED)), factories.at("2024-05-31", "23:59"))
    mailbox.deliver(returned(made.file(OTHERS, UNNAMED)), factories.at("2024-06-01", "00:00"))
    assert take(office, mailbox, on=date(2024, 5, 31)) == {KINDS.RETURN: 1}
    assert take(office, mailbox, on=date(2024, 6, 1)) == {KINDS.RETURN: 1}
    assert [file.received_on for file in pending(office)] == [date(2024, 5, 31), date(2024, 6, 1)]


def test_a_second_fetch_of_the_same_bytes_changes_nothing(office: Desk, mailbox: FakeMailbox) -> None:
    raw = returned(made.file(GENUINE, UNNAMED))
    mailbox.deliver(raw)
    take(office, mailbox)
    before = office.using.ledger.inbound.messages(), pending(office)
    mailbox.deliver(raw, NINE + timedelta(hours=1))
    take(office, mailbox)
    assert (office.using.ledger.inbound.messages(), pending(office)) == before
    assert mailbox.lying == []


@pytest.mark.parametrize("moment", ["enter", "receive", "settle", "move"])
def test_a_crash_at_any_point_is_made_good_by_the_next_run(
    moment: str, office: Desk, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive has the message before anything else; what a crash leaves undone, the next run does."""
    raw = returned(made.file(GENUINE, UNNAMED), made.file(made.SCAN, SCANNED))
    mailbox.deliver(raw)
    ledger = office.using.ledger
    whole = {"enter": ledger.inbound, "settle": ledger.inbound, "receive": ledger.returns, "move": mailbox}
    name = "file_away" if moment == "move" else moment

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(whole[moment], name, killed)
        with pytest.raises(KeyboardInterrupt):
            take(office, mailbox)
    assert len(mailbox.lying) == 1
    assert raw in office.using.archive.files.values()
    take(office, mailbox)
    [message] = ledger.inbound.messages()
    assert message.state is MessageState.HANDLED
    assert [file.name for file in pending(office)] == ["table.xlsx", "scan.pdf"]
    assert len(mailbox.done) == 1


def test_a_fault_in_one_message_leaves_it_in_the_inbox_and_stops_nothing_else(
    office: Desk, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = mailbox.deliver(returned(made.file(b"xlsx:plain:bad", UNNAMED)))
    good = mailbox.deliver(returned(made.file(GENUINE, UNNAMED)), NINE + timedelta(minutes=1))
    receive_one = office.using.ledger.returns.receive

    def failing(campaign_id: str, **facts: object) -> ReturnFile:
        if facts["sha256"] == office.using.archive.put(b"xlsx:plain:bad"):
            raise RuntimeError("a fault of ours")
        return receive_one(campaign_id, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(office.using.ledger.returns, "receive", failing)
    with pytest.raises(TryAgain, match="1封来信未能办理"):
        take(office, mailbox)
    assert (mailbox.lying, mailbox.done) == ([bad], [good])


def test_a_hard_bounce_of_our_notice_suspends_its_address_once(office: Desk, mailbox: FakeMailbox) -> None:
    own = send_notice(office)
    raw = made.report("failed", "5.1.1", "550 unknown").replace(made.NOTICE_ID.encode(), own.encode())
    mailbox.deliver(raw)
    take(office, mailbox)
    inbound = office.using.ledger.inbound
    [message] = inbound.messages()
    assert (message.notice_id, message.unit_code, message.campaign_id) == (1, ONE, office.campaign.id)
    assert (message.bounced_address, message.bounce_status, message.bounce_is_permanent) == (
        made.CONTACT,
        "5.1.1",
        True,
    )
    assert list(inbound.suspended()) == [made.CONTACT]
    inbound.resume(made.CONTACT, by="director", reason="已核实可用", at=NINE)
    mailbox.deliver(raw, NINE + timedelta(hours=1))
    take(office, mailbox)
    assert inbound.suspended() == {}, "a bounce acted on before suspends nothing again"
    assert pending(office) == []


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (made.report("failed", "5.2.2", "552 mailbox full", original=None), KINDS.BOUNCE),
        (
            made.report("failed", "5.1.1", "550 unknown", original=None, recipient="x@elsewhere.example"),
            KINDS.BOUNCE,
        ),
        (made.report("delayed", "4.4.1", "timed out"), KINDS.DELAY),
        (made.plain("外出", more=[("Auto-Submitted", "auto-replied")]), KINDS.AUTO_REPLY),
    ],
    ids=["mailbox full", "an address we never wrote to", "delay", "automatic reply"],
)
def test_nothing_else_suspends_an_address(
    raw: bytes, kind: MessageKind, office: Desk, mailbox: FakeMailbox
) -> None:
    """Anybody can forge a bounce; one that names neither a message of ours nor its address does nothing."""
    send_notice(office)
    mailbox.deliver(raw)
    assert take(office, mailbox) == {kind: 1}
    assert office.using.ledger.inbound.suspended() == {}


def test_an_automatic_reply_is_attached_to_the_newest_notice_to_its_sender(
    office: Desk, mailbox: FakeMailbox
) -> None:
    send_notice(office, key="launch", at=NINE - timedelta(days=3))
    send_notice(office, key="t5", at=NINE - timedelta(days=1))
    send_notice(office, 1, key="t5")
    mailbox.deliver(made.plain("外出", subject="自动回复：报送提醒"))
    take(office, mailbox)
    [message] = office.using.ledger.inbound.messages()
    assert (message.notice_id, message.unit_code) == (2, ONE)


def test_an_answer_to_our_notice_names_the_unit_but_does_not_vouch_for_a_stranger(
    office: Desk, mailbox: FakeMailbox
) -> None:
    own = send_notice(office, 1)
    thread = [("In-Reply-To", own), ("References", f"<other@x> {own}")]
    mailbox.deliver(returned(made.file(made.SCAN, SCANNED), more=thread, **STRANGE))
    mailbox.deliver(
        returned(made.file(made.SCAN + b"2", SCANNED), more=thread, sender="p15062600002@unit.example")
    )
    take(office, mailbox)
    assert [(file.hint_unit_code, file.is_vouched) for file in pending(office)] == [(TWO, False), (TWO, True)]
    assert {message.notice_id for message in office.using.ledger.inbound.messages()} == {1}


def test_the_same_file_from_two_senders_is_entered_once_and_staff_are_told(
    office: Desk, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(returned(made.file(made.SCAN, SCANNED)))
    mailbox.deliver(returned(made.file(made.SCAN, SCANNED), sender="p15062600002@unit.example"))
    take(office, mailbox)
    assert len(pending(office)) == 1
    [told] = office.using.ledger.inbound.messages(states=[MessageState.WAITING])
    assert "scan.pdf" in told.reason


def test_of_several_campaigns_the_token_then_the_code_decides(office: Desk, mailbox: FakeMailbox) -> None:
    other = factories.campaign("quanzhou_2024")
    mailbox.deliver(returned(made.file(GENUINE, UNNAMED), **STRANGE))
    mailbox.deliver(returned(made.file(PLAIN, f'attachment; filename="{TWO}.xlsx"'), **STRANGE))
    mailbox.deliver(made.plain("你好", sender=made.STRANGER))
    receive.mail([other, office.campaign], mailbox, on=ON, using=office.using)
    assert [message.campaign_id for message in office.using.ledger.inbound.messages()] == [
        office.campaign.id,
        office.campaign.id,
        None,
    ]
    assert {file.kind for file in pending(office)} == {FileKind.WORKBOOK}


def test_a_link_instead_of_a_file_is_answered_once_to_the_unit_and_to_nobody_else(
    office: Desk, mailbox: FakeMailbox
) -> None:
    link = made.text(f'<p>超大附件</p><a href="{CLOUD}">下载</a>', kind="html")
    for facts in ({}, {"sender": made.STRANGER}):
        mailbox.deliver(made.mail(link, kind="alternative", **facts))
    take(office, mailbox)
    take(office, mailbox)
    answered = [who for who, kind, _ in office.notices() if kind is NoticeKind.UNUSABLE]
    assert answered == [ONE]
    deliver.notices(office.campaign, on=ON, using=office.using)
    assert [letter.advice for _, letter in office.letters.written if isinstance(letter, UnusableLetter)] == [
        SEND_AS_ATTACHMENT
    ]


# The bureau above signs for a report


def report_went_up(desk: Desk, *, is_sent: bool = True) -> tuple[int, str]:
    """An edition whose mail was taken over; its id and the mail's Message-ID."""
    ledger, day = desk.using.ledger, NINE - timedelta(days=1)
    snapshot = ledger.snapshots.take(
        desk.campaign.id, "summary", "self_check", period=Period(day.date(), day.date()), on=day.date()
    )
    edition = ledger.editions.add(
        desk.campaign.id, "summary", snapshot.id, occasion="once", number=1, files=(), on=day.date()
    )
    for hand in Hand:
        ledger.editions.ask(edition.id, hand, post_key=hand, run="r", page="", at=day, until=day)
        ledger.editions.sign(edition.id, hand, approved=True, by=hand, user=hand, reason="", at=day)
    if is_sent:
        ledger.editions.mark_sent(edition.id, at=day)
    key = notice_key(SendMode.LIVE, desk.campaign.id, "report", "summary", "once", "1")
    ledger.outbox.plan(
        [
            NewNotice(
                key,
                SendMode.LIVE,
                desk.campaign.id,
                NoticeKind.REPORT,
                day.date(),
                edition_id=edition.id,
                post_key="upper_bureau",
            )
        ]
    )
    [claimed] = ledger.outbox.claim(
        desk.campaign.id, mode=SendMode.LIVE, limit=1, now=day, lease=timedelta(minutes=5)
    )
    own = message_id(key, desk.using.mail_domain)
    ledger.outbox.record_mail(
        [claimed.id], NoticeState.ACCEPTED, at=day, to=ABOVE, message_id=own, detail="250 ok"
    )
    return edition.id, own


ABOVE = "upper_bureau@bureau.example"


@pytest.mark.parametrize(
    ("sender", "more", "is_sent", "state"),
    [
        (ABOVE, [], True, EditionState.RECEIVED),
        (ABOVE.upper(), [], True, EditionState.RECEIVED),
        (made.CONTACT, [], True, EditionState.SENT),
        (ABOVE, [("Auto-Submitted", "auto-replied")], True, EditionState.SENT),
        (ABOVE, [], False, EditionState.APPROVED),
    ],
    ids=["a reply", "in capitals", "from elsewhere", "an automatic reply", "before it is noted as sent"],
)
def test_a_person_s_answer_from_where_a_report_went_is_its_receipt(
    office: Desk,
    mailbox: FakeMailbox,
    sender: str,
    more: list[tuple[str, str]],
    is_sent: bool,
    state: EditionState,
) -> None:
    edition_id, own = report_went_up(office, is_sent=is_sent)
    reply = made.plain("收到。", sender=sender, subject="回复：统计表", more=[("In-Reply-To", own), *more])
    mailbox.deliver(reply)
    take(office, mailbox)
    edition = office.using.ledger.editions.get(edition_id)
    assert edition.state is state
    if state is EditionState.RECEIVED:
        assert (edition.received_on, edition.receipt) == (ON, "上级回复邮件“回复：统计表”")


def test_an_answer_to_another_mail_is_no_receipt(office: Desk, mailbox: FakeMailbox) -> None:
    edition_id, _ = report_went_up(office)
    mailbox.deliver(made.plain("收到。", sender=ABOVE, more=[("In-Reply-To", send_notice(office))]))
    take(office, mailbox)
    assert office.using.ledger.editions.get(edition_id).state is EditionState.SENT
