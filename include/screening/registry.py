"""The rules in this folder, and running one of them."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

import ibis
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
    rows = _named(screen.find(data, given).to_pyarrow().to_pylist(), data)
    return distinct(_hit(screen, row) for row in rows)


def _named(rows: list[dict[str, Any]], data: Data) -> list[dict[str, Any]]:
    """The rows with the persons' and visits' own keys, where these are coded."""
    if not data.names or not rows:
        return rows
    persons = _names(data.names["psn_no"], {row.get("psn_no") for row in rows})
    visits = _names(data.names["mdtrt_id"], {each for row in rows for each in row.get("visits") or ()})
    return [
        {
            **row,
            "psn_no": persons.get(row.get("psn_no")),
            "visits": [visits[each] for each in row.get("visits") or () if each is not None],
        }
        for row in rows
    ]


def _names(table: Table, codes: set[Any]) -> dict[Any, str]:
    import pyarrow as pa

    wanted = ibis.memtable(pa.table({"code": pa.array(sorted(codes - {None}), pa.int64())}))
    found = table.inner_join(wanted, "code").to_pyarrow().to_pylist()
    return {row["code"]: row["name"] for row in found}


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


def rule(number: str) -> Rule:
    """The rule of that number. Raise KeyError for one that is not there."""
    return {screen.RULE.number: screen.RULE for screen in screens()}[number]


EVIDENCE = (
    "mdtrt_id",
    "fixmedins_code",
    "med_type",
    "begndate",
    "enddate",
    "setl_time",
    "diag_code",
    "medfee_sumamt",
    "fund_pay_sumamt",
)


def evidence(data: Data, found: Sequence[Hit]) -> dict[str, list[dict[str, Any]]]:
    """The settlements of the visits behind these hits: visit → rows of EVIDENCE, by time."""
    import pyarrow as pa

    visits = sorted({visit for hit in found for visit in hit.visits})
    wanted = ibis.memtable(pa.table({"name": pa.array(visits, pa.string())}))
    heads = data.settlements.select(*EVIDENCE)
    if data.names:
        coded = data.names["mdtrt_id"].inner_join(wanted, "name")
        rows = heads.inner_join(coded, heads.mdtrt_id == coded.code).select(
            *(heads[name] for name in EVIDENCE[1:]), mdtrt_id="name"
        )
    else:
        rows = heads.inner_join(wanted, heads.mdtrt_id == wanted.name).select(*EVIDENCE)
    kept: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.order_by(["mdtrt_id", "setl_time"]).to_pyarrow().to_pylist():
        kept[row["mdtrt_id"]].append(row)
    return dict(kept)
