"""Campaign folders read into campaigns: what can run, and what cannot and why.

Read on every DAG parse, so it needs nothing but YAML, pydantic and the domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from include.campaigns.problems import CampaignError, Place, Problem
from include.campaigns.schema import schema
from include.campaigns.sentences import sentence
from include.campaigns.yaml_text import YamlText, read_yaml
from include.domain.campaign import Campaign, Phase
from include.domain.ladder import GRACE
from include.domain.workdays import UnknownYear, WorkdayCalendar, YearOverride

__all__ = [
    "CampaignError",
    "Problem",
    "Registry",
    "campaign_titles",
    "load_calendar",
    "load_campaign",
    "load_campaigns",
    "schema",
]

FOLDER = Path(__file__).parent
CALENDAR_FILE = FOLDER.parent / "calendar_overrides.yaml"
FILE_NAME = "campaign.yaml"

_TITLE = re.compile(r"^title:\s*(.+?)\s*$", re.MULTILINE)
_HEAD = 4096
"""Characters within which a campaign file says its title."""
_Overrides = dict[int, YearOverride]
_OVERRIDES = TypeAdapter(_Overrides)


@dataclass(frozen=True, slots=True)
class Registry:
    """All campaign folders: those that can run, by id, and what is wrong with the others."""

    campaigns: tuple[Campaign, ...]
    broken: tuple[CampaignError, ...]


def load_campaigns(
    root: Path = FOLDER, calendar_file: Path = CALENDAR_FILE, *, only: str | None = None
) -> Registry:
    """Read every folder under ``root``, or the one named ``only``; a broken one is reported and stops no other.

    A broken calendar file is reported too. The campaigns are then judged by the built-in calendar, and
    whatever asks ``load_calendar`` for working days fails, so nothing is sent on a guessed day.
    """
    if not root.is_dir():
        return Registry((), (CampaignError(root, (Problem("", "找不到存放各专项的文件夹，请核对路径"),)),))
    campaigns: list[Campaign] = []
    broken: list[CampaignError] = []
    try:
        calendar = load_calendar(calendar_file)
    except CampaignError as error:
        broken.append(error)
        calendar = WorkdayCalendar()
    for folder in _folders(root):
        if only not in (None, folder.name):
            continue
        try:
            campaigns.append(load_campaign(folder, calendar))
        except CampaignError as error:
            broken.append(error)
    return Registry(tuple(sorted(campaigns, key=lambda campaign: campaign.id)), tuple(broken))


def load_campaign(folder: Path, calendar: WorkdayCalendar | None = None) -> Campaign:
    """Raise CampaignError naming file, fields and remedies, as many problems at once as can be seen."""
    text = read_yaml(folder / FILE_NAME)
    campaign = _validated(text)
    problems = [
        text.problem(place, said)
        for place, said in (
            *_misnamed(campaign, folder),
            *_unknown_years(campaign, calendar or load_calendar()),
        )
    ]
    if problems:
        raise CampaignError(text.file, tuple(problems))
    return campaign


@cache
def campaign_titles(root: Path = FOLDER) -> Mapping[str, str]:
    """Folder → the campaign's title, read without judging the rest: for a list of hundreds to choose from.

    Read once in a process: many DAGs of one file ask for it, and each parse of a file has a process of its own.
    """
    found = {}
    for folder in _folders(root) if root.is_dir() else ():
        file = folder / FILE_NAME
        if file.is_file():
            with file.open(encoding="utf-8", errors="replace") as text:
                title = _TITLE.search(text.read(_HEAD))
            found[folder.name] = title[1].strip("\"' ") if title else folder.name
    return found


def load_calendar(path: Path = CALENDAR_FILE) -> WorkdayCalendar:
    """Working days, with the years an office has entered by hand. Raise CampaignError for a bad file."""
    text = read_yaml(path)
    try:
        overrides = _OVERRIDES.validate_python(text.data or {})
    except ValidationError as error:
        raise _refused(text, error, _Overrides) from error
    problems = [text.problem(place, said) for place, said in _misdated(overrides)]
    if problems:
        raise CampaignError(path, tuple(problems))
    return WorkdayCalendar(overrides)


def _folders(root: Path) -> list[Path]:
    return sorted(entry for entry in root.iterdir() if entry.is_dir() and entry.name[0] not in "._")


def _validated(text: YamlText) -> Campaign:
    try:
        return Campaign.model_validate(text.data)
    except ValidationError as error:
        raise _refused(text, error, Campaign) from error


def _refused(text: YamlText, error: ValidationError, root: object) -> CampaignError:
    found = [text.problem(one["loc"], sentence(one, root)) for one in error.errors(include_url=False)]
    return CampaignError(text.file, tuple(sorted(found, key=lambda problem: problem.line or 0)))


def _misnamed(campaign: Campaign, folder: Path) -> Iterator[tuple[Place, str]]:
    if campaign.id != folder.name:
        yield ("id",), f"写的是“{campaign.id}”，与文件夹名“{folder.name}”不一致，请改为相同"


def _unknown_years(campaign: Campaign, calendar: WorkdayCalendar) -> Iterator[tuple[Place, str]]:
    """Every date whose working days the calendar does not know."""
    for place, day, reach in _planned_days(campaign):
        try:
            calendar.is_working_day(day)
            for offset in reach:
                calendar.shift(day, offset)
        except UnknownYear as unknown:
            nearby = "" if unknown.year == day.year else "前后的提醒、催报要用到该年的工作日，但"
            yield place, f"{day} {nearby}{unknown}"


def _planned_days(campaign: Campaign) -> Iterator[tuple[Place, date, tuple[int, ...]]]:
    """Every date work is planned around, and how many working days away from it work is planned."""
    offsets = [step.offset for step in campaign.ladder]
    for number, phase in enumerate(campaign.phases):
        yield ("phases", number, "start"), phase.start, ()
        reach = (min(offsets), max(0, *offsets) + GRACE) if _is_chased(phase) else ()
        yield ("phases", number, "due"), phase.due, reach
    for number, milestone in enumerate(campaign.milestones):
        yield ("milestones", number, "due"), milestone.due, ()
    for number, report in enumerate(campaign.reports):
        if report.due is not None:
            yield ("reports", number, "due"), report.due, (-report.compile_before,)


def _is_chased(phase: Phase) -> bool:
    return any(owed.filled_by == "unit" for owed in phase.returns)


def _misdated(overrides: _Overrides) -> Iterator[tuple[Place, str]]:
    """Every day entered under another year, or as free and as working."""
    for year, override in overrides.items():
        for name in ("holidays", "workdays"):
            for day in sorted(getattr(override, name)):
                if day.year != year:
                    yield (str(year), name), f"{day} 不在 {year} 年，请写到它所在的年份下"
        for day in sorted(override.holidays & override.workdays):
            yield (str(year), "workdays"), f"{day} 同时列为放假日和上班日，请删去一处"
