"""Backup and restore as they are typed: the whole office, Airflow's own database too."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from include.assembly import Assembly
from include.gateways.archive import Archive
from include.settings import Settings
from tests.cli.conftest import CAMPAIGN, ledger_of, run

AIRFLOW = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


@pytest.fixture(autouse=True)
def no_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(AIRFLOW, raising=False)


@pytest.fixture
def filled(office: Assembly, home: Path) -> Path:
    """An office with an original in its archive; nobody is connected."""
    office.archive.put(b"original")
    office.close()
    (home / "access.yaml").write_text("users: {}\n", encoding="utf-8")
    return home


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_is_a_folder_with_everything_and_a_manifest_of_it(filled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups" / "one"
    said = run("backup", "--to", folder).out
    assert f"备份完成：{folder}" in said
    assert "密钥（DUBAN_TOKEN_KEY、DUBAN_TIPSTER_KEY 等）不在备份中" in said
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert files(folder) - {"manifest.json"} == set(manifest["files"])
    assert {"ledger.db", "access.yaml", f"campaigns/{CAMPAIGN}/campaign.yaml"} < set(manifest["files"])
    assert manifest["picture"]["rows"]["unit"] == 5
    assert not any(name.endswith(".py") for name in manifest["files"])
    assert (folder.stat().st_mode & 0o077) == 0, "nobody else may read it"
    assert [each.name for each in folder.parent.iterdir()] == ["one"]


def test_without_a_folder_it_is_named_after_the_moment(filled: Path) -> None:
    folder = Path(run("backup", "--json").json["folder"])
    assert folder.parent == filled / "backups"
    assert (folder / "manifest.json").is_file()


def test_a_folder_in_which_something_lies_is_refused(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").touch()
    assert "不是空的" in run("backup", "--to", tmp_path / "full", code=1).err
    assert files(tmp_path / "full") == {"thing"}


def test_nothing_to_copy_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    assert "没有数据库文件" in run("backup", "--to", tmp_path / "b" / "one", code=1).err
    assert list((tmp_path / "b").iterdir()) == []
    assert not (home / "ledger.db").exists()


def test_originals_of_the_backup_before_are_linked_and_mended_when_they_rot(
    filled: Path, tmp_path: Path
) -> None:
    for name in ("1", "2"):
        run("backup", "--to", tmp_path / "b" / name)
    first, second = (next((tmp_path / "b" / name / "archive").glob("*/*")) for name in ("1", "2"))
    assert first.samefile(second)
    second.write_bytes(b"rotten")
    run("backup", "--to", tmp_path / "b" / "3")
    third = next((tmp_path / "b" / "3" / "archive").glob("*/*"))
    assert third.read_bytes() == b"original"


def test_a_damaged_original_is_named_and_taken_from_the_backup_before(filled: Path, tmp_path: Path) -> None:
    original = next((filled / "archive").glob("*/*"))
    original.write_bytes(b"rotten")
    ran = run("backup", "--to", tmp_path / "b" / "1")
    assert f"{original.name} 已损坏" in ran.err
    original.write_bytes(b"original")
    run("backup", "--to", tmp_path / "b" / "2")
    original.write_bytes(b"rotten")
    assert run("backup", "--to", tmp_path / "b" / "3").err == ""
    run("restore", "--from", tmp_path / "b" / "3")
    assert Archive(Settings().archive_url).get(original.name) == b"original"


def test_the_oldest_are_deleted_and_nothing_else(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "b" / "0-mine").mkdir(parents=True)
    (tmp_path / "b" / "0-mine" / "thing").touch()
    for name in ("1", "2", "3"):
        run("backup", "--to", tmp_path / "b" / name, "--keep", "2")
    assert {each.name for each in (tmp_path / "b").iterdir()} == {"0-mine", "2", "3"}


def test_what_was_backed_up_comes_back_as_it_was_and_sending_is_stopped(filled: Path, tmp_path: Path) -> None:
    run("backup", "--to", tmp_path / "one")
    before = ledger_of(filled)
    (filled / "access.yaml").unlink()
    shutil.rmtree(filled / "archive")
    with closing(sqlite3.connect(filled / "ledger.db")) as ledger, ledger:
        ledger.execute("DELETE FROM obligation")
    said = run("restore", "--from", tmp_path / "one").out
    assert "已停止一切发送" in said
    assert "缺0个" in said
    gained = set(ledger_of(filled)) - set(before)
    assert set(before) <= set(ledger_of(filled))
    assert all("sending_stop" in line or 'INTO "audit"' in line for line in gained)
    assert (filled / "access.yaml").is_file()
    assert list((filled / "archive").glob("*/*"))
    assert "已恢复发送" in run("outbox", "resume", "--by", "办公室", "--reason", "已核对").out


def test_airflows_own_database_goes_along_where_it_is_named(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "airflow.db"
    with closing(sqlite3.connect(own)) as airflow, airflow:
        airflow.execute("CREATE TABLE dag_run AS SELECT 1 AS id")
    monkeypatch.setenv(AIRFLOW, f"sqlite:///{own}")
    assert run("backup", "--to", tmp_path / "one", "--json").json["has_airflow"]
    own.unlink()
    outcome = run("restore", "--from", tmp_path / "one", "--json").json
    assert outcome["airflow_restored"]
    with closing(sqlite3.connect(own)) as airflow:
        assert airflow.execute("SELECT id FROM dag_run").fetchall() == [(1,)]


def test_a_ledger_of_another_kind_is_not_put_back(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", "--to", tmp_path / "one")
    monkeypatch.setenv("DUBAN_LEDGER_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert "种类不同" in run("restore", "--from", tmp_path / "one", code=1).err


def test_an_original_nobody_has_is_named_and_the_rest_restored(filled: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(filled / "ledger.db")) as ledger, ledger:
        ledger.execute(
            "INSERT INTO inbound_message (mailbox, sha256, uidvalidity, uid, received_at, state, sender, subject,"
            " reason) VALUES ('m', ?, 1, 1, '2024-05-06T00:00:00.000000+00:00', 'received', '', '', '')",
            ("ab" * 32,),
        )
    run("backup", "--to", tmp_path / "one")
    said = run("restore", "--from", tmp_path / "one", code=1).out
    assert "缺1个" in said
    assert f"缺原件 {'ab' * 32}" in said
    assert "已停止一切发送" in said


def test_a_folder_that_is_no_backup_is_refused(home: Path, tmp_path: Path) -> None:
    assert "不是一份完整的备份" in run("restore", "--from", tmp_path, code=1).err
    assert not (home / "ledger.db").exists()


def test_the_tables_go_back_a_version_only_with_a_backup_of_just_now(filled: Path, tmp_path: Path) -> None:
    run("backup", "--to", tmp_path / "one")
    run("outbox", "stop", "--by", "办公室", "--reason", "升级")
    back = ("ledger", "downgrade", "--to", "0016", "--backup")
    assert "台账又有变动" in run(*back, tmp_path / "one", code=1).err
    run("backup", "--to", tmp_path / "two")
    assert "已退回版本0016" in run(*back, tmp_path / "two").out
    assert version(filled) == "0016"
    assert run("ledger", "upgrade").code == 0
    assert version(filled) > "0016"


def version(home: Path) -> str:
    with closing(sqlite3.connect(home / "ledger.db")) as ledger:
        return str(ledger.execute("SELECT version_num FROM alembic_version").fetchone()[0])
