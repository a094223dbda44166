"""Text for an 80-column terminal: nothing is cut off, nothing runs over."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len

from include.cli import output
from include.domain.returns import Finding
from tests.cli.conftest import run

LONG = "通知未明确每季度的具体日期，按季度末后5个工作日报送；截止日为2024-06-07（由规则换算）。" * 3


@pytest.mark.parametrize("width", [20, 40, 68, 80])
def test_a_wrapped_text_is_whole_fits_and_begins_no_line_with_a_comma(width: int) -> None:
    lines = list(output.wrapped(LONG, width))
    assert "".join(lines) == LONG
    assert max(cell_len(line) for line in lines) <= width
    assert [line for line in lines if line[0] in "，。、；）"] == []
    assert not any(line.endswith(("（", "2024-", "2024")) for line in lines)


@pytest.mark.parametrize("command", [("campaigns", "show", "wushen_2024"), ("forms", "list")])
def test_on_a_terminal_no_line_is_wider_than_eighty_columns(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = "".join(run(*command).out.split())
    monkeypatch.setattr(output, "_room", lambda: 80)
    shown = run(*command).out
    assert max(cell_len(line) for line in shown.splitlines()) <= 80
    assert "".join(shown.split()) == whole


def test_in_a_pipe_a_sentence_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert not sys.stdout.isatty()
    output.say(LONG, lead="  1. ")
    assert capsys.readouterr().out == f"  1. {LONG}\n"


def test_columns_are_aligned_by_width_not_by_number_of_characters(capsys: pytest.CaptureFixture[str]) -> None:
    output.listed([("编号", "名称"), ("self_check", "自查自纠情况表"), ("a", None)], indent=0)
    assert capsys.readouterr().out.splitlines() == [
        "编号        名称",
        "self_check  自查自纠情况表",
        "a",
    ]


def test_json_knows_our_values_and_keeps_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    finding = Finding("rule.key", "请改正", sheet="封面", cell="B4")
    output.print_json({"day": date(2024, 5, 6), "元": Decimal("1.20"), "file": Path("a"), "f": (finding,)})
    text = capsys.readouterr().out
    assert '"day": "2024-05-06"' in text
    assert '"元": "1.20"' in text
    assert '"sentence": "请改正"' in text
