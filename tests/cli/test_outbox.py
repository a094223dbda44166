"""Stop, resume, forecast and settle, as they are typed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from include.assembly import Assembly
from include.domain.notices import NoticeState, message_id
from include.settings import Settings
from tests.cli.conftest import CAMPAIGN, WITHOUT_MAILBOX, launch, run

LEASE = timedelta(minutes=10)


def claim(office: Assembly) -> list[int]:
    claimed = office.ledger.outbox.claim(
        CAMPAIGN, mode=office.mail_server.mode, limit=1, now=office.now(), lease=LEASE
    )
    return [notice.id for notice in claimed]


def test_a_stop_holds_at_once_and_says_who_and_why(office: Assembly) -> None:
    launch(office)
    run("outbox", "stop", "--by", "办公室", "--reason", "名册有误")
    assert claim(office) == []
    assert "名册有误" in run("outbox", "state", "--campaign", CAMPAIGN).out
    run("outbox", "resume", "--by", "办公室", "--reason", "已更正")
    assert len(claim(office)) == 1
    assert "无需恢复" in run("outbox", "resume", "--by", "办公室", "--reason", "再次", code=1).err


def test_one_campaign_can_be_stopped_alone(office: Assembly) -> None:
    launch(office)
    run("outbox", "stop", "--campaign", CAMPAIGN, "--by", "办公室", "--reason", "核对")
    assert claim(office) == []
    assert [
        stop["scope"] for stop in run("outbox", "state", "--campaign", CAMPAIGN, "--json").json["stops"]
    ] == [CAMPAIGN]


def test_resuming_everything_accepts_an_older_ledger(office: Assembly) -> None:
    office.watermark.write(1_000)
    run("outbox", "stop", "--by", "督办系统", "--reason", "台账可能是从备份恢复的")
    run("outbox", "resume", "--by", "办公室", "--reason", "已核对备份以来的邮件")
    assert office.watermark.read() == office.ledger.outbox.attempts_made() == 0


def test_the_forecast_counts_every_mail_still_to_come_and_enters_nothing(office: Assembly) -> None:
    planned = run("outbox", "forecast", "--campaign", CAMPAIGN, "--on", "2024-05-06", "--json").json
    assert {mail["count"] for mail in planned} == {4}, "five owe, one has no mailbox"
    assert planned[0]["day"] == "2024-05-06"
    assert office.ledger.outbox.rows(CAMPAIGN) == []
    text = run("outbox", "forecast", "--campaign", CAMPAIGN, "--on", "2024-05-06").out
    assert f"最多{4 * len(planned)}封" in text


def test_a_mail_in_doubt_is_settled_by_a_person_once(office: Assembly) -> None:
    launch(office)
    [number] = claim(office)
    office.ledger.outbox.record_mail([number], NoticeState.IN_DOUBT, at=office.now(), detail="连接中断")
    [doubt] = run("outbox", "doubts", "--campaign", CAMPAIGN, "--json").json
    assert doubt["id"] == number
    assert "连接中断" in run("outbox", "doubts", "--campaign", CAMPAIGN).out
    run("outbox", "settle", number, "--sent", "--by", "办公室", "--reason", "已电话核实")
    assert run("outbox", "doubts", "--campaign", CAMPAIGN, "--json").json == []
    refused = run("outbox", "settle", number, "--resend", "--by", "办公室", "--reason", "再发", code=1)
    assert "需要核实" in refused.err


def test_a_digest_in_the_sent_folder_settles_every_unit_it_names(office: Assembly, tmp_path: Path) -> None:
    launch(office)
    numbers = [number for _ in range(4) for number in claim(office)]
    office.ledger.outbox.record_mail(numbers, NoticeState.IN_DOUBT, at=office.now(), detail="台账从备份恢复")
    with closing(sqlite3.connect(Settings().home / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE notice SET group_key = 'one contact' WHERE id < 4")
    first, second, third, alone = office.ledger.outbox.in_doubt(CAMPAIGN)
    mail = (
        f"From: office@duban.example\nMessage-ID: {message_id(first.key, Settings().mail_domain)}\n"
        f"Subject: x\n\n{first.unit_code}, {second.unit_code}\n"
    )
    box = tmp_path / "sent.mbox"
    box.write_text(
        f"From - Mon May  6 09:00:00 2024\n{mail}\nFrom - Mon May  6 09:00:01 2024\nSubject: other\n\nx\n"
    )
    asked = ("outbox", "compare-sent", box, "--campaign", CAMPAIGN, "--by", "办公室")
    seen = run(*asked, "--json").json
    assert seen["mails"] == 2
    assert [row["id"] for row in seen["found"]] == [first.id, second.id]
    assert [row["id"] for row in seen["missing"]] == [third.id, alone.id]
    assert len(office.ledger.outbox.in_doubt(CAMPAIGN)) == 4, "only looked at"
    assert "已登记为已发出" in run(*asked, "--settle").out
    assert [row.id for row in office.ledger.outbox.in_doubt(CAMPAIGN)] == [third.id, alone.id]
    run(*asked, "--resend-rest")
    assert office.ledger.outbox.in_doubt(CAMPAIGN) == []
    assert len(claim(office)) > 0


def test_a_folder_without_mails_is_a_sentence(office: Assembly, tmp_path: Path) -> None:
    asked = ("outbox", "compare-sent", tmp_path, "--campaign", CAMPAIGN, "--by", "办公室")
    assert "没有邮件" in run(*asked, code=1).err


def test_a_suspended_address_is_listed_and_can_be_used_again(office: Assembly) -> None:
    office.ledger.inbound.suspend("gone@unit.example", reason="550 5.1.1", at=office.now())
    assert "gone@unit.example" in run("outbox", "addresses").out
    run("outbox", "resume-address", "GONE@unit.example", "--by", "办公室", "--reason", "邮箱已恢复")
    assert run("outbox", "addresses", "--json").json == []
    unknown = run(
        "outbox", "resume-address", "gone@unit.example", "--by", "办公室", "--reason", "再次", code=1
    )
    assert "没有停用" in unknown.err


def test_a_unit_without_a_mailbox_is_never_in_the_outbox(office: Assembly) -> None:
    launch(office)
    rows = run("outbox", "state", "--campaign", CAMPAIGN, "--json").json["notices"]
    assert WITHOUT_MAILBOX.code not in {row["unit_code"] for row in rows}


def test_mail_to_one_unit_is_suspended_and_resumed(office: Assembly) -> None:
    launch(office)
    unit = office.ledger.outbox.rows(CAMPAIGN)[0].unit_code
    asked = [unit, "--campaign", CAMPAIGN, "--by", "办公室", "--reason", "核实联系人"]
    assert "已暂停向" in run("outbox", "suspend-unit", *asked).out
    assert "核实联系人" in run("outbox", "state", "--campaign", CAMPAIGN).out
    assert len(claim(office)) == 1, "others are not concerned"
    assert "重新列入发送0份" in run("outbox", "resume-unit", *asked).out
    assert "没有暂停" in run("outbox", "resume-unit", *asked, code=1).err
