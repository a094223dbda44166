"""What rules share: visits and lines in whole numbers, parts of an amount, and the one hit a window may have."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import ibis
from ibis.expr.types import BooleanValue, DateValue, IntegerValue, NumericValue, Table, Value

from include.domain.screening import Hit
from include.screening.data import Data

KEY = ("fixmedins_code", "psn_no", "window_start")
HARMLESS = ("family", "nursing_home")
SPREAD = 1.4826
"""Makes the median absolute deviation of a normal distribution its standard deviation."""
CENT = ibis.literal(Decimal("0.01"), "decimal(3,2)")


def visits_of(data: Data, *scenes: str) -> Table:
    """``data.visits`` of the scenes (all by default)."""
    return data.visits.filter(data.visits.scene.isin(scenes)) if scenes else data.visits


def listed(data: Data, name: str, *keys: str, **types: str) -> Table:
    """A bureau's list with its keys as they are and other columns typed; empty where it was not provided.

    A row that was entered twice is one row, so that no line is counted twice.
    """
    table = data.lists.get(name)
    if table is not None:
        typed = {
            column: table[column].cast(kind) if column in table.columns else ibis.null(kind)
            for column, kind in types.items()
        }
        return table.select(*keys, **typed).distinct()
    nothing = data.lines.filter(ibis.literal(False))
    return nothing.select(*keys, **{column: ibis.null(kind) for column, kind in types.items()})


def person_groups(data: Data) -> Table:
    """List ``person_groups``: psn_no, kind (here ``relation``: village, phone, employer, family …), group_key."""
    groups = listed(data, "person_groups", "psn_no", kind="string", group_key="string")
    return groups.rename(relation="kind")


def related(groups: Table) -> Table:
    """Pairs (psn_no, other) of persons who have a good reason to come together."""
    harmless = groups.filter(groups.relation.isin(HARMLESS))
    others = harmless.select("relation", "group_key", other="psn_no")
    return harmless.inner_join(others, ["relation", "group_key"]).select("psn_no", "other").distinct()


def filled(code: Value) -> BooleanValue:
    return code.notnull() & (code.cast("string") != "")


def part_of(cents: IntegerValue, excess: NumericValue | int, total: NumericValue | int) -> IntegerValue:
    """``cents`` × excess ÷ total in 分, half up; exact while the product is below 2^53, on every engine."""
    over, whole = _whole(excess), _whole(total)
    return ((cents.cast("int64") * over * 2 + whole) // (whole * 2)).cast("int64")


def _whole(value: NumericValue | int) -> IntegerValue:
    known = value if isinstance(value, Value) else ibis.literal(value)
    return known.cast("int64")


def month_number(day: DateValue) -> IntegerValue:
    return day.year() * 12 + day.month()


def with_visits(found: Table, rows: Table, keys: list[str]) -> Table:
    """``found`` with the visits behind each row; gathered only for what was found, so that memory stays small."""
    behind = rows.semi_join(found, keys)
    behind = behind.group_by(keys).agg(visits=behind.mdtrt_id.collect(distinct=True))
    return found.inner_join(behind, keys)


def finding(
    table: Table,
    variant: str | Value,
    *,
    person: Value | None = None,
    start: Value,
    end: Value,
    cents: IntegerValue,
    measure: NumericValue | float,
    limit: NumericValue | float,
    item: Value | str = "",
    visits: Value | None = None,
) -> Table:
    """``table`` in the columns every variant has. ``cents`` in 分; no ``person`` where the institution is the subject."""

    def value(content: object, kind: str) -> Value:
        known = content if isinstance(content, Value) else ibis.literal(content)
        return known.cast(kind)

    return table.select(
        fixmedins_code=table.fixmedins_code,
        psn_no=ibis.null() if person is None else person,
        window_start=value(start, "date"),
        window_end=value(end, "date"),
        variant=value(variant, "string"),
        item=value(item, "string"),
        measure=value(measure, "float64"),
        limit=value(limit, "float64"),
        cents=value(cents, "int64"),
        visits=ibis.array([table.mdtrt_id]) if visits is None else visits,
    )


def strongest(*variants: Table) -> Table:
    """One row a window: amounts of one variant add up, the variant with most money speaks for the window."""
    found = _together(variants)
    own = [*KEY, "variant"]
    sums = found.group_by(own).agg(
        all_cents=found.cents.sum().cast("int64"),
        instances=found.count(),
        all_visits=found.visits.collect().flatten(),
        last=found.window_end.max(),
    )
    order = [sums.all_cents.desc(), sums.variant]
    sums = sums.mutate(place=ibis.row_number().over(group_by=list(KEY), order_by=order))
    sums = sums.filter(sums.place == 0)
    order = [found.cents.desc(), found.measure.desc(), found.item]
    first = found.mutate(place=ibis.row_number().over(group_by=own, order_by=order))
    first = first.filter(first.place == 0)
    best = sums.inner_join(
        first, [sums[name].identical_to(first[name]) for name in own], rname="{name}_first"
    )
    return best.select(
        *KEY,
        "variant",
        "item",
        "measure",
        "limit",
        "instances",
        window_end=best["last"],
        quantity=best.measure,
        amount=(best.all_cents.cast("decimal(16,2)") * CENT).cast("decimal(18,2)"),
        visits=best.all_visits,
    )


def _together(variants: tuple[Table, ...]) -> Table:
    persons = [each.psn_no.type() for each in variants if not each.psn_no.type().is_null()]
    kind = persons[0] if persons else "string"
    typed = [each.mutate(psn_no=each.psn_no.cast(kind)) for each in variants]
    return ibis.union(*typed, distinct=False) if len(typed) > 1 else typed[0]


def said(hit: Hit) -> tuple[str, str, float, float]:
    """Variant, item, measure and limit of a hit, as the sentence says them."""
    names = ("variant", "item", "measure", "limit")
    return cast("tuple[str, str, float, float]", tuple(hit.facts[name] for name in names))
