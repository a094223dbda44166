"""What a rule sees: netted settlements and lines, stays, and the bureau's own lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import ibis
from ibis.expr.types import IntegerValue, NumericValue, Table, Value

from include.domain.settlements import DAY_SURGERY, DETAIL, INPATIENT, PHARMACY, SETTLEMENT

SCALE = 10_000
"""Counts have four decimal places; as whole numbers they divide alike on every engine."""
OF_THE_HEAD = (
    "psn_no",
    "mdtrt_id",
    "fixmedins_code",
    "scene",
    "med_type",
    "insutype",
    "hosp_lv",
    "gend",
    "brdy",
    "diag_code",
    "setl_time",
)
"""What a line takes over from its settlement: keys, words and days, never an amount, which would be summed per line."""


@dataclass(frozen=True)
class Data:
    """``settlements``: valid and not refunded, columns of SETTLEMENT with ``scene`` (inpatient, day, pharmacy,
    outpatient) and ``region`` (of the institution's code). ``lines``: columns of DETAIL, net of reversals, settled,
    with ``day``, the head's OF_THE_HEAD and the count as ``cnt_e4`` (1/10000); ``cents`` (分) is the in-scope amount.
    ``lists``: tables a bureau provides, by name.
    """

    settlements: Table
    lines: Table
    lists: Mapping[str, Table] = field(default_factory=dict)
    names: Mapping[str, Table] = field(default_factory=dict)
    """Where keys are coded: ``psn_no`` and ``mdtrt_id`` → table of ``code`` and ``name``."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Lists that were provided and cannot be used: name → why."""
    prepared: Mapping[str, Table] = field(default_factory=dict)
    """``stays``, ``visits`` and ``items`` where they were made once for all rules."""

    @cached_property
    def stays(self) -> Table:
        """One row per inpatient visit, dates as days; its settlements summed (fund_pay_sumamt, medfee_sumamt)."""
        if "stays" in self.prepared:
            return self.prepared["stays"]
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

    @cached_property
    def visits(self) -> Table:
        """One row per visit, its settlements summed in 分; days as dates."""
        if "visits" in self.prepared:
            return self.prepared["visits"]
        s = self.settlements
        return s.group_by("mdtrt_id").agg(
            psn_no=s.psn_no.min(),
            fixmedins_code=s.fixmedins_code.min(),
            scene=s.scene.min(),
            insutype=s.insutype.min(),
            insu_admdvs=s.insu_admdvs.min(),
            region=s.region.min(),
            hosp_lv=s.hosp_lv.min(),
            brdy=s.brdy.min(),
            dx=s.diag_code.min().fill_null("").substr(0, 3),
            begin=s.begndate.date().min(),
            end=s.enddate.date().max(),
            settled=s.setl_time.min(),
            fee=in_cents(s.medfee_sumamt).sum().cast("int64"),
            cents=in_cents(s.inscp_scp_amt).sum().cast("int64"),
            pool=in_cents(s.hifp_pay).sum().cast("int64"),
            account=in_cents(s.acct_pay).sum().cast("int64"),
            shared=in_cents(s.acct_mulaid_pay).sum().cast("int64"),
            fund=in_cents(s.fund_pay_sumamt).sum().cast("int64"),
        )

    @cached_property
    def items(self) -> Table:
        """One row per item: ``med_list_codg`` and ``name``."""
        if "items" in self.prepared:
            return self.prepared["items"]
        return self.lines.group_by("med_list_codg").agg(name=self.lines.hilist_name.max())


def in_cents(amount: NumericValue) -> IntegerValue:
    return (amount.fill_null(0) * 100).cast("int64")


def netted(settlements: Table, details: Table, lists: Mapping[str, Table] | None = None) -> Data:
    """Data as rules may see them, of tables as they were delivered."""
    heads = net_heads(settlements)
    return Data(heads, net_lines(details, heads.mutate(setl_name=heads.setl_id)), lists or {})


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


def net_heads(settlements: Table) -> Table:
    """Valid heads without refunds and without what they took back (same visit, opposite amount, one for one)."""
    s = conform(settlements, SETTLEMENT)
    s = s.filter((s.vali_flag == "1") & (s.medfee_sumamt != 0))
    s = s.mutate(is_refund=s.refd_setl_flag.fill_null("0") == "1", size=s.medfee_sumamt.abs())
    pair = ["mdtrt_id", "size"]
    # Few visits have a refund, and only those are put in order.
    refunded = s.filter(s.is_refund).select(*pair).distinct()
    touched = s.semi_join(refunded, pair)
    order = [touched.setl_time, touched.setl_id]
    turn = ibis.row_number().over(group_by=[*pair, "is_refund"], order_by=order)
    touched = touched.mutate(turn=turn)
    back = touched.filter(touched.is_refund).select(*pair, "turn")
    left = touched.filter(~touched.is_refund).anti_join(back, [*pair, "turn"]).drop("turn")
    kept = ibis.union(s.anti_join(refunded, pair), left).drop("is_refund", "size")
    scene = ibis.cases(
        (kept.med_type.isin(INPATIENT), "inpatient"),
        (kept.med_type.isin(DAY_SURGERY), "day"),
        (kept.med_type.isin(PHARMACY), "pharmacy"),
        else_="outpatient",
    )
    return kept.mutate(scene=scene, region=kept.fixmedins_code.substr(1, 6))


def net_lines(details: Table, heads: Table) -> Table:
    """Settled lines with their head's words; reversals taken off the line they reverse, nothing left if ≤ 0.

    ``setl_name`` of ``heads`` is the settlement's key as lines have it; its other keys may be coded.
    """
    d = conform(details, DETAIL)
    back = d.filter(d.cnt < 0)
    back = back.group_by(["mdtrt_id", "init_feedetl_sn"]).aggregate(
        back_cnt=back.cnt.sum(), back_fee=back.det_item_fee_sumamt.sum(), back_scope=back.inscp_scp_amt.sum()
    )
    back = back.rename(back_visit="mdtrt_id", back_sn="init_feedetl_sn")
    lines = d.filter(d.cnt > 0)
    lines = lines.left_join(back, (lines.mdtrt_id == back.back_visit) & (lines.feedetl_sn == back.back_sn))
    lines = lines.mutate(
        cnt=(lines.cnt + lines.back_cnt.fill_null(0)).cast("decimal(16,4)"),
        det_item_fee_sumamt=(lines.det_item_fee_sumamt + lines.back_fee.fill_null(0)).cast("decimal(16,2)"),
        inscp_scp_amt=(lines.inscp_scp_amt + lines.back_scope.fill_null(0)).cast("decimal(16,2)"),
        day=lines.fee_ocur_time.date(),
    ).drop("back_visit", "back_sn", "back_cnt", "back_fee", "back_scope")
    lines = lines.filter(lines.cnt > 0)
    lines = lines.mutate(cents=in_cents(lines.inscp_scp_amt), cnt_e4=(lines.cnt * SCALE).cast("int64"))
    lines = lines.drop("psn_no", "mdtrt_id", "init_feedetl_sn", "inscp_scp_amt").rename(setl_name="setl_id")
    return lines.inner_join(heads.select("setl_name", "setl_id", *OF_THE_HEAD), "setl_name").drop("setl_name")
