"""Great Expectations as the judge of returns: one batch per sheet over all returns of a run.

Run per file, GX costs 130 ms and more of set-up each time; over one frame of all returns about a
millisecond per file. Failing rows come back as positions and are mapped to return, sheet and cell by our
own arrays (index columns cost 170 µs per failing row). Nothing of GX leaves this module.
"""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from include.domain.forms import Form, Sheet
from include.domain.returns import CheckContext, Finding, Reading
from include.gateways.quality_checks import Check, Kind, checks_of
from include.gateways.quality_frames import Judged, Placed, columns_of
from include.gateways.quality_words import sentence

if TYPE_CHECKING:
    import pandas as pd


class ValidationFailed(RuntimeError):
    """A check could not be carried out at all; that is our fault, never the sender's."""


class Quality:
    """Judges the content of readings by the rules of their form."""

    def judge(
        self, form: Form, readings: Mapping[int, Reading], contexts: Mapping[int, CheckContext]
    ) -> dict[int, list[Finding]]:
        """Findings per return id, in the order of sheets, rows and columns; none for a clean return.

        A reading whose structure is broken is not judged. Raise ValidationFailed when a check itself fails.
        """
        findings: dict[int, list[Finding]] = {key: [] for key in readings}
        judged = [
            Judged(key, reading, contexts[key]) for key, reading in readings.items() if reading.is_readable
        ]
        for sheet in form.filled_sheets:
            placed = [
                Placed(source, order, row)
                for source in judged
                for order, row in enumerate(source.rows(sheet.key))
            ]
            for position, check in _failures(form, sheet, placed):
                where = placed[position]
                findings[where.source.return_id].append(_finding(form, sheet, check, where))
        return findings


def _failures(form: Form, sheet: Sheet, placed: Sequence[Placed]) -> list[tuple[int, Check]]:
    """What GX finds wrong in one frame, by row and then in the order of the checks."""
    if not placed:
        return []
    import pandas as pd

    frame = pd.DataFrame(
        {
            name: pd.Series(values, dtype="Int64" if is_number else "object")
            for name, is_number, values in columns_of(form, sheet, placed)
        }
    )
    checks = checks_of(form, sheet)
    positions = _validated(frame, checks)
    found = [(position, check) for check in checks for position in positions[check.key]]
    return sorted(found, key=lambda failure: failure[0])


def _great_expectations() -> Any:
    """The library, imported when first needed (5 s) and without its telemetry."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        # Its own imports touch deprecated modules; nothing we could change.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx
        import great_expectations.expectations
    return gx


def suite_of(checks: Sequence[Check], rows: int) -> list[Any]:
    """The expectations of a sheet, generated from its form: the auditable rule book."""
    gxe = _great_expectations().expectations
    # Every expectation passes an empty frame; the row count shows that all rows were looked at.
    return [gxe.ExpectTableRowCountToEqual(value=rows), *(_expectation(gxe, check) for check in checks)]


def _expectation(gxe: Any, check: Check) -> Any:
    facts = {"meta": {"check": check.key}}
    column = check.columns[0]
    match check.kind:
        case Kind.EMPTY:
            return gxe.ExpectColumnValuesToBeNull(column=column, **facts)
        case Kind.FILLED:
            return gxe.ExpectColumnValuesToNotBeNull(column=column, **facts)
        case Kind.BETWEEN:
            return gxe.ExpectColumnValuesToBeBetween(
                column=column, min_value=check.least, max_value=check.most, **facts
            )
        case Kind.LENGTH:
            return gxe.ExpectColumnValueLengthsToBeBetween(
                column=column, min_value=check.least, max_value=check.most, **facts
            )
        case Kind.PATTERN:
            return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=check.pattern, **facts)
        case Kind.ONE_OF:
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(check.options), **facts)
        case Kind.AT_LEAST_OTHER:
            return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=column,
                column_B=check.columns[1],
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                **facts,
            )
        case Kind.ONCE:
            return gxe.ExpectCompoundColumnsToBeUnique(
                column_list=list(check.columns), ignore_row_if="any_value_is_missing", **facts
            )


def _validated(frame: pd.DataFrame, checks: Sequence[Check]) -> dict[str, list[int]]:
    """Failing positions by check. Raise ValidationFailed."""
    gx = _great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("returns").add_dataframe_asset("sheet")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name="form", expectations=suite_of(checks, len(frame)))
    result = batch.validate(suite, result_format={"result_format": "COMPLETE"})
    positions: dict[str, list[int]] = defaultdict(list)
    for outcome in result.results:
        config = outcome.expectation_config
        key = str((config.meta or {}).get("check", config.type))
        if _raised(outcome.exception_info) or (
            not outcome.success and "unexpected_index_list" not in outcome.result
        ):
            raise ValidationFailed(
                f"校验规则“{key}”未能执行：{_raised(outcome.exception_info) or outcome.result}"
            )
        positions[key] = [int(position) for position in outcome.result.get("unexpected_index_list") or ()]
    return positions


def _raised(info: Mapping[str, Any] | None) -> str:
    """The message of an exception inside GX; the info is flat, or keyed by metric."""
    for part in (info or {}, *(part for part in (info or {}).values() if isinstance(part, Mapping))):
        if part.get("raised_exception"):
            return str(part.get("exception_message"))
    return ""


def _finding(form: Form, sheet: Sheet, check: Check, where: Placed) -> Finding:
    return Finding(
        rule=check.key,
        message=sentence(form, sheet, check, where),
        severity=check.severity,
        sheet=sheet.title,
        cell=where.row.cells.get(check.field, ""),
        header=sheet.column(check.field).label,
        value=where.row.raw.get(check.field, ""),
    )
