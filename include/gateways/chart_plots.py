"""Plots over days: lines that climb towards their targets, phases side by side with today's line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

Tone = Literal["main", "soft", "plan", "good", "warn", "bad"]

COLOURS: dict[Tone, str] = {
    "main": "#1F4E79",
    "soft": "#7FA6CC",
    "plan": "#9AA5B1",
    "good": "#2E8B57",
    "warn": "#D99A1C",
    "bad": "#B3261E",
}
GRID, SOFT_INK = "#E6EBF0", "#55616D"
HEIGHT, ROW = 220, 50
LONG = 365
NARROW = 480
"""Points of width below which days stand further apart and names shorter."""


@dataclass(frozen=True, slots=True)
class Line:
    """``points`` in order of days; ``dashed`` for what is only supposed, ``stepped`` for what holds until it changes."""

    name: str
    points: tuple[tuple[date, float], ...]
    tone: Tone = "main"
    dashed: bool = False
    stepped: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A number to be reached by a day."""

    day: date
    value: float
    name: str
    tone: Tone = "warn"


@dataclass(frozen=True, slots=True)
class Lines:
    """Numbers by day, with what is to be reached and the line of the day that is looked at."""

    title: str
    lines: tuple[Line, ...]
    targets: tuple[Target, ...] = ()
    today: date | None = None

    @property
    def is_empty(self) -> bool:
        return not any(line.points for line in self.lines)


@dataclass(frozen=True, slots=True)
class Span:
    """A phase from its first to its last day; ``shown`` are the words of its dates."""

    name: str
    first: date
    last: date
    shown: str
    tone: Tone = "soft"


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone on the span of that name."""

    span: str
    day: date
    shown: str
    tone: Tone = "warn"


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans in the given order, the first on top."""

    title: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...] = ()
    today: date | None = None

    @property
    def is_empty(self) -> bool:
        return not self.spans


def lines_chart(chart: Lines, width: int) -> Any:
    """An Altair chart; every line is named at the top, targets at their points."""
    import altair as alt

    kept = [line for line in chart.lines if line.points]
    rows = [
        {"day": _at(day), "value": value, "line": line.name} for line in kept for day, value in line.points
    ]
    names = [line.name for line in kept]
    days = [day for line in kept for day, _ in line.points]
    span = (max(days) - min(days)).days
    scale = alt.Scale(domain=names, range=[COLOURS[line.tone] for line in kept])
    legend = alt.Legend(
        title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3, columns=3 if width < NARROW else 0
    )
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=_days("day", width, span),
        y=alt.Y("value:Q", title=None, axis=_counts(rows), scale=alt.Scale(domainMin=0)),
        color=alt.Color("line:N", scale=scale, sort=names, legend=legend),
    )
    layers: list[Any] = []
    for stepped in (False, True):
        for dashed in (False, True):
            own = [line.name for line in kept if (line.stepped, line.dashed) == (stepped, dashed)]
            if own:
                mark = base.mark_line(
                    strokeWidth=2.5,
                    interpolate="step-after" if stepped else "linear",
                    strokeDash=[6, 4] if dashed else [1, 0],
                )
                layers.append(mark.transform_filter(alt.FieldOneOfPredicate(field="line", oneOf=own)))
    return alt.layer(*layers, *_targets(chart, width, span), *_today(chart.today, width, span)).properties(
        width=width, height=HEIGHT, description=chart.title
    )


def timeline_chart(chart: Timeline, width: int) -> Any:
    """An Altair chart of bars over days, diamonds for milestones."""
    import altair as alt

    order = [span.name for span in chart.spans]
    rows = [
        {
            "name": span.name,
            "first": _at(span.first),
            "last": _at(span.last + timedelta(days=1)),
            "shown": span.shown,
            "colour": COLOURS[span.tone],
        }
        for span in chart.spans
    ]
    axis = alt.Axis(labelLimit=110 if width < NARROW else 220, ticks=False, domain=False, labelPadding=8)
    rank = alt.Y("name:N", sort=order, title=None, axis=axis, scale=alt.Scale(paddingInner=0.2))
    spans = alt.Chart(alt.InlineData(values=rows)).encode(y=rank, x=_days("first", width), x2="last:T")
    bars = spans.mark_bar(height=0.36 * ROW, cornerRadius=4).encode(color=alt.Color("colour:N", scale=None))
    layers = [bars, *_marks(chart, rank, width), *_today(chart.today, width)]
    if width >= NARROW:
        layers.insert(
            1,
            spans.mark_text(align="left", dx=1, dy=-0.3 * ROW, fontSize=11, color=SOFT_INK).encode(
                text="shown:N"
            ),
        )
    return alt.layer(*layers).properties(width=width, height=ROW * len(rows), description=chart.title)


def _marks(chart: Timeline, rank: Any, width: int) -> list[Any]:
    import altair as alt

    if not chart.marks:
        return []
    rows = [
        {"name": mark.span, "day": _at(mark.day), "shown": mark.shown, "colour": COLOURS[mark.tone]}
        for mark in chart.marks
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=rank, x=_days("day", width))
    colour = alt.Color("colour:N", scale=None)
    point = base.mark_point(shape="diamond", size=130, filled=True, opacity=1, stroke="white").encode(
        color=colour
    )
    if width < NARROW:
        return [point]
    return [point, base.mark_text(dy=0.34 * ROW, fontSize=11).encode(text="shown:N", color=colour)]


def _targets(chart: Lines, width: int, span: int) -> list[Any]:
    import altair as alt

    if not chart.targets:
        return []
    rows = [
        {"day": _at(each.day), "value": each.value, "shown": each.name, "colour": COLOURS[each.tone]}
        for each in chart.targets
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=_days("day", width, span), y="value:Q")
    colour = alt.Color("colour:N", scale=None)
    return [
        base.mark_point(shape="diamond", size=110, filled=True, opacity=1, stroke="white").encode(
            color=colour
        ),
        base.mark_text(align="right", dx=-9, dy=-7, fontSize=11).encode(text="shown:N", color=colour),
    ]


def _today(today: date | None, width: int, span: int = LONG) -> list[Any]:
    import altair as alt

    if today is None:
        return []
    rows = [{"day": _at(today), "shown": f"{today.month}月{today.day}日"}]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=_days("day", width, span))
    return [
        base.mark_rule(color=COLOURS["bad"], strokeDash=[3, 3], strokeWidth=1.5),
        base.mark_text(color=COLOURS["bad"], fontSize=11, dy=-6, baseline="bottom").encode(
            text="shown:N", y=alt.value(0)
        ),
    ]


def _counts(rows: list[dict[str, Any]]) -> Any:
    """Whole numbers only: there is no half of a return."""
    import altair as alt

    return alt.Axis(format=",d", tickCount=min(5, max(1, int(max(row["value"] for row in rows)))))


def _days(field: str, width: int, span: int = LONG) -> Any:
    """Some days named, each at most once however short the ``span`` is."""
    import altair as alt

    wanted = 4 if width < NARROW else 9
    ticks = wanted if span > wanted else alt.TimeIntervalStep(interval="day", step=1)
    axis = alt.Axis(format="%-m月%-d日", tickCount=ticks, labelAngle=0, labelOverlap=True, grid=False)
    return alt.X(f"{field}:T", title=None, axis=axis)


def _at(day: date) -> str:
    """Midnight on the drawing machine's own clock: a bare date would be read as one of Greenwich."""
    return f"{day.isoformat()}T00:00:00"
