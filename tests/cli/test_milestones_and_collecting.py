"""Milestones and what is collected from below, as typed: looking only, nothing is entered or sent."""

from __future__ import annotations

from pathlib import Path

from include.assembly import Assembly
from tests.cli.conftest import CAMPAIGN, UNITS, ledger_of, run

ON = ("--on", "2024-07-01")


def test_milestones_are_projected_in_words_and_as_json(office: Assembly, home: Path) -> None:
    before = ledger_of(home)
    told = run("inspections", "milestones", "--campaign", CAMPAIGN, *ON).out
    assert "定点医药机构检查完成80%（2024年8月31日）：按目前进度可能不能按期达到" in told
    assert "按近期进度无法达到" in told
    first = run("inspections", "milestones", "--campaign", CAMPAIGN, *ON, "--json").json[0]
    assert (first["standing"], first["total"], first["reached"]) == ("endangered", len(UNITS), 0)
    assert ledger_of(home) == before


def test_sums_of_an_occasion_are_shown_and_written(office: Assembly, home: Path, tmp_path: Path) -> None:
    of_quarter = ("--campaign", CAMPAIGN, "--form", "department_contribution", "--occasion", "2024Q2")
    before = ledger_of(home)
    out = run("returns", "consolidate", *of_quarter, *ON, "--out", tmp_path / "sums").out
    assert "成员单位协同工作情况表（2024年第二季度）已报0家" in out
    assert len(list((tmp_path / "sums").glob("*.xlsx"))) == 1
    assert run("returns", "consolidate", *of_quarter, *ON, "--json").json["totals"] == {}
    assert ledger_of(home) == before


def test_an_unknown_form_or_occasion_is_told_with_those_there_are(office: Assembly) -> None:
    of = ("--campaign", CAMPAIGN, *ON)
    unknown = run("returns", "consolidate", *of, "--form", "self_check", "--occasion", "x", code=1)
    assert "可选：department_contribution" in unknown.err
    late = ("--form", "department_contribution", "--occasion", "2024Q4")
    assert "没有期次“2024Q4”；可选：2024Q2" in run("returns", "consolidate", *of, *late, code=1).err


def test_a_campaign_without_hotlines_or_assessment_says_so(office: Assembly) -> None:
    assert "没有举报电话接听岗位" in run("roster", "hotlines", "--campaign", CAMPAIGN, *ON).out
    assert "没有规定对下级单位的考核评分" in run("returns", "assess", "--campaign", CAMPAIGN, *ON, code=1).err


def test_hotlines_are_listed_by_unit_and_a_missing_number_is_marked(office: Assembly) -> None:
    told = run("roster", "hotlines", "--campaign", "zhuoni_2019", "--on", "2019-01-08").out
    assert [line.split()[0] for line in told.splitlines()] == [
        "县政府办公室",
        "县人社局",
        "县公安局",
        "县卫计局",
    ]
    assert told.count("号码未登记") == 4
