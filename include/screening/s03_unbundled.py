"""S03 分解项目收费: parts of a package charged one by one, beside the package or in place of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import IntegerValue, Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data, in_cents
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="unbundled",
    number="S03",
    title="分解项目收费",
    basis="《医疗保障基金使用监督管理条例》第三十八条第（三）项；医疗服务价格项目内涵",
    logic="同一次就诊同一日，已收打包项目又收其组成项目；或不收打包项目而把组成项目逐个收取，合计高于打包价",
    result=Result.SUSPECT,
    interval="自然日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(Parameter("parts", "逐个收取的组成项目数下限", Decimal(3), Decimal(2), Decimal(20), "项"),),
    caveats=("单独开展某一组成项目是正常的", "合计不高于打包价的不算", "已冲减的不算"),
    inputs=("packages",),
)

VISIT_DAY = ("fixmedins_code", "psn_no", "mdtrt_id", "day")


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """List ``packages``: package_codg, med_list_codg (one part a row), package_name and price (元) of the package."""
    lines = data.lines
    types = {"package_codg": "string", "package_name": "string", "price": "decimal(16,2)"}
    packages = listed(data, "packages", "med_list_codg", **types)
    whole = lines.semi_join(packages, lines.med_list_codg == packages.package_codg)
    whole = whole.select("mdtrt_id", "day", package_codg="med_list_codg").distinct()
    parts = lines.inner_join(packages, "med_list_codg")
    beside = parts.semi_join(whole, ["mdtrt_id", "day", "package_codg"])
    instead = parts.anti_join(whole, ["mdtrt_id", "day", "package_codg"])
    return strongest(_beside(beside), _instead(instead, p["parts"]))


def _beside(parts: Table) -> Table:
    """Parts charged on the day of their package; one that belongs to two packages counts once."""
    lines = parts.group_by(*VISIT_DAY, "feedetl_sn", "cents").agg(
        name=parts.package_name.min(), price=parts.price.min()
    )
    days = lines.group_by(VISIT_DAY).agg(
        name=lines.name.min(), price=lines.price.min(), parts=lines.count(), cents=lines.cents.sum()
    )
    return _hit(days, "a", days.parts, days.cents)


def _instead(parts: Table, least: float) -> Table:
    """Of the packages a day's parts could be, the one by which most was charged too much."""
    days = parts.group_by(*VISIT_DAY, "package_codg").agg(
        name=parts.package_name.min(),
        price=parts.price.min(),
        parts=parts.med_list_codg.nunique(),
        cents=parts.cents.sum(),
    )
    days = days.mutate(over=days.cents - in_cents(days.price))
    days = days.filter((days.parts >= least) & (days.over > 0))
    order = [days.over.desc(), days.package_codg]
    days = days.mutate(place=ibis.row_number().over(group_by=list(VISIT_DAY), order_by=order))
    days = days.filter(days.place == 0)
    return _hit(days, "b", days.parts, days.over)


def _hit(days: Table, variant: str, parts: IntegerValue, cents: IntegerValue) -> Table:
    return finding(
        days,
        variant,
        person=days.psn_no,
        start=days.day,
        end=days.day,
        cents=cents,
        measure=parts,
        limit=days.price.fill_null(0),
        item=days.name.fill_null(""),
    )


def explain(hit: Hit) -> str:
    variant, item, parts, price = said(hit)
    return {
        "a": f"当日已收取打包项目“{item}”，又另收其组成项目{parts:.0f}条。",
        "b": f"当日未收打包项目“{item}”（{price:,.2f}元），而将其组成项目{parts:.0f}项逐个收取，合计高于打包价。",
    }[variant]
