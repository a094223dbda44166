"""筛查: what was run, how far each rule can be trusted, what is watched; the whole office's, not one county's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from include.domain.screening import Precision, RuleRun, Run, Threshold
from include.steps import screened_clues
from tests import factories
from tests.desk.conftest import Web

CAMPAIGN = factories.campaign().id
MAY, JUNE = date(2024, 5, 6), date(2024, 6, 3)
PAGE = "/screening?campaign=wushen_2024"
TABLE = b"a workbook of watched items"


def rules(hits: int) -> tuple[RuleRun, ...]:
    return (
        RuleRun("S05", "1.0", {"days": Decimal(10)}, hits, title="分解住院"),
        RuleRun("S22", "1.2", {}, 0, "缺少清单：重点品种（key_items.csv）", title="重点品种异常增长"),
    )


@pytest.fixture
def screened(make_web: Callable[..., Web], owing_ledger: Path) -> tuple[Web, str]:
    """Two runs in May and June, the second of two cities; the address of the table of watched items."""
    web = make_web(owing_ledger, today=JUNE)
    using = web.office.using
    sha256 = using.archive.put(TABLE)
    keep = using.ledger.screenings
    keep.record(CAMPAIGN, Run(MAY, "区划1506", rules(9), 9, 7))
    keep.record(CAMPAIGN, Run(JUNE, "区划1506", rules(3), 3, 1, sha256))
    keep.record(CAMPAIGN, Run(JUNE, "区划1509", rules(2), 2, 2))
    keep.record("another_2024", Run(JUNE, "区划1501", rules(500), 500, 500))
    keep.change(CAMPAIGN, Threshold("S05", "days", Decimal(15), JUNE, "误报较多", "办公室主任"), actor="test")
    return web, f"/screening/{CAMPAIGN}/trends/{sha256}"


def test_runs_rules_and_changes_are_told(screened: tuple[Web, str]) -> None:
    web, trends = screened
    page = web.as_("officer").get(PAGE).text
    for told in (
        "区划1506",
        "区划1509",
        "分解住院",
        "未运行：缺少清单：重点品种（key_items.csv）",
        "误报较多",
        trends,
    ):
        assert told in page
    assert "500" not in page, "of another campaign"
    assert "S05.days" in page, "the way to change a parameter"
    assert "调整参数" not in web.as_("auditor").get(PAGE).text


def test_hits_of_a_rule_are_those_of_its_last_day_in_all_cities(screened: tuple[Web, str]) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    web, _ = screened
    sheet = load_workbook(BytesIO(web.as_("officer").get(f"{PAGE}&xlsx=rules").content)).active
    assert sheet is not None
    [row] = [each for each in sheet.iter_rows(values_only=True) if each[0] == "S05"]
    assert row[4] == 5


def test_a_rule_that_is_mostly_wrong_is_said_to_be(
    screened: tuple[Web, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    web, _ = screened
    for version, expected in (("1.0", True), ("0.9", False)):
        said = [Precision("S05", version, 1, 19, 0)]
        monkeypatch.setattr(screened_clues, "verified", lambda campaign, using, said=said: said)
        assert ("多数不属实，建议调整参数或停用" in web.as_("officer").get(PAGE).text) is expected


def test_the_table_of_watched_items_is_given_to_the_office_only(screened: tuple[Web, str]) -> None:
    web, trends = screened
    answer = web.as_("officer").get(trends)
    assert answer.content == TABLE
    assert "20240603.xlsx" in answer.headers["content-disposition"]
    for path in (trends, PAGE):
        refused = web.as_("county").get(path)
        assert refused.status_code == 403
        assert "区划1506" not in refused.text
    assert "/screening" not in web.as_("county").get("/units").text


def test_no_other_file_of_the_archive_is_given(screened: tuple[Web, str]) -> None:
    web, trends = screened
    other = web.office.using.archive.put(b"a return with persons")
    for path in (trends.replace(trends[-64:], other), trends.replace(CAMPAIGN, "anhui_2024")):
        assert web.as_("officer").get(path).status_code == 404


def test_before_any_run_the_page_says_when_there_will_be_one(
    make_web: Callable[..., Web], owing_ledger: Path
) -> None:
    page = make_web(owing_ledger).as_("officer").get(PAGE).text
    assert "每月第一个工作日" in page
