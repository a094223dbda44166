"""Campaign folders and the calendar: everything a notice says is shown, and every fault is a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.campaigns.registry import FOLDER, load_campaign
from include.cli import campaign_facts as facts
from include.domain.campaign import CampaignKind, Level, PostRole, Structure, Subject
from include.domain.workdays import RollRule
from tests import factories
from tests.cli.conftest import CAMPAIGN, run

IDS = sorted(folder.name for folder in FOLDER.iterdir() if (folder / "campaign.yaml").exists())
CODED = {
    "kind", "structure", "level", "publicity", "supervised", "subject", "role", "roll", "blacklist", "cadence",
    "rhythm", "prepared_by", "reviewed_by", "approved_by",
    "owed_by", "filled_by", "run_at", "approx", "to_unit", "to_posts", "phase", "is_lead", "stamped_scan",
    "event", "report", "scored", "measure", "daily_posts",
}  # fmt: skip
"""Fields shown in other words than the file's: a translation, a mark, the title of what they name."""


def written_facts(value: Any, field: str = "") -> Iterator[str]:
    """Every text, day and number a campaign file states in its own words."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from written_facts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from written_facts(item, field)
    elif isinstance(value, str) and field not in CODED and field != "key":
        yield value


@pytest.mark.parametrize("campaign_id", IDS)
def test_show_states_every_fact_of_the_campaign(campaign_id: str) -> None:
    text = "".join(run("campaigns", "show", campaign_id).out.split())
    stated = written_facts(factories.campaign(campaign_id).model_dump(mode="json"))
    assert [fact for fact in stated if "".join(fact.split()) not in text] == []


@pytest.mark.parametrize("campaign_id", IDS)
def test_show_has_a_titled_section_for_each_kind_of_fact(campaign_id: str) -> None:
    text = run("campaigns", "show", campaign_id).out
    campaign = factories.campaign(campaign_id)
    titles = ["基本情况", "通知原件", "工作目标", "进度节点", "部门职责", "岗位", "规则", "催报档次"]
    titles += ["原件前后不一致之处", *(f"阶段：{phase.title}" for phase in campaign.phases)]
    titles += [f"上报事项：{report.title}" for report in campaign.reports]
    assert [title for title in titles if f"【{title}】" not in text] == []


@pytest.mark.parametrize(
    ("words", "members"),
    [
        (facts.KINDS, CampaignKind),
        (facts.STRUCTURES, Structure),
        (facts.LEVELS, Level),
        (facts.SUBJECTS, Subject),
        (facts.ROLES, PostRole),
        (facts.ROLLS, RollRule),
    ],
)
def test_every_code_in_a_campaign_file_has_chinese_words(words: dict[Any, str], members: Any) -> None:
    assert set(words) == set(members)


def test_show_as_json_is_the_campaign_and_the_day_of_every_reminder() -> None:
    shown = run("campaigns", "show", CAMPAIGN, "--json").json
    reminders = shown.pop("reminder_days")
    assert shown == factories.campaign().model_dump(mode="json")
    assert reminders["self_check"]["t_minus_5"] == "2024-05-24"
    assert reminders["self_check"]["overdue_1"] == "2024-06-03"
    assert set(reminders) == {"self_check"}, "what the office fills in itself is not reminded of"


def test_show_gives_the_day_of_every_reminder() -> None:
    text = run("campaigns", "show", CAMPAIGN).out
    assert "2024-05-24　截止前5个工作日提醒" in text
    assert "2024-06-17　逾期10个工作日通报批评" in text


def test_check_of_all_campaigns_names_each_and_ends_well() -> None:
    assert run("campaigns", "check").out.split() == [word for name in IDS for word in ("√", name)]
    assert run("campaigns", "check", "--json").json == {"ok": IDS, "broken": []}


def test_a_broken_folder_is_told_by_file_field_and_remedy_and_stops_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "broken_2024"
    folder.mkdir()
    text = (FOLDER / CAMPAIGN / "campaign.yaml").read_text(encoding="utf-8")
    text = text.replace(f"id: {CAMPAIGN}", "id: broken_2024").replace("due: 2024-05-20", "due: 5月20日")
    (folder / "campaign.yaml").write_text(text, encoding="utf-8")
    both = (folder, FOLDER / CAMPAIGN)
    told = run("campaigns", "check", *both, code=1).out
    assert f"√ {CAMPAIGN}" in told
    assert "phases[0].due" in told
    assert "5月20日" in told
    [broken] = run("campaigns", "check", *both, "--json", code=1).json["broken"]
    assert broken["file"] == str(folder / "campaign.yaml")
    assert [problem["field"] for problem in broken["problems"]] == ["phases[0].due"]
    assert all(problem["sentence"] and problem["line"] for problem in broken["problems"])


def test_a_folder_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    assert "找不到 campaign.yaml" in run("campaigns", "check", tmp_path / "nowhere", code=1).out


def test_a_campaign_whose_file_is_broken_is_not_called_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_done").mkdir()
    (tmp_path / "half_done" / "campaign.yaml").write_text("id: half_done\n", encoding="utf-8")
    monkeypatch.setenv("DUBAN_CAMPAIGNS", str(tmp_path))
    told = run("campaigns", "show", "half_done", code=1)
    assert told.err.strip() == "专项行动“half_done”的配置有误，请运行 campaigns check 查看并改正"
    assert told.out == ""


DAYS = ["2024-05-06", "2026-06-30", "2026-11-22", "2026-12-31", "2031-03-03"]


@pytest.mark.parametrize("day", DAYS)
def test_a_new_campaign_without_a_start_passes_the_check_on_any_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    monkeypatch.setattr("include.cli.common.today", lambda: date.fromisoformat(day))
    made = run("campaigns", "new", "city_2026", "--root", tmp_path)
    assert str(tmp_path / "city_2026") in made.out
    assert run("campaigns", "check", tmp_path / "city_2026").out == "√ city_2026\n"
    ends_with_the_calendar = load_campaign(tmp_path / "city_2026").phases[-1].due == date(2026, 12, 31)
    assert ("工作日历中的节假日安排到2026年止" in made.out) == ends_with_the_calendar


@pytest.mark.parametrize("day", DAYS[:3])
def test_a_new_campaign_begins_today_in_shanghai(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    monkeypatch.setattr("include.cli.common.today", lambda: date.fromisoformat(day))
    made = run("campaigns", "new", "city", "--root", tmp_path, "--json").json
    assert made == {"id": "city", "folder": str(tmp_path / "city"), "starts_on": day}


def test_a_new_campaign_begins_on_the_day_asked_for(tmp_path: Path) -> None:
    run("campaigns", "new", "city", "--start", "2024-03-04", "--root", tmp_path)
    assert load_campaign(tmp_path / "city").starts_on == date(2024, 3, 4)


def test_a_new_campaign_goes_into_the_folder_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_CAMPAIGNS", str(tmp_path / "ours"))
    run("campaigns", "new", "city", "--start", "2024-03-04")
    assert (tmp_path / "ours" / "city" / "campaign.yaml").is_file()


@pytest.mark.parametrize(
    ("name", "start", "said"),
    [
        ("城市", "2024-03-04", "不能用作专项编号"),
        ("taken", "2024-03-04", "文件夹“taken”已存在"),
        ("city", "3月4日", "日期“3月4日”无法识别"),
        ("city", "1999-03-04", "没有1999年的节假日安排"),
    ],
)
def test_a_new_campaign_that_cannot_be_is_refused_in_one_sentence_and_writes_nothing(
    tmp_path: Path, name: str, start: str, said: str
) -> None:
    (tmp_path / "taken").mkdir()
    told = run("campaigns", "new", name, "--start", start, "--root", tmp_path, code=1)
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert [path for path in tmp_path.iterdir() if path.name == name and path.name != "taken"] == []
    assert list((tmp_path / "taken").iterdir()) == []


@pytest.mark.parametrize(
    ("day", "working", "previous", "after"),
    [
        pytest.param("2024-06-10", False, "2024-06-07", "2024-06-11", id="Dragon Boat Festival"),
        pytest.param("2024-05-11", True, "2024-05-10", "2024-05-13", id="make-up Saturday"),
        pytest.param("2024-05-24", True, "2024-05-23", "2024-05-27", id="Friday"),
    ],
)
def test_calendar_says_whether_a_day_is_a_working_day_and_which_are_next(
    day: str, working: bool, previous: str, after: str
) -> None:
    expected = {"date": day, "working_day": working, "previous": previous, "next": after}
    assert run("calendar", day, "--json").json == expected
    text = run("calendar", day).out
    assert text.startswith(f"{day}：{'工作日' if working else '非工作日'}；")
    assert previous in text
    assert after in text


def test_calendar_with_a_campaign_says_what_a_due_date_stands_for() -> None:
    shown = run("calendar", "2024-11-30", "--campaign", CAMPAIGN, "--json").json
    assert shown["due_stands_for"] == "2024-11-30", "the notice of 乌审旗 extends nothing"
    assert "2024-11-30 为止" in run("calendar", "2024-11-30", "--campaign", CAMPAIGN).out
