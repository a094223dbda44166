"""All that the desk reads of Airflow's own database: who is waited for, what failed, which forms there are.

Nothing here writes. Runs are started and answers are given by the browser through Airflow's REST API.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol
from urllib.parse import quote

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from fastapi import Depends
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from include.wiring.dags import FAULT

ACT_PREFIX = "desk_"
COMPILE_TASK = "compile_edition"
SIGN_TASK = re.compile(r"sign_(?P<hand>\w+)")
# Synonyms, which Airflow's types take for functions.
DAG_TITLE: Any = DagModel.dag_display_name
TASK_TITLE: Any = TaskInstance.task_display_name
LIMIT = 100
"""Waiting tasks and failed runs read at most; a desk with more of them has another trouble than a long page."""


def airflow_session() -> Iterator[Session]:
    with create_session(scoped=False) as session:
        yield session


AirflowState = Annotated[Session, Depends(airflow_session)]
"""A session on Airflow's database, for routes to take and the functions here to use."""


class Seeing(Protocol):
    """What of a grant matters here."""

    @property
    def campaigns(self) -> Sequence[str]: ...

    @property
    def regions(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that waits for a person's answer. ``users`` may answer; anyone with the right when it is empty."""

    dag_id: str
    run_id: str
    task_id: str
    subject: str
    body: str
    options: tuple[str, ...]
    users: tuple[str, ...]
    asked_at: datetime
    edition_id: int | None = None
    """The compiled report to be signed; None for the approval of a batch of mails."""

    @property
    def campaign_id(self) -> str:
        return self.dag_id.partition("__")[0]

    @property
    def hand(self) -> str | None:
        """Which hand is to sign a report."""
        found = SIGN_TASK.fullmatch(self.task_id)
        return found["hand"] if found else None

    @property
    def page(self) -> str:
        """The path of its page within the desk."""
        if self.edition_id is not None:
            return f"/approvals/{self.edition_id}"
        return f"/approvals/sending/{quote(self.dag_id)}/{quote(self.run_id, safe='')}"

    def is_for(self, user: str, *, may_sign: bool) -> bool:
        """Whether that user's answer is waited for: one who is named, else one with the right to sign."""
        return user in self.users if self.users else may_sign


@dataclass(frozen=True, slots=True)
class Failed:
    """A run that failed, and no later run of its DAG has succeeded since."""

    dag_id: str
    title: str
    run_id: str
    task_id: str
    sentence: str
    failed_at: datetime | None

    @property
    def page(self) -> str:
        """The path of the log within Airflow."""
        return log_page(self.dag_id, self.run_id, self.task_id)


def waiting_approvals(session: Session, grant: Seeing, *, dag_id: str | None = None) -> tuple[Waiting, ...]:
    """What waits for an answer in the campaigns of the grant, the oldest first; nothing for who sees one county only."""
    if grant.regions:
        return ()
    query = _waiting().where(_of_campaigns(TaskInstance.dag_id, grant.campaigns))
    if dag_id:
        query = query.where(TaskInstance.dag_id == dag_id)
    rows = session.execute(query.order_by(HITLDetail.created_at).limit(LIMIT))
    return tuple(_read_waiting(row) for row in rows)


def waiting_task(session: Session, dag_id: str, run_id: str, task_id: str) -> Waiting | None:
    """One task that waits; None when it waits no more."""
    query = _waiting().where(
        TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id, TaskInstance.task_id == task_id
    )
    row = session.execute(query).first()
    return _read_waiting(row) if row else None


def failed_runs(session: Session, grant: Seeing, *, since: datetime) -> tuple[Failed, ...]:
    """Runs that failed since then and were not made good by a later one, the newest first.

    An act refused is no failure, nor is a dry run: whoever filled in the form has read why.
    """
    if grant.regions:
        return ()
    later = aliased(DagRun)
    is_mended = (
        select(later.id)
        .where(
            later.dag_id == DagRun.dag_id,
            later.run_after > DagRun.run_after,
            later.state == DagRunState.SUCCESS,
            _is_for_good(later),
        )
        .exists()
    )
    query = (
        select(DagRun.dag_id, DAG_TITLE, DagRun.run_id, DagRun.end_date)
        .join(DagModel, DagModel.dag_id == DagRun.dag_id)
        .where(
            DagRun.state == DagRunState.FAILED,
            DagRun.end_date >= since,
            DagRun.dag_id.not_like(f"{ACT_PREFIX}%"),
            _of_campaigns(DagRun.dag_id, grant.campaigns),
            _is_for_good(DagRun),
            ~is_mended,
        )
        .order_by(DagRun.end_date.desc())
        .limit(LIMIT)
    )
    rows = session.execute(query).all()
    faults = _first_faults(session, [(row.dag_id, row.run_id) for row in rows])
    return tuple(
        Failed(dag_id, title, run_id, *faults.get((dag_id, run_id), ("", "")), ended)
        for dag_id, title, run_id, ended in rows
    )


def log_page(dag_id: str, run_id: str, task_id: str = "") -> str:
    """The path of a run, or of a task's log, within Airflow's pages."""
    run = f"/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}"
    return f"{run}/tasks/{quote(task_id)}" if task_id else run


def _waiting() -> Select[Any]:
    return (
        select(
            TaskInstance.dag_id,
            TaskInstance.run_id,
            TaskInstance.task_id,
            HITLDetail.subject,
            HITLDetail.body,
            HITLDetail.options,
            HITLDetail.assignees,
            HITLDetail.created_at,
            XComModel.value.label("draft"),
        )
        .join(TaskInstance, TaskInstance.id == HITLDetail.ti_id)
        .outerjoin(XComModel, _xcom_of(COMPILE_TASK, "return_value"))
        .where(TaskInstance.state == TaskInstanceState.AWAITING_INPUT, HITLDetail.responded_at.is_(None))
    )


def _read_waiting(row: Any) -> Waiting:
    users = tuple(each["name"] for each in row.assignees or ())
    edition = row.draft.get("edition_id") if isinstance(row.draft, dict) else None
    return Waiting(
        row.dag_id,
        row.run_id,
        row.task_id,
        row.subject,
        row.body or "",
        tuple(row.options),
        users,
        row.created_at,
        edition,
    )


def _xcom_of(task_id: Any, key: str) -> ColumnElement[bool]:
    """What a task of the same run left under a key."""
    return and_(
        XComModel.dag_id == TaskInstance.dag_id,
        XComModel.run_id == TaskInstance.run_id,
        XComModel.task_id == task_id,
        XComModel.key == key,
    )


def _of_campaigns(dag_id: Any, campaigns: Collection[str]) -> ColumnElement[bool]:
    """The DAGs of those campaigns and those that serve all; every DAG when none is named."""
    if not campaigns:
        return true()
    own = (dag_id.startswith(f"{each}__", autoescape=True) for each in campaigns)
    return or_(*own, ~dag_id.contains("__", autoescape=True))


def _is_for_good(run: Any) -> ColumnElement[bool]:
    """Not a dry run, which neither does anything nor makes anything good."""
    is_for_good: ColumnElement[bool] = run.conf["dry_run"].as_boolean().is_not(True)
    return is_for_good


def _first_faults(
    session: Session, runs: Collection[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """The task that failed first in each run, and the sentence it left."""
    if not runs:
        return {}
    query = (
        select(TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.task_id, XComModel.value)
        .outerjoin(
            XComModel,
            and_(_xcom_of(TaskInstance.task_id, FAULT), XComModel.map_index == TaskInstance.map_index),
        )
        .where(
            TaskInstance.state == TaskInstanceState.FAILED,
            TaskInstance.dag_id.in_({dag_id for dag_id, _ in runs}),
            TaskInstance.run_id.in_({run_id for _, run_id in runs}),
        )
        .order_by(func.coalesce(TaskInstance.end_date, TaskInstance.updated_at))
    )
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for dag_id, run_id, task_id, sentence in session.execute(query):
        first.setdefault((dag_id, run_id), (task_id, str(sentence or "")))
    return first
