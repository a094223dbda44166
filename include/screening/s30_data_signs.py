"""S30 数据质量: visits without a diagnosis, copied details, round amounts and settlements at night. A report on data, not on fraud."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from include.domain.screening import Parameter, Rule
from include.screening.measures import finding, strongest

RULE = Rule(
    key="data_signs",
    number="S30",
    title="诊断缺失与数据雷同",
    basis="《医疗保障基金使用监督管理条例》第十六条（如实传送数据）；医保信息业务编码与数据质量要求",
    logic="机构当月就诊中诊断缺失、整数金额、夜间结算占比过高，或多名参保人门诊明细完全相同。属数据质量报告，不作为违规线索。",
    result="可疑",
    interval="自然月",
    scene="住院、门（急）诊",
    parameters=(
        Parameter("month_visits", "当月最少就诊人次", 30, 10, 1000, "人次"),
        Parameter("blank_percent", "诊断缺失占比", 20, 1, 100, "%"),
        Parameter("round_percent", "整十元金额占比", 50, 10, 100, "%"),
        Parameter("night_percent", "夜间结算占比", 20, 5, 100, "%"),
        Parameter("night_until", "夜间止于", 5, 1, 7, "时"),
        Parameter("alike_persons", "明细雷同人数", 10, 3, 100, "人"),
        Parameter("alike_lines", "雷同明细最少条数", 3, 1, 20, "条"),
    ),
    caveats=("结果只说明数据质量，不计疑点金额", "体检、集中配药、固定套餐可致明细相同", "夜间批量上传的结算时间不是就诊时间"),
)


def find(data, p):  # type: ignore[no-untyped-def]
    months = _months(data.visits, p)
    return strongest(
        _share(months, "a", months.blank, p["blank_percent"]),
        _alike(data.lines, p),
        _share(months, "c", months.whole, p["round_percent"]),
        _share(months, "d", months.night, p["night_percent"]),
    )


def _months(visits: Table, p) -> Table:  # type: ignore[no-untyped-def]
    rows = visits.filter(visits.kind != "PH")
    rows = rows.mutate(settled=rows.setl_time.cast("date"))
    rows = rows.mutate(month=rows.settled.truncate("M").cast("date"))
    months = rows.group_by("fixmedins_code", "month").agg(
        visits=rows.count(),
        blank=(rows.dise_no.fill_null("") == "").cast("int64").sum(),
        whole=(rows.fee % 1000 == 0).cast("int64").sum(),
        night=(rows.setl_time.hour() < p["night_until"]).cast("int64").sum(),
        end=rows.settled.max(),
    )
    return months.filter(months.visits >= p["month_visits"])


def _share(months: Table, variant: str, count, least: int) -> Table:  # type: ignore[no-untyped-def]
    found = months.mutate(part=count)
    found = found.filter(found.part * 100 >= found.visits * least)
    return finding(
        found,
        variant,
        start=found.month,
        end=found.end,
        cents=ibis.literal(0),
        measure=found.part * 100 / found.visits,
        limit=least,
        rows=found.part,
    )


def _alike(lines: Table, p) -> Table:  # type: ignore[no-untyped-def]
    lines = lines.filter(lines.kind == "OP")
    text = lines.med_list_codg + "|" + lines.cnt_e4.cast("string") + "|" + lines.cents.cast("string")
    visits = lines.mutate(text=text)
    visits = visits.group_by("fixmedins_code", "psn_no", "mdtrt_id").agg(
        size=visits.count(), content=visits.text.collect().sort().join(";"), day=visits.day.min(), end=visits.day.max()
    )
    visits = visits.filter(visits["size"] >= p["alike_lines"])
    visits = visits.mutate(month=visits.day.truncate("M").cast("date"))
    alike = visits.group_by("fixmedins_code", "month", "content").agg(
        persons=visits.psn_no.nunique(), rows=visits.count(), end=visits.end.max()
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
        rows=alike.rows,
    )


def explain(hit) -> str:  # type: ignore[no-untyped-def]
    measure, limit = hit["measure"], hit["limit"]
    return {
        "a": f"机构当月就诊记录中诊断缺失占{measure:.1f}%（提示线{limit:.0f}%），请核实数据传送质量。",
        "b": f"机构当月有{measure:.0f}名参保人的门诊费用明细完全相同（提示线{limit:.0f}人），请核实是否复制录入。",
        "c": f"机构当月就诊总费用为整十元的占{measure:.1f}%（提示线{limit:.0f}%），请核实计费方式。",
        "d": f"机构当月夜间结算占{measure:.1f}%（提示线{limit:.0f}%），请核实是否批量补传。",
    }[hit["variant"]]
