"""编制说明: from what, as of when and by which definitions the numbers were made."""

from __future__ import annotations

from collections.abc import Collection

from openpyxl import Workbook

from include.domain.dates import zh_date
from include.domain.indicators import INDICATORS, Indicator, Source
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.drill_down import sources_behind

NOTES_SHEET = "编制说明"

_WIDTHS = (20, 8, 86, 30)

_CONVENTIONS = (
    "一、单位数按家统计，一家单位须报多张表的只计一家，以其中完成程度最低的一张为准；任务已终止的单位不计入应报。",
    "二、“已报”指校验通过。仅收到报送件、已退回或缺盖章扫描件的，分别单列，不计入已报；零报告是报送的一种，计入已报。",
    "三、问题数（个）、例次、人次、金额只取自已报单位的自查问题明细；家、个、例次、人次是不同的计量单位，互不相加。",
    "四、金额单位为元，保留两位小数；退回医保基金与违约金、罚款分属不同款项，不合并统计。",
    "五、报送率等比率按原始数值计算，仅在显示时保留一位小数；分母为0时记为0。",
    "六、检查覆盖率以专项行动开始时冻结的名册为分母；家为去重的单位数，家次为检查次数，件、条为台账登记数，互不相加。",
    "七、本期为事项日期在统计期间内的数，累计为专项行动以来至期末的数；时点数的本期与累计相同。",
    "八、各表均取自同一快照，同一指标在各表、邮件和报告中数值一致；快照冻结后的变动计入下一版。",
)


def add_notes_sheet(book: Workbook, edition: Compilation, sources: Collection[Source]) -> None:
    """The definitions are those of the ledgers the report counts."""
    sheet = book.create_sheet(NOTES_SHEET)
    last = len(_WIDTHS)
    paper.set_widths(sheet, _WIDTHS)
    row = paper.put_heading(sheet, edition, NOTES_SHEET, columns=last)
    for name, text in _facts(edition):
        paper.put(sheet, row, 1, name, paper.HEAD)
        paper.put_across(sheet, row, 2, last, text, paper.WORDS)
        sheet.row_dimensions[row].height = 4 + paper.height_for(text, sum(_WIDTHS[1:]))
        row += 1
    row += 1
    for text in ("数据口径：", *_CONVENTIONS):
        row = paper.put_note(sheet, row, last, text)
    row += 1
    for column, title in enumerate(("指标", "单位", "定义和口径", "数据来源"), 1):
        paper.put(sheet, row, column, title, paper.HEAD)
    for row, indicator in enumerate(_of(sources), row + 1):  # noqa: B020 - the list goes on below its head
        paper.put(sheet, row, 1, indicator.title, paper.WORDS)
        paper.put(sheet, row, 2, indicator.unit, paper.CENTRED)
        words = f"{indicator.definition}\n{indicator.period_sense}。"
        paper.put(sheet, row, 3, words, paper.WORDS)
        paper.put(sheet, row, 4, indicator.source, paper.WORDS)
        sheet.row_dimensions[row].height = 4 + paper.height_for(words, _WIDTHS[2])
    paper.set_page(sheet)


def _of(sources: Collection[Source]) -> list[Indicator]:
    return [indicator for indicator in INDICATORS if sources_behind((indicator.key,)) <= set(sources)]


def _facts(edition: Compilation) -> list[tuple[str, str]]:
    campaign, snapshot = edition.campaign, edition.snapshot
    window = campaign.data_window.text if campaign.data_window else "通知未载明"
    return [
        ("专项行动", campaign.title),
        ("报送事项", edition.report.title),
        ("版次", f"第{edition.edition}版"),
        ("数据截至", zh_date(snapshot.taken_on)),
        ("统计期间", edition.both_periods),
        ("自查数据期间", window),
        ("快照编号", str(snapshot.id)),
        ("快照校验值", f"SHA-256：{snapshot.sha256}"),
        ("通知要求的表", "、".join(f"《{name}》" for name in edition.report.tables) or "通知未列明"),
    ]
