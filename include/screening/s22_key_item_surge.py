"""S22 重点药品耗材异常增长: a month of a watched item far above the institution's own last twelve months."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import (
    SPREAD,
    finding,
    listed,
    month_number,
    said,
    strongest,
)

RULE = Rule(
    key="key_item_surge",
    number="S22",
    title="重点药品耗材异常增长",
    basis="专项整治方案关于重点药品耗材动态监测的要求（金额大、存在异常变化）；《医疗保障基金使用监督管理条例》第十五条",
    logic="机构某重点品种当月金额同时高于：前十二个月中位数加若干倍离散度、中位数及上年同月的增长上限、金额下限；按就诊人数折算后仍高于增长上限。",
    result=Result.SUSPECT,
    interval="自然月",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("deviations", "偏离倍数（稳健标准差）", Decimal(3), Decimal(2), Decimal(10), "倍"),
        Parameter("growth_percent", "增长上限", Decimal(50), Decimal(10), Decimal(500), "%"),
        Parameter("floor_amount", "月金额下限", Decimal(10_000), Decimal(0), Decimal(1_000_000), "元"),
        Parameter(
            "history_months", "前十二个月中至少有数据的月数", Decimal(6), Decimal(3), Decimal(12), "月"
        ),
    ),
    caveats=(
        "新设科室、集中带量采购切换、价格调整、季节性流行病可致正常增长",
        "无使用记录的月份不参加中位数计算",
    ),
    inputs=("key_items",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    growth = 1 + p["growth_percent"] / 100
    months = monthly(data)
    found = months.inner_join(usual(months), ["fixmedins_code", "med_list_codg", "number"])
    last_year = months.select("fixmedins_code", "med_list_codg", number=months.number + 12, last_year="cents")
    found = found.left_join(last_year, ["fixmedins_code", "med_list_codg", "number"], rname="{name}_then")
    found = found.filter(
        (found.history >= p["history_months"])
        & (found.cents > p["floor_amount"] * 100)
        & (found.cents > found.middle + p["deviations"] * SPREAD * found.spread)
        & (found.cents > growth * found.middle)
        & (found.last_year.isnull() | (found.cents > growth * found.last_year))
        & (found.rate > growth * found.usual_rate)
    )
    return strongest(
        finding(
            found,
            "a",
            start=found.month,
            end=found.end,
            cents=(found.cents * 2 - (found.middle * 2).cast("int64") + 1) // 2,
            measure=found.cents / 100,
            limit=found.middle / 100,
            item=found.name.fill_null(""),
            visits=found.visits,
        )
    )


def monthly(data: Data) -> Table:
    lines = data.lines.mutate(month=data.lines.day.truncate("M").cast("date"))
    persons = lines.group_by("fixmedins_code", "month").agg(persons=lines.psn_no.nunique())
    rows = lines.semi_join(listed(data, "key_items", "med_list_codg"), "med_list_codg")
    months = rows.group_by("fixmedins_code", "med_list_codg", "month").agg(
        name=rows.hilist_name.max(),
        cents=rows.cents.sum(),
        visits=rows.mdtrt_id.collect(),
        end=rows.day.max(),
    )
    months = months.inner_join(persons, ["fixmedins_code", "month"])
    return months.mutate(number=month_number(months.month), rate=months.cents / months.persons)


def usual(months: Table) -> Table:
    """Middle, spread and rate per person of the twelve months before each month."""
    subject = ["fixmedins_code", "med_list_codg"]
    now = months.select(*subject, "number")
    then = months.select(*subject, then="number", past="cents", past_rate="rate")
    pairs = now.inner_join(then, subject)
    pairs = pairs.filter((pairs.then < pairs.number) & (pairs.then >= pairs.number - 12))
    middles = pairs.group_by(*subject, "number").agg(
        middle=pairs.past.median().cast("float64"), usual_rate=pairs.past_rate.median(), history=pairs.count()
    )
    pairs = pairs.inner_join(middles, [*subject, "number"])
    return pairs.group_by(*subject, "number", "middle", "usual_rate", "history").agg(
        spread=(pairs.past - pairs.middle).abs().median()
    )


def explain(hit: Hit) -> str:
    _, item, measure, limit = said(hit)
    return (
        f"重点品种“{item}”当月金额{measure:,.2f}元，此前十二个月中位数为{limit:,.2f}元，"
        "按就诊人数折算后仍明显增长。"
    )
