"""举报人信息: shown one at a time to those who handle tips, the reason first, on record before it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from include.desk import asked as asked_for
from include.desk.paper import show
from include.desk.session import Seen, Visitor
from include.domain.access import Right
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, NotFound
from include.domain.registers import STATE, UNIT, Record, written
from include.steps import tipster

router = APIRouter()

LONGEST = 64 * 1024
NOT_THEIRS = "没有登记编号为“{number}”的举报，或您的账号不能查看它。"
TOLD = ("received_at", "channel", "real_name", "subject_type", "subject_name", STATE)
"""What of the register says which tip it is; nothing of it names the tipster."""


@router.get("/tips/{campaign_id}/{number}/identity")
def ask(request: Request, who: Seen, campaign_id: str, number: str) -> Response:
    campaign, tip = _find(who, campaign_id, number)
    return _page(request, who, campaign, tip, number)


@router.post("/tips/{campaign_id}/{number}/identity")
async def look(request: Request, who: Seen, campaign_id: str, number: str) -> Response:
    asked_for.refuse_large(request, LONGEST)
    async with request.form(max_files=0, max_fields=4) as fields:
        texts = {key: value for key, value in fields.items() if isinstance(value, str)}
    return await run_in_threadpool(_shown, request, who, campaign_id, number, texts)


def _shown(
    request: Request, who: Visitor, campaign_id: str, number: str, texts: Mapping[str, str]
) -> Response:
    campaign, tip = _find(who, campaign_id, number)
    try:
        identity = tipster.identity(
            campaign,
            number,
            reason=texts.get("reason", ""),
            by=_post(who, campaign) or texts.get("post", ""),
            user=who.user,
            # The day of the record is the day it happens, whatever day is looked at.
            on=who.office.today(),
            using=who.using,
        )
    except (GiveUp, ValueError) as refusal:
        return _page(request, who, campaign, tip, number, texts=texts, refusal=str(refusal), status=422)
    return _page(request, who, campaign, tip, number, texts=texts, identity=identity)


def _page(
    request: Request,
    who: Visitor,
    campaign: Campaign,
    tip: Record,
    number: str,
    *,
    texts: Mapping[str, str] | None = None,
    identity: Mapping[str, str] | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    return show(
        request,
        "tipster.html.j2",
        who,
        status=status,
        campaign=campaign,
        number=number,
        facts=_facts(tip, who),
        posts=()
        if _post(who, campaign)
        else [("", "请选择"), *((each.key, each.title) for each in campaign.posts)],
        given=texts or {},
        identity=identity,
        refusal=refusal,
    )


def _find(who: Visitor, campaign_id: str, number: str) -> tuple[Campaign, Record]:
    """Raise HTTPException 403 without the right, NotFound for a tip that is not there or about another county's unit."""
    campaign = who.campaign(campaign_id)
    who.demand(Right.SEE_TIPSTERS, campaign.id)
    tip = tipster.tip(campaign, number, who.using)
    if who.regions and not _is_theirs(tip, campaign, who):
        raise NotFound(NOT_THEIRS.format(number=number))
    return campaign, tip


def _is_theirs(tip: Record, campaign: Campaign, who: Visitor) -> bool:
    code = written(tip.values.get(UNIT))
    unit = who.using.ledger.roster.unit(campaign.id, code) if code else None
    return unit is not None and who.grant.sees_region(unit.region_code)


def _post(who: Visitor, campaign: Campaign) -> str:
    """The post the access file names, where the campaign has it; otherwise the visitor says which."""
    known = {name for each in campaign.posts for name in (each.key, each.title)}
    return who.grant.post if who.grant.post in known else ""


def _facts(tip: Record, who: Visitor) -> Sequence[tuple[str, str]]:
    headers = tipster.headers(who.using)
    return [(headers[name], written(tip.values[name])) for name in TOLD if tip.values.get(name) is not None]
