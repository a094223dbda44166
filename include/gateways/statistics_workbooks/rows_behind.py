"""The rows behind a figure, for whoever does not open the workbook."""

from __future__ import annotations

from collections.abc import Mapping

from include.domain.reports import RowKind, RowsBehind
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.detail_sheets import LISTS
from include.gateways.statistics_workbooks.drill_down import SHEETS, sources_behind

_KINDS: Mapping[str, RowKind] = {paper.COUNT: "count", paper.MONEY: "money", paper.DAY: "day"}


def rows_behind(edition: Compilation, indicator: str) -> tuple[RowsBehind, ...]:
    """A list for each ledger the indicator counts, in the order of the ledgers; of a rate for both its numbers."""
    wanted = sources_behind((indicator,))
    return tuple(
        RowsBehind(
            source.value,
            SHEETS[source],
            tuple((title, _KINDS.get(style, "words")) for title, style, _ in listed.columns),
            listed.rows,
        )
        for source, listed in ((source, make(edition)) for source, make in LISTS.items() if source in wanted)
    )
