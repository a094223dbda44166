"""报送: every edition with its figures, signatures and files, for those who may see the whole of a campaign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from include.domain.indicators import compute
from include.domain.occasions import Period
from include.domain.reports import EditionFile, EditionState, Figure, FileRole, Scope
from include.domain.sign_off import Hand
from tests import factories
from tests.desk.conftest import ELSEWHERE, Web

LATE = date(2024, 6, 5)
REPORT = "self_check_statistics"
PERIOD = Period(date(2024, 5, 1), date(2024, 6, 7))
AT = factories.at("2024-06-05", "10:00")


@pytest.fixture
def compiled(make_web: Callable[..., Web], owing_ledger: Path) -> Web:
    """Two editions of the self-check statistics: the first superseded, the second before the first hand."""
    web = make_web(owing_ledger, today=LATE)
    add(web, 1, LATE)
    ledger, campaign = web.office.using.ledger, factories.campaign()
    pharmacy = ledger.obligations.of_unit(campaign.id, factories.make_unit(1).code, "self_check")
    assert pharmacy is not None
    ledger.obligations.extend(
        pharmacy.id, due_on=date(2024, 6, 28), reason="延期", approved_by="office_director", on=LATE
    )
    add(web, 2, LATE)
    return web


def add(web: Web, number: int, on: date) -> None:
    ledger, campaign = web.office.using.ledger, factories.campaign()
    report = campaign.report(REPORT)
    snapshot = ledger.snapshots.take(campaign.id, report.key, str(report.phase), period=PERIOD, on=on)
    ledger.snapshots.save_figures(snapshot.id, compute(snapshot))
    kept = web.office.using.archive.put(b"xlsx")
    ledger.editions.add(
        campaign.id,
        REPORT,
        snapshot.id,
        occasion="once",
        number=number,
        files=[
            EditionFile(FileRole.TABLES, "统计表.xlsx", kept),
            EditionFile(FileRole.PDF, "x.pdf", "0" * 64),
        ],
        on=on,
    )


def page(web: Web, path: str, who: str = "officer") -> str:
    answer = web.as_(who).get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_what_is_owed_is_listed_before_anything_is_compiled(web: Web) -> None:
    text = page(web, "/reports?campaign=wushen_2024")
    assert "/acts/wushen_2024__report__self_check_statistics" in text
    assert "/acts/" not in page(web, "/reports?campaign=wushen_2024", "county")
    for told in ("自查自纠情况统计表", "待编制", "2024-06-07", "遇事即报", "还没有编制过"):
        assert told in text


def test_every_edition_is_listed_the_newest_first(compiled: Web) -> None:
    text = page(compiled, "/reports?campaign=wushen_2024")
    listed = text[text.index("已编制的各版") :]
    assert listed.index("第2版") < listed.index("第1版")
    assert "签批中" in listed
    assert "已被替代" in listed


def test_a_report_past_due_is_marked(compiled: Web) -> None:
    text = page(compiled, "/reports?campaign=wushen_2024&on=2024-06-12")
    assert "逾期2个工作日" in text


def test_an_edition_shows_its_figures_with_their_definitions(compiled: Web) -> None:
    text = page(compiled, "/reports/wushen_2024/2")
    for told in ("应报单位", "一家单位须报多张表的只计一家", "待签批", "/approvals/2", "统计表.xlsx"):
        assert told in text


def test_an_edition_is_held_against_the_one_before_or_the_one_asked_for(compiled: Web) -> None:
    text = page(compiled, "/reports/wushen_2024/2")
    assert "与第1版相比的变化" in text
    assert "逾期" in text[text.index("与第1版相比的变化") :]
    assert "这是第一版" in page(compiled, "/reports/wushen_2024/1")
    assert "与第2版相比的变化" in page(compiled, "/reports/wushen_2024/1?with=2")
    assert "这是第一版" in page(compiled, "/reports/wushen_2024/1?with=99")


def test_signatures_are_told(compiled: Web) -> None:
    editions = compiled.office.using.ledger.editions
    editions.ask(2, Hand.PREPARED, post_key="office_staff", run="r", page="p", at=AT, until=AT)
    editions.sign(
        2, Hand.PREPARED, approved=False, by="经办人", user="staff", reason="<b>数据有误</b>", at=AT
    )
    text = page(compiled, "/reports/wushen_2024/2")
    assert "&lt;b&gt;数据有误&lt;/b&gt;" in text
    assert EditionState.REJECTED.zh in text
    assert "/approvals/2" not in text


def test_a_figure_is_traced_to_its_parts_and_rows(compiled: Web) -> None:
    text = page(compiled, "/reports/wushen_2024/2/figures/units_expected")
    for told in ("定义和口径", "按单位类别", "按辖区", "逐条明细：报送单位", ELSEWHERE.code, "乌审旗"):
        assert told in text
    answer = compiled.as_("officer").get("/reports/wushen_2024/2/figures/units_expected?xlsx=units")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert ELSEWHERE.name in [row[1] for row in rows[3:]], "as text, although it begins with ="
    assert len(rows) == 3 + 4


def test_a_figure_that_was_replaced_says_so(compiled: Web) -> None:
    snapshots = compiled.office.using.ledger.snapshots
    report = factories.campaign().report(REPORT)
    snapshot = snapshots.take("wushen_2024", REPORT, str(report.phase), period=Period(LATE, LATE), on=LATE)
    figures: list[Figure] = [
        replace(each, value=Decimal(5), computed=Decimal(4))
        if (each.indicator, each.dimension, each.scope) == ("units_expected", "", Scope.CUMULATIVE)
        else each
        for each in compute(snapshot)
    ]
    snapshots.save_figures(snapshot.id, figures)
    compiled.office.using.ledger.editions.add(
        "wushen_2024", REPORT, snapshot.id, occasion="once", number=3, files=[], on=LATE
    )
    assert "由人工说明改填" in page(compiled, "/reports/wushen_2024/3")
    assert "台账计算数 4" in page(compiled, "/reports/wushen_2024/3/figures/units_expected")


def test_files_are_handed_out_as_they_were_compiled(compiled: Web) -> None:
    officer = compiled.as_("officer")
    file = officer.get("/reports/wushen_2024/2/files/1")
    assert file.content == b"xlsx"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert "从备份恢复" in officer.get("/reports/wushen_2024/2/files/2").text
    assert officer.get("/reports/wushen_2024/2/files/3").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/reports/wushen_2024/99",
        "/reports/wushen_2024/2/figures/nothing",
        "/reports/wushen_2024/99/figures/units_expected",
        "/reports/quanzhou_2024/2",
        "/reports/quanzhou_2024/2/files/1",
        "/reports/nothing/2",
    ],
)
def test_what_is_not_there_is_not_found(compiled: Web, path: str) -> None:
    answer = compiled.as_("officer").get(path)
    assert answer.status_code == 404
    assert "统计表.xlsx" not in answer.text


@pytest.mark.parametrize(
    "path", ["", "/files/1", "/figures/units_expected", "/figures/units_expected?xlsx=units"]
)
def test_a_county_sees_no_figure_of_the_whole(compiled: Web, path: str) -> None:
    answer = compiled.as_("county").get(f"/reports/wushen_2024/2{path}")
    assert answer.status_code == 403
    assert "限定区划的账号不能查看" in answer.text
    assert ELSEWHERE.code not in answer.text
    listed = page(compiled, "/reports", "county")
    assert "签批中" in listed
    assert "/reports/wushen_2024/2" not in listed


def test_a_campaign_not_granted_is_as_if_it_were_not_there(compiled: Web) -> None:
    compiled.office.access.path.write_text(
        "users: {other: {role: officer, campaigns: [quanzhou_2024]}}", encoding="utf-8"
    )
    for path in ("/reports?campaign=wushen_2024", "/reports/wushen_2024/2", "/reports/wushen_2024/2/files/1"):
        assert compiled.as_("other").get(path).status_code == 404


def test_every_table_is_exported(compiled: Web) -> None:
    for path, key in (
        ("/reports", "owed"),
        ("/reports", "editions"),
        ("/reports/wushen_2024/2", "hands"),
        ("/reports/wushen_2024/2", "files"),
        ("/reports/wushen_2024/2", "changes"),
        ("/reports/wushen_2024/2", "figures"),
    ):
        answer = compiled.as_("officer").get(f"{path}?campaign=wushen_2024&xlsx={key}")
        assert load_workbook(BytesIO(answer.content)).active.max_row > 3, key
