from __future__ import annotations

import pytest

from include.gateways import charts
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
