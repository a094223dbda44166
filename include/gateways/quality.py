"""Great Expectations as the judge of returns: one batch per sheet over all returns of a run.

Run per file, GX costs most of a second of set-up each time; over one frame of all returns about a
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
from include.gateways.quality_checks import Check, Kind, Stack, checks_of, stacks_of
from include.gateways.quality_frames import Judged, Placed, columns_of
from include.gateways.quality_rules import rules_of
from include.gateways.quality_words import sentence

if TYPE_CHECKING:
    import pandas as pd


class ValidationFailed(RuntimeError):
    """A check could not be carried out at all; that is our fault, never the sender's."""


class Quality:
    """Judges the content of readings by the rules of their form."""

    def rules(self, form: Form) -> dict[str, str]:
        """Key of every rule → what it asks for, in the order of the form."""
        return rules_of(form)

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
            name: pd.Series(values, dtype=_dtype(is_number, values))
            for name, is_number, values in columns_of(form, sheet, placed)
        }
    )
    checks = checks_of(form, sheet)
    positions = _validated(frame, checks)
    found = [
        (position, check)
        for check in checks
        for position in positions[check.key]
        if check.rule is None or check.rule.in_force_on(placed[position].source.context.on)
    ]
    return sorted(found, key=lambda failure: failure[0])


def _dtype(is_number: bool, values: Sequence[object]) -> str:
    """Of numbers without a gap GX compares the whole column at once, of Int64 one by one."""
    if not is_number:
        return "object"
    return "Int64" if None in values else "int64"


def great_expectations() -> Any:
    """The library, imported when first needed (5 s) and without its telemetry."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        # Its own imports touch deprecated modules; nothing we could change.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx
        import great_expectations.expectations
    return gx


def suite_of(stacks: Sequence[Stack], rows: int) -> list[Any]:
    """The expectations of a frame, generated from the form: the auditable rule book."""
    gxe = great_expectations().expectations
    # Every expectation passes an empty frame; the row count shows that all rows were looked at.
    return [gxe.ExpectTableRowCountToEqual(value=rows), *(_expectation(gxe, stack) for stack in stacks)]


def _expectation(gxe: Any, stack: Stack) -> Any:
    return expectation(gxe, stack.asked, _names(stack), {"meta": {"check": stack.key}})


def expectation(gxe: Any, asked: Check, columns: Sequence[str], facts: Mapping[str, Any]) -> Any:
    """What a check asks of those columns; ``facts`` go with it into the result."""
    column = columns[0]
    match asked.kind:
        case Kind.EMPTY:
            return gxe.ExpectColumnValuesToBeNull(column=column, **facts)
        case Kind.FILLED:
            return gxe.ExpectColumnValuesToNotBeNull(column=column, **facts)
        case Kind.BETWEEN:
            return gxe.ExpectColumnValuesToBeBetween(
                column=column, min_value=asked.least, max_value=asked.most, **facts
            )
        case Kind.LENGTH:
            return gxe.ExpectColumnValueLengthsToBeBetween(
                column=column, min_value=asked.least, max_value=asked.most, **facts
            )
        case Kind.PATTERN:
            return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=asked.pattern, **facts)
        case Kind.ONE_OF:
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(asked.options), **facts)
        case Kind.AT_LEAST_OTHER:
            return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=column,
                column_B=columns[1],
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                **facts,
            )
        case Kind.ONCE:
            return gxe.ExpectCompoundColumnsToBeUnique(
                column_list=list(columns), ignore_row_if="any_value_is_missing", **facts
            )


def _names(stack: Stack) -> list[str]:
    """A stack's columns in its frame: called after its first check."""
    return [f"{stack.asked.key}:{column}" for column in stack.asked.columns]


def _validated(frame: pd.DataFrame, checks: Sequence[Check]) -> dict[str, list[int]]:
    """Failing positions by check. Raise ValidationFailed."""
    gx = great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("returns").add_dataframe_asset("sheet")
    whole = asset.add_batch_definition_whole_dataframe("all")
    by_height: dict[int, list[Stack]] = defaultdict(list)
    for stack in stacks_of(checks):
        by_height[len(stack.checks)].append(stack)
    positions: dict[str, list[int]] = defaultdict(list)
    for height, stacks in by_height.items():
        tall = _stacked(frame, stacks)
        batch = whole.get_batch({"dataframe": tall})
        suite = gx.ExpectationSuite(name=f"form_{height}", expectations=suite_of(stacks, len(tall)))
        failing = _failing(batch.validate(suite, result_format={"result_format": "COMPLETE"}))
        for stack in stacks:
            for position in failing[stack.key]:
                order, row = divmod(position, len(frame))
                positions[stack.checks[order].key].append(row)
    return positions


def _stacked(frame: pd.DataFrame, stacks: Sequence[Stack]) -> pd.DataFrame:
    """One frame of stacks of the same height: position is the check's order times the rows, plus the row."""
    import pandas as pd

    columns = {}
    for stack in stacks:
        try:
            for number, name in enumerate(_names(stack)):
                columns[name] = pd.concat(
                    [frame[check.columns[number]] for check in stack.checks], ignore_index=True
                )
        except KeyError as missing:
            raise ValidationFailed(f"校验规则“{stack.key}”未能执行：没有 {missing} 列") from missing
    return pd.DataFrame(columns)


def _failing(validated: Any) -> dict[str, list[int]]:
    """Failing positions by stack. Raise ValidationFailed."""
    positions: dict[str, list[int]] = defaultdict(list)
    for outcome in validated.results:
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
