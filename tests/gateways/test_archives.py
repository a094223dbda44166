"""A zip becomes its files, under names that can do no harm, or stays whole and says why."""

from __future__ import annotations

import pytest

from include.gateways.workbooks import archives
from include.gateways.workbooks.refusals import Refused
from tests.gateways.damage.damages import ARCHIVES
from tests.gateways.damage.formats import cells_of, ods, zipped
from tests.gateways.damage.zips import entry, zip_of
from tests.gateways.workbook_builders import filled, workbooks

UTF8 = 0x800


def names_in(*entries: bytes, flags: int = 0) -> list[str]:
    return [
        name for name, _ in archives.files_in(zip_of(*(entry(name, b"x", flags=flags) for name in entries)))
    ]


def test_the_files_of_a_zip_are_named_after_it() -> None:
    content = zipped({"自查表.xlsx": b"one", "盖章/报告.pdf": b"two"})
    assert workbooks().unpack("H15062600001.zip", content) == [
        ("H15062600001.zip/自查表.xlsx", b"one"),
        ("H15062600001.zip/盖章/报告.pdf", b"two"),
    ]


@pytest.mark.parametrize("name", ["自查表.xlsx", "没有标记编码的自查表(副本).xlsx"])
def test_names_in_gbk_and_in_utf_8_are_both_understood(name: str) -> None:
    assert names_in(name.encode("gbk")) == [name]
    assert names_in(name.encode()) == [name]
    assert names_in(name.encode(), flags=UTF8) == [name]


@pytest.mark.parametrize(
    ("sent", "safe"),
    [
        ("../../etc/cron.d/x", "etc/cron.d/x"),
        ("/srv/.keys/id", "srv/keys/id"),
        ("C:\\Windows\\a.xlsx", "Windows/a.xlsx"),
        ("..\\..\\a.xlsx", "a.xlsx"),
        ("\\\\server\\share\\a.xlsx", "server/share/a.xlsx"),
        ("CON.xlsx", "_CON.xlsx"),
        ("com1", "_com1"),
        ("a\x00b\n.xlsx", "a_b_.xlsx"),
        ('a<b>:"|?*.xlsx', "a_b______.xlsx"),
        ("表\u202excod.xlsx", "表xcod.xlsx"),
        ("表.xlsx . .", "表.xlsx"),
        ("../..", "未命名"),
        (f"{'长' * 300}.xlsx", f"{'长' * 100}.xlsx"),
    ],
)
def test_no_name_points_out_of_the_archive(sent: str, safe: str) -> None:
    assert archives.safe_name(sent) == safe


def test_what_programs_leave_in_a_zip_is_left_out() -> None:
    left = [b"__MACOSX/._a.xlsx", b"a/.DS_Store", b"Thumbs.db", b"~$a.xlsx", b"empty/", b"a.xlsx"]
    assert names_in(*left) == ["a.xlsx"]


@pytest.mark.parametrize("name", [name for name in ARCHIVES if name != "zip in a zip"])
def test_a_zip_that_is_not_unpacked_stays_as_it_is(name: str) -> None:
    content = ARCHIVES[name].make()
    assert workbooks().unpack("a.zip", content) == [("a.zip", content)]
    with pytest.raises(Refused, match=ARCHIVES[name].said):
        archives.files_in(content)


def test_only_the_outermost_zip_is_unpacked() -> None:
    inner = zip_of(entry("a.xlsx", b"x"))
    ((name, content),) = workbooks().unpack("out.zip", zip_of(entry("in.zip", inner)))
    assert (name, content) == ("out.zip/in.zip", inner)


@pytest.mark.parametrize(
    "content",
    [
        filled(),
        ods(cells_of(filled())),
        zipped({"[Content_Types].xml": b"x", "word/document.xml": b"x"}),
        filled()[:5000],
        b"%PDF-1.7",
        b"",
    ],
)
def test_a_document_is_not_unpacked_though_it_is_a_zip(content: bytes) -> None:
    assert workbooks().unpack("a.xlsx", content) == [("a.xlsx", content)]
