"""The folders as a whole: one broken folder stops no other, the calendar is checked, the schema is fresh."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from include.campaigns.registry import (
    FILE_NAME,
    FOLDER,
    CampaignError,
    load_calendar,
    load_campaign,
    load_campaigns,
    schema,
)
from include.campaigns.schema import SCHEMA_FILE, schema_text
from include.domain.workdays import UnknownYear

IDS = ("anhui_2024", "heshan_2020", "quanzhou_2024", "wushen_2024", "zhuoni_2019")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for campaign_id in IDS:
        shutil.copytree(FOLDER / campaign_id, tmp_path / campaign_id)
    return tmp_path


@pytest.fixture
def calendar_file(tmp_path: Path) -> Path:
    return tmp_path / "calendar_overrides.yaml"


def test_one_broken_folder_leaves_the_others(root: Path) -> None:
    (root / "heshan_2020" / FILE_NAME).write_text("id: [", encoding="utf-8")
    registry = load_campaigns(root)
    assert [campaign.id for campaign in registry.campaigns] == [one for one in IDS if one != "heshan_2020"]
    assert [error.file for error in registry.broken] == [root / "heshan_2020" / FILE_NAME]


def test_every_broken_folder_is_reported(root: Path) -> None:
    (root / "heshan_2020" / FILE_NAME).unlink()
    (root / "anhui_2024" / FILE_NAME).write_bytes(b"\xff\xfe\x00")
    (root / "wushen_2024").rename(root / "wushen_2025")
    registry = load_campaigns(root)
    assert [campaign.id for campaign in registry.campaigns] == ["quanzhou_2024", "zhuoni_2019"]
    assert [error.file.parent.name for error in registry.broken] == [
        "anhui_2024",
        "heshan_2020",
        "wushen_2025",
    ]


def test_caches_and_hidden_folders_are_not_campaigns(root: Path) -> None:
    for name in ("__pycache__", ".git"):
        (root / name).mkdir()
    assert load_campaigns(root).broken == ()


def test_root_that_is_not_there_is_reported_and_nothing_raised(tmp_path: Path) -> None:
    registry = load_campaigns(tmp_path / "nowhere")
    assert registry.campaigns == ()
    assert "找不到" in str(registry.broken[0])


def test_year_unknown_to_the_calendar_is_its_own_problem_wherever_it_is_met(root: Path) -> None:
    file = root / "wushen_2024" / FILE_NAME
    text = file.read_text(encoding="utf-8").replace("2024-", "2031-")
    file.write_text(text, encoding="utf-8")
    (error,) = load_campaigns(root).broken
    assert {problem.field for problem in error.problems} == {
        *(f"phases[{number}].{end}" for number in range(4) for end in ("start", "due")),
        *(f"milestones[{number}].due" for number in range(2)),
        *(f"reports[{number}].due" for number in (0, 2)),
    }
    assert all("没有2031年的节假日安排" in problem.sentence for problem in error.problems)


def test_overdue_rungs_that_run_into_an_unknown_year_are_told_before_they_are_due(root: Path) -> None:
    file = root / "heshan_2020" / FILE_NAME
    text = file.read_text(encoding="utf-8").replace("2020-", "2026-").replace("2026-06-25", "2026-12-30")
    file.write_text(text, encoding="utf-8")
    (error,) = load_campaigns(root).broken
    assert [problem.field for problem in error.problems] == ["phases[0].due"]
    assert "2026-12-30 前后的提醒、催报要用到该年的工作日，但没有2027年" in error.problems[0].sentence


def test_year_entered_by_hand_makes_the_campaign_run(root: Path, calendar_file: Path) -> None:
    file = root / "quanzhou_2024" / FILE_NAME
    text = re.sub(r"2024-(\d\d-\d\d)", r"2031-\1", file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    calendar_file.write_text(
        "2031:\n  document: 示例通知\n  holidays: [2031-10-01]\n  workdays: []\n", encoding="utf-8"
    )
    campaign = load_campaign(root / "quanzhou_2024", load_calendar(calendar_file))
    assert campaign.phase("summary").due == date(2031, 12, 10)


def test_stored_calendar_file_is_empty_and_valid() -> None:
    calendar = load_calendar()
    assert calendar.is_working_day(date(2020, 6, 28))
    with pytest.raises(UnknownYear):
        calendar.is_working_day(date(2031, 1, 2))


@pytest.mark.parametrize(
    ("content", "field", "sentence"),
    [
        ("2027:\n  holidays: []\n  workdays: []\n", "2027.document", "缺少必填项“document”"),
        ("2027:\n  document: 示例\n  workdays: []\n", "2027.holidays", "缺少必填项“holidays”"),
        ("2027:\n  document: 示例\n  holidays: [2027-02-30]\n  workdays: []\n", "2027.holidays[0]", "没有这一天"),
        ("2027:\n  document: 示例\n  holidays: [2028-01-01]\n  workdays: []\n", "2027.holidays", "不在 2027 年"),
        ("2027:\n  document: 示例\n  holidays: [2027-01-02]\n  workdays: [2027-01-02]\n", "2027.workdays", "同时列为"),
        ("2027:\n  document: 示例\n  holiday: []\n  workdays: []\n", "2027.holiday", "是否想写“holidays”？"),
        ("明年:\n  document: 示例\n  holidays: []\n  workdays: []\n", "明年", "应为整数"),
        ("- 2027\n", "", "应为若干行“名称: 内容”"),
        ("2027: {\n", "", "没有配对"),
    ],
)  # fmt: skip
def test_damaged_calendar_says_where_and_what(
    calendar_file: Path, content: str, field: str, sentence: str
) -> None:
    calendar_file.write_text(content, encoding="utf-8")
    with pytest.raises(CampaignError) as caught:
        load_calendar(calendar_file)
    problems = {problem.field: problem.sentence for problem in caught.value.problems}
    assert sentence in problems[field]


def test_damaged_calendar_is_reported_and_takes_no_campaign_down(root: Path, calendar_file: Path) -> None:
    calendar_file.write_text("2027: {\n", encoding="utf-8")
    registry = load_campaigns(root, calendar_file)
    assert len(registry.campaigns) == len(IDS)
    assert [error.file for error in registry.broken] == [calendar_file]


def test_stored_schema_is_fresh() -> None:
    stored = SCHEMA_FILE.read_text(encoding="utf-8")
    assert stored == schema_text(), "请运行 python -m include.campaigns.schema 更新"


@pytest.mark.parametrize("campaign_id", IDS)
def test_campaign_files_satisfy_the_schema_editors_use(campaign_id: str) -> None:
    text = (FOLDER / campaign_id / FILE_NAME).read_text(encoding="utf-8")
    written = yaml.safe_load(text)
    jsonschema.Draft202012Validator(schema()).validate(json.loads(json.dumps(written, default=str)))


def test_schema_explains_every_field_in_chinese() -> None:
    models = [schema(), *schema()["$defs"].values()]
    fields = {name: field for model in models for name, field in model.get("properties", {}).items()}
    unexplained = [name for name, field in fields.items() if "description" not in field]
    assert unexplained == []
    assert not any("description" in model for model in models)


def test_reading_campaigns_needs_no_airflow_and_no_pandas() -> None:
    code = (
        "import sys; from include.campaigns.registry import load_campaigns; load_campaigns();"
        "print({'airflow', 'pandas', 'sqlalchemy', 'great_expectations'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FOLDER.parent.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
