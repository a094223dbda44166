"""Campaign pages: the survey in numbers and pictures, nobody's but the reader's counties, every table in Excel."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from include.domain.groups import OUTSIDE, TOTAL
from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.domain.survey import Amount, Cell, ClueDay, Day, PassedOver, Progress, Reminded, Survey
from include.gateways import charts
from tests.desk.conftest import TODAY, Web

ID = "wushen_2024"
PAGE = f"/campaigns/{ID}"
SELF_CHECK = f"{PAGE}?phase=self_check"
HERE, THERE = "150626", "150622"
HOSPITAL, PHARMACY = UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY
OPEN, ACCEPTED = ObligationState.OPEN, ObligationState.ACCEPTED
ELSEWHERE = ("准格尔旗", "7,000", "7,001", "70,071.00")
"""What stands for the other county alone: its name, and numbers nobody else has."""


def parts(region: str, base: int) -> dict[str, tuple[Any, ...]]:
    """Everything of one county, with numbers of its own that grow with ``base``."""
    may = date(2024, 5, 20)
    owed = (region, "self_check", "self_check")
    kind = PHARMACY if region == HERE else HOSPITAL
    cells = (
        Cell(region, kind, "", "self_check", "self_check", OPEN, base, base, 0, 0, 1),
        Cell(region, kind, "", "self_check", "self_check", ACCEPTED, base + 1, 0, 2, 3, 1),
    )
    figures = {
        "units_expected": 2 * base + 1,
        "units_accepted": base + 1,
        "units_overdue": base,
        "units_to_inspect": 2 * base + 1,
        "units_inspected": 1,
        "found_amt": 10 * base + 71,
        "clues_received": base,
        "clues_in_progress": base,
        "clues_overdue": 1,
    }
    return {
        "cells": cells,
        "days": (Day(*owed, may, 0, base + 1, base + 1), Day(*owed, date(2024, 5, 31), 2 * base + 1, 0, 0)),
        "reminders": (Reminded(region, "self_check", "t_minus_5", base, 1),),
        "passed_over": (PassedOver(region, "self_check", "due_day", base + 40),),
        "amounts": tuple(Amount(region, key, TOTAL, "", Decimal(value)) for key, value in figures.items()),
        "progress": (
            Progress(region, "concentrated_rectification", "inspection_coverage", None, 2 * base + 1),
            Progress(region, "self_check", "return_rate", None, 2 * base + 1),
            Progress(region, "self_check", "return_rate", may, base + 1),
        ),
        "clues": (ClueDay(region, may, base, 0, 0),),
    }


@pytest.fixture
def keep(web: Web) -> Callable[..., None]:
    """Lay a survey of two counties into the ledger, as old as said."""

    def _keep(*, age: timedelta = timedelta(0), on: date = TODAY) -> None:
        here, there = parts(HERE, 20), parts(THERE, 7000)
        both = {name: here[name] + there[name] for name in here}
        using = web.office.using
        using.ledger.surveys.keep(Survey(ID, on, using.now() - age, **both))

    return _keep


def sheet_of(content: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def test_the_list_tells_how_each_campaign_stands(web: Web, keep: Callable[..., None]) -> None:
    keep()
    text = web.as_("officer").get("/campaigns").text
    for words in ("14,042", "逾期未完成", "50.0%", "还没有看板数据", "安徽省", "乌审旗"):
        assert words in text, words


def test_a_list_shows_only_the_reader_s_campaigns(web: Web) -> None:
    text = web.as_("officer_of_one").get("/campaigns").text
    assert "乌审旗" in text
    assert "安徽省" not in text


@pytest.mark.parametrize(
    "path", ["/campaigns/anhui_2024", "/campaigns/nothing", "/dags/anhui_2024__self_check"]
)
def test_a_campaign_of_others_is_not_there(web: Web, path: str) -> None:
    answer = web.as_("officer_of_one").get(path)
    assert answer.status_code == 404
    assert "没有专项行动" in answer.text


def test_a_page_before_the_first_survey_says_how_to_get_one(web: Web) -> None:
    answer = web.as_("officer").get(PAGE)
    assert answer.status_code == 200
    assert "还没有看板数据" in answer.text
    assert "/acts/desk_survey?campaign=wushen_2024" in answer.text
    assert "动员部署阶段" in answer.text


def test_a_reader_without_the_right_is_not_told_to_act(web: Web) -> None:
    text = web.as_("county").get(PAGE).text
    assert "还没有看板数据" in text
    assert "/acts/" not in text


def test_a_page_shows_figures_phases_returns_steps_money_and_clues(
    web: Web, keep: Callable[..., None]
) -> None:
    keep()
    text = web.as_("officer").get(SELF_CHECK).text
    for words in ("14,042", "7,022", "7,020", "50.0%", "70,342.00", "准格尔旗", "乌审旗", "截止前5个工作日"):
        assert words in text, words
    assert text.index("动员部署阶段") < text.index("自查自纠阶段")
    assert "超过2小时未更新" not in text


def test_a_rung_that_passed_units_over_is_shown_though_nothing_was_sent(
    web: Web, keep: Callable[..., None]
) -> None:
    keep()
    content = web.as_("officer").get(SELF_CHECK, params={"phase": "self_check", "xlsx": "steps"}).content
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).active]
    [passed] = [row for row in rows if row[0] == "截止日提醒"]
    assert passed == ["截止日提醒", 0, 0, None, 7_100]


def test_old_figures_are_marked(web: Web, keep: Callable[..., None]) -> None:
    keep(age=timedelta(hours=3), on=TODAY - timedelta(days=1))
    text = web.as_("officer").get(PAGE).text
    assert "超过2小时未更新" in text
    assert "数字按 2024-05-23 清点" in text


def pages_of(web: Web, user: str) -> list[str]:
    """Everything a page leads to of its own: itself, its workbooks, its pictures."""
    browser = web.as_(user)
    page = browser.get(SELF_CHECK).text.replace("&amp;", "&")
    pictures = re.findall(r'(?:src|srcset)="([^"]*/pictures/[^"]*)"', page)
    books = re.findall(r'href="https?://[^/"]*([^"]*xlsx=[^"]*)"', page)
    assert len(books) > 8
    cells = [str(sheet_of(browser.get(path).content)) for path in books]
    assert bool(pictures) is (charts.chinese_font() is not None)
    return [page, browser.get("/campaigns").text, *cells, *(browser.get(path).text for path in pictures)]


def test_a_county_sees_nothing_of_another(web: Web, keep: Callable[..., None]) -> None:
    keep()
    everywhere = "".join(pages_of(web, "officer"))
    own = "".join(pages_of(web, "county"))
    for words in ELSEWHERE:
        assert words in everywhere, words
        assert words not in own, words
        assert words.replace(",", "") not in re.sub(r"<svg.*?</svg>", "", own), words
    assert "乌审旗" in own
    assert "定点医疗机构</td>" not in own, "only pharmacies are there"
    assert OUTSIDE not in own


def test_every_table_is_a_workbook_with_the_same_rows(web: Web, keep: Callable[..., None]) -> None:
    keep()
    rows = sheet_of(web.as_("officer").get(f"{SELF_CHECK}&xlsx=regions").content)
    assert rows[0][0] == "按县区"
    assert "数据截至" in str(rows[1][0])
    assert rows[2][:5] == ("县区", "应报（份）", "已催（份）", "已收（份）", "已受理（份）")
    assert [row[0] for row in rows[3:]] == ["准格尔旗", "乌审旗", "合计"]
    assert [row[1] for row in rows[3:]] == [14001, 41, 14042]


@pytest.mark.skipif(
    charts.chinese_font() is None, reason="no Chinese font: run tests/gateways/documents/install.sh"
)
def test_pictures_are_drawn_for_a_screen_and_for_a_phone(web: Web, keep: Callable[..., None]) -> None:
    keep()
    browser = web.as_("officer")
    wide = browser.get(f"{PAGE}/pictures/burn_up?phase=self_check")
    narrow = browser.get(f"{PAGE}/pictures/burn_up?phase=self_check&narrow=1")
    assert wide.headers["content-type"].startswith("image/svg+xml")
    assert "累计受理" in wide.text
    assert wide.text != narrow.text
    assert "不能按期" not in browser.get(f"{PAGE}/pictures/timeline").text
    assert browser.get(f"{PAGE}/pictures/regions?phase=mobilization").status_code == 404
    assert browser.get(f"{PAGE}/pictures/nothing").status_code == 404


def test_without_a_font_a_page_has_its_tables_and_no_broken_pictures(
    web: Web, keep: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep()
    monkeypatch.setattr(charts, "chinese_font", lambda: None)
    browser = web.as_("officer")
    text = browser.get(SELF_CHECK).text
    assert "<img" not in text
    assert "14,042" in text
    assert browser.get(f"{PAGE}/pictures/timeline").status_code == 404


@pytest.mark.parametrize(
    ("dag_id", "target"),
    [
        ("wushen_2024__self_check", f"{PAGE}?phase=self_check"),
        ("wushen_2024__report__self_check_statistics", PAGE),
        ("wushen_2024__forgotten", PAGE),
        ("collect_returns", "/"),
        ("desk_survey", "/"),
    ],
)
def test_the_tab_on_a_dag_leads_to_its_campaign(web: Web, dag_id: str, target: str) -> None:
    answer = web.as_("officer").get(f"/dags/{dag_id}")
    assert (answer.status_code, answer.headers["location"]) == (303, target)


def test_a_broken_campaign_is_said_to_the_office_and_not_to_counties(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = web.office.registry
    said = "campaigns/x/campaign.yaml：phases 缺少截止日"
    object.__setattr__(registry, "broken", (said,))
    assert said in web.as_("officer").get("/campaigns").text
    assert said not in web.as_("county").get("/campaigns").text
