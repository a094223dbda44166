"""What is laid before a hand: the very figures and files, to whom it is shown, and from whom an answer is taken."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from airflow.utils.state import TaskInstanceState
from openpyxl import load_workbook
from sqlalchemy import text

from include.assembly import looking
from include.domain.occasions import Occasion
from include.domain.plans import SendingRules
from include.domain.reports import EditionState
from include.domain.sign_off import Hand
from include.domain.units import RosterChange
from include.gateways.ledger import Ledger
from include.settings import Settings
from include.steps import plan
from include.steps import report as step
from include.steps.ports import Gateways
from tests import factories
from tests.desk.airflow_rows import RUN, add_task, asks
from tests.desk.conftest import LAUNCH, Web, fill_owing

WAITS = TaskInstanceState.AWAITING_INPUT
ON = date(2024, 6, 5)
AT = datetime(2024, 6, 5, 2, tzinfo=UTC)
CAMPAIGN = factories.campaign()
REPORT = CAMPAIGN.report("self_check_statistics")
DAG, PHASE = CAMPAIGN.report_dag_id(REPORT), "wushen_2024__self_check"


@pytest.fixture(scope="module")
def compiled(empty_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose ledger has the first edition, before 经办; its archive has the files."""
    home = tmp_path_factory.mktemp("compiled")
    ledger = fill_owing(empty_ledger, home / "ledger.db")
    using = looking(Settings(home=home), ledger_url=f"sqlite:///{ledger}")
    draft = step.compile_edition(CAMPAIGN, REPORT, occasion(using), on=ON, using=using)
    assert draft.edition_id == 1
    until = AT + timedelta(hours=48)
    using.ledger.editions.ask(1, Hand.PREPARED, post_key="office_staff", run=RUN, page="", at=AT, until=until)
    using.close()
    return home


@pytest.fixture
def laid(make_web: Callable[..., Web], compiled: Path, tmp_path: Path) -> Web:
    """The first edition waits for 经办."""
    shutil.copytree(compiled, tmp_path, dirs_exist_ok=True)
    web = make_web(tmp_path / "ledger.db", today=ON)
    draft = {"edition_id": 1, "goes_on": True, "text": "", "trouble": ""}
    add_task(web.airflow, DAG, "compile_edition", xcom={"return_value": draft})
    add_task(web.airflow, DAG, "sign_prepared", state=WAITS, asks=asks("officer", subject="请经办"))
    add_task(web.airflow, DAG, "record_prepared", state=None)
    return web


def occasion(using: Gateways) -> Occasion:
    found = step.occasion_of_day(CAMPAIGN, REPORT, on=ON, using=using)
    assert found is not None
    return found


def test_the_page_shows_what_goes_up_and_who_signs(laid: Web) -> None:
    page = laid.as_("officer").get("/approvals/1").text
    assert "自查自纠情况统计表第1版" in page
    assert "应报单位" in page
    assert "项勾稽关系全部相符" in page
    assert "请您办理" in page
    assert f'data-url="/api/v2/dags/{DAG}/dagRuns/{RUN}/taskInstances/sign_prepared/-1/hitlDetails"' in page
    assert 'data-yes="同意"' in page


@pytest.mark.parametrize("user", ["approver", "auditor", "admin"])
def test_whose_hand_it_is_not_sees_it_and_cannot_answer(laid: Web, user: str) -> None:
    page = laid.as_(user).get("/approvals/1").text
    assert "由 officer 办理" in page
    assert "data-answer" not in page


def test_the_list_tells_ones_own_from_the_others(laid: Web) -> None:
    mine = laid.as_("officer").get("/approvals").text
    assert 'href="/approvals/1">请经办' in mine
    assert "等其他人员办理" not in mine
    assert "没有等您办理的审批" in laid.as_("approver").get("/approvals").text


def test_the_files_are_the_very_files(laid: Web) -> None:
    using = laid.office.using
    (file, *_) = using.ledger.editions.get(1).files
    answer = laid.as_("auditor").get("/approvals/1/files/1")
    assert answer.content == using.archive.get(file.sha256)
    sheets = laid.as_("auditor").get("/approvals/1/sheets/1").text
    assert "报送情况表" in sheets
    assert "自查自纠报送情况统计表" in sheets
    assert laid.as_("auditor").get("/approvals/1/files/9").status_code == 404


@pytest.mark.parametrize("path", ["1", "1/files/1", "1/sheets/1", f"sending/{PHASE}/{RUN}"])
def test_who_sees_one_county_sees_no_report_of_all(laid: Web, path: str) -> None:
    assert laid.as_("county").get(f"/approvals/{path}").status_code == 403


def test_another_campaigns_report_is_as_if_it_were_not_there(laid: Web) -> None:
    laid.office.access.path.write_text(
        "users: {officer: {role: officer, campaigns: [anhui_2024]}}", encoding="utf-8"
    )
    laid.office.access._read_at = None
    browser = laid.as_("officer")
    assert browser.get("/approvals/1").status_code == 404
    assert browser.get("/approvals/1/files/1").status_code == 404
    assert browser.get(f"/approvals/sending/{PHASE}/{RUN}").status_code == 404
    assert "请经办" not in browser.get("/approvals").text
    assert browser.get("/approvals/99").status_code == 404


def test_an_answer_given_is_told_to_be_on_its_way_and_asked_no_more(laid: Web) -> None:
    with laid.airflow.begin() as connection:
        connection.execute(text("update task_instance set state='success' where task_id='sign_prepared'"))
    page = laid.as_("officer").get("/approvals/1").text
    assert "正在办理" in page
    assert "data-answer" not in page


def test_an_answer_that_cannot_stand_says_why(laid: Web) -> None:
    with laid.airflow.begin() as connection:
        connection.execute(text("delete from task_instance where task_id like '%_prepared'"))
        connection.execute(text("update dag_run set state = 'failed'"))
    add_task(laid.airflow, DAG, "sign_prepared")
    why = {"fault": "同一人不得签批两道"}
    failed = {"state": TaskInstanceState.FAILED, "xcom": why}
    add_task(laid.airflow, DAG, "record_prepared", **failed)
    assert "同一人不得签批两道" in laid.as_("officer").get("/approvals/1").text


def test_once_returned_the_reason_stands_there(laid: Web) -> None:
    using = laid.office.using
    using.ledger.editions.sign(
        1, Hand.PREPARED, approved=False, by="officer", user="officer", reason="第3表金额有误", at=AT
    )
    assert using.ledger.editions.get(1).state is EditionState.REJECTED
    page = laid.as_("officer").get("/approvals/1").text
    assert "第3表金额有误" in page
    assert "data-answer" not in page


def test_a_second_edition_is_held_against_the_first(laid: Web) -> None:
    using = laid.office.using
    using.ledger.editions.sign(
        1, Hand.PREPARED, approved=False, by="officer", user="officer", reason="重新核对", at=AT
    )
    draft = step.compile_edition(CAMPAIGN, REPORT, occasion(using), on=ON, again="已核对", using=using)
    page = laid.as_("officer").get(f"/approvals/{draft.edition_id}").text
    assert "与第1版相比的变化" in page
    assert "指标没有变化" in page
    assert "已核对" in page


@pytest.mark.parametrize(
    ("user", "may"), [("approver", True), ("officer", False), ("auditor", False), ("admin", False)]
)
def test_a_batch_for_anybody_with_the_right_is_answered_by_no_other(laid: Web, user: str, may: bool) -> None:
    add_task(laid.airflow, PHASE, "approve_sending", state=WAITS, asks=asks(subject="批量发送审批"))
    page = laid.as_(user).get(f"/approvals/sending/{PHASE}/{RUN}").text
    assert ("data-answer" in page) is may
    assert "正文" in page


@pytest.fixture
def batch(make_web: Callable[..., Web], owing_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """The launch notices of four units wait for the director; one of them cannot be written to."""
    monkeypatch.setenv("DUBAN_TOKEN_KEY", "k" * 40)
    monkeypatch.setenv("DUBAN_APPROVE_ABOVE", "0")
    ledger, lost = Ledger(f"sqlite:///{owing_ledger}"), factories.make_unit(3, email=None)
    change = RosterChange(kind="changed", unit=lost, effective_on=LAUNCH, reason="邮箱停用")
    ledger.roster.adjust(CAMPAIGN.id, [change], actor="test")
    ledger.close()
    web = make_web(owing_ledger)
    web.office.using.__dict__["sending"] = SendingRules(approve_above=0)
    phase = CAMPAIGN.phase("self_check")
    plan.launch(CAMPAIGN, phase, on=LAUNCH, units=None, using=web.office.using)
    asked = asks(subject="批量发送审批")
    add_task(web.airflow, PHASE, "approve_sending", state=WAITS, asks=asked, conf={"on": str(LAUNCH)})
    return web


def test_a_batch_is_laid_open_with_samples_as_they_would_be_sent(batch: Web) -> None:
    browser = batch.as_("approver")
    page = browser.get(f"/approvals/sending/{PHASE}/{RUN}").text
    assert "无法通知的单位 1 家" in page
    assert page.count("<iframe") == 3
    assert page.count("sandbox") == 3
    assert "示例单位1" in page
    assert ".xlsx" in page, "the names of what is attached"
    [source, *_] = re.findall(r'<iframe[^>]* src="([^"]+)"', page)
    body = browser.get(html.unescape(source))
    assert body.status_code == 200
    assert "sandbox" in body.headers["content-security-policy"]
    assert "自查自纠" in body.text


def test_whom_a_batch_concerns_goes_to_excel_with_the_reason_why_not(batch: Web) -> None:
    browser = batch.as_("approver")
    path = f"/approvals/sending/{PHASE}/{RUN}"
    [key] = set(re.findall(r"xlsx=(people_\d+)", browser.get(path).text))
    sheet = load_workbook(BytesIO(browser.get(f"{path}?xlsx={key}").content)).active
    rows = {row[0]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert len(rows) == 4
    assert rows["P15062600001"][2:4] == ("p15062600001@unit.example", "发送")
    assert rows["P15062600003"][3] == "无法通知"


def test_what_was_planned_later_is_not_laid_before_them(batch: Web) -> None:
    with batch.airflow.begin() as connection:
        connection.execute(text('update dag_run set conf = \'{"on": "2024-05-01"}\''))
    assert "<iframe" not in batch.as_("approver").get(f"/approvals/sending/{PHASE}/{RUN}").text
