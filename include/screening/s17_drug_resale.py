"""S17 倒卖药品画像: within half a year one person buys a drug in many places, far more than can be taken, or for many diseases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import BooleanValue, Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="drug_resale",
    number="S17",
    title="倒卖药品画像",
    basis="《医疗保障基金使用监督管理条例》第十七条、第四十一条",
    logic="半年内同一参保人在多家机构大量购买同一药品，或累计用量远超可服用量，或同时购买多类互不相关的慢性病药品。",
    result=Result.SUSPECT,
    interval="半年",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("window_days", "统计天数", Decimal(183), Decimal(30), Decimal(366), "天"),
        Parameter("institutions", "涉及机构数下限", Decimal(3), Decimal(2), Decimal(20), "家"),
        Parameter("packs", "购买数量上限", Decimal(60), Decimal(10), Decimal(500), "盒"),
        Parameter(
            "supply_percent", "累计用量占可服用量比例上限", Decimal(200), Decimal(120), Decimal(500), "%"
        ),
        Parameter("categories", "药品治疗类别数下限", Decimal(8), Decimal(3), Decimal(20), "类"),
    ),
    caveats=("多病共患者用药品种较多，需结合诊断核实", "缺药期间多家购药、家属代购需核实"),
    inputs=("drug_days",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    daily = _daily(data)
    most = p["window_days"] * p["supply_percent"] * SCALE / 100

    def many_places(rows: Table) -> BooleanValue:
        return (rows.fixmedins_code.nunique() >= p["institutions"]) & (rows.cnt_e4.sum() > p["packs"] * SCALE)

    def too_much(rows: Table) -> BooleanValue:
        return rows.days.sum() > most

    def many_kinds(rows: Table) -> BooleanValue:
        return rows.category.nunique() >= p["categories"]

    drug = ["psn_no", "generic"]
    return strongest(
        _hits(daily, "a", drug, many_places, p),
        _hits(daily, "b", drug, too_much, p),
        _hits(daily, "c", ["psn_no"], many_kinds, p),
    )


def _daily(data: Data) -> Table:
    lines = data.lines
    lines = lines.filter(lines.scene.isin(["outpatient", "pharmacy"]))
    fills = lines.inner_join(
        listed(
            data,
            "drug_days",
            "med_list_codg",
            generic="string",
            category="string",
            pack_size="float64",
            daily_dose="float64",
            long_term="string",
        ),
        "med_list_codg",
    )
    fills = fills.mutate(days=fills.cnt_e4.cast("float64") * fills.pack_size / fills.daily_dose)
    daily = fills.group_by("psn_no", "generic", "category", "fixmedins_code", "day").agg(
        cnt_e4=fills.cnt_e4.sum(),
        days=fills.days.sum(),
        cents=fills.cents.sum(),
        visits=fills.mdtrt_id.collect(),
    )
    return daily.mutate(number=daily.day.epoch_days())


def _hits(daily: Table, variant: str, subject: list[str], wrong, p: Mapping[str, int | float]) -> Table:
    """The first wrong window of each year; whoever is not wrong over all the data cannot be in a window."""
    suspects = daily.group_by(subject).having(wrong(daily)).agg(any_day=daily.day.min()).select(subject)
    daily = daily.semi_join(suspects, subject)
    starts = daily.select(*subject, start="day", start_number="number").distinct()
    windows = starts.inner_join(daily, subject)
    windows = windows.filter(
        (windows.number >= windows.start_number) & (windows.number < windows.start_number + p["window_days"])
    )
    found = (
        windows.group_by([*subject, "start"])
        .having(wrong(windows))
        .agg(
            packs=windows.cnt_e4.sum(),
            days=windows.days.sum(),
            places=windows.fixmedins_code.nunique(),
            categories=windows.category.nunique(),
        )
    )
    found = found.mutate(
        place=ibis.row_number().over(group_by=[*subject, found.start.year()], order_by=found.start)
    )
    found = found.filter(found.place == 0)
    parts = found.inner_join(windows.drop("start_number"), [*subject, "start"])
    item = parts.generic if "generic" in subject else ibis.literal("")
    parts = parts.mutate(subject_item=item)
    parts = parts.group_by(
        "fixmedins_code", "psn_no", "start", "subject_item", "packs", "days", "places", "categories"
    ).agg(cents=parts.cents.sum(), visits=parts.visits.collect().flatten(), end=parts.day.max())
    measure, limit = {
        "a": (parts.packs / SCALE, parts.places),
        "b": (parts.days / SCALE, ibis.literal(p["window_days"])),
        "c": (parts.categories, parts.places),
    }[variant]
    return finding(
        parts,
        variant,
        person=parts.psn_no,
        start=parts.start,
        end=parts.end,
        cents=parts.cents,
        measure=measure,
        limit=limit,
        item=parts.subject_item,
        visits=parts.visits,
    )


def explain(hit: Hit) -> str:
    variant, drug, measure, other = said(hit)
    return {
        "a": f"统计期内该参保人在{other:.0f}家机构共购买“{drug}”{measure:.0f}盒，疑似超出自身治疗需要。",
        "b": f"{other:.0f}天内该参保人累计购买“{drug}”折合{measure:.0f}天用量，明显超出可服用量。",
        "c": f"统计期内该参保人在{other:.0f}家机构购买{measure:.0f}类不同治疗类别的药品，疑似超出自身治疗需要。",
    }[variant]
