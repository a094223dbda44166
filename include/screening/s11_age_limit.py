"""S11 年龄限制: an item for children, newborns or the old, given to somebody of another age."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
from ibis.expr.types import DateValue, IntegerValue, Table

from include.domain.screening import Hit, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="age_limit",
    number="S11",
    title="年龄限制",
    basis="国家基本医疗保险药品目录限定支付范围；医疗服务价格项目内涵",
    logic="限儿童、新生儿或规定年龄的药品、项目，按出生日期计算的费用发生日年龄不在范围内，且纳入医保支付",
    result=Result.BREACH,
    interval="自然日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    caveats=("没有出生日期的不判断", "年龄按周岁（或天）在费用发生日计算", "新生儿挂母亲账户需核实"),
    inputs=("age_limits",),
)

NO_AGE = 1_000_000


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """List ``age_limits``, one row an item: med_list_codg, unit (岁 or 天), least and most (included; empty: no bound)."""
    limits = listed(data, "age_limits", "med_list_codg", unit="string", least="int64", most="int64")
    rows = data.lines.inner_join(limits, "med_list_codg")
    rows = rows.filter(rows.brdy.notnull() & (rows.brdy <= rows.day) & (rows.cents > 0))
    age = ibis.ifelse(
        rows.unit == "天", rows.day.epoch_days() - rows.brdy.epoch_days(), _years(rows.brdy, rows.day)
    )
    rows = rows.mutate(age=age)
    young, old = rows.age < rows.least.fill_null(0), rows.age > rows.most.fill_null(NO_AGE)
    rows = rows.mutate(young=young).filter(young | old)
    return strongest(
        finding(
            rows,
            ibis.ifelse(rows.unit == "天", "d", "y") + ibis.ifelse(rows.young, "1", "2"),
            person=rows.psn_no,
            start=rows.day,
            end=rows.day,
            cents=rows.cents,
            measure=rows.age,
            limit=ibis.ifelse(rows.young, rows.least, rows.most),
            item=rows.hilist_name.fill_null(""),
        )
    )


def _years(born: DateValue, day: DateValue) -> IntegerValue:
    """Full years; the 29th of February has its birthday on the 1st of March."""
    before = (day.month() * 100 + day.day()) < (born.month() * 100 + born.day())
    return day.year() - born.year() - before.cast("int64")


def explain(hit: Hit) -> str:
    variant, item, age, limit = said(hit)
    unit = {"d": "天", "y": "岁"}[variant[0]]
    side = {"1": "及以上", "2": "及以下"}[variant[1]]
    return f"“{item}”限{limit:.0f}{unit}{side}使用，参保人当日{age:.0f}{unit}，费用已纳入医保支付范围。"
