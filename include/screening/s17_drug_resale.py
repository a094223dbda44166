"""S17 倒卖药品画像: within half a year one person buys a drug in many places, far more than can be taken, or for many diseases."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, Table

from include.domain.screening import Parameter, Rule
from include.screening.measures import SCALE, day_number, finding, strongest

RULE = Rule(
    key="drug_resale",
    number="S17",
    title="倒卖药品画像",
    basis="《医疗保障基金使用监督管理条例》第十七条、第四十一条",
    logic="半年内同一参保人在多家机构大量购买同一药品，或累计用量远超可服用量，或同时购买多类互不相关的慢性病药品。",
    result="可疑",
    interval="半年",
    scene="门（急）诊、购药",
    parameters=(
        Parameter("window_days", "统计天数", 183, 30, 366, "天"),
        Parameter("institutions", "涉及机构数下限", 3, 2, 20, "家"),
        Parameter("packs", "购买数量上限", 60, 10, 500, "盒"),
        Parameter("supply_percent", "累计用量占可服用量比例上限", 200, 120, 500, "%"),
        Parameter("categories", "药品治疗类别数下限", 8, 3, 20, "类"),
    ),
    caveats=("多病共患者用药品种较多，需结合诊断核实", "缺药期间多家购药、家属代购需核实"),
    inputs=("drug_days",),
)


def find(data, p):  # type: ignore[no-untyped-def]
    daily = _daily(data)
    most = p["window_days"] * p["supply_percent"] * SCALE // 100

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


def _daily(data) -> Table:  # type: ignore[no-untyped-def]
    lines = data.lines
    lines = lines.filter(lines.kind.isin(["OP", "PH"]))
    fills = lines.inner_join(data.table("drug_days"), "med_list_codg")
    fills = fills.mutate(days=fills.cnt_e4.cast("float64") * fills.pack_size / fills.daily_dose)
    daily = fills.group_by("psn_no", "generic", "category", "fixmedins_code", "day").agg(
        cnt_e4=fills.cnt_e4.sum(), days=fills.days.sum(), cents=fills.cents.sum(), rows=fills.count()
    )
    return daily.mutate(number=day_number(daily.day))


def _hits(daily: Table, variant: str, subject: list[str], wrong, p) -> Table:  # type: ignore[no-untyped-def]
    """The first wrong window of each year; whoever is not wrong over all the data cannot be in a window."""
    suspects = daily.group_by(subject).having(wrong(daily)).agg(all_rows=daily.count()).select(subject)
    daily = daily.semi_join(suspects, subject)
    starts = daily.select(*subject, start="day", start_number="number").distinct()
    windows = starts.inner_join(daily, subject)
    windows = windows.filter(
        (windows.number >= windows.start_number) & (windows.number < windows.start_number + p["window_days"])
    )
    found = windows.group_by([*subject, "start"]).having(wrong(windows)).agg(
        packs=windows.cnt_e4.sum(),
        days=windows.days.sum(),
        places=windows.fixmedins_code.nunique(),
        categories=windows.category.nunique(),
    )
    found = found.mutate(
        place=ibis.row_number().over(group_by=[*subject, found.start.year()], order_by=found.start)
    )
    found = found.filter(found.place == 0)
    parts = found.inner_join(windows.drop("start_number"), [*subject, "start"])
    item = parts.generic if "generic" in subject else ibis.literal("")
    parts = parts.mutate(subject_item=item)
    parts = parts.group_by("fixmedins_code", "psn_no", "start", "subject_item", "packs", "days", "places", "categories").agg(
        cents=parts.cents.sum(), rows=parts.rows.sum(), end=parts.day.max()
    )
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
        rows=parts.rows,
    )


def explain(hit) -> str:  # type: ignore[no-untyped-def]
    drug, measure, other = hit["item"], hit["measure"], hit["limit"]
    return {
        "a": f"统计期内该参保人在{other:.0f}家机构共购买“{drug}”{measure:.0f}盒，疑似超出自身治疗需要。",
        "b": f"{other:.0f}天内该参保人累计购买“{drug}”折合{measure:.0f}天用量，明显超出可服用量。",
        "c": f"统计期内该参保人在{other:.0f}家机构购买{measure:.0f}类不同治疗类别的药品，疑似超出自身治疗需要。",
    }[hit["variant"]]
