"""The rules in this folder, and running one of them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from ibis.expr.types import Table

from include.domain.screening import Hit, Rule, distinct
from include.screening.data import Data

COMMON = (
    "fixmedins_code",
    "psn_no",
    "window_start",
    "window_end",
    "quantity",
    "amount",
    "visits",
    "lines",
)


class Screen(Protocol):
    """A rule file."""

    RULE: Rule

    def find(self, data: Data, p: Mapping[str, int | float]) -> Table: ...

    def explain(self, hit: Hit) -> str: ...


@cache
def screens() -> tuple[Screen, ...]:
    """All rule files, by number."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("s[0-9][0-9]_*.py"))
    return tuple(cast(Screen, importlib.import_module(f"include.screening.{name}")) for name in names)


def missing_lists(screen: Screen, data: Data) -> tuple[str, ...]:
    """Lists the rule cannot run without and the bureau has not provided."""
    return tuple(name for name in screen.RULE.inputs if name not in data.lists)


def hits(screen: Screen, data: Data, parameters: Mapping[str, Decimal] | None = None) -> list[Hit]:
    """The rule's hits, one per key, in the order of their keys. Raise GiveUp for a parameter out of bounds."""
    rule = screen.RULE
    frozen = rule.frozen(parameters)
    given = {name: int(value) if value == int(value) else float(value) for name, value in frozen.items()}
    rows = screen.find(data, given).to_pyarrow().to_pylist()
    return distinct(_hit(screen, row) for row in rows)


def _hit(screen: Screen, row: Mapping[str, object]) -> Hit:
    bare = Hit(
        number=screen.RULE.number,
        version=screen.RULE.version,
        fixmedins_code=_text(row["fixmedins_code"]),
        psn_no=_text(row.get("psn_no")),
        window_start=_day(row["window_start"]),
        window_end=_day(row["window_end"]),
        quantity=Decimal(str(row["quantity"])),
        amount=Decimal(str(row["amount"] or 0)).quantize(Decimal("0.01")),
        visits=_keys(row.get("visits")),
        lines=_keys(row.get("lines")),
        facts={name: value for name, value in row.items() if name not in COMMON},
    )
    return Hit(
        **{name: getattr(bare, name) for name in Hit.__slots__ if name != "sentence"},
        sentence=screen.explain(bare),
    )


def _keys(value: object) -> tuple[str, ...]:
    return tuple(sorted({_text(each) for each in cast("list[object]", value or [])}))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _day(value: object) -> date:
    return value.date() if isinstance(value, datetime) else cast(date, value)
