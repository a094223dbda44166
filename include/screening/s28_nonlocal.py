"""S28 异地就医异常: much care away from home, an institution whose visitors jump, a distant pharmacy used again and again."""

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
    month_number,
    said,
    strongest,
    visits_of,
    with_visits,
)

RULE = Rule(
    key="nonlocal",
    number="S28",
    title="异地就医异常",
    basis="专项整治方案关于异地就医重点检查的要求；《医疗保障基金使用监督管理条例》第十五条、第十七条",
    logic="参保人年度异地就医次数和费用均超过下限；机构当月异地就医占比较前十二个月异常跳升；参保人反复在异地药店购药。",
    result=Result.SUSPECT,
    interval="自然年/自然月",
    scene=Scene.NON_LOCAL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("visits", "年度异地就医次数下限", Decimal(5), Decimal(3), Decimal(50), "次"),
        Parameter(
            "amount", "年度异地就医费用下限", Decimal(50_000), Decimal(1_000), Decimal(1_000_000), "元"
        ),
        Parameter("deviations", "偏离倍数（稳健标准差）", Decimal(3), Decimal(2), Decimal(10), "倍"),
        Parameter(
            "jump_percent", "异地占比跳升下限（百分点）", Decimal(5), Decimal(1), Decimal(50), "个百分点"
        ),
        Parameter(
            "history_months", "前十二个月中至少有数据的月数", Decimal(6), Decimal(3), Decimal(12), "月"
        ),
        Parameter("month_visits", "当月最少就诊人次", Decimal(30), Decimal(10), Decimal(1000), "人次"),
        Parameter("purchases", "年度在同一异地药店购药次数下限", Decimal(6), Decimal(3), Decimal(50), "次"),
    ),
    caveats=(
        "医疗资源薄弱县区外出就医比例高属正常",
        "异地安置、长期居住备案人员需核实",
        "同一地市内跨县不算异地",
    ),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    visits = visits_of(data)
    visits = visits.mutate(
        away=visits.insu_admdvs.substr(0, 4) != visits.region.substr(0, 4),
        year=visits.end.year(),
    )
    away = visits.filter(visits.away)
    return strongest(_persons(away, p), _institutions(visits, p), _pharmacies(away, p))


def _persons(away: Table, p: Mapping[str, int | float]) -> Table:
    places = _yearly(away)
    person = ["psn_no", "year"]
    places = places.mutate(
        times=places.rows.sum().over(group_by=person), spent=places.fee.sum().over(group_by=person)
    )
    found = places.filter((places.times >= p["visits"]) & (places.spent > p["amount"] * 100))
    return _person_hit(found, "a", found.times, found.spent / 100)


def _pharmacies(away: Table, p: Mapping[str, int | float]) -> Table:
    found = _yearly(away.filter(away.scene == "pharmacy"))
    found = found.filter(found.rows >= p["purchases"])
    return _person_hit(found, "c", found.rows, found.fee / 100)


def _yearly(away: Table) -> Table:
    return away.group_by("psn_no", "fixmedins_code", "year").agg(
        fee=away.fee.sum(),
        cents=away.cents.sum(),
        rows=away.count(),
        visits=away.mdtrt_id.collect(),
        end=away.end.max(),
    )


def _person_hit(found: Table, variant: str, measure, limit) -> Table:
    return finding(
        found,
        variant,
        person=found.psn_no,
        start=ibis.date(found.year, 1, 1),
        end=found.end,
        cents=found.cents,
        measure=measure,
        limit=limit,
        visits=found.visits,
    )


def _institutions(visits: Table, p: Mapping[str, int | float]) -> Table:
    rows = visits.mutate(month=visits.end.truncate("M").cast("date"), is_away=visits.away.cast("int64"))
    months = rows.group_by("fixmedins_code", "month").agg(
        visits=rows.count(),
        away=rows.is_away.sum(),
        cents=ibis.ifelse(rows.away, rows.cents, 0).sum(),
        end=rows.end.max(),
    )
    months = months.mutate(number=month_number(months.month), share=months.away / months.visits)
    then = months.select("fixmedins_code", then="number", past="share")
    pairs = months.inner_join(then, "fixmedins_code")
    pairs = pairs.filter((pairs.then < pairs.number) & (pairs.then >= pairs.number - 12))
    key = ["fixmedins_code", "number"]
    middles = pairs.group_by(key).agg(middle=pairs.past.median(), history=pairs.count())
    pairs = pairs.select(*key, "past").inner_join(middles, key)
    usual = pairs.group_by(*key, "middle", "history").agg(spread=(pairs.past - pairs.middle).abs().median())
    found = months.inner_join(usual, key)
    jump = found.share - found.middle
    found = found.filter(
        (found.history >= p["history_months"])
        & (found.visits >= p["month_visits"])
        & (jump > p["deviations"] * SPREAD * found.spread)
        & (jump * 100 > p["jump_percent"])
    )
    away = rows.filter(rows.away)
    found = with_visits(found.rename(all_visits="visits"), away, ["fixmedins_code", "month"])
    return finding(
        found,
        "b",
        start=found.month,
        end=found.end,
        cents=found.cents,
        measure=found.share * 100,
        limit=found.middle * 100,
        visits=found.visits,
    )


def explain(hit: Hit) -> str:
    variant, _, measure, limit = said(hit)
    return {
        "a": f"该参保人全年异地就医{measure:.0f}次，总费用{limit:,.2f}元，次数和费用均异常。",
        "b": f"机构当月异地就医占比{measure:.1f}%，此前十二个月中位数为{limit:.1f}%，异常跳升。",
        "c": f"该参保人全年在本异地药店购药{measure:.0f}次，总费用{limit:,.2f}元。",
    }[variant]
