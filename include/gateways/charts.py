"""Charts as pictures, drawn without a browser: one specification for documents, mails and pages.

Altair builds and validates the specification; vl-convert draws it with the Vega-Lite it carries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

WIDTH, BAR = 320, 22
"""Points of the plot and of one bar with its gap."""

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
    """``shown`` is the number as the text prints it; ``emphasised`` marks what the reader is to find first."""

    name: str
    value: float
    shown: str
    emphasised: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Lying bars in the given order, the first on top: Chinese names of categories are long.

    ``title`` is for whoever hears the picture instead of seeing it; where it stands on paper is the page's affair.
    """

    title: str
    bars: Sequence[Bar]


@cache
def chinese_font() -> str | None:
    """A family installed here that has Chinese characters; None where there is none."""
    for folder in (Path(each).expanduser() for each in _FOLDERS):
        for family, pattern in _FONTS:
            if folder.is_dir() and next(folder.rglob(pattern), None):
                return family
    return None


def png(chart: Chart) -> bytes | None:
    """The chart at 200 dots per inch; None where no Chinese font is installed, for boxes say nothing."""
    font = chinese_font()
    if font is None or not chart.bars:
        return None
    import vl_convert

    return vl_convert.vegalite_to_png(_specification(chart, font), vl_version="6.4", ppi=200)


def svg(chart: Chart) -> str | None:
    """The same picture for a page or a mail; None where no Chinese font is installed."""
    font = chinese_font()
    if font is None or not chart.bars:
        return None
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(_specification(chart, font), vl_version="6.4")
    return drawn.replace(">", f"><title>{escape(chart.title)}</title>", 1)


def _specification(chart: Chart, font: str) -> dict[str, object]:
    import altair

    rows = [
        {"name": bar.name, "value": bar.value, "shown": bar.shown, "strong": bar.emphasised}
        for bar in chart.bars
    ]
    order = [bar.name for bar in chart.bars]
    base = altair.Chart(altair.InlineData(values=rows)).encode(
        y=altair.Y(
            "name:N", sort=order, title=None, axis=altair.Axis(labelLimit=260, ticks=False, domain=False)
        ),
        x=altair.X("value:Q", title=None, axis=None, scale=altair.Scale(domainMin=0, nice=False)),
    )
    bars = base.mark_bar(height=0.62 * BAR).encode(
        color=altair.condition("datum.strong", altair.value("#1F4E79"), altair.value("#9DB7D1"))
    )
    shown = base.mark_text(align="left", dx=6, fontSize=12).encode(text="shown:N")
    drawn = (
        (bars + shown)
        .properties(width=WIDTH, height=BAR * len(rows), description=chart.title)
        .configure(font=font, background="white")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, labelColor="black")
    )
    specification: dict[str, object] = drawn.to_dict()
    return specification
