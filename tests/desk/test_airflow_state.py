"""What the desk reads of Airflow's own database: only what waits, only what failed for good, only one's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.models.base import Base
from airflow.utils.state import DagRunState, TaskInstanceState
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from demo.servers import NoServer
from include.desk import airflow_state
from include.domain.access import Grant, Role
from tests.desk.airflow_rows import BEGAN, RUN, add_task, asks
from tests.gateways.postgres import Server, running

EVERYTHING = Grant(role=Role.ADMIN)
OF_WUSHEN = Grant(role=Role.OFFICER, campaigns=("wushen_2024",))
OF_A_COUNTY = Grant(role=Role.VIEWER, regions=("150626",))
WAITS, FAILED = TaskInstanceState.AWAITING_INPUT, TaskInstanceState.FAILED
REPORT, PHASE = "wushen_2024__report__self_check_statistics", "wushen_2024__self_check"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        with running() as found:
            yield found
    except NoServer as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", "postgres"])
def airflow_db(request: pytest.FixtureRequest, empty_airflow: Path, tmp_path: Path) -> Iterator[Engine]:
    """Airflow's own database, as the demo and as production have it."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(empty_airflow, tmp_path / 'airflow.db')}"
    else:
        url = request.getfixturevalue("server").create(f"airflow_{tmp_path.name}"[:60])
    engine = create_engine(url)
    if request.param == "postgres":
        Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def waiting(airflow_db: Engine) -> Engine:
    draft = {"edition_id": 7, "goes_on": True}
    add_task(airflow_db, REPORT, "compile_edition", xcom={"return_value": draft})
    add_task(airflow_db, REPORT, "sign_prepared", state=WAITS, asks=asks("staff", subject="经办"))
    add_task(airflow_db, REPORT, "sign_reviewed", asks=asks("director"))
    add_task(airflow_db, PHASE, "approve_sending", state=WAITS, asks=asks(), after=timedelta(hours=1))
    add_task(airflow_db, "anhui_2024__self_check", "approve_sending", state=WAITS, asks=asks())
    return airflow_db


def test_only_tasks_that_wait_are_told_with_their_page_and_people(waiting: Engine) -> None:
    with Session(waiting) as session:
        found = airflow_state.waiting_approvals(session, OF_WUSHEN)
    assert [(each.dag_id, each.hand, each.edition_id, each.page, each.users) for each in found] == [
        (REPORT, "prepared", 7, "/approvals/7", ("staff",)),
        (PHASE, None, None, f"/approvals/sending/{PHASE}/{RUN}", ()),
    ]
    assert found[0].is_for("staff", may_sign=False)
    assert not found[0].is_for("director", may_sign=True)
    assert found[1].is_for("anybody", may_sign=True)
    assert not found[1].is_for("anybody", may_sign=False)


@pytest.mark.parametrize(("grant", "count"), [(EVERYTHING, 3), (OF_WUSHEN, 2), (OF_A_COUNTY, 0)])
def test_who_sees_what_waits(waiting: Engine, grant: Grant, count: int) -> None:
    with Session(waiting) as session:
        assert len(airflow_state.waiting_approvals(session, grant)) == count


def test_one_task_is_found_only_while_it_waits(waiting: Engine) -> None:
    with Session(waiting) as session:
        assert airflow_state.waiting_task(session, PHASE, RUN, "approve_sending")
        assert airflow_state.waiting_task(session, REPORT, RUN, "sign_reviewed") is None


def test_a_failed_run_is_told_with_its_sentence_until_a_later_one_succeeds(airflow_db: Engine) -> None:
    failed = {"state": FAILED, "run_state": DagRunState.FAILED}
    why = {"fault": "名册第3行没有机构编码"}
    hour = timedelta(hours=1)
    add_task(airflow_db, PHASE, "open_obligations", title="自查自纠", xcom=why, **failed)
    add_task(airflow_db, REPORT, "compile_edition", **failed)
    add_task(airflow_db, REPORT, "compile_edition", run_id="2", run_state=DagRunState.SUCCESS, after=hour)
    add_task(airflow_db, "collect_returns", "collect", run_id="2", after=-hour, **failed)
    add_task(airflow_db, "desk_limit_extend", "extend", **failed)
    with Session(airflow_db) as session:
        (only,) = airflow_state.failed_runs(session, EVERYTHING, since=BEGAN)
        assert airflow_state.failed_runs(session, OF_A_COUNTY, since=BEGAN) == ()
        older = airflow_state.failed_runs(session, OF_WUSHEN, since=BEGAN - hour)
    assert (only.title, only.sentence) == ("自查自纠", "名册第3行没有机构编码")
    assert only.page == f"/dags/{PHASE}/runs/{RUN}/tasks/open_obligations"
    assert [each.dag_id for each in older] == [PHASE, "collect_returns"]


def test_a_dry_run_is_no_failure_and_makes_none_good(airflow_db: Engine) -> None:
    failed = {"state": FAILED, "run_state": DagRunState.FAILED}
    hour = timedelta(hours=1)
    add_task(airflow_db, PHASE, "open_obligations", conf={"dry_run": False}, **failed)
    dry = {"conf": {"dry_run": True}, "after": hour}
    add_task(airflow_db, PHASE, "show_plan", run_id="2", run_state=DagRunState.SUCCESS, **dry)
    add_task(airflow_db, REPORT, "compile_edition", **dry, **failed)
    with Session(airflow_db) as session:
        assert [each.dag_id for each in airflow_state.failed_runs(session, EVERYTHING, since=BEGAN)] == [
            PHASE
        ]
        add_task(
            airflow_db, PHASE, "tally", run_id="3", run_state=DagRunState.SUCCESS, after=2 * hour, conf={}
        )
        assert airflow_state.failed_runs(session, EVERYTHING, since=BEGAN) == ()
