"""报表库: every form with its instructions, empty or for one unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from include.desk import asked as asked_for
from include.desk.paper import address, root_of, show
from include.desk.session import Seen
from include.desk.tables import XLSX, Column, Table, export
from include.domain.access import Right
from include.domain.campaign import Campaign
from include.domain.forms import Form
from include.steps import form_library
from include.steps.form_library import Issued

router = APIRouter()

NO_KEY = "系统没有设置专用表的防伪密钥，暂不能生成表格，请联系管理员。"

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


@router.get("/forms")
def forms(request: Request, who: Seen) -> Response:
    campaign, root = asked_for.campaign(request, who), root_of(request)
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
        campaigns=asked_for.campaign_choices(who),
        tables=tables,
        may_act=who.may(Right.ACT, campaign.id),
    )


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
    unit = who.unit(campaign, request.query_params.get("code", ""))
    try:
        return _workbook(*form_library.for_unit(campaign, of, unit, who.using))
    except ValueError as fault:
        raise HTTPException(503, NO_KEY) from fault


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
