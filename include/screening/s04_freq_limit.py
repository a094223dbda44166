"""S04 超频次: an item on more days of a period than it may be paid for, counted over all institutions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="freq_limit",
    number="S04",
    title="超频次收费",
    basis="《医疗保障基金使用监督管理条例》第三十八条；医保支付政策关于限定频次的规定",
    logic="同一参保人同一项目，在规定天数内（跨机构合并计算）收费的次数超过规定次数；同一日多次按一次计",
    result=Result.SUSPECT,
    interval="清单规定的天数",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    caveats=("天数和次数由清单逐项目规定", "同一日多次由重复收费规则判断", "病情需要超频次的须核对病历"),
    inputs=("frequency",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """List ``frequency``: med_list_codg, days, most. The charges of the day that is one too many count whole."""
    limits = listed(data, "frequency", "med_list_codg", days="int64", most="int64")
    limited = data.lines.semi_join(limits, "med_list_codg")
    limited = limited.select("psn_no", "med_list_codg", "day", "fixmedins_code", "mdtrt_id", "cents")
    rows = limited.select("psn_no", "med_list_codg", "day").distinct().inner_join(limits, "med_list_codg")
    item = ["psn_no", "med_list_codg", "days", "most"]
    days = rows.mutate(turn=ibis.row_number().over(group_by=item, order_by=rows.day))
    before = days.select(*item, turn=days.turn + days.most, first_day="day")
    over = days.inner_join(before, [*item, "turn"])
    over = over.filter(over.day.epoch_days() - over.first_day.epoch_days() < over.days)
    over = over.group_by("psn_no", "med_list_codg", "day").agg(
        most=over.most.argmin(over.days), days=over.days.min()
    )
    return strongest(_charges(limited, over, data.items))


def _charges(lines: Table, over: Table, items: Table) -> Table:
    rows = lines.inner_join(over, ["psn_no", "med_list_codg", "day"])
    found = rows.group_by("psn_no", "med_list_codg", "day", "fixmedins_code", "days", "most").agg(
        cents=rows.cents.sum(), visits=rows.mdtrt_id.collect(distinct=True)
    )
    found = found.left_join(items, "med_list_codg")
    return finding(
        found,
        "a",
        person=found.psn_no,
        start=found.day,
        end=found.day,
        cents=found.cents,
        measure=found.most,
        limit=found.days,
        item=found.name.fill_null(""),
        visits=found.visits,
    )


def explain(hit: Hit) -> str:
    _, item, most, days = said(hit)
    return (
        f"“{item}”在{days:.0f}天内收费已超过规定的{most:.0f}次（跨机构合并计算），"
        "疑点金额为本日该项目的全部费用。"
    )
