"""What staff ask of the returns of a campaign."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from include.domain.obligations import Obligation
from include.domain.red_flags import SelfCheck
from include.domain.returns import FileKind, Judgement, SelfCheckItem, Verdict
from include.gateways.ledger import Ledger
from tests.gateways.ledger.contract.samples import (
    CAMPAIGN,
    FORM,
    NEXT_MONDAY,
    NINE,
    make_units,
    open_obligations,
)

ITEM = SelfCheckItem(
    1, "其他", "OTHER", "问题", 1, 1, Decimal("10.00"), Decimal("8.00"), Decimal("0.00"), "整改中"
)


def judged(ledger: Ledger, owed: Obligation, verdict: Verdict, *, day: int, **facts: object) -> int:
    """A workbook received and judged so many days after the first one."""
    on = NEXT_MONDAY + timedelta(days=day)
    file = ledger.returns.receive(
        CAMPAIGN,
        name=f"{owed.unit_code}_{day}.xlsx",
        sha256=f"{owed.id:032}{day:032}",
        kind=FileKind.WORKBOOK,
        channel="folder",
        received_at=NINE + timedelta(days=day),
        received_on=on,
    )
    receipt = f"HZ-{file.id}" if verdict is Verdict.ACCEPTED else None
    judgement = Judgement(
        file.id,
        verdict,
        owed.unit_code,
        owed.id,
        receipt_no=receipt,
        **facts,  # type: ignore[arg-type]
    )
    ledger.returns.judge([judgement], [], on=on, actor="check")
    return file.id


def test_a_units_versions_are_its_judged_workbooks_in_order(ledger: Ledger) -> None:
    own, other = open_obligations(ledger, make_units(2))
    first = judged(ledger, own, Verdict.RETURNED, day=0)
    second = judged(ledger, own, Verdict.ACCEPTED, day=2)
    judged(ledger, other, Verdict.ACCEPTED, day=1)
    assert [file.id for file in ledger.returns.of_unit(CAMPAIGN, own.unit_code)] == [first, second]
    assert ledger.returns.of_unit("another", own.unit_code) == []


def test_a_self_check_is_what_the_newest_accepted_return_says(ledger: Ledger) -> None:
    found, zero, sent_back, silent = open_obligations(ledger, make_units(4))
    judged(ledger, found, Verdict.ACCEPTED, day=0, is_zero=True)
    judged(ledger, found, Verdict.ACCEPTED, day=1, items=(ITEM, ITEM))
    judged(ledger, found, Verdict.RETURNED, day=2)
    judged(ledger, zero, Verdict.ACCEPTED, day=0, is_zero=True)
    judged(ledger, sent_back, Verdict.RETURNED, day=0)
    assert ledger.returns.self_checks(CAMPAIGN, FORM) == [
        SelfCheck(found.unit_code, is_zero=False, items=(ITEM, ITEM)),
        SelfCheck(zero.unit_code, is_zero=True, items=()),
    ]
    assert ledger.returns.self_checks(CAMPAIGN, "another") == []
    assert silent.unit_code not in {each.unit_code for each in ledger.returns.self_checks(CAMPAIGN, FORM)}


def test_the_newest_checks_are_days_with_a_verdict_the_newest_first(ledger: Ledger) -> None:
    own, other = open_obligations(ledger, make_units(2))
    first = judged(ledger, own, Verdict.RETURNED, day=0)
    second = judged(ledger, own, Verdict.ACCEPTED, day=4)
    third = judged(ledger, other, Verdict.RETURNED, day=4)
    found = ledger.returns.newest_checks(CAMPAIGN, last=5)
    assert [(day, [file.id for file in files]) for day, files in found.items()] == [
        (NEXT_MONDAY + timedelta(days=4), [second, third]),
        (NEXT_MONDAY, [first]),
    ]
    assert list(ledger.returns.newest_checks(CAMPAIGN, last=1)) == [NEXT_MONDAY + timedelta(days=4)]
    assert ledger.returns.newest_checks("another", last=5) == {}
