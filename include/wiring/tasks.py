"""One task: its Chinese title, its day, its gateways, and what its failure says."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.sdk import task

from include.domain.campaign import TIMEZONE
from include.settings import Settings
from include.wiring.connections import ledger_url, smtp_account
from include.wiring.forms import AUTO_STEP
from include.wiring.privacy import keep_persons_out_of_logs, told
from include.wiring.processes import desk_page
from include.wiring.rights import demand_start

if TYPE_CHECKING:
    from include.steps.ports import Gateways

log = logging.getLogger(__name__)

SHANGHAI = ZoneInfo(TIMEZONE)


@dataclass(frozen=True, slots=True)
class Run:
    """What one task is asked to do: for which day, which units, which rung, with which gateways; its ``id`` and form."""

    on: date
    units: frozenset[str] | None
    step_key: str | None
    is_rehearsal: bool
    using: Gateways
    id: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    """The fields of the form a person filled in to start the run."""
    user: str = ""
    """The Airflow user who started the run by hand; empty for any other run."""


def work(title: str, *, kind: Callable[..., Any] = task, **options: Any) -> Callable[..., Any]:
    """Turn ``function(run, *inputs)`` into a task that carries its Chinese title and its gateways.

    A lasting fault fails the task at once, with its own sentence, instead of being tried again.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        def at_work(*inputs: Any, dag_run: Any = None, params: Any = None, part: Any = None) -> Any:
            from include.assembly import sending

            keep_persons_out_of_logs()
            using = sending(
                Settings(),
                ledger_url=ledger_url(),
                smtp=smtp_account(),
                approvals_page=desk_page("/approvals"),
            )
            try:
                if user := _started_by(dag_run):
                    demand_start(dag_run.dag_id, user, params)
                # A mapped task is given its part by name.
                parts = () if part is None else (part,)
                result = function(_run(dag_run, params, using), *inputs, *parts)
            except Exception as fault:
                shown, cause = told(fault)
                if shown is fault:
                    raise
                raise shown from cause
            finally:
                using.close()
            if result is not None:
                log.info("办理结果：%s", result)
            return result

        # Airflow would log the result as it is, and a page to be approved names contacts.
        facts = {"task_display_name": title, "doc_md": function.__doc__, "show_return_value_in_logs": False}
        return kind(task_id=function.__name__, **(facts | options))(at_work)

    return decorate


def _run(dag_run: Any, params: dict[str, Any], using: Gateways) -> Run:
    step = params.get("step", AUTO_STEP)
    return Run(
        on=run_day(dag_run, params),
        units=frozenset(code.strip() for code in params.get("units") or () if code.strip()) or None,
        step_key=None if step == AUTO_STEP else step,
        is_rehearsal=is_rehearsal(dag_run, params),
        using=using,
        id=dag_run.run_id,
        params=dict(params),
        user=_started_by(dag_run),
    )


def _started_by(dag_run: Any) -> str:
    """The Airflow user who started the run by hand; empty for any other run."""
    return getattr(dag_run, "triggering_user_name", None) or ""


def run_day(dag_run: Any, params: dict[str, Any]) -> date:
    """The day a run is for: the one asked for, else that of ``run_after`` in Shanghai."""
    asked = params.get("on")
    if asked:
        return date.fromisoformat(asked)
    return dag_run.run_after.astimezone(SHANGHAI).date()


def is_rehearsal(dag_run: Any, params: dict[str, Any]) -> bool:
    """A run by the clock or by new data is never a rehearsal; one by hand is one unless its form says otherwise."""
    return dag_run.run_type not in ("scheduled", "asset_triggered") and bool(params.get("dry_run", True))
