"""S13 多卡同时段刷卡: the cards of the same persons used one after another for the same items, on more than one day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import finding, person_groups, related, said, strongest

RULE = Rule(
    key="multi_card",
    number="S13",
    title="多卡同时段刷卡",
    basis="《医疗保障基金使用监督管理条例》第十七条、第四十一条",
    logic="同一药店或同一医师，规定分钟内有若干参保人结算，所用项目大部分相同，且其中至少两人在不止一天这样同时出现",
    result=Result.SUSPECT,
    interval="数分钟，多日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("persons", "最少人数", Decimal(3), Decimal(2), Decimal(20), "人"),
        Parameter("minutes", "同时段", Decimal(10), Decimal(1), Decimal(60), "分钟"),
        Parameter("percent", "相同项目占比", Decimal(70), Decimal(10), Decimal(100), "%"),
        Parameter("days", "同样两人出现的天数", Decimal(2), Decimal(2), Decimal(30), "天"),
    ),
    caveats=(
        "已登记的家庭成员、养老机构入住人员之间不算",
        "义诊、集体体检、村医定期巡诊需核实",
        "批量补传的结算时间不是刷卡时间",
        "结算数据没有电话、住址，多人共用一个电话或住址且费用畸高的不在本规则内；登记了人员关系的由结伴聚集就医规则判断",
    ),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """List ``person_groups`` may be missing: psn_no, kind (family, nursing_home), group_key."""
    lines = data.lines.semi_join(_crowded(data, p), "setl_id")
    cards = _cards(lines)
    members = _members(cards, _alike(cards, lines, p), p)
    return strongest(_again(members, person_groups(data), p))


def _crowded(data: Data, p: Mapping[str, int | float]) -> Table:
    """Settlements with enough others around them to be worth comparing."""
    s = data.settlements
    s = s.filter(s.scene.isin(["outpatient", "pharmacy"]))
    s = s.select("setl_id", "fixmedins_code", second=s.setl_time.epoch_seconds())
    span = int(p["minutes"] * 60)
    around = ibis.range_window(preceding=span, following=span, group_by="fixmedins_code", order_by=s.second)
    s = s.mutate(near=s.setl_id.count().over(around))
    return s.filter(s.near >= p["persons"])


def _cards(lines: Table) -> Table:
    """One row per settlement: where (a doctor where there is one), whose, when, how many different items."""
    of_one = ["fixmedins_code", "psn_no", "mdtrt_id", "setl_id", "setl_time", "scene"]
    doctor = lines.bilg_dr_codg.cast("string").fill_null("").max()
    cards = lines.group_by(of_one).agg(
        signed=doctor, items=lines.med_list_codg.nunique(), cents=lines.cents.sum()
    )
    return cards.mutate(
        doctor=ibis.ifelse(cards.scene == "pharmacy", "", cards.signed),
        second=cards.setl_time.epoch_seconds(),
        day=cards.setl_time.date(),
    )


def _alike(cards: Table, lines: Table, p: Mapping[str, int | float]) -> Table:
    """Pairs of a settlement (``event``) with a later one (``setl_id``) of another person, within the minutes."""
    span = int(p["minutes"] * 60)
    bought = lines.select("setl_id", "med_list_codg").distinct().inner_join(cards, "setl_id")
    place = ["fixmedins_code", "doctor", "med_list_codg"]
    facts = ["setl_id", "psn_no", "second", "items"]
    first = bought.select(*place, "day", *facts)
    first = first.mutate(slot=first.second // span)
    later = bought.select(*place, **{f"other_{name}": bought[name] for name in facts})
    # A later card lies in the same slot of time or the next, so that the engine can join by equality.
    slots = [later.mutate(slot=later.other_second // span - back) for back in (0, 1)]
    pairs = first.inner_join(ibis.union(*slots, distinct=False), [*place, "slot"])
    gap = pairs.other_second - pairs.second
    after = (gap > 0) | ((gap == 0) & (pairs.other_setl_id > pairs.setl_id))
    pairs = pairs.filter((pairs.psn_no != pairs.other_psn_no) & after & (gap <= span))
    pairs = pairs.group_by("day", "items", "other_items", event="setl_id", setl_id="other_setl_id").agg(
        common=pairs.count()
    )
    return pairs.filter(pairs.common * 100 >= ibis.greatest(pairs["items"], pairs.other_items) * p["percent"])


def _members(cards: Table, pairs: Table, p: Mapping[str, int | float]) -> Table:
    """Who took part in each event of enough persons, the first card included; ``day`` is the event's."""
    first = pairs.select("event", "day", setl_id="event").distinct()
    members = ibis.union(first, pairs.select("event", "day", "setl_id"))
    members = members.inner_join(cards.drop("day"), "setl_id")
    large = members.group_by("event").agg(persons=members.psn_no.nunique())
    return members.semi_join(large.filter(large.persons >= p["persons"]), "event")


def _again(members: Table, groups: Table, p: Mapping[str, int | float]) -> Table:
    """Persons who met the same other person on enough days."""
    pair = ["fixmedins_code", "psn_no", "other"]
    couples = members.inner_join(members.select("event", other="psn_no"), "event")
    couples = couples.filter(couples.psn_no != couples.other)
    couples = couples.select("event", "day", *pair).distinct().anti_join(related(groups), ["psn_no", "other"])
    repeated = couples.group_by(pair).agg(days=couples.day.nunique())
    repeated = repeated.filter(repeated.days >= p["days"])
    subject = ["fixmedins_code", "psn_no"]
    company = repeated.group_by(subject).agg(others=repeated.count(), days=repeated.days.max())
    found = members.semi_join(couples.semi_join(repeated, pair), ["event", "psn_no"])
    found = found.group_by(*subject, "setl_id", "mdtrt_id", "cents").agg(day=found.day.min())
    found = found.group_by(subject).agg(
        cents=found.cents.sum(),
        visits=found.mdtrt_id.collect(distinct=True),
        start=found.day.min(),
        end=found.day.max(),
    )
    found = found.inner_join(company, subject)
    return finding(
        found,
        "a",
        person=found.psn_no,
        start=found.start,
        end=found.end,
        cents=found.cents,
        measure=found.others,
        limit=found.days,
        visits=found.visits,
    )


def explain(hit: Hit) -> str:
    _, _, others, days = said(hit)
    return (
        f"该参保人与另外{others:.0f}人至多有{days:.0f}天在短时间内先后在本机构结算，所用项目大部分相同，"
        "疑似集中刷卡；疑点金额为其中该参保人的结算。"
    )
