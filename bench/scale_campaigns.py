"""200 campaigns on one small Airflow: how often each DAG file is read again, and how late 20 phases due at once start.

The stack of the demo (SQLite, LocalExecutor with four slots), its DAG processor with Airflow's own intervals. 180
campaigns are over; in 20 a self-check runs today, first at the end of the day. Once all DAGs are there and files have been
read again and again, their time of day is changed in the campaign files to one a few minutes ahead. How late a phase
starts is from that moment to the ``start_date`` of the run's first task.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import yaml

from bench.parse import made
from bench.templates import unit
from demo.stack import Stack
from include.assembly import looking
from include.campaigns.registry import load_calendar, load_campaign
from include.campaigns.scaffold import new_campaign
from include.gateways.ledger.database import upgrade
from include.settings import Settings
from include.timetable import SHANGHAI

FIRING, UNITS = 20, 50
BEGUN = timedelta(days=20)
"""So long ago that the mobilisation is over and the self-check is not."""
INTERVAL = 30
"""Seconds from the end of one reading of a file to the next: Airflow's default [dag_processor] min_file_process_interval."""
READERS = 2
"""Airflow's default [dag_processor] parsing_processes."""
REFRESH = "300"
"""Airflow's default [dag_processor] refresh_interval; the demo looks for new files sooner."""
WATCHED, PATIENCE = 180, 900
BAR = 120
"""Seconds from the moment they are due to the start of the last of the phases."""


@dataclass(frozen=True)
class Loop:
    """How the DAG processor keeps up. Seconds; ``busy`` is of the processor, for reading all files once.

    It keeps up as long as its readers are through with all files before the first is due again.
    """

    files: int
    dags: int
    reading: float
    busy: float
    between: float
    longest_between: float

    @property
    def once(self) -> float:
        """All files, read once by all readers."""
        return self.reading / READERS


def measured(campaigns: int) -> tuple[Loop, list[float]]:
    """The loop, and for each phase the seconds from due to start."""
    today = datetime.now(SHANGHAI).date()
    if not load_calendar().is_working_day(today):
        raise SystemExit(f"{today} is no working day in China: no phase is due")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = made(folder, campaigns - FIRING)
        names = [f"firing_{number:02d}" for number in range(FIRING)]
        for each in names:
            new_campaign(each, root, start=today - BEGUN)
        _run_at(root, names, "23:59")
        settings = {"DUBAN_CAMPAIGNS": str(root), "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": REFRESH}
        stack = Stack(folder / "airflow", extra=settings)
        try:
            stack.start()
            _rosters(root, names, folder / "airflow" / "duban")
            stack.wait_until_healthy(PATIENCE)
            return _watched(stack, root, names)
        finally:
            stack.stop()


def _run_at(root: Path, names: Sequence[str], moment: str) -> None:
    for name in names:
        file = root / name / "campaign.yaml"
        facts = yaml.safe_load(file.read_text(encoding="utf-8"))
        for phase in facts["phases"]:
            phase["run_at"] = moment
        file.write_text(yaml.safe_dump(facts, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _rosters(root: Path, names: Sequence[str], home: Path) -> None:
    """Otherwise the first task of each phase would fail."""
    url = f"sqlite:///{home / 'ledger.db'}"
    upgrade(url)
    using = looking(Settings(home=home), ledger_url=url)
    for name in names:
        campaign = load_campaign(root / name)
        using.ledger.roster.freeze(
            name,
            [unit(number) for number in range(UNITS)],
            [],
            on=campaign.starts_on,
            actor="bench",
            source_sha256="0" * 64,
        )
    using.close()


def _watched(stack: Stack, root: Path, names: Sequence[str]) -> tuple[Loop, list[float]]:
    database = Airflow(stack.home / "airflow.db")
    flows = [f"{name}__self_check" for name in names]
    _wait_for(lambda: database.dags(flows) == len(flows), "the DAGs of the phases")
    loop = _loop(stack, database)
    # A file is read at most one interval and one loop after it has changed; a minute more for a busy machine.
    lead = timedelta(seconds=loop.longest_between + 60)
    due = (datetime.now(SHANGHAI) + lead).replace(second=0, microsecond=0) + timedelta(minutes=1)
    _run_at(root, names, f"{due:%H:%M}")
    _wait_for(lambda: database.due(flows, due) == len(flows), "the new time of day in all campaigns")
    if datetime.now(SHANGHAI) >= due:
        raise SystemExit("the campaign files were read again only after the moment they name")
    print(f"all {len(flows)} phases are due at {due:%H:%M}")
    _wait_for(lambda: len(database.starts(flows)) == len(flows), "the first task of every phase")
    return loop, sorted((start - due).total_seconds() for start in database.starts(flows))


def _loop(stack: Stack, database: Airflow) -> Loop:
    processor = _processor(stack)
    busy, began = _busy(processor), time.monotonic()
    readings: dict[str, dict[str, float]] = {}
    while time.monotonic() < began + WATCHED:
        for file, read_at, seconds in database.readings():
            readings.setdefault(file, {})[read_at] = seconds
        time.sleep(0.5)
    busy = _busy(processor) - busy
    between = [
        (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds()
        for times in readings.values()
        for before, after in itertools.pairwise(sorted(times))
    ]
    count = sum(len(times) - 1 for times in readings.values())
    return Loop(
        files=len(readings),
        dags=database.count(),
        reading=sum(statistics.median(times.values()) for times in readings.values()),
        busy=busy / max(count, 1) * len(readings),
        between=statistics.median(between),
        longest_between=max(between),
    )


def _processor(stack: Stack) -> psutil.Process:
    state = json.loads((stack.home / "stack.json").read_text(encoding="utf-8"))
    return psutil.Process(next(each["pid"] for each in state["processes"] if each["name"] == "dag-processor"))


def _busy(process: psutil.Process) -> float:
    """Its own and that of the children it has waited for: each file is read by one."""
    return sum(process.cpu_times()[:4])


class Airflow:
    """What its metadata database says; read, never written."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def dags(self, flows: Sequence[str]) -> int:
        return len(self._rows(f"SELECT dag_id FROM dag WHERE dag_id IN ({_marks(flows)})", flows))

    def count(self) -> int:
        return int(self._rows("SELECT count(*) FROM dag WHERE NOT is_stale")[0][0])

    def readings(self) -> list[tuple[str, str, float]]:
        """Of each DAG file: when it was read last, and how long that took."""
        return self._rows(
            "SELECT relative_fileloc, max(last_parsed_time), max(last_parse_duration) FROM dag"
            " WHERE NOT is_stale GROUP BY relative_fileloc"
        )

    def due(self, flows: Sequence[str], moment: datetime) -> int:
        """How many of them Airflow is going to run next at that moment."""
        rows = self._rows(
            f"SELECT next_dagrun_create_after FROM dag WHERE dag_id IN ({_marks(flows)})", flows
        )
        return sum(_utc(when) == moment for (when,) in rows if when)

    def starts(self, flows: Sequence[str]) -> list[datetime]:
        """When the first task of each began."""
        rows = self._rows(
            f"SELECT min(start_date) FROM task_instance WHERE dag_id IN ({_marks(flows)})"
            " AND start_date IS NOT NULL GROUP BY dag_id",
            flows,
        )
        return [_utc(when) for (when,) in rows]

    def _rows(self, statement: str, values: Sequence[str] = ()) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(statement, values).fetchall()


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _utc(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=UTC)


def _wait_for(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise SystemExit(f"waited {PATIENCE} s for {what}")
        time.sleep(0.5)
