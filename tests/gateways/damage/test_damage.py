"""Each damage has its own sentence, costs little, and nothing gets out of reading but a reading."""

from __future__ import annotations

import multiprocessing
import re
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from include.domain.model import Severity
from include.domain.returns import Reading
from tests.gateways.damage import makers
from tests.gateways.damage.damages import READ_ALL_THE_SAME, REFUSED
from tests.gateways.damage.formats import ERROR, cells_of, members_of, ods, xls, xlsb, zipped
from tests.gateways.workbook_builders import item_cell, read

MEMORY = 600 * 1024 * 1024
SECONDS = 10
SAME_TO_A_CLERK = {
    "file.encrypted",
    "file.macros",
    "file.html",
    "file.csv",
    "file.odd_xml",
    "file.part_missing",
}


def _read_and_tell(content: bytes, answer: Connection) -> None:
    own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, own + MEMORY))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    reading = read(content)
    used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    answer.send((reading, time.perf_counter() - began, used))


def read_apart(content: bytes) -> Reading:
    """The reading, from a process that may use only so much memory and time."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_read_and_tell, args=(content, sender))
    process.start()
    sender.close()
    try:
        assert receiver.poll(SECONDS), "the reader hangs"
        reading, seconds, megabytes = receiver.recv()
    except EOFError:
        pytest.fail("the reader died")
    finally:
        process.kill()
        process.join()
    assert isinstance(reading, Reading)
    assert (seconds, megabytes) < (SECONDS, MEMORY)
    return reading


@pytest.mark.parametrize("name", REFUSED)
def test_a_damage_is_answered_with_its_own_sentence(name: str) -> None:
    damage = REFUSED[name]
    reading = read_apart(damage.make())
    assert [finding.rule for finding in reading.findings] == [damage.rule]
    assert damage.said in reading.findings[0].message
    assert not reading.is_readable


@pytest.mark.parametrize("name", READ_ALL_THE_SAME)
def test_an_oddity_does_not_keep_a_return_from_being_read(name: str) -> None:
    damage = READ_ALL_THE_SAME[name]
    reading = read_apart(damage.make())
    assert reading.is_readable
    assert [finding.rule for finding in reading.findings] == ([damage.rule] if damage.rule else [])
    assert all(damage.said in finding.message for finding in reading.findings)
    assert all(finding.severity is Severity.INFO for finding in reading.findings)
    (line,) = reading.sheets["items"]
    assert not line.problems
    assert line.values["visits"] == 35


@pytest.mark.parametrize("written", [xls, xlsb, ods], ids=["xls", "xlsb", "ods"])
def test_an_error_cell_of_an_old_format_is_named_by_its_address(written: Callable[..., bytes]) -> None:
    reading = read_apart(written(makers.with_error()))
    assert reading.findings == ()
    (line,) = reading.sheets["items"]
    place = item_cell("fund_amt")
    assert line.problems == {"fund_amt": "显示为公式错误 #REF!，请改为实际内容"}
    assert (line.cells["fund_amt"], line.raw["fund_amt"]) == (place, "#REF!")
    assert line.values["fund_amt"] is None
    assert line.values["visits"] == 35


def test_an_error_behind_repeated_cells_of_an_ods_is_not_moved() -> None:
    """ODF 1.2, 19.675 and 19.679: a cell or a row stands for as many as it says."""
    sheets = makers.with_error()
    content = members_of(ods(sheets))
    empty, row = b"<table:table-cell/>", b"<table:table-row></table:table-row>"
    xml = re.sub(
        rb"(?:%s){2,}" % re.escape(empty),
        lambda run: b'<table:table-cell table:number-columns-repeated="%d"/>' % (len(run[0]) // len(empty)),
        content["content.xml"],
    )
    assert b"number-columns-repeated" in xml
    blank = row.replace(b"row>", b'row table:number-rows-repeated="3">', 1)
    title = "自查问题明细".encode()
    xml = xml.replace(b'table:name="%s">' % title, b'table:name="%s">%s' % (title, blank))
    (line,) = read(zipped(content | {"content.xml": xml})).sheets["items"]
    assert set(line.problems) == {"fund_amt"}
    assert line.cells["fund_amt"] == item_cell("fund_amt").replace("4", "7")


def test_an_error_in_a_sheet_nobody_asked_for_hinders_nothing() -> None:
    sheets = cells_of(makers.whole()) | {"草稿": [[None, ERROR]]}
    for written in (xls, xlsb, ods):
        reading = read(written(sheets))
        assert reading.findings == ()
        assert not any(row.problems for rows in reading.sheets.values() for row in rows)


def test_no_two_damages_share_their_words() -> None:
    said = defaultdict(set)
    for damage in REFUSED.values():
        said[damage.said].add(damage.rule)
    assert all(len(rules) == 1 for words, rules in said.items() if words not in {"损坏", "没有传完整"})
    assert len(REFUSED) + len(READ_ALL_THE_SAME) >= 40
