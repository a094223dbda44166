"""电话催办 without Airflow: the list is written, and taken back filled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from include.assembly import Assembly
from tests.cli.conftest import CAMPAIGN, WITHOUT_MAILBOX, ledger_of, run

OF = ("--campaign", CAMPAIGN, "--on", "2024-05-24")
BY = ("--by", "office_staff")


@pytest.fixture
def listed(office: Assembly, tmp_path: Path) -> Path:
    """The list of whom mail cannot reach, written by the command."""
    file = tmp_path / "催办.xlsx"
    assert run("calls", "list", *OF, "--out", file, "--json").json["units"] == 1
    return file


def fill(file: Path, result: str) -> Path:
    book = load_workbook(file)
    [row] = [row for row in book.worksheets[0].iter_rows() if row[0].value == WITHOUT_MAILBOX.code]
    row[5].value, row[7].value = "2024-05-24", result
    book.save(file)
    return file


def test_a_filled_list_is_looked_at_and_entered_once(home: Path, listed: Path) -> None:
    fill(listed, "已接通并告知")
    before = ledger_of(home)
    assert "可登记1次" in run("calls", "import", listed, *OF, *BY, "--dry-run").out
    assert ledger_of(home) == before
    assert "已登记1次" in run("calls", "import", listed, *OF, *BY).out
    after = ledger_of(home)
    assert run("calls", "import", listed, *OF, *BY, "--json").json["known"] == 1
    assert ledger_of(home) == after != before
    told = run("calls", "list", *OF, "--out", listed, code=1)
    assert "没有需要电话催办的单位" in told.err


def test_a_wrong_line_is_told_by_its_cell_and_enters_nothing(home: Path, listed: Path) -> None:
    fill(listed, "承诺报送")
    before = ledger_of(home)
    told = run("calls", "import", listed, *OF, *BY, code=1)
    assert "电话催办表!J" in told.out
    assert "请填写约定日期" in told.out
    assert ledger_of(home) == before


def test_an_unknown_post_is_told_with_those_there_are(listed: Path) -> None:
    assert "没有岗位“nobody”，可选" in run("calls", "import", listed, *OF, "--by", "nobody", code=1).err
