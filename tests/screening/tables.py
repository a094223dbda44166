"""Rows as the data a rule sees, and the random data all rules are compared on, netted once for all of them."""

from dataclasses import replace
from functools import cache

import ibis
import pyarrow as pa

from include.domain.settlements import DETAIL, SETTLEMENT
from include.rehearsal.settlements.base import rows
from include.screening.data import Data, netted
from tests.screening.dense import dense
from tests.screening.dense_charges import dense_charges
from tests.screening.references.common import net_heads, net_lines

RANDOM = {
    "base": lambda seed: rows(visits=150, persons=12, institutions=4, seed=seed),
    "dense": lambda seed: _both(dense(seed)),
    "dense_charges": lambda seed: _both(dense_charges(seed)),
}


def _both(small):
    return small.settlements, small.details


def data(settlements, details, lists=None) -> Data:
    netted_data = netted(_table(settlements, SETTLEMENT), _table(details, DETAIL))
    return with_lists(netted_data, lists or {})


def with_lists(found: Data, lists) -> Data:
    given = {name: ibis.memtable(pa.Table.from_pylist(rows)) for name, rows in lists.items()}
    return replace(found, lists=given)


@cache
def random_rows(kind, seed):
    """Netted settlements and lines, slowly; not to be changed, they are everybody's."""
    settlements, details = RANDOM[kind](seed)
    heads = net_heads(settlements)
    return heads, net_lines(details, heads)


@cache
def random_data(kind, seed) -> Data:
    """The same, as the engine nets them, computed once as it is in prepared data."""
    lazy = data(*RANDOM[kind](seed))
    return Data(ibis.memtable(lazy.settlements.to_pyarrow()), ibis.memtable(lazy.lines.to_pyarrow()))


def _table(rows, schema):
    types = ibis.schema(dict(schema)).to_pyarrow()
    return ibis.memtable(pa.Table.from_pylist([dict(row) for row in rows], schema=types))
