"""A campaign in plain files: all of it, nothing of another's, readable and verifiable without this program."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from include.domain.errors import GiveUp
from include.domain.notices import Attachment, NoticeState
from include.domain.occasions import Period
from include.gateways import retention
from include.gateways.archive import Archive
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect
from include.gateways.ledger.tables import metadata
from tests.gateways.ledger.contract import samples
from tests.gateways.ledger.contract.samples import CAMPAIGN, NEXT_MONDAY, NINE, PHASE
from tests.gateways.mail_builders import MESSAGE

FACTS = Path("include/campaigns/wushen_2024")
MADE = datetime.fromisoformat("2026-11-29T09:00:00+08:00")


def busy_and_exported(ledger_url: str, folder: Path) -> Path:
    ledger = Ledger(ledger_url)
    archive = Archive(str(folder / "archive"))
    [obligation] = samples.open_obligations(ledger, samples.make_units(1))
    archive.put("自查表.xlsx".encode())
    samples.judge(ledger, [samples.judgement(samples.receive(ledger), obligation)])
    answer = archive.put("回执".encode())
    ledger.outbox.plan([samples.make_notice(attachments=(Attachment("回执.pdf", answer),))])
    ledger.outbox.plan([samples.make_notice("other", campaign_id="another_2024")])
    ledger.outbox.record_mail(
        [samples.claim_one(ledger)],
        NoticeState.ACCEPTED,
        at=NINE,
        to=MESSAGE.to,
        message_id=MESSAGE.message_id,
        detail="250 “好”,\n完",
        mail=MESSAGE,
    )
    ledger.snapshots.take(CAMPAIGN, "summary", PHASE, period=Period(NEXT_MONDAY, NEXT_MONDAY), on=NEXT_MONDAY)
    ledger.close()
    export(ledger_url, folder)
    return folder / "out"


@pytest.fixture
def exported(ledger_url: str, tmp_path: Path) -> Path:
    return busy_and_exported(ledger_url, tmp_path)


@pytest.fixture(scope="module")
def exported_once(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retention")
    shutil.copy(migrated_file, folder / "ledger.db")
    return busy_and_exported(f"sqlite:///{folder / 'ledger.db'}", folder)


@pytest.fixture
def copied(exported_once: Path, tmp_path: Path) -> Path:
    """An export that may be damaged."""
    shutil.copytree(exported_once, tmp_path / "copy")
    return tmp_path / "copy"


def export(ledger_url: str, tmp_path: Path) -> retention.Contents:
    subject = retention.Subject(CAMPAIGN, "某专项行动", FACTS, date(2035, 1, 1))
    return retention.export(
        subject, tmp_path / "out", ledger_url=ledger_url, archive=str(tmp_path / "archive"), at=MADE
    )


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def test_every_table_is_there_with_the_campaigns_rows_and_no_others(exported: Path, ledger_url: str) -> None:
    names = {path.stem for path in (exported / "tables").iterdir()}
    assert names == metadata.tables.keys() - {"sending_stop"}
    manifest = json.loads((exported / "manifest.json").read_text(encoding="utf-8"))
    engine = connect(ledger_url)
    with engine.connect() as connection:
        for name in names - {"notice"}:
            count = len(connection.execute(select(metadata.tables[name])).all())
            assert (
                len(rows(exported / "tables" / f"{name}.csv"))
                == count
                == manifest["rows"][f"tables/{name}.csv"]
            ), name
    engine.dispose()
    [notice] = rows(exported / "tables" / "notice.csv")
    assert notice["campaign_id"] == CAMPAIGN
    assert len(rows(exported / "tables" / "delivery_attempt.csv")) == 1


def test_values_are_written_one_way_on_any_database(exported: Path) -> None:
    [attempt] = rows(exported / "tables" / "delivery_attempt.csv")
    assert attempt["at"].endswith("+08:00")
    assert attempt["detail"] == "250 “好”,\n完"
    [notice] = rows(exported / "tables" / "notice.csv")
    assert notice["obligation_id"] == r"\N"
    assert json.loads(notice["attachments"])[0]["name"] == "回执.pdf"
    items = rows(exported / "tables" / "self_check_item.csv")
    assert all(row["fund_amt"].count(".") == 1 for row in items)


def test_originals_lie_under_their_hash_and_their_names_beside(exported: Path) -> None:
    named = {row["name"]: row["sha256"] for row in rows(exported / "originals.csv")}
    assert named.keys() == {"自查表.xlsx", "回执.pdf"}
    for sha256 in named.values():
        assert hashlib.sha256((exported / "originals" / sha256).read_bytes()).hexdigest() == sha256


def test_every_mail_sent_is_there_in_words(exported: Path) -> None:
    [row] = rows(exported / "tables" / "sent_mail.csv")
    mail = json.loads((exported / "mails" / f"{row['id']}.json").read_text(encoding="utf-8"))
    assert (mail["to"], mail["subject"], mail["text"]) == (MESSAGE.to, MESSAGE.subject, MESSAGE.text)


def test_a_snapshot_is_json_under_the_hash_the_ledger_has(exported: Path) -> None:
    [snapshot] = rows(exported / "tables" / "snapshot.csv")
    text = (exported / "snapshots" / f"{snapshot['sha256']}.json").read_bytes()
    assert hashlib.sha256(text).hexdigest() == snapshot["sha256"]
    assert json.loads(text)


def test_it_can_be_verified_without_this_program(exported: Path) -> None:
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=exported, check=True, capture_output=True
    )
    listed = {
        line.split("  ", 1)[1] for line in (exported / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    }
    there = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    assert listed == there - {"SHA256SUMS"}
    words = (exported / "说明.txt").read_text(encoding="utf-8")
    assert "2035-01-01" in words
    described = json.loads((exported / "tables.json").read_text(encoding="utf-8"))
    for table in described.values():
        with (exported / table["file"]).open(encoding="utf-8-sig", newline="") as text:
            assert next(csv.reader(text)) == list(table["columns"])


def test_a_whole_export_is_called_whole(exported: Path) -> None:
    contents, wrong = retention.check(exported)
    assert wrong == []
    assert contents.missing == ()


def cut(folder: Path, name: str, edit: Any) -> None:
    file = folder / name
    file.write_text(
        "".join(edit(file.read_text(encoding="utf-8-sig").splitlines(keepends=True))), encoding="utf-8-sig"
    )


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / "tables" / "unit.csv").unlink(), "缺少文件 tables/unit.csv"),
        (lambda f: (f / "more.txt").touch(), "清单中没有文件 more.txt"),
        (lambda f: cut(f, "tables/audit.csv", lambda lines: lines[:-1]), "留痕记录末尾缺失"),
        (lambda f: cut(f, "tables/audit.csv", lambda lines: [lines[0], *lines[2:]]), "留痕记录从第2条起"),
        (lambda f: cut(f, "tables/unit.csv", lambda lines: lines[:1]), "tables/unit.csv 应有1条，实有0条"),
        (lambda f: cut(f, "tables/unit.csv", lambda lines: lines[:1]), "tables/unit.csv 与清单的校验值不符"),
        (lambda f: cut(f, "manifest.json", lambda lines: [*lines, "\n"]), "SHA256SUMS"),
    ],
)
def test_what_was_changed_afterwards_is_named(copied: Path, damage: Any, said: str) -> None:
    damage(copied)
    if said == "SHA256SUMS":
        (copied / "manifest.json").write_bytes(
            (copied / "manifest.json").read_bytes().removeprefix(b"\xef\xbb\xbf")
        )
    _, wrong = retention.check(copied)
    assert any(said in each for each in wrong), wrong


def test_an_original_that_is_gone_is_named_and_the_rest_exported(sqlite_url: str, tmp_path: Path) -> None:
    shutil.rmtree(busy_and_exported(sqlite_url, tmp_path))
    gone = next((tmp_path / "archive").glob("*/*"))
    gone.unlink()
    contents = export(sqlite_url, tmp_path)
    assert contents.missing == (gone.name,)
    assert contents.originals == 1


def test_a_folder_in_which_something_lies_is_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    out = busy_and_exported(sqlite_url, tmp_path)
    with pytest.raises(GiveUp, match="不是空的"):
        export(sqlite_url, tmp_path)
    assert retention.check(out)[1] == []


def test_another_folder_is_no_export(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match="不是导出的归档"):
        retention.check(tmp_path)
