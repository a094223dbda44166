"""The registers' tables, made from the forms: a column of a form is a column of its table.

The migrations list the columns again; a test fails when the two differ.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from include.domain.forms import ColumnType, Form
from include.domain.registers import DUE, NUMBER, RECORD, STATE, UNIT, Kept, Part, parts
from include.gateways.form_files import load_forms
from include.gateways.ledger.columns import Money
from include.gateways.ledger.tables import metadata

SEALED = "sealed"
_TYPES: dict[ColumnType, type[TypeEngine[Any]]] = {
    ColumnType.MONEY: Money,
    ColumnType.COUNT: BigInteger,
    ColumnType.DATE: Date,
    ColumnType.YES_NO: Boolean,
}
_COMMON = (NUMBER, RECORD, UNIT, STATE, DUE)


def _type_of(kept: Kept) -> TypeEngine[Any]:
    return _TYPES.get(kept.column.type, Text)()


def _record_table(part: Part) -> Table:
    """Everything but the number may be empty: what must be filled in, and when, the form says."""
    if part.is_confidential:
        own: list[Column[Any]] = [Column(SEALED, Text, nullable=False)]
    else:
        own = [Column(each.name, _type_of(each)) for each in part.kept if each.name not in _COMMON]
    common: list[Column[Any]] = (
        [Column(RECORD, Text, nullable=False)]
        if part.is_detail
        else [Column(UNIT, Text), Column(STATE, String(32)), Column(DUE, Date)]
    )
    return Table(
        part.table,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("campaign_id", String(48), nullable=False),
        Column(NUMBER, Text, nullable=False),
        *common,
        *own,
        Column("entered_on", Date, nullable=False),
        Column("source_sha256", String(64), nullable=False),
        UniqueConstraint("campaign_id", NUMBER),
        *(
            [Index(f"ix_{part.table}_campaign_id_{RECORD}", "campaign_id", RECORD)]
            if part.is_detail
            else [Index(f"ix_{part.table}_campaign_id_{UNIT}", "campaign_id", UNIT)]
        ),
    )


def _entries_table(name: str) -> Table:
    """One row per entry of a cell that holds several."""
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("campaign_id", String(48), nullable=False),
        Column(RECORD, Text, nullable=False),
        Column("code", String(48), nullable=False),
        UniqueConstraint("campaign_id", RECORD, "code"),
    )


def _tables(forms: list[Form]) -> dict[str, Table]:
    found = {part.table: _record_table(part) for form in forms for part in parts(form)}
    for form in forms:
        assert form.office_register is not None
        found |= {name: _entries_table(name) for name in form.office_register.entries.values()}
    return found


TABLES = _tables([form for form in load_forms().values() if form.office_register])
"""By name: ``rectification``, ``inspection``, ``inspection_problem``, ``clue``, ``tip``, ``tipster``, …"""
