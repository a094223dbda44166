"""S29 医师、机构超能力: more patients, places or scans than a doctor or a machine can manage."""

from __future__ import annotations

from ibis.expr.types import Table

from include.domain.screening import Parameter, Rule
from include.screening.measures import SCALE, finding, part_of, strongest

RULE = Rule(
    key="capacity",
    number="S29",
    title="医师、机构服务量超能力",
    basis="《医疗保障基金使用监督管理条例》第十五条、第四十条；医保医师管理规定",
    logic="医师单日门诊人次超过上限；医师本人住院期间仍开单收治；医师同一小时在两家机构开单；设备单日检查量超过最大能力。",
    result="可疑",
    interval="自然日/小时",
    scene="住院、门（急）诊",
    parameters=(Parameter("patients", "医师单日门诊人次上限", 100, 40, 300, "人次"),),
    caveats=("科室共用工号、代录医嘱需核实", "医共体内同一医师多点执业、远程会诊需核实", "批量上传的开单时间可能不是实际时间"),
    inputs=("doctor_persons", "equipment"),
)


def find(data, p):  # type: ignore[no-untyped-def]
    lines = data.lines
    signed = lines.filter(lines.bilg_dr_codg.length() > 0)
    outpatient = signed.filter(signed.kind == "OP")
    return strongest(
        _crowded(outpatient, p["patients"]),
        _ill(signed, data.visits, data.table("doctor_persons")),
        _two_places(outpatient),
        _machines(lines, data.table("equipment")),
    )


def _crowded(outpatient: Table, most: int) -> Table:
    days = outpatient.group_by("fixmedins_code", "bilg_dr_codg", "day").agg(
        seen=outpatient.mdtrt_id.nunique(), cents=outpatient.cents.sum(), rows=outpatient.count()
    )
    over = days.filter(days.seen > most)
    return finding(
        over,
        "a",
        start=over.day,
        end=over.day,
        cents=part_of(over.cents, over.seen - most, over.seen),
        measure=over.seen,
        limit=most,
        item=over.bilg_dr_codg,
        rows=over.rows,
    )


def _ill(signed: Table, visits: Table, doctors: Table) -> Table:
    stays = visits.filter(visits.kind == "IP").select("psn_no", admitted="begin", left="end")
    stays = doctors.inner_join(stays, "psn_no").select("bilg_dr_codg", "admitted", "left")
    daily = signed.group_by("fixmedins_code", "bilg_dr_codg", "day").agg(cents=signed.cents.sum(), rows=signed.count())
    ill = daily.inner_join(stays, "bilg_dr_codg")
    ill = ill.filter((ill.admitted < ill.day) & (ill.day < ill.left))
    ill = ill.select("fixmedins_code", "bilg_dr_codg", "day", "cents", "rows").distinct()
    return finding(
        ill,
        "b",
        start=ill.day,
        end=ill.day,
        cents=ill.cents,
        measure=ill.rows,
        limit=0,
        item=ill.bilg_dr_codg,
        rows=ill.rows,
    )


def _two_places(outpatient: Table) -> Table:
    hours = outpatient.mutate(hour=outpatient.fee_ocur_time.hour())
    hours = hours.group_by("bilg_dr_codg", "day", "hour", "fixmedins_code").agg(cents=hours.cents.sum(), rows=hours.count())
    places = hours.group_by("bilg_dr_codg", "day", "hour").agg(places=hours.count())
    twice = hours.inner_join(places.filter(places.places > 1), ["bilg_dr_codg", "day", "hour"])
    return finding(
        twice,
        "c",
        start=twice.day,
        end=twice.day,
        cents=twice.cents,
        measure=twice.places,
        limit=twice.hour,
        item=twice.bilg_dr_codg,
        rows=twice.rows,
    )


def _machines(lines: Table, equipment: Table) -> Table:
    scans = lines.semi_join(equipment, ["fixmedins_code", "med_list_codg"])
    days = scans.group_by("fixmedins_code", "med_list_codg", "day").agg(
        cnt_e4=scans.cnt_e4.sum(), cents=scans.cents.sum(), rows=scans.count()
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
        item=over.med_list_codg,
        rows=over.rows,
    )


def explain(hit) -> str:  # type: ignore[no-untyped-def]
    who, measure, limit = hit["item"], hit["measure"], hit["limit"]
    return {
        "a": f"医师{who}当日门诊{measure:.0f}人次，超过上限{limit:.0f}人次。",
        "b": f"医师{who}本人住院期间，仍在本机构开具医嘱或处方，涉及费用明细{measure:.0f}条。",
        "c": f"医师{who}在{limit:.0f}时段内于{measure:.0f}家机构同时开单。",
        "d": f"检查项目{who}当日完成{measure:g}次，超过设备最大能力{limit:.0f}次。",
    }[hit["variant"]]
