"""A return looked at before it is sent: the verdict and the sentences of the intake, and nothing kept."""

from __future__ import annotations

import os
import random
import zipfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook

from include.assembly import Assembly
from include.domain.units import Unit
from include.rehearsal.clerks import MISTAKES, fill, make_items, with_mistakes
from tests import factories
from tests.cli.conftest import CAMPAIGN, KEY, UNITS, archive_of, issued, ledger_of, run

ON = date(2024, 5, 24)
CHECK = ("--campaign", CAMPAIGN, "--on", "2024-05-24")
OWN, OTHER = UNITS[0], UNITS[1]


def filled(unit: Unit, folder: Path, *, mistakes: bool = False, campaign_id: str = CAMPAIGN) -> Path:
    """The unit's own workbook, filled in by a clerk, under the name it was issued under."""
    file = folder / f"{unit.code}_{unit.name}_自查自纠情况表.xlsx"
    file.write_bytes(filled_in(unit, mistakes, campaign_id))
    return file


@cache
def filled_in(unit: Unit, mistakes: bool, campaign_id: str) -> bytes:
    items = make_items(unit.kind, 2, ON, random.Random(1))
    rows = with_mistakes(items, MISTAKES) if mistakes else items
    return fill(issued(unit, campaign_id), rows, ON, phone="0477-1234567")


def test_a_right_return_passes_and_nothing_is_stored(home: Path, tmp_path: Path, office: Assembly) -> None:
    file = filled(OWN, tmp_path)
    before = ledger_of(home)
    [look] = run("returns", "check", file, *CHECK, "--json").json
    assert look == {
        "file": file.name,
        "verdict": "accepted",
        "unit": OWN.code,
        "form": "self_check",
        "scan_required": True,
        "findings": [],
    }
    text = run("returns", "check", file, *CHECK).out
    assert f"{file.name}：校验通过" in text
    assert "另须报送盖章扫描件" in text
    assert ledger_of(home) == before
    assert archive_of(home) == []


def test_every_mistake_is_told_by_sheet_cell_rule_and_sentence(tmp_path: Path, office: Assembly) -> None:
    file = filled(OWN, tmp_path, mistakes=True)
    told = run("returns", "check", file, *CHECK, "--annotated", tmp_path / "marked", "--json", code=1)
    [look] = told.json
    assert look["verdict"] == "returned"
    assert told.err == "", "a verdict is a result, not a fault"
    errors = [finding for finding in look["findings"] if finding["severity"] == "error"]
    assert len(errors) >= len(MISTAKES) - 1
    for finding in errors:
        assert finding["sheet"] == "自查问题明细"
        assert finding["cell"]
        assert finding["rule"]
        assert finding["sentence"]
    text = run("returns", "check", file, *CHECK, code=1).out
    assert all(finding["sentence"] in text for finding in errors), "no sentence is cut"
    [marked] = (tmp_path / "marked").iterdir()
    assert marked.name == f"{file.stem}_退回说明.xlsx"
    assert "自查问题明细" in load_workbook(marked).sheetnames


def other_campaign(folder: Path) -> Path:
    return filled(OWN, folder, campaign_id="quanzhou_2024")


def another_units(folder: Path) -> Path:
    return filled(OTHER, folder).rename(folder / f"{OWN.code}_自查自纠情况表.xlsx")


def forged(folder: Path) -> Path:
    file = filled(OTHER, folder)
    book = load_workbook(file)
    for row in book["_duban_identity"].iter_rows():
        if row[0].value == "unit_code":
            row[1].value = OWN.code
    book.save(folder / f"{OWN.code}_自查自纠情况表.xlsx")
    return folder / f"{OWN.code}_自查自纠情况表.xlsx"


@pytest.mark.parametrize(
    ("make", "rule", "said"),
    [
        (other_campaign, "identity.campaign", "所用表格属于其他专项行动"),
        (another_units, "identity.unit", "所用表格是发给其他单位的专用表"),
        (forged, "identity.forged", "表格的防伪信息已被改动"),
    ],
)
def test_a_workbook_that_is_not_the_units_own_goes_back_in_the_words_of_the_intake(
    tmp_path: Path, office: Assembly, make: Callable[[Path], Path], rule: str, said: str
) -> None:
    [look] = run("returns", "check", make(tmp_path), *CHECK, "--json", code=1).json
    assert (look["verdict"], look["unit"]) == ("returned", OWN.code)
    assert [finding["rule"] for finding in look["findings"]] == [rule], "its content is not judged"
    assert said in look["findings"][0]["sentence"]
    assert OTHER.code not in str(look["findings"])
    assert OTHER.name not in str(look["findings"])


def test_a_workbook_signed_with_another_key_is_forged(
    tmp_path: Path, office: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = filled(OWN, tmp_path)
    monkeypatch.setenv("DUBAN_TOKEN_KEY", KEY[::-1])
    [look] = run("returns", "check", file, *CHECK, "--json", code=1).json
    assert [finding["rule"] for finding in look["findings"]] == ["identity.forged"]


def test_a_unit_that_is_not_on_the_roster_waits_for_staff_and_its_content_is_still_judged(
    tmp_path: Path, office: Assembly
) -> None:
    file = filled(factories.make_unit(99), tmp_path, mistakes=True)
    [look] = run("returns", "check", file, *CHECK, "--json", code=1).json
    assert look["verdict"] == "unclaimed"
    assert "unit.not_on_roster" in [finding["rule"] for finding in look["findings"]]
    assert [finding for finding in look["findings"] if finding["cell"]] != []


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("说明.txt", b"\x00\x01\x02", "file.unclaimed"),
        ("盖章.pdf", b"%PDF-1.4", "file.unclaimed"),
        (f"{OWN.code}.xlsx", b"PK\x03\x04xl/ cut off", "file.damaged"),
    ],
)
def test_what_is_no_workbook_is_told_and_never_raises(
    tmp_path: Path, office: Assembly, name: str, content: bytes, rule: str
) -> None:
    (tmp_path / name).write_bytes(content)
    told = run("returns", "check", tmp_path / name, *CHECK, "--annotated", tmp_path / "m", "--json", code=1)
    assert [finding["rule"] for look in told.json for finding in look["findings"]] == [rule]
    assert not (tmp_path / "m").exists(), "a file that cannot be opened is not marked"


def test_a_scan_named_after_its_unit_is_kept(tmp_path: Path, office: Assembly) -> None:
    scan = tmp_path / f"{OWN.code}_自查报告_盖章.pdf"
    scan.write_bytes(b"%PDF-1.4")
    [look] = run("returns", "check", scan, *CHECK, "--json").json
    assert (look["verdict"], look["unit"]) == ("kept", OWN.code)


def test_a_zip_counts_as_the_files_in_it(tmp_path: Path, office: Assembly) -> None:
    file = filled(OWN, tmp_path)
    with zipfile.ZipFile(tmp_path / "报送.zip", "w") as package:
        package.write(file, file.name)
        package.writestr("说明.pdf", b"%PDF-1.4")
    looks = run("returns", "check", tmp_path / "报送.zip", *CHECK, "--json", code=1).json
    assert [look["verdict"] for look in looks] == ["accepted", "unclaimed"]


def test_one_bad_file_does_not_hide_the_verdict_on_the_others(tmp_path: Path, office: Assembly) -> None:
    bad, good = tmp_path / "坏.xlsx", filled(OWN, tmp_path)
    bad.write_bytes(b"PK\x03\x04")
    looks = run("returns", "check", bad, good, *CHECK, "--json", code=1).json
    assert looks[1]["verdict"] == "accepted"


def test_a_file_name_in_gb18030_is_read(tmp_path: Path, office: Assembly) -> None:
    file = filled(OWN, tmp_path)
    renamed = os.fsdecode(os.fsencode(tmp_path) + b"/" + f"{OWN.code}_自查表.xlsx".encode("gb18030"))
    file.rename(renamed)
    assert f"{OWN.code}_自查表.xlsx：校验通过" in run("returns", "check", renamed, *CHECK).out
