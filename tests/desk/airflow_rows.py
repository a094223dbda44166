"""Rows of Airflow's own database, as little of them as the desk reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from airflow.models.dag import DagModel
from airflow.models.dag_version import DagVersion
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.models.tasklog import LogTemplate
from airflow.models.xcom import XComModel
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.state import DagRunState, TaskInstanceState
from sqlalchemy import Connection, Engine, insert, select

BEGAN = datetime(2024, 5, 24, 2, tzinfo=UTC)
RUN = "manual__1"
BUNDLE = "dags-folder"


def add_task(
    engine: Engine,
    dag_id: str,
    task_id: str,
    *,
    run_id: str = RUN,
    state: TaskInstanceState = TaskInstanceState.SUCCESS,
    run_state: DagRunState = DagRunState.RUNNING,
    after: timedelta = timedelta(),
    title: str = "",
    conf: dict[str, Any] | None = None,
    user: str | None = None,
    xcom: dict[str, Any] | None = None,
    asks: dict[str, Any] | None = None,
) -> None:
    """A task of a run, with what it left and, when it waits for a person, what it asks."""
    at = BEGAN + after
    with engine.begin() as connection:
        add_dag(connection, dag_id, title)
        run = _add_run(connection, dag_id, run_id, at, state=run_state, conf=conf, triggering_user_name=user)
        task = uuid4()
        of_run = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id}
        connection.execute(
            insert(TaskInstance.__table__).values(
                id=task, state=state, end_date=at, map_index=-1, pool="default", pool_slots=1, **of_run
            )
        )
        for key, value in (xcom or {}).items():
            connection.execute(
                insert(XComModel.__table__).values(dag_run_id=run, key=key, value=value, **of_run)
            )
        if asks:
            connection.execute(insert(HITLDetail.__table__).values(ti_id=task, created_at=at, **asks))


def add_dag(connection: Connection, dag_id: str, title: str = "") -> Any:
    """A DAG with one version, once; return the version's key."""
    bundles, dags, versions = (each.__table__ for each in (DagBundleModel, DagModel, DagVersion))
    known = connection.scalar(select(versions.c.id).where(versions.c.dag_id == dag_id))
    if known:
        return known
    if not connection.scalar(select(bundles.c.name)):
        connection.execute(insert(bundles).values(name=BUNDLE))
        connection.execute(insert(LogTemplate.__table__).values(id=1, filename="", elasticsearch_id=""))
    connection.execute(
        insert(dags).values(
            dag_id=dag_id, bundle_name=BUNDLE, dag_display_name=title or dag_id, is_stale=False,
            is_paused=False, max_active_tasks=1, max_consecutive_failed_dag_runs=0,
            has_task_concurrency_limits=False, timetable_summary="", fileloc="",
        )
    )  # fmt: skip
    version = uuid4()
    connection.execute(
        insert(versions).values(id=version, dag_id=dag_id, bundle_name=BUNDLE, version_number=1)
    )
    return version


def add_form(engine: Engine, dag: Any) -> None:
    """A DAG as its file was last read."""
    with engine.begin() as connection:
        version = add_dag(connection, dag.dag_id, dag.dag_display_name)
        connection.execute(
            insert(SerializedDagModel.__table__).values(
                dag_id=dag.dag_id, data=DagSerialization.to_dict(dag), dag_hash="0", dag_version_id=version
            )
        )


def _add_run(connection: Connection, dag_id: str, run_id: str, at: datetime, **values: Any) -> Any:
    runs = DagRun.__table__
    known = connection.scalar(select(runs.c.id).where(runs.c.dag_id == dag_id, runs.c.run_id == run_id))
    if known:
        return known
    values |= {"dag_id": dag_id, "run_id": run_id, "run_after": at, "end_date": at}
    done = connection.execute(insert(runs).values(run_type="manual", log_template_id=1, **values))
    return done.inserted_primary_key[0]


def asks(*users: str, subject: str = "请签批", options: tuple[str, ...] = ("同意", "退回")) -> dict[str, Any]:
    """What a task that waits for these users asks."""
    return {
        "subject": subject,
        "body": "正文",
        "options": list(options),
        "assignees": [{"id": user, "name": user} for user in users],
    }
