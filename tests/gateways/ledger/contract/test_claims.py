"""Files nobody could be found for, and what staff decide about them."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.returns import FileKind, Finding, Judgement, ReturnFile, Verdict
from include.gateways.ledger import Ledger
from tests.gateways.ledger.contract.samples import CAMPAIGN, NEXT_MONDAY, NINE, make_unit

UNIT = make_unit(1).code
DECIDED = {"on": date(2026, 3, 10), "actor": "办公室工作人员", "reason": "电话核实"}


@pytest.fixture
def lost(ledger: Ledger) -> ReturnFile:
    file = ledger.returns.receive(
        CAMPAIGN,
        name="表.xlsx",
        sha256="b" * 64,
        kind=FileKind.WORKBOOK,
        channel="folder",
        received_at=NINE,
        received_on=NEXT_MONDAY,
    )
    unclaimed = Judgement(file.id, Verdict.UNCLAIMED, findings=(Finding("unit.unknown", "单位不明"),))
    ledger.returns.judge([unclaimed], [], on=NEXT_MONDAY, actor="check")
    return file


def test_an_unclaimed_file_waits_with_what_was_found(ledger: Ledger, lost: ReturnFile) -> None:
    [waiting] = ledger.claims.waiting(CAMPAIGN)
    assert (waiting.id, waiting.name) == (lost.id, "表.xlsx")
    assert [finding.rule for finding in waiting.findings] == ["unit.unknown"]
    assert ledger.claims.waiting("another") == []


def test_an_assigned_file_is_open_for_the_next_check_and_keeps_when_it_came(
    ledger: Ledger, lost: ReturnFile
) -> None:
    ledger.claims.assign(lost.id, UNIT, name="表（认领）.xlsx", **DECIDED)
    assert ledger.claims.waiting(CAMPAIGN) == []
    [pending] = ledger.returns.pending(CAMPAIGN, received_until=NEXT_MONDAY)
    assert (pending.id, pending.unit_code, pending.name) == (lost.id, UNIT, "表（认领）.xlsx")
    assert (pending.received_at, pending.verdict, pending.findings) == (NINE, None, ())
    assert ledger.audit.verify() is None


def test_what_was_set_aside_is_kept_with_its_reason_and_never_pending(
    ledger: Ledger, lost: ReturnFile
) -> None:
    ledger.claims.set_aside(lost.id, **DECIDED)
    kept = ledger.returns.get(lost.id)
    assert (kept.verdict, kept.unit_code) == (Verdict.KEPT, None)
    [note] = kept.findings
    assert "电话核实" in note.message
    assert ledger.returns.pending(CAMPAIGN, received_until=DECIDED["on"]) == []  # type: ignore[arg-type]
    assert ledger.claims.waiting(CAMPAIGN) == []


def test_the_second_of_two_who_decide_is_told_and_changes_nothing(ledger: Ledger, lost: ReturnFile) -> None:
    ledger.claims.assign(lost.id, UNIT, name="表（认领）.xlsx", **DECIDED)
    for decide in (
        lambda: ledger.claims.set_aside(lost.id, **DECIDED),
        lambda: ledger.claims.assign(lost.id, make_unit(2).code, name="x.xlsx", **DECIDED),
        lambda: ledger.claims.set_aside(lost.id + 1, **DECIDED),
    ):
        with pytest.raises(ValueError, match="已不在待认领之列"):
            decide()
    assert ledger.returns.get(lost.id).unit_code == UNIT
