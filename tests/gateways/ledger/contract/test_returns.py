"""What any ledger promises about returns and what they do to obligations."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from include.domain.model import Severity
from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import IllegalMove, ObligationState
from include.domain.occasions import Period
from include.domain.returns import SENT_BACK_BY_HAND, FileKind, Finding, Verdict
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    CAMPAIGN,
    MONDAY,
    NEXT_MONDAY,
    NINE,
    accept,
    judge,
    judgement,
    make_change,
    make_item,
    make_notice,
    make_units,
    open_obligations,
    receive,
)

ERROR = Finding(
    "row.amount", "C7 填的是“1,2oo”，应为数字", sheet="自查明细", cell="C7", header="金额", value="1,2oo"
)
HINT = Finding("row.hint", "请核对日期", Severity.WARNING)
TUESDAY = NEXT_MONDAY + timedelta(days=1)
LATER = NINE + timedelta(hours=1)


def state(ledger: Ledger, obligation_id: int) -> ObligationState:
    return ledger.obligations.get(obligation_id).state


def test_an_arrival_is_entered_once_however_often_it_is_seen(ledger: Ledger) -> None:
    first = receive(ledger)
    assert first == receive(ledger, at=LATER)
    assert first.received_at == NINE
    assert first.received_on == NEXT_MONDAY
    assert first.verdict is None
    assert first == ledger.returns.get(first.id)


def test_another_name_or_other_content_is_another_arrival(ledger: Ledger) -> None:
    ids = {
        receive(ledger, "a.xlsx", content=b"1").id,
        receive(ledger, "a.xlsx", content=b"2").id,
        receive(ledger, "b.xlsx", content=b"1").id,
    }
    assert len(ids) == 3


def test_arrival_times_keep_their_zone(ledger: Ledger) -> None:
    assert receive(ledger).received_at.utcoffset() is not None
    assert ledger.returns.pending(CAMPAIGN, received_until=NEXT_MONDAY)[0].received_at == NINE


def test_pending_are_those_without_a_verdict_in_order_of_arrival(ledger: Ledger) -> None:
    late = receive(ledger, "late.xlsx", at=LATER)
    early = receive(ledger, "early.xlsx")
    tomorrow = receive(ledger, "tomorrow.xlsx", at=NINE + timedelta(days=1))
    assert ledger.returns.pending(CAMPAIGN, received_until=NEXT_MONDAY) == [early, late]
    [obligation] = open_obligations(ledger, make_units(1))
    judge(ledger, [judgement(early, obligation)])
    assert ledger.returns.pending(CAMPAIGN, received_until=TUESDAY) == [late, tomorrow]


def test_the_same_bytes_under_another_name_point_to_the_first_arrival(ledger: Ledger) -> None:
    first = receive(ledger, "a.xlsx", content=b"same")
    second = receive(ledger, "b.xlsx", content=b"same")
    third = receive(ledger, "c.xlsx", content=b"same")
    another = receive(ledger, "d.xlsx", content=b"another")
    assert ledger.returns.same_content([first, second, third, another]) == {second.id: first, third.id: first}
    assert ledger.returns.same_content([]) == {}


def test_an_unknown_return_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.returns.get(1)


def test_acceptance_settles_the_obligation_and_keeps_the_figures(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    items = (make_item(1), make_item(2, violation_amt=Decimal("99999999999999.99")))
    file = receive(ledger)
    judge(
        ledger,
        [judgement(file, obligation, items=items, days_late=2, receipt_no="HZ-1", findings=(HINT,))],
        on=TUESDAY,
    )
    settled = ledger.obligations.get(obligation.id)
    assert settled.state is ObligationState.ACCEPTED
    assert (settled.received_on, settled.accepted_on, settled.days_late) == (NEXT_MONDAY, TUESDAY, 2)
    assert settled.is_zero is False
    assert ledger.returns.items(file.id) == items
    judged = ledger.returns.get(file.id)
    assert (judged.verdict, judged.receipt_no) == (Verdict.ACCEPTED, "HZ-1")
    assert (judged.unit_code, judged.obligation_id) == (obligation.unit_code, obligation.id)
    assert judged.findings == ledger.returns.findings(file.id) == (HINT,)


def test_a_zero_return_is_a_return(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    accept(ledger, obligation, is_zero=True)
    assert ledger.obligations.get(obligation.id).is_zero is True


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.ACCEPTED, ObligationState.ACCEPTED),
        (Verdict.ACCEPTED_WITH_WARNINGS, ObligationState.ACCEPTED),
        (Verdict.RETURNED, ObligationState.RETURNED),
        (Verdict.PARTIAL, ObligationState.PARTIAL),
        (Verdict.UNCLAIMED, ObligationState.OPEN),
        (Verdict.DUPLICATE, ObligationState.OPEN),
        (Verdict.KEPT, ObligationState.OPEN),
    ],
)
def test_only_some_verdicts_move_the_obligation(
    ledger: Ledger, verdict: Verdict, expected: ObligationState
) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    judge(ledger, [judgement(receive(ledger), obligation, verdict)])
    assert state(ledger, obligation.id) is expected
    assert ledger.returns.counts(CAMPAIGN) == {verdict: 1}


def test_findings_come_back_in_the_order_found(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    file = receive(ledger)
    judge(ledger, [judgement(file, obligation, Verdict.RETURNED, findings=(ERROR, HINT))])
    assert ledger.returns.findings(file.id) == (ERROR, HINT)
    assert ledger.returns.items(file.id) == ()


def test_a_returned_workbook_can_be_followed_by_an_accepted_one(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    bad, good = receive(ledger, "bad.xlsx"), receive(ledger, "good.xlsx", at=LATER)
    judge(ledger, [judgement(bad, obligation, Verdict.RETURNED), judgement(good, obligation)])
    assert state(ledger, obligation.id) is ObligationState.ACCEPTED
    assert ledger.returns.of_obligation(obligation.id, verdict=Verdict.RETURNED) == ledger.returns.get(bad.id)


@pytest.mark.parametrize("verdict", [Verdict.RETURNED, Verdict.PARTIAL])
def test_a_newer_worse_return_leaves_the_accepted_one_in_force(ledger: Ledger, verdict: Verdict) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    good = accept(ledger, obligation, items=(make_item(),))
    worse = receive(ledger, "worse.xlsx", at=LATER)
    judge(ledger, [judgement(worse, obligation, verdict, findings=(ERROR,))])
    assert state(ledger, obligation.id) is ObligationState.ACCEPTED
    assert ledger.returns.get(worse.id).verdict is verdict
    assert ledger.returns.items(good.id) == (make_item(),)


def test_a_newer_accepted_return_replaces_the_figures_and_not_the_day(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    accept(ledger, obligation, items=(make_item(),))
    newer = receive(ledger, "newer.xlsx", at=LATER + timedelta(days=60))
    corrected = make_item(fund_amt=Decimal("7.00"))
    judge(
        ledger,
        [judgement(newer, obligation, items=(corrected,), days_late=40)],
        on=TUESDAY + timedelta(days=60),
    )
    settled = ledger.obligations.get(obligation.id)
    assert (settled.accepted_on, settled.days_late) == (NEXT_MONDAY, 0)
    snapshot = ledger.snapshots.take(
        CAMPAIGN, "summary", obligation.phase_key, period=Period(TUESDAY, TUESDAY), on=TUESDAY
    )
    assert [item.fund_amt for item in snapshot.items] == [Decimal("7.00")]


def test_a_partial_return_is_completed_by_its_scan(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    table = receive(ledger)
    judge(ledger, [judgement(table, obligation, Verdict.PARTIAL, items=(make_item(),))])
    scan = receive(ledger, "scan.pdf", kind=FileKind.SCAN, at=LATER)
    waiting = ledger.returns.of_obligation(obligation.id, verdict=Verdict.PARTIAL)
    assert waiting is not None
    assert waiting.id == table.id
    assert ledger.returns.completed(CAMPAIGN) == []
    judge(ledger, [judgement(scan, obligation, Verdict.KEPT, obligation_id=None)])
    assert [(o.id, s.id) for o, s in ledger.returns.completed(CAMPAIGN)] == [(obligation.id, scan.id)]
    judge(ledger, [judgement(table, obligation)], on=TUESDAY)
    assert ledger.returns.completed(CAMPAIGN) == []
    assert state(ledger, obligation.id) is ObligationState.ACCEPTED
    assert ledger.returns.items(table.id) == (make_item(),)
    assert ledger.returns.scanned(CAMPAIGN, [obligation.unit_code]) == {obligation.unit_code}
    assert ledger.returns.of_obligation(obligation.id, verdict=Verdict.PARTIAL) is None


def test_the_first_scan_to_come_is_the_one_that_completes(ledger: Ledger) -> None:
    mine, other = open_obligations(ledger, make_units(2))
    files = [receive(ledger, f"{n}.pdf", kind=FileKind.SCAN, at=NINE + timedelta(hours=n)) for n in range(3)]
    owners = [mine, other, mine]
    judge(ledger, [judgement(f, o, Verdict.KEPT) for f, o in zip(files, owners, strict=True)])
    judge(ledger, [judgement(receive(ledger), mine, Verdict.PARTIAL, is_zero=True)])
    assert [(o.unit_code, o.is_zero, scan.name) for o, scan in ledger.returns.completed(CAMPAIGN)] == [
        (mine.unit_code, True, "0.pdf")
    ]
    assert ledger.returns.scanned(CAMPAIGN, [other.unit_code, "H00000000000"]) == {other.unit_code}
    assert ledger.returns.completed("other_2026") == []


def test_a_page_of_corrections_and_the_workbook_made_of_it_are_entered_together(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    page = receive(ledger, "page.xlsx", at=LATER)
    kept = judgement(page, obligation, Verdict.KEPT, obligation_id=None)
    facts = {"name": page.name, "sha256": "1" * 64, "on": TUESDAY, "actor": "test"}
    made = ledger.returns.put_together(kept, **facts)
    assert (made.received_at, made.kind, made.channel) == (page.received_at, page.kind, page.channel)
    assert ledger.returns.pending(CAMPAIGN, received_until=TUESDAY) == [made]
    assert ledger.returns.put_together(kept, **facts) == made
    assert state(ledger, obligation.id) is ObligationState.OPEN


def test_the_newest_is_told_for_each_obligation_and_of_the_verdicts_asked_for(ledger: Ledger) -> None:
    first, second, third = open_obligations(ledger, make_units(3))
    old, new = receive(ledger, "old.xlsx"), receive(ledger, "new.xlsx", at=LATER)
    only = receive(ledger, "only.xlsx")
    judge(
        ledger,
        [
            judgement(new, first, Verdict.RETURNED),
            judgement(old, first, Verdict.RETURNED),
            judgement(only, second, Verdict.PARTIAL),
        ],
    )
    ids = [first.id, second.id, third.id]
    both = ledger.returns.newest(ids, verdicts=[Verdict.RETURNED, Verdict.PARTIAL])
    assert {id_: file.id for id_, file in both.items()} == {first.id: new.id, second.id: only.id}
    assert list(ledger.returns.newest(ids, verdicts=[Verdict.PARTIAL])) == [second.id]
    assert ledger.returns.newest(ids, verdicts=[Verdict.ACCEPTED]) == {}


def test_answers_enter_the_outbox_with_the_verdict_and_never_twice(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    file = receive(ledger)
    answer = make_notice("receipt", kind=NoticeKind.RECEIPT, return_id=file.id, obligation_id=obligation.id)
    for _ in range(2):
        judge(ledger, [judgement(file, obligation)], [answer])
    assert ledger.outbox.counts(CAMPAIGN) == {(NoticeKind.RECEIPT, NoticeState.PLANNED): 1}


def test_a_verdict_given_stands_against_a_later_different_one(ledger: Ledger) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    file = accept(ledger, obligation)
    answer = make_notice("returned", kind=NoticeKind.RETURNED, return_id=file.id)
    judge(ledger, [judgement(file, obligation, Verdict.RETURNED)], [answer])
    assert ledger.returns.get(file.id).verdict is Verdict.ACCEPTED
    assert state(ledger, obligation.id) is ObligationState.ACCEPTED
    assert ledger.outbox.counts(CAMPAIGN) == {}


def test_a_return_for_a_closed_obligation_is_kept_and_reopens_nothing(ledger: Ledger) -> None:
    [unit] = make_units(1)
    [obligation] = open_obligations(ledger, [unit])
    ledger.roster.adjust(CAMPAIGN, [make_change("left", unit, MONDAY)], actor="office_staff")
    file = accept(ledger, obligation)
    assert ledger.returns.get(file.id).verdict is Verdict.ACCEPTED
    assert state(ledger, obligation.id) is ObligationState.CLOSED


# Read again by a person


WHY = Finding(SENT_BACK_BY_HAND, "复核退回：数字不实。")


def send_back(ledger: Ledger, file_id: int, name: str = "back") -> None:
    answer = make_notice(name, kind=NoticeKind.RETURNED, return_id=file_id)
    ledger.returns.send_back(file_id, WHY, answer, on=TUESDAY, actor="经办岗", reason="不实")


def test_what_a_person_sends_back_is_owed_again_answered_once_and_on_record(ledger: Ledger) -> None:
    [owed, *_] = open_obligations(ledger, make_units(2))
    file = accept(ledger, owed, items=(make_item(1),))
    send_back(ledger, file.id)
    now = ledger.obligations.get(owed.id)
    assert (now.state, now.accepted_on, now.is_zero) == (ObligationState.RETURNED, None, False)
    assert ledger.returns.get(file.id).verdict is Verdict.RETURNED
    assert ledger.returns.findings(file.id)[-1] == WHY
    assert ledger.returns.self_checks(CAMPAIGN, owed.form) == []
    with pytest.raises(IllegalMove, match="已退回待重报"):
        send_back(ledger, file.id, "again")
    assert [row.kind for row in ledger.outbox.rows(CAMPAIGN)] == [NoticeKind.RETURNED]
    assert ledger.audit.verify() is None


def test_only_the_return_in_force_can_be_read_again(ledger: Ledger) -> None:
    [owed, *_] = open_obligations(ledger, make_units(2))
    old = accept(ledger, owed)
    newer = receive(ledger, "更正.xlsx", at=LATER)
    judge(ledger, [judgement(newer, owed)], on=TUESDAY)
    for file in (old, receive(ledger, "未校验.xlsx")):
        with pytest.raises(IllegalMove, match="没有办理"):
            ledger.returns.pass_review(file.id, on=TUESDAY, actor="经办岗", reason="属实")
        with pytest.raises(IllegalMove, match="没有办理"):
            send_back(ledger, file.id, f"of {file.id}")
    assert state(ledger, owed.id) is ObligationState.ACCEPTED
    assert ledger.outbox.rows(CAMPAIGN) == []


def test_what_a_person_lets_stand_is_final(ledger: Ledger) -> None:
    [owed, *_] = open_obligations(ledger, make_units(2))
    file = accept(ledger, owed)
    ledger.returns.pass_review(file.id, on=TUESDAY, actor="经办岗", reason="属实")
    assert state(ledger, owed.id) is ObligationState.REVIEWED
    newer = receive(ledger, "又报.xlsx", at=LATER)
    judge(ledger, [judgement(newer, owed, is_zero=True)], on=TUESDAY)
    assert ledger.obligations.get(owed.id).is_zero is False
    with pytest.raises(IllegalMove):
        send_back(ledger, file.id)
