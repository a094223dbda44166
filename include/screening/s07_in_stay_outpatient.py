"""S07 住院期间门诊购药: the card of somebody who lies in hospital used at a clinic or a pharmacy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.elsewhere import visits_inside_stays
from include.screening.measures import finding, said, strongest

RULE = Rule(
    key="in_stay_outpatient",
    number="S07",
    title="住院期间门诊或药店购药",
    basis="《医疗保障基金使用监督管理条例》第十七条、第四十条、第四十一条",
    logic="同一参保人在住院期间（不含入院、出院当日）有门诊就诊或药店购药结算",
    result=Result.SUSPECT,
    interval="当次住院",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(Parameter("margin", "距入院、出院日至少", Decimal(1), Decimal(1), Decimal(3), "天"),),
    caveats=(
        "外检（外检标志）、家庭共济账户支付、生育住院（母婴共用）已排除",
        "慢特病用药医院不备、出院日期登记有误、亲属代购需核实",
    ),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    visits = visits_inside_stays(data, int(p["margin"]))
    order = [visits.admitted, visits.stay]
    visits = visits.mutate(place=ibis.row_number().over(group_by="mdtrt_id", order_by=order))
    visits = visits.filter(visits.place == 0)
    variant = ibis.cases(
        (visits.hospital == visits.fixmedins_code, "c"),
        (visits.stay_region.substr(0, 4) != visits.region.substr(0, 4), "b"),
        else_="a",
    )
    return strongest(
        finding(
            visits,
            variant,
            person=visits.psn_no,
            start=visits.begin,
            end=visits.begin,
            cents=visits.fund,
            measure=visits.begin.epoch_days() - visits.admitted.epoch_days() + 1,
            limit=visits.discharged.epoch_days() - visits.admitted.epoch_days(),
            item=visits.hospital,
            visits=ibis.array([visits.mdtrt_id, visits.stay]),
        )
    )


def explain(hit: Hit) -> str:
    variant, hospital, day, nights = said(hit)
    where = {"a": f"正在{hospital}住院", "b": f"正在外市{hospital}住院", "c": "正在本机构住院"}[variant]
    return (
        f"参保人当日{where}（住院{nights:.0f}天，当日为第{day:.0f}天），又在本机构门诊就诊或购药；"
        f"疑点金额{hit.amount:,.2f}元为门诊或购药的基金支付。"
    )
