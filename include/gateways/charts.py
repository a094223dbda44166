"""Charts as pictures, drawn without a browser: one specification for documents, mails and pages.

Altair builds and validates the specification; vl-convert draws it with the Vega-Lite it carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Any

from include.gateways.chart_plots import (
    COLOURS,
    GRID,
    SOFT_INK,
    Lines,
    Timeline,
    Tone,
    lines_chart,
    timeline_chart,
)

WIDTH, BAR = 320, 22
"""Points of the plot and of one bar with its gap."""
_THICK = 0.62 * BAR
REMEMBERED = 512
"""Drawn pictures a process keeps: many readers look at the same figures."""

_FONTS = (
    ("Noto Sans CJK SC", "NotoSansCJK*"),
    ("Source Han Sans SC", "SourceHanSans*"),
    ("Noto Sans SC", "NotoSansSC*"),
    ("WenQuanYi Micro Hei", "wqy-microhei*"),
    ("WenQuanYi Zen Hei", "wqy-zenhei*"),
    ("Microsoft YaHei", "msyh*"),
    ("SimHei", "simhei*"),
    ("PingFang SC", "PingFang*"),
)
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)


@dataclass(frozen=True, slots=True)
class Bar:
    """``shown`` is the number as the text prints it; ``emphasised`` marks what the reader is to find first.

    ``tone`` colours it instead; ``bad`` is what follows it in red, like those overdue after those accepted.
    """

    name: str
    value: float
    shown: str
    emphasised: bool = False
    tone: Tone | None = None
    bad: float = 0

    @property
    def colour(self) -> str:
        return COLOURS[self.tone] if self.tone else "#1F4E79" if self.emphasised else "#9DB7D1"


@dataclass(frozen=True, slots=True)
class Chart:
    """Lying bars in the given order, the first on top: Chinese names of categories are long.

    ``title`` is for whoever hears the picture instead of seeing it; where it stands on paper is the page's affair.
    ``most`` is what a bar of full length stands for, drawn as a track behind the bars; else the longest is full.
    """

    title: str
    bars: tuple[Bar, ...]
    most: float | None = None

    @property
    def is_empty(self) -> bool:
        return not self.bars


Drawing = Chart | Lines | Timeline


@cache
def chinese_font() -> str | None:
    """A family installed here that has Chinese characters; None where there is none."""
    for folder in (Path(each).expanduser() for each in _FOLDERS):
        for family, pattern in _FONTS:
            if folder.is_dir() and next(folder.rglob(pattern), None):
                return family
    return None


def png(chart: Drawing, *, width: int = WIDTH) -> bytes | None:
    """The chart at 200 dots per inch; None where no Chinese font is installed, for boxes say nothing."""
    font = chinese_font()
    if font is None or chart.is_empty:
        return None
    import vl_convert

    return vl_convert.vegalite_to_png(_specification(chart, font, width), vl_version="6.4", ppi=200)


def svg(chart: Drawing, *, width: int = WIDTH) -> str | None:
    """The same picture for a page or a mail; None where no Chinese font is installed."""
    font = chinese_font()
    return None if font is None or chart.is_empty else _drawn(chart, font, width)


@lru_cache(REMEMBERED)
def _drawn(chart: Drawing, font: str, width: int) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_specification(chart, font, width), vl_version="6.4")
    return drawn.replace(">", f"><title>{escape(chart.title)}</title>", 1)


def _specification(chart: Drawing, font: str, width: int) -> dict[str, object]:
    match chart:
        case Chart():
            drawn, rule = _bars_chart(chart, width), {}
        case Lines():
            drawn, rule = lines_chart(chart, width), {"gridColor": GRID}
        case Timeline():
            drawn, rule = timeline_chart(chart, width), {"domainColor": GRID}
    specification: dict[str, object] = (
        drawn.configure(font=font, background="white")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, labelColor="black", **rule)
        .configure_legend(labelFontSize=12, labelColor=SOFT_INK)
        .to_dict()
    )
    return specification


def _bars_chart(chart: Chart, width: int) -> Any:
    import altair

    rows = [
        {
            "name": bar.name,
            "value": bar.value,
            "end": bar.value + bar.bad,
            "shown": bar.shown,
            "colour": bar.colour,
            "most": chart.most,
        }
        for bar in chart.bars
    ]
    order = [bar.name for bar in chart.bars]
    axis = altair.Axis(labelLimit=260 if width >= WIDTH else 120, labelPadding=8, ticks=False, domain=False)
    scale = altair.Scale(domainMin=0, nice=False)
    if chart.most is not None:
        scale = altair.Scale(domain=[0, chart.most], clamp=True)
    y = altair.Y("name:N", sort=order, title=None, axis=axis)

    def length(field: str) -> Any:
        return altair.X(f"{field}:Q", title=None, axis=None, scale=scale)

    base = altair.Chart(altair.InlineData(values=rows)).encode(y=y)
    layers = [base.mark_bar(height=_THICK, color=GRID).encode(x=length("most"))] if chart.most else []
    if any(bar.bad for bar in chart.bars):
        layers.append(
            base.mark_bar(height=_THICK, color=COLOURS["bad"]).encode(x=length("value"), x2="end:Q")
        )
    layers.append(
        base.mark_bar(height=_THICK).encode(x=length("value"), color=altair.Color("colour:N", scale=None))
    )
    layers.append(base.mark_text(align="left", dx=6, fontSize=12).encode(x=length("end"), text="shown:N"))
    return altair.layer(*layers).properties(width=width, height=BAR * len(rows), description=chart.title)
