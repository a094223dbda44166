"""S23 次均费用离群: a stay far dearer than its peers, an institution whose costs vary far more than others'."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from include.domain.screening import Parameter, Rule
from include.screening.measures import finding, part_of, strongest
from include.screening.s22_key_item_surge import SPREAD

RULE = Rule(
    key="cost_outlier",
    number="S23",
    title="住院费用离群",
    basis="《医疗保障基金使用监督管理条例》第十五条；按病种付费监管要求",
    logic="同年度、同级别机构、同一主要诊断类目的住院费用高于中位数加若干倍稳健标准差；机构次均费用变异系数高于同级别机构均值加若干倍标准差。",
    result="可疑",
    interval="当次住院/自然年",
    scene="住院",
    parameters=(
        Parameter("deviations", "偏离倍数", 3, 2, 10, "倍"),
        Parameter("group_size", "分组最少例数", 30, 10, 1000, "例"),
        Parameter("peers", "同级别机构最少家数", 12, 11, 200, "家"),
    ),
    caveats=("病情轻重不同、转诊收治重症的医院费用偏高属正常", "主要诊断为空的住院不参加比较"),
)


def find(data, p):  # type: ignore[no-untyped-def]
    stays = data.visits.filter(data.visits.kind == "IP")
    stays = stays.mutate(dx=stays.dise_no.fill_null("").substr(0, 3), year=stays.end.year())
    return strongest(_stays(stays, p), _institutions(stays, p))


def _stays(stays: Table, p) -> Table:  # type: ignore[no-untyped-def]
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


def _institutions(stays: Table, p) -> Table:  # type: ignore[no-untyped-def]
    own = stays.group_by("fixmedins_code", "hosp_lv", "year").agg(
        size=stays.count(),
        variation=stays.fee.std(how="pop") / stays.fee.mean(),
        start=stays.end.min(),
        end=stays.end.max(),
    )
    own = own.filter(own.size >= p["group_size"])
    peers = own.group_by("hosp_lv", "year").agg(
        peers=own.count(), usual=own.variation.mean(), spread=own.variation.std(how="pop")
    )
    own = own.inner_join(peers, ["hosp_lv", "year"])
    own = own.mutate(most=own.usual + p["deviations"] * own.spread)
    out = own.filter((own.peers >= p["peers"]) & (own.variation > own.most))
    return finding(
        out,
        "b",
        start=ibis.date(out.year, 1, 1),
        end=out.end,
        cents=ibis.literal(0),
        measure=out.variation,
        limit=out.most,
        rows=out.size,
    )


def explain(hit) -> str:  # type: ignore[no-untyped-def]
    measure, limit = hit["measure"], hit["limit"]
    return {
        "a": f"本次住院总费用{measure:,.2f}元，同级别机构同类诊断（{hit['item']}）中位数为{limit:,.2f}元，明显偏高。",
        "b": f"机构全年住院费用变异系数{measure:.2f}，高于同级别机构上限{limit:.2f}，费用水平异常不稳定。",
    }[hit["variant"]]
