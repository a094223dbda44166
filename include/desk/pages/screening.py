"""筛查: the runs over settlement data, how far each rule can be trusted, and what is watched."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from include.desk import asked as asked_for
from include.desk.paper import address, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import XLSX, Column, Table, export
from include.domain.screening import Run, Threshold
from include.screening import cards
from include.steps import screening_look
from include.steps.screening_look import Standing

router = APIRouter()

OFFICE_ONLY = "筛查疑点供办公室安排核查使用，限定区划的账号不能查看；交办的线索已随邮件发送承办单位。"
TRENDS = "重点药品耗材使用趋势"
_RUNS = (
    Column("ran_on", "筛查日", "day"),
    Column("scope", "范围", width=20),
    Column("ran", "运行规则（条）", "count"),
    Column("left_out", "未运行（条）", "count", help="缺少本局清单或尚未施行，原因见下表"),
    Column("hits", "疑点（条）", "count"),
    Column("entered", "新登记线索（条）", "count", help="同一疑点只登记一次"),
    Column("trends", "重点品种趋势", link="file", width=14),
)
_RULES = (
    Column("number", "规则", width=8),
    Column("title", "名称", width=26),
    Column("version", "版本", width=8),
    Column("ran_on", "最近筛查", "day"),
    Column("hits", "疑点（条）", "count"),
    Column("decided", "已核查（条）", "count"),
    Column("confirmed", "查实（条）", "count"),
    Column("share", "查实率", "share"),
    Column("said", "说明", width=50),
)
_CHANGES = (
    Column("effective_from", "执行之日", "day"),
    Column("parameter", "规则和参数", width=60),
    Column("value", "新值", "figure"),
    Column("approved_by", "批准岗位", width=24),
    Column("reason", "理由", width=50),
)


@router.get("/screening")
def screening(request: Request, who: Seen) -> Response:
    campaign, root = asked_for.campaign(request, who), root_of(request)
    refuse_one_county(who)
    runs = screening_look.runs(campaign, using=who.using)
    tables = [
        Table(
            "rules",
            "各规则最近一次筛查和查实率",
            _RULES,
            [_rule(each) for each in screening_look.standings(campaign, using=who.using)],
            empty="还没有规则运行过。",
            note="查实率按线索台账中的核查结论计算，只计现行版本；疑点不等于违规。",
        ),
        Table(
            "runs",
            "历次筛查",
            _RUNS,
            [_run(each, address(f"{root}/screening", campaign.id, "trends")) for each in runs],
            empty="还没有筛查过：配置了结算数据的，每月第一个工作日或新数据到达时自动筛查。",
        ),
        Table(
            "changes",
            "经批准调整的参数",
            _CHANGES,
            [_change(each) for each in reversed(who.using.ledger.screenings.thresholds(campaign.id))],
            empty="没有调整过，都按默认值执行。",
        ),
    ]
    return export(request, tables, about=f"{campaign.title}；日期：{who.on}") or show(
        request,
        "screening.html.j2",
        who,
        campaign=campaign,
        campaigns=asked_for.campaign_choices(who),
        tables=tables,
        figures=_figures(runs),
    )


@router.get("/screening/{campaign_id}/trends/{sha256}")
def trends(who: Seen, campaign_id: str, sha256: str) -> Response:
    campaign = who.campaign(campaign_id)
    refuse_one_county(who)
    run, content = screening_look.trends(campaign, sha256, using=who.using)
    name = quote(f"{TRENDS}_{run.scope}_{run.ran_on:%Y%m%d}.xlsx")
    return Response(
        content,
        media_type=XLSX,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def refuse_one_county(who: Visitor) -> None:
    """Raise HTTPException 403 for a visitor of single regions: a run is over whole cities."""
    if who.regions:
        raise HTTPException(403, OFFICE_ONLY)


def _figures(runs: list[Run]) -> list[dict[str, Any]]:
    if not runs:
        return []
    of_day = [each for each in runs if each.ran_on == runs[0].ran_on]
    return [
        {"title": "最近一次筛查", "value": runs[0].ran_on, "kind": "day"},
        {"title": "疑点", "value": sum(each.hits for each in of_day), "unit": "条"},
        {"title": "其中新登记线索", "value": sum(each.entered for each in of_day), "unit": "条"},
        {"title": "累计登记线索", "value": sum(each.entered for each in runs), "unit": "条"},
    ]


def _run(run: Run, files: str) -> dict[str, Any]:
    left_out = sum(bool(each.left_out) for each in run.rules)
    return {
        "ran_on": run.ran_on,
        "scope": run.scope,
        "ran": len(run.rules) - left_out,
        "left_out": left_out or None,
        "hits": run.hits,
        "entered": run.entered,
        "trends": "下载" if run.trends else None,
        "file": f"{files}/{run.trends}",
    }


def _rule(each: Standing) -> dict[str, Any]:
    precision = each.precision
    is_wrong = precision is not None and precision.is_mostly_wrong
    return {
        "number": each.number,
        "title": each.title,
        "version": each.version,
        "ran_on": each.ran_on,
        "hits": None if each.left_out else each.hits,
        "decided": precision.decided if precision else None,
        "confirmed": precision.confirmed if precision else None,
        "share": precision.share if precision else None,
        "said": f"未运行：{each.left_out}"
        if each.left_out
        else "多数不属实，建议调整参数或停用"
        if is_wrong
        else "",
        "tone": "bad" if is_wrong else "warn" if each.left_out else "",
        "parameter": next((key for key in cards.parameters() if key.startswith(f"{each.number}.")), ""),
    }


def _change(each: Threshold) -> dict[str, Any]:
    key = f"{each.number}.{each.parameter}"
    return {
        "effective_from": each.effective_from,
        "parameter": cards.parameters().get(key, key),
        "value": each.value,
        "approved_by": each.approved_by,
        "reason": each.reason,
    }
