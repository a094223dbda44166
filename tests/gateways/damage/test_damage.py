"""Each damage has its own sentence, costs little, and nothing gets out of reading but a reading."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections import defaultdict
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from include.domain.model import Severity
from include.domain.returns import Reading
from tests.gateways.damage.damages import READ_ALL_THE_SAME, REFUSED
from tests.gateways.workbook_builders import read

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


def test_no_two_damages_share_their_words() -> None:
    said = defaultdict(set)
    for damage in REFUSED.values():
        said[damage.said].add(damage.rule)
    assert all(len(rules) == 1 for words, rules in said.items() if words not in {"损坏", "没有传完整"})
    assert len(REFUSED) + len(READ_ALL_THE_SAME) >= 40
