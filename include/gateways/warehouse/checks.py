"""Great Expectations over one row of aggregates per partition: a full pass in the engine, none in Python."""

from __future__ import annotations

import warnings
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from include.domain.settlements import DETAIL, REQUIRED, SETTLEMENT
from include.gateways.quality import great_expectations

if TYPE_CHECKING:
    import pandas as pd
    from ibis.expr.types import Table, Value

SCHEMAS = {"settlements": SETTLEMENT, "details": DETAIL}
AMOUNT = {"settlements": "medfee_sumamt", "details": "det_item_fee_sumamt"}
KEYS = {"settlements": ("setl_id", "mdtrt_id", "psn_no", "fixmedins_code"), "details": ("mdtrt_id", "psn_no")}

LIMITS: dict[str, tuple[float, float, str]] = {
    "rows": (1, 1e12, "没有一行数据"),
    "blank_keys": (0, 0, "有{value:.0f}行缺少就诊ID、人员编号、结算ID或机构编号"),
    "unreadable": (0, 0, "有{value:.0f}处日期或金额无法识别"),
    "repeated": (0, 0, "有{value:.0f}个结算ID重复"),
    "out_of_month": (0, 0, "有{value:.0f}行结算时间不在本月"),
    "wrong_codes": (0, 0, "有{value:.0f}行机构编号不是H或P加11位数字"),
    "difference": (0, 0.01, "费用明细合计与结算医疗费总额相差{share:.1f}%"),
}
"""Aggregate → least, most, and what to say; ``difference`` is a share of the heads' total."""


def aggregates(table: Table, kind: str) -> pd.DataFrame:
    """One row per region and month."""
    measures: dict[str, Value] = {
        "rows": table.count(),
        "blank_keys": sum_of(table, [_is_blank(table[key]) for key in KEYS[kind]]),
        "unreadable": sum_of(table, _unreadable(table, kind)),
        "total": _typed(table[AMOUNT[kind]], SCHEMAS[kind][AMOUNT[kind]]).sum().cast("float64"),
    }
    if kind == "settlements":
        month = _typed(table.setl_time, "timestamp(6)").strftime("%Y-%m")
        measures |= {
            "repeated": table.count() - table.setl_id.nunique(),
            "out_of_month": sum_of(table, [month != table.month]),
            "wrong_codes": sum_of(table, [~table.fixmedins_code.re_search(r"^[HP]\d{11}$")]),
        }
    import pandas as pd

    found = table.group_by(["region", "month"]).aggregate(**measures)
    return pd.DataFrame(found.to_pyarrow().to_pylist())


def sum_of(table: Table, conditions: list[Any]) -> Value:
    """How many of the conditions hold, over all rows."""
    import ibis

    total = ibis.literal(0)
    for each in conditions:
        total = total + each.fill_null(False).cast("int64").sum().fill_null(0)
    return total


def failures(frame: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Partition → what is wrong with it, in the order of LIMITS; ``frame`` has both kinds of aggregates."""
    gx = great_expectations()
    gxe = gx.expectations
    names = [name for name in LIMITS if name in frame.columns]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        suite = gx.ExpectationSuite(
            name="partitions",
            expectations=[
                gxe.ExpectColumnValuesToBeBetween(
                    column=name, min_value=LIMITS[name][0], max_value=LIMITS[name][1]
                )
                for name in names
            ],
        )
        source = context.data_sources.add_pandas("aggregates").add_dataframe_asset("partitions")
        batch = source.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        said = batch.validate(suite, result_format="COMPLETE")
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for result in said.results:
        name = result.expectation_config.kwargs["column"]
        if result.exception_info and result.exception_info.get("raised_exception"):
            raise RuntimeError(f"{name}: {result.exception_info}")
        for position in result.result.get("unexpected_index_list") or []:
            row = frame.iloc[position]
            value = float(row[name])
            sentence = LIMITS[name][2].format(value=value, share=value * 100)
            found[row["region"], row["month"]].append(f"{row['kind']}{sentence}")
    return dict(found)


def _is_blank(column: Any) -> Any:
    return column.isnull() | (column.cast("string") == "")


def _unreadable(table: Table, kind: str) -> list[Any]:
    """Required columns that are filled and cannot be read as their type."""
    found = []
    for name in REQUIRED[kind]:
        wanted = SCHEMAS[kind][name]
        if table[name].type().is_string() and wanted != "string":
            found.append(~_is_blank(table[name]) & table[name].try_cast(wanted).isnull())
    return found


def _typed(column: Any, wanted: str) -> Any:
    return column.try_cast(wanted) if column.type().is_string() else column.cast(wanted)
