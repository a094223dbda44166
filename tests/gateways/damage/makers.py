"""Forty-odd ways in which a file is not what was asked for, and what its sender is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO

from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart
from openpyxl.workbook.protection import WorkbookProtection

from include.gateways.workbooks import identity
from tests.gateways.damage import formats, zips
from tests.gateways.damage.formats import ERROR, cells_of, members_of, zipped
from tests.gateways.damage.zips import entry, zip_of
from tests.gateways.workbook_builders import cover_cell, filled, item_cell, to_bytes, unit

ITEMS = "xl/worksheets/sheet3.xml"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "haha">'
    + "".join(f'<!ENTITY b{n} "{"&b;" * 10 if n == 0 else f"&b{n - 1};" * 10}">' for n in range(9))
    + "]>"
).encode()


@dataclass(frozen=True)
class Damage:
    """``rule`` is the finding's; none means the file is read all the same. ``said`` is in its sentence."""

    make: Callable[[], bytes]
    rule: str = ""
    said: str = ""


@cache
def whole() -> bytes:
    return filled()


@cache
def parts() -> dict[str, bytes]:
    return members_of(whole())


def with_parts(**changed: bytes | None) -> bytes:
    """``__`` stands for a slash, ``_dot_`` for a dot; None takes a part out."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in changed.items()}
    kept = {name: content for name, content in (parts() | named).items() if content is not None}
    return zipped(kept)


def with_items(change: Callable[[str], str]) -> bytes:
    """The sheet 自查问题明细 with its XML changed."""
    return zipped(parts() | {ITEMS: change(parts()[ITEMS].decode()).encode()})


def with_rows(rows: str) -> bytes:
    return with_items(lambda xml: xml.replace("</sheetData>", rows + "</sheetData>"))


def edited(act: Callable[[Workbook], object]) -> bytes:
    workbook = load_workbook(BytesIO(whole()))
    act(workbook)
    return to_bytes(workbook)


def encrypted() -> bytes:
    buffer = BytesIO()
    OOXMLFile(BytesIO(whole())).encrypt("synthetic", buffer)
    return buffer.getvalue()


def corrupted() -> bytes:
    data = bytearray(whole())
    data[len(data) // 2 : len(data) // 2 + 400] = bytes(400)
    return bytes(data)


def bomb() -> bytes:
    """A megabyte that would become 1.2 GB."""
    one = zips.zeros("xl/media/a.bin", 60)
    copies = [replace(one, name=f"xl/media/{n}.bin".encode(), packed=one.packed) for n in range(20)]
    return zip_of(*(entry(name, content) for name, content in parts().items()), *copies)


def lying_bomb() -> bytes:
    """The directory claims 100 bytes for a part of 300 MB."""
    large = replace(zips.zeros("xl/sharedStrings.xml", 300), size=100)
    kept = (entry(name, content) for name, content in parts().items() if "sharedStrings" not in name)
    return zip_of(*kept, large)


def doubled_parts() -> bytes:
    return zip_of(*(entry(name, content) for name, content in parts().items()), entry(ITEMS, b"<worksheet/>"))


def repeated_text() -> bytes:
    """One long shared string that thousands of cells repeat: 1 MB becomes gigabytes in a reader."""
    shared = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (formats.SPREADSHEET.encode(), b"A" * 1_000_000)
    rows = "".join(f'<row r="{n}"><c r="D{n}" t="s"><v>0</v></c></row>' for n in range(200, 5000))
    xml = parts()[ITEMS].decode().replace("</sheetData>", rows + "</sheetData>").encode()
    return zipped(parts() | {"xl/sharedStrings.xml": shared, ITEMS: xml})


def all_hidden() -> bytes:
    data = re.sub(rb'(<sheet\b[^>]*?)state="\w+"', rb"\1", parts()["xl/workbook.xml"])
    hidden = re.sub(rb"<sheet\b", rb'<sheet state="hidden"', data)
    foreign = {name: content.replace("专用表".encode(), b"") for name, content in parts().items()}
    return zipped(foreign | {"xl/workbook.xml": hidden, **_emptied()})


def _emptied() -> dict[str, bytes]:
    return {
        name: re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", content, flags=re.DOTALL)
        for name, content in parts().items()
        if name.startswith("xl/worksheets/sheet")
    }


def only_charts() -> bytes:
    workbook = Workbook()
    workbook.create_chartsheet("图表").add_chart(BarChart())
    del workbook["Sheet"]
    return to_bytes(workbook)


def foreign() -> bytes:
    workbook = Workbook()
    workbook.active.title = "工资表"
    workbook.active.append(["姓名", "应发"])
    return to_bytes(workbook)


def two_units(workbook: Workbook) -> None:
    copy = workbook.copy_worksheet(workbook["自查问题明细"])
    copy.title = "自查问题明细 (2)"


def two_covers(workbook: Workbook) -> None:
    copy = workbook.copy_worksheet(workbook["封面"])
    copy.title = "封面 (2)"
    copy[cover_cell("unit_code")].value = unit(2).code
    copy[cover_cell("unit_name")].value = unit(2).name


def many_sheets(workbook: Workbook) -> None:
    for number in range(300):
        workbook.create_sheet(f"附{number}").append(["随手", "记的", number])


def old_version(workbook: Workbook) -> None:
    for row in workbook[identity.SHEET].iter_rows():
        if row[0].value == "form_version":
            row[1].value = "2019.1"


def structure_locked(workbook: Workbook) -> None:
    workbook.security = WorkbookProtection(workbookPassword="0000", lockStructure=True)


def hidden_rows(workbook: Workbook) -> None:
    workbook["自查问题明细"].row_dimensions[4].hidden = True


def injected() -> bytes:
    """What a spreadsheet would take for a formula when it is pasted or exported."""
    words = {
        "description": '=cmd|"/c calc"!A0 的收费问题描述',
        "measure": '+HYPERLINK("http://a.example")',
        "memo": "@SUM(1+1)*cmd",
        "cause": "\t=1+1 重复收费",
        "dept_name": "-2+3",
    }
    workbook = load_workbook(BytesIO(whole()))
    for field, text in words.items():
        cell = workbook["自查问题明细"][item_cell(field)]
        cell.value = text
        cell.data_type = "s"
    return to_bytes(workbook)


def wide_ods() -> bytes:
    """One cell repeated over 60,000 rows and 4,000 columns."""
    data = formats.ods({"自查问题明细": [["x"]]})
    content = members_of(data)
    content["content.xml"] = (
        content["content.xml"]
        .replace(b"<table:table-row>", b'<table:table-row table:number-rows-repeated="60000">')
        .replace(b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="4000" ')
    )
    return zipped(content)


def wide_xls() -> bytes:
    """The first cell and the last one: sixteen million for a reader that takes the rectangle."""
    return formats.xls({"自查问题明细": [["x"], *[[]] * 65_534, [*[None] * 255, "y"]]})


def cyclic_relations() -> bytes:
    name = "xl/worksheets/_rels/sheet3.xml.rels"
    loop = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId9" Type="{formats.RELATIONS}/worksheet" Target="../worksheets/sheet3.xml"/>'
        f'<Relationship Id="rId8" Type="{formats.RELATIONS}/officeDocument" Target="../workbook.xml"/>'
        "</Relationships>"
    )
    return zipped(parts() | {name: loop.encode()})


def retargeted(target: str) -> bytes:
    """The third sheet's relation points elsewhere."""
    rels = parts()["xl/_rels/workbook.xml.rels"].decode()
    return with_parts(
        xl___rels__workbook_dot_xml_dot_rels=re.sub(
            r'"[^"]*worksheets/sheet3\.xml"', f'"{target}"', rels
        ).encode()
    )


def sheets_without(key: str) -> formats.Sheets:
    return {title: rows for title, rows in cells_of(whole()).items() if title != key}


def with_error() -> dict[str, list[list[object]]]:
    sheets: dict[str, list[list[object]]] = cells_of(whole())
    sheets["自查问题明细"][3][13] = ERROR
    return sheets


def far_rows() -> str:
    return "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(200, 20_200))


def empty_cells() -> str:
    return "".join(f'<row r="{n}"><c r="B{n}" s="1"/></row>' for n in range(200, 1_000_200))


def with_paths_outside() -> bytes:
    """A reader that unpacked these would write where it should not."""
    outside = ("../../etc/cron.d/x", "/etc/passwd", "C:\\Windows\\x.dll", "xl/../../../x")
    return zipped(parts() | dict.fromkeys(outside, b"synthetic"))


def linked() -> bytes:
    """A cell computed from somebody's own disk, with its last value, and the link it came by."""
    link = (
        f'<externalLink xmlns="{formats.SPREADSHEET}"><externalBook xmlns:r="{formats.RELATIONS}" r:id="rId1"/>'
        "</externalLink>"
    )
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{formats.RELATIONS}/externalLinkPath" Target="file:///D:/a.xlsx" TargetMode="External"/></Relationships>'
    )
    place = item_cell("visits")
    xml = re.sub(
        rf'(<c r="{place}"[^>]*>)<v>', r"\1<f>[1]Sheet1!$A$1</f><v>", parts()[ITEMS].decode()
    ).encode()
    assert b"[1]Sheet1" in xml
    return zipped(
        parts()
        | {
            ITEMS: xml,
            "xl/externalLinks/externalLink1.xml": link,
            "xl/externalLinks/_rels/externalLink1.xml.rels": rels,
        }
    )


def texts_in_gbk() -> bytes:
    """What a program writes that forgets to say so: two encodings in one file."""
    letters = re.sub(r"&#(\d+);", lambda code: chr(int(code[1])), parts()[ITEMS].decode())
    assert not letters.isascii()
    return zipped(parts() | {ITEMS: letters.encode("gb18030")})


def empty_rows() -> str:
    return "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(200, 1_000_200))
