"""S20 康复理疗时长: more minutes than a patient, a therapist or a department has in a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ibis.expr.types import IntegerValue, Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data
from include.screening.measures import filled, finding, listed, part_of, said, strongest

RULE = Rule(
    key="rehab_time",
    number="S20",
    title="康复理疗时长异常",
    basis="《医疗保障基金使用监督管理条例》第十五条、第三十八条；康复理疗项目价格内涵",
    logic="按项目标准时长折算：患者每日治疗时长或项目数超过上限；治疗师每日操作时长超过上限；科室每日时长超过在岗人数承载量。",
    result=Result.SUSPECT,
    interval="自然日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter(
            "patient_minutes", "患者每日治疗时长上限", Decimal(480), Decimal(120), Decimal(720), "分钟"
        ),
        Parameter("patient_items", "患者每日治疗项目数上限", Decimal(6), Decimal(3), Decimal(12), "项"),
        Parameter(
            "therapist_minutes", "治疗师每日操作时长上限", Decimal(600), Decimal(360), Decimal(960), "分钟"
        ),
        Parameter(
            "staff_minutes", "科室人均每日操作时长上限", Decimal(480), Decimal(360), Decimal(720), "分钟"
        ),
    ),
    caveats=(
        "小组治疗可同时治疗多人",
        "按部位或次数计价的项目，数量不等于治疗次数",
        "治疗师助理操作可能记在一人名下",
    ),
    inputs=("item_minutes",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    rows = data.lines.inner_join(
        listed(data, "item_minutes", "med_list_codg", minutes="int64"), "med_list_codg"
    )
    rows = rows.mutate(minutes=rows.cnt_e4 * rows.minutes)
    patients = _by_day(rows, "psn_no")
    therapists = _by_day(rows.filter(filled(rows.orders_dr_code)), "orders_dr_code")
    departments = _by_day(rows, "bilg_dept_codg").inner_join(
        listed(data, "rehab_staff", "fixmedins_code", "bilg_dept_codg", staff="int64"),
        ["fixmedins_code", "bilg_dept_codg"],
    )
    many = patients.filter(patients.items > p["patient_items"])
    items = finding(
        many,
        "b",
        person=many.psn_no,
        start=many.day,
        end=many.day,
        cents=part_of(many.cents, many.items - p["patient_items"], many.items),
        measure=many.items,
        limit=p["patient_items"],
        visits=many.visits,
    )
    return strongest(
        _over(patients.mutate(most=p["patient_minutes"]), "a", "psn_no"),
        items,
        _over(therapists.mutate(most=p["therapist_minutes"]), "c", "orders_dr_code"),
        _over(departments.mutate(most=departments.staff * p["staff_minutes"]), "d", "bilg_dept_codg"),
    )


def _by_day(rows: Table, subject: str) -> Table:
    return rows.group_by("fixmedins_code", subject, "day").agg(
        minutes=rows.minutes.sum(),
        items=rows.med_list_codg.nunique(),
        cents=rows.cents.sum(),
        visits=rows.mdtrt_id.collect(),
    )


def _over(days: Table, variant: str, subject: str) -> Table:
    most: IntegerValue = days.most * SCALE
    over = days.mutate(scaled=most)
    over = over.filter(over.minutes > over.scaled)
    return finding(
        over,
        variant,
        person=over[subject] if subject == "psn_no" else None,
        start=over.day,
        end=over.day,
        cents=part_of(over.cents, over.minutes - over.scaled, over.minutes),
        measure=over.minutes / SCALE,
        limit=over.most,
        visits=over.visits,
    )


def explain(hit: Hit) -> str:
    variant, _, measure, limit = said(hit)
    impossible = "，且超过一日1440分钟，明显不合常理" if variant in "ac" and measure > 1440 else ""
    return {
        "a": f"该参保人当日康复理疗项目折合{measure:.0f}分钟，超过上限{limit:.0f}分钟{impossible}。",
        "b": f"该参保人当日收取康复理疗项目{measure:.0f}项，超过上限{limit:.0f}项。",
        "c": f"本机构一名治疗师当日操作折合{measure:.0f}分钟，超过上限{limit:.0f}分钟{impossible}。",
        "d": f"本机构一个康复科室当日康复理疗项目折合{measure:.0f}分钟，超过在岗人员最大承载量{limit:.0f}分钟。",
    }[variant]
