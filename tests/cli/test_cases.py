"""Cases, fines, refunds and the list for the social credit system, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import CAMPAIGN, archive_of, ledger_of, run
from tests.cli.test_registers import filled, taken

OF_CAMPAIGN = ("--campaign", CAMPAIGN)
ON = ("--on", "2024-12-31")


def test_the_range_of_a_fine_is_told_for_a_day() -> None:
    (found,) = run("cases", "penalty", "38", "--on", "2024-05-01", "--amount", "6000", "--json").json[
        "articles"
    ]
    assert found["fine"] == {"least": "6000.00", "most": "12000.00"}
    shown = run("cases", "penalty", "第四十条", "--on", "2024-05-01", "--amount", "6000").out
    assert "即12000.00元至30000.00元" in shown
    assert "3年内不得申请医保定点" in shown


@pytest.mark.parametrize(
    ("article", "on", "amount", "sentence"),
    [
        ("38", "2021-04-30", "1", "自2021-05-01起施行"),
        ("第九十九条", "2024-05-01", "1", "没有登记条款"),
        ("38", "2024-05-01", "-1", "金额“-1”无法识别"),
        ("38", "2024-05-01", "NaN", "金额“NaN”无法识别"),
        ("38", "2024-5-1", "1", "2024-05-24"),
    ],
)
def test_a_range_that_cannot_be_told_says_why(article: str, on: str, amount: str, sentence: str) -> None:
    assert sentence in run("cases", "penalty", article, "--on", on, f"--amount={amount}", code=1).err


def test_open_cases_and_outstanding_refunds_are_listed_and_nothing_is_changed(
    home: Path, tmp_path: Path
) -> None:
    taken("case", filled("case", tmp_path, status="执行", closed_on=None, recoup_paid=1000))
    half = {"case_no": None, "status": "整改中", "paid": 3000, "closed_on": None, "checked_on": None, "check_result": None, "checker": None}  # fmt: skip
    taken("rectification", filled("rectification", tmp_path, **half))
    before, archived = ledger_of(home), archive_of(home)

    (case,) = [each for each in run("cases", "check", *OF_CAMPAIGN, *ON, "--json").json["open"] if each["form"] == "case"]  # fmt: skip
    assert (case["step"], case["next_step"], case["due_on"]) == ("执行", "结案", "2024-08-22")
    assert case["missing"] == ["医保基金未退清（5000.00元）"]
    assert "超期131日" in run("cases", "check", *OF_CAMPAIGN, *ON).out

    account = run("refunds", "account", *OF_CAMPAIGN, "--json").json
    assert account["total"] == {"payable": "15800.00", "paid": "4000.00", "outstanding": "11800.00"}
    assert set(account["by_source"]) == {"自查", "案件"}
    assert "9000.00" not in str(account), "a fine is no refund"
    one = run("refunds", "account", *OF_CAMPAIGN, "--unit", "H15062600001", "--json").json
    assert one["total"] == account["by_unit"]["H15062600001"]
    due = run("refunds", "due", *OF_CAMPAIGN, *ON, "--json").json["outstanding"]
    assert [each["outstanding"] for each in due] == ["6800.00", "5000.00"]
    assert "未退清：2笔" in run("refunds", "due", *OF_CAMPAIGN, *ON).out

    assert (ledger_of(home), archive_of(home)) == (before, archived)


def test_nothing_goes_to_the_credit_system_from_a_campaign_that_is_not_public(tmp_path: Path) -> None:
    taken("blacklist", filled("blacklist", tmp_path, pushed_credit="否", pushed_credit_on=None))
    found = run("cases", "pushes", *OF_CAMPAIGN, *ON, "--json").json
    assert found["ready"] == []
    assert "不是主动公开" in found["held"][0]["hindrance"]
    assert "可以推送：0个" in run("cases", "pushes", *OF_CAMPAIGN, *ON).out


def test_points_are_added_up_by_post_and_year(tmp_path: Path) -> None:
    taken("case", filled("case", tmp_path, points="主管医师，记9分"))
    (found,) = run("cases", "points", *OF_CAMPAIGN, "--json").json["points"]
    assert (found["post"], found["year"], found["points"]) == ("主管医师", 2024, 9)
    assert "暂停" in run("cases", "points", *OF_CAMPAIGN).out


PUBLIC = ("--campaign", "quanzhou_2024")


def test_typical_cases_of_a_campaign_that_is_not_public_do_not_go_out(tmp_path: Path) -> None:
    out = tmp_path / "典型案例.xlsx"
    taken("case", filled("case", tmp_path))
    assert "不是主动公开" in run("cases", "publish", *OF_CAMPAIGN, "--out", out, code=1).err
    assert not out.exists()


def test_typical_cases_go_out_when_two_posts_have_approved(tmp_path: Path) -> None:
    def entered(name: str, **changes: object) -> None:
        file = filled("case", tmp_path, **changes)
        run("registers", "import", "case", file, *PUBLIC, *ON)

    out = tmp_path / "典型案例.xlsx"
    entered("held", published_on=None, publish_where=None, publish_approvers=None)
    told = run("cases", "publish", *PUBLIC, "--out", out, code=1)
    assert "AJ-150626-2024-0001 不得曝光：还差2个不同岗位审批" in told.out
    assert "没有可以曝光的案例" in told.err
    assert not out.exists()
    person = {
        "party_type": "参保人员",
        "party_name": "样例某某",
        "party_code": None,
        "party_cert": "9900**********0016",
    }
    article = {
        "legal_basis": "条例第四十一条第二款",
        "nature": "欺诈骗保",
        "fraud_amt": 3000,
        "loss_amt": 0,
        "hearing_told_on": "2024-07-22",
    }
    entered("ready", case_no="AJ-2", **person, **article)
    told = run("cases", "publish", *PUBLIC, "--out", out)
    assert "已导出1个典型案例" in told.out
    said = [
        str(cell) for row in load_workbook(out).worksheets[-1].iter_rows(values_only=True) for cell in row
    ]
    assert "样某" in said
    for secret in ("样例某某", "0016", "日用品"):
        assert not any(secret in cell for cell in said)
