from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    title: str
    default: int
    least: int
    most: int
    unit: str


@dataclass(frozen=True, slots=True)
class Rule:
    key: str
    number: str
    title: str
    basis: str
    logic: str
    result: str
    interval: str
    scene: str
    parameters: tuple[Parameter, ...]
    caveats: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    version: int = 1
    effective_from: str = "2024-01-01"
