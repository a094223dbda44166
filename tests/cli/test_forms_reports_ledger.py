"""Workbooks built, reports compiled, the ledger upgraded and verified."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from include.assembly import Assembly
from include.domain.sign_off import Hand
from include.steps import report
from tests import factories
from tests.cli.conftest import CAMPAIGN, OPENED, UNITS, forms, issued, launch, ledger_of, run

REPORT = ("report", "build", "self_check_statistics", "--campaign", CAMPAIGN, "--on", "2024-06-05")
DAY = date(2024, 6, 5)


def test_every_form_is_listed_with_title_and_version() -> None:
    shown = run("forms", "list", "--json").json
    assert shown == {key: {"title": form.title, "version": form.version} for key, form in forms().items()}
    text = run("forms", "list").out
    assert all(key in text and form.title in text for key, form in forms().items())


def test_a_built_workbook_is_the_one_the_mail_carries(tmp_path: Path, office: Assembly) -> None:
    code, out = f" {UNITS[0].code.lower()}", tmp_path / "new folder" / "表.xlsx"
    run("forms", "build", "self_check", "--campaign", CAMPAIGN, "--unit", code, "--out", out)
    assert out.read_bytes() == issued(UNITS[0])


def test_a_workbook_built_into_a_folder_gets_the_name_it_must_come_back_under(
    tmp_path: Path, office: Assembly
) -> None:
    asked = ("forms", "build", "self_check", "--campaign", CAMPAIGN, "--unit", UNITS[0].code)
    built = run(*asked, "--out", tmp_path, "--json").json
    assert Path(built["file"]) == tmp_path / f"{UNITS[0].code}_{UNITS[0].name}_自查自纠情况表.xlsx"
    assert Path(built["file"]).is_file()


@pytest.mark.parametrize(
    ("form", "campaign", "said"),
    [
        ("no_such_form", CAMPAIGN, "没有由单位填报的报送表“no_such_form”，可选：self_check"),
        ("inspection", CAMPAIGN, "没有由单位填报的报送表“inspection”"),
        ("roster", CAMPAIGN, "没有由单位填报的报送表“roster”"),
        ("self_check", "quanzhou_2024", "名册中没有编码为"),
    ],
)
def test_a_form_the_unit_does_not_fill_in_is_refused(
    tmp_path: Path, office: Assembly, form: str, campaign: str, said: str
) -> None:
    out = tmp_path / "表.xlsx"
    told = run("forms", "build", form, "--campaign", campaign, "--unit", UNITS[0].code, "--out", out, code=1)
    assert said in told.err
    assert not out.exists()


def test_a_report_is_compiled_to_look_at_and_enters_no_edition_and_no_mail(
    tmp_path: Path, office: Assembly
) -> None:
    launch(office)
    before = run("outbox", "state", "--campaign", CAMPAIGN, "--json").json["notices"]
    [file] = run(*REPORT, "--out", tmp_path / "报表", "--json").json["files"]
    assert Path(file) == tmp_path / "报表" / "旗医保局_自查自纠情况统计表_第1版.xlsx"
    assert load_workbook(file).sheetnames
    assert run("outbox", "state", "--campaign", CAMPAIGN, "--json").json["notices"] == before
    assert run("report", "list", "--campaign", CAMPAIGN).out == "还没有编制过\n"


def test_the_same_figures_give_the_same_bytes_again(tmp_path: Path, office: Assembly) -> None:
    contents = []
    for _ in range(2):
        assert run(*REPORT, "--out", tmp_path).out.startswith("已编制：")
        contents.append((tmp_path / "旗医保局_自查自纠情况统计表_第1版.xlsx").read_bytes())
    assert contents[0] == contents[1]


def signed_and_sent(office: Assembly) -> None:
    """Two editions: the first replaced by the second, which went up."""
    campaign = factories.campaign()
    upward = campaign.report("self_check_statistics")
    occasion = report.occasion_named(campaign, upward, "once", office)
    report.compile_edition(campaign, upward, occasion, on=DAY, using=office)
    obligation = office.ledger.obligations.of_unit(campaign.id, UNITS[0].code, "self_check")
    assert obligation is not None
    office.ledger.obligations.extend(
        obligation.id, due_on=date(2024, 6, 28), reason="延期", approved_by="office_director", on=DAY
    )
    edition_id = report.compile_edition(campaign, upward, occasion, on=DAY, using=office).edition_id
    assert edition_id is not None
    at = factories.at("2024-06-05")
    for hand in Hand:
        office.ledger.editions.ask(edition_id, hand, post_key=hand, run="r", page="", at=at, until=at)
        office.ledger.editions.sign(
            edition_id, hand, approved=True, by=hand, user=hand, reason="已核对", at=at
        )
    office.ledger.editions.mark_sent(edition_id, at=at)


def test_editions_are_listed_shown_compared_made_again_and_receipted(
    tmp_path: Path, office: Assembly
) -> None:
    signed_and_sent(office)
    listed = run("report", "list", "--campaign", CAMPAIGN).out.splitlines()
    assert listed == [
        "self_check_statistics once 第1版：已被替代，2024-06-05编制",
        "self_check_statistics once 第2版：已报送，2024-06-05编制，2024-06-05报送",
    ]
    of_report = ("self_check_statistics", "--campaign", CAMPAIGN)
    shown = run("report", "show", *of_report).out
    for words in ("第2版：已报送", "应报单位", "经办（prepared）：同意，prepared，已核对", "_第2版.xlsx"):
        assert words in shown
    first = run("report", "show", *of_report, "--edition", "1", "--json").json
    assert (first["edition"]["number"], first["signings"]) == (1, [])
    run("report", "build", *of_report, "--edition", "1", "--out", tmp_path)
    assert (tmp_path / "旗医保局_自查自纠情况统计表_第1版.xlsx").exists()
    assert "→" in run("report", "diff", *of_report, "--from", "1", "--to", "2").out
    assert "没有变化" in run("report", "diff", *of_report, "--from", "2", "--to", "2").out
    receipt = ("report", "receipt", *of_report, "--by", "office_staff", "--on", "2024-06-11")
    assert "请写明签收依据" in run(*receipt, "--note", " ", code=1).err
    assert "第2版上级已签收" in run(*receipt, "--note", "来电确认").out
    assert "此前已登记签收" in run(*receipt, "--note", "来电确认").out
    assert "上级签收：2024-06-11，来电确认" in run("report", "show", *of_report).out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("show", "self_check_statistics"), "没有已编制的版本"),
        (("show", "self_check_statistics", "--edition", "3"), "没有第3版"),
        (("receipt", "self_check_statistics", "--by", "office_staff", "--note", "来电"), "没有已报送的版本"),
        (("build", "self_check_statistics", "--occasion", "2024Q9", "--out", "x"), "没有报送期次“2024Q9”"),
    ],
)
def test_what_was_not_compiled_cannot_be_shown_or_receipted(
    office: Assembly, command: tuple[str, ...], said: str
) -> None:
    assert said in run("report", *command, "--campaign", CAMPAIGN, code=1).err


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("no_such_report", "没有报送事项“no_such_report”，可选：self_check_statistics"),
        ("major_cases", "遇事即报，没有固定期次"),
    ],
)
def test_a_report_that_cannot_be_compiled_is_refused(
    tmp_path: Path, office: Assembly, report: str, said: str
) -> None:
    asked = (
        "report",
        "build",
        report,
        "--campaign",
        CAMPAIGN,
        "--on",
        str(OPENED),
        "--out",
        tmp_path / "out",
    )
    assert said in run(*asked, code=1).err
    assert not (tmp_path / "out").exists()


def test_the_ledger_is_upgraded_once_and_again_without_harm(home: Path) -> None:
    assert run("ledger", "upgrade").out == "台账表结构已是当前版本\n"
    before = ledger_of(home)
    run("ledger", "upgrade")
    assert ledger_of(home) == before


def test_the_ledger_is_upgraded_at_the_address_given(home: Path, tmp_path: Path) -> None:
    run("ledger", "upgrade", "--url", f"sqlite:///{tmp_path / 'other.db'}")
    assert (tmp_path / "other.db").is_file()
    assert not (home / "ledger.db").exists()


def test_a_whole_trail_is_called_whole_and_an_altered_one_is_not(home: Path, office: Assembly) -> None:
    assert run("ledger", "verify").out == "留痕记录完整\n"
    assert run("ledger", "verify", "--json").json == {
        "whole": True,
        "first_broken": None,
        "cut_off": False,
    }
    with closing(sqlite3.connect(home / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE audit SET actor = 'somebody else' WHERE id = 1")
    assert "留痕记录从第1条起" in run("ledger", "verify", code=1).err
    assert run("ledger", "verify", "--json", code=1).json == {
        "whole": False,
        "first_broken": 1,
        "cut_off": False,
    }


def test_rows_cut_off_at_the_end_are_seen_beside_a_backup(
    home: Path, office: Assembly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    run("backup", "--to", tmp_path / "backup")
    assert run("ledger", "verify", "--backup", tmp_path / "backup").out == "留痕记录完整\n"
    with closing(sqlite3.connect(home / "ledger.db")) as ledger, ledger:
        ledger.execute("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    assert run("ledger", "verify").out == "留痕记录完整\n", "of itself it cannot be seen"
    assert "可能被删除过" in run("ledger", "verify", "--backup", tmp_path / "backup", code=1).err


def test_a_campaign_that_has_ended_is_exported_and_found_whole(office: Assembly, tmp_path: Path) -> None:
    export = ("ledger", "export", "--campaign", CAMPAIGN, "--out", tmp_path / "out")
    assert "才全部结束" in run(*export, "--on", "2024-06-03", code=1).err
    assert not (tmp_path / "out").exists()
    assert "应保存至2035年1月1日" in run(*export, "--on", "2026-01-05").out
    assert run("ledger", "check-export", tmp_path / "out").out.startswith("完整：")
    (tmp_path / "out" / "tables" / "unit.csv").write_text("")
    assert "与清单的校验值不符" in run("ledger", "check-export", tmp_path / "out", code=1).out
    assert not run("ledger", "check-export", tmp_path / "out", "--json", code=1).json["whole"]


NOTE = ("report", "note", "self_check_statistics", "--campaign", CAMPAIGN, "--on", "2024-06-05")


def test_a_note_about_a_figure_is_printed_in_the_next_edition(tmp_path: Path, office: Assembly) -> None:
    words = ("--indicator", "visits", "--reason", "漏填一张表", "--by", "office_director")
    assert run(*NOTE, *words, "--value", "1,234").out == "已登记：涉及人次（累计），改印为1,234\n"
    second = run(*REPORT, "--out", tmp_path, "--json").json
    [file] = [Path(each) for each in second["files"] if each.endswith(".xlsx")]
    sheet = load_workbook(file)["人工调整"]
    assert any("漏填一张表" in row and 1234 in row for row in sheet.iter_rows(values_only=True))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--indicator": "visit"}, "没有指标“visit”，最接近的有：visits"),
        ({"--reason": "  "}, "请写明说明"),
        ({"--by": "nobody"}, "没有岗位“nobody”"),
        ({"--value": "很多"}, "--value 填写的是“很多”，应为数字"),
        ({"--value": "-1"}, "不能为负数"),
        ({"--dimension": "batch", "--member": "1"}, "没有按“batch”的分组数"),
        ({"--dimension": "object"}, "分组和成员须同时写明"),
        ({"--dimension": "object", "--member": "hospital"}, "object 没有成员“hospital”"),
    ],
)
def test_a_note_that_means_nothing_is_refused(office: Assembly, changed: dict[str, str], said: str) -> None:
    words = {"--indicator": "visits", "--reason": "更正", "--by": "office_director"} | changed
    refused = run(*NOTE, *(part for pair in words.items() for part in pair), code=None)
    assert refused.code != 0
    assert said in refused.err
