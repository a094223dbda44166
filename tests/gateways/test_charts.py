from __future__ import annotations

from datetime import date

import pytest

from include.gateways import charts
from include.gateways.chart_plots import Line, Lines, Mark, Span, Target, Timeline
from include.gateways.charts import Bar, Chart

AMOUNTS = Chart(
    "违规金额居前的问题",
    (Bar("重复收费", 93.83, "93.83万元", emphasised=True), Bar("过度诊疗", 46.91, "46.91万元")),
)

needs_font = pytest.mark.skipif(
    charts.chinese_font() is None,
    reason="no Chinese font is installed: run tests/gateways/documents/install.sh",
)


@needs_font
def test_a_page_gets_words_and_not_only_shapes():
    drawn = charts.svg(AMOUNTS)
    assert drawn is not None
    for words in (AMOUNTS.title, "重复收费", "46.91万元", str(charts.chinese_font())):
        assert words in drawn


@needs_font
def test_the_bars_keep_their_order():
    drawn = charts.svg(AMOUNTS) or ""
    assert drawn.index("重复收费") < drawn.index("过度诊疗")


@needs_font
def test_a_document_gets_a_picture():
    drawn = charts.png(AMOUNTS)
    assert drawn is not None
    assert drawn.startswith(b"\x89PNG")
    assert drawn == charts.png(AMOUNTS)


@pytest.mark.parametrize("draw", [charts.png, charts.svg])
def test_without_a_chinese_font_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch, draw: object):
    monkeypatch.setattr(charts, "chinese_font", lambda: None)
    assert draw(AMOUNTS) is None  # type: ignore[operator]


@needs_font
def test_nothing_is_drawn_of_nothing():
    assert charts.png(Chart("没有数据", ())) is None


MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)
CLIMB = Lines(
    "报送进度",
    (
        Line("累计受理", ((MAY, 0), (date(2024, 5, 20), 90))),
        Line("按近期进度推算", ((date(2024, 5, 20), 90), (JUNE, 140)), dashed=True),
        Line("累计到期", ((MAY, 0), (JUNE, 144)), "warn", stepped=True),
        Line("什么也没有", ()),
    ),
    targets=(Target(JUNE, 144, "全部报送"),),
    today=date(2024, 5, 24),
)
PHASES = Timeline(
    "时间安排",
    (Span("自查自纠", MAY, date(2024, 5, 31), "5月1日—5月31日"), Span("总结", JUNE, JUNE, "6月1日—6月1日")),
    marks=(Mark("总结", JUNE, "检查完成80%"),),
    today=date(2024, 5, 24),
)


@needs_font
def test_lines_are_named_with_their_targets_and_the_day_looked_at():
    drawn = charts.svg(CLIMB, width=860) or ""
    for words in ("累计受理", "按近期进度推算", "累计到期", "全部报送", "5月24日", "150"):
        assert words in drawn, words
    assert "什么也没有" not in drawn
    assert "stroke-dasharray" in drawn, "what is only supposed is dashed"


@needs_font
def test_a_timeline_shows_every_phase_its_milestones_and_the_day():
    drawn = charts.svg(PHASES, width=860) or ""
    for words in ("自查自纠", "5月1日—5月31日", "检查完成80%", "5月24日"):
        assert words in drawn, words
    assert drawn.index("自查自纠") < drawn.index("总结")


@needs_font
def test_a_phone_gets_fewer_words():
    drawn = charts.svg(PHASES, width=250) or ""
    assert "自查自纠" in drawn
    assert "检查完成80%" not in drawn


@needs_font
@pytest.mark.parametrize(("points", "ticks"), [(((MAY, 0), (date(2024, 5, 2), 1)), {"5月1日", "5月2日"})])
def test_a_short_span_names_no_day_twice_and_counts_no_halves(points: tuple, ticks: set[str]):
    drawn = charts.svg(Lines("短", (Line("收到", points),))) or ""
    assert {day for day in ticks if drawn.count(f">{day}<") == 1} == ticks
    assert ">0.5<" not in drawn


@needs_font
def test_what_follows_in_red_stands_behind_the_bar():
    share = Chart("报送率", (Bar("东区", 60, "60%", tone="main", bad=30),), most=100)
    drawn = charts.svg(share) or ""
    assert drawn.index("#B3261E") < drawn.index("#1F4E79")


@pytest.mark.parametrize("nothing", [Lines("空", ()), Lines("空", (Line("空", ()),)), Timeline("空", ())])
def test_no_days_no_picture(nothing: Lines | Timeline):
    assert charts.svg(nothing) is None
