"""机构: found by what one knows of it; everything about one, nothing about those of other counties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.desk.conftest import ELSEWHERE, Web

LATE = date(2024, 6, 3)


@pytest.fixture
def late(make_web: Callable[..., Web], owing_ledger: Path) -> Web:
    return make_web(owing_ledger, today=LATE)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 4),
        ("text=示例单位2", 1),
        ("text=没有这家", 0),
        ("kind=medical_institution", 1),
        ("kind=spaceship", 4),
        ("show=overdue", 4),
        ("show=overdue&on=2024-05-31", 0),
        ("show=settled", 0),
        ("show=unreachable", 0),
        ("show=nonsense", 4),
        ("region=150626", 3),
        ("due=yesterday", 4),
        ("phase=inspection&show=owing", 0),
        ("page=2", 4),
        ("page=-1", 4),
    ],
)
def test_the_list_shows_what_is_asked_for(late: Web, query: str, count: int) -> None:
    page = late.as_("officer").get(f"/units?campaign=wushen_2024&{query}")
    assert page.status_code == 200
    shown = f"<small>{count}</small>" if count and "page=2" not in query else "没有符合条件的单位"
    assert shown in page.text


def test_a_campaign_under_way_is_shown_without_asking(late: Web) -> None:
    assert "乌审旗" in late.as_("officer").get("/units").text


def test_before_there_is_a_roster_the_list_says_so(web: Web) -> None:
    assert "还没有导入名册" in web.as_("officer").get("/units?campaign=wushen_2024").text


def test_a_county_finds_and_opens_only_its_own_units(late: Web) -> None:
    county = late.as_("county")
    page = county.get("/units").text
    assert "<small>3</small>" in page
    assert ELSEWHERE.code not in page
    refused = county.get(f"/units/wushen_2024/{ELSEWHERE.code}")
    missing = county.get("/units/wushen_2024/H99999999999")
    assert refused.status_code == missing.status_code == 404
    assert ELSEWHERE.name not in refused.text
    assert late.as_("officer").get(f"/units/wushen_2024/{ELSEWHERE.code}").status_code == 200


def test_a_campaign_not_granted_is_as_if_it_were_not_there(late: Web) -> None:
    late.office.access.path.write_text(
        "users: {other: {role: officer, campaigns: [quanzhou_2024]}}", encoding="utf-8"
    )
    for path in ("/units?campaign=wushen_2024", f"/units/wushen_2024/{ELSEWHERE.code}"):
        answer = late.as_("other").get(path)
        assert answer.status_code == 404
        assert ELSEWHERE.name not in answer.text


def test_a_unit_tells_what_it_owes_and_what_happened(late: Web) -> None:
    page = late.as_("officer").get(f"/units/wushen_2024/{ELSEWHERE.code}").text
    for told in (ELSEWHERE.name, "自查自纠情况表", "逾期1个工作日", "列入本次名册", "2024年5月6日 星期一"):
        assert told in page


def test_the_acts_about_a_unit_come_filled_in_for_those_who_may(late: Web) -> None:
    path = f"/units/wushen_2024/{ELSEWHERE.code}"
    act = f"/acts/desk_limit_due_date?campaign=wushen_2024&amp;unit={ELSEWHERE.code}"
    assert act in late.as_("officer").get(path).text
    assert "/acts/desk" not in late.as_("auditor").get(path).text


def test_the_list_goes_to_excel_whole_and_no_name_becomes_a_formula(late: Web) -> None:
    answer = late.as_("officer").get("/units?campaign=wushen_2024&page=2&xlsx=units")
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=4))
    assert len(rows) == 4
    assert all(cell.data_type != "f" for row in rows for cell in row)
    assert any(str(cell.value).startswith("=") for row in rows for cell in row)
