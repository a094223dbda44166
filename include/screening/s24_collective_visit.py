"""S24 结伴就医: the same people come to the same institution together again and again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import (
    HARMLESS,
    finding,
    person_groups,
    related,
    said,
    strongest,
    visits_of,
)

RULE = Rule(
    key="collective_visit",
    number="S24",
    title="结伴聚集就医",
    basis="《医疗保障基金使用监督管理条例》第十五条、第四十条",
    logic="同村、同电话或同单位的若干人在相近日期到同一机构就医，且不止一次；或无登记关系的若干参保人多次在相近日期到同一机构住院。",
    result=Result.SUSPECT,
    interval="前后一日，多次",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("persons", "最少人数", Decimal(3), Decimal(2), Decimal(20), "人"),
        Parameter("occasions", "最少次数", Decimal(2), Decimal(2), Decimal(12), "次"),
        Parameter("days", "前后相差天数", Decimal(1), Decimal(0), Decimal(3), "天"),
    ),
    caveats=("家庭成员、养老机构入住人员已按登记关系排除", "义诊、筛查、集中体检活动需核实"),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    groups = person_groups(data)
    visits = visits_of(data)
    visits = visits.select(
        "mdtrt_id", "fixmedins_code", "psn_no", "scene", "begin", "cents", number=visits.begin.epoch_days()
    )
    return strongest(_groups(visits, groups, p), _stays(visits, groups, p))


def _groups(visits: Table, groups: Table, p: Mapping[str, int | float]) -> Table:
    who = ["fixmedins_code", "relation", "group_key"]
    known = visits.inner_join(groups.filter(groups.relation.notin(HARMLESS)), "psn_no")
    days = known.select(*who, "begin", "number").distinct()
    near = days.inner_join(known.select(*who, "psn_no", near="number"), who)
    near = near.filter((near.near - near.number).abs() <= p["days"])
    busy = near.group_by(*who, "begin", "number").agg(together=near.psn_no.nunique())
    busy = busy.filter(busy.together >= p["persons"])
    in_turn = ibis.window(group_by=who, order_by=busy.number)
    gap = busy.number - busy.number.lag().over(in_turn)
    busy = busy.mutate(new=(gap.isnull() | (gap > 2 * p["days"])).cast("int64"))
    again = busy.group_by(who).agg(occasions=busy.new.sum(), first=busy.begin.min(), most=busy.together.max())
    again = again.filter(again.occasions >= p["occasions"])
    present = known.inner_join(busy.select(*who, "number"), [*who, "number"]).inner_join(again, who)
    present = present.group_by(*who, "psn_no", "first", "occasions", "most").agg(
        cents=present.cents.sum(), visits=present.mdtrt_id.collect(), end=present.begin.max()
    )
    return finding(
        present,
        "a",
        person=present.psn_no,
        start=present["first"],
        end=present.end,
        cents=present.cents,
        measure=present.most,
        limit=present.occasions,
        item=present.group_key,
        visits=present.visits,
    )


def _stays(visits: Table, groups: Table, p: Mapping[str, int | float]) -> Table:
    stays = visits.filter(visits.scene == "inpatient")
    others = stays.select("fixmedins_code", "number", other="psn_no").distinct()
    # Each is put on the days around its own, so that the engine joins by equality: a large hospital has many stays.
    around = range(-int(p["days"]), int(p["days"]) + 1)
    others = ibis.union(*(others.mutate(number=others.number + by) for by in around), distinct=False)
    pairs = stays.select("fixmedins_code", "psn_no", "begin", "number").distinct()
    pairs = pairs.inner_join(others, ["fixmedins_code", "number"])
    pairs = pairs.filter(pairs.psn_no != pairs.other)
    pairs = pairs.select("fixmedins_code", "psn_no", "other", "begin").distinct()
    subject = ["fixmedins_code", "psn_no", "other"]
    repeated = pairs.group_by(subject).agg(shared=pairs.begin.nunique())
    repeated = repeated.filter(repeated.shared >= p["occasions"]).anti_join(
        related(groups), ["psn_no", "other"]
    )
    partners = repeated.group_by("fixmedins_code", "psn_no").agg(
        partners=repeated.count(), shared=repeated.shared.max()
    )
    partners = partners.filter(partners.partners >= p["persons"] - 1)
    days = pairs.semi_join(repeated, subject).select("fixmedins_code", "psn_no", "begin").distinct()
    found = stays.semi_join(days, ["fixmedins_code", "psn_no", "begin"]).inner_join(
        partners, ["fixmedins_code", "psn_no"]
    )
    found = found.group_by("fixmedins_code", "psn_no", "partners", "shared").agg(
        cents=found.cents.sum(),
        visits=found.mdtrt_id.collect(),
        start=found.begin.min(),
        end=found.begin.max(),
    )
    return finding(
        found,
        "b",
        person=found.psn_no,
        start=found.start,
        end=found.end,
        cents=found.cents,
        measure=found.partners + 1,
        limit=found.shared,
        visits=found.visits,
    )


def explain(hit: Hit) -> str:
    variant, item, people, times = said(hit)
    return {
        "a": f"同一群体（{item}）至多{people:.0f}人在相近日期到本机构就医，先后{times:.0f}次，该参保人参与其中。",
        "b": f"该参保人与另外{people - 1:.0f}人先后多次（至多{times:.0f}次）在相近日期到本机构住院，疑似结伴住院。",
    }[variant]
