"""A new campaign folder, filled in far enough to pass the check, for an office to write the notice into."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from string import Template

from pydantic import TypeAdapter, ValidationError

from include.campaigns.registry import FILE_NAME, load_calendar
from include.domain.ladder import GRACE
from include.domain.model import Key
from include.domain.workdays import WorkdayCalendar

TEMPLATE = Path(__file__).parent / "new_campaign.yaml"

_DAYS_AFTER_START = {
    "start": 0,
    "mobilized": 14,
    "checked": 30,
    "inspecting": 31,
    "reported": 40,
    "inspected": 150,
    "concluding": 151,
    "concluded": 180,
}
"""A usual course of half a year; every date is there to be replaced by the notice's own."""

_LAST_RUNG = 10
"""Working days from the due date of the self-check to the last rung of the template's ladder."""


def new_campaign(name: str, root: Path, *, start: date) -> Path:
    """Write ``root/name/campaign.yaml`` with example dates from ``start`` on; return the folder.

    Example dates end where the calendar does, so the folder passes the check even before next year's
    holidays are published. Raise ValueError for a name that cannot be one, UnknownYear for a start before
    the calendar's first year, FileExistsError when the folder is there: nothing is ever overwritten.
    """
    folder = root / _checked(name)
    days = {key: str(day) for key, day in example_days(start, load_calendar()).items()}
    text = Template(TEMPLATE.read_text(encoding="utf-8")).safe_substitute(name=name, **days)
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise FileExistsError(f"文件夹“{name}”已存在，为免覆盖已填内容，请换一个名称") from None
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def example_days(start: date, calendar: WorkdayCalendar) -> dict[str, date]:
    """The template's dates, none of which leads out of the years the calendar knows."""
    end = calendar.last_known
    end_of_chase = calendar.shift(end, -_LAST_RUNG - GRACE)
    first = min(start, end_of_chase)
    calendar.is_working_day(first)
    days = {key: min(first + timedelta(days=after), end) for key, after in _DAYS_AFTER_START.items()}
    return days | {"checked": min(days["checked"], end_of_chase)}


def _checked(name: str) -> str:
    try:
        return TypeAdapter(Key).validate_python(name)
    except ValidationError:
        raise ValueError(
            f"“{name}”不能用作专项编号：只能用小写英文字母、数字和单个下划线，以字母开头，不超过48个字符，"
            "如 wushen_2024"
        ) from None
