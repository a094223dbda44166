"""The forms and the runs of what may be started by hand, as Airflow's own database has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.serialized_dag import SerializedDagModel
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.utils.state import State, TaskInstanceState
from sqlalchemy import select
from sqlalchemy.orm import Session

from include.desk.airflow_state import DAG_TITLE, TASK_TITLE, log_page
from include.wiring.dags import FAULT

RESULT = "return_value"


@dataclass(frozen=True, slots=True)
class Form:
    """A DAG as somebody may start it by hand: its page for staff and its fields in order."""

    dag_id: str
    title: str
    page: str
    is_paused: bool
    fields: tuple[tuple[str, Any, dict[str, Any]], ...]
    """Name, default, JSON schema with Airflow's words (``section``, ``values_display``, ``description`` …)."""


@dataclass(frozen=True, slots=True)
class Task:
    """``result`` is what it handed on, ``fault`` the sentence with which it failed."""

    task_id: str
    title: str
    state: str | None
    result: Any = None
    fault: str = ""

    @property
    def has_ended(self) -> bool:
        return self.state in State.finished

    @property
    def is_waiting(self) -> bool:
        """For a person."""
        return self.state == TaskInstanceState.AWAITING_INPUT


@dataclass(frozen=True, slots=True)
class Run:
    """A run started by hand: what was filled in, by whom, and how far it is."""

    dag_id: str
    run_id: str
    title: str
    state: str
    values: Mapping[str, Any]
    user: str
    started_at: datetime
    tasks: tuple[Task, ...]

    @property
    def has_ended(self) -> bool:
        return self.state in State.finished_dr_states

    @property
    def is_dry(self) -> bool:
        """Looked at only: the default of every form that knows the difference."""
        return bool(self.values.get("dry_run", False))

    @property
    def campaign_id(self) -> str | None:
        campaign, _, phase = self.dag_id.partition("__")
        return campaign if phase else self.values.get("campaign")

    @property
    def failed(self) -> Task | None:
        """The task on which the run failed."""
        return next((each for each in self.tasks if each.state == TaskInstanceState.FAILED), None)

    @property
    def log(self) -> str:
        """The path within Airflow of the log one looks at first."""
        return log_page(self.dag_id, self.run_id, self.failed.task_id if self.failed else "")


def titles(session: Session) -> dict[str, str]:
    """Title by id of every DAG there is."""
    rows = session.execute(
        select(DagModel.dag_id, DAG_TITLE).where(DagModel.is_stale.is_(False)).order_by(DagModel.dag_id)
    )
    return dict(rows.all())


def form(session: Session, dag_id: str) -> Form | None:
    """The form of a DAG as it was last read from its file; None when there is no such DAG."""
    row = session.scalar(select(DagModel).where(DagModel.dag_id == dag_id, DagModel.is_stale.is_(False)))
    dag = SerializedDagModel.get_dag(dag_id, session=session) if row else None
    if row is None or dag is None:
        return None
    fields = []
    for name in dag.params:
        param = dag.params.get_param(name)
        schema = {**param.schema, "description": param.description or ""}
        fields.append((name, dag.params[name], schema))
    return Form(dag_id, row.dag_display_name, dag.doc_md or "", bool(row.is_paused), tuple(fields))


def run(session: Session, dag_id: str, run_id: str) -> Run | None:
    """A run with its tasks; None when there is no such run."""
    row = session.execute(
        select(
            DAG_TITLE,
            DagRun.state,
            DagRun.conf,
            DagRun.triggering_user_name,
            DagRun.run_after,
        )
        .join(DagModel, DagModel.dag_id == DagRun.dag_id)
        .where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
    ).first()
    if row is None:
        return None
    title, state, conf, user, started_at = row
    tasks = _tasks(session, dag_id, run_id)
    return Run(dag_id, run_id, title, str(state), conf or {}, user or "", started_at, tasks)


def _tasks(session: Session, dag_id: str, run_id: str) -> tuple[Task, ...]:
    """In the order in which they ran; those that have not begun last."""
    left: dict[str, dict[str, Any]] = {}
    query = select(XComModel.task_id, XComModel.key, XComModel.value).where(
        XComModel.dag_id == dag_id, XComModel.run_id == run_id, XComModel.key.in_((RESULT, FAULT))
    )
    for task_id, key, value in session.execute(query):
        left.setdefault(task_id, {})[key] = value
    rows = session.execute(
        select(TaskInstance.task_id, TASK_TITLE, TaskInstance.state)
        .where(TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id)
        .order_by(TaskInstance.start_date.is_(None), TaskInstance.start_date, TaskInstance.task_id)
    )
    found = []
    for task_id, title, state in rows:
        said = left.get(task_id, {})
        fault = str(said.get(FAULT) or "") if state == TaskInstanceState.FAILED else ""
        found.append(Task(task_id, title, state, said.get(RESULT), fault))
    return tuple(found)
