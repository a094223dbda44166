"""S25 冲顶消费: the yearly cap is nearly used up, with much of it out of hospital at the end of the year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import (
    finding,
    listed,
    said,
    strongest,
    visits_of,
    with_visits,
)

RULE = Rule(
    key="cap_chasing",
    number="S25",
    title="年末冲顶消费",
    basis="《医疗保障基金使用监督管理条例》第十七条；当地医保待遇年度支付限额规定",
    logic="参保人年度统筹基金、门诊统筹或个人账户使用额达到年度限额的一定比例，且年末数月门诊和购药支出占比过高。",
    result=Result.SUSPECT,
    interval="自然年",
    scene=Scene.OUTPATIENT,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("cap_percent", "达到年度限额比例", Decimal(95), Decimal(80), Decimal(100), "%"),
        Parameter("last_months", "年末统计月数", Decimal(2), Decimal(1), Decimal(6), "月"),
        Parameter("late_percent", "年末门诊购药支出占比下限", Decimal(40), Decimal(10), Decimal(100), "%"),
    ),
    caveats=(
        "确患重病、长期治疗者支出较高属正常；年末支出只计门诊和购药，不计住院",
        "医疗救助结算不计统筹基金支出",
    ),
    inputs=("yearly_caps",),
)
VARIANTS = (
    ("a", "pool", ("inpatient", "outpatient", "pharmacy", "day")),
    ("b", "outpatient", ("outpatient", "pharmacy")),
    ("c", "account", ("inpatient", "outpatient", "pharmacy", "day")),
)
WORDS = {"a": "统筹基金", "b": "门诊统筹", "c": "个人账户"}


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    return strongest(*(_near_cap(data, variant, fund, scenes, p) for variant, fund, scenes in VARIANTS))


def _near_cap(data, variant: str, fund: str, scenes: tuple[str, ...], p: Mapping[str, int | float]) -> Table:
    visits = visits_of(data, *scenes)
    caps = listed(data, "yearly_caps", insutype="string", year="int64", kind="string", cap="int64")
    visits = visits.mutate(year=visits.end.year())
    is_late = (visits.end.month() >= 13 - p["last_months"]) & visits.scene.isin(["outpatient", "pharmacy"])
    paid = visits.account if fund == "account" else visits.pool
    places = visits.mutate(paid=paid, late=ibis.ifelse(is_late, paid, 0), is_late=is_late.cast("int64"))
    places = places.group_by("psn_no", "insutype", "year", "fixmedins_code").agg(
        paid=places.paid.sum(), late=places.late.sum(), late_visits=places.is_late.sum(), end=places.end.max()
    )
    caps = caps.filter(caps["kind"] == fund).select("insutype", "year", "cap")
    places = places.inner_join(caps, ["insutype", "year"])
    person = ["psn_no", "insutype", "year"]
    places = places.mutate(
        used=places.paid.sum().over(group_by=person), all_late=places.late.sum().over(group_by=person)
    )
    found = places.filter(
        (places.used * 100 >= places.cap * 100 * p["cap_percent"])
        & (places.all_late * 100 >= places.used * p["late_percent"])
        & (places.late_visits > 0)
    )
    late = visits.filter(is_late)
    found = with_visits(found, late, ["psn_no", "insutype", "year", "fixmedins_code"])
    return finding(
        found,
        variant,
        person=found.psn_no,
        start=ibis.date(found.year, 1, 1),
        end=found.end,
        cents=found.late,
        measure=found.used / 100,
        limit=found.cap,
        visits=found.visits,
    )


def explain(hit: Hit) -> str:
    variant, _, measure, limit = said(hit)
    return (
        f"该参保人全年{WORDS[variant]}支出{measure:,.2f}元，接近年度限额{limit:,.2f}元，"
        "且年末门诊、购药支出集中。"
    )
