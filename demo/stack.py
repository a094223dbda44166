"""An Airflow of its own on this machine: SQLite, LocalExecutor, a mail server that delivers into a folder.

``python -m demo.stack start|stop|status``. The components are started one by one, because
``airflow standalone`` leaves its children behind when it is stopped by SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

from demo.environment import ADMIN, ROLES, ROOT, Ports, Secrets, airflow_env
from demo.processes import Process, last_lines, stop
from demo.rest import Api
from demo.servers import Account

HOME = ROOT / ".airflow"
AIRFLOW = ("api-server", "scheduler", "dag-processor")
MAIL = "mail-server"


class NotStarted(Exception):
    """A component ended or did not get healthy; the message has the end of its log."""


class Stack:
    """One home is one stack; several may run side by side on different ports."""

    title = "督办 Duban 演示：单机（SQLite、LocalExecutor）"
    ports_of: type[Ports] = Ports

    def __init__(
        self,
        home: Path = HOME,
        *,
        dags: Path = ROOT / "dags",
        extra: Mapping[str, str] | None = None,
        with_mail: bool = True,
    ) -> None:
        self.home = home.resolve()
        self.mails = self.home / "mails"
        self._dags = dags
        self._extra = dict(extra or {})
        self._with_mail = with_mail
        self._state = self.home / "stack.json"
        self._logs = self.home / "logs"

    @property
    def ports(self) -> Ports:
        """The ports in use, or used last."""
        return self.ports_of(**self._read()["ports"])

    @property
    def env(self) -> dict[str, str]:
        """What the components are told; for commands that are to work on the same ledger."""
        return self._env(self.ports)

    def is_running(self) -> bool:
        """Whether every component is alive; not yet whether it is healthy."""
        processes = self._processes()
        return bool(processes) and all(process.is_alive() for process in processes)

    def start(self) -> None:
        """Start what is not running. A half-dead stack is stopped first; a running one is left alone."""
        if self.is_running():
            return
        self.stop()
        self._logs.mkdir(parents=True, exist_ok=True)
        state = self._read()
        ports = self.ports_of.choose(state["ports"])
        self._write(state | {"ports": asdict(ports)})
        self._prepare(self._env(ports))
        prepared = {name for name, alive in self.statuses().items() if alive}
        for name in self._commands(ports):
            if name not in prepared:
                self._launch(name)

    def _launch(self, name: str) -> None:
        """Start one component, in the place of one of that name that has ended."""
        process = Process.start(
            name,
            self._commands(self.ports)[name],
            env=self.env | self._own_env(name),
            cwd=ROOT,
            log=self._log(name),
            account=self._account(name),
        )
        # Written down one by one: an interrupted start leaves nothing that stop would not find.
        state = self._read()
        others = [each for each in state["processes"] if each["name"] != name]
        gone = [each for each in state["processes"] if each["name"] == name]
        now = {"processes": [*others, asdict(process)], "replaced": [*state["replaced"], *gone]}
        self._write(state | now)

    def wait_until_healthy(self, timeout: float = 120) -> None:
        """Raise NotStarted when a component ends, or is not healthy after so many seconds."""
        until = time.monotonic() + timeout
        while not self._is_healthy():
            dead = [process.name for process in self._processes() if not process.is_alive()]
            if dead:
                raise NotStarted(f"组件 {dead[0]} 已退出，日志最后20行：\n{last_lines(self._log(dead[0]))}")
            if time.monotonic() > until:
                raise NotStarted(f"等待{timeout:.0f}秒后仍未就绪，请查看 {self._logs} 下的日志")
            time.sleep(0.2)

    def stop(self) -> None:
        """End every process this stack started, and no other."""
        # One that crashed may have left behind what it had started.
        replaced = [Process(**process) for process in self._read()["replaced"]]
        stop([*self._processes(), *replaced])
        if self._state.exists():
            self._write(self._read() | {"processes": [], "replaced": []})

    def api(self, user: str = ADMIN) -> Api:
        return Api(self.ports.api_url, user, self.password(user))

    def password(self, user: str) -> str:
        return Secrets.of(self.home).passwords[user]

    def statuses(self) -> dict[str, bool]:
        """Component → alive."""
        return {process.name: process.is_alive() for process in self._processes()}

    def _env(self, ports: Ports) -> dict[str, str]:
        return airflow_env(self.home, ports, self._extra, dags=self._dags)

    def _own_env(self, name: str) -> dict[str, str]:
        """What this component alone is told."""
        return {}

    def _account(self, name: str) -> Account | None:
        """Whom this component runs as, if not as the caller."""
        return None

    def _commands(self, ports: Ports) -> dict[str, list[str]]:
        commands = {name: [sys.executable, "-m", "airflow", name] for name in AIRFLOW}
        if self._with_mail:
            commands[MAIL] = [
                *(sys.executable, "-m", "include.rehearsal.mail_server"),
                *("--port", str(ports.mail), "--folder", str(self.mails)),
            ]
        return commands

    def _prepare(self, env: Mapping[str, str]) -> None:
        """Bring Airflow's database to this Airflow's version; seconds that a second start saves."""
        airflow = version("apache-airflow")
        if self._read()["migrated"] == airflow and (self.home / "airflow.db").exists():
            return
        self._run("migrate", [sys.executable, "-m", "airflow", "db", "migrate"], env)
        self._write(self._read() | {"migrated": airflow})

    def _run(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Run a command to its end. Raise NotStarted with its last words when it fails."""
        log = self._log(name)
        with log.open("wb") as output:
            done = subprocess.run(
                command,
                env=dict(env),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise NotStarted(f"{name} 失败，日志最后20行：\n{last_lines(log)}")

    def _is_healthy(self) -> bool:
        try:
            answer = httpx.get(f"{self.ports.api_url}/api/v2/monitor/health", timeout=5, trust_env=False)
        except httpx.HTTPError:
            return False
        if answer.is_error:
            return False
        health = answer.json()
        parts = ("metadatabase", "scheduler", "dag_processor")
        return self.is_running() and all(health[part]["status"] == "healthy" for part in parts)

    def _processes(self) -> list[Process]:
        return [Process(**process) for process in self._read()["processes"]]

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _read(self) -> dict[str, Any]:
        empty: dict[str, Any] = {
            "ports": asdict(self.ports_of()),
            "processes": [],
            "replaced": [],
            "migrated": "",
        }
        if not self._state.exists():
            return empty
        return {**empty, **json.loads(self._state.read_text(encoding="utf-8"))}

    def _write(self, state: Mapping[str, object]) -> None:
        draft = self._state.with_suffix(".tmp")
        draft.write_text(json.dumps(state, indent=2), encoding="utf-8")
        draft.replace(self._state)


def _start(stack: Stack) -> int:
    began = time.monotonic()
    try:
        stack.start()
        stack.wait_until_healthy()
    except NotStarted as failure:
        print(failure, file=sys.stderr)
        stack.stop()
        return 1
    print(f"已就绪，用时{time.monotonic() - began:.1f}秒：{stack.ports.api_url}")
    for user in ROLES:
        print(f"  用户 {user}  密码 {stack.password(user)}")
    return 0


def _stop(stack: Stack) -> int:
    stack.stop()
    print("已停止")
    return 0


def _status(stack: Stack) -> int:
    statuses = stack.statuses()
    for name, alive in statuses.items():
        print(f"{name:14} {'运行中' if alive else '已退出'}")
    if not stack.is_running():
        print("未运行" if not statuses else "部分组件已退出，请重新启动")
        return 1
    print(stack.ports.api_url)
    return 0


def main(kind: type[Stack] = Stack, home: Path = HOME) -> int:
    """Start, stop or look at a stack of that kind."""
    actions = {"start": _start, "stop": _stop, "status": _status}
    parser = argparse.ArgumentParser(
        prog=f"python -m {kind.__module__}", description=f"启动、停止、查看 {kind.title}"
    )
    parser.add_argument("action", choices=actions)
    parser.add_argument("--home", type=Path, default=home, help=f"数据目录，默认为项目下的 {home.name}")
    asked = parser.parse_args()
    return actions[asked.action](kind(asked.home))


if __name__ == "__main__":
    sys.exit(main())
