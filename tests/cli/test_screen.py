"""``screen``: the rules, a run over a folder, and how verification has judged each rule; nothing is entered."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from include.assembly import Assembly
from include.domain.registers import Given, change_of, given_in, parts
from include.domain.screening import RuleRun, Run, Threshold
from include.rehearsal.settlements.base import write
from tests.cli.conftest import CAMPAIGN, ledger_of, run
from tests.gateways.workbook_builders import examples, forms

DAY = date(2024, 6, 3)
AT = ("--on", "2024-06-26")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("settlements")
    write(folder, lines=8_000, seed=5, persons=12, institutions=4)
    return folder


@pytest.fixture
def rejected(office: Assembly) -> Assembly:
    """Ten clues of S10 of which verification found nine to be wrong, and one of S05 not judged yet."""
    form = forms()["clue"]
    part = parts(form)[0]
    [given] = given_in(form, examples("clue"))[part.table]
    own: dict[str, Any] = {"source": "本地大数据筛查", "received_on": DAY}
    rows = [own | {"model_code": "S10 性别限制", "result": "不属实" if n else "查实"} for n in range(10)]
    rows.append(own | {"model_code": "S05 分解住院", "result": None})
    changes = [
        change_of(part, None, Given(number, {**given.values, **row, "number": number}, {}))
        for number, row in ((f"XS-150626-20240603-{n:04d}", row) for n, row in enumerate(rows, start=1))
    ]
    kept = [each for each in changes if each]
    office.ledger.registers.enter(CAMPAIGN, form, kept, on=DAY, actor="test", source_sha256="a" * 64)
    office.ledger.screenings.record(
        CAMPAIGN, Run(DAY, "区划150626", (RuleRun("S10", "1.0", {}, 10),), 10, 10)
    )
    return office


def screened(data: Path, out: Path, *options: str, **given: Any) -> Any:
    return run(
        "screen", "run", data, "--out", out, "--region", "350502", "--rule", "S10", *AT, *options, **given
    )


def persons(out: Path) -> set[str]:
    sheet = load_workbook(out / "佐证附件.xlsx")["疑点线索"]
    return {str(row[4]) for row in sheet.iter_rows(min_row=4, values_only=True) if row[4]}


def test_precision_is_told_by_rule_and_version(rejected: Assembly) -> None:
    found = run("screen", "precision", "--campaign", CAMPAIGN, "--json").json
    assert [(each["number"], each["version"], each["confirmed"], each["wrong"]) for each in found] == [
        ("S05", "", 0, 0),
        ("S10", "1.0", 1, 9),
    ]
    said = run("screen", "precision", "--campaign", CAMPAIGN).out
    assert "S10（版本1.0）：已核查10条，查实1条，查实率10.0%；多数不属实，建议调整参数或停用" in said


def test_a_run_warns_of_a_rule_that_was_mostly_wrong_and_enters_nothing(
    rejected: Assembly, home: Path, data: Path, tmp_path: Path
) -> None:
    before = ledger_of(home)
    found = json.loads(screened(data, tmp_path / "out", "--campaign", CAMPAIGN, "--json").out)
    [sentence] = found["doubtful"]
    assert "S10（版本1.0）" in sentence
    assert ledger_of(home) == before
    assert all(each.startswith("R") for each in persons(tmp_path / "out"))
    said = load_workbook(tmp_path / "out" / "佐证附件.xlsx")["筛查规则"]
    assert "多数不属实" in str(said.cell(4, 5).value)


def test_a_run_for_a_campaign_has_the_parameters_it_approved(
    office: Assembly, data: Path, tmp_path: Path
) -> None:
    changed = Threshold("S05", "days", Decimal(31), DAY, "会议纪要", "办公室主任")
    office.ledger.screenings.change(CAMPAIGN, changed, actor="办公室主任")
    asked = ("screen", "run", data, "--region", "350502", "--rule", "S05", *AT, "--json")
    own = run(*asked, "--out", tmp_path / "own", "--campaign", CAMPAIGN).json
    bare = run(*asked, "--out", tmp_path / "bare").json
    assert [own["rules"][0]["parameters"]["days"], bare["rules"][0]["parameters"]["days"]] == ["31", "15"]


def test_persons_are_shown_to_the_director_for_a_reason_on_record_and_refused_to_others(
    office: Assembly, home: Path, data: Path, tmp_path: Path
) -> None:
    with_campaign = ("--campaign", CAMPAIGN, "--persons-for")
    why = ("--reason", "核对同时住院")
    screened(data, tmp_path / "shown", *with_campaign, "office_director", *why)
    assert persons(tmp_path / "shown")
    assert not any(each.startswith("R") for each in persons(tmp_path / "shown"))
    [(actor, day, reason, facts)] = looked_up(home)
    assert actor == "领导小组办公室主任"
    assert (str(day), reason) == (AT[1], "筛查附件写出人员编号：核对同时住院")
    assert json.loads(facts) == {"source": str(data)}
    refused = screened(data, tmp_path / "no", *with_campaign, "office_staff", *why, code=1)
    assert "不得查看人员编号" in refused.err
    assert "写明理由" in screened(data, tmp_path / "no", *with_campaign, "office_director", code=1).err
    assert "写明专项行动" in screened(data, tmp_path / "no", "--persons-for", "office_director", code=1).err
    assert not (tmp_path / "no").exists()
    assert len(looked_up(home)) == 1


def looked_up(home: Path) -> list[tuple[str, str, str, str]]:
    """Who had persons shown, when and why, as the trail has it."""
    with closing(sqlite3.connect(home / "ledger.db")) as ledger:
        return ledger.execute(
            "SELECT actor, day, reason, new FROM audit WHERE entity = 'screening_persons' ORDER BY id"
        ).fetchall()
