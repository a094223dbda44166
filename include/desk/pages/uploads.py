"""代为上传: returns that the office hands in for a unit, from its own pages only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from include.desk import asked as asked_for
from include.desk.pages.forms import NO_KEY
from include.desk.paper import show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table
from include.domain.access import Right
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.returns import Verdict
from include.domain.units import Unit
from include.steps import hand_in
from include.steps.look import Look

router = APIRouter()

ENVELOPE = 64 * 1024
"""Bytes a request has besides the file."""
TONES = {
    Verdict.ACCEPTED: "good",
    Verdict.ACCEPTED_WITH_WARNINGS: "good",
    Verdict.RETURNED: "bad",
    Verdict.UNCLAIMED: "warn",
}
_LOOKS = (
    Column("name", "文件", width=50),
    Column("unit", "单位", width=36),
    Column("form", "报送表", width=30),
    Column("verdict", "校验", width=18),
    Column("errors", "问题（条）", "count"),
)
_FINDINGS = (
    Column("name", "文件", width=40),
    Column("where", "位置", width=22),
    Column("severity", "性质", width=10),
    Column("message", "问题和改法", width=80),
)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What was posted: the name as the inbox would have it, for which campaign and unit."""

    campaign: Campaign
    unit: Unit | None
    name: str
    content: bytes
    is_look: bool


@router.get("/forms/upload")
def upload_page(request: Request, who: Seen) -> Response:
    who.demand(Right.ACT)
    return _upload(request, who, asked_for.campaign(request, who))


@router.post("/forms/upload")
async def upload(request: Request, who: Seen) -> Response:
    """Looked at alone, or laid into the inbox: the intake's next run takes it over like any other."""
    asked_for.refuse_large(request, hand_in.LARGEST + ENVELOPE)
    campaign_of_page = await run_in_threadpool(asked_for.campaign, request, who)
    async with request.form(max_files=1, max_fields=8) as fields:
        file = fields.get("file")
        content = await file.read(hand_in.LARGEST + 1) if isinstance(file, UploadFile) else b""
        name = (file.filename or "") if isinstance(file, UploadFile) else ""
        texts = {key: value for key, value in fields.items() if isinstance(value, str)}
    return await run_in_threadpool(_handed_in, request, who, campaign_of_page, texts, name, content)


def _handed_in(
    request: Request,
    who: Visitor,
    campaign_of_page: Campaign,
    texts: dict[str, str],
    name: str,
    content: bytes,
) -> Response:
    try:
        given = _given(who, texts, name, content)
        if given.is_look:
            looks = hand_in.at_first(
                given.campaign, given.name, given.content, on=who.office.today(), using=who.using
            )
            return _upload(request, who, given.campaign, given=given, looks=looks)
        hand_in.file(given.campaign, given.name, given.content, by=who.user, using=who.using)
    except (GiveUp, ValueError) as refusal:
        why = str(refusal) if isinstance(refusal, GiveUp) else NO_KEY
        return _upload(request, who, campaign_of_page, refusal=why, status=422)
    return _upload(request, who, given.campaign, given=given)


def _given(who: Visitor, texts: dict[str, str], name: str, content: bytes) -> HandedIn:
    """Raise NotFound for a campaign or unit that is not theirs, HTTPException 403 without the right, GiveUp for the rest."""
    campaign = who.campaign(texts.get("campaign", ""))
    who.demand(Right.ACT, campaign.id)
    code = texts.get("unit", "").strip()
    unit = who.unit(campaign, code) if code else None
    return HandedIn(campaign, unit, hand_in.named(name, unit), content, texts.get("what") == "look")


def _upload(
    request: Request,
    who: Visitor,
    campaign: Campaign,
    *,
    given: HandedIn | None = None,
    looks: Sequence[Look] = (),
    refusal: str = "",
    status: int = 200,
) -> Response:
    unit = given.unit.code if given and given.unit else request.query_params.get("unit", "")
    return show(
        request,
        "upload.html.j2",
        who,
        status=status,
        campaign=campaign,
        campaigns=asked_for.campaign_choices(who, Right.ACT),
        unit=unit,
        largest=hand_in.LARGEST // 1024 // 1024,
        given=given,
        tables=[_looks(looks, who), _findings(looks)] if looks else [],
        refusal=refusal,
    )


def _looks(looks: Sequence[Look], who: Visitor) -> Table:
    rows = [
        {
            "name": each.name,
            "unit": f"{each.unit.name}（{each.unit.code}）" if each.unit else None,
            "form": each.form.title if each.form else None,
            "verdict": each.verdict.zh,
            "errors": len(each.findings),
            "tone": TONES.get(each.verdict, ""),
        }
        for each in looks
    ]
    note = "还须另报盖章扫描件的，以扫描件收到为准；是否重复、逾期在收件时判定。"
    return Table("looks", "预先校验的结果", _LOOKS, rows, note=note)


def _findings(looks: Sequence[Look]) -> Table:
    rows = [
        {
            "name": each.name,
            "where": f"{finding.sheet} {finding.cell}".strip(),
            "severity": finding.severity.zh,
            "message": finding.message,
            "tone": "bad" if finding.severity.value == "error" else "warn",
        }
        for each in looks
        for finding in each.findings
    ]
    return Table("findings", "校验问题", _FINDINGS, rows, empty="没有发现问题。")
