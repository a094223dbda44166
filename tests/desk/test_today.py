"""今日: the overdue first, each with the way to what it is about; nothing of what is not one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from airflow.utils.state import DagRunState, TaskInstanceState
from openpyxl import load_workbook

from include.domain.plans import EVERYTHING
from tests import factories
from tests.desk.airflow_rows import add_task, asks
from tests.desk.conftest import Web

LATE = date(2024, 6, 3)
REPORT = "wushen_2024__report__self_check_statistics"


@pytest.fixture
def late(make_web: Callable[..., Web], owing_ledger: Path) -> Web:
    """The first working day after the self-check was due; nobody has reported."""
    return make_web(owing_ledger, today=LATE)


def test_what_is_overdue_leads_to_the_units_that_owe_it(late: Web) -> None:
    browser = late.as_("officer")
    page = browser.get("/").text
    assert "逾期1个工作日" in page
    address = "/units?campaign=wushen_2024&amp;show=owing&amp;phase=self_check&amp;form=self_check&amp;due=2024-05-31"
    assert address in page
    units = browser.get(address.replace("&amp;", "&")).text
    assert "机构名单：有未办结的报送<small>4</small>" in units


def test_every_trouble_leads_to_what_resolves_it_for_those_who_may(late: Web) -> None:
    late.office.using.ledger.outbox.stop(
        EVERYTHING, by="staff", reason="核对名单", at=factories.at("2024-06-03")
    )
    acts = ('href="/acts/wushen_2024__self_check"', 'href="/acts/desk_sending_resume?scope=everything"')
    for user in ("admin", "officer", "officer_of_one"):
        assert all(act in late.as_(user).get("/").text for act in acts), user
    for user in ("auditor", "approver", "county"):
        assert "/acts/desk" not in late.as_(user).get("/").text, user


def test_before_the_day_it_is_due_and_not_overdue(make_web: Callable[..., Web], owing_ledger: Path) -> None:
    page = make_web(owing_ledger, today=date(2024, 5, 30)).as_("officer").get("/").text
    assert "没有逾期未报的单位" in page
    assert "还有1个工作日" in page
    assert "今天到期" in make_web(owing_ledger, today=date(2024, 5, 31)).as_("officer").get("/").text


def test_a_county_sees_its_own_units_and_not_the_office(late: Web) -> None:
    add_task(
        late.airflow,
        REPORT,
        "sign_prepared",
        state=TaskInstanceState.AWAITING_INPUT,
        asks=asks("staff", subject="请签批统计表"),
    )
    late.office.using.ledger.outbox.stop(
        EVERYTHING, by="staff", reason="核对名单", at=factories.at("2024-06-03")
    )
    county, officer = late.as_("county").get("/").text, late.as_("officer").get("/").text
    for secret in ("核对名单", "请签批统计表", "等待签批", "结果待核实"):
        assert secret not in county
    assert "核对名单" in officer
    assert "请签批统计表" in officer
    assert ">3</a>" in county
    assert ">4</a>" in officer


def test_a_failed_run_is_told_in_its_own_sentence_with_its_log(late: Web) -> None:
    late.office.using.__dict__["now"] = lambda: factories.at("2024-05-27")
    add_task(
        late.airflow,
        "wushen_2024__self_check",
        "collect",
        title="自查自纠",
        state=TaskInstanceState.FAILED,
        run_state=DagRunState.FAILED,
        xcom={"fault": "收件文件夹不存在"},
    )
    page = late.as_("officer").get("/").text
    assert "收件文件夹不存在" in page
    assert 'href="/dags/wushen_2024__self_check/runs/manual__1/tasks/collect" data-airflow' in page


def test_an_officer_of_another_campaign_sees_nothing_of_it(late: Web) -> None:
    late.office.access.path.write_text(
        "users: {other: {role: officer, campaigns: [quanzhou_2024]}}", encoding="utf-8"
    )
    page = late.as_("other").get("/").text
    assert "没有逾期未报的单位" in page
    assert "wushen_2024" not in page


def test_the_table_goes_to_excel_as_it_stands(late: Web) -> None:
    answer = late.as_("officer").get("/?xlsx=overdue")
    sheet = load_workbook(BytesIO(answer.content)).active
    head, row = ([cell.value for cell in line] for line in sheet.iter_rows(min_row=3, max_row=4))
    told = dict(zip(head, row, strict=True))
    assert (told["未办结（家）"], told["截止日"].date()) == (4, date(2024, 5, 31))
