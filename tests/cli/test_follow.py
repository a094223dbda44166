"""``follow``: what is due, what the clue rules propose, and how a limit is moved; nothing is sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.assembly import Assembly
from include.domain.registers import Given, change_of, given_in, parts
from tests.cli.conftest import CAMPAIGN, ledger_of, run
from tests.gateways.workbook_builders import examples, forms

NUMBER = "XS-150626-20240603-0001"
AT = ("--campaign", CAMPAIGN, "--on", "2024-06-26")
WHY = ("--form", "clue", "--number", NUMBER, "--reason", "案情复杂", "--approved-by", "office_director")


@pytest.fixture
def registered(office: Assembly) -> Assembly:
    """Two clues of one institution under verification, both due on 25 June 2024; the first is risky."""
    form = forms()["clue"]
    part = parts(form)[0]
    [given] = given_in(form, examples("clue"))[part.table]
    open_: dict[str, Any] = {"state": "核查中", "result": None, "closed_on": None, "feedback_on": None}
    numbers = {NUMBER: "高", "XS-150626-20240603-0002": "低"}
    changes = [
        change_of(
            part, None, Given(number, {**given.values, **open_, "number": number, "risk_level": risk}, {})
        )
        for number, risk in numbers.items()
    ]
    office.ledger.registers.enter(
        CAMPAIGN,
        form,
        [each for each in changes if each],
        on=date(2024, 6, 3),
        actor="test",
        source_sha256="a" * 64,
    )
    return office


def test_every_open_record_is_listed_with_its_day_and_nothing_is_entered(
    registered: Assembly, home: Path
) -> None:
    before = ledger_of(home)
    found = run("follow", "due", *AT, "--json").json
    assert [(each["number"], each["due_on"], each["working_days_left"]) for each in found] == [
        (NUMBER, "2024-06-25", -1),
        ("XS-150626-20240603-0002", "2024-06-25", -1),
    ]
    assert found[0]["source"].startswith("线索下发时确定的核查期限")
    assert "未办结的台账事项：2件" in run("follow", "due", *AT).out
    assert ledger_of(home) == before


def test_the_clue_rules_are_listed_with_their_reasons(registered: Assembly) -> None:
    found = run("follow", "clues", *AT, "--json").json
    assert [(each["rule"], each["numbers"]) for each in found["proposals"]] == [
        ("flying", [NUMBER]),
        ("watch", [NUMBER, "XS-150626-20240603-0002"]),
        ("unverified", [NUMBER]),
        ("unverified", ["XS-150626-20240603-0002"]),
        ("cross_check", [NUMBER]),
    ]
    shown = run("follow", "clues", *AT).out
    assert "建议纳入飞行检查范围：1项" in shown
    assert "应向下发单位反馈：0项" in shown


def test_a_limit_is_extended_paused_and_resumed_and_refused_with_the_rule(registered: Assembly) -> None:
    extended = run("follow", "extend", *AT, *WHY, "--json").json
    assert (extended["due_on"], extended["extended"]) == ("2024-07-16", 1)
    refused = run("follow", "extend", *AT, *WHY, code=1)
    assert "已延长1次，不能再延长" in refused.err + refused.out
    paused = run("follow", "pause", *AT, *WHY, "--ground", "鉴定").out
    assert "期限自2024-06-26起暂停计算" in paused
    resumed = ("--campaign", CAMPAIGN, "--on", "2024-07-01")
    assert "期限为2024-07-19" in run("follow", "resume", *resumed, *WHY).out
    unknown = run("follow", "pause", *AT, *WHY, "--ground", "出差", code=1)
    assert "只有检测、检验" in unknown.err + unknown.out


def test_the_lists_and_the_digests_are_written_and_nothing_is_entered(
    registered: Assembly, home: Path, tmp_path: Path
) -> None:
    before = ledger_of(home)
    found = run("follow", "lists", *AT, "--out", tmp_path / "清单.xlsx", "--json").json
    assert found["lists"] == {"unverified": 2, "flying": 1, "cross_check": 1, "watch": 1, "feed_back": 0}
    assert (tmp_path / "清单.xlsx").stat().st_size
    assert "以 .xlsx 结尾" in run("follow", "lists", *AT, "--out", tmp_path / "清单.xls", code=1).err
    (unit,) = run("follow", "digest", *AT, "--out", tmp_path / "月度", "--json").json
    assert (unit["unit"], unit["closed"], unit["open"]) == ("示例旗医保中心", 0, 2)
    assert [file.name for file in (tmp_path / "月度").iterdir()] == [unit["file"]]
    assert ledger_of(home) == before
