"""What a rule sees: netted settlements and lines, stays, and the bureau's own lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import ibis
from ibis.expr.types import Table, Value

from include.domain.settlements import DAY_SURGERY, DETAIL, INPATIENT, PHARMACY, SETTLEMENT

OF_THE_HEAD = (
    "fixmedins_code",
    "region",
    "scene",
    "med_type",
    "insutype",
    "hosp_lv",
    "gend",
    "brdy",
    "diag_code",
    "setl_time",
)
"""What a line takes over from its settlement: words and days, never an amount, which would be summed per line."""


@dataclass(frozen=True)
class Data:
    """``settlements``: valid and not refunded, columns of SETTLEMENT with ``scene`` (inpatient, day, pharmacy,
    outpatient) and ``region`` (of the institution's code). ``lines``: columns of DETAIL, net of reversals, settled,
    with ``day`` and the head's OF_THE_HEAD. ``lists``: tables a bureau provides, by name.
    """

    settlements: Table
    lines: Table
    lists: Mapping[str, Table] = field(default_factory=dict)
    names: Mapping[str, Table] = field(default_factory=dict)
    """Where keys are coded: ``psn_no`` and ``mdtrt_id`` → table of ``code`` and ``name``."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Lists that were provided and cannot be used: name → why."""

    @cached_property
    def stays(self) -> Table:
        """One row per inpatient visit, dates as days; its settlements summed (fund_pay_sumamt, medfee_sumamt)."""
        s = self.settlements.filter(self.settlements.scene == "inpatient")
        return s.group_by(["psn_no", "fixmedins_code", "mdtrt_id"]).aggregate(
            med_type=s.med_type.min(),
            diag_code=s.diag_code.min(),
            region=s.region.min(),
            begin=s.begndate.date().min(),
            end=s.enddate.date().max(),
            fund_pay_sumamt=s.fund_pay_sumamt.sum(),
            medfee_sumamt=s.medfee_sumamt.sum(),
            inscp_scp_amt=s.inscp_scp_amt.sum(),
        )


def netted(settlements: Table, details: Table, lists: Mapping[str, Table] | None = None) -> Data:
    """Data as rules may see them, of tables as they were delivered."""
    heads = _net_heads(conform(settlements, SETTLEMENT))
    return Data(heads, _net_lines(conform(details, DETAIL), heads), lists or {})


def conform(table: Table, schema: Mapping[str, str]) -> Table:
    """All columns of the schema, typed; missing ones are empty."""
    types = dict(schema)
    return table.select(
        **{
            name: _typed(table, name, kind) if name in table.columns else ibis.null(kind)
            for name, kind in types.items()
        }
    )


def _typed(table: Table, name: str, kind: str) -> Value:
    column = table[name]
    if not column.type().is_string() or kind == "string":
        # A key that is coded stays an integer.
        return column.name(name) if kind == "string" and column.type().is_integer() else column.cast(kind)
    return column.nullif("").cast(kind)


def _net_heads(s: Table) -> Table:
    """Valid heads without refunds and without what they took back (same visit, opposite amount, one for one)."""
    s = s.filter((s.vali_flag == "1") & (s.medfee_sumamt != 0))
    s = s.mutate(is_refund=s.refd_setl_flag.fill_null("0") == "1", size=s.medfee_sumamt.abs())
    turn = ibis.row_number().over(
        group_by=["mdtrt_id", "size", "is_refund"], order_by=["setl_time", "setl_id"]
    )
    s = s.mutate(turn=turn)
    refunds = s.filter(s.is_refund).select("mdtrt_id", "size", "turn")
    kept = s.filter(~s.is_refund).anti_join(refunds, ["mdtrt_id", "size", "turn"])
    scene = ibis.cases(
        (kept.med_type.isin(INPATIENT), "inpatient"),
        (kept.med_type.isin(DAY_SURGERY), "day"),
        (kept.med_type.isin(PHARMACY), "pharmacy"),
        else_="outpatient",
    )
    return kept.mutate(scene=scene, region=kept.fixmedins_code.substr(1, 6)).drop("is_refund", "size", "turn")


def _net_lines(d: Table, heads: Table) -> Table:
    """Settled lines with their head's words; reversals taken off the line they reverse, nothing left if ≤ 0."""
    back = d.filter(d.cnt < 0)
    back = back.group_by(["mdtrt_id", "init_feedetl_sn"]).aggregate(
        back_cnt=back.cnt.sum(), back_fee=back.det_item_fee_sumamt.sum(), back_scope=back.inscp_scp_amt.sum()
    )
    back = back.rename(back_visit="mdtrt_id", back_sn="init_feedetl_sn")
    lines = d.filter((d.cnt > 0) & d.setl_id.notnull())
    lines = lines.left_join(back, (lines.mdtrt_id == back.back_visit) & (lines.feedetl_sn == back.back_sn))
    lines = lines.mutate(
        cnt=(lines.cnt + lines.back_cnt.fill_null(0)).cast("decimal(16,4)"),
        det_item_fee_sumamt=(lines.det_item_fee_sumamt + lines.back_fee.fill_null(0)).cast("decimal(16,2)"),
        inscp_scp_amt=(lines.inscp_scp_amt + lines.back_scope.fill_null(0)).cast("decimal(16,2)"),
        day=lines.fee_ocur_time.date(),
    ).drop("back_visit", "back_sn", "back_cnt", "back_fee", "back_scope")
    lines = lines.filter(lines.cnt > 0)
    words = heads.select("setl_id", *OF_THE_HEAD)
    return lines.inner_join(words, "setl_id")
