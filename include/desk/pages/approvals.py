"""审批: what waits for a hand, and exactly what is to be signed. The answer itself goes to Airflow's waiting task."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Path, Request, Response
from sqlalchemy.orm import Session

from include.desk import airflow_acts, airflow_state
from include.desk.airflow_acts import Run
from include.desk.airflow_state import AirflowState, Waiting
from include.desk.paper import address, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.sheets import sheets
from include.desk.tables import Column, Table, export
from include.domain.access import Right
from include.domain.errors import NotFound
from include.domain.reports import Edition, EditionFile
from include.steps import laid_before
from include.steps.laid_before import LaidBefore

router = APIRouter()

XLSX = ".xlsx"
NO_FILE = "这一版没有这份文件。"
OF_ONE_COUNTY = "上报材料含全部县区的数据，您的账号只能查看所辖县区。"
_FIGURES = (
    Column("title", "指标"),
    Column("last", "对比版"),
    Column("now", "本版"),
    Column("unit", "单位"),
)
_CHANGES = (
    Column("title", "指标"),
    Column("last", "原数"),
    Column("now", "现数"),
    Column("change", "增减"),
)
_CHECKS = (
    Column("title", "勾稽关系", width=60),
    Column("left", "左边", kind="money"),
    Column("relation", "应"),
    Column("right", "右边", kind="money"),
    Column("verdict", "结果"),
)
Number = Annotated[int, Path(ge=1, le=2**31)]


@router.get("/approvals")
def approvals(request: Request, who: Seen, airflow: AirflowState) -> Response:
    waiting = airflow_state.waiting_approvals(airflow, who.grant)
    mine = [each for each in waiting if is_for(who, each)]
    others = [each for each in waiting if each not in mine]
    return show(request, "approvals.html.j2", who, mine=mine, others=others)


@router.get("/approvals/{edition_id}")
def approve_edition(request: Request, who: Seen, airflow: AirflowState, edition_id: Number) -> Response:
    laid = _laid(who, edition_id)
    tables = _tables(laid)
    dag_id = laid.campaign.report_dag_id(laid.report)
    run = _last_run(airflow, laid, dag_id)
    task_id = f"sign_{laid.next_hand.hand.value}" if laid.next_hand else ""
    waiting = airflow_state.waiting_task(airflow, dag_id, run.run_id, task_id) if run and task_id else None
    title = f"{laid.report.title}{laid.edition.title}"
    return export(
        request, tables, about=f"{laid.campaign.title}，数据截至{laid.edition.compiled_on}"
    ) or show(
        request,
        "approval.html.j2",
        who,
        laid=laid,
        title=title,
        tables={each.key: each for each in tables},
        waiting=waiting,
        is_mine=waiting is not None and is_for(who, waiting),
        answer_to=answer_to(request, dag_id, run.run_id, task_id) if run else "",
        state=state_of(run, waiting) if run else None,
    )


@router.get("/approvals/{edition_id}/files/{number}")
def file(who: Seen, edition_id: Number, number: int) -> Response:
    """The very file that goes up."""
    found = _file(_edition(who, edition_id), number)
    return Response(
        who.using.archive.get(found.sha256),
        media_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"},
    )


@router.get("/approvals/{edition_id}/sheets/{number}")
def file_sheets(request: Request, who: Seen, edition_id: Number, number: int) -> Response:
    """A workbook of the edition, sheet by sheet."""
    edition = _edition(who, edition_id)
    found = _file(edition, number)
    if not found.name.endswith(XLSX):
        raise NotFound(NO_FILE)
    return show(
        request,
        "approval_sheets.html.j2",
        who,
        edition=edition,
        file=found,
        number=number,
        sheets=sheets(found.sha256, who.using.archive.get),
    )


def _laid(who: Visitor, edition_id: int) -> LaidBefore:
    found = _edition(who, edition_id)
    return laid_before.read(who.campaign(found.campaign_id), found, on=who.on, using=who.using)


def _edition(who: Visitor, edition_id: int) -> Edition:
    """Of a campaign the visitor may see."""
    refuse_one_county(who)
    found = laid_before.edition(edition_id, who.using)
    who.campaign(found.campaign_id)
    return found


def _file(edition: Edition, number: int) -> EditionFile:
    if not 1 <= number <= len(edition.files):
        raise NotFound(NO_FILE)
    return edition.files[number - 1]


def refuse_one_county(who: Visitor) -> None:
    if who.regions:
        raise HTTPException(403, OF_ONE_COUNTY)


def is_for(who: Visitor, waiting: Waiting) -> bool:
    return waiting.is_for(who.user, may_sign=who.may(Right.SIGN, waiting.campaign_id))


def answer_to(request: Request, dag_id: str, run_id: str, task_id: str) -> str:
    """Where Airflow takes the answer."""
    airflow = root_of(request).rpartition("/")[0]
    run = address(f"{airflow}/api/v2/dags", dag_id, "dagRuns", run_id)
    return f"{run}/taskInstances/{task_id}/-1/hitlDetails"


def _last_run(airflow: Session, laid: LaidBefore, dag_id: str) -> Run | None:
    """The run that asked last; None while nobody has been asked."""
    asked = [each.signing for each in laid.hands if each.signing]
    last = max(asked, key=lambda signing: signing.asked_at, default=None)
    return airflow_acts.run(airflow, dag_id, last.run) if last else None


def state_of(run: Run, waiting: Waiting | None) -> dict[str, Any]:
    """Whether the run is at work between two answers, and why it could not go on."""
    return {
        "is_busy": waiting is None and not run.has_ended,
        "fault": run.failed.fault if run.failed else "",
    }


def _tables(laid: LaidBefore) -> list[Table]:
    figures = [
        {
            "title": each.title,
            "last": each.last,
            "now": each.now,
            "unit": each.unit,
            "tone": "warn" if each.has_changed else "",
        }
        for each in laid.figures
    ]
    changes = [
        {"title": each.title, "last": each.last, "now": each.now, "change": each.change}
        for each in laid.changes
    ]
    checks = [
        {
            "title": each.title,
            "left": each.left,
            "relation": each.relation,
            "right": each.right,
            "verdict": "相符" if each.holds else "不符",
            "tone": "" if each.holds else "bad",
        }
        for each in sorted(laid.checks, key=lambda check: check.holds)
    ]
    columns = _FIGURES if laid.against else tuple(each for each in _FIGURES if each.key != "last")
    return [
        Table("figures", "主要指标", columns, figures, empty="本期没有指标。"),
        Table("changes", f"与{laid.against}相比的变化", _CHANGES, changes, empty="指标没有变化。"),
        Table("checks", "勾稽核对", _CHECKS, checks, empty="没有可以核对的关系。"),
    ]
