"""S09 死亡后结算: care given after the person's death."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import finding, said, strongest

RULE = Rule(
    key="after_death",
    number="S09",
    title="死亡后发生费用",
    basis="《医疗保障基金使用监督管理条例》第四十条、第四十一条",
    logic="费用发生日期晚于死亡日期（加宽限天数）；按费用发生时间判断，不按结算时间",
    result=Result.SUSPECT,
    interval="死亡之后",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(Parameter("grace", "宽限天数", Decimal(1), Decimal(0), Decimal(30), "天"),),
    caveats=("生前费用死后补结算的不算", "死亡名单有误、同名同姓需核实", "手工补录的费用时间需核实"),
    inputs=("deaths",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """List ``deaths``: psn_no, certno (either may be empty or missing), death_date; of several days the latest counts."""
    rows = data.lines.inner_join(_deaths(data), "psn_no")
    rows = rows.filter(rows.day.epoch_days() > rows.died.epoch_days() + int(p["grace"]))
    found = rows.group_by("fixmedins_code", "psn_no", "died").agg(
        cents=rows.cents.sum(),
        lines=rows.count(),
        end=rows.day.max(),
        visits=rows.mdtrt_id.collect(distinct=True),
    )
    return strongest(
        finding(
            found,
            "a",
            person=found.psn_no,
            start=found.died,
            end=found.end,
            cents=found.cents,
            measure=found.lines,
            limit=p["grace"],
            visits=found.visits,
        )
    )


def _deaths(data: Data) -> Table:
    """Persons of the list, known by their own number or by their certificate's, with the day they died."""
    table = data.lists["deaths"]
    heads = data.settlements
    named = []
    if "psn_no" in table.columns:
        person = table.psn_no.cast(heads.psn_no.type())
        named.append(table.select(psn_no=person, died=table.death_date.cast("date")))
    if "certno" in table.columns:
        heads = heads.filter(heads.certno.notnull())
        holders = heads.select("psn_no", number=heads.certno.strip().upper())
        dead = table.select(
            number=table.certno.cast("string").strip().upper(), died=table.death_date.cast("date")
        )
        dead = dead.filter(dead.number != "")
        named.append(holders.inner_join(dead, "number").select("psn_no", "died"))
    deaths = ibis.union(*named) if len(named) > 1 else named[0]
    deaths = deaths.filter(deaths.psn_no.notnull() & deaths.died.notnull())
    return deaths.group_by("psn_no").agg(died=deaths.died.max())


def explain(hit: Hit) -> str:
    _, _, lines, _ = said(hit)
    return (
        f"死亡名单所载死亡日期为{hit.window_start}，此后至{hit.window_end}仍在本机构发生费用{lines:.0f}条。"
    )
