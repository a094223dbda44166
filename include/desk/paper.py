"""Templates filled in: what a visitor sees, and how numbers, days and amounts are written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from include.desk.session import DAY_COOKIE, Visitor
from include.domain.campaign import TIMEZONE
from include.domain.dates import zh_date
from include.domain.plans import EVERYTHING
from include.domain.workdays import UnknownYear

HERE = Path(__file__).parent
SHANGHAI = ZoneInfo(TIMEZONE)
NOTHING = "—"
MENU = (
    ("today", "", "今日"),
    ("campaigns", "/campaigns", "专项行动"),
    ("units", "/units", "机构"),
    ("outbox", "/outbox", "发件箱"),
    ("screening", "/screening", "筛查"),
    ("reports", "/reports", "报送"),
    ("forms", "/forms", "报表库"),
    ("acts", "/acts", "办理"),
    ("approvals", "/approvals", "审批"),
)
OF_ALL_REGIONS = ("screening",)
"""Pages that a visitor of single regions may not see."""


def show(
    request: Request, template: str, who: Visitor | None = None, *, status: int = 200, **content: Any
) -> HTMLResponse:
    """A page in the common frame. ``who`` is left out only where nobody is known yet."""
    root = request.scope.get("root_path", "")
    text = (
        _templates()
        .get_template(template)
        .render(
            root=root,
            airflow=root.rpartition("/")[0],
            request=request,
            who=who,
            menu=[each for each in MENU if not (who and who.regions and each[0] in OF_ALL_REGIONS)],
            **content,
        )
    )
    answer = HTMLResponse(text, status_code=status)
    if "on" in request.query_params and who is not None:
        if who.is_today:
            answer.delete_cookie(DAY_COOKIE, path=root or "/")
        else:
            answer.set_cookie(DAY_COOKIE, who.on.isoformat(), path=root or "/", samesite="lax", httponly=True)
    return answer


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"value": written, "moment": moment, "day": day, "money": money, "count": count}
    templates.filters |= {"long_day": long_day, "scope": scope, "markdown": markdown}
    templates.globals |= {"address": address}
    return templates


def compile_templates() -> None:
    """Every page's template, so that no page waits for it."""
    templates = _templates()
    for name in templates.list_templates():
        templates.get_template(name)


def root_of(request: Request) -> str:
    """Where the desk is mounted, before every address of its pages."""
    return str(request.scope.get("root_path", ""))


def address(path: str, *parts: Any, **query: Any) -> str:
    """A path with its parts and query quoted; a query value of None is left out."""
    whole = "/".join((path, *(quote(str(part), safe="") for part in parts)))
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{whole}?{asked}" if asked else whole


def markdown(text: str) -> Markup:
    """A text of ours with its headings, tables and lists; markup of any other kind is printed as it stands."""
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    return Markup(renderer.render(text))  # noqa: S704  it escapes all markup in the text


def written(value: Any, kind: str = "words") -> str:
    """A value of a table as it is printed; what is not known is a dash."""
    if value is None or value == "":
        return NOTHING
    if kind == "money":
        return money(value)
    if kind == "share":
        return f"{value:.1f}%"
    if kind == "count":
        return count(value)
    if kind == "figure":
        return f"{value:,}"
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else str(value)


def money(value: Decimal | None) -> str:
    """元 with thousands and two decimals."""
    return NOTHING if value is None else f"{value:,.2f}"


def count(value: int | Decimal | None) -> str:
    return NOTHING if value is None else f"{value:,.0f}"


def day(value: date | None) -> str:
    return NOTHING if value is None else value.isoformat()


def long_day(value: date) -> str:
    """2024年6月3日 星期一."""
    return f"{zh_date(value)} 星期{'一二三四五六日'[value.weekday()]}"


def distance(due_on: date, who: Visitor) -> str:
    """How far a day is, in working days, as staff say it."""
    if due_on == who.on:
        return "今天到期"
    calendar = who.using.calendar
    try:
        if due_on < who.on:
            return f"逾期{max(1, calendar.between(due_on, who.on))}个工作日"
        return f"还有{calendar.between(who.on, due_on)}个工作日"
    except UnknownYear:
        days = (due_on - who.on).days
        return f"逾期{-days}天" if days < 0 else f"还有{days}天"


def scope(stopped: str, who: Visitor) -> str:
    """What a stop of sending holds for, in words."""
    if stopped == EVERYTHING:
        return "全部专项行动"
    campaign_id, _, unit_code = stopped.partition("/")
    titles = {each.id: who.short(each) for each in who.campaigns}
    return titles.get(campaign_id, campaign_id) + (f"的单位{unit_code}" if unit_code else "")


def moment(value: datetime | None) -> str:
    """A moment on Shanghai's clock, to the minute."""
    if value is None:
        return NOTHING
    return (value.astimezone(SHANGHAI) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")
