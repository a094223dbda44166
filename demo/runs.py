"""Starts DAG runs as an admin would in the Airflow UI, and waits for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from demo.rest import Api, Refused

DONE = frozenset({"success", "failed"})
ENDED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


SENDING_APPROVAL = "approve_sending"
PARKED = 3.0
"""Seconds: an answer within a scheduler loop of the task's parking would be lost."""


def _nobody(run_id: str) -> None:
    raise RunFailed(f"运行 {run_id} 等待批量发送审批，而没有人审批")


class RunFailed(Exception):
    """A DAG run did not end well; the message names the task and has its last words."""


class Runs:
    def __init__(self, api: Api, *, watch: Callable[[int, int], None] = lambda done, total: None) -> None:
        self._api = api
        self.watch = watch

    def wait_for_dag(self, dag_id: str, timeout: float = 90) -> None:
        """Until the DAG processor has read the DAG file. Raise RunFailed when it does not in time."""
        for _ in _ticks(timeout):
            try:
                self._api.get(f"/dags/{dag_id}")
            except Refused:
                continue
            return
        raise RunFailed(f"等待{timeout:.0f}秒后仍没有流程 {dag_id}，请在 Airflow 首页查看导入错误")

    def run(
        self, dag_id: str, on: date, timeout: float = 300, asked: Callable[[str], None] = _nobody, **conf: Any
    ) -> str:
        """Start a run for that day and wait for its end; return its id.

        ``asked`` is called with that id when a large batch of mails waits for a person.
        """
        run_id = self.start(dag_id, on, **conf)
        if self._needs(dag_id, run_id, SENDING_APPROVAL, timeout):
            asked(run_id)
        self.wait(dag_id, run_id, timeout)
        return run_id

    def _needs(self, dag_id: str, run_id: str, task_id: str, timeout: float) -> bool:
        """Wait until it is clear whether the run has such a task and stops at it."""
        for _ in _ticks(timeout):
            self._report(dag_id, run_id)
            state = self.states(dag_id, run_id).get(task_id, "removed")
            if state == "awaiting_input":
                time.sleep(PARKED)
                return True
            if state in ENDED or self._api.get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"] in DONE:
                return False
        return False

    def start(self, dag_id: str, on: date, **conf: Any) -> str:
        body = {"logical_date": None, "conf": {"on": on.isoformat(), **conf}}
        return str(self._api.post(f"/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def wait(self, dag_id: str, run_id: str, timeout: float = 300) -> None:
        """Raise RunFailed when the run fails or does not end in time."""
        for _ in _ticks(timeout):
            self._report(dag_id, run_id)
            state = self._api.get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"]
            if state == "success":
                return
            if state == "failed":
                raise RunFailed(self._why(dag_id, run_id))
        raise RunFailed(f"{dag_id} 的运行 {run_id} 在{timeout:.0f}秒内没有结束")

    def wait_for_approval(self, dag_id: str, run_id: str, task_id: str, timeout: float = 180) -> None:
        """Until the run waits for a person."""
        for _ in _ticks(timeout):
            self._report(dag_id, run_id)
            states = self.states(dag_id, run_id)
            if states.get(task_id) == "awaiting_input":
                time.sleep(PARKED)
                return
            if "failed" in states.values():
                raise RunFailed(self._why(dag_id, run_id))
        raise RunFailed(f"{dag_id} 在{timeout:.0f}秒内没有等到审批任务")

    def states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        tasks = self._api.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {task["task_id"]: task["state"] for task in tasks}

    def result(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task handed on."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return self._api.get(path, deserialize=True)["value"]

    def _report(self, dag_id: str, run_id: str) -> None:
        states = self.states(dag_id, run_id)
        self.watch(sum(state in ENDED for state in states.values()), len(states))

    def _why(self, dag_id: str, run_id: str) -> str:
        failed = [task for task, state in self.states(dag_id, run_id).items() if state == "failed"]
        words = [f"{dag_id} 的运行 {run_id} 失败：{'、'.join(failed)}"]
        for task_id in failed:
            path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/1"
            log = self._api.get(path, full_content=True)["content"]
            words += [
                str(line.get("event", line)) if isinstance(line, dict) else str(line) for line in log[-8:]
            ]
        return "\n".join(words)


def answer(api: Api, dag_id: str, run_id: str, task_id: str, option: str, **params: str) -> None:
    """Answer an approval as the user of ``api``."""
    path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"
    api.patch(path, {"chosen_options": [option], "params_input": params})


def _ticks(timeout: float, pause: float = 0.3) -> Iterator[None]:
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        yield
        time.sleep(pause)
