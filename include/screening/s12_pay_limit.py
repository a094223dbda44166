"""S12 限定支付: paid by the fund although the catalogue's condition for paying is not met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
from ibis.expr.types import BooleanValue, Table

from include.domain.screening import Hit, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="pay_limit",
    number="S12",
    title="超限定支付范围",
    basis="国家基本医疗保险药品目录限定支付范围；《医疗保障基金使用监督管理条例》第三十八条第（六）项",
    logic="目录限工伤、限生育、限住院、限机构等级、限适应症、限天数的药品，条件不满足而纳入医保支付",
    result=Result.SUSPECT,
    interval="当次就诊",
    scene=Scene.ALL,
    version="1.0",
    effective_from=date(2024, 1, 1),
    caveats=(
        "不满足条件是“基金不予支付”，不是“不能使用”；全自费的不算",
        "只有主要诊断，限适应症的须核对病历中的其他诊断",
        "没有诊断的不判断适应症，没有机构等级的不判断等级",
        "限二线、限重症抢救须人工核查，不在本规则内",
    ),
    inputs=("pay_limits",),
)

NAMES = {
    "injury": "限工伤保险",
    "maternity": "限生育保险",
    "inpatient": "限住院",
    "level": "限机构等级",
    "diagnosis": "限适应症",
    "days": "限支付天数",
}
MATERNITY_TYPES = ("51", "52")


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """List ``pay_limits``: med_list_codg, kind (a key of NAMES), value; several rows of ``level`` (hosp_lv codes)
    and ``diagnosis`` (beginnings of ICD-10 codes) are alternatives; ``days`` are days of use in one visit.
    """
    limits = listed(data, "pay_limits", "med_list_codg", kind="string", value="string")
    paid = data.lines
    paid = paid.filter(paid.cents > 0).rename(name="hilist_name")
    return strongest(
        _not_met(paid, limits.filter(limits.kind.isin(NAMES) & (limits.kind != "days"))),
        _too_long(paid, limits.filter(limits.kind == "days")),
    )


def _not_met(paid: Table, limits: Table) -> Table:
    """Lines of which no alternative of a kind of limit holds."""
    lines = paid.inner_join(limits, "med_list_codg")
    lines = lines.mutate(met=_met(lines).cast("int64"))
    line = ["fixmedins_code", "psn_no", "mdtrt_id", "feedetl_sn", "name", "day", "cents", "kind"]
    lines = lines.group_by(line).agg(met=lines.met.max())
    lines = lines.filter(lines.met == 0)
    return finding(
        lines,
        lines.kind,
        person=lines.psn_no,
        start=lines.day,
        end=lines.day,
        cents=lines.cents,
        measure=1,
        limit=0,
        item=lines.name.fill_null(""),
    )


def _met(rows: Table) -> BooleanValue:
    """Whether this row's condition holds; what the visit does not tell is taken to hold."""
    diagnosis, level = rows.diag_code.fill_null(""), rows.hosp_lv.fill_null("")
    return ibis.cases(
        (rows.kind == "injury", ibis.literal(False)),
        (
            rows.kind == "maternity",
            (rows.insutype.fill_null("") == "510") | rows.med_type.isin(MATERNITY_TYPES),
        ),
        (rows.kind == "inpatient", rows.scene.isin(["inpatient", "day"])),
        (rows.kind == "level", (level == "") | (level == rows.value)),
        else_=(diagnosis == "") | diagnosis.startswith(rows.value),
    )


def _too_long(paid: Table, limits: Table) -> Table:
    """Charges on the days of use that go beyond those paid for."""
    most = limits.group_by("med_list_codg").agg(most=limits.value.try_cast("int64").max())
    rows = paid.inner_join(most, "med_list_codg")
    drug = ["mdtrt_id", "med_list_codg"]
    use = ["fixmedins_code", "psn_no", *drug, "day", "most"]
    days = rows.group_by(use).agg(cents=rows.cents.sum(), name=rows.name.max())
    days = days.mutate(turn=ibis.row_number().over(group_by=drug, order_by=days.day) + 1)
    late = days.filter(days.turn > days.most)
    late = late.group_by("fixmedins_code", "psn_no", *drug, "most").agg(
        cents=late.cents.sum(),
        name=late.name.max(),
        used=late.turn.max(),
        start=late.day.min(),
        end=late.day.max(),
    )
    return finding(
        late,
        "days",
        person=late.psn_no,
        start=late.start,
        end=late.end,
        cents=late.cents,
        measure=late.used,
        limit=late.most,
        item=late.name.fill_null(""),
    )


def explain(hit: Hit) -> str:
    variant, item, used, most = said(hit)
    if variant == "days":
        return f"“{item}”限支付{most:.0f}天，本次就诊已使用{used:.0f}天，超出天数的费用纳入了医保支付。"
    return f"“{item}”{NAMES[variant]}，本次就诊不满足条件，费用纳入了医保支付。"
