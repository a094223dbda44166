"""S19 血透频次: more dialysis than a week, a day, a machine or the tubes allow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ibis.expr.types import DateValue, Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data
from include.screening.measures import finding, listed, part_of, said, strongest

RULE = Rule(
    key="dialysis_freq",
    number="S19",
    title="血液透析频次异常",
    basis="《医疗保障基金使用监督管理条例》第十五条、第三十八条、第四十条；《血液净化标准操作规程》",
    logic="每周、每月、每日透析次数超过上限；在他院住院期间透析；机构当日透析人次超过透析机承载量；透析耗材数量多于透析次数。",
    result=Result.SUSPECT,
    interval="自然周/自然月/自然日",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("week_sessions", "每周最多次数", Decimal(3), Decimal(2), Decimal(7), "次"),
        Parameter("month_sessions", "每月最多次数", Decimal(14), Decimal(8), Decimal(31), "次"),
        Parameter("day_sessions", "每日最多次数", Decimal(1), Decimal(1), Decimal(3), "次"),
        Parameter("shifts", "每台透析机每日班次", Decimal(3), Decimal(1), Decimal(4), "班"),
    ),
    caveats=(
        "连续性血液净化及急诊加做需结合病历核实",
        "血液透析滤过与血液灌流联合治疗按一次透析计（灌流不列入次数项目）",
        "节假日调班可能使相邻两周次数一多一少",
    ),
    inputs=("dialysis_items",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    items = listed(data, "dialysis_items", "med_list_codg", kind="string").rename(use="kind")
    rows = data.lines.inner_join(items, "med_list_codg")
    sessions = rows.filter(rows.use == "session")
    return strongest(
        _too_often(sessions, "a", sessions.day.truncate("W"), p["week_sessions"]),
        _too_often(sessions, "b", sessions.day.truncate("M"), p["month_sessions"]),
        _too_often(sessions, "c", sessions.day, p["day_sessions"]),
        _elsewhere(sessions, data.stays),
        _machines(
            sessions, listed(data, "dialysis_machines", "fixmedins_code", machines="int64"), p["shifts"]
        ),
        _consumables(rows),
    )


def _too_often(sessions: Table, variant: str, window: DateValue, most: int) -> Table:
    parts = sessions.mutate(start=window.cast("date"))
    parts = parts.group_by("psn_no", "start", "fixmedins_code").agg(
        cnt_e4=parts.cnt_e4.sum(),
        cents=parts.cents.sum(),
        visits=parts.mdtrt_id.collect(),
        end=parts.day.max(),
    )
    parts = parts.mutate(total=parts.cnt_e4.sum().over(group_by=["psn_no", "start"]))
    over = parts.filter(parts.total > most * SCALE)
    return finding(
        over,
        variant,
        person=over.psn_no,
        start=over.start,
        end=over.end,
        cents=part_of(over.cents, over.total - most * SCALE, over.total),
        measure=over.total / SCALE,
        limit=most,
        visits=over.visits,
    )


def _elsewhere(sessions: Table, stays: Table) -> Table:
    stays = stays.select("psn_no", stay_at="fixmedins_code", admitted="begin", left="end")
    both = sessions.inner_join(
        stays,
        [
            sessions.psn_no == stays.psn_no,
            sessions.fixmedins_code != stays.stay_at,
            stays.admitted < sessions.day,
            sessions.day < stays.left,
        ],
    )
    both = both.group_by("feedetl_sn", "mdtrt_id", "fixmedins_code", "psn_no", "day", "cents").agg(
        stays=both.count()
    )
    return finding(
        both, "d", person=both.psn_no, start=both.day, end=both.day, cents=both.cents, measure=1, limit=0
    )


def _machines(sessions: Table, machines: Table, shifts: int) -> Table:
    days = sessions.group_by("fixmedins_code", "day").agg(
        cnt_e4=sessions.cnt_e4.sum(), cents=sessions.cents.sum(), visits=sessions.mdtrt_id.collect()
    )
    days = days.inner_join(machines, "fixmedins_code")
    days = days.mutate(most=days.machines * shifts)
    over = days.filter((days.most > 0) & (days.cnt_e4 > days.most * SCALE))
    return finding(
        over,
        "e",
        start=over.day,
        end=over.day,
        cents=part_of(over.cents, over.cnt_e4 - over.most * SCALE, over.cnt_e4),
        measure=over.cnt_e4 / SCALE,
        limit=over.most,
        visits=over.visits,
    )


def _consumables(rows: Table) -> Table:
    rows = rows.mutate(month=rows.day.truncate("M").cast("date"))
    months = rows.group_by("fixmedins_code", "month", "use").agg(
        cnt_e4=rows.cnt_e4.sum(), cents=rows.cents.sum(), visits=rows.mdtrt_id.collect(), end=rows.day.max()
    )
    done = months.filter(months.use == "session").select("fixmedins_code", "month", sessions="cnt_e4")
    used = months.filter(months.use != "session").inner_join(done, ["fixmedins_code", "month"])
    over = used.filter(used.cnt_e4 > used.sessions)
    return finding(
        over,
        "f",
        start=over.month,
        end=over.end,
        cents=part_of(over.cents, over.cnt_e4 - over.sessions, over.cnt_e4),
        measure=over.cnt_e4 / SCALE,
        limit=over.sessions / SCALE,
        item=over.use,
        visits=over.visits,
    )


def explain(hit: Hit) -> str:
    variant, item, measure, limit = said(hit)
    return {
        "a": f"该参保人一周内透析{measure:g}次，超过每周{limit:g}次。",
        "b": f"该参保人当月透析{measure:g}次，超过每月{limit:g}次。",
        "c": f"该参保人当日透析{measure:g}次，超过每日{limit:g}次。",
        "d": "该参保人在其他机构住院期间，又在本机构结算透析费用。",
        "e": f"机构当日透析{measure:g}人次，超过透析机当日最大承载量{limit:g}人次。",
        "f": f"机构当月收取透析用{item}{measure:g}件，多于透析次数{limit:g}次。",
    }[variant]
