"""The mark outside the ledger: it only grows, whoever writes it, and it never stops an office by being unreadable."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.gateways.watermark import Watermark


def test_it_only_grows_unless_a_person_lowers_it(tmp_path: Path) -> None:
    file = tmp_path / "state" / "mark"
    mark, of_another_process = Watermark(file), Watermark(file)
    assert mark.read() == 0
    mark.write(1000)
    of_another_process.write(999)
    assert mark.read() == of_another_process.read() == 1000
    of_another_process.lower(7)
    assert mark.read() == 7
    mark.write(8)
    assert of_another_process.read() == 8


@pytest.mark.parametrize("before", ["12", "12\n", f"{12:>40}", "", "half written", "9" * 19 + "x" * 30])
def test_whatever_was_in_the_file_the_next_number_is_kept(tmp_path: Path, before: str) -> None:
    file = tmp_path / "mark"
    file.write_text(before)
    mark = Watermark(file)
    assert mark.read() == (12 if before.strip() == "12" else 0)
    mark.write(13)
    assert mark.read() == 13


def test_what_has_left_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    mark = Watermark(tmp_path / "mark")
    mark.note("live/one")
    mark.note("live/two")
    mark.forget("live/one")
    after = Watermark(tmp_path / "mark")
    assert [after.has_left(key) for key in ("live/one", "live/two", "live/three")] == [False, True, False]


def test_what_another_process_takes_back_has_not_left(tmp_path: Path) -> None:
    one, other = Watermark(tmp_path / "mark"), Watermark(tmp_path / "mark")
    one.note("live/one")
    assert other.has_left("live/one")
    one.forget("live/one")
    assert not other.has_left("live/one")
    one.note("live/one")
    assert Watermark(tmp_path / "mark").has_left("live/one")


def test_after_the_notes_were_lost_nothing_planned_until_then_is_known(tmp_path: Path) -> None:
    before, then, after = (date(2024, 5, day) for day in (5, 6, 7))
    mark = Watermark(tmp_path / "mark")
    assert not mark.is_unknown("live/one", planned_on=then)
    Watermark(tmp_path / "mark").lose(until=then)
    mark = Watermark(tmp_path / "mark")
    assert [mark.is_unknown("live/one", planned_on=on) for on in (before, then, after)] == [True, True, False]
    mark.forget("live/one")
    for each in (mark, Watermark(tmp_path / "mark")):
        assert not each.is_unknown("live/one", planned_on=then)
        assert each.is_unknown("live/two", planned_on=then)
