"""Airflow's ``@dag``, with the form kept once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from airflow.sdk import DAG, Param
from airflow.sdk import dag as airflow_dag


def dag(
    *, params: Mapping[str, Param], **arguments: Any
) -> Callable[[Callable[[], None]], Callable[[], DAG]]:
    """As ``airflow.sdk.dag``; the parameters are the DAG's alone.

    Airflow gives every task that is made while the DAG has parameters a copy of them all, and writes each copy out: most
    of what reading hundreds of DAGs costs. A task at work is given the DAG's parameters whether it has a copy or not.
    """

    def decorate(function: Callable[[], None]) -> Callable[[], DAG]:
        made = airflow_dag(**arguments)(function)  # noqa: AIR002 - the schedule is among the arguments

        @wraps(function)
        def make() -> DAG:
            flow = made()
            flow.params = dict(params)
            return flow

        return make

    return decorate
