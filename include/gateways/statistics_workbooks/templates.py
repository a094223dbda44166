"""An upper bureau's own workbook filled in: numbers go to the cells its mapping names, nothing else changes.

``include/campaigns/<campaign>/tables/<key>.xlsx`` with ``<key>.yaml`` beside it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.utils.cell import coordinate_to_tuple
from pydantic import ValidationError

from include.domain.indicators import BY_KEY
from include.domain.reports import Figure, Scope
from include.domain.template_maps import Cell, TemplateMap
from include.gateways.statistics_workbooks.fixed_bytes import saved
from include.gateways.statistics_workbooks.layouts import BadLayout, sentences

_LOST = (
    (re.compile(r"xl/(media|drawings)/"), "图片、图表、文本框或批注图形"),
    (re.compile(r"xl/charts/|xl/chartsheets/"), "图表"),
    (re.compile(r"xl/vbaProject|xl/activeX|xl/ctrlProps"), "宏或控件"),
    (re.compile(r"xl/(pivotTables|pivotCache|slicers|timelines)"), "数据透视表或切片器"),
    (re.compile(r"xl/(externalLinks|connections|queryTables)"), "外部链接或数据连接"),
    (re.compile(r"xl/embeddings/|customXml/"), "嵌入对象"),
    (re.compile(r"_xmlsignatures/"), "数字签名"),
)
"""What openpyxl does not keep, or does not keep whole, when it saves what it has read."""


def load_map(path: Path) -> TemplateMap:
    """The mapping. Raise BadLayout naming the file, each broken field and what to write instead."""
    try:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise BadLayout(f"模板缺少对应的填报说明文件 {path.name}，请补充") from fault
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise BadLayout(f"{path.name} 不是有效的 YAML 文件（须为 UTF-8 编码）：{fault}") from fault
    try:
        return TemplateMap.model_validate(facts)
    except ValidationError as fault:
        raise BadLayout("\n".join(sentences(path.name, fault.errors()))) from fault


def filled(
    template: Path, figures: Sequence[Figure], *, on: date, previous: Sequence[Figure] = ()
) -> tuple[str, bytes]:
    """The file's title and the template with its numbers. Same arguments, same bytes.

    Raise BadLayout for a template that would lose something, and for cells that cannot take a number.
    """
    mapping = load_map(template.with_suffix(".yaml"))
    content = template.read_bytes()
    book = _opened(template.name, content)
    faults = [
        sentence
        for cell in mapping.cells
        if (sentence := _fault(book, cell, template.with_suffix(".yaml").name))
    ]
    if faults:
        raise BadLayout("\n".join(faults))
    book.calculation.fullCalcOnLoad = True
    numbers, before = _by_place(figures), _by_place(previous)
    for cell in mapping.cells:
        value = _value(cell, numbers, before)
        target = book[cell.sheet][cell.cell]
        target.value = "—" if value is None else cell.printed(value)
    return mapping.title, saved(book, on=on)


def _opened(name: str, content: bytes) -> Workbook:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            members = archive.namelist()
            if any(
                b"<x14:" in archive.read(each) for each in members if each.startswith("xl/worksheets/sheet")
            ):
                raise BadLayout(
                    f"模板 {name} 含有迷你图或扩展条件格式，填写时会丢失，请另存一份去掉这些内容的模板再放入"
                )
        lost = list(
            dict.fromkeys(what for pattern, what in _LOST if any(pattern.search(each) for each in members))
        )
        if lost:
            raise BadLayout(
                f"模板 {name} 含有{'、'.join(lost)}，填写时会丢失，请另存一份去掉这些内容的模板再放入"
            )
        return load_workbook(io.BytesIO(content), rich_text=True)
    except (BadZipFile, KeyError, ValueError, OSError) as fault:
        if isinstance(fault, BadLayout):
            raise
        raise BadLayout(
            f"模板 {name} 不是可以打开的 .xlsx 文件，请用 Excel 或 WPS 另存为 .xlsx 后再放入"
        ) from fault


def _fault(book: Workbook, cell: Cell, file: str) -> str | None:
    where = f"{file}：“{cell.sheet}”的{cell.cell}"
    if cell.sheet not in book.sheetnames:
        return f"{file}：模板中没有工作表“{cell.sheet}”，可选：{'、'.join(book.sheetnames)}"
    sheet = book[cell.sheet]
    row, column = coordinate_to_tuple(cell.cell)
    # Asked before the cell: a cell that is looked at comes into being and widens the sheet.
    if row > sheet.max_row or column > sheet.max_column:
        return f"{where}在表格范围（{sheet.dimensions}）之外，请核对单元格"
    target = sheet.cell(row, column)
    if not isinstance(target, SheetCell):
        area = next(str(area) for area in sheet.merged_cells.ranges if cell.cell in area)
        return f"{where}在合并单元格{area}之内，请改写为左上角的{area.split(':')[0]}"
    if target.data_type == "f":
        return f"{where}是公式（{target.value}），不能填数，请改写它所汇总的单元格，或删去此项"
    if isinstance(target.value, str) and target.value.strip() not in ("", "-", "—", "/"):
        return f"{where}已有文字“{target.value}”，不能填数，请核对单元格"
    return None


_Numbers = dict[tuple[str, Scope, str, str], Decimal]


def _by_place(figures: Sequence[Figure]) -> _Numbers:
    return {(each.indicator, each.scope, each.dimension, each.member): each.value for each in figures}


def _value(cell: Cell, numbers: _Numbers, before: _Numbers) -> Decimal | None:
    """The figure of the cell; 0 for a member that does not occur, None for 上期 when there was none before."""
    if cell.scope == "previous":
        return before.get((cell.indicator, Scope.THIS, *cell.place), Decimal(0)) if before else None
    key = (cell.indicator, Scope(cell.scope), *cell.place)
    if key not in numbers and cell.dimension is None:
        raise BadLayout(f"没有指标“{BY_KEY[cell.indicator].title}”的数值，请重新编制本报表")
    return numbers.get(key, Decimal(0))
