"""Every rule on prepared data (keys coded, lists as CSV) hits what it hits on plain rows: all planted cases at once."""

from __future__ import annotations

import pytest

from include.gateways.warehouse import Warehouse, connect
from include.screening.registry import hits
from tests.gateways.warehouse.planted import RULES, taken_in
from tests.screening.tables import data as plain


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory):
    """The same cases as prepared data and as plain rows."""
    folder = tmp_path_factory.mktemp("planted")
    settlements, details, lists = taken_in(folder)
    engine = connect("duckdb", scratch=folder / "scratch", memory="1GB")
    yield Warehouse(folder / "w").data(engine, str(folder / "lists")), plain(settlements, details, lists)
    engine.disconnect()


@pytest.mark.parametrize("number", RULES)
def test_prepared_data_give_the_hits_of_plain_rows(number: str, both) -> None:
    prepared, rows = both
    expected = hits(RULES[number], rows)
    assert expected
    assert [(*each.key, each.amount, each.visits) for each in hits(RULES[number], prepared)] == [
        (*each.key, each.amount, each.visits) for each in expected
    ]
