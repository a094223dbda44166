"""S25 冲顶消费: the yearly cap is nearly used up, with much of it out of hospital at the end of the year."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from include.domain.screening import Parameter, Rule
from include.screening.measures import finding, strongest

RULE = Rule(
    key="cap_chasing",
    number="S25",
    title="年末冲顶消费",
    basis="《医疗保障基金使用监督管理条例》第十七条；当地医保待遇年度支付限额规定",
    logic="参保人年度统筹基金、门诊统筹或个人账户使用额达到年度限额的一定比例，且年末数月门诊和购药支出占比过高。",
    result="可疑",
    interval="自然年",
    scene="门（急）诊、购药",
    parameters=(
        Parameter("cap_percent", "达到年度限额比例", 95, 80, 100, "%"),
        Parameter("last_months", "年末统计月数", 2, 1, 6, "月"),
        Parameter("late_percent", "年末门诊购药支出占比下限", 40, 10, 100, "%"),
    ),
    caveats=("确患重病、长期治疗者支出较高属正常；年末支出只计门诊和购药，不计住院", "医疗救助结算不计统筹基金支出"),
    inputs=("yearly_caps",),
)
VARIANTS = (("a", "pool", ("IP", "OP", "PH", "DAY")), ("b", "outpatient", ("OP", "PH")), ("c", "account", ("IP", "OP", "PH", "DAY")))
WORDS = {"a": "统筹基金", "b": "门诊统筹", "c": "个人账户"}


def find(data, p):  # type: ignore[no-untyped-def]
    return strongest(*(_near_cap(data, variant, fund, kinds, p) for variant, fund, kinds in VARIANTS))


def _near_cap(data, variant: str, fund: str, kinds: tuple[str, ...], p) -> Table:  # type: ignore[no-untyped-def]
    visits, caps = data.visits, data.table("yearly_caps")
    visits = visits.filter(visits.kind.isin(kinds)).mutate(year=visits.end.year())
    is_late = (visits.end.month() >= 13 - p["last_months"]) & visits.kind.isin(["OP", "PH"])
    paid = visits.account if fund == "account" else visits.pool
    places = visits.mutate(paid=paid, late=ibis.ifelse(is_late, paid, 0), is_late=is_late.cast("int64"))
    places = places.group_by("psn_no", "insutype", "year", "fixmedins_code").agg(
        paid=places.paid.sum(), late=places.late.sum(), rows=places.is_late.sum(), end=places.end.max()
    )
    caps = caps.filter(caps["kind"] == fund).select("insutype", "year", "cap")
    places = places.inner_join(caps, ["insutype", "year"])
    person = ["psn_no", "insutype", "year"]
    places = places.mutate(used=places.paid.sum().over(group_by=person), all_late=places.late.sum().over(group_by=person))
    found = places.filter(
        (places.used * 100 >= places.cap * 100 * p["cap_percent"])
        & (places.all_late * 100 >= places.used * p["late_percent"])
        & (places.rows > 0)
    )
    return finding(
        found,
        variant,
        person=found.psn_no,
        start=ibis.date(found.year, 1, 1),
        end=found.end,
        cents=found.late,
        measure=found.used / 100,
        limit=found.cap,
        rows=found.rows,
    )


def explain(hit) -> str:  # type: ignore[no-untyped-def]
    return (
        f"该参保人全年{WORDS[hit['variant']]}支出{hit['measure']:,.2f}元，接近年度限额{hit['limit']:,.2f}元，"
        "且年末门诊、购药支出集中。"
    )
