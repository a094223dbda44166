"""S26 进销存不符: more of a drug is settled than the institution ever had."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from include.domain.screening import Parameter, Rule
from include.screening.measures import SCALE, finding, part_of, strongest

RULE = Rule(
    key="inventory_mismatch",
    number="S26",
    title="进销存不符",
    basis="《医疗保障基金使用监督管理条例》第三十八条（串换药品、耗材）、第四十条",
    logic="机构上报进销存期间内，医保结算数量大于期初库存、购进与调入之和；或结算的品种从未列入进销存。",
    result="可疑",
    interval="进销存上报期间",
    scene="门（急）诊、购药",
    parameters=(Parameter("floor_amount", "疑点金额下限", 100, 0, 10_000, "元"),),
    caveats=("需机构上报进销存，未上报期间不筛查", "包装单位换算、编码对照错误需核实", "连锁门店调拨、补录应先计入调入数量"),
    inputs=("inventory",),
)


def find(data, p):  # type: ignore[no-untyped-def]
    stock = data.table("inventory")
    sold = _sold(data.lines, stock)
    held = stock.mutate(held=stock.opening + stock.purchased + stock.transferred_in)
    held = held.select("fixmedins_code", "med_list_codg", "period_start", "held")
    found = sold.left_join(held, ["fixmedins_code", "med_list_codg", "period_start"], rname="{name}_stock")
    found = found.mutate(known=found.held.notnull(), most=(found.held.fill_null(0) * SCALE).cast("int64"))
    found = found.filter(found.cnt_e4 > found.most)
    found = found.mutate(suspect=part_of(found.cents, found.cnt_e4 - found.most, found.cnt_e4))
    found = found.filter(found.suspect > p["floor_amount"] * 100)
    return strongest(
        finding(
            found,
            ibis.ifelse(found.known, "a", "b"),
            start=found.period_start,
            end=found.period_end,
            cents=found.suspect,
            measure=found.cnt_e4 / SCALE,
            limit=found.most / SCALE,
            item=found.med_list_codg,
            rows=found.rows,
        )
    )


def _sold(lines: Table, stock: Table) -> Table:
    periods = stock.select("fixmedins_code", "period_start", "period_end").distinct()
    goods = lines.filter(lines.list_type.isin(["101", "102", "301"]) & lines.kind.isin(["OP", "PH"]))
    daily = goods.group_by("fixmedins_code", "med_list_codg", "day").agg(
        cnt_e4=goods.cnt_e4.sum(), cents=goods.cents.sum(), rows=goods.count()
    )
    sold = daily.inner_join(periods, "fixmedins_code")
    sold = sold.filter((sold.day >= sold.period_start) & (sold.day <= sold.period_end))
    return sold.group_by("fixmedins_code", "med_list_codg", "period_start", "period_end").agg(
        cnt_e4=sold.cnt_e4.sum(), cents=sold.cents.sum(), rows=sold.rows.sum()
    )


def explain(hit) -> str:  # type: ignore[no-untyped-def]
    item, sold, held = hit["item"], hit["measure"], hit["limit"]
    others = f"（同期共{hit['instances']}个品种不符）" if hit["instances"] > 1 else ""
    return {
        "a": f"{item}本期医保结算{sold:g}，大于期初、购进与调入合计{held:g}，疑似串换或虚构销售{others}。",
        "b": f"{item}本期医保结算{sold:g}，但进销存中无该品种记录，疑似串换或虚构销售{others}。",
    }[hit["variant"]]
