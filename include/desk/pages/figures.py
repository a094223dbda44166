"""指标: one figure of an edition, its definition, its parts and the rows it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from include.desk.pages.editions import edition_of, number
from include.desk.paper import show
from include.desk.session import Seen, Visitor
from include.desk.tables import PAGE_SIZE, Column, Table, export, is_export
from include.domain.campaign import Campaign, UpwardReport
from include.domain.codes import region_name
from include.domain.groups import DIMENSIONS, DIMENSIONS_ZH, REGION, in_official_order, member_zh
from include.domain.indicators import rounded
from include.domain.reports import Edition, RowsBehind, Scope
from include.steps import report_look, report_page
from include.steps.report_look import OneFigure

router = APIRouter()


@router.get("/reports/{campaign_id}/{edition_id}/figures/{indicator}")
def figure(request: Request, who: Seen, campaign_id: str, edition_id: int, indicator: str) -> Response:
    campaign, report, found = edition_of(who, campaign_id, edition_id)
    occasion = report_page.occasion_of(campaign, report, found, who.using)
    one = report_look.figure(campaign, report, found, indicator, occasion, who.using)
    parts = _parts(one)
    rows = [_rows(each) for each in _behind(request, campaign, report, found, indicator, who)]
    about = (
        f"{campaign.title}；《{report.title}》{found.title}；{one.indicator.title}；截至{found.compiled_on}"
    )
    return export(request, [*parts, *rows], about=about) or show(
        request,
        "figure.html.j2",
        who,
        campaign=campaign,
        report=report,
        edition=found,
        indicator=one.indicator,
        totals=_totals(one),
        notes=one.notes,
        parts=parts,
        rows=rows,
    )


def _totals(one: OneFigure) -> list[dict[str, Any]]:
    return [
        {
            "title": each.scope.zh,
            "value": number(each),
            "kind": "figure",
            "unit": one.indicator.unit,
            "note": f"台账计算数 {rounded(each.computed, one.indicator):,}"
            if each.computed is not None
            else "",
        }
        for each in one.figures
        if not each.dimension
    ]


def _parts(one: OneFigure) -> list[Table]:
    """A table for each dimension the figure is divided by."""
    return [_part(one, dimension) for dimension in DIMENSIONS if dimension and _members(one, dimension)]


def _members(one: OneFigure, dimension: str) -> list[str]:
    return in_official_order(
        dimension, dict.fromkeys(each.member for each in one.figures if each.dimension == dimension)
    )


def _part(one: OneFigure, dimension: str) -> Table:
    title = DIMENSIONS_ZH[dimension]
    columns = (
        Column("member", title, width=30),
        Column("cumulative", f"累计（{one.indicator.unit}）", "figure"),
        Column("this", f"本期（{one.indicator.unit}）", "figure"),
    )
    values = {(each.member, each.scope): each for each in one.figures if each.dimension == dimension}
    rows = [
        {
            "member": _member(dimension, member),
            "cumulative": number(values.get((member, Scope.CUMULATIVE))),
            "this": number(values.get((member, Scope.THIS))),
        }
        for member in _members(one, dimension)
    ]
    note = (
        f"一家（件）可能属于多个{title}，各行相加可能大于合计。"
        if dimension in one.indicator.overlaps
        else ""
    )
    return Table(dimension, f"按{title}", columns, rows, note=note)


def _member(dimension: str, member: str) -> str:
    return region_name(member) if dimension == REGION and member.isdigit() else member_zh(dimension, member)


def _behind(
    request: Request, campaign: Campaign, report: UpwardReport, found: Edition, indicator: str, who: Visitor
) -> Sequence[RowsBehind]:
    """All rows for a workbook; for the page the first ones, which alone are worth remembering."""
    if is_export(request):
        return report_look.rows_behind(campaign, report, found, indicator, who.using)
    return who.office.answers.reckoned(
        ("rows behind", found.id, indicator),
        lambda: [
            each.first(PAGE_SIZE)
            for each in report_look.rows_behind(campaign, report, found, indicator, who.using)
        ],
    )


def _rows(behind: RowsBehind) -> Table:
    columns = tuple(Column(str(place), title, kind) for place, (title, kind) in enumerate(behind.columns))
    rows = [{str(place): cell for place, cell in enumerate(cells)} for cells in behind.rows]
    note = f"先列{PAGE_SIZE}条，全部{behind.count:,}条请导出 Excel。" if len(rows) < behind.count else ""
    return Table(behind.key, f"逐条明细：{behind.title}", columns, rows, total=behind.count, note=note)
