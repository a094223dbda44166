"""S02 超标准收费: above the ceiling price, above what a day can hold, or a second item at the full price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data, in_cents
from include.screening.measures import finding, listed, part_of, said, strongest

RULE = Rule(
    key="overcharge",
    number="S02",
    title="超标准收费",
    basis="《医疗保障基金使用监督管理条例》第三十八条第（三）项；医疗服务价格项目规范",
    logic="单价超过定价上限；按次或按小时计费的项目每日数量超过上限（按小时的至多24）；同日第二个手术或项目未按比例计收",
    result=Result.BREACH,
    interval="自然日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(Parameter("tolerance", "每一计价单位允许误差", Decimal(1), Decimal(0), Decimal(10), "分"),),
    caveats=(
        "价格有版本：按费用发生日和机构等级取价，多个版本取最高",
        "市场调节价项目没有上限，不在清单内",
        "超限价部分已由个人自费的不算",
        "四舍五入误差不算",
    ),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """Lists, each may be missing: ``price_limits`` (med_list_codg, hosp_lv, start, end, price in 元; an empty level
    or day is any), ``day_limits`` (med_list_codg, most, unit: 次 or 小时), ``second_items`` (med_list_codg,
    group_key, percent at which the second of a group counts).
    """
    lines = data.lines
    lines = lines.mutate(hosp_lv=lines.hosp_lv.fill_null(""), own=lines.pric_uplmt_amt.fill_null(0))
    prices = _listed_prices(lines, data)
    marked = lines.filter(lines.own > 0)
    marked = marked.mutate(ceiling=marked.own)
    unmarked = lines.filter(lines.own <= 0).inner_join(prices, ["med_list_codg", "hosp_lv", "day"])
    return strongest(
        _dear(marked, "a", p), _dear(unmarked, "b", p), _many(lines, data), _second(lines, prices, data, p)
    )


def _listed_prices(lines: Table, data: Data) -> Table:
    """The highest listed price of an item for a level and day; of several versions the dearest counts."""
    types = {"hosp_lv": "string", "start": "date", "end": "date", "price": "decimal(16,6)"}
    prices = listed(data, "price_limits", "med_list_codg", **types)
    prices = prices.rename(level="hosp_lv", since="start", until="end")
    asked = lines.semi_join(prices, "med_list_codg").select("med_list_codg", "hosp_lv", "day").distinct()
    valid = asked.inner_join(prices, "med_list_codg")
    level = valid.level.fill_null("")
    valid = valid.filter(
        ((level == "") | (level == valid.hosp_lv))
        & (valid.since.isnull() | (valid.since <= valid.day))
        & (valid.until.isnull() | (valid.until >= valid.day))
    )
    return valid.group_by("med_list_codg", "hosp_lv", "day").agg(ceiling=valid.price.max())


def _dear(rows: Table, variant: str, p: Mapping[str, int | float]) -> Table:
    """In-scope money above what the ceiling allows for this count; what the person paid alone is no fund money."""
    rows = rows.filter(rows.pric > rows.ceiling)
    rows = rows.mutate(over=rows.cents - in_cents((rows.ceiling * rows.cnt).cast("decimal(18,2)")))
    rows = rows.filter((rows.over > 0) & (rows.over * SCALE > rows.cnt_e4 * p["tolerance"]))
    return finding(
        rows,
        variant,
        person=rows.psn_no,
        start=rows.day,
        end=rows.day,
        cents=rows.over,
        measure=rows.pric,
        limit=rows.ceiling,
        item=rows.hilist_name.fill_null(""),
    )


def _many(lines: Table, data: Data) -> Table:
    """Of a person's day at all institutions, each institution's share of what is too much."""
    limits = listed(data, "day_limits", "med_list_codg", most="int64", unit="string")
    limits = limits.group_by("med_list_codg").agg(most=limits.most.max(), unit=limits.unit.max())
    rows = lines.inner_join(limits, "med_list_codg")
    here = rows.group_by("psn_no", "med_list_codg", "day", "fixmedins_code", "most", "unit").agg(
        cnt_e4=rows.cnt_e4.sum(),
        cents=rows.cents.sum(),
        name=rows.hilist_name.max(),
        visits=rows.mdtrt_id.collect(distinct=True),
    )
    here = here.mutate(total=here.cnt_e4.sum().over(group_by=["psn_no", "med_list_codg", "day"]))
    over = here.filter(here.total > here.most * SCALE)
    return finding(
        over,
        ibis.ifelse(over.unit == "小时", "d", "c"),
        person=over.psn_no,
        start=over.day,
        end=over.day,
        cents=part_of(over.cents, over.total - over.most * SCALE, over.total),
        measure=over.total / SCALE,
        limit=over.most,
        item=over.name.fill_null(""),
        visits=over.visits,
    )


def _second(lines: Table, prices: Table, data: Data, p: Mapping[str, int | float]) -> Table:
    """Of a group, the dearest counts in full and every further one at so many percent, by price or by count."""
    items = listed(data, "second_items", "med_list_codg", group_key="string", percent="int64")
    items = items.group_by("med_list_codg", "group_key").agg(percent=items.percent.max())
    rows = lines.inner_join(items, "med_list_codg").left_join(prices, ["med_list_codg", "hosp_lv", "day"])
    full = in_cents(ibis.ifelse(rows.own > 0, rows.own, rows.ceiling.fill_null(rows.pric)))
    rows = rows.mutate(full=full, units=(rows.cnt_e4 + SCALE - 1) // SCALE)
    days = rows.group_by("fixmedins_code", "psn_no", "mdtrt_id", "day", "group_key").agg(
        further=(rows.full * rows.units * rows.percent).sum(),
        first=(rows.full * (100 - rows.percent)).max(),
        units=rows.units.sum(),
        cents=rows.cents.sum(),
        percent=rows.percent.max(),
    )
    days = days.mutate(over=days.cents * 100 - days.further - days["first"])
    days = days.filter((days.units > 1) & (days.over > days.units * p["tolerance"] * 100))
    return finding(
        days,
        "e",
        person=days.psn_no,
        start=days.day,
        end=days.day,
        cents=part_of(days.over, 1, 100),
        measure=days.units,
        limit=days.percent,
        item=days.group_key,
    )


def explain(hit: Hit) -> str:
    variant, item, measure, limit = said(hit)
    return {
        "a": f"“{item}”单价{measure:,.2f}元，超过明细所载定价上限{limit:,.2f}元。",
        "b": f"“{item}”单价{measure:,.2f}元，超过当日有效的最高收费标准{limit:,.2f}元。",
        "c": f"“{item}”当日各机构合计收取{measure:g}次，超过每日上限{limit:.0f}次。",
        "d": f"按小时计费的“{item}”当日各机构合计收取{measure:g}小时，超过{limit:.0f}小时。",
        "e": f"同日收取“{item}”类项目{measure:g}个，第二个起未按{limit:.0f}%计收。",
    }[variant]
