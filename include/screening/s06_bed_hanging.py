"""S06 挂床住院: a stay whose patient was seen elsewhere, was not treated, or hardly; more stays than beds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import IntegerValue, NumericValue, StringValue, Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data, in_cents
from include.screening.elsewhere import visits_inside_stays
from include.screening.measures import finding, listed, said, strongest, with_visits

RULE = Rule(
    key="bed_hanging",
    number="S06",
    title="挂床住院",
    basis="《医疗保障基金使用监督管理条例》第三十八条第（一）项、第四十条",
    logic="住院期间在其他机构门诊或购药；连续若干日除床位、护理、诊查外没有任何费用；每日只有少量费用；"
    "当日入院当日出院且无手术（仅提示）；在院人数超过核定床位；节假日入院人次比此前三十天异常增多",
    result=Result.SUSPECT,
    interval="当次住院/自然月",
    scene=Scene.INPATIENT,
    version="1.1",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("idle_days", "连续无诊疗费用天数", Decimal(3), Decimal(2), Decimal(10), "天"),
        Parameter("light_amount", "每日少量费用上限", Decimal(50), Decimal(10), Decimal(300), "元"),
        Parameter(
            "holiday_percent",
            "节假日日均入院占此前三十天日均",
            Decimal(200),
            Decimal(120),
            Decimal(1000),
            "%",
        ),
        Parameter("holiday_stays", "节假日最少入院人次", Decimal(10), Decimal(3), Decimal(500), "人次"),
        Parameter("census_percent", "在院人数占核定床位", Decimal(100), Decimal(100), Decimal(200), "%"),
    ),
    caveats=(
        "日间手术、母婴共用的生育住院（外出就诊）、外检和家庭共济支付的外出结算已排除",
        "全部费用记在同一日的住院（批量补记）不判断",
        "节假日以清单（holidays）所列为准；急诊、传染病流行期间入院增多需核实",
        "请假离院、周末等待检查、加床需现场核实（查床、夜查）",
    ),
)

PASSIVE = ("01", "02", "07")
"""Bed, consultation, nursing (med_chrgitm_type): what is charged without anything being done."""
OPERATION = "06"
BEFORE = 30
"""Days (天) before a holiday that say what is usual."""


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """Lists, each may be missing: ``approved_beds`` (fixmedins_code, beds), ``holidays`` (day, holiday)."""
    stays = data.stays.mutate(
        admitted=data.stays.begin.epoch_days(),
        discharged=data.stays.end.epoch_days(),
        fund=in_cents(data.stays.fund_pay_sumamt),
    )
    lines = data.lines
    lines = lines.filter(lines.scene == "inpatient")
    days = _days(lines, stays)
    return strongest(
        _elsewhere(data),
        _idle(days, stays, lines, p),
        _light(days, stays, p),
        _same_day(stays, lines),
        _crowded(stays, data, p),
        *_on_holidays(stays, data, p),
    )


def _days(lines: Table, stays: Table) -> Table:
    """Days of a stay (as ``number``) with their active lines and fee, where charges are not all of one day."""
    active = ~lines.med_chrgitm_type.fill_null("").isin(PASSIVE)
    fee = ibis.ifelse(active, in_cents(lines.det_item_fee_sumamt), 0)
    lines = lines.mutate(active=active.cast("int64"), fee=fee, number=lines.day.epoch_days())
    days = lines.group_by("mdtrt_id", "number").agg(active=lines.active.sum(), fee=lines.fee.sum())
    days = days.mutate(charged=days.number.count().over(group_by="mdtrt_id"))
    return days.filter(days.charged > 1).inner_join(
        stays.select("mdtrt_id", "admitted", "discharged"), "mdtrt_id"
    )


def _elsewhere(data: Data) -> Table:
    visits = visits_inside_stays(data, 1)
    visits = visits.filter(visits.hospital != visits.fixmedins_code)
    stays = visits.group_by(
        "psn_no", "admitted", "discharged", "stay_fund", mdtrt_id="stay", fixmedins_code="hospital"
    ).agg(times=visits.mdtrt_id.nunique(), others=visits.mdtrt_id.collect(distinct=True))
    return finding(
        stays,
        "a",
        person=stays.psn_no,
        start=stays.admitted,
        end=stays.discharged,
        cents=stays.stay_fund,
        measure=stays.times,
        limit=0,
        visits=stays.others.concat(ibis.array([stays.mdtrt_id])),
    )


def _idle(days: Table, stays: Table, lines: Table, p: Mapping[str, int | float]) -> Table:
    """Gaps between days on which something was done; the day of discharge need not have anything."""
    inside = days.filter((days.active > 0) & (days.number >= days.admitted) & (days.number < days.discharged))
    judged = stays.semi_join(days, "mdtrt_id")
    ends = [
        judged.select("mdtrt_id", number=judged.admitted - 1),
        judged.select("mdtrt_id", number="discharged"),
    ]
    marks = ibis.union(inside.select("mdtrt_id", "number"), *ends, distinct=True)
    in_turn = ibis.window(group_by="mdtrt_id", order_by=marks.number)
    gaps = marks.mutate(last=marks.number.lag().over(in_turn))
    gaps = gaps.filter(gaps.number - gaps["last"] - 1 >= p["idle_days"])
    gaps = gaps.inner_join(stays.select("mdtrt_id", "psn_no", "fixmedins_code", "begin", "end"), "mdtrt_id")
    charged = lines.select("mdtrt_id", "cents", on=lines.day.epoch_days())
    charged = gaps.left_join(
        charged,
        [gaps.mdtrt_id == charged.mdtrt_id, charged.on > gaps["last"], charged.on < gaps.number],
    )
    gap = ["fixmedins_code", "psn_no", "mdtrt_id", "begin", "end", "last", "number"]
    found = charged.group_by(gap).agg(cents=charged.cents.sum().fill_null(0))
    return _stay(found, "b", found.cents, found.number - found["last"] - 1, p["idle_days"])


def _light(days: Table, stays: Table, p: Mapping[str, int | float]) -> Table:
    """Stays on all of whose days between admission and discharge something was done, but very little."""
    inner = days.filter((days.number > days.admitted) & (days.number < days.discharged) & (days.active > 0))
    told = inner.group_by("mdtrt_id").agg(days=inner.count(), dearest=inner.fee.max())
    found = stays.inner_join(told, "mdtrt_id")
    found = found.filter(
        (found.days == found.discharged - found.admitted - 1)
        & (found.days >= p["idle_days"])
        & (found.dearest <= p["light_amount"] * 100)
    )
    return _stay(found, "c", found.fund, found.days, p["light_amount"])


def _same_day(stays: Table, lines: Table) -> Table:
    operated = lines.filter(lines.med_chrgitm_type == OPERATION)
    found = stays.filter(stays.admitted == stays.discharged).anti_join(operated, "mdtrt_id")
    return _stay(found, "d", ibis.literal(0), 0, 0)


def _stay(
    found: Table,
    variant: str,
    cents: IntegerValue,
    measure: NumericValue | float,
    limit: NumericValue | float,
    item: StringValue | str = "",
) -> Table:
    return finding(
        found,
        variant,
        person=found.psn_no,
        start=found.begin,
        end=found.end,
        cents=cents,
        measure=measure,
        limit=limit,
        item=item,
    )


def _crowded(stays: Table, data: Data, p: Mapping[str, int | float]) -> Table:
    """Per month the day with most patients; a patient is there from admission to the day before discharge."""
    beds = listed(data, "approved_beds", "fixmedins_code", beds="int64")
    beds = beds.group_by("fixmedins_code").agg(beds=beds.beds.max())
    here = stays.inner_join(beds, "fixmedins_code")
    here = here.select("fixmedins_code", "beds", "mdtrt_id", "begin", "end", "admitted", "discharged")
    hospital = ["fixmedins_code", "beds"]
    changes = ibis.union(
        here.select(*hospital, day="begin", change=ibis.literal(1)),
        here.select(*hospital, day="end", change=ibis.literal(-1)),
        distinct=False,
    )
    changes = changes.group_by(*hospital, "day").agg(change=changes.change.sum())
    in_turn = ibis.cumulative_window(group_by="fixmedins_code", order_by=changes.day)
    census = changes.mutate(
        patients=changes.change.sum().over(in_turn), month=changes.day.truncate("M").cast("date")
    )
    census = census.filter(census.patients * 100 > census.beds * p["census_percent"])
    order = [census.patients.desc(), census.day]
    census = census.mutate(place=ibis.row_number().over(group_by=["fixmedins_code", "month"], order_by=order))
    peak = census.filter(census.place == 0)
    present = here.select("mdtrt_id", "admitted", "discharged", hospital="fixmedins_code")
    number = peak.day.epoch_days()
    present = peak.inner_join(
        present,
        [
            peak.fixmedins_code == present.hospital,
            present.admitted <= number,
            present.discharged > number,
        ],
    )
    found = with_visits(peak, present, ["fixmedins_code", "month"])
    return finding(
        found,
        "e",
        start=found.month,
        end=found.day,
        cents=ibis.literal(0),
        measure=found.patients,
        limit=found.beds,
        visits=found.visits,
    )


def _on_holidays(stays: Table, data: Data, p: Mapping[str, int | float]) -> list[Table]:
    """Institutions with far more admissions on the days of a holiday than on the thirty days before it."""
    if "holidays" not in data.lists:
        return []
    days = listed(data, "holidays", day="date", holiday="string")
    spans = days.group_by("holiday").agg(
        first=days.day.min().epoch_days(), start=days.day.min(), last=days.day.max(), length=days.count()
    )
    # What was before the data begin is not known, and would be counted as nothing.
    beginning = stays.agg(beginning=stays.admitted.min())
    spans = spans.cross_join(beginning)
    spans = spans.filter(spans["first"] - spans.beginning >= BEFORE).drop("beginning")
    on_days = days.inner_join(spans, "holiday")
    here = stays.select("fixmedins_code", "mdtrt_id", day="begin").inner_join(on_days, "day")
    holiday = ["fixmedins_code", "holiday", "start", "last", "length", "first"]
    here = here.group_by(holiday).agg(admissions=here.count(), visits=here.mdtrt_id.collect())
    here = here.filter(here.admissions >= p["holiday_stays"])
    daily = stays.group_by(place="fixmedins_code", number="admitted").agg(count=stays.count())
    before = here.inner_join(
        daily,
        [
            here.fixmedins_code == daily.place,
            daily.number < here["first"],
            daily.number >= here["first"] - BEFORE,
        ],
    )
    before = before.group_by(holiday).agg(before=before["count"].sum())
    found = here.inner_join(before, holiday)
    found = found.filter(found.admissions * BEFORE * 100 > found.before * found.length * p["holiday_percent"])
    return [
        finding(
            found,
            "f",
            start=found.start,
            end=found["last"],
            cents=ibis.literal(0),
            measure=found.admissions,
            limit=found.before,
            item=found.holiday,
            visits=found.visits,
        )
    ]


def explain(hit: Hit) -> str:
    variant, item, measure, limit = said(hit)
    upper = f"疑点金额{hit.amount:,.2f}元为该次住院的基金支付，是上限"
    return {
        "a": f"住院期间（不含入院、出院当日）在其他机构门诊就诊或购药{measure:.0f}次，疑似挂床；{upper}。",
        "b": f"住院期间连续{measure:.0f}天除床位、护理、诊查外没有诊疗、用药、检查费用，疑似挂床；"
        f"疑点金额{hit.amount:,.2f}元为这些天的费用。",
        "c": f"住院期间（不含入院、出院当日）{measure:.0f}天每日诊疗用药费用都不超过{limit:.0f}元，疑似挂床；{upper}。",
        "d": "当日入院当日出院，无手术费用，不是日间手术；仅作提示，请调阅病案首页。",
        "e": f"{hit.window_end}在院{measure:.0f}人，超过核定床位{limit:.0f}张；不计疑点金额，请现场核对床位。",
        "f": f"{item}期间入院{measure:.0f}人次，而此前三十天共{limit:.0f}人次，日均异常增多；不计疑点金额，请现场核实在院情况。",
    }[variant]
