"""Rows as the data a rule sees."""

import ibis
import pyarrow as pa

from include.domain.settlements import DETAIL, SETTLEMENT
from include.screening.data import Data, netted


def data(settlements, details, lists=None) -> Data:
    ibis_lists = {name: ibis.memtable(pa.Table.from_pylist(rows)) for name, rows in (lists or {}).items()}
    return netted(_table(settlements, SETTLEMENT), _table(details, DETAIL), ibis_lists)


def _table(rows, schema):
    types = ibis.schema(dict(schema)).to_pyarrow()
    return ibis.memtable(pa.Table.from_pylist([dict(row) for row in rows], schema=types))
