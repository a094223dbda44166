"""A message looked at before it is sent: kind, unit and why, attachments, answer; and nothing kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.assembly import Assembly
from include.rehearsal.clerks import fill
from tests import mail_messages as made
from tests.cli.conftest import CAMPAIGN, UNITS, archive_of, issued, ledger_of, run

CHECK = ("--campaign", CAMPAIGN, "--on", "2024-05-24")
OWN = UNITS[0]


@pytest.fixture
def eml(tmp_path: Path) -> Path:
    """From a stranger: the unit's own workbook, a scan without a name, a logo."""
    workbook = fill(issued(OWN), [], date(2024, 5, 24), phone="0477-1234567")
    file = tmp_path / "报送.eml"
    file.write_bytes(
        made.mail(
            made.text('<p>请查收<img src="cid:logo"></p>', kind="html"),
            made.file(workbook, made.named("自查表.xlsx"), kind=made.XLSX),
            made.file(made.SCAN, "attachment"),
            made.file(made.LOGO, 'inline; filename="logo.png"', kind="image/png", more="Content-ID: <logo>"),
            sender=made.STRANGER,
        )
    )
    return file


def test_a_message_is_understood_and_nothing_is_stored(home: Path, eml: Path, office: Assembly) -> None:
    before = ledger_of(home)
    told = run("mail", "read", eml, *CHECK, "--json").json
    assert (told["kind"], told["from"], told["unit"], told["answer"]) == (
        "return",
        made.STRANGER,
        OWN.code,
        "",
    )
    workbook, scan = told["attachments"]
    assert {name: workbook[name] for name in ("name", "unit", "by", "vouched", "verdict", "answer")} == {
        "name": "自查表.xlsx",
        "unit": OWN.code,
        "by": "token",
        "vouched": True,
        "verdict": "accepted",
        "answer": "收件回执",
    }
    assert (scan["name"], scan["unit"], scan["by"], scan["verdict"]) == (
        "未命名附件2.pdf",
        OWN.code,
        "same_message",
        "kept",
    )
    assert [part["name"] for part in told["left_out"]] == ["logo.png"]
    text = run("mail", "read", eml, *CHECK).out
    for words in (
        "报送邮件：报送自查表",
        "自查表.xlsx：校验通过",
        "专用表内的单位标识",
        "收件回执",
        "正文中的小图片",
    ):
        assert words in text
    assert ledger_of(home) == before
    assert archive_of(home) == []


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (made.plain("几号截止？"), ("来信（无附件）", "待办公室处理", "不自动答复")),
        (made.report("failed", "5.1.1", "550 unknown"), ("退信", made.CONTACT, "永久退信", "不自动答复")),
        (
            made.mail(
                made.text(),
                made.file(made.SCAN, f'attachment; filename="{OWN.code}.pdf"'),
                sender=made.STRANGER,
            ),
            ("待认领", "发件人未登记", "建议认领给"),
        ),
    ],
    ids=["question", "bounce", "stranger"],
)
def test_what_staff_read(raw: bytes, words: tuple[str, ...], tmp_path: Path, office: Assembly) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(raw)
    text = run("mail", "read", file, *CHECK).out
    assert [each for each in words if each not in text] == []


def test_what_is_no_message_is_told(tmp_path: Path, office: Assembly) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(b"")
    assert "空的" in run("mail", "read", file, *CHECK, code=1).err
