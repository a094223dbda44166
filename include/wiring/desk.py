"""What office staff do by hand as Airflow DAGs: a page to fill in, what it would change, and then its entry."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any

from airflow.sdk import Param, get_parsing_context

from include.campaigns.registry import campaign_titles, load_campaigns
from include.domain.campaign import Campaign
from include.domain.desk import Act, Outcome
from include.domain.errors import GiveUp
from include.gateways.form_columns import load_page
from include.settings import Settings
from include.steps.slips import Slip
from include.wiring.airflow_dag import dag
from include.wiring.dags import DEFAULT_ARGS
from include.wiring.desk_fields import TIPSTER, act_params, campaign_param, signed_params
from include.wiring.forms import day_params
from include.wiring.tasks import Run, work

log = logging.getLogger(__name__)

NOT_ENTERED = "只预演，没有登记任何内容；核对无误后关闭“只预演，不登记”再运行"
ENTERED, UNCHANGED_ALL = "已登记", "没有变动，没有登记"
UNKNOWN_USER = "Airflow（未记录用户）"
_OF_THE_RUN = frozenset({"campaign", "why", "on", "dry_run"})


def desk_dag(
    key: str,
    title: str,
    page: str | None,
    fields: Mapping[str, Param],
    *,
    about: str = "",
    is_signed: bool = True,
) -> dict[str, Any]:
    """The arguments of a DAG staff start by hand: the page for staff, and the fields with what every page asks.

    ``about`` is said beside the campaign, the first field; what only shows something needs no signature.
    """
    which = campaign_param(campaign_titles(Settings().campaigns), about=about)
    signed = signed_params() if is_signed else day_params()
    return {
        "dag_id": key,
        "dag_display_name": f"登记·{title}",
        "doc_md": page,
        "schedule": None,
        "catchup": False,
        "max_active_runs": 1,
        "is_paused_upon_creation": False,
        "default_args": DEFAULT_ARGS,
        "dagrun_timeout": timedelta(hours=2),
        "params": {**which, **fields, **signed},
        "tags": ["desk", key.split("_")[1]],
    }


def is_wanted(key: str) -> bool:
    """Whether this process is to build that DAG: one that runs a task builds no other."""
    return get_parsing_context().dag_id in (None, key)


def record_desk(act: Act, page: str | None) -> None:
    """Register the DAG of one act on a register: its one task says what changes, and enters it if wanted."""
    if not is_wanted(act.key):
        return
    fields = act_params(act, load_page(act.register))
    about = TIPSTER if act.register == "tip" else ""

    @dag(**desk_dag(act.key, act.title, f"{page}\n{act.about}\n", fields, about=about))
    def desk() -> None:
        @at_desk("核对变动，确认后登记")
        def enter(slip: Slip) -> Outcome:
            """Old and new value of every field; nothing is entered in a dry run."""
            from include.steps import desk as step

            return step.record(act, slip)

        enter()

    desk()


def at_desk(title: str) -> Callable[..., Any]:
    """Turn ``function(slip)`` into a task that tells its outcome in the log and returns it.

    What the rules refuse fails the task for good, in one sentence.
    """

    def decorate(function: Callable[[Slip], Outcome]) -> Any:
        @wraps(function)
        def on_slip(run: Run) -> dict[str, Any]:
            try:
                outcome = function(_slip(run))
            except ValueError as refusal:
                raise GiveUp(str(refusal)) from refusal
            return _told(outcome, run)

        return work(title, retries=1)(on_slip)

    return decorate


def _slip(run: Run) -> Slip:
    return Slip(
        campaign=campaign_of(run),
        on=run.on,
        by=run.user or UNKNOWN_USER,
        reason=str(run.params.get("why") or "").strip(),
        answers={
            name: str(value).strip()
            for name, value in run.params.items()
            if name not in _OF_THE_RUN and value not in (None, "")
        },
        dry_run=run.is_rehearsal,
        using=run.using,
    )


def campaign_of(run: Run) -> Campaign:
    """The campaign chosen on the page. Raise GiveUp when its folder cannot be used."""
    key = run.params["campaign"]
    registry = load_campaigns(Settings().campaigns, only=key)
    for campaign in registry.campaigns:
        return campaign
    said = "；".join(str(error) for error in registry.broken) or "没有这个专项行动"
    raise GiveUp(f"专项行动“{key}”不能办理：{said}")


def _told(outcome: Outcome, run: Run) -> dict[str, Any]:
    entered = NOT_ENTERED if run.is_rehearsal else ENTERED
    result = entered if outcome.changes else UNCHANGED_ALL
    log.info("%s", outcome.what)
    for line in (*outcome.changes, *outcome.notes, result):
        log.info("%s", line)
    return {
        "事项": outcome.what,
        "变动": list(outcome.changes),
        "提示": list(outcome.notes),
        "结果": result,
    }
