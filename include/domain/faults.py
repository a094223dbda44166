"""Rules across fields, reported at the field that breaks them: several at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

FAULT = "fault"
"""The error type of every fault; its message is already the sentence to show."""


class Fault(NamedTuple):
    """One broken rule: the field's place inside the model, a Chinese sentence, the value found there."""

    at: tuple[str | int, ...]
    sentence: str
    value: object


def refuse(name: str, faults: Iterable[Fault]) -> None:
    """Raise one ValidationError carrying every fault; return when there is none.

    Raised inside a model's validator it keeps each fault's place, so a broken ``due`` of the second
    phase is reported at ``phases[1].due`` and not at the whole campaign.
    """
    details = [
        InitErrorDetails(
            type=PydanticCustomError(FAULT, "{sentence}", {"sentence": fault.sentence}),
            loc=fault.at,
            input=fault.value,
        )
        for fault in faults
    ]
    if details:
        raise ValidationError.from_exception_data(name, details)


def repeated(items: Sequence[object], field: str, *, noun: str, at: tuple[str | int, ...]) -> list[Fault]:
    """A fault at every item whose ``field`` an earlier item has already."""
    seen: set[object] = set()
    faults = []
    for number, item in enumerate(items):
        value = getattr(item, field)
        if value in seen:
            faults.append(Fault((*at, number, field), f"{noun}“{value}”重复，请改为不同的值", value))
        seen.add(value)
    return faults
