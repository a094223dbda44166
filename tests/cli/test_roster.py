"""The roster: looked at before it is taken, taken once, and the rows in error stay outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.roster import write_workbook
from include.domain.units import Unit
from include.rehearsal.rosters import Roster
from tests.cli.conftest import CAMPAIGN, archive_of, ledger_of, run

IMPORT = ("--campaign", CAMPAIGN, "--on", "2024-05-06")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Roster]:
    folder = tmp_path_factory.mktemp("rosters")
    roster = write_workbook(folder / "名册.xlsx")
    write_workbook(folder / "名册（有错）.xlsx", damage=True)
    return folder / "名册.xlsx", folder / "名册（有错）.xlsx", roster


def test_a_dry_run_imports_nothing(home: Path, files: tuple[Path, Path, Roster]) -> None:
    sound, _, roster = files
    run("ledger", "upgrade")
    before = ledger_of(home)
    shown = run("roster", "import", sound, *IMPORT, "--dry-run", "--json").json
    assert (shown["units"], shown["errors"], shown["entered"]) == (len(roster.units), 0, {})
    assert ledger_of(home) == before
    assert archive_of(home) == []


def test_a_roster_is_frozen_at_first_and_the_same_file_changes_nothing_later(
    home: Path, files: tuple[Path, Path, Roster]
) -> None:
    sound, _, roster = files
    assert (
        f"已导入：名册基数{len(roster.units)}，岗位{len(roster.holders)}。"
        in run("roster", "import", sound, *IMPORT).out
    )
    assert len(archive_of(home)) == 1, "the original is kept"
    before = ledger_of(home)
    assert run("roster", "import", sound, *IMPORT, "--json").json["entered"] == {"名册调整": 0}
    assert ledger_of(home) == before


def test_rows_in_error_are_listed_by_cell_and_only_they_stay_outside(
    files: tuple[Path, Path, Roster],
) -> None:
    _, damaged, roster = files
    told = run("roster", "import", damaged, *IMPORT, code=1)
    assert "疑似把数字0、1写成了字母O、I" in told.out
    assert "定点医药机构名册!A3" in told.out
    assert "已导入：名册基数" in told.out
    assert told.err == ""
    kept = run("reminders", "due", "--campaign", CAMPAIGN, "--on", "2024-05-06", "--json").json
    assert kept == [], "importing a roster opens no phase and plans no mail"
    shown = run("roster", "import", damaged, *IMPORT, "--dry-run", "--json", code=1).json
    # The two units that share a code stay outside together; an unusable mailbox keeps nobody outside.
    assert (shown["units"], shown["errors"]) == (len(roster.units) - 6, 6)
    assert {"severity", "sheet", "cell", "header", "value", "rule", "sentence"} == set(shown["findings"][0])


@pytest.mark.parametrize(
    ("name", "content"),
    [("名册.docx", b"not a workbook"), ("名册.xlsx", b"PK\x03\x04 cut off"), ("名册.xlsx", b"")],
)
@pytest.mark.parametrize("flags", [(), ("--dry-run",), ("--json",)])
def test_what_is_no_workbook_is_told_and_nothing_imported(
    home: Path, tmp_path: Path, name: str, content: bytes, flags: tuple[str, ...]
) -> None:
    run("ledger", "upgrade")
    before = ledger_of(home)
    (tmp_path / name).write_bytes(content)
    told = run("roster", "import", tmp_path / name, *IMPORT, *flags, code=1)
    assert told.err.strip() == "名册中没有可以导入的单位，请按列出的问题修改后重新导入"
    assert told.out.strip(), "the reason is listed"
    assert ledger_of(home) == before


def test_a_roster_in_office_hands_writes_to_nobody(home: Path, files: tuple[Path, Path, Roster]) -> None:
    sound, _, roster = files
    run("roster", "import", sound, *IMPORT)
    assert run("outbox", "state", "--campaign", CAMPAIGN, "--json").json["notices"] == []
    unit: Unit = roster.units[0]
    run("forms", "build", "self_check", "--campaign", CAMPAIGN, "--unit", unit.code, "--out", home / "a.xlsx")
    assert (home / "a.xlsx").read_bytes()[:2] == b"PK"
