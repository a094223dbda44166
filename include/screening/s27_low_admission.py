"""S27 低标准入院: a short stay for a minor illness without an operation, made of tests or far cheaper than its peers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import IntegerValue, Table

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import (
    finding,
    listed,
    said,
    strongest,
    visits_of,
)

RULE = Rule(
    key="low_admission",
    number="S27",
    title="低标准入院",
    basis="《医疗保障基金使用监督管理条例》第三十八条（诱导、协助他人虚假就医及过度诊疗等）；医保服务协议入院指征条款",
    logic="主要诊断属轻症目录、住院天数短、无手术，且检查检验费用占比过高或总费用低于同级别同诊断的低分位数。",
    result=Result.SUSPECT,
    interval="当次住院",
    scene=Scene.INPATIENT,
    version="1.0",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter("stay_days", "住院天数上限", Decimal(3), Decimal(1), Decimal(5), "天"),
        Parameter("check_percent", "检查检验费用占比下限", Decimal(70), Decimal(50), Decimal(100), "%"),
        Parameter("low_percent", "低费用分位数", Decimal(10), Decimal(1), Decimal(25), "%"),
        Parameter("group_size", "分位数比较最少例数", Decimal(30), Decimal(10), Decimal(1000), "例"),
        Parameter("oldest", "纳入筛查的最高年龄", Decimal(79), Decimal(60), Decimal(120), "岁"),
    ),
    caveats=("高龄患者已排除", "偏远地区、独居老人就近住院需核实"),
    inputs=("minor_diagnoses",),
)


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    suspects = _suspects(data, p)
    spent = _spent(data.lines, suspects)
    rows = suspects.inner_join(spent, "mdtrt_id").filter(lambda t: t.operations == 0)
    tests = rows.filter((rows.spent > 0) & (rows.tests * 100 >= rows.spent * p["check_percent"]))
    quiet = suspects.anti_join(spent.filter(spent.operations > 0), "mdtrt_id")
    cheap = quiet.filter((quiet.size >= p["group_size"]) & (quiet.fee < quiet.low))
    return strongest(
        _hit(tests, "a", tests.tests * 100 / tests.spent, p["check_percent"]),
        _hit(cheap, "b", cheap.fee / 100, cheap.low / 100),
    )


def _suspects(data: Data, p: Mapping[str, int | float]) -> Table:
    stays = visits_of(data, "inpatient")
    minor = listed(data, "minor_diagnoses", diag_code="string").select(dx="diag_code").distinct()
    stays = stays.semi_join(minor, "dx")
    peers = stays.group_by("dx", "hosp_lv").agg(
        size=stays.count(), low=stays.fee.quantile(p["low_percent"] / 100)
    )
    stays = stays.inner_join(peers, ["dx", "hosp_lv"])
    days = ibis.greatest(stays.end.epoch_days() - stays.begin.epoch_days(), 1)
    return stays.filter((days <= p["stay_days"]) & (_age(stays) <= p["oldest"]))


def _age(stays: Table) -> IntegerValue:
    """Years on admission; an unknown birthday is not old."""
    not_yet = stays.begin.month() * 100 + stays.begin.day() < stays.brdy.month() * 100 + stays.brdy.day()
    return (stays.begin.year() - stays.brdy.year() - not_yet.cast("int64")).fill_null(0)


def _spent(lines: Table, stays: Table) -> Table:
    own = lines.filter(lines.scene == "inpatient").semi_join(stays, "mdtrt_id")
    is_test = own.med_chrgitm_type.isin(["03", "04"])
    return own.group_by("mdtrt_id").agg(
        spent=own.cents.sum(),
        tests=ibis.ifelse(is_test, own.cents, 0).sum(),
        operations=(own.med_chrgitm_type == "06").cast("int64").sum(),
    )


def _hit(stays: Table, variant: str, measure, limit) -> Table:
    return finding(
        stays,
        variant,
        person=stays.psn_no,
        start=stays.begin,
        end=stays.end,
        cents=stays.cents,
        measure=measure,
        limit=limit,
        item=stays.dx,
    )


def explain(hit: Hit) -> str:
    variant, item, measure, limit = said(hit)
    start = f"主要诊断（{item}）属轻症，住院天数短且未手术，"
    return {
        "a": f"{start}检查检验费用占{measure:.0f}%（上限{limit:.0f}%），疑似以检查代替住院治疗。",
        "b": f"{start}总费用{measure:,.2f}元，低于同级别机构同类诊断低分位数{limit:,.2f}元。",
    }[variant]
