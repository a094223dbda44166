"""Airflow's health page and database, its workers, this machine's disks, and a file in which incidents are remembered."""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import NullPool, Row, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from upath import UPath

from include.domain.errors import GiveUp
from include.domain.incidents import Incident, Trouble
from include.gateways.places import is_local

HEALTH = "/api/v2/monitor/health"
PARTS = {"scheduler": "SchedulerJob", "dag_processor": "DagProcessorJob"}
"""On the health page, and what their rows in the table of jobs say."""
TIMEOUT = 10
"""Seconds for each thing that is asked."""
ANSWERED = 5
"""Seconds in which a worker answers, however busy its tasks are."""
_INCIDENTS = TypeAdapter(list[Incident])


FAILURES = """
SELECT task.dag_id, task.task_id,
       MAX(COALESCE(task.task_display_name, task.task_id)) AS title,
       MAX(COALESCE(dag.dag_display_name, dag.dag_id)) AS flow,
       MIN(COALESCE(tries.first_failed, task.end_date)) AS since
FROM task_instance task
JOIN dag_run run ON run.dag_id = task.dag_id AND run.run_id = task.run_id
JOIN dag ON dag.dag_id = task.dag_id
LEFT JOIN (
    SELECT dag_id, run_id, task_id, map_index, MIN(end_date) AS first_failed
    FROM task_instance_history WHERE state IN ('failed', 'up_for_retry')
    GROUP BY dag_id, run_id, task_id, map_index
) tries ON tries.dag_id = task.dag_id AND tries.run_id = task.run_id
    AND tries.task_id = task.task_id AND tries.map_index = task.map_index
WHERE COALESCE(task.state, '') NOT IN ('success', 'skipped', 'removed', 'upstream_failed', 'awaiting_input')
  AND (task.state IN ('failed', 'up_for_retry') OR tries.first_failed IS NOT NULL)
  AND task.dag_id NOT LIKE 'desk%'
  AND run.run_after > :since
  AND NOT EXISTS (
    SELECT 1 FROM task_instance later
    JOIN dag_run after ON after.dag_id = later.dag_id AND after.run_id = later.run_id
    WHERE later.dag_id = task.dag_id AND later.task_id = task.task_id AND later.state = 'success'
      AND after.run_after > run.run_after
  )
GROUP BY task.dag_id, task.task_id
ORDER BY since, task.dag_id, task.task_id
"""
"""Tasks whose last try failed, or which have failed before and are at it again. Forms refused are no failures."""
NEWEST = """
SELECT task.hostname, task.queued_dttm AS queued, task.start_date AS began
FROM task_instance task
WHERE task.hostname <> '' AND task.queued_dttm > :since AND task.start_date IS NOT NULL
  AND task.state IN ('running', 'success', 'failed')
  AND NOT EXISTS (SELECT 1 FROM hitl_detail asked WHERE asked.ti_id = task.id)
ORDER BY task.queued_dttm
"""
"""A scheduler says by its clock when a task was queued, a worker by its own when it began.

A task that waits for its next try, or has waited for a person, began before it was queued last.
"""
RUNNING = """
SELECT job_type, latest_heartbeat AS beat FROM job
WHERE state = 'running' AND latest_heartbeat IS NOT NULL AND job_type IN ('SchedulerJob', 'DagProcessorJob')
ORDER BY latest_heartbeat
"""
"""One that was killed runs here until a scheduler notices; the health page shows only the one whose clock is farthest on."""
RECENT = timedelta(hours=12)
REMEMBERED = timedelta(days=7)
"""A failure so old that nobody has made good will be made good by nobody."""


class AirflowHealth:
    """The page every API server shows without a log-in; and its database, where its address is known."""

    def __init__(self, url: str, *, database_url: str = "") -> None:
        self._database_url = database_url
        if not url.startswith(("http://", "https://")):
            raise GiveUp(f"Airflow 地址“{url}”无法识别，请写成 http://主机:8080")
        self._url = url.rstrip("/") + HEALTH

    def heartbeats(self) -> dict[str, list[datetime]]:
        """Raise ConnectionError, in a sentence, when there is no answer that says how the parts are."""
        try:
            with urllib.request.urlopen(self._url, timeout=TIMEOUT) as answer:  # noqa: S310 (checked above)
                facts = json.load(answer)
            has_database = facts["metadatabase"]["status"] == "healthy"
            shown = {part: _beat(facts[part], part) for part in PARTS} if has_database else {}
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise ConnectionError(f"{self._url} 没有给出可读的答复（{fault}）") from fault
        if not has_database:
            raise ConnectionError("Airflow 的元数据库无法访问")
        rows = self._rows(RUNNING)
        running = {
            part: [beat for row in rows if row.job_type == job and (beat := _moment(row.beat))]
            for part, job in PARTS.items()
        }
        return {part: running[part] or shown[part] for part in PARTS}

    def failures(self, *, now: datetime) -> list[Trouble]:
        """Read from Airflow's database: its API would want an account of its own."""
        return [
            Trouble(
                f"task/{row.dag_id}/{row.task_id}",
                f"任务失败：{row.flow}—{row.title}",
                "原因见 Airflow 中该任务日志最后一行或督办台“今日”页；处理后“清除”该任务重跑，或等下一次自动运行",
                _moment(row.since),
            )
            for row in self._rows(FAILURES, since=now - REMEMBERED)
        ]

    def starts(self, *, now: datetime) -> dict[str, tuple[datetime, datetime]]:
        """Of the machine's newest task, by different clocks: when it was queued, and when it began."""
        return {
            row.hostname: (queued, began)
            for row in self._rows(NEWEST, since=now - RECENT)
            if (queued := _moment(row.queued)) and (began := _moment(row.began))
        }

    def _rows(self, query: str, **values: datetime) -> Sequence[Row[Any]]:
        if not self._database_url:
            return []
        engine = create_engine(_hasty(self._database_url), poolclass=NullPool)
        try:
            with engine.connect() as connection:
                return connection.execute(text(query), values).all()
        except SQLAlchemyError as fault:
            raise ConnectionError("Airflow 的元数据库无法访问") from fault


class CeleryWorkers:
    """Whoever answers through the queue; nobody is asked where there is none (LocalExecutor, Kubernetes)."""

    def __init__(self, broker_url: str) -> None:
        self._broker_url = broker_url

    def fault(self) -> str | None:
        if not self._broker_url:
            return None
        from celery import Celery
        from kombu.exceptions import OperationalError
        from redis.exceptions import RedisError

        limits = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "max_retries": 0}
        with Celery(broker=self._broker_url, set_as_current=False) as app:
            app.conf.broker_transport_options = limits
            try:
                answers = app.control.ping(timeout=ANSWERED, limit=1)
            except (OperationalError, RedisError, OSError):
                return "任务队列（Redis）无法连接"
        return None if answers else "没有 worker 应答"


class Machine:
    """The folders of the data, with the backups below the first, and the ledger."""

    def __init__(self, folders: Mapping[str, str], ledger_url: str) -> None:
        self._folders = {title: UPath(folder) for title, folder in folders.items()}
        self._home = Path(next(iter(folders.values())))
        self._ledger_url = ledger_url

    def free_shares(self) -> dict[str, float]:
        """A disk that holds several of the folders is named once, after the first; an object store has no disk."""
        shares: dict[int, tuple[str, float]] = {}
        for title, folder in self._folders.items():
            if is_local(folder) and folder.exists():
                usage = shutil.disk_usage(folder.path)
                shares.setdefault(folder.stat().st_dev, (title, usage.free / usage.total))
        return dict(shares.values())

    def last_backup(self) -> datetime | None:
        from include.gateways.backup import read

        made = []
        for manifest in self._home.glob("backups/[!.]*/manifest.json"):
            with suppress(GiveUp):
                made.append(read(manifest.parent).made_at)
        return max(made, default=None)

    def ledger_fault(self) -> str | None:
        from include.gateways.ledger import Ledger

        ledger = Ledger(_hasty(self._ledger_url))
        try:
            ledger.outbox.attempts_made()
        except (SQLAlchemyError, OSError) as fault:
            return str(getattr(fault, "orig", fault)).strip().splitlines()[0]
        except GiveUp as fault:
            return str(fault)
        finally:
            ledger.close()
        return None


class IncidentFile:
    """Whole or as it was before; one that cannot be read is an empty one: better told twice than never."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> list[Incident]:
        with suppress(FileNotFoundError, ValidationError):
            return _INCIDENTS.validate_json(self._file.read_bytes())
        return []

    def write(self, incidents: Sequence[Incident]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        draft.write_bytes(_INCIDENTS.dump_json(list(incidents), indent=1))
        draft.replace(self._file)


def _beat(facts: dict[str, str | None], part: str) -> list[datetime]:
    beat = facts.get(f"latest_{part}_heartbeat")
    return [datetime.fromisoformat(beat)] if beat else []


def _moment(value: datetime | str | None) -> datetime | None:
    """SQLite hands on words, and no time zone."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _hasty(url: str) -> str:
    """Give up on a server that does not answer; a watch that waits watches nothing."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return url
    return address.update_query_dict({"connect_timeout": str(TIMEOUT)}).render_as_string(hide_password=False)
