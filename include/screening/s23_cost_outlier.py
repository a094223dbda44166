"""S23 次均费用离群: a stay far dearer than its peers, an institution whose costs vary far more than others'."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import (
    SPREAD,
    finding,
    part_of,
    said,
    strongest,
    visits_of,
    with_visits,
)

RULE = Rule(
    key="cost_outlier",
    number="S23",
    title="住院费用离群",
    basis="《医疗保障基金使用监督管理条例》第十五条；按病种付费监管要求",
    logic="同年度、同级别机构、同一主要诊断类目的住院费用高于中位数加若干倍稳健标准差；机构次均费用变异系数高于同级别机构均值加若干倍标准差。",
    result=Result.SUSPECT,
    interval="当次住院/自然年",
    scene=Scene.INPATIENT,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("deviations", "偏离倍数", Decimal(3), Decimal(2), Decimal(10), "倍"),
        Parameter("group_size", "分组最少例数", Decimal(30), Decimal(10), Decimal(1000), "例"),
        Parameter("peers", "同级别机构最少家数", Decimal(12), Decimal(11), Decimal(200), "家"),
    ),
    caveats=("病情轻重不同、转诊收治重症的医院费用偏高属正常", "主要诊断为空的住院不参加比较"),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    stays = visits_of(data, "inpatient")
    stays = stays.mutate(year=stays.end.year())
    return strongest(_stays(stays, p), _institutions(stays, p))


def _stays(stays: Table, p: Mapping[str, int | float]) -> Table:
    group = ["dx", "hosp_lv", "year"]
    known = stays.filter(stays.dx != "")
    middles = known.group_by(group).agg(size=known.count(), middle=known.fee.median().cast("float64"))
    known = known.inner_join(middles.filter(middles.size >= p["group_size"]), group)
    spreads = known.group_by(group).agg(spread=(known.fee - known.middle).abs().median())
    known = known.inner_join(spreads, group)
    out = known.filter(
        (known.spread > 0) & (known.fee - known.middle > p["deviations"] * SPREAD * known.spread)
    )
    excess = out.fee * 2 - (out.middle * 2).cast("int64")
    return finding(
        out,
        "a",
        person=out.psn_no,
        start=out.begin,
        end=out.end,
        cents=part_of(out.cents, excess, out.fee * 2),
        measure=out.fee / 100,
        limit=out.middle / 100,
        item=out.dx,
    )


def _institutions(stays: Table, p: Mapping[str, int | float]) -> Table:
    own = stays.group_by("fixmedins_code", "hosp_lv", "year").agg(
        size=stays.count(),
        variation=stays.fee.std(how="pop") / stays.fee.mean(),
        end=stays.end.max(),
    )
    own = own.filter(own.size >= p["group_size"])
    peers = own.group_by("hosp_lv", "year").agg(
        peers=own.count(), usual=own.variation.mean(), spread=own.variation.std(how="pop")
    )
    own = own.inner_join(peers, ["hosp_lv", "year"])
    own = own.mutate(most=own.usual + p["deviations"] * own.spread)
    out = own.filter((own.peers >= p["peers"]) & (own.variation > own.most))
    out = with_visits(out, stays, ["fixmedins_code", "hosp_lv", "year"])
    return finding(
        out,
        "b",
        start=ibis.date(out.year, 1, 1),
        end=out.end,
        cents=ibis.literal(0),
        measure=out.variation,
        limit=out.most,
        visits=out.visits,
    )


def explain(hit: Hit) -> str:
    variant, item, measure, limit = said(hit)
    return {
        "a": f"本次住院总费用{measure:,.2f}元，同级别机构同类诊断（{item}）中位数为{limit:,.2f}元，明显偏高。",
        "b": f"机构全年住院费用变异系数{measure:.2f}，高于同级别机构上限{limit:.2f}，费用水平异常不稳定。",
    }[variant]
