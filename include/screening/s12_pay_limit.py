"""S12 限定支付: paid by the fund although the catalogue's condition for paying is not met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import ibis
from ibis.expr.types import BooleanValue, Table, Value

from include.domain.screening import Hit, Parameter, Result, Rule, Scene
from include.screening.data import Data
from include.screening.measures import finding, listed, said, strongest

RULE = Rule(
    key="pay_limit",
    number="S12",
    title="超限定支付范围",
    basis="国家基本医疗保险药品目录限定支付范围；《医疗保障基金使用监督管理条例》第三十八条第（六）项",
    logic="目录限工伤、限生育、限住院、限机构等级、限适应症、限天数、限二线的药品，条件不满足而纳入医保支付",
    result=Result.SUSPECT,
    interval="当次就诊",
    scene=Scene.ALL,
    version="1.1",
    effective_from=date(2024, 1, 1),
    parameters=(
        Parameter(
            "history_days", "限二线：此前至少有几天的数据才判断", Decimal(90), Decimal(0), Decimal(730), "天"
        ),
    ),
    caveats=(
        "不满足条件是“基金不予支付”，不是“不能使用”；全自费的不算",
        "只有主要诊断，限适应症的须核对病历中的其他诊断",
        "没有诊断的不判断适应症，没有机构等级的不判断等级",
        "限二线：此前使用过清单所列任一种一线药品即可，当日同时开具的不算；数据期间以前或异地使用的须核对病历",
        "限重症抢救：结算数据没有病情和抢救记录，须人工核查，不在本规则内",
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
    "second_line": "限二线用药",
}
OWN_WAY = ("days", "second_line")
MATERNITY_TYPES = ("51", "52")


def find(data: Data, p: Mapping[str, int | float]) -> Table:
    """List ``pay_limits``: med_list_codg, kind (a key of NAMES), value; several rows of ``level`` (hosp_lv codes)
    and ``diagnosis`` (beginnings of ICD-10 codes) are alternatives; ``days`` are days of use in one visit; the
    values of ``second_line`` are items of the first line, of which one must have been used on an earlier day.
    """
    limits = listed(data, "pay_limits", "med_list_codg", kind="string", value="string")
    paid = data.lines
    paid = paid.filter(paid.cents > 0).rename(name="hilist_name")
    return strongest(
        _not_met(paid, limits.filter(limits.kind.isin(NAMES) & limits.kind.notin(OWN_WAY))),
        _too_long(paid, limits.filter(limits.kind == "days")),
        _too_early(paid, data.lines, limits.filter(limits.kind == "second_line"), p),
    )


def _not_met(paid: Table, limits: Table) -> Table:
    """Lines of which no alternative of a kind of limit holds."""
    lines = paid.inner_join(limits, "med_list_codg")
    lines = lines.mutate(met=_met(lines).cast("int64"))
    line = ["fixmedins_code", "psn_no", "mdtrt_id", "feedetl_sn", "name", "day", "cents", "kind"]
    lines = lines.group_by(line).agg(met=lines.met.max())
    lines = lines.filter(lines.met == 0)
    return _of_a_line(lines, lines.kind)


def _of_a_line(lines: Table, kind: Value | str) -> Table:
    """Each line is a hit of its own, of its day."""
    return finding(
        lines,
        kind,
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


def _too_early(paid: Table, lines: Table, limits: Table, p: Mapping[str, int | float]) -> Table:
    """Lines of a drug of the second line whose person had none of the first line on an earlier day."""
    judged = limits.select("med_list_codg").distinct()
    beginning = lines.agg(beginning=lines.day.min())
    rows = paid.inner_join(judged, "med_list_codg").cross_join(beginning)
    rows = rows.filter(rows.day.epoch_days() - rows.beginning.epoch_days() >= int(p["history_days"]))
    first_line = limits.select(second="med_list_codg", first="value")
    used = lines.inner_join(first_line, lines.med_list_codg.cast("string") == first_line.first)
    used = used.group_by("psn_no", med_list_codg="second").agg(used_on=used.day.min())
    known = rows.left_join(used, ["psn_no", "med_list_codg"])
    early = known.filter(known.used_on.isnull() | (known.used_on >= known.day))
    return _of_a_line(early, "second_line")


def explain(hit: Hit) -> str:
    variant, item, used, most = said(hit)
    if variant == "days":
        return f"“{item}”限支付{most:.0f}天，本次就诊已使用{used:.0f}天，超出天数的费用纳入了医保支付。"
    if variant == "second_line":
        return f"“{item}”{NAMES[variant]}，数据期间内此前没有一线药品的使用记录，费用纳入了医保支付。"
    return f"“{item}”{NAMES[variant]}，本次就诊不满足条件，费用纳入了医保支付。"
