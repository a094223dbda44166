"""S16 超量开药: more days of a drug in one visit, too early again, or in ninety days, than the rules of prescribing allow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data
from include.screening.measures import finding, listed, part_of, said, strongest

RULE = Rule(
    key="over_qty",
    number="S16",
    title="超量开药",
    basis="《处方管理办法》第十九条；《长期处方管理规范（试行）》；《医疗保障基金使用监督管理条例》第三十八条",
    logic="按药品包装和日剂量折算可用天数：单次开药超过处方天数上限；上次所开药品尚余较多又再次开药；九十日内累计开药天数过多。",
    result=Result.SUSPECT,
    interval="当次门诊/九十日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("ordinary_days", "普通处方最多天数", Decimal(7), Decimal(1), Decimal(31), "天"),
        Parameter("emergency_days", "急诊处方最多天数", Decimal(3), Decimal(1), Decimal(7), "天"),
        Parameter("chronic_days", "门诊慢特病及药店购药最多天数", Decimal(30), Decimal(7), Decimal(60), "天"),
        Parameter("long_days", "长期处方最多天数", Decimal(84), Decimal(30), Decimal(90), "天"),
        Parameter("overlap_days", "允许提前取药天数", Decimal(7), Decimal(0), Decimal(30), "天"),
        Parameter("window_days", "累计统计天数", Decimal(90), Decimal(30), Decimal(365), "天"),
        Parameter("supply_days", "累计可用天数上限", Decimal(120), Decimal(60), Decimal(400), "天"),
    ),
    caveats=(
        "肿瘤放化疗、透析、器官移植等诊断已排除",
        "家属代为取药、剂量调整、药品遗失、外出备药需核实",
        "出院带药不在本规则范围内",
    ),
    inputs=("drug_days",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    fills = _fills(data)
    return strongest(_per_visit(fills, p), *_over_time(fills, p))


def _fills(data: Data) -> Table:
    lines = data.lines
    drugs = listed(
        data,
        "drug_days",
        "med_list_codg",
        generic="string",
        category="string",
        pack_size="float64",
        daily_dose="float64",
        long_term="string",
    )
    lines = lines.filter(lines.scene.isin(["outpatient", "pharmacy"]))
    fills = lines.inner_join(drugs, "med_list_codg")
    fills = fills.mutate(dx=fills.diag_code.fill_null("").substr(0, 3))
    exempt = listed(data, "exempt_diagnoses", diag_code="string").select(dx="diag_code").distinct()
    fills = fills.anti_join(exempt, "dx")
    days = (fills.cnt_e4.cast("float64") * fills.pack_size / fills.daily_dose).round().cast("int64")
    return fills.mutate(days=days)


def _per_visit(fills: Table, p: Mapping[str, int | float]) -> Table:
    visits = fills.group_by("fixmedins_code", "psn_no", "mdtrt_id", "generic", "med_type", "scene").agg(
        days=fills.days.sum(),
        cents=fills.cents.sum(),
        start=fills.day.min(),
        end=fills.day.max(),
        long_term=fills.long_term.max(),
    )
    chronic = visits.med_type.startswith("14") | (visits.scene == "pharmacy")
    most = ibis.cases(
        (visits.med_type.startswith("13"), p["emergency_days"]),
        (chronic & (visits.long_term == "1"), p["long_days"]),
        (chronic, p["chronic_days"]),
        else_=p["ordinary_days"],
    )
    visits = visits.mutate(most=most.cast("int64"))
    over = visits.filter(visits.days > visits.most * SCALE)
    return finding(
        over,
        "a",
        person=over.psn_no,
        start=over.start,
        end=over.end,
        cents=part_of(over.cents, over.days - over.most * SCALE, over.days),
        measure=over.days / SCALE,
        limit=over.most,
        item=over.generic,
    )


def _over_time(fills: Table, p: Mapping[str, int | float]) -> tuple[Table, Table]:
    daily = fills.group_by("psn_no", "generic", "day", "fixmedins_code").agg(
        days=fills.days.sum(), cents=fills.cents.sum(), visits=fills.mdtrt_id.collect()
    )
    daily = daily.mutate(number=daily.day.epoch_days())
    person = ["psn_no", "generic"]
    in_turn = ibis.window(group_by=person, order_by=[daily.number, daily.fixmedins_code])
    recent = ibis.range_window(
        preceding=int(p["window_days"]) - 1, following=0, group_by=person, order_by=daily.number
    )
    daily = daily.mutate(
        left=daily.days.lag().over(in_turn) - (daily.number - daily.number.lag().over(in_turn)) * SCALE,
        supplied=daily.days.sum().over(recent),
    )
    early = daily.filter(daily.left > p["overlap_days"] * SCALE)
    most = p["supply_days"] * SCALE
    piled = daily.filter(daily.supplied > most)
    return (
        _fill(early, "b", early.cents, early.left / SCALE, p["overlap_days"]),
        _fill(
            piled,
            "c",
            part_of(piled.cents, piled.supplied - most, piled.supplied),
            piled.supplied / SCALE,
            p["supply_days"],
        ),
    )


def _fill(rows: Table, variant: str, cents, measure, limit) -> Table:
    return finding(
        rows,
        variant,
        person=rows.psn_no,
        start=rows.day,
        end=rows.day,
        cents=cents,
        measure=measure,
        limit=limit,
        item=rows.generic,
        visits=rows.visits,
    )


def explain(hit: Hit) -> str:
    variant, drug, measure, limit = said(hit)
    return {
        "a": f"本次就诊所开“{drug}”折合可用{measure:.0f}天，超过处方上限{limit:.0f}天。",
        "b": f"再次开具“{drug}”时上次所开药品尚余{measure:.0f}天用量，超过允许提前取药的{limit:.0f}天。",
        "c": f"统计期内累计开具“{drug}”折合{measure:.0f}天用量，超过上限{limit:.0f}天。",
    }[variant]
