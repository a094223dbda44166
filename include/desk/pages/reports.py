"""报送: what the bureau owes upward, every edition with its figures, signatures and files, what is behind a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from include.desk import asked as asked_for
from include.desk.pages.today import distance
from include.desk.paper import address, show
from include.desk.session import Seen, Visitor
from include.desk.tables import PAGE_SIZE, Column, Table, export, is_export
from include.domain.access import Right
from include.domain.campaign import Campaign, UpwardReport
from include.domain.codes import region_name
from include.domain.differences import differences
from include.domain.groups import DIMENSIONS, DIMENSIONS_ZH, REGION, in_official_order, member_zh
from include.domain.indicators import BY_KEY, INDICATORS, figure_lines, rounded
from include.domain.letters import ChangeLine
from include.domain.reports import Edition, EditionState, Figure, FileRole, RowsBehind, Scope
from include.steps import report_look, report_page
from include.steps.report_look import OneFigure, Owed

router = APIRouter()

TONES = {
    EditionState.DRAFTED: "warn",
    EditionState.CONTRADICTORY: "bad",
    EditionState.APPROVED: "warn",
    EditionState.REJECTED: "bad",
    EditionState.SENT: "good",
    EditionState.RECEIVED: "good",
}
ROLES = {
    FileRole.TABLES: "统计表",
    FileRole.TEMPLATE: "上级下发的表样",
    FileRole.DOCUMENT: "书面报告",
    FileRole.PDF: "书面报告（版式文件）",
}
HEADLINES = 6
WHOLE_ONLY = "报送材料汇总本次行动的全部数据，限定区划的账号不能查看；所辖单位的情况请看“机构”和“专项行动”。"

_OWED = (
    Column("title", "报送事项", width=36),
    Column("to", "报送给", width=26),
    Column("occasion", "期次", width=20),
    Column("due", "截止日", "day"),
    Column("distance", "距今", width=16),
    Column("edition", "最近一版", link="page", width=24),
    Column("state", "状态", width=16),
)
_EDITIONS = (
    Column("title", "报送事项", link="page", width=36),
    Column("occasion", "期次", width=20),
    Column("edition", "版次", link="page", width=24),
    Column("state", "状态", width=16),
    Column("compiled_on", "编制", "day"),
    Column("sent_at", "报送", "moment"),
    Column("received_on", "上级签收", "day"),
    Column("reason", "编制说明", width=40),
)
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


@router.get("/reports")
def reports(request: Request, who: Seen) -> Response:
    campaign, root = asked_for.campaign(request, who), _root(request)
    editions = who.using.ledger.editions.all(campaign.id)
    tables = [
        Table(
            "owed",
            "应报事项",
            _OWED,
            [
                _owed(each, campaign, who, root)
                for each in report_look.owed(campaign, on=who.on, using=who.using)
            ],
            empty="通知没有规定向上报送的事项。",
        ),
        Table(
            "editions",
            "已编制的各版",
            _EDITIONS,
            [_edition(each, campaign, who, root) for each in reversed(editions)],
            empty="还没有编制过。",
        ),
    ]
    return export(request, tables, about=f"{campaign.title}；日期：{who.on}") or show(
        request,
        "reports.html.j2",
        who,
        campaign=campaign,
        campaigns=[(each.id, each.short_title) for each in who.campaigns],
        tables=tables,
    )


@router.get("/reports/{campaign_id}/{edition_id}")
def edition(request: Request, who: Seen, campaign_id: str, edition_id: int) -> Response:
    campaign, report, found = _find(who, campaign_id, edition_id)
    root, using = _root(request), who.using
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
    _, _, found = _find(who, campaign_id, edition_id)
    kept, content = report_look.file(found, place - 1, who.using)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name)}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/reports/{campaign_id}/{edition_id}/figures/{indicator}")
def figure(request: Request, who: Seen, campaign_id: str, edition_id: int, indicator: str) -> Response:
    campaign, report, found = _find(who, campaign_id, edition_id)
    occasion = report_page.occasion_of(campaign, report, found, who.using)
    one = report_look.figure(campaign, report, found, indicator, occasion, who.using)
    behind = who.office.answer(
        ("rows behind", found.id, indicator),
        lambda: report_look.rows_behind(campaign, report, found, indicator, who.using),
    )
    parts = _parts(one)
    rows = [_rows(each, whole=is_export(request)) for each in behind]
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


def _find(who: Visitor, campaign_id: str, edition_id: int) -> tuple[Campaign, UpwardReport, Edition]:
    """Raise HTTPException 403 for a visitor of single regions: the figures are of all of them."""
    campaign = who.campaign(campaign_id)
    if who.regions:
        raise HTTPException(403, WHOLE_ONLY)
    return campaign, *report_look.edition(campaign, edition_id, who.using)


def _owed(owed: Owed, campaign: Campaign, who: Visitor, root: str) -> dict[str, Any]:
    report, occasion, latest = owed.report, owed.occasion, owed.latest
    is_late = occasion is not None and not owed.is_done and occasion.due < who.on
    state = latest.state.zh if latest else "待编制" if report.is_compiled else "由人工编制"
    if report.cadence == "on_event" and latest is None:
        state = "遇事即报"
    return {
        "title": report.title,
        "to": report.to,
        "occasion": occasion.title if occasion and report.cadence != "once" else report.due_text,
        "due": occasion.due if occasion else None,
        "distance": "" if occasion is None or owed.is_done else distance(occasion.due, who),
        "edition": latest.title if latest else None,
        "state": state,
        "page": _page(latest, campaign, who, root) if latest else "",
        "dag": campaign.report_dag_id(report) if report.is_compiled else "",
        "tone": "bad" if is_late else TONES.get(latest.state, "") if latest else "",
    }


def _edition(edition: Edition, campaign: Campaign, who: Visitor, root: str) -> dict[str, Any]:
    titles = {each.key: each for each in campaign.reports}
    report = titles.get(edition.report_key)
    occasion = report_page.occasion_of(campaign, report, edition, who.using) if report else None
    return {
        "title": report.title if report else edition.report_key,
        "occasion": occasion.title if occasion and report and report.cadence != "once" else None,
        "edition": edition.title,
        "state": edition.state.zh,
        "compiled_on": edition.compiled_on,
        "sent_at": edition.sent_at,
        "received_on": edition.received_on,
        "reason": edition.reason,
        "page": _page(edition, campaign, who, root) if report else "",
        "tone": TONES.get(edition.state, ""),
    }


def _page(edition: Edition, campaign: Campaign, who: Visitor, root: str) -> str:
    return "" if who.regions else address(f"{root}/reports", campaign.id, edition.id)


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
            "cumulative": _number(totals.get((indicator.key, Scope.CUMULATIVE))),
            "this": _number(totals.get((indicator.key, Scope.THIS))),
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


def _number(figure: Figure | None) -> Any:
    return rounded(figure.value, BY_KEY[figure.indicator]) if figure else None


def _totals(one: OneFigure) -> list[dict[str, Any]]:
    return [
        {
            "title": each.scope.zh,
            "value": _number(each),
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
            "cumulative": _number(values.get((member, Scope.CUMULATIVE))),
            "this": _number(values.get((member, Scope.THIS))),
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


def _rows(behind: RowsBehind, *, whole: bool) -> Table:
    columns = tuple(Column(str(place), title, kind) for place, (title, kind) in enumerate(behind.columns))
    listed = behind.rows if whole else behind.rows[:PAGE_SIZE]
    rows = [{str(place): cell for place, cell in enumerate(cells)} for cells in listed]
    note = (
        f"先列{PAGE_SIZE}条，全部{len(behind.rows):,}条请导出 Excel。" if len(rows) < len(behind.rows) else ""
    )
    return Table(behind.key, f"逐条明细：{behind.title}", columns, rows, total=len(behind.rows), note=note)


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
