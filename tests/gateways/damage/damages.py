"""Every damage by name, with the rule and the words of its answer."""

from __future__ import annotations

from dataclasses import replace

from include.gateways.workbooks import identity
from tests.gateways.damage import makers
from tests.gateways.damage.formats import biff8, cells_of, compound, ods, prefixed, strict, xls, xlsb, zipped
from tests.gateways.damage.makers import (
    LAUGHS,
    Damage,
    edited,
    parts,
    retargeted,
    whole,
    with_items,
    with_parts,
    with_rows,
)
from tests.gateways.damage.zips import entry, zeros, zip_of

HTML = "<html><body><table><tr><td>序号</td></tr></table></body></html>"
CSV = "序号,违规类型,违规金额\r\n1,重复收费,100\r\n"
SPREADSHEETML = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook></Workbook>'
FILEPASS = b"\x2f\0\6\0\1\0\0\0\0\0"

NOT_WORKBOOKS = {
    "nothing": Damage(lambda: b"", "file.empty", "0字节"),
    "only blanks": Damage(lambda: b" \r\n" * 400, "file.empty", "只有空白"),
    "pdf named xlsx": Damage(lambda: b"%PDF-1.7\n" + bytes(200), "file.not_workbook", "扫描件或图片"),
    "noise": Damage(lambda: bytes(range(256)) * 10, "file.not_workbook", "不是Excel工作簿，请在下发"),
    "html named xls": Damage(HTML.encode, "file.html", "网页格式"),
    "html in utf-16": Damage(lambda: HTML.encode("utf-16"), "file.html", "网页格式"),
    "xml of 2003": Damage(SPREADSHEETML.encode, "file.xml_2003", "XML表格2003"),
    "csv named xls": Damage(lambda: CSV.encode("gb18030"), "file.csv", "CSV"),
    "csv in utf-8": Damage(lambda: CSV.encode("utf-8-sig"), "file.csv", "CSV"),
    "csv in two encodings": Damage(
        lambda: CSV.encode("utf-8") * 3 + CSV.encode("gb18030") + b"\xff", "file.csv", "CSV"
    ),
    "csv in utf-16": Damage(lambda: CSV.encode("utf-16"), "file.csv", "CSV"),
    "doc": Damage(lambda: compound({"WordDocument": b""}), "file.not_workbook", "（.doc）"),
    "other compound file": Damage(lambda: compound({"Mail": b""}), "file.not_workbook", "里面没有工作簿"),
    "broken compound file": Damage(
        lambda: xls(cells_of(whole()))[:700], "file.damaged", "旧版Office格式且已损坏"
    ),
    "docx": Damage(lambda: zipped({"word/document.xml": "<x/>"}), "file.not_workbook", "是Word文档，"),
    "odt": Damage(
        lambda: zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
        "file.not_workbook",
        "ODF文档",
    ),
    "rar": Damage(lambda: b"Rar!\x1a\x07\x01\0" + bytes(90), "file.archive", "RAR格式"),
    "7z": Damage(lambda: b"7z\xbc\xaf\x27\x1c" + bytes(90), "file.archive", "7Z格式"),
}

LOCKED_OR_BROKEN = {
    "encrypted": Damage(makers.encrypted, "file.encrypted", "打开密码"),
    "encrypted xls": Damage(
        lambda: compound({"Workbook": biff8({"表": [["a"]]}, before_sheets=FILEPASS)}),
        "file.encrypted",
        "打开密码",
    ),
    "encrypted ods": Damage(
        lambda: ods({"表": [["a"]]}, manifest=b"<manifest:encryption-data/>"), "file.encrypted", "打开密码"
    ),
    "cut off near the start": Damage(lambda: whole()[:100], "file.damaged", "没有传完整"),
    "cut off in the middle": Damage(lambda: whole()[: len(whole()) // 2], "file.damaged", "没有传完整"),
    "cut off at the end": Damage(lambda: whole()[:-30], "file.damaged", "没有传完整"),
    "corrupted": Damage(makers.corrupted, "file.damaged", "没有传完整"),
    "cut off xls": Damage(lambda: xls(cells_of(whole()))[:3000], "file.damaged", "损坏"),
    "garbled ods": Damage(
        lambda: zipped({"mimetype": "spreadsheet", "content.xml": "<a><b>"}), "file.damaged", "没有传完整"
    ),
    "no workbook part": Damage(
        lambda: with_parts(xl__workbook_dot_xml=None), "file.part_missing", "主要部分"
    ),
    "no sheet part": Damage(
        lambda: zipped({k: v for k, v in parts().items() if k != makers.ITEMS}),
        "file.part_missing",
        "“自查问题明细”的内容不在文件里",
    ),
    "no relations": Damage(
        lambda: with_parts(xl___rels__workbook_dot_xml_dot_rels=None), "file.damaged", "损坏"
    ),
    "parts twice": Damage(makers.doubled_parts, "file.doubled_parts", "重名的部分"),
    "sheet outside the file": Damage(
        lambda: retargeted("file:///C:/a/sheet3.xml"), "file.part_missing", "不在文件里"
    ),
    "sheet up and away": Damage(lambda: retargeted("../../../etc/passwd"), "file.part_missing", "不在文件里"),
    "billion laughs in the workbook": Damage(
        lambda: with_parts(xl__workbook_dot_xml=LAUGHS + b"<a>&b8;</a>"), "file.odd_xml", "结构异常"
    ),
    "billion laughs in the texts": Damage(
        lambda: with_parts(xl__sharedStrings_dot_xml=LAUGHS + b"<sst><si><t>&b8;</t></si></sst>"),
        "file.odd_xml",
        "结构异常",
    ),
    "billion laughs in a sheet": Damage(
        lambda: zipped(parts() | {makers.ITEMS: LAUGHS + parts()[makers.ITEMS]}), "file.odd_xml", "结构异常"
    ),
    "sheet in GBK": Damage(
        lambda: with_items(lambda xml: f'<?xml version="1.0" encoding="GBK"?>{xml}'),
        "file.odd_xml",
        "结构异常",
    ),
    "texts in GBK that say they are UTF-8": Damage(makers.texts_in_gbk, "file.odd_xml", "结构异常"),
    "sheet in utf-16": Damage(
        lambda: zipped(parts() | {makers.ITEMS: parts()[makers.ITEMS].decode().encode("utf-16")}),
        "file.odd_xml",
        "结构异常",
    ),
}

TOO_MUCH = {
    "too large": Damage(lambda: b"PK" + bytes(20 * 1024 * 1024), "file.too_large", "20MB上限"),
    "zip bomb": Damage(makers.bomb, "file.bomb", "解压后的内容异常大"),
    "zip bomb with a lying directory": Damage(makers.lying_bomb, "file.damaged", "损坏"),
    "one long text repeated": Damage(makers.repeated_text, "file.bomb", "特别长的文字"),
    "one cell over a whole ods": Damage(makers.wide_ods, "file.damaged", "损坏"),
    "the far corner of an xls": Damage(makers.wide_xls, "file.bomb", "铺得过大"),
    "one stray cell below everything": Damage(
        lambda: with_rows('<row r="1048576"><c r="B1048576"><v>1</v></c></row>'),
        "file.too_long",
        "第65000行以下",
    ),
    "cells that do not say where they are": Damage(
        lambda: with_rows("<row>" + "<c><v>1</v></c>" * 9000 + "</row>" + "<row/>" * 9000),
        "file.bomb",
        "单元格异常多",
    ),
    "macros": Damage(lambda: with_parts(xl__vbaProject_dot_bin=b"x"), "file.macros", "含有宏"),
    "macros in xls": Damage(
        lambda: compound({"Workbook": biff8({"表": [["a"]]}), "_VBA_PROJECT_CUR": b"x"}),
        "file.macros",
        "含有宏",
    ),
}

ARCHIVES = {
    "zip in a zip": Damage(lambda: zip_of(entry("a.xlsx", whole())), "file.archive", "不再解压"),
    "empty zip": Damage(lambda: zip_of(), "archive.empty", "压缩包里没有文件"),
    "zip with a password": Damage(
        lambda: zip_of(entry("a.xlsx", b"x", flags=1)), "archive.encrypted", "解压密码"
    ),
    "zip with too many files": Damage(
        lambda: zip_of(*(entry(f"{n}.txt", b"x") for n in range(600))), "archive.too_many", "600个文件"
    ),
    "bomb of an archive": Damage(lambda: zip_of(zeros("a.bin", 200)), "archive.bomb", "200MB"),
    "broken archive": Damage(
        lambda: zip_of(replace(entry("a.txt", b"x" * 900), crc=1)), "archive.damaged", "压缩包已损坏"
    ),
}

WRONG_CONTENT = {
    "some other workbook": Damage(makers.foreign, "form.unknown", "“工资表”"),
    "only hidden sheets": Damage(makers.all_hidden, "form.unknown", "全部被隐藏"),
    "only charts": Damage(makers.only_charts, "form.unknown", "只有图表"),
    "two units in one file": Damage(
        lambda: edited(makers.two_units), "sheet.doubled", "一个文件只报一个单位"
    ),
    "the covers of two units": Damage(
        lambda: edited(makers.two_covers), "sheet.doubled", "一个文件只报一个单位"
    ),
    "version of another year": Damage(lambda: edited(makers.old_version), "form.version", "“2019.1”"),
    "no identity": Damage(
        lambda: edited(lambda book: book.remove(book[identity.SHEET])), "identity.missing", "找不到标识"
    ),
    "a sheet missing": Damage(
        lambda: edited(lambda book: book.remove(book["自查问题明细"])),
        "sheet.missing",
        "缺少工作表“自查问题明细”",
    ),
}

READ_ALL_THE_SAME = {
    "xls": Damage(lambda: xls(cells_of(whole()))),
    "xlsb": Damage(lambda: xlsb(cells_of(whole()))),
    "ods": Damage(lambda: ods(cells_of(whole()))),
    "prefixed names": Damage(lambda: prefixed(whole())),
    "strict namespaces": Damage(lambda: strict(whole())),
    "column XFD on 20,000 rows": Damage(lambda: with_rows(makers.far_rows())),
    "a million empty formatted rows": Damage(lambda: with_rows(makers.empty_rows())),
    "one stray cell at the very end": Damage(
        lambda: with_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    ),
    "300 more sheets": Damage(lambda: edited(makers.many_sheets)),
    "formulas in words": Damage(makers.injected),
    "absolute targets": Damage(lambda: retargeted("/xl/worksheets/sheet3.xml")),
    "relations in a circle": Damage(makers.cyclic_relations),
    "negative dimensions": Damage(
        lambda: with_items(lambda xml: xml.replace("<sheetData", '<dimension ref="A9:A-5"/><sheetData', 1))
    ),
    "dimensions of the whole sheet": Damage(
        lambda: with_items(
            lambda xml: xml.replace("<sheetData", '<dimension ref="A1:XFD1048576"/><sheetData', 1)
        )
    ),
    "structure locked": Damage(lambda: edited(makers.structure_locked)),
    "a million rows of empty formatted cells": Damage(lambda: with_rows(makers.empty_cells())),
    "members that point out of the file": Damage(makers.with_paths_outside),
    "links to other files": Damage(makers.linked, "file.carries", "指向其他文件的链接"),
    "an embedded document": Damage(
        lambda: with_parts(xl__embeddings__Microsoft_Word_dot_docx=b"PK\3\4"), "file.carries", "嵌入的文件"
    ),
    "a control": Damage(lambda: with_parts(xl__activeX__activeX1_dot_bin=b"x"), "file.carries", "控件"),
    "embedded files": Damage(
        lambda: with_parts(xl__embeddings__oleObject1_dot_bin=b"MZ"), "file.carries", "嵌入的文件"
    ),
    "hidden rows": Damage(lambda: edited(makers.hidden_rows), "sheet.hidden_rows", "被隐藏"),
}

REFUSED = NOT_WORKBOOKS | LOCKED_OR_BROKEN | TOO_MUCH | ARCHIVES | WRONG_CONTENT
