"""What a campaign's page draws. Every picture has its numbers in a table beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from include.desk.campaign_tables import standing
from include.desk.campaign_view import View
from include.desk.paper import money
from include.desk.tables import Table
from include.domain.campaign import Phase
from include.domain.milestones import Projection, Standing
from include.domain.survey import Survey
from include.gateways.chart_plots import Line, Lines, Mark, Span, Target, Timeline, Tone
from include.gateways.charts import Bar, Chart, Drawing

MOST_BARS = 30
"""Bars of one picture; the table beside it has all."""

BEYOND = timedelta(days=45)
"""How far after the due date a projection is drawn."""

_SPANS: Mapping[str, Tone] = {"已结束": "plan", "进行中": "main", "未开始": "soft"}
_MARKS: Mapping[Standing, Tone] = {
    Standing.REACHED: "good",
    Standing.MISSED: "bad",
    Standing.ENDANGERED: "bad",
}


def timeline(view: View) -> Timeline:
    spans = tuple(
        Span(each.title, each.start, each.due, _dates(each), _SPANS[standing(each, view.on)])
        for each in view.campaign.phases
    )
    titles = {each.key: each.title for each in view.campaign.phases}
    known = {each.milestone.key: each.standing for each in view.milestones}
    marks = tuple(
        Mark(titles[each.phase], each.due, each.title, _MARKS.get(known.get(each.key), "warn"))  # type: ignore[arg-type]
        for each in view.campaign.milestones
    )
    return Timeline(f"{view.campaign.short_title}的阶段和进度节点", spans, marks, view.on)


def drawings(view: View) -> dict[str, Drawing]:
    """By name; what there is nothing to draw of is left out."""
    drawn: dict[str, Drawing] = {"timeline": timeline(view)}
    if (survey := view.survey) is not None:
        drawn["burn_up"] = burn_up(view, survey)
        for phase, indicator in dict.fromkeys(
            (each.milestone.phase, each.milestone.indicator) for each in view.milestones
        ):
            drawn[f"milestones_{phase}_{indicator}"] = towards(view, survey, phase, indicator)
        drawn["funnel"] = funnel(view, survey)
        drawn["amounts"] = amounts(survey)
        drawn["clue_days"] = clue_days(view, survey)
    return {name: each for name, each in drawn.items() if not each.is_empty}


def burn_up(view: View, survey: Survey) -> Lines:
    """The returns of the phase: fallen due, in, accepted, and where the pace leads."""
    points = survey.burn_up(view.phase.key)
    until = [each for each in points if each.day <= survey.on]
    due = [(each.day, each.due) for each in points]
    lines = [
        Line("累计到期", _held(view.phase.start, due, max(survey.on, view.phase.due)), "warn", stepped=True),
        Line(
            "累计收到",
            _grown(view.phase.start, [(each.day, each.received) for each in until], survey.on),
            "soft",
        ),
        Line(
            "累计受理",
            _grown(view.phase.start, [(each.day, each.accepted) for each in until], survey.on),
            "main",
        ),
        *([_carried_on(view.returns, survey.on)] if view.returns else []),
    ]
    title = f"{view.phase.title}：报送进度"
    return Lines(title, tuple(lines) if points else (), today=view.on)


def towards(view: View, survey: Survey, phase: str, indicator: str) -> Lines:
    """What milestones of one phase and indicator count: done so far, the targets, and where the pace leads."""
    wanted = [
        each
        for each in view.milestones
        if (each.milestone.phase, each.milestone.indicator) == (phase, indicator)
    ]
    last = wanted[-1]
    start = view.campaign.phase(phase).start
    days = sorted(survey.counted(phase, indicator, last.unit).days)
    done = [(day, number) for number, day in enumerate(days, 1)]
    targets = tuple(
        Target(each.milestone.due, each.target, each.milestone.title, _MARKS.get(each.standing, "warn"))
        for each in wanted
        if each.total
    )
    lines = [Line("已完成", _grown(start, done, survey.on)), _carried_on(last, survey.on)]
    has_begun = bool(last.total) and start <= survey.on
    return Lines(f"{last.milestone.title}：进度和推算", tuple(lines) if has_begun else (), targets, view.on)


def _carried_on(found: Projection, on: date) -> Line:
    """From where things stand to where the pace leads: to the target, or to some weeks after it was due."""
    if not found.pace or on > found.milestone.due:
        return Line("按近期进度推算", ())
    now, last = float(found.reached), found.milestone.due + BEYOND
    day, value = found.projected_on or found.milestone.due, float(found.target)
    if found.projected_on is None:
        value = now + float(found.pace) * found.days_left
    elif day > last:
        day, value = last, now + (value - now) * (last - on).days / (day - on).days
    return Line("按近期进度推算", ((on, now), (day, value)), "main", dashed=True)


def _grown(start: date, points: list[tuple[date, int]], on: date) -> tuple[tuple[date, float], ...]:
    """The points with the phase's first day before them and the day of the survey after them."""
    found = dict(points)
    if points and min(found) > start:
        found[start] = 0
    if points and on > max(found):
        found[on] = points[-1][1]
    return tuple(sorted(found.items()))


def _held(start: date, points: list[tuple[date, int]], last: date) -> tuple[tuple[date, float], ...]:
    """The same to a last day, which is drawn even where it is the last point itself."""
    found = _grown(start, points, last)
    return (*found, (found[-1][0] + timedelta(days=1), found[-1][1])) if found else ()


def funnel(view: View, survey: Survey) -> Chart:
    tally = survey.tally(phase=view.phase.key)
    bars: list[tuple[str, int, Tone]] = [
        ("应报", tally.owed, "soft"),
        ("已催", tally.reminded, "warn"),
        ("已收", tally.received, "soft"),
        ("已受理", tally.accepted, "main"),
        ("逾期未完成", tally.overdue, "bad"),
    ]
    share = 100 / tally.owed if tally.owed else 0
    return Chart(
        f"{view.phase.title}：从应报到受理（份）",
        tuple(Bar(name, n, f"{n:,}份（{n * share:.1f}%）", tone=tone) for name, n, tone in bars)
        if share
        else (),
        most=tally.owed,
    )


def shares(table: Table) -> Chart:
    """How much of each row of a divided table was accepted, the least first."""
    owing = [row for row in table.rows if row["owed"] and row["tone"] != "total"]
    rows = sorted(owing, key=lambda row: (row["share"], -row["owed"]))[:MOST_BARS]
    bars = tuple(
        Bar(
            row["name"],
            float(row["share"]),
            f"{row['share']:.1f}%（{row['accepted']:,}/{row['owed']:,}）",
            tone="main",
            bad=100 * row["overdue"] / row["owed"],
        )
        for row in rows
    )
    return Chart(f"{table.title}：报送率和逾期（红）", bars if len(rows) > 1 else (), most=100)


def answers(table: Table) -> Chart:
    """How many of each rung's reminders were answered."""
    bars = tuple(
        Bar(
            row["title"],
            float(row["share"]),
            f"{row['share']:.1f}%（{row['answered']:,}/{row['sent']:,}）",
            tone="main",
        )
        for row in table.rows
        if row["sent"]
    )
    return Chart("各档催报的有效率", bars, most=100)


def amounts(survey: Survey) -> Chart:
    def bar(name: str, key: str, tone: Tone) -> Iterator[Bar]:
        value = survey.figure(key)
        if value:
            yield Bar(name, float(value), f"{money(value)}元", tone=tone)

    bars = [
        *bar("违规金额合计", "found_amt", "soft"),
        *bar("其中医保基金", "found_fund_amt", "main"),
        *bar("自查已退回", "refunded_amt", "good"),
        *bar("自查未退回", "outstanding_amt", "warn"),
        *bar("应退医保基金", "refund_payable", "main"),
        *bar("已退医保基金", "refund_paid", "good"),
        *bar("未退医保基金", "refund_outstanding", "bad"),
    ]
    return Chart("违规和退费金额", tuple(bars))


def clue_days(view: View, survey: Survey) -> Lines:
    days = [each for each in survey.clue_days() if each[0] <= survey.on]
    if not days:
        return Lines("线索核查", ())
    names: tuple[tuple[str, Tone], ...] = (("累计接收", "soft"), ("累计核查", "main"), ("累计办结", "good"))
    columns = list(zip(*days, strict=True))
    lines = tuple(
        Line(
            name,
            _grown(
                days[0][0] - timedelta(days=1), [*zip(columns[0], columns[place], strict=True)], survey.on
            ),
            tone,
        )
        for place, (name, tone) in enumerate(names, 1)
    )
    return Lines("线索的接收、核查和办结（条）", lines, today=view.on)


def _dates(phase: Phase) -> str:
    return f"{phase.start.month}月{phase.start.day}日—{phase.due.month}月{phase.due.day}日"


def of_tables(tables: Mapping[str, Table]) -> dict[str, Any]:
    """The pictures that are drawn of tables, by the table's key."""
    drawn: dict[str, Chart] = {
        key: shares(tables[key]) for key in ("regions", "kinds", "levels") if key in tables
    }
    if "steps" in tables:
        drawn["steps"] = answers(tables["steps"])
    return {name: each for name, each in drawn.items() if not each.is_empty}
