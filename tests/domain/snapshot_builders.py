"""Snapshots for tests: synthetic units and problems, every field replaceable by keyword."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from include.domain.model import UnitKind
from include.domain.obligations import ObligationState
from include.domain.occasions import Period
from include.domain.reports import Snapshot, SnapshotItem, SnapshotUnit
from include.domain.snapshot_records import (
    Blacklisting,
    Case,
    Clue,
    Inspection,
    InspectionProblem,
    Rectification,
    Referral,
    RosterUnit,
    Screening,
    Tip,
)

DUE = date(2024, 5, 31)
BEFORE_DUE = date(2024, 5, 30)
AFTER_DUE = date(2024, 6, 5)

HOSPITAL, PHARMACY, AGENCY = (
    UnitKind.MEDICAL_INSTITUTION,
    UnitKind.RETAIL_PHARMACY,
    UnitKind.HANDLING_AGENCY,
)


def make_unit(code: str, state: ObligationState = ObligationState.ACCEPTED, **changed: Any) -> SnapshotUnit:
    facts: dict[str, Any] = {
        "unit_code": code,
        "unit_name": f"示例单位{code}",
        "unit_kind": HOSPITAL,
        "region_code": "150626",
        "level": "二级甲等",
        "form": "self_check",
        "state": state,
        "due_on": DUE,
        "is_zero": False,
        "received_on": None,
        "accepted_on": None,
        "days_late": 0,
        "has_address": True,
    }
    return SnapshotUnit(**(facts | changed))


def make_item(code: str, violation_type: str = "DUPLICATE_CHARGE", **changed: Any) -> SnapshotItem:
    facts: dict[str, Any] = {
        "unit_code": code,
        "unit_kind": HOSPITAL,
        "violation_type": violation_type,
        "visits": 2,
        "occurrences": 3,
        "violation_amt": Decimal("100.00"),
        "fund_amt": Decimal("80.00"),
        "refunded_amt": Decimal("30.00"),
        "rectify_status": "整改中",
    }
    return SnapshotItem(**(facts | changed))


START = date(2024, 5, 1)
"""The first day of the period of every snapshot made here."""

BEFORE, WITHIN = date(2024, 4, 10), date(2024, 5, 20)
"""A day before that period and one in it."""

ZERO = Decimal(0)


def make_roster_unit(code: str, **changed: Any) -> RosterUnit:
    """A private hospital of the second level, or a pharmacy for a code with P, an agency for one with J."""
    kind = {"P": PHARMACY, "J": AGENCY}.get(code[0], HOSPITAL)
    facts: dict[str, Any] = {
        "code": code,
        "name": f"示例单位{code}",
        "kind": kind,
        "region_code": "150626",
        "level": "二级甲等" if kind is HOSPITAL else "",
        "ownership": "民营" if kind is HOSPITAL else "",
        "branch": "示例旗医保中心",
    }
    return RosterUnit(**(facts | changed))


def make_inspection(number: str, code: str, **changed: Any) -> Inspection:
    facts: dict[str, Any] = {
        "number": number,
        "unit_code": code,
        "unit_name": f"示例单位{code}",
        "kind": "全覆盖检查",
        "end_on": WITHIN,
        "problem_count": 1,
        "violation_amt": Decimal("500.00"),
        "fund_amt": Decimal("400.00"),
        "conclusion": "一般违规",
    }
    return Inspection(**(facts | changed))


def make_problem(inspection: str, violation_type: str = "OVERCHARGE", **changed: Any) -> InspectionProblem:
    facts: dict[str, Any] = {
        "inspection": inspection,
        "number": f"{inspection}#1",
        "violation_type": violation_type,
        "occurrences": 7,
        "violation_amt": Decimal("500.00"),
        "fund_amt": Decimal("400.00"),
    }
    return InspectionProblem(**(facts | changed))


def make_rectification(number: str, code: str, **changed: Any) -> Rectification:
    facts: dict[str, Any] = {
        "number": number,
        "source": "现场检查",
        "unit_code": code,
        "unit_name": f"示例单位{code}",
        "state": "UNDER_WAY",
        "issued_on": WITHIN,
        "due_on": DUE,
        "payable": Decimal("400.00"),
        "paid": Decimal("150.00"),
        "paid_on": WITHIN,
        "closed_on": None,
        "case_no": "",
    }
    return Rectification(**(facts | changed))


def make_clue(number: str, code: str = "H1", **changed: Any) -> Clue:
    facts: dict[str, Any] = {
        "number": number,
        "source": "NHSA",
        "batch": "2024年第1批",
        "subject": "医疗机构",
        "unit_code": code,
        "unit_name": f"示例单位{code}",
        "risk": "中",
        "state": "VERIFYING",
        "received_on": WITHIN,
        "due_on": date(2024, 6, 30),
        "checked_on": None,
        "closed_on": None,
        "result": "",
        "suspect_amt": Decimal("1000.00"),
        "confirmed_amt": ZERO,
    }
    return Clue(**(facts | changed))


def make_screening(on: date = WITHIN, model: str = "S05 分解住院", hits: int = 4) -> Screening:
    return Screening(on, "区划150626", model, hits)


def make_tip(number: str, code: str = "P1", **changed: Any) -> Tip:
    facts: dict[str, Any] = {
        "number": number,
        "received_on": WITHIN,
        "subject": "定点零售药店",
        "unit_code": code,
        "state": "ACCEPTED",
        "accepted": True,
        "result": "",
        "decided_on": None,
        "replied_on": None,
        "is_replied": False,
        "reward_amt": ZERO,
        "reward_on": None,
    }
    return Tip(**(facts | changed))


def make_case(number: str, code: str = "H1", *dispositions: str, **changed: Any) -> Case:
    """A decided case against a hospital, unless said otherwise."""
    facts: dict[str, Any] = {
        "number": number,
        "source": "检查",
        "party": "定点医疗机构",
        "unit_code": code,
        "unit_name": f"示例单位{code}" if code else "",
        "conduct": "OVERCHARGE",
        "state": "DECIDED",
        "nature": "LOSS",
        "filed_on": WITHIN,
        "decided_on": WITHIN,
        "terminated_on": None,
        "suspended_on": None,
        "published_on": None,
        "closed_on": None,
        "dispositions": tuple(sorted(dispositions or ("ORDER_RECTIFY",))),
        "violation_amt": Decimal("900.00"),
        "recoup_due": Decimal("600.00"),
        "recoup_paid": Decimal("200.00"),
        "recoup_on": WITHIN,
        "damages_amt": ZERO,
        "fine_amt": ZERO,
    }
    return Case(**(facts | changed))


def make_referral(number: str, to_org: str = "POLICE", **changed: Any) -> Referral:
    facts: dict[str, Any] = {
        "number": number,
        "direction": "移出",
        "from_org": "MEDICAL_INSURANCE",
        "to_org": to_org,
        "case_no": "",
        "amount": Decimal("5000.00"),
        "sent_on": WITHIN,
        "decision": "",
        "decided_on": None,
        "returned_on": None,
    }
    return Referral(**(facts | changed))


def make_blacklisting(subject: str = "定点零售药店", code: str = "P1", **changed: Any) -> Blacklisting:
    facts: dict[str, Any] = {
        "subject": subject,
        "unit_code": code,
        "basis_doc_no": "示医保罚〔2024〕2号",
        "listed_on": WITHIN,
        "removed_on": None,
    }
    return Blacklisting(**(facts | changed))


def make_snapshot(
    units: Sequence[SnapshotUnit] = (),
    items: Sequence[SnapshotItem] | None = None,
    *,
    on: date = AFTER_DUE,
    **records: Any,
) -> Snapshot:
    """``records`` by the names of the snapshot's parts: roster, inspections, clues, …"""
    return Snapshot(
        id=7,
        campaign_id="sample_2024",
        report_key="self_check_statistics",
        period=Period(START, on),
        taken_on=on,
        sha256="5f3c" * 16,
        units=tuple(units),
        items=tuple(items or ()),
        **{name: tuple(rows) for name, rows in records.items()},
    )
