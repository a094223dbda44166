"""Who would be written to, how it would look, what has become of it: seen, never entered, never sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.assembly import Assembly
from tests.cli.conftest import CAMPAIGN, UNITS, WITHOUT_MAILBOX, archive_of, launch, ledger_of, run


def on(day: str) -> tuple[str, ...]:
    return ("--campaign", CAMPAIGN, "--on", day)


def reasons(day: str) -> dict[str, str]:
    return {line["unit_code"]: line["reason"] for line in run("reminders", "due", *on(day), "--json").json}


def test_before_the_phase_is_open_nobody_is_listed_and_the_text_says_why() -> None:
    assert run("reminders", "due", *on("2024-05-24"), "--json").json == []
    assert "没有可以列出的单位" in run("reminders", "due", *on("2024-05-24")).out


def test_each_unit_is_listed_with_the_reason_for_or_against_writing(home: Path, office: Assembly) -> None:
    launch(office)
    before = ledger_of(home)
    lines = run("reminders", "due", *on("2024-05-24"), "--json").json
    assert {line["unit_code"] for line in lines} == {unit.code for unit in UNITS}
    for line in lines:
        is_reachable = line["unit_code"] != WITHOUT_MAILBOX.code
        assert line["reason"] == ("send" if is_reachable else "no_address")
        assert line["why"].startswith("拟发送：截止前5个工作日提醒" if is_reachable else "无可用邮箱")
        assert line["phase"] == "self_check"
    text = run("reminders", "due", *on("2024-05-24")).out
    assert "2024-05-24 催报预演：拟发送4家，不发送1家" in text
    assert "无可用邮箱，列入电话联系名单：1家" in text
    assert all(unit.code in text and unit.name in text for unit in UNITS)
    assert ledger_of(home) == before, "looking plans nothing"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        pytest.param("live", "already_sent", id="planned in this mode"),
        pytest.param("off", "send", id="a rehearsal does not count what is planned for real"),
    ],
)
def test_a_plan_is_seen_in_the_mode_the_office_sends_in(
    office: Assembly, monkeypatch: pytest.MonkeyPatch, mode: str, expected: str
) -> None:
    launch(office)
    monkeypatch.setenv("DUBAN_SEND_MODE", mode)
    assert reasons("2024-05-08")[UNITS[0].code] == expected


def test_a_preview_is_the_mail_as_it_would_be_and_enters_nothing(
    home: Path, tmp_path: Path, office: Assembly
) -> None:
    launch(office)
    before = ledger_of(home)
    out = tmp_path / "样件"
    shown = run("notices", "preview", *on("2024-05-24"), "--out", out, "--json").json
    assert [mail["to"] for mail in shown] == sorted(
        unit.contact_email for unit in UNITS if unit.contact_email
    )
    folder = Path(shown[0]["folder"])
    assert (folder / "主题.txt").read_text(encoding="utf-8").strip() == shown[0]["subject"]
    assert "<html" in (folder / "正文.html").read_text(encoding="utf-8")
    assert "截止" in (folder / "正文.txt").read_text(encoding="utf-8")
    assert len(list(folder.glob("*.xlsx"))) == 1, "a reminder carries the unit's own workbook"
    assert ledger_of(home) == before
    assert archive_of(home) == [], "a preview is not kept as evidence"


def test_a_preview_stops_at_the_limit(tmp_path: Path, office: Assembly) -> None:
    told = run("notices", "preview", *on("2024-05-24"), "--out", tmp_path / "out", "--limit", 2)
    assert told.out.startswith("已生成2封样件")
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_day_without_mail_writes_no_folder(tmp_path: Path, office: Assembly) -> None:
    told = run("notices", "preview", *on("2024-04-01"), "--out", tmp_path / "out", code=1)
    assert told.err.startswith("2024-04-01 没有拟发的邮件")
    assert not (tmp_path / "out").exists()


def test_the_outbox_lists_every_notice_and_its_state(office: Assembly) -> None:
    assert run("outbox", "state", "--campaign", CAMPAIGN).out == "发件记录：0封\n"
    launch(office)
    rows = run("outbox", "state", "--campaign", CAMPAIGN, "--json").json["notices"]
    assert {(row["unit_code"], row["kind"], row["state"]) for row in rows} == {
        (unit.code, "launch", "planned") for unit in UNITS if unit.contact_email
    }
    text = run("outbox", "state", "--campaign", CAMPAIGN).out
    assert "发件记录：4封" in text
    assert "自查启动通知" in text
    assert all(header in text for header in ("登记日", "单位或岗位", "状态", "待发送"))
    assert all(row["recipient"] is None for row in rows), "nothing was handed over"
