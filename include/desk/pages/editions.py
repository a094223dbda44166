"""一版: one edition of a report with its signatures, files, differences and figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from include.desk.pages.reports import TONES
from include.desk.paper import address, root_of, show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table, export
from include.domain.access import Right
from include.domain.campaign import Campaign, UpwardReport
from include.domain.differences import differences
from include.domain.indicators import BY_KEY, INDICATORS, figure_lines, rounded
from include.domain.letters import ChangeLine
from include.domain.reports import Edition, EditionState, Figure, FileRole, Scope
from include.steps import report_look, report_page

router = APIRouter()

ROLES = {
    FileRole.TABLES: "统计表",
    FileRole.TEMPLATE: "上级下发的表样",
    FileRole.DOCUMENT: "书面报告",
    FileRole.PDF: "书面报告（版式文件）",
}
HEADLINES = 6
WHOLE_ONLY = "报送材料汇总本次行动的全部数据，限定区划的账号不能查看；所辖单位的情况请看“机构”和“专项行动”。"
_HANDS = (
    Column("hand", "环节", width=10),
    Column("post", "岗位", width=26),
    Column("opinion", "意见", width=10),
    Column("by", "签批人", width=16),
    Column("at", "时间", "moment"),
    Column("reason", "说明", width=50),
)
_FIGURES = (
    Column("title", "指标", link="page", width=26),
    Column("cumulative", "累计", "figure"),
    Column("this", "本期", "figure"),
    Column("unit", "单位", width=8),
    Column("definition", "定义和口径", width=70),
)
_CHANGES = (
    Column("title", "指标", width=40),
    Column("last", "原数", width=18),
    Column("now", "现数", width=18),
    Column("change", "增减", width=18),
)
_FILES = (
    Column("name", "文件", link="page", width=60),
    Column("role", "种类", width=22),
    Column("sha256", "校验值（SHA-256）", width=70),
)


@router.get("/reports/{campaign_id}/{edition_id}")
def edition(request: Request, who: Seen, campaign_id: str, edition_id: int) -> Response:
    campaign, report, found = edition_of(who, campaign_id, edition_id)
    root, using = root_of(request), who.using
    figures = using.ledger.snapshots.figures(found.snapshot_id)
    last, changed = _compared(request, campaign, report, found, figures, who)
    occasion = report_page.occasion_of(campaign, report, found, using)
    tables = {
        each.key: each
        for each in (
            _hands(campaign, report, found, who),
            _files(found, campaign, root),
            _changes(found, last, changed),
            *_all_figures(figures, found, campaign, root),
        )
    }
    about = f"{campaign.title}；{report_page.name_of(report, occasion)}{found.title}；{found.state.zh}"
    return export(request, list(tables.values()), about=about) or show(
        request,
        "edition.html.j2",
        who,
        campaign=campaign,
        report=report,
        edition=found,
        occasion=occasion,
        tone=TONES.get(found.state, ""),
        wrong=_contradictions(campaign, report, found, who),
        headlines=figure_lines(figures)[:HEADLINES],
        tables=tables,
        last=last,
        others=_others(campaign, report, found, who),
        is_waiting=found.state is EditionState.DRAFTED,
        may_sign=who.may(Right.SIGN, campaign.id),
    )


@router.get("/reports/{campaign_id}/{edition_id}/files/{place}")
def file(who: Seen, campaign_id: str, edition_id: int, place: int) -> Response:
    _, _, found = edition_of(who, campaign_id, edition_id)
    kept, content = report_look.file(found, place - 1, who.using)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name)}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def edition_of(who: Visitor, campaign_id: str, edition_id: int) -> tuple[Campaign, UpwardReport, Edition]:
    """Raise HTTPException 403 for a visitor of single regions: the figures are of all of them."""
    campaign = who.campaign(campaign_id)
    if who.regions:
        raise HTTPException(403, WHOLE_ONLY)
    return campaign, *report_look.edition(campaign, edition_id, who.using)


def _contradictions(
    campaign: Campaign, report: UpwardReport, found: Edition, who: Visitor
) -> tuple[str, ...]:
    """Of an edition that was laid before anybody every check held."""
    if found.state is not EditionState.CONTRADICTORY:
        return ()
    return report_page.contradictions(campaign, report, found, who.using)


def _hands(campaign: Campaign, report: UpwardReport, found: Edition, who: Visitor) -> Table:
    tones = {True: "good", False: "bad", None: ""}
    rows = [
        {
            "hand": each.hand.zh,
            "post": each.post,
            "opinion": each.opinion,
            "by": each.signing.by if each.signing else None,
            "at": each.signing.at if each.signing else None,
            "reason": each.signing.reason if each.signing else None,
            "tone": tones[each.signing.approved if each.signing else None],
        }
        for each in report_page.signatures(campaign, report, found, who.using)
    ]
    return Table("hands", "签批", _HANDS, rows)


def _files(found: Edition, campaign: Campaign, root: str) -> Table:
    rows = [
        {
            "name": each.name,
            "role": ROLES[each.role],
            "sha256": each.sha256,
            "page": address(f"{root}/reports", campaign.id, found.id, "files", place),
        }
        for place, each in enumerate(found.files, 1)
    ]
    return Table("files", "文件", _FILES, rows, empty="这一版没有文件。")


def _compared(
    request: Request,
    campaign: Campaign,
    report: UpwardReport,
    found: Edition,
    figures: Sequence[Figure],
    who: Visitor,
) -> tuple[Edition | None, Sequence[ChangeLine]]:
    """The edition asked for, else the one it is naturally held against, and every figure that differs."""
    asked = request.query_params.get("with", "")
    others = {str(each.id): each for each in _others(campaign, report, found, who)}
    last = others.get(asked) or report_page.compared_with(campaign, report, found, who.using)
    if last is None:
        return None, ()
    return last, differences(who.using.ledger.snapshots.figures(last.snapshot_id), figures)


def _others(campaign: Campaign, report: UpwardReport, found: Edition, who: Visitor) -> list[Edition]:
    return [each for each in who.using.ledger.editions.all(campaign.id, report.key) if each.id != found.id]


def _changes(found: Edition, last: Edition | None, changed: Sequence[ChangeLine]) -> Table:
    against = report_page.against(found, last) if last else ""
    rows = [
        {"title": each.title, "last": each.last, "now": each.now, "change": each.change} for each in changed
    ]
    return Table(
        "changes",
        f"与{against}相比的变化" if last else "与上一版相比的变化",
        _CHANGES,
        rows,
        empty="指标没有变化。" if last else "这是第一版，没有可以比较的。",
    )


def _all_figures(
    figures: Sequence[Figure], found: Edition, campaign: Campaign, root: str
) -> tuple[Table, Table]:
    """The totals of every indicator of the edition, in the order of the definitions: with something to count, and 0."""
    totals = {(each.indicator, each.scope): each for each in figures if not each.dimension}
    rows = [
        {
            "title": indicator.title,
            "cumulative": number(totals.get((indicator.key, Scope.CUMULATIVE))),
            "this": number(totals.get((indicator.key, Scope.THIS))),
            "unit": indicator.unit,
            "definition": indicator.definition,
            "page": address(f"{root}/reports", campaign.id, found.id, "figures", indicator.key),
            "tone": "warn" if _is_replaced(totals, indicator.key) else "",
        }
        for indicator in INDICATORS
        if (indicator.key, Scope.CUMULATIVE) in totals
    ]
    counted = [row for row in rows if row["cumulative"] or row["tone"]]
    nothing = [row for row in rows if row not in counted]
    return (
        Table("figures", "指标", _FIGURES, counted, empty="这一版没有指标。", note=_replaced_note(counted)),
        Table("zeros", "数值为0的指标", _FIGURES, nothing),
    )


def _is_replaced(totals: dict[tuple[str, Scope], Figure], key: str) -> bool:
    found = (totals.get((key, scope)) for scope in Scope)
    return any(each is not None and each.computed is not None for each in found)


def _replaced_note(rows: Sequence[dict[str, Any]]) -> str:
    return (
        "左侧标色的指标由人工说明改填，点指标名称看台账计算数和说明。"
        if any(row["tone"] for row in rows)
        else ""
    )


def number(figure: Figure | None) -> Any:
    return rounded(figure.value, BY_KEY[figure.indicator]) if figure else None
