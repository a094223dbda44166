"""The same figures as data (JSON), read only, for the same people: each answer is what the pages show them."""

from __future__ import annotations

from enum import StrEnum
from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from include.desk import api_models as models
from include.desk.campaign_tables import CLUES
from include.desk.campaign_view import View, look
from include.desk.paper import root_of, show
from include.desk.session import Seen
from include.domain.glances import OwedAsked
from include.domain.groups import LEVELS, TOTAL
from include.domain.indicators import INDICATORS
from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.domain.survey import Survey

PREFIX = "/api/v1"
TITLE = "督办数据接口"
ABOUT = (
    "只读。与督办台用同一个登录和同一份权限：县区查看员只能取得所辖区划的数据。"
    "数字与网页、统计表同出一处，并注明清点时刻。"
)
NO_SURVEY = "“{campaign}”还没有看板数据，请在收件流程运行后再取。"
ALL_COUNTIES = "报送材料统计全部县区，您的账号只能查看所辖区划。"
MOST = 1000
"""Obligations of one page at most."""

router = APIRouter(prefix=PREFIX, tags=["v1"])


class By(StrEnum):
    """What returns may be divided by."""

    REGION = "region"
    KIND = "kind"
    LEVEL = "level"
    PHASE = "phase"
    FORM = "form"
    STATE = "state"


def surveyed(request: Request, who: Seen, campaign_id: str) -> View:
    """The visitor's view of a campaign that was surveyed. Raise HTTPException 404 before the first survey."""
    view = look(who, campaign_id, None, root_of(request))
    if view.survey is None:
        raise HTTPException(404, NO_SURVEY.format(campaign=view.campaign.short_title))
    return view


Surveyed = Annotated[View, Depends(surveyed)]


@router.get("/campaigns", summary="专项行动及其阶段")
def campaigns(request: Request, who: Seen) -> list[models.CampaignAnswer]:
    root = root_of(request)
    return [_campaign(look(who, each.id, None, root)) for each in who.campaigns]


@router.get("/campaigns/{campaign_id}/figures", summary="指标（累计）：合计、分县区、分单位类别、分医院等级")
def figures(view: Surveyed, region: str = "", nonzero: bool = True) -> models.FiguresAnswer:
    """用 region 只取一个县区；默认不列为 0 的数。"""
    survey = _survey(view)
    regions = [each for each in ("", *survey.regions) if not region or each == region]
    found = [
        models.FigureAnswer(
            indicator=each.key,
            title=each.title,
            unit=each.unit,
            definition=each.definition,
            region=code,
            dimension=dimension,
            member=member,
            value=value,
        )
        for code in regions
        for each in INDICATORS
        for dimension, member in _PLACES
        if dimension in each.dimensions
        if (value := survey.figure(each.key, dimension, member, region=code or None)) or not nonzero
    ]
    return models.FiguresAnswer(**_taken(view), figures=found)


_PLACES = (
    (TOTAL, ""),
    *(("unit_kind", kind.value) for kind in UnitKind),
    *(("level", level) for level in LEVELS),
)


@router.get(
    "/campaigns/{campaign_id}/returns", summary="报送进度（份）：按县区、类别、等级、阶段、报表或状态"
)
def returns(view: Surveyed, by: By = By.REGION, phase: str | None = None) -> models.TalliesAnswer:
    tallies = _survey(view).tallies(attrgetter(by.value), phase=phase)
    found = [
        models.TallyAnswer(member=member, **{name: getattr(tally, name) for name in _COUNTS})
        for member, tally in sorted(tallies.items())
    ]
    return models.TalliesAnswer(**_taken(view), tallies=found)


_COUNTS = tuple(name for name in models.TallyAnswer.model_fields if name != "member")


@router.get("/campaigns/{campaign_id}/milestones", summary="进度节点和推算")
def milestones(view: Surveyed) -> models.MilestonesAnswer:
    found = [
        models.MilestoneAnswer(
            key=each.milestone.key,
            phase=each.milestone.phase,
            title=each.milestone.title,
            due=each.milestone.due,
            **{name: getattr(each, name) for name in ("target", "reached", "total", "unit", "standing")},
            **{name: getattr(each, name) for name in ("pace", "needed", "projected_on")},
        )
        for each in view.milestones
    ]
    return models.MilestonesAnswer(**_taken(view), milestones=found)


@router.get("/campaigns/{campaign_id}/clues", summary="线索核查（条）：合计和分县区")
def clues(view: Surveyed) -> models.CluesAnswer:
    survey = _survey(view)
    by_region = {
        region: {key: survey.figure(key, region=region) for key in CLUES}
        for region in survey.regions
        if survey.figure("clues_received", region=region)
    }
    total = {key: survey.figure(key) for key in CLUES}
    return models.CluesAnswer(**_taken(view), total=total, regions=by_region)


@router.get("/campaigns/{campaign_id}/obligations", summary="报送任务，逐条，分页")
def obligations(
    who: Seen,
    campaign_id: str,
    phase: str = "",
    form: str = "",
    kind: UnitKind | None = None,
    state: ObligationState | None = None,
    region: Annotated[str, Query(max_length=12)] = "",
    after: Annotated[int, Query(ge=0, le=2**62, description="上一页给出的 next")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 200,
) -> models.ObligationsAnswer:
    """当时的台账，不是看板数据。取到 next 为空为止。"""
    campaign = who.campaign(campaign_id)
    asked = OwedAsked(campaign.id, who.on, who.regions, phase, form, kind, state, region)
    lines = who.using.ledger.glances.owed(asked, after=after, limit=limit)
    found = [models.ObligationAnswer.model_validate(each) for each in lines]
    return models.ObligationsAnswer(obligations=found, next=lines[-1].id if len(lines) == limit else None)


@router.get("/campaigns/{campaign_id}/reports", summary="向上报送的各期各版")
def reports(who: Seen, campaign_id: str) -> models.ReportsAnswer:
    campaign = who.campaign(campaign_id)
    if who.regions:
        raise HTTPException(403, ALL_COUNTIES)
    titles = {each.key: each.title for each in campaign.reports}
    found = [
        models.EditionAnswer(
            title=titles.get(each.report_key, each.report_key),
            **{name: getattr(each, name) for name in _EDITION},
        )
        for each in who.using.ledger.editions.all(campaign.id)
    ]
    return models.ReportsAnswer(editions=found)


_EDITION = tuple(name for name in models.EditionAnswer.model_fields if name != "title")


@router.get("/openapi.json", include_in_schema=False)
def described(request: Request, who: Seen) -> JSONResponse:
    """The OpenAPI document, for whoever may use what it describes."""
    return JSONResponse(_document(request))


@router.get("/docs", include_in_schema=False)
def docs(request: Request, who: Seen) -> Response:
    """The document as a page; no script of anybody's, none of ours."""
    document = _document(request)
    return show(request, "api.html.j2", who, document=document, operations=_operations(document))


def _document(request: Request) -> dict[str, Any]:
    root = root_of(request)
    return get_openapi(
        title=TITLE, version="1", description=ABOUT, routes=router.routes, servers=[{"url": root or "/"}]
    )


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for path, methods in document["paths"].items():
        operation = methods["get"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        found.append(
            {
                "path": path,
                "summary": operation["summary"],
                "about": operation.get("description", ""),
                "parameters": [
                    (each["name"], _choices(document, each)) for each in operation.get("parameters", [])
                ],
                "answer": (answer.get("$ref") or answer.get("items", {}).get("$ref", "")).rpartition("/")[2],
            }
        )
    return found


def _choices(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    """What a parameter may be, in words."""
    schema = parameter["schema"]
    named = [schema, *schema.get("anyOf", ())]
    for each in named:
        if name := each.get("$ref", "").rpartition("/")[2]:
            return "、".join(document["components"]["schemas"][name]["enum"])
    if parameter["in"] == "path":
        return "专项行动编号"
    return parameter.get("description") or (f"默认 {schema['default']}" if schema.get("default") else "可选")


def _campaign(view: View) -> models.CampaignAnswer:
    campaign = view.campaign
    return models.CampaignAnswer(
        id=campaign.id,
        title=campaign.title,
        short_title=campaign.short_title,
        region=campaign.region,
        document=campaign.notice.doc_no,
        phases=[models.PhaseAnswer.model_validate(each) for each in campaign.phases],
        survey=models.Taken(**_taken(view)) if view.survey else None,
    )


def _survey(view: View) -> Survey:
    assert view.survey is not None
    return view.survey


def _taken(view: View) -> dict[str, Any]:
    survey = _survey(view)
    return {"on": survey.on, "taken_at": survey.taken_at, "is_stale": view.is_stale}
