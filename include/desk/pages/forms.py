"""报表库: every form with its instructions, empty or for one unit; returns handed in by the office for a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from include.desk import asked as asked_for
from include.desk.paper import address, show
from include.desk.session import Seen, Visitor
from include.desk.tables import XLSX, Column, Table, export
from include.domain.access import Right
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, NotFound
from include.domain.forms import Form
from include.domain.returns import Verdict
from include.domain.units import Unit
from include.steps import form_library, hand_in
from include.steps.form_library import Issued
from include.steps.look import Look

router = APIRouter()

ENVELOPE = 64 * 1024
"""Bytes a request has besides the file."""
NO_KEY = "系统没有设置专用表的防伪密钥，暂不能生成表格，请联系管理员。"
NO_UNIT = "“{campaign}”的名册中没有编码为“{code}”的单位，或您的账号不能查看它。"
TONES = {
    Verdict.ACCEPTED: "good",
    Verdict.ACCEPTED_WITH_WARNINGS: "good",
    Verdict.RETURNED: "bad",
    Verdict.UNCLAIMED: "warn",
}

_ISSUED = (
    Column("title", "报送表", link="page", width=36),
    Column("phase", "阶段", width=22),
    Column("owed_by", "谁报", width=36),
    Column("scan", "盖章扫描件", width=14),
    Column("version", "版本", width=12),
    Column("blank", "空白表", link="file", width=12),
)
_REGISTERS = (
    Column("title", "台账、清单", link="page", width=36),
    Column("purpose", "用途", width=70),
    Column("version", "版本", width=12),
    Column("blank", "空白表", link="file", width=12),
)
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


@router.get("/forms")
def forms(request: Request, who: Seen) -> Response:
    campaign, root = asked_for.campaign(request, who), _root(request)
    tables = [
        Table(
            "issued",
            "本次行动报送的表",
            _ISSUED,
            [_issued(each, campaign, root) for each in form_library.issued(campaign, who.using)],
            empty="本次行动没有需要各单位报送的表。",
        ),
        Table(
            "registers",
            "办公室登记的台账和清单",
            _REGISTERS,
            [_register(each, campaign, root) for each in form_library.registers(campaign, who.using)],
        ),
    ]
    return export(request, tables, about=campaign.title) or show(
        request,
        "forms.html.j2",
        who,
        campaign=campaign,
        campaigns=[(each.id, each.short_title) for each in who.campaigns],
        tables=tables,
        may_act=who.may(Right.ACT, campaign.id),
    )


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


@router.get("/forms/{campaign_id}/{form_key}")
def form(request: Request, who: Seen, campaign_id: str, form_key: str) -> Response:
    from include.gateways.workbooks import instructions

    campaign = who.campaign(campaign_id)
    of = form_library.form(form_key, who.using)
    found = [each for each in form_library.issued(campaign, who.using) if each.form.key == of.key]
    tables = [
        _worded("columns", "逐栏说明", instructions.HEADERS, instructions.columns_of(of)),
        _worded("rules", "填写时请核对", instructions.RULE_HEADERS, instructions.rules_of(of)),
    ]
    how = (
        instructions.how_to_report(of, campaign, found[0].phase)
        if of.identified and found
        else instructions.how_to_import(of, campaign)
    )
    return export(request, tables, about=f"{of.title}（版本{of.version}）") or show(
        request,
        "form.html.j2",
        who,
        campaign=campaign,
        form=of,
        how=how,
        tables=tables,
        is_issued=bool(found) and of.identified,
        may_act=who.may(Right.ACT, campaign.id),
    )


@router.get("/forms/{campaign_id}/{form_key}/blank")
def blank(who: Seen, campaign_id: str, form_key: str) -> Response:
    who.campaign(campaign_id)
    try:
        return _workbook(*form_library.blank(form_library.form(form_key, who.using), who.using))
    except ValueError as fault:
        raise HTTPException(503, NO_KEY) from fault


@router.get("/forms/{campaign_id}/{form_key}/unit")
def for_unit(request: Request, who: Seen, campaign_id: str, form_key: str) -> Response:
    campaign = who.campaign(campaign_id)
    of = form_library.form(form_key, who.using)
    unit = _unit(campaign, request.query_params.get("code", ""), who)
    try:
        return _workbook(*form_library.for_unit(campaign, of, unit, who.using))
    except ValueError as fault:
        raise HTTPException(503, NO_KEY) from fault


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
    unit = _unit(campaign, code, who) if code else None
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
        campaigns=[(each.id, each.short_title) for each in who.campaigns if who.may(Right.ACT, each.id)],
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


def _unit(campaign: Campaign, code: str, who: Visitor) -> Unit:
    found = who.using.ledger.roster.unit(campaign.id, code.strip().upper())
    if found is None or not who.grant.sees_region(found.region_code):
        raise NotFound(NO_UNIT.format(campaign=campaign.short_title, code=code.strip()))
    return found


def _issued(each: Issued, campaign: Campaign, root: str) -> dict[str, Any]:
    owed = (
        "办公室登记" if each.owed.filled_by == "office" else "、".join(kind.zh for kind in each.owed.owed_by)
    )
    return {
        "title": each.form.title,
        "phase": each.phase.title,
        "owed_by": owed,
        "scan": "须附" if each.owed.stamped_scan else None,
        **_links(each.form, campaign, root),
    }


def _register(form: Form, campaign: Campaign, root: str) -> dict[str, Any]:
    return {"title": form.title, "purpose": form.purpose, **_links(form, campaign, root)}


def _links(form: Form, campaign: Campaign, root: str) -> dict[str, Any]:
    page = address(f"{root}/forms", campaign.id, form.key)
    return {"version": form.version, "blank": "下载", "page": page, "file": f"{page}/blank"}


def _worded(key: str, title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    columns = tuple(Column(str(place), head, width=24) for place, head in enumerate(headers))
    return Table(key, title, columns, [{str(place): word for place, word in enumerate(row)} for row in rows])


def _workbook(name: str, content: bytes) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=XLSX, headers=headers)


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
