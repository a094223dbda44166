"""A full synthetic set of figures: every indicator a document may ask for, in both scopes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from include.domain.campaign import Campaign, UpwardReport
from include.domain.occasions import Occasion
from include.domain.reports import Figure, Scope, Snapshot
from include.domain.snapshot_records import Case
from tests.domain import snapshot_builders

VALUES: dict[str, str] = {
    "units_expected": "168", "units_accepted": "161", "zero_returns": "42", "units_with_problems": "119",
    "units_missing": "4", "units_returned": "2", "units_partial": "1", "units_overdue": "5",
    "return_rate": "95.8333", "problem_count": "356", "occurrences": "12874", "violation_amt": "2345678.90",
    "fund_amt": "1987654.32", "refunded_amt": "1765432.10", "rectified_count": "311",
    "medical_institutions": "57", "retail_pharmacies": "111",
    "units_to_inspect": "168", "units_inspected": "141", "inspection_coverage": "83.9286",
    "inspection_count": "163", "inspected_with_problems": "48", "inspection_problems": "137",
    "inspection_violation_amt": "1456789.01", "inspection_fund_amt": "1123456.78", "recouped_amt": "1098765.43",
    "refund_payable": "3111111.10", "refund_paid": "2864197.53", "refund_outstanding": "246913.57",
    "units_handled": "46", "units_talked": "21", "units_circulated": "9", "units_to_rectify": "38",
    "units_refused": "17", "units_warned": "0", "units_suspended": "3", "units_terminated": "1",
    "units_penalised": "2", "refused_amt": "187654.30", "damages_amt": "98765.40", "fine_amt": "246800.00",
    "licences_revoked": "0", "units_blacklisted": "1", "persons_blacklisted": "2", "cases_exposed": "3",
    "staff_disciplined": "0", "cases_filed": "7", "cases_decided": "5", "cases_closed": "4", "major_cases": "1",
    "clues_received": "286", "clues_checked": "251", "clues_closed": "233", "clues_confirmed": "97",
    "clues_in_progress": "35", "clues_overdue": "6", "clues_flying": "2", "clue_check_rate": "87.7622",
    "clue_confirm_rate": "38.6454", "clue_confirmed_amt": "345678.90", "tips_received": "11",
    "screening_hits": "412", "screening_clues": "96", "screening_checked": "80", "screening_confirmed": "43",
    "screening_wrong": "21", "screening_confirm_rate": "53.75", "screening_suspect_amt": "512345.60",
    "screening_confirmed_amt": "123456.70",
    "tips_accepted": "10", "tips_closed": "9", "tips_confirmed": "4", "tips_replied": "9",
    "tip_reward_amt": "3200.00", "referred_police": "2", "referred_discipline": "1", "referred_health": "3",
    "referred_market": "0", "referred_back": "1",
}  # fmt: skip

PARTS = (
    ("violation_amt", "violation_type", (("DUPLICATE_CHARGE", "0.4"), ("OVERCHARGE", "0.35"), ("OVER_TREATMENT", "0.2"), ("BED_HANGING", "0.05"))),
    ("units_accepted", "unit_kind", (("medical_institution", "0.34"), ("handling_agency", "0.66"))),
    ("units_inspected", "unit_kind", (("medical_institution", "0.34"), ("retail_pharmacy", "0.66"))),
)  # fmt: skip


def make_case(number: str, **changed: Any) -> Case:
    """A decided case against a hospital."""
    facts: dict[str, Any] = {
        "unit_name": "示例医院",
        "conduct": "DUPLICATE_CHARGE",
        "decided_on": date(2024, 8, 2),
        "violation_amt": Decimal("123456.78"),
        "recoup_due": Decimal("123456.78"),
        "fine_amt": Decimal("246913.56"),
    }
    return snapshot_builders.make_case(number, "H1", "RECOUP", "TALK", **(facts | changed))


def full_figures(share: float = 1, **changed: str) -> list[Figure]:
    """Every figure times ``share``; single indicators replaced by keyword."""
    values = VALUES | changed
    figures = []
    for scope, part in ((Scope.CUMULATIVE, share), (Scope.THIS, share * 0.3)):
        figures += [Figure(key, "", "", _scaled(key, value, part), scope) for key, value in values.items()]
    for key, dimension, members in PARTS:
        whole = Decimal(values[key])
        figures += [
            Figure(key, dimension, member, _scaled(key, str(whole), float(each) * share))
            for member, each in members
        ]
    return figures


def make_snapshot(
    campaign: Campaign, report: UpwardReport, occasion: Occasion, cases: tuple[Case, ...] = ()
) -> Snapshot:
    return Snapshot(
        id=7,
        campaign_id=campaign.id,
        report_key=report.key,
        period=occasion.period,
        taken_on=occasion.period.end,
        sha256="5f3c" * 16,
        units=(),
        items=(),
        cases=cases,
    )


def _scaled(key: str, value: str, share: float) -> Decimal:
    places = Decimal("0.01") if key.endswith("_amt") or key.startswith("refund") else Decimal(1)
    places = Decimal("0.0001") if key.endswith(("rate", "coverage")) else places
    return (Decimal(value) * Decimal(str(share))).quantize(places)
