"""What the rules share: parts of an amount in 分, day and month numbers, and the one hit a window may have."""

from __future__ import annotations

import ibis
from ibis.expr.types import DateValue, IntegerValue, NumericValue, Table

KEY = ("fixmedins_code", "psn_no", "window_start")
SCALE = 10_000
"""Counts have four decimal places; as whole numbers they divide alike on every engine."""


def part_of(cents: IntegerValue, excess: IntegerValue, total: IntegerValue) -> IntegerValue:
    """``cents`` × excess ÷ total in 分, half up; whole numbers below 2^53 only, so every engine agrees."""
    return ((cents * excess * 2 + total) // (total * 2)).cast("int64")


def day_number(day: DateValue) -> IntegerValue:
    return day.epoch_days()


def month_number(day: DateValue) -> IntegerValue:
    return day.year() * 12 + day.month()


def finding(
    table: Table,
    variant: str | ibis.Value,
    *,
    person: ibis.Value | str = "",
    start: ibis.Value,
    end: ibis.Value,
    cents: IntegerValue,
    measure: NumericValue | float,
    limit: NumericValue | float,
    item: ibis.Value | str = "",
    rows: IntegerValue | int = 1,
) -> Table:
    """Rows of ``table`` in the columns that every variant has; ``cents`` in 分, ``rows`` are the lines behind it."""

    def value(content: object, kind: str) -> ibis.Value:
        known = content if isinstance(content, ibis.Value) else ibis.literal(content)
        return known.cast(kind)

    return table.select(
        fixmedins_code=table.fixmedins_code,
        psn_no=value(person, "string"),
        window_start=value(start, "date"),
        window_end=value(end, "date"),
        variant=value(variant, "string"),
        item=value(item, "string"),
        measure=value(measure, "float64"),
        limit=value(limit, "float64"),
        cents=value(cents, "int64"),
        rows=value(rows, "int64"),
    )


def strongest(*variants: Table) -> Table:
    """One row a window: amounts of one variant add up, the variant with most money speaks for the window."""
    found = ibis.union(*variants, distinct=False) if len(variants) > 1 else variants[0]
    own = [*KEY, "variant"]
    found = found.mutate(
        place=ibis.row_number().over(
            group_by=own,
            order_by=[found.cents.desc(), found.measure.desc(), found.item, found.window_end.desc()],
        ),
        all_cents=found.cents.sum().over(group_by=own),
        all_rows=found.rows.sum().over(group_by=own),
        instances=found.cents.count().over(group_by=own),
    )
    found = found.filter(found.place == 0)
    found = found.mutate(
        place=ibis.row_number().over(group_by=list(KEY), order_by=[found.all_cents.desc(), found.variant])
    )
    found = found.filter(found.place == 0).drop("place", "cents", "rows")
    return found.rename(cents="all_cents", rows="all_rows")
