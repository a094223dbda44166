"""A new campaign folder, filled in far enough to pass the check, for an office to write the notice into."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from string import Template

from pydantic import TypeAdapter, ValidationError

from include.campaigns.registry import FILE_NAME
from include.domain.model import Key

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


def new_campaign(name: str, root: Path, *, start: date) -> Path:
    """Write ``root/name/campaign.yaml`` with example dates from ``start`` on; return the folder.

    Raise ValueError for a name that cannot be one, FileExistsError when the folder is there already:
    nothing is ever overwritten.
    """
    folder = root / _checked(name)
    days = {key: str(start + timedelta(days=after)) for key, after in _DAYS_AFTER_START.items()}
    text = Template(TEMPLATE.read_text(encoding="utf-8")).safe_substitute(name=name, **days)
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise FileExistsError(f"文件夹“{name}”已存在，为免覆盖已填内容，请换一个名称") from None
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def _checked(name: str) -> str:
    try:
        return TypeAdapter(Key).validate_python(name)
    except ValidationError:
        raise ValueError(
            f"“{name}”不能用作专项编号：只能用小写英文字母、数字和单个下划线，以字母开头，不超过48个字符，"
            "如 wushen_2024"
        ) from None
