"""S05 分解住院: the same person admitted again to the same institution with the same diagnosis, too soon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data

RULE = Rule(
    key="split_admission",
    number="S05",
    title="分解住院",
    basis="《医疗保障基金使用监督管理条例》第三十八条第（一）项",
    logic="同一人员出院后，在规定天数内因同一主要诊断（ICD-10前3位）再次入住同一机构",
    result=Result.SUSPECT,
    interval="跨次住院",
    scene=Scene.INPATIENT,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(Parameter("days", "再入院间隔", Decimal(15), Decimal(3), Decimal(31), "天"),),
    caveats=("按疗程放化疗、透析", "产科", "按床日付费住院", "转院、急诊转住院"),
)

PLANNED = ("Z49", "Z51")
"""Dialysis; radiotherapy and chemotherapy in cycles (ICD-10)."""
NOT_SPLIT = ("2105", "23", "24", "52")


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    s = data.stays
    s = s.filter(~s.med_type.isin(NOT_SPLIT)).mutate(diagnosis=s.diag_code.substr(0, 3))
    inside = ibis.window(group_by=[s.psn_no, s.fixmedins_code], order_by=[s.begin, s.end, s.mdtrt_id])
    s = s.mutate(
        before=s.mdtrt_id.lag().over(inside),
        left=s.end.lag().over(inside),
        diagnosis_before=s.diagnosis.lag().over(inside),
    )
    s = s.mutate(gap=s.begin.delta(s.left, unit="day"))
    s = s.filter(
        (s.gap >= 0)
        & (s.gap <= p["days"])
        & (s.diagnosis == s.diagnosis_before)
        & (s.diagnosis != "")
        & ~s.diagnosis.isin(PLANNED)
        & (s.diagnosis.substr(0, 1) != "O")
    )
    return s.select(
        "fixmedins_code",
        "psn_no",
        "gap",
        "diagnosis",
        "left",
        window_start=s.begin,
        window_end=s.end,
        quantity=s.gap,
        amount=s.fund_pay_sumamt,
        visits=ibis.array([s.before, s.mdtrt_id]),
    )


def explain(hit: Hit) -> str:
    return (
        f"{hit.facts['left']}出院后仅隔{hit.facts['gap']}天，又于{hit.window_start}因同一主要诊断"
        f"（{hit.facts['diagnosis']}）入住本机构，疑似分解住院；疑点金额{hit.amount:,.2f}元为第二次住院的基金支付，是上限"
    )
