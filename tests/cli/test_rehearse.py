"""The rehearsal's command: where it writes, what it prints, when it fails. Whole rehearsals are in tests/rehearsal."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.rehearsal import play
from include.rehearsal.play import Outcome
from include.rehearsal.timeline import Day, Heading, Line
from tests.cli.conftest import CAMPAIGN, run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A rehearsal of one day that comes to ``problems``; the rest is what it was asked."""
    facts: dict[str, Any] = {"problems": []}

    def rehearse(campaign: Any, home: Path, *, watch: Any, **given: Any) -> Outcome:
        facts.update(given, campaign=campaign.id, home=home)
        home.mkdir(parents=True)
        outcome = Outcome(campaign, given["seed"], given["units"], problems=facts["problems"])
        day = Day(date(2024, 5, 6), (Line(Heading.MAIL, "自查启动通知：已发出5份"),))
        outcome.days.append(day)
        watch(day)
        return outcome

    monkeypatch.setattr(play, "rehearse", rehearse)
    return facts


def test_days_are_told_as_they_pass_and_kept(asked: dict[str, Any], tmp_path: Path) -> None:
    ran = run("rehearse", CAMPAIGN, "--seed", 3, "--units", 20, "--out", tmp_path / "out")
    assert (asked["campaign"], asked["seed"], asked["units"]) == (CAMPAIGN, 3, 20)
    assert "2024-05-06 星期一" in ran.out
    assert "邮件  自查启动通知：已发出5份" in ran.out
    assert "演练完成" in ran.out
    assert "自查启动通知" in (tmp_path / "out" / "timeline.txt").read_text(encoding="utf-8")


def test_what_does_not_hold_is_listed_and_fails(asked: dict[str, Any], tmp_path: Path) -> None:
    asked["problems"] = ["重复发出的邮件1封"]
    ran = run("rehearse", CAMPAIGN, "--out", tmp_path / "out", code=1)
    assert "✗ 重复发出的邮件1封" in ran.out
    assert "演练完成" not in ran.out


def test_for_programs_everything_comes_as_one_json(asked: dict[str, Any], tmp_path: Path) -> None:
    ran = run("rehearse", CAMPAIGN, "--out", tmp_path / "out", "--json")
    assert ran.json["days"][0]["on"] == "2024-05-06"
    kept = json.loads((tmp_path / "out" / "timeline.json").read_text(encoding="utf-8"))
    assert kept == ran.json


def test_a_folder_with_something_in_it_is_left_alone(asked: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "letter.txt").write_text("keep me", encoding="utf-8")
    ran = run("rehearse", CAMPAIGN, "--out", folder, code=1)
    assert "不是空的" in ran.err
    assert "home" not in asked
    assert [file.name for file in folder.iterdir()] == ["letter.txt"]
