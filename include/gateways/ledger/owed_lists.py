"""Obligations one page at a time, found by where the last page ended and not by counting what came before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from include.domain.glances import OwedAsked, OwedLine
from include.gateways.ledger.tables import in_force, obligation, shaped, unit


def page(asked: OwedAsked, *, after: int, limit: int) -> Select[Any]:
    """At most ``limit`` of what is asked for, with ids above ``after``, in their order."""
    its_unit = and_(
        unit.c.campaign_id == obligation.c.campaign_id,
        unit.c.code == obligation.c.unit_code,
        in_force(asked.on),
    )
    return (
        select(*shaped(obligation, OwedLine), func.coalesce(unit.c.region_code, "").label("region_code"))
        .select_from(obligation.outerjoin(unit, its_unit))
        .where(obligation.c.campaign_id == asked.campaign_id, obligation.c.id > after, *_narrowed(asked))
        .order_by(obligation.c.id)
        .limit(limit)
    )


def _narrowed(asked: OwedAsked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, wanted in (
        (obligation.c.phase_key, asked.phase),
        (obligation.c.form, asked.form),
        (obligation.c.unit_kind, asked.kind),
        (obligation.c.state, asked.state),
    ):
        if wanted:
            found.append(column == wanted)
    for regions in (asked.regions, (asked.region,) if asked.region else ()):
        if regions:
            found.append(or_(*(unit.c.region_code.startswith(each, autoescape=True) for each in regions)))
    return found
