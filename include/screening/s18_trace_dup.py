"""S18 追溯码重复: one box of a drug is paid for more than once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="trace_dup",
    number="S18",
    title="药品追溯码重复结算",
    basis="《医疗保障基金使用监督管理条例》第二十条、第四十条；国家医保局关于药品追溯码采集应用的要求",
    logic="同一药品追溯码在两笔及以上有效结算中出现，已退费的除外；首次结算视为正常，以后各次计为疑点。",
    result=Result.SUSPECT,
    interval="全部数据期间",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("times", "重复结算次数下限", Decimal(2), Decimal(2), Decimal(10), "次"),
        Parameter("code_length", "有效追溯码位数", Decimal(20), Decimal(16), Decimal(30), "位"),
    ),
    caveats=(
        "拆零药品（数量非整数或列入拆零目录）已排除",
        "生产企业赋码错误、扫码照片代替实物、假码需核实",
        "首次结算未必是真实销售，核查时应同时核对首次结算机构",
    ),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    lines = data.lines
    lines = lines.filter(
        (lines.drug_trac_codg.length() == p["code_length"]) & (lines.cnt_e4 % SCALE == 0)
    ).anti_join(listed(data, "split_packs", "med_list_codg"), "med_list_codg")
    repeated = lines.group_by("drug_trac_codg").agg(
        times=lines.setl_id.nunique(), places=lines.fixmedins_code.nunique()
    )
    repeated = repeated.filter(repeated.times >= p["times"])
    found = lines.inner_join(repeated, "drug_trac_codg")
    in_turn = ibis.window(group_by="drug_trac_codg", order_by=[found.fee_ocur_time, found.setl_id])
    found = found.mutate(first=found.setl_id.first().over(in_turn))
    later = found.filter(found.setl_id != found.first)
    return strongest(
        finding(
            later,
            ibis.ifelse(later.places > 1, "b", "a"),
            person=later.psn_no,
            start=later.day,
            end=later.day,
            cents=later.cents,
            measure=later.times,
            limit=later.places,
            item=later.drug_trac_codg,
        )
    )


def explain(hit: Hit) -> str:
    variant, code, times, places = said(hit)
    more = f"（本次结算共有{hit.facts['instances']}个追溯码重复）" if hit.facts["instances"] > 1 else ""
    high = "，重复次数较多" if times >= 3 else ""
    return {
        "a": f"药品追溯码{code}在本机构{times:.0f}笔结算中重复出现{high}，疑似空刷套刷或串换药品{more}。",
        "b": f"药品追溯码{code}在{places:.0f}家机构{times:.0f}笔结算中重复出现{high}，疑似回流药{more}。",
    }[variant]
