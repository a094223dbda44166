"""S01 重复收费: an item more often than the price list allows, or a part charged beside the whole it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data
from include.screening.measures import finding, listed, part_of, said, strongest

RULE = Rule(
    key="dup_charge",
    number="S01",
    title="重复收费",
    basis="《医疗保障基金使用监督管理条例》第三十八条第（三）项；医疗服务价格项目内涵",
    logic="同一次就诊中，每日或每次只能收一次（或规定次数）的项目超次收取；已收某项目，又收其内涵已包含的项目",
    result=Result.SUSPECT,
    interval="当次就诊/自然日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(Parameter("hours", "按时长判断互斥的窗口", Decimal(24), Decimal(1), Decimal(72), "小时"),),
    caveats=(
        "双侧器官、多份标本：在清单中写明允许次数",
        "一个项目分批记账，数量合计不超的不算",
        "已冲减的不算",
        "遵医嘱重复测量需核实",
    ),
    inputs=("item_times",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """Lists: ``item_times`` (med_list_codg, per: day or visit, most); ``mutex``, which may be missing
    (med_list_codg, part_codg, scope: day, visit or hours), where part_codg is not to be charged beside the item.
    """
    return strongest(_too_often(data, "day"), _too_often(data, "visit"), *_parts(data, p))


def _too_often(data: Data, per: str) -> Table:
    items = listed(data, "item_times", "med_list_codg", per="string", most="int64")
    items = items.filter(items.per == per).group_by("med_list_codg").agg(most=items.most.max())
    rows = data.lines.inner_join(items, "med_list_codg")
    charged = rows.group_by("mdtrt_id", "med_list_codg", *(["day"] if per == "day" else [])).agg(
        cnt_e4=rows.cnt_e4.sum(),
        cents=rows.cents.sum(),
        most=rows.most.max(),
        **({} if per == "day" else {"start": rows.day.min(), "end": rows.day.max()}),
    )
    over = charged.filter(charged.cnt_e4 > charged.most * SCALE)
    # Persons, places and names are looked up for what was charged too often, not for all lines.
    over = over.inner_join(data.visits.select("mdtrt_id", "psn_no", "fixmedins_code"), "mdtrt_id")
    over = over.left_join(data.items, "med_list_codg")
    return finding(
        over,
        "a" if per == "day" else "b",
        person=over.psn_no,
        start=over.day if per == "day" else over.start,
        end=over.day if per == "day" else over.end,
        cents=part_of(over.cents, over.cnt_e4 - over.most * SCALE, over.cnt_e4),
        measure=over.cnt_e4 / SCALE,
        limit=over.most,
        item=over.name.fill_null(""),
    )


def _parts(data: Data, p: Mapping[str, int | float]) -> list[Table]:
    """Lines of a part whose whole stands in the same visit, on the same day or so many hours from it."""
    if "mutex" not in data.lists:
        return []
    lines = data.lines
    pairs = listed(data, "mutex", "med_list_codg", part_codg="string", scope="string")
    wholes = lines.inner_join(pairs, "med_list_codg")
    wholes = wholes.select(
        "mdtrt_id", "scope", med_list_codg="part_codg", whole_day="day", whole_at="fee_ocur_time"
    ).distinct()
    parts = lines.inner_join(wholes, ["mdtrt_id", "med_list_codg"])
    apart = (parts.fee_ocur_time.epoch_seconds() - parts.whole_at.epoch_seconds()).abs()
    parts = parts.filter(
        ((parts.scope == "day") & (parts.day == parts.whole_day))
        | (parts.scope == "visit")
        | ((parts.scope == "hours") & (apart < int(p["hours"] * 3600)))
    )
    line = ["fixmedins_code", "psn_no", "mdtrt_id", "feedetl_sn", "day", "cents", "cnt_e4", "hilist_name"]
    parts = parts.select(line).distinct()
    found = finding(
        parts,
        "c",
        person=parts.psn_no,
        start=parts.day,
        end=parts.day,
        cents=parts.cents,
        measure=parts.cnt_e4 / SCALE,
        limit=0,
        item=parts.hilist_name.fill_null(""),
    )
    return [found]


def explain(hit: Hit) -> str:
    variant, item, measure, limit = said(hit)
    return {
        "a": f"“{item}”当日收取{measure:g}次，按价格项目规定每日至多{limit:.0f}次。",
        "b": f"“{item}”本次就诊收取{measure:g}次，按价格项目规定每次就诊至多{limit:.0f}次。",
        "c": f"已收取主项目，又收取其内涵已包含的“{item}”{measure:g}次。",
    }[variant]
