"""The columns of a register's records as a page asks for them, read from the form file without judging it.

DAG files are read again and again, and the models of ``domain.forms`` take longer to import than all of this;
whether the file is in order is said wherever the form itself is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FORMS = Path(__file__).resolve().parent.parent / "forms"
_TITLE = re.compile(r"^title:\s*(.+?)\s*$", re.MULTILINE)
_OF_THE_OFFICE = re.compile(r"^identified:\s*false", re.MULTILINE)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class PageColumn:
    """One field of a page. ``options`` are the labels a choice allows; ``most`` is the longest text allowed."""

    field: str
    label: str
    type: str
    help: str
    example: str
    is_required: bool
    options: tuple[str, ...]
    pattern: str
    pattern_text: str
    most: int
    least: int


@dataclass(frozen=True, slots=True)
class Page:
    """The columns of a register's records by field, and the field of their number."""

    title: str
    key: str
    columns: Mapping[str, PageColumn]


@cache
def load_page(key: str, root: Path = FORMS) -> Page:
    """Raise KeyError for a form that is no register, FileNotFoundError for one that is not there."""
    form, lists = _read(root / f"{key}.yaml"), _read(root / "lists.yaml")
    return Page(
        title=form["title"],
        key=form["office_register"]["key"][0],
        columns={
            each["field"]: _column(each, lists) for sheet in _record_sheets(form) for each in sheet["columns"]
        },
    )


def issued_titles(root: Path = FORMS) -> dict[str, str]:
    """Form → title, for the forms that units fill in."""
    found = {}
    for path in sorted(root.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        title = _TITLE.search(text)
        if title and not _OF_THE_OFFICE.search(text):
            found[path.stem] = title[1]
    return found


def _record_sheets(form: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    cards = [sheet for sheet in form["sheets"] if sheet["layout"] == "card"]
    yield from cards or form["sheets"][:1]


def _column(facts: Mapping[str, Any], lists: Mapping[str, Any]) -> PageColumn:
    unit, header = facts.get("unit"), facts["header"]
    listed = (each["label"] for each in lists.get(facts.get("choice_list", ""), ()))
    return PageColumn(
        field=facts["field"],
        label=header if unit is None or header.endswith(unit) else f"{header}（{unit}）",
        type=facts["type"],
        help=facts.get("help", ""),
        example=str(facts.get("example", "")),
        is_required=facts.get("required", False),
        options=tuple(facts.get("choices", ())) or tuple(dict.fromkeys(listed)),
        pattern=facts.get("pattern", ""),
        pattern_text=facts.get("pattern_text", ""),
        most=facts.get("max_length", 0),
        least=int(facts.get("min", 0)),
    )


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER))  # noqa: S506 - a safe loader
