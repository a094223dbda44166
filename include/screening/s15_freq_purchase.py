"""S15 频繁购药: a drug bought too many times in a month, or a card used at one pharmacy too often and for too much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import SCALE, Data, in_cents
from include.screening.measures import finding, listed, part_of, said, strongest

RULE = Rule(
    key="freq_purchase",
    number="S15",
    title="频繁购药",
    basis="《医疗保障基金使用监督管理条例》第十七条、第四十条、第四十一条",
    logic="同一参保人一个自然月内购买同一药品（同一通用名）超过规定次数，或累计用量超过说明书用量的规定比例；"
    "或十二个月内在同一药店个人账户支付次数过多，且次均或单次金额过高",
    result=Result.SUSPECT,
    interval="自然月/十二个月",
    scene=Scene.ALL,
    version="1.1",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("purchases", "每月同一药品购买次数上限", Decimal(4), Decimal(2), Decimal(31), "次"),
        Parameter(
            "dose_percent", "每月累计用量占说明书用量上限", Decimal(200), Decimal(120), Decimal(500), "%"
        ),
        Parameter("window_days", "账户支付统计天数", Decimal(365), Decimal(90), Decimal(366), "天"),
        Parameter("payments", "账户支付次数上限", Decimal(50), Decimal(10), Decimal(300), "次"),
        Parameter("mean_amount", "次均账户支付上限", Decimal(500), Decimal(50), Decimal(5_000), "元"),
        Parameter("single_amount", "单次账户支付上限", Decimal(2_000), Decimal(200), Decimal(50_000), "元"),
    ),
    caveats=(
        "肿瘤、透析等诊断（豁免诊断清单）和按次注射的药品（清单）已排除",
        "家庭共济账户支付的不计入账户支付次数",
        "药店限量销售迫使多次购买的需核实",
        "累计用量每月按31天计；清单写明可开长期处方的药品不按月判断，由超量开药规则判断",
    ),
)

MONTH_DAYS = 31


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """Lists, each may be missing: ``drug_days`` (med_list_codg, generic, pack_size, daily_dose, long_term),
    ``exempt_diagnoses`` (diag_code), ``per_visit_drugs`` (med_list_codg: given at each visit, as injections are).
    """
    rows = _bought(data)
    return strongest(_one_drug(rows, p), _one_dose(rows, p), _one_pharmacy(data, p))


def _one_drug(rows: Table, p: Mapping[str, int | float]) -> Table:
    """Of a month's purchases at all institutions, those beyond the limit."""
    bought = rows.group_by("psn_no", "generic", "month", "fixmedins_code", "mdtrt_id").agg(
        day=rows.day.min(), cents=rows.cents.sum()
    )
    month = ["psn_no", "generic", "month"]
    in_turn = ibis.row_number().over(group_by=month, order_by=[bought.day, bought.mdtrt_id])
    bought = bought.mutate(turn=in_turn + 1, times=bought.mdtrt_id.count().over(group_by=month))
    late = bought.filter(bought.turn > p["purchases"])
    late = late.group_by("fixmedins_code", *month, "times").agg(
        cents=late.cents.sum(), end=late.day.max(), visits=late.mdtrt_id.collect(distinct=True)
    )
    return finding(
        late,
        "a",
        person=late.psn_no,
        start=late.month,
        end=late.end,
        cents=late.cents,
        measure=late.times,
        limit=p["purchases"],
        item=late.generic,
        visits=late.visits,
    )


def _one_dose(rows: Table, p: Mapping[str, int | float]) -> Table:
    """Of what a month's purchases at all institutions last for, each institution's share of what is too much."""
    known = rows.filter((rows.pack_size > 0) & (rows.daily_dose > 0) & (rows.long_term.fill_null("") != "1"))
    days = (known.cnt_e4.cast("float64") * known.pack_size / known.daily_dose).round().cast("int64")
    known = known.mutate(days=days)
    month = ["psn_no", "generic", "month"]
    here = known.group_by(*month, "fixmedins_code").agg(
        days=known.days.sum(),
        cents=known.cents.sum(),
        end=known.day.max(),
        visits=known.mdtrt_id.collect(distinct=True),
    )
    here = here.mutate(total=here.days.sum().over(group_by=month))
    most = int(MONTH_DAYS * p["dose_percent"] * SCALE // 100)
    over = here.filter(here.total > most)
    return finding(
        over,
        "c",
        person=over.psn_no,
        start=over.month,
        end=over.end,
        cents=part_of(over.cents, over.total - most, over.total),
        measure=over.total / SCALE,
        limit=most / SCALE,
        item=over.generic,
        visits=over.visits,
    )


def _bought(data: Data) -> Table:
    lines = data.lines
    lines = lines.filter(lines.scene.isin(["outpatient", "pharmacy"]) & (lines.list_type == "101"))
    lines = lines.anti_join(listed(data, "per_visit_drugs", "med_list_codg"), "med_list_codg")
    lines = lines.mutate(dx=lines.diag_code.fill_null("").substr(0, 3))
    exempt = listed(data, "exempt_diagnoses", diag_code="string").select(dx="diag_code")
    lines = lines.anti_join(exempt, "dx")
    names = listed(
        data,
        "drug_days",
        "med_list_codg",
        generic="string",
        pack_size="float64",
        daily_dose="float64",
        long_term="string",
    )
    names = names.group_by("med_list_codg").agg(
        generic=names.generic.min(),
        pack_size=names.pack_size.min(),
        daily_dose=names.daily_dose.max(),
        long_term=names.long_term.max(),
    )
    lines = lines.left_join(names, "med_list_codg")
    return lines.mutate(
        generic=lines.generic.fill_null(lines.hilist_name).fill_null(lines.med_list_codg.cast("string")),
        month=lines.day.truncate("M").cast("date"),
    )


def _one_pharmacy(data: Data, p: Mapping[str, int | float]) -> Table:
    """The first period in which a card was used too often and for too much."""
    s = data.settlements
    s = s.filter((s.scene == "pharmacy") & (s.acct_pay > 0) & (s.acct_mulaid_pay.fill_null(0) == 0))
    subject = ["fixmedins_code", "psn_no"]
    paid = s.select(*subject, "mdtrt_id", day=s.setl_time.date(), cents=in_cents(s.acct_pay))
    paid = paid.mutate(number=paid.day.epoch_days())
    before = int(p["window_days"]) - 1
    recent = ibis.range_window(preceding=before, following=0, group_by=subject, order_by=paid.number)
    paid = paid.mutate(
        times=paid.cents.count().over(recent),
        total=paid.cents.sum().over(recent),
        dearest=paid.cents.max().over(recent),
    )
    dear = (paid.total > paid.times * p["mean_amount"] * 100) | (paid.dearest > p["single_amount"] * 100)
    wrong = paid.filter((paid.times > p["payments"]) & dear)
    first = wrong.group_by(subject).agg(until=wrong.number.min())
    found = paid.inner_join(first, subject)
    found = found.filter((found.number <= found.until) & (found.number >= found.until - before))
    found = found.group_by(subject).agg(
        start=found.day.min(),
        end=found.day.max(),
        times=found.count(),
        cents=found.cents.sum(),
        visits=found.mdtrt_id.collect(distinct=True),
    )
    return finding(
        found,
        "b",
        person=found.psn_no,
        start=found.start,
        end=found.end,
        cents=found.cents,
        measure=found.times,
        limit=p["payments"],
        visits=found.visits,
    )


def explain(hit: Hit) -> str:
    variant, drug, times, limit = said(hit)
    if variant == "c":
        return (
            f"本月累计购买“{drug}”（跨机构合并计算）折合{times:.0f}天用量，超过{limit:.0f}天；"
            "疑点金额为超出部分的费用。"
        )
    if variant == "a":
        return f"本月购买“{drug}”{times:.0f}次（跨机构合并计算），超过{limit:.0f}次；疑点金额为在本机构超次购买的费用。"
    return (
        f"{hit.window_start}至{hit.window_end}在本药店使用个人账户支付{times:.0f}次，超过{limit:.0f}次，"
        f"且次均或单次金额过高；疑点金额{hit.amount:,.2f}元为个人账户支付合计。"
    )
