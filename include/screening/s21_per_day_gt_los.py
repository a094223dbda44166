"""S21 按日项目超住院天数: beds, nursing, consultation or monitoring for more days than the stay has."""

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
    key="per_day_gt_los",
    number="S21",
    title="按日计费项目超住院天数",
    basis="《医疗保障基金使用监督管理条例》第三十八条；医疗服务价格项目规范计价单位（日、小时）",
    logic="同一次住院中床位、护理、诊查等按日计费项目的数量超过住院天数，监护类按小时折算。",
    result=Result.SUSPECT,
    interval="当次住院",
    scene=Scene.INPATIENT,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter(
            "count_discharge_day", "出院当日是否计费（0不计，1计）", Decimal(0), Decimal(0), Decimal(1), "日"
        ),
    ),
    caveats=(
        "同类项目变更等级（如护理级别）当日允许各计一日",
        "陪护床、新生儿费用不列入按日项目目录",
        "住院天数按当地计费规则（计入不计出）计算，规则不同时应先调整参数",
    ),
    inputs=("per_day_items",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    lines = data.lines
    items = listed(data, "per_day_items", "med_list_codg", **{"class": "string"}, per_day="int64").rename(
        what="class"
    )
    rows = lines.filter(lines.scene == "inpatient").inner_join(items, "med_list_codg")
    stays = rows.group_by("fixmedins_code", "psn_no", "mdtrt_id", "what").agg(
        per_day=rows.per_day.max(),
        levels=rows.med_list_codg.nunique(),
        cnt_e4=rows.cnt_e4.sum(),
        cents=rows.cents.sum(),
    )
    stays = stays.inner_join(data.stays.select("mdtrt_id", "begin", "end"), "mdtrt_id")
    length = stays.end.epoch_days() - stays.begin.epoch_days() + int(p["count_discharge_day"])
    stays = stays.mutate(days=ibis.greatest(length, 1) + stays.levels - 1)
    stays = stays.mutate(most=stays.days * stays.per_day * SCALE)
    over = stays.filter(stays.cnt_e4 > stays.most)
    return strongest(
        finding(
            over,
            "a",
            person=over.psn_no,
            start=over.begin,
            end=over.end,
            cents=part_of(over.cents, over.cnt_e4 - over.most, over.cnt_e4),
            measure=over.cnt_e4 / (over.per_day * SCALE),
            limit=over.days,
            item=over.what,
        )
    )


def explain(hit: Hit) -> str:
    _, item, measure, limit = said(hit)
    return f"本次住院{item}类项目计费{measure:g}日，超过可计费的{limit:.0f}日。"
