"""What ``docker-compose.yml`` says, for whoever runs the same services without containers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from demo.environment import ROOT

FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")
IMAGE = "duban:"


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text as Compose would read it with that ``.env``."""

    def value(match: re.Match[str]) -> str:
        name, kind, word = match.groups()
        return values.get(name) or (word if kind == "-" else "")

    return VARIABLE.sub(value, text).replace("$$", "$")


def services() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"])


@dataclass(frozen=True, slots=True)
class Component:
    """A service of our own image that stays: what it runs, and how many of it."""

    name: str
    command: list[str]
    copies: int

    @property
    def names(self) -> list[str]:
        """One per copy: ``scheduler-1``, ``scheduler-2``; just the name where there is one."""
        if self.copies == 1:
            return [self.name]
        return [f"{self.name}-{number}" for number in range(1, self.copies + 1)]


def components() -> list[Component]:
    """The components of Airflow in the order of the file: those given as arguments to ``airflow``."""
    return [
        Component(name, shlex.split(service["command"]), service.get("deploy", {}).get("replicas", 1))
        for name, service in services().items()
        if service["image"].startswith(IMAGE) and isinstance(service["command"], str)
    ]


def environment(service: str, values: Mapping[str, str]) -> dict[str, str]:
    """The service's environment with that ``.env``."""
    return {name: filled(str(text), values) for name, text in services()[service]["environment"].items()}
