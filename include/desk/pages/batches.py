"""批量发送审批: a batch of mails as it is laid before a person, each kind with samples in full and everybody it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response

from include.desk import airflow_acts, airflow_state
from include.desk import asked as asked_for
from include.desk.airflow_state import AirflowState
from include.desk.pages.approvals import answer_to, is_for, refuse_one_county, state_of
from include.desk.paper import SHANGHAI, address, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table, export
from include.domain.campaign import Campaign
from include.domain.errors import NotFound
from include.steps import laid_batches
from include.steps.laid_batches import BatchLine, LaidBatch

router = APIRouter()

SENDING = "approve_sending"
NO_RUN = "没有这次批量发送，请从“审批”页进入。"
_BATCHES = (
    Column("step", "档次", width=24),
    Column("kind", "类别", width=16),
    Column("due_on", "报送截止", "day"),
    Column("entered", "拟发送（份）", "count"),
    Column("mails", "合并后约（封）", "count", help="同一联系人的几家单位合并为一封"),
    Column("unreached", "无法通知（家）", "count"),
    Column("spared", "本次不发（家）", "count", help="已报送、已发过本档等，名单见“收件名单”"),
)
_PEOPLE = (
    Column("code", "机构编码", width=18),
    Column("name", "单位", link="page", width=36),
    Column("address", "收件邮箱", width=34),
    Column("said", "本次", width=14),
    Column("why", "说明", width=50),
)


@router.get("/approvals/sending/{dag_id}/{run_id:path}")
def approve_sending(request: Request, who: Seen, airflow: AirflowState, dag_id: str, run_id: str) -> Response:
    refuse_one_county(who)
    campaign_id, _, phase_key = dag_id.partition("__")
    campaign = who.campaign(campaign_id)
    waiting = airflow_state.waiting_task(airflow, dag_id, run_id, SENDING)
    run = airflow_acts.run(airflow, dag_id, run_id)
    if run is None:
        raise NotFound(NO_RUN)
    on = asked_for.day(str(run.values.get("on") or "")) or run.started_at.astimezone(SHANGHAI).date()
    laid = _laid(campaign, phase_key, on, who) if waiting else ()
    root = root_of(request)
    people = [_people(each, campaign, root) for each in laid]
    about = f"{campaign.title}；{run.title}"
    return export(request, people, about=about) or show(
        request,
        "approval_sending.html.j2",
        who,
        campaign=campaign,
        run=run,
        waiting=waiting,
        is_mine=waiting is not None and is_for(who, waiting),
        answer_to=answer_to(request, dag_id, run_id, SENDING),
        state=state_of(run, waiting),
        table=Table("batches", "等待批准的批次", _BATCHES, [_batch(each) for each in laid]),
        on=on,
        laid=list(zip(laid, people, strict=True)),
    )


def _laid(campaign: Campaign, phase_key: str, on: date, who: Visitor) -> Sequence[LaidBatch]:
    """What the run of that day laid before somebody: what was planned later they have not seen."""
    phase = next((each for each in campaign.phases if each.key == phase_key), None)
    return laid_batches.read(campaign, phase, on=on, using=who.using) if phase else ()


def _batch(each: LaidBatch) -> dict[str, Any]:
    return {
        "step": each.step_title,
        "kind": each.batch.kind.zh,
        "due_on": each.batch.due_on,
        "entered": each.batch.entered,
        "mails": len({line.address.lower() for line in each.lines if line.is_planned}),
        "unreached": len(each.unreached) or None,
        "spared": len(each.spared) or None,
        "tone": "warn",
    }


def _people(each: LaidBatch, campaign: Campaign, root: str) -> Table:
    return Table(
        f"people_{each.batch.id}",
        f"收件名单（{each.step_title}）",
        _PEOPLE,
        [_person(line, campaign, root) for line in each.lines],
    )


def _person(line: BatchLine, campaign: Campaign, root: str) -> dict[str, Any]:
    said = "发送" if line.is_planned else "不发" if line.address else "无法通知"
    return {
        "code": line.unit_code,
        "name": line.unit_name,
        "address": line.address,
        "said": said,
        "why": "" if line.is_planned else line.why,
        "page": address(f"{root}/units", campaign.id, line.unit_code),
        "tone": "" if line.is_planned or line.address else "bad",
    }
