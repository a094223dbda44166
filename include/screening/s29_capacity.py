"""S29 医师、机构超能力: more patients, places or scans than a doctor or a machine can manage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data
from include.screening.measures import filled, finding, listed, part_of, said, strongest, with_visits

RULE = Rule(
    key="capacity",
    number="S29",
    title="医师、机构服务量超能力",
    basis="《医疗保障基金使用监督管理条例》第十五条、第四十条；医保医师管理规定",
    logic="医师单日门诊人次超过上限；医师本人住院期间仍开单收治；医师同一小时在两家机构开单；设备单日检查量超过最大能力。",
    result=Result.SUSPECT,
    interval="自然日/小时",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("patients", "医师单日门诊人次上限", Decimal(100), Decimal(40), Decimal(300), "人次"),
    ),
    caveats=(
        "科室共用工号、代录医嘱需核实",
        "医共体内同一医师多点执业、远程会诊需核实",
        "批量上传的开单时间可能不是实际时间",
    ),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    lines = data.lines
    signed = lines.filter(filled(lines.bilg_dr_codg))
    outpatient = signed.filter(signed.scene == "outpatient")
    return strongest(
        _crowded(outpatient, p["patients"]),
        _ill(signed, data.stays, listed(data, "doctor_persons", "bilg_dr_codg", "psn_no")),
        _two_places(outpatient),
        _machines(
            lines,
            listed(
                data, "equipment", "fixmedins_code", "med_list_codg", machines="int64", daily_capacity="int64"
            ),
        ),
    )


def _crowded(outpatient: Table, most: int) -> Table:
    keys = ["fixmedins_code", "bilg_dr_codg", "day"]
    # Nobody has more patients than lines: visits are told apart on busy days only.
    busy = outpatient.group_by(keys).agg(rows=outpatient.count())
    outpatient = outpatient.semi_join(busy.filter(busy.rows > most), keys)
    days = outpatient.group_by(keys).agg(seen=outpatient.mdtrt_id.nunique(), cents=outpatient.cents.sum())
    over = with_visits(days.filter(days.seen > most), outpatient, keys)
    return finding(
        over,
        "a",
        start=over.day,
        end=over.day,
        cents=part_of(over.cents, over.seen - most, over.seen),
        measure=over.seen,
        limit=most,
        visits=over.visits,
    )


def _ill(signed: Table, stays: Table, doctors: Table) -> Table:
    stays = stays.select("psn_no", admitted="begin", left="end")
    stays = doctors.inner_join(stays, "psn_no").select("bilg_dr_codg", "admitted", "left")
    own = signed.semi_join(stays, "bilg_dr_codg")
    keys = ["fixmedins_code", "bilg_dr_codg", "day"]
    daily = own.group_by(keys).agg(cents=own.cents.sum(), rows=own.count())
    ill = daily.inner_join(stays, "bilg_dr_codg")
    ill = ill.filter((ill.admitted < ill.day) & (ill.day < ill.left))
    ill = with_visits(ill.select(*keys, "cents", "rows").distinct(), own, keys)
    return finding(
        ill,
        "b",
        start=ill.day,
        end=ill.day,
        cents=ill.cents,
        measure=ill.rows,
        limit=0,
        visits=ill.visits,
    )


def _two_places(outpatient: Table) -> Table:
    doctors = outpatient.group_by("bilg_dr_codg").agg(
        first=outpatient.fixmedins_code.min(), last=outpatient.fixmedins_code.max()
    )
    outpatient = outpatient.semi_join(doctors.filter(doctors["first"] != doctors["last"]), "bilg_dr_codg")
    rows = outpatient.mutate(hour=outpatient.fee_ocur_time.hour())
    keys = ["bilg_dr_codg", "day", "hour", "fixmedins_code"]
    hours = rows.group_by(keys).agg(cents=rows.cents.sum())
    places = hours.group_by("bilg_dr_codg", "day", "hour").agg(places=hours.count())
    twice = hours.inner_join(places.filter(places.places > 1), ["bilg_dr_codg", "day", "hour"])
    twice = with_visits(twice, rows, keys)
    return finding(
        twice,
        "c",
        start=twice.day,
        end=twice.day,
        cents=twice.cents,
        measure=twice.places,
        limit=twice.hour,
        visits=twice.visits,
    )


def _machines(lines: Table, equipment: Table) -> Table:
    scans = lines.semi_join(equipment, ["fixmedins_code", "med_list_codg"])
    days = scans.group_by("fixmedins_code", "med_list_codg", "day").agg(
        name=scans.hilist_name.max(),
        cnt_e4=scans.cnt_e4.sum(),
        cents=scans.cents.sum(),
        visits=scans.mdtrt_id.collect(),
    )
    days = days.inner_join(equipment, ["fixmedins_code", "med_list_codg"])
    days = days.mutate(most=days.machines * days.daily_capacity)
    over = days.filter(days.cnt_e4 > days.most * SCALE)
    return finding(
        over,
        "d",
        start=over.day,
        end=over.day,
        cents=part_of(over.cents, over.cnt_e4 - over.most * SCALE, over.cnt_e4),
        measure=over.cnt_e4 / SCALE,
        limit=over.most,
        item=over.name.fill_null(""),
        visits=over.visits,
    )


def explain(hit: Hit) -> str:
    variant, item, measure, limit = said(hit)
    return {
        "a": f"本机构一名医师当日门诊{measure:.0f}人次，超过上限{limit:.0f}人次。",
        "b": f"本机构一名医师本人住院期间，仍在本机构开具医嘱或处方，涉及费用明细{measure:.0f}条。",
        "c": f"本机构一名医师在{limit:.0f}时段内于{measure:.0f}家机构同时开单。",
        "d": f"检查项目“{item}”当日完成{measure:g}次，超过设备最大能力{limit:.0f}次。",
    }[variant]
