"""What the watch reads of Airflow's own database: which tasks failed and have not been made good."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from airflow.jobs.job import Job
from airflow.models.taskinstance import TaskInstance
from airflow.models.taskinstancehistory import TaskInstanceHistory
from airflow.utils.state import TaskInstanceState
from sqlalchemy import Engine, create_engine, insert, select, update

from include.gateways.watching import REMEMBERED, AirflowHealth, CeleryWorkers
from tests.desk.airflow_rows import BEGAN, add_task, asks
from tests.desk.conftest import empty_airflow
from tests.gateways.mail_builders import free_port
from tests.integration.health_page import health_page

__all__ = ["empty_airflow"]

INTAKE, MAIL, RUNS = "collect_returns", "receive_mail", timedelta(minutes=15)
NOW = BEGAN + timedelta(hours=6)
FAILED, RETRY = TaskInstanceState.FAILED, TaskInstanceState.UP_FOR_RETRY


@pytest.fixture
def database(empty_airflow: Path, tmp_path: Path) -> Engine:
    return create_engine(f"sqlite:///{shutil.copy(empty_airflow, tmp_path / 'airflow.db')}")


def failures(database: Engine) -> list[tuple[str, datetime | None]]:
    health = AirflowHealth("http://nobody", database_url=str(database.url))
    return [(each.key, each.since) for each in health.failures(now=NOW)]


def test_a_task_that_fails_run_after_run_is_one_trouble_since_its_first_failure(database: Engine) -> None:
    add_task(database, INTAKE, MAIL, title="收件", run_id="0", after=-RUNS)
    add_task(database, INTAKE, MAIL, run_id="1", state=FAILED)
    add_task(database, INTAKE, MAIL, run_id="2", state=RETRY, after=RUNS)
    add_task(database, INTAKE, "take_surveys", run_id="2", after=RUNS)
    assert failures(database) == [(f"task/{INTAKE}/{MAIL}", BEGAN)]
    [trouble] = AirflowHealth("http://nobody", database_url=str(database.url)).failures(now=NOW)
    assert trouble.title == "任务失败：收件—receive_mail"
    add_task(database, INTAKE, MAIL, run_id="3", after=2 * RUNS)
    assert failures(database) == []


def test_a_task_at_its_second_try_has_failed_since_its_first(database: Engine) -> None:
    add_task(database, INTAKE, MAIL, state=TaskInstanceState.RUNNING, after=RUNS)
    assert failures(database) == []
    with database.begin() as connection:
        task = connection.execute(select(TaskInstance.__table__)).mappings().one()
        columns = TaskInstanceHistory.__table__.columns.keys()
        tried = {name: value for name, value in task.items() if name in columns}
        # Every try has an id of its own.
        tried |= {"task_instance_id": uuid4(), "state": RETRY, "end_date": BEGAN, "try_number": 1}
        connection.execute(insert(TaskInstanceHistory.__table__).values(tried))
    assert failures(database) == [(f"task/{INTAKE}/{MAIL}", BEGAN)]


@pytest.mark.parametrize(
    ("dag_id", "state"), [("desk_limit_extend", FAILED), (INTAKE, TaskInstanceState.UPSTREAM_FAILED)]
)
def test_a_form_refused_and_what_only_waits_for_another_are_no_troubles(
    database: Engine, dag_id: str, state: TaskInstanceState
) -> None:
    add_task(database, dag_id, "extend", state=state)
    assert failures(database) == []


def test_what_failed_long_ago_is_done_with(database: Engine) -> None:
    add_task(database, INTAKE, MAIL, state=FAILED)
    health = AirflowHealth("http://nobody", database_url=str(database.url))
    last = BEGAN + REMEMBERED
    assert len(health.failures(now=last - timedelta(hours=2))) == 1
    assert health.failures(now=last + timedelta(hours=2)) == []


def test_of_each_machine_the_newest_start_is_told_by_both_clocks(database: Engine) -> None:
    for number in range(3):
        add_task(database, INTAKE, MAIL, run_id=str(number))
    add_task(database, INTAKE, MAIL, run_id="3", state=TaskInstanceState.QUEUED)
    add_task(database, INTAKE, MAIL, run_id="4", asks=asks("director"))
    with database.begin() as connection:
        for number, (host, queued, began) in enumerate(
            [
                *(("a", -RUNS, -2 * RUNS), ("a", timedelta(), RUNS), ("b", timedelta(), -RUNS)),
                *(("again", timedelta(), -RUNS), ("answered", timedelta(), -RUNS)),
            ]
        ):
            task = TaskInstance.__table__
            values = {"hostname": host, "queued_dttm": NOW + queued, "start_date": NOW + began}
            connection.execute(update(task).where(task.c.run_id == str(number)).values(values))
    starts = AirflowHealth("http://nobody", database_url=str(database.url)).starts(now=NOW)
    assert starts == {"a": (NOW, NOW + RUNS), "b": (NOW, NOW - RUNS)}


def test_of_each_scheduler_that_has_not_ended_the_latest_sign_of_life_is_told(database: Engine) -> None:
    def running(name: str, state: str = "running", *, after: timedelta = timedelta()) -> dict[str, object]:
        return {"job_type": name, "state": state, "latest_heartbeat": NOW + after}

    jobs = [
        *(running("SchedulerJob"), running("SchedulerJob", after=RUNS)),
        *(running("SchedulerJob", "failed", after=2 * RUNS), running("TriggererJob", after=3 * RUNS)),
        running("DagProcessorJob", "success"),
    ]
    with database.begin() as connection:
        connection.execute(insert(Job.__table__), jobs)
    with health_page() as (url, page):
        page.show()
        [shown] = AirflowHealth(url).heartbeats()["dag_processor"]
        beats = AirflowHealth(url, database_url=str(database.url)).heartbeats()
    assert datetime.now(UTC) - shown < timedelta(minutes=1)
    assert beats == {"scheduler": [NOW, NOW + RUNS], "dag_processor": [shown]}


def test_a_database_that_cannot_be_asked_says_nothing_and_one_that_is_not_known_is_not_asked() -> None:
    url = f"postgresql+psycopg2://airflow:geheim@127.0.0.1:{free_port()}/airflow"
    with pytest.raises(ConnectionError, match="元数据库") as said:
        AirflowHealth("http://nobody", database_url=url).failures(now=NOW)
    assert "geheim" not in str(said.value)
    assert AirflowHealth("http://nobody").failures(now=NOW) == []


def test_a_queue_that_cannot_be_reached_has_no_workers_and_where_there_is_none_nobody_is_missed() -> None:
    assert CeleryWorkers(f"redis://:geheim@127.0.0.1:{free_port()}/0").fault() == "任务队列（Redis）无法连接"
    assert CeleryWorkers("").fault() is None
