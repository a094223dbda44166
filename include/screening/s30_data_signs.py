"""S30 数据质量: visits without a diagnosis, copied details, round amounts and settlements at night. A report on data, not on fraud."""

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
    said,
    strongest,
    visits_of,
    with_visits,
)

RULE = Rule(
    key="data_signs",
    number="S30",
    title="诊断缺失与数据雷同",
    basis="《医疗保障基金使用监督管理条例》第十六条（如实传送数据）；医保信息业务编码与数据质量要求",
    logic="机构当月就诊中诊断缺失、整数金额、夜间结算占比过高，或多名参保人门诊明细完全相同。属数据质量报告，不作为违规线索。",
    result=Result.SUSPECT,
    interval="自然月",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("month_visits", "当月最少就诊人次", Decimal(30), Decimal(10), Decimal(1000), "人次"),
        Parameter("blank_percent", "诊断缺失占比", Decimal(20), Decimal(1), Decimal(100), "%"),
        Parameter("round_percent", "整十元金额占比", Decimal(50), Decimal(10), Decimal(100), "%"),
        Parameter("night_percent", "夜间结算占比", Decimal(20), Decimal(5), Decimal(100), "%"),
        Parameter("night_until", "夜间止于", Decimal(5), Decimal(1), Decimal(7), "时"),
        Parameter("alike_persons", "明细雷同人数", Decimal(10), Decimal(3), Decimal(100), "人"),
        Parameter("alike_lines", "雷同明细最少条数", Decimal(3), Decimal(1), Decimal(20), "条"),
    ),
    caveats=(
        "结果只说明数据质量，不计疑点金额",
        "体检、集中配药、固定套餐可致明细相同",
        "夜间批量上传的结算时间不是就诊时间",
    ),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    rows = _visits(visits_of(data), p)
    months = _months(rows, p)
    return strongest(
        _share(months, rows, "a", "blank", p["blank_percent"]),
        _alike(data.lines, p),
        _share(months, rows, "c", "whole", p["round_percent"]),
        _share(months, rows, "d", "night", p["night_percent"]),
    )


def _visits(visits: Table, p: Mapping[str, int | float]) -> Table:
    rows = visits.filter(visits.scene != "pharmacy")
    return rows.mutate(
        month=rows.settled.date().truncate("M").cast("date"),
        is_blank=rows.dx == "",
        is_whole=rows.fee % 1000 == 0,
        is_night=rows.settled.hour() < p["night_until"],
    )


def _months(rows: Table, p: Mapping[str, int | float]) -> Table:
    months = rows.group_by("fixmedins_code", "month").agg(
        size=rows.count(),
        blank=rows.is_blank.cast("int64").sum(),
        whole=rows.is_whole.cast("int64").sum(),
        night=rows.is_night.cast("int64").sum(),
        end=rows.settled.date().max(),
    )
    return months.filter(months["size"] >= p["month_visits"])


def _share(months: Table, rows: Table, variant: str, sign: str, least: int | float) -> Table:
    found = months.mutate(part=months[sign])
    found = found.filter(found.part * 100 >= found["size"] * least)
    found = with_visits(found, rows.filter(rows[f"is_{sign}"]), ["fixmedins_code", "month"])
    return finding(
        found,
        variant,
        start=found.month,
        end=found.end,
        cents=ibis.literal(0),
        measure=found.part * 100 / found["size"],
        limit=least,
        visits=found.visits,
    )


def _alike(lines: Table, p: Mapping[str, int | float]) -> Table:
    lines = lines.filter(lines.scene == "outpatient")
    rows = _perhaps_alike(lines, p)
    text = (
        rows.med_list_codg.cast("string") + "|" + rows.cnt_e4.cast("string") + "|" + rows.cents.cast("string")
    )
    visits = rows.mutate(text=text)
    visits = visits.group_by("fixmedins_code", "psn_no", "mdtrt_id").agg(
        size=visits.count(),
        content=visits.text.collect().sort().join(";"),
        day=visits.day.min(),
        end=visits.day.max(),
    )
    visits = visits.filter(visits["size"] >= p["alike_lines"])
    visits = visits.mutate(month=visits.day.truncate("M").cast("date"))
    alike = visits.group_by("fixmedins_code", "month", "content").agg(
        persons=visits.psn_no.nunique(), visits=visits.mdtrt_id.collect(), end=visits.end.max()
    )
    alike = alike.filter(alike.persons >= p["alike_persons"])
    return finding(
        alike,
        "b",
        start=alike.month,
        end=alike.end,
        cents=ibis.literal(0),
        measure=alike.persons,
        limit=p["alike_persons"],
        visits=alike.visits,
    )


def _perhaps_alike(lines: Table, p: Mapping[str, int | float]) -> Table:
    """Lines of visits whose count and sums are those of enough others: what is spelled out is what may be alike."""
    place = ["fixmedins_code", "month"]
    sums = ["size", "all_e4", "all_cents"]
    visits = lines.group_by("fixmedins_code", "mdtrt_id").agg(
        size=lines.count(),
        all_e4=lines.cnt_e4.sum(),
        all_cents=lines.cents.sum(),
        month=lines.day.min().truncate("M").cast("date"),
    )
    visits = visits.filter(visits["size"] >= p["alike_lines"])
    common = visits.group_by(*place, *sums).agg(visits=visits.count())
    common = common.filter(common.visits >= p["alike_persons"])
    return lines.semi_join(visits.semi_join(common, [*place, *sums]), ["fixmedins_code", "mdtrt_id"])


def explain(hit: Hit) -> str:
    variant, _, measure, limit = said(hit)
    return {
        "a": f"机构当月就诊记录中诊断缺失占{measure:.1f}%（提示线{limit:.0f}%），请核实数据传送质量。",
        "b": f"机构当月有{measure:.0f}名参保人的门诊费用明细完全相同（提示线{limit:.0f}人），请核实是否复制录入。",
        "c": f"机构当月就诊总费用为整十元的占{measure:.1f}%（提示线{limit:.0f}%），请核实计费方式。",
        "d": f"机构当月夜间结算占{measure:.1f}%（提示线{limit:.0f}%），请核实是否批量补传。",
    }[variant]
