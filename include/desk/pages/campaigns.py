"""专项行动: how each campaign stands, and one of them in numbers and pictures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from include.desk import campaign_pictures, campaign_tables
from include.desk.campaign_view import View, look
from include.desk.paper import root_of, show
from include.desk.session import Seen
from include.desk.tables import Column, Table, export
from include.domain.errors import NotFound
from include.domain.glances import Show
from include.domain.milestones import Standing
from include.domain.survey import Survey
from include.gateways import charts
from include.gateways.charts import Drawing

router = APIRouter()

_WIDTHS = {
    "timeline": (1000, 240),
    "clue_days": (400, 290),
    "burn_up": (1110, 290),
    "milestones_": (1110, 290),
}
_BARS = (330, 150)
"""Points of a plot: on a desk's screen, and on a phone; names and numbers stand beside bars."""
NO_PICTURE = "没有这张图，或还没有可以画的数据。"

_LIST = (
    Column("title", "专项行动", link="page", width=44),
    Column("phase", "当前阶段", width=24),
    Column("due", "阶段截止", "day"),
    Column("owed", "应报单位（家）", "count"),
    Column("accepted", "已报单位（家）", "count"),
    Column("share", "报送率", "share"),
    Column("overdue", "逾期未完成（家）", "count", link="list"),
    Column("coverage", "检查覆盖率", "share"),
    Column("money", "违规金额合计（元）", "money"),
    Column("clues", "未办结线索（条）", "count"),
    Column("milestone", "进度节点", width=24),
    Column("taken_at", "数据截至", "moment"),
)


@router.get("/campaigns")
def campaigns(request: Request, who: Seen) -> Response:
    root = root_of(request)
    views = [look(who, each.id, None, root) for each in who.campaigns]
    table = Table(
        "campaigns", "专项行动", _LIST, [_line(each) for each in views], empty="还没有可查看的专项行动。"
    )
    about = f"日期：{who.on}" + ("；限所辖区划" if who.regions else "")
    broken = () if who.regions else who.office.registry.broken
    return export(request, [table], about=about) or show(
        request,
        "campaigns.html.j2",
        who,
        table=table,
        cards=list(zip(views, table.rows, strict=True)),
        broken=broken,
    )


@router.get("/campaigns/{campaign_id}")
def campaign(request: Request, who: Seen, campaign_id: str) -> Response:
    view = _view(request, who, campaign_id)
    tables = _tables(view)
    return export(request, list(tables.values()), about=view.about) or show(
        request,
        "campaign.html.j2",
        who,
        view=view,
        figures=_figures(view, view.survey) if view.survey else [],
        tables=tables,
        pictures=_pictures(view, tables),
    )


@router.get("/campaigns/{campaign_id}/pictures/{name}")
def picture(request: Request, who: Seen, campaign_id: str, name: str) -> Response:
    """One picture of the page as SVG; narrow for a phone, where shrunk words could not be read."""
    view = _view(request, who, campaign_id)
    found = _drawings(view, _tables(view)).get(name)
    widths = next((each for start, each in _WIDTHS.items() if name.startswith(start)), _BARS)
    width = widths["narrow" in request.query_params]
    drawn = found and who.office.answers.recent((found, width), lambda: charts.svg(found, width=width))
    if not drawn:
        raise NotFound(NO_PICTURE)
    return Response(drawn, media_type="image/svg+xml")


@router.get("/dags/{dag_id}")
def dag(request: Request, who: Seen, dag_id: str) -> Response:
    """Where the tab on a DAG's own page leads: to the campaign at that phase; for a DAG of no campaign, to today."""
    campaign_id, _, part = dag_id.partition("__")
    root = root_of(request)
    if not part:
        return RedirectResponse(f"{root}/", status_code=303)
    return RedirectResponse(look(who, campaign_id, part, root).page_of(part), status_code=303)


def _view(request: Request, who: Seen, campaign_id: str) -> View:
    return look(who, campaign_id, request.query_params.get("phase"), root_of(request))


def _line(view: View) -> dict[str, Any]:
    survey, phase = view.survey, view.phase
    row: dict[str, Any] = {
        "title": view.campaign.title,
        "page": view.page(),
        "phase": f"{phase.title}（{campaign_tables.standing(phase, view.on)}）",
        "due": phase.due,
    }
    if survey is None:
        return row | {"list": ""} | dict.fromkeys(each.key for each in _LIST if each.key not in row)
    endangered = [each for each in view.milestones if each.standing in (Standing.ENDANGERED, Standing.MISSED)]
    has = {key: bool(survey.figure(key)) for key in ("units_expected", "units_to_inspect", "clues_received")}
    overdue = survey.figure("units_overdue")
    return row | {
        "owed": survey.figure("units_expected"),
        "accepted": survey.figure("units_accepted"),
        "share": survey.figure("return_rate") if has["units_expected"] else None,
        "overdue": overdue,
        "list": view.units(Show.OVERDUE) if overdue else "",
        "coverage": survey.figure("inspection_coverage") if has["units_to_inspect"] else None,
        "money": survey.figure("found_amt"),
        "clues": survey.figure("clues_in_progress") if has["clues_received"] else None,
        "milestone": endangered[0].standing.zh if endangered else "",
        "taken_at": survey.taken_at,
        "tone": "bad" if overdue else "warn" if endangered or view.is_stale else "",
    }


def _tables(view: View) -> dict[str, Table]:
    found = [campaign_tables.phases(view), campaign_tables.milestones(view)]
    if (survey := view.survey) is not None:
        found += [
            *campaign_tables.returns(view, survey),
            campaign_tables.daily(view, survey),
            campaign_tables.steps(view, survey),
            campaign_tables.money(survey),
            campaign_tables.clues(survey),
        ]
    return {table.key: table for table in found}


def _drawings(view: View, tables: dict[str, Table]) -> dict[str, Drawing]:
    return campaign_pictures.drawings(view) | campaign_pictures.of_tables(tables)


def _pictures(view: View, tables: dict[str, Table]) -> dict[str, dict[str, str]]:
    """By name what a page needs of a picture; nothing where no Chinese font is installed."""
    if charts.chinese_font() is None:
        return {}
    return {
        name: {
            "title": each.title,
            "wide": view.picture(name),
            "narrow": view.picture(name, narrow=True),
        }
        for name, each in _drawings(view, tables).items()
    }


def _figures(view: View, survey: Survey) -> list[dict[str, Any]]:
    figure = survey.figure
    found: list[dict[str, Any]] = []
    if figure("units_expected"):
        overdue = figure("units_overdue")
        found += [
            {"title": "应报单位", "value": figure("units_expected"), "unit": "家", "link": view.units()},
            {
                "title": "已报单位",
                "value": figure("units_accepted"),
                "unit": "家",
                "link": view.units(Show.SETTLED),
            },
            {"title": "报送率", "value": figure("return_rate"), "kind": "share"},
            {
                "title": "逾期未完成单位",
                "value": overdue,
                "unit": "家",
                "tone": "bad" if overdue else "good",
                "link": view.units(Show.OVERDUE) if overdue else "",
            },
        ]
    if figure("units_to_inspect"):
        inspected = f"{figure('units_inspected'):,.0f}/{figure('units_to_inspect'):,.0f}家"
        found.append(
            {
                "title": "检查覆盖率",
                "value": figure("inspection_coverage"),
                "kind": "share",
                "note": f"已检查{inspected}",
            }
        )
    if figure("found_amt"):
        found.append(
            {
                "title": "违规金额合计",
                "value": figure("found_amt"),
                "kind": "money",
                "unit": "元",
                "tone": "wide",
            }
        )
    if figure("clues_received"):
        late = figure("clues_overdue")
        found.append(
            {
                "title": "未办结线索",
                "value": figure("clues_in_progress"),
                "unit": "条",
                "tone": "warn" if late else "",
                "note": f"其中逾期{late:,.0f}条" if late else "",
            }
        )
    return found
