"""Returns judged together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from include.domain.forms import Form
from include.domain.returns import CheckContext, Reading


@dataclass(frozen=True, slots=True)
class Batch:
    """The returns of one form that were judged on one day, by return id."""

    on: date
    form: Form
    readings: Mapping[int, Reading]
    contexts: Mapping[int, CheckContext]
