"""S08 同时住院: two stays of one person in different institutions share a full day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data

RULE = Rule(
    key="overlap_admission",
    number="S08",
    title="同时住院",
    basis="《医疗保障基金使用监督管理条例》第四十条",
    logic="同一人员在不同机构的两次住院重叠至少1天；当日出院、当日转入不算",
    result=Result.SUSPECT,
    interval="跨次住院",
    scene=Scene.INPATIENT,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(Parameter("days", "重叠天数", Decimal(1), Decimal(1), Decimal(30), "天"),),
    caveats=("出院未及时办结", "转院当日", "家庭病床"),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    columns = ("psn_no", "mdtrt_id", "fixmedins_code", "begin", "end", "fund_pay_sumamt")
    a = data.stays.select(*columns)
    b = a.view().rename({f"other_{name}": name for name in columns})
    later = (b.other_begin < a.begin) | ((b.other_begin == a.begin) & (b.other_mdtrt_id < a.mdtrt_id))
    pairs = a.inner_join(
        b,
        [
            a.psn_no == b.other_psn_no,
            a.fixmedins_code != b.other_fixmedins_code,
            a.begin < b.other_end,
            b.other_begin < a.end,
            later,
        ],
    )
    over = ibis.least(pairs.end, pairs.other_end)
    pairs = pairs.mutate(over=over, shared=over.delta(pairs.begin, unit="day"))
    pairs = pairs.filter(pairs.shared >= p["days"])
    return pairs.select(
        "fixmedins_code",
        "psn_no",
        "shared",
        other=pairs.other_fixmedins_code,
        window_start=pairs.begin,
        window_end=pairs.over,
        quantity=pairs.shared,
        amount=pairs.fund_pay_sumamt,
        visits=ibis.array([pairs.mdtrt_id, pairs.other_mdtrt_id]),
    )


def explain(hit: Hit) -> str:
    return (
        f"{hit.window_start}至{hit.window_end}同时在本机构和{hit.facts['other']}住院，重叠{hit.facts['shared']}天；"
        f"疑点金额{hit.amount:,.2f}元为本次住院的基金支付"
    )
