"""The fields of a form as the page draws them, from the JSON schema by which Airflow checks what was filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from include.desk.airflow_acts import Form

DRY_RUN = "dry_run"
"""Not drawn: the page asks for the dry run first, and only then for the entry."""

Kind = Literal["choice", "yes_no", "day", "number", "long", "lines", "words"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``least`` and ``most`` bound a number, ``longest`` a text in characters."""

    name: str
    title: str
    help: str
    section: str
    kind: Kind
    value: Any
    is_needed: bool
    options: tuple[tuple[str, str], ...] = ()
    pattern: str = ""
    least: int | None = None
    most: int | None = None
    longest: int | None = None


def fields(form: Form, filled: Mapping[str, Any], campaigns: Collection[str]) -> tuple[Field, ...]:
    """All but the dry run, filled in with what was handed over; only those campaigns can be chosen."""
    drawn = []
    for name, default, schema in form.fields:
        if name == DRY_RUN:
            continue
        options = _options(schema)
        if name == "campaign":
            options = tuple(each for each in options if each[0] in campaigns)
        value = filled.get(name, default)
        if value is None and len(options) == 1:
            value = options[0][0]
        is_needed = default != "" and "null" not in _types(schema)
        drawn.append(_field(name, value, schema, options, is_needed))
    return tuple(drawn)


def sections(drawn: Collection[Field]) -> dict[str, list[Field]]:
    """The fields under their headings, in order."""
    found: dict[str, list[Field]] = {}
    for each in drawn:
        found.setdefault(each.section, []).append(each)
    return found


def can_be_looked_at(form: Form) -> bool:
    """Whether a run can be asked to show only what it would do."""
    return any(name == DRY_RUN for name, _, _ in form.fields)


def in_words(form: Form, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What somebody filled in, as it read on the form; blanks and the dry run left out."""
    said = []
    for name, _, schema in form.fields:
        value = values.get(name)
        if name == DRY_RUN or value in (None, "", []):
            continue
        words = dict(_options(schema)).get(str(value))
        said.append((schema.get("title") or name, words or _plain(value)))
    return said


def _field(
    name: str,
    value: Any,
    schema: Mapping[str, Any],
    options: tuple[tuple[str, str], ...],
    is_needed: bool,
) -> Field:
    return Field(
        name=name,
        title=schema.get("title") or name,
        help=schema.get("description") or "",
        section=schema.get("section") or "",
        kind=_kind(schema),
        value=_plain(value),
        is_needed=is_needed,
        options=options,
        pattern=schema.get("pattern") or "",
        least=schema.get("minimum"),
        most=schema.get("maximum"),
        longest=schema.get("maxLength"),
    )


def _kind(schema: Mapping[str, Any]) -> Kind:
    types = _types(schema)
    if "enum" in schema:
        return "choice"
    if "boolean" in types:
        return "yes_no"
    if "array" in types:
        return "lines"
    if "integer" in types or "number" in types:
        return "number"
    by_format: dict[str, Kind] = {"date": "day", "multiline": "long"}
    return by_format.get(schema.get("format") or "", "words")


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    said = schema.get("type") or "string"
    return (said,) if isinstance(said, str) else tuple(said)


def _options(schema: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Value and words; the blank choice has an empty value."""
    words = schema.get("values_display") or {}
    return tuple(
        ("" if each is None else str(each), words.get(str(each), str(each)))
        for each in schema.get("enum") or ()
    )


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
