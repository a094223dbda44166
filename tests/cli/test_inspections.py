"""The inspection commands as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.assembly import Assembly
from tests.cli.conftest import CAMPAIGN, UNITS, ledger_of, run

OF_CAMPAIGN = ("--campaign", CAMPAIGN)
WEEK = ("--week", "2024-06-03")
ON = ("--on", "2024-06-03")
OFFICERS = ("--officers", "SL1,SL2，SL3")


def test_plan_verify_take_along_skip(office: Assembly, home: Path, tmp_path: Path) -> None:
    before = ledger_of(home)
    looked = run(
        "inspections", "plan", *OF_CAMPAIGN, *WEEK, *ON, *OFFICERS, "--seed", "7", "--dry-run", "--json"
    )
    assert not looked.json["entered"]
    assert ledger_of(home) == before
    drawn = run("inspections", "plan", *OF_CAMPAIGN, *WEEK, *ON, *OFFICERS, "--seed", "7", "--json")
    assert drawn.json["planned"] == looked.json["planned"]
    assert len(drawn.json["planned"]) == len(UNITS)
    assert "没有重新抽签" in run("inspections", "plan", *OF_CAMPAIGN, *WEEK, *ON, *OFFICERS).out
    assert "一致" in run("inspections", "verify", *OF_CAMPAIGN, *WEEK).out
    run("inspections", "workbooks", *OF_CAMPAIGN, *WEEK, *ON, "--out", tmp_path / "records")
    assert len(list((tmp_path / "records").glob("*.xlsx"))) == len(UNITS)
    skip = ("inspections", "skip", *OF_CAMPAIGN, *WEEK, *ON, "--reason", "关门歇业", "--by", "基金稽核岗")
    assert "优先安排" in run(*skip, "--unit", UNITS[0].code).out
    assert "待检查计划" in run(*skip, "--unit", UNITS[0].code, code=1).err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("teams:\n- {name: 一组, officers: [SL1]}", "不得少于2人"),
        ("teams:\n- {name: 一组, officers: [张三, SL1]}", "不写姓名"),
        ("teams: []", "一个检查组也没有"),
        ("teams:\n- {name: 一组, officers: [1501, SL2]}", "“1501”是数字，请加引号"),
        ("teams:\n- {name: 一组, officers: [SL1, SL2], capcity: 3}", "没有这个栏目"),
        ("teams:\n- {name: 一组, officers: [SL1, SL2]}\nconflicts: {SL9: [P1]}", "不在任何检查组"),
        ("teams: [", "不是 UTF-8 编码的 YAML"),
        ("", "检查组有误"),
    ],
)
def test_a_faulty_team_file_is_refused_with_what_to_write(
    office: Assembly, home: Path, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "teams.yaml"
    file.write_text(text, encoding="utf-8")
    before = ledger_of(home)
    assert said in run("inspections", "plan", *OF_CAMPAIGN, *WEEK, *ON, "--teams", file, code=1).err
    assert ledger_of(home) == before


def test_one_of_teams_and_officers_is_wanted(office: Assembly) -> None:
    assert "两者选一" in run("inspections", "plan", *OF_CAMPAIGN, *WEEK, *ON, code=1).err


def test_coverage_says_the_pace(office: Assembly) -> None:
    said = run("inspections", "coverage", *OF_CAMPAIGN, *ON)
    assert "每周须完成" in said.out
    assert run("inspections", "coverage", *OF_CAMPAIGN, *ON, "--json").json["groups"][0]["total"] == len(
        UNITS
    )


def test_grades_are_explained_and_saved(office: Assembly, tmp_path: Path) -> None:
    file = tmp_path / "grades.xlsx"
    said = run("inspections", "grades", *OF_CAMPAIGN, *ON, "--unit", UNITS[0].code, "--out", file)
    assert "-20分：自查表已过截止日，尚未报送" in said.out
    assert "未计：" in said.out
    assert file.is_file()
    assert ".xlsx" in run("inspections", "grades", *OF_CAMPAIGN, "--out", tmp_path / "g.csv", code=1).err
