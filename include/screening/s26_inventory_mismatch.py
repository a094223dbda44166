"""S26 进销存不符: more of a drug is settled than the institution ever had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data
from include.screening.measures import finding, listed, part_of, said, strongest, with_visits

RULE = Rule(
    key="inventory_mismatch",
    number="S26",
    title="进销存不符",
    basis="《医疗保障基金使用监督管理条例》第三十八条（串换药品、耗材）、第四十条",
    logic="机构上报进销存期间内，医保结算数量大于期初库存、购进与调入之和；或结算的品种从未列入进销存。",
    result=Result.SUSPECT,
    interval="进销存上报期间",
    scene=Scene.PHARMACY,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(Parameter("floor_amount", "疑点金额下限", Decimal(100), Decimal(0), Decimal(10_000), "元"),),
    caveats=(
        "需机构上报进销存，未上报期间不筛查",
        "包装单位换算、编码对照错误需核实",
        "连锁门店调拨、补录应先计入调入数量",
    ),
    inputs=("inventory",),
)


SOLD = ["fixmedins_code", "med_list_codg", "period_start", "period_end"]


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    stock = listed(
        data,
        "inventory",
        "fixmedins_code",
        "med_list_codg",
        period_start="date",
        period_end="date",
        opening="float64",
        purchased="float64",
        transferred_in="float64",
    )
    sales = _sales(data.lines, stock)
    sold = sales.group_by(SOLD).agg(
        cnt_e4=sales.cnt_e4.sum(), cents=sales.cents.sum(), name=sales.hilist_name.max()
    )
    held = stock.mutate(held=stock.opening + stock.purchased + stock.transferred_in)
    held = held.select("fixmedins_code", "med_list_codg", "period_start", "held")
    found = sold.left_join(held, ["fixmedins_code", "med_list_codg", "period_start"], rname="{name}_stock")
    found = found.mutate(known=found.held.notnull(), most=(found.held.fill_null(0) * SCALE).cast("int64"))
    found = found.filter(found.cnt_e4 > found.most)
    found = found.mutate(suspect=part_of(found.cents, found.cnt_e4 - found.most, found.cnt_e4))
    found = found.filter(found.suspect > p["floor_amount"] * 100)
    found = with_visits(found, sales, SOLD)
    return strongest(
        finding(
            found,
            ibis.ifelse(found.known, "a", "b"),
            start=found.period_start,
            end=found.period_end,
            cents=found.suspect,
            measure=found.cnt_e4 / SCALE,
            limit=found.most / SCALE,
            item=found.name.fill_null(""),
            visits=found.visits,
        )
    )


def _sales(lines: Table, stock: Table) -> Table:
    """Lines of goods in the periods an institution has sent its inventory for."""
    periods = stock.select("fixmedins_code", "period_start", "period_end").distinct()
    goods = lines.filter(
        lines.list_type.isin(["101", "102", "301"]) & lines.scene.isin(["outpatient", "pharmacy"])
    )
    sold = goods.inner_join(periods, "fixmedins_code")
    return sold.filter((sold.day >= sold.period_start) & (sold.day <= sold.period_end))


def explain(hit: Hit) -> str:
    variant, item, sold, held = said(hit)
    others = f"（同期共{hit.facts['instances']}个品种不符）" if hit.facts["instances"] > 1 else ""
    return {
        "a": f"{item}本期医保结算{sold:g}，大于期初、购进与调入合计{held:g}，疑似串换或虚构销售{others}。",
        "b": f"{item}本期医保结算{sold:g}，但进销存中无该品种记录，疑似串换或虚构销售{others}。",
    }[variant]
