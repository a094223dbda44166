"""Watched drugs and consumables by institution and month as a workbook, what has grown most in red."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font

from include.domain.dates import zh_date
from include.gateways.office_sheets import fill
from include.screening.key_items import Trend

SHOWN = 13
"""Months (个) shown: the last one, the same month of the year before, and those between."""
BEFORE = ("机构编码", "机构名称", "品种编码", "品种名称")
AFTER = ("就诊人数（最近月）", "前十二个月中位数（元）", "较中位数（%）", "较上年同月（%）")
NOTE = (
    "内部资料：金额为符合政策范围金额；增长不等于违规，新设科室、集中采购、价格调整、季节性疾病均可致增长。"
)
SURGE = 50
"""Percent above the middle from which a row is red, as S22 has it by default."""


def workbook(title: str, on: date, found: Sequence[Trend], names: Mapping[str, str]) -> bytes:
    """One row per institution and item in the order given. ``names``: institution code → its name."""
    months = sorted({each.month for trend in found for each in trend.months})[-SHOWN:]
    heads = (*BEFORE, *(f"{month:%Y-%m}（元）" for month in months), *AFTER)
    widths = (16, 26, 20, 30, *(14 for _ in months), 12, 16, 12, 12)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "重点品种趋势"
    fill(
        sheet, f"{title}（{zh_date(on)}）", NOTE, heads, widths, [_row(each, months, names) for each in found]
    )
    for line, each in enumerate(found, start=4):
        if each.growth is not None and each.growth > SURGE:
            for cell in sheet[line]:
                cell.font = Font(name="宋体", size=11, color="C00000")
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def _row(each: Trend, months: Sequence[date], names: Mapping[str, str]) -> tuple[object, ...]:
    amounts = {month.month: month.amount for month in each.months}
    return (
        each.fixmedins_code,
        names.get(each.fixmedins_code, ""),
        each.med_list_codg,
        each.name,
        *(amounts.get(month) for month in months),
        each.last.persons,
        each.middle,
        each.growth,
        each.growth_on_year,
    )
