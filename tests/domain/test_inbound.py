"""Whose a file is: the surest evidence names the unit, and only a token or a contact vouches for it."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from include.domain.inbound import Claim, ClaimBy, Evidence, Unreadable, answered_ids, claim, own_words
from include.gateways.incoming_mail import MailReader
from include.gateways.incoming_mail.words import decoded, header_text
from tests import mail_messages as made

A, B, C = "P15062600001", "P15062600002", "P15062600003"
SENDER = "a@unit.example"

CLAIMS = [
    # evidence → unit, by, vouched
    (Evidence(), None, ClaimBy.NOTHING, False),
    (Evidence(token=A), A, ClaimBy.TOKEN, True),
    (Evidence(token=A, in_file_name=A), A, ClaimBy.TOKEN, True),
    (Evidence(token=A, in_file_name=B), B, ClaimBy.FILE_NAME, False),
    (Evidence(token=A, in_file_name=B, tokens_beside=frozenset({A, B})), B, ClaimBy.FILE_NAME, False),
    (Evidence(token=A, in_file_name=B, sender_units=frozenset({B})), B, ClaimBy.FILE_NAME, True),
    (Evidence(in_file_name=A, sender_units=frozenset({A})), A, ClaimBy.FILE_NAME, True),
    (Evidence(in_file_name=A, sender_units=frozenset({B})), A, ClaimBy.FILE_NAME, False),
    (Evidence(in_file_name=A, tokens_beside=frozenset({A})), A, ClaimBy.FILE_NAME, True),
    (Evidence(in_file_name=A, tokens_beside=frozenset({B})), A, ClaimBy.FILE_NAME, False),
    (Evidence(tokens_beside=frozenset({A}), in_subject=frozenset({B})), A, ClaimBy.SAME_MESSAGE, True),
    (Evidence(tokens_beside=frozenset({A, B}), in_subject=frozenset({B})), B, ClaimBy.SUBJECT, True),
    (Evidence(tokens_beside=frozenset({A, B})), None, ClaimBy.NOTHING, False),
    (Evidence(in_subject=frozenset({A}), answered=B), A, ClaimBy.SUBJECT, False),
    (Evidence(in_subject=frozenset({A, B}), answered=B), B, ClaimBy.ANSWERED, False),
    (Evidence(answered=A, sender_units=frozenset({A, B})), A, ClaimBy.ANSWERED, True),
    (Evidence(sender_units=frozenset({A})), A, ClaimBy.SENDER, True),
    (Evidence(sender_units=frozenset({A, B})), None, ClaimBy.NOTHING, False),
    (Evidence(forwarded_units=frozenset({A})), A, ClaimBy.FORWARDED, False),
]


@pytest.mark.parametrize(("evidence", "unit", "by", "is_vouched"), CLAIMS)
def test_claims(evidence: Evidence, unit: str | None, by: ClaimBy, is_vouched: bool) -> None:
    assert claim(SENDER, evidence) == Claim(SENDER, unit, by, is_vouched)


def test_nobody_is_vouched_for_without_token_or_contact() -> None:
    """Whatever the evidence: 2,000 combinations, and never a unit vouched for by its name alone."""
    dice = random.Random(20240520)
    for _ in range(2_000):
        some = [frozenset(dice.sample([A, B, C], dice.randint(0, 2))) for _ in range(4)]
        evidence = Evidence(
            token=dice.choice([None, None, A, B]),
            in_file_name=dice.choice([None, A, B, C]),
            tokens_beside=some[0],
            in_subject=some[1],
            answered=dice.choice([None, A, C]),
            sender_units=some[2],
            forwarded_units=some[3],
        )
        told = claim(SENDER, evidence)
        if told.is_vouched:
            assert told.unit_code in {evidence.token, *evidence.tokens_beside, *evidence.sender_units}
        if told.unit_code is None:
            assert not told.is_vouched


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("何时截止？", "何时截止？"),
        ("收到\n\n------------------ 原始邮件 ------------------\n请报送", "收到"),
        ("收到\n\n发件人：办公室\n请报送", "收到"),
        ("在 2024年5月20日 09:00，办公室写道：\n> 请报送", ""),
        ("> 请报送", ""),
        ("\u200b\xa0 \n", ""),
    ],
)
def test_own_words_end_where_the_quoted_message_begins(text: str, own: str) -> None:
    assert own_words(text) == own


def test_a_message_of_ours_is_found_wherever_it_is_named() -> None:
    other = made.NOTICE_ID.replace("<0", "<1")
    for raw in (
        made.plain("答", more=[("In-Reply-To", made.NOTICE_ID)]),
        made.plain("答", more=[("References", f"<x@y> {made.NOTICE_ID} <z@y>")]),
        made.plain("答", more=[("X-Duban-Notice", made.NOTICE_ID)]),
        made.plain(f"原邮件编号 {made.NOTICE_ID.strip('<>')}"),
        made.report("failed", "5.1.1", "550 unknown"),
        made.report("failed", "5.1.1", "550 unknown", original=made.ours()),
        made.mail(made.text(), made.forwarded(made.ours())),
    ):
        assert answered_ids(MailReader().read(raw), made.DOMAIN) == (made.NOTICE_ID,)
    nearest = made.plain("答", more=[("References", f"{other} {made.NOTICE_ID}")])
    assert answered_ids(MailReader().read(nearest), made.DOMAIN) == (made.NOTICE_ID, other)
    assert answered_ids(MailReader().read(made.plain("答")), made.DOMAIN) == ()


@pytest.mark.parametrize(
    ("raw", "label", "text"),
    [
        ("自查自纠".encode("gb18030"), "us-ascii", "自查自纠"),
        ("自查自纠".encode("gb18030"), "utf-8", "自查自纠"),
        ("自查自纠情况表".encode(), "gb2312", "自查自纠情况表"),
        ("联通".encode("gbk"), "gb2312", "联通"),
        ("镕㙍".encode("gb18030"), "gb2312", "镕㙍"),
        ("自查".encode(), "no-such-charset", "自查"),
        ("自查".encode("utf-16-le"), "utf-16le", "自查"),
        (b"\xff\xfe\xff", "utf-8", "\ufffd\ufffd\ufffd"),
        (b"plain", None, "plain"),
    ],
)
def test_text_is_read_whatever_its_label_says(raw: bytes, label: str | None, text: str) -> None:
    assert decoded(raw, label) == text


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("=?gb2312?B?19Sy6Q==?=", "自查"),
        ("=?UTF-8?Q?=E8=87=AA=E6=9F=A5_2024?=", "自查 2024"),
        ("=?utf-8?B?6Ieq5p+l?= =?utf-8?B?6Ieq57qg?=", "自查自纠"),
        ("回复: =?utf-8?B?6Ieq5p+l?= (2)", "回复: 自查 (2)"),
        ("=?utf-8?B?6Ieq5p+l", "=?utf-8?B?6Ieq5p+l"),
        ("=?utf-8?B?6Ieq5p+l6?=", "自查"),
        ("plain\r\n folded", "plain folded"),
    ],
)
def test_encoded_words(header: str, text: str) -> None:
    assert header_text(header) == text


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_message_is_read_or_refused_and_nothing_else(seed: int) -> None:
    """Bytes changed at random: no exception but Unreadable, no endless work."""
    dice = random.Random(seed)
    raw = bytearray(
        made.mail(
            made.text(), made.file(b"PK" + bytes(200), made.named(made.NAME)), made.forwarded(made.ours())
        )
    )
    for _ in range(40):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    with suppress(Unreadable):
        mail = MailReader().read(bytes(raw))
        assert all(file.name and "/" not in file.name for file in mail.attachments)
