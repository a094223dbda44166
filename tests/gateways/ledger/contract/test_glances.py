"""What the pages of the office read live, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from include.domain.glances import Contacts, MailTrouble, OwedAsked, Owing, Show, Unhandled, UnitsAsked
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import ObligationState
from include.domain.returns import Judgement, Verdict
from include.gateways.ledger import Ledger
from tests.gateways.ledger.contract.samples import (
    ACTOR,
    CAMPAIGN,
    DUE,
    FORM,
    LEASE,
    MONDAY,
    NEXT_MONDAY,
    NINE,
    PHASE,
    accept,
    claim_one,
    judge,
    judgement,
    make_change,
    make_notice,
    make_unit,
    open_obligations,
    receive,
)

LATER = DUE + timedelta(days=4)
ELSEWHERE = "150626"
ASKED = UnitsAsked(CAMPAIGN, LATER)


@pytest.fixture
def four(ledger: Ledger) -> Ledger:
    """1 accepted, 2 sent back, 3 nothing yet and without an address, 4 nothing yet and of another county."""
    units = [
        make_unit(1),
        make_unit(2),
        make_unit(3, contact_email=None),
        make_unit(4, region_code=ELSEWHERE, name="边界100%医院"),
    ]
    first, second, *_ = open_obligations(ledger, units)
    accept(ledger, first)
    judge(ledger, [judgement(receive(ledger), second, Verdict.RETURNED)])
    return ledger


def owing(units: int, returned: int) -> Owing:
    return Owing(CAMPAIGN, PHASE, FORM, "once", False, DUE, units, returned)


@pytest.mark.parametrize(
    ("campaigns", "until", "regions", "expected"),
    [
        ([CAMPAIGN], DUE, (), [owing(3, 1)]),
        ([CAMPAIGN, "another"], DUE, ("15",), [owing(1, 0)]),
        ([CAMPAIGN], DUE, ("53", "1506"), [owing(3, 1)]),
        ([CAMPAIGN], DUE, ("99",), []),
        ([CAMPAIGN], DUE - timedelta(days=1), (), []),
        (["another"], DUE, (), []),
        ([], DUE, (), []),
    ],
)
def test_what_is_owed_is_counted_by_form_and_day(
    four: Ledger, campaigns: list[str], until: date, regions: tuple[str, ...], expected: list[Owing]
) -> None:
    assert four.glances.owing(campaigns, until=until, on=LATER, regions=regions) == expected


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (ASKED, [1, 2, 3, 4]),
        (replace(ASKED, show=Show.OWING), [2, 3, 4]),
        (replace(ASKED, show=Show.OVERDUE), [2, 3, 4]),
        (replace(ASKED, show=Show.OVERDUE, on=DUE), []),
        (replace(ASKED, show=Show.SETTLED), [1]),
        (replace(ASKED, show=Show.UNREACHABLE), [3]),
        (replace(ASKED, show=Show.LEFT), []),
        (replace(ASKED, show=Show.OWING, phase="another"), []),
        (replace(ASKED, phase=PHASE, form=FORM, due_on=DUE), [1, 2, 3, 4]),
        (replace(ASKED, form="another"), []),
        (replace(ASKED, regions=(ELSEWHERE,)), [4]),
        (replace(ASKED, regions=(ELSEWHERE,), region="530100"), []),
        (replace(ASKED, region="530100", show=Show.OWING), [2, 3]),
        (replace(ASKED, kind=UnitKind.RETAIL_PHARMACY), []),
        (replace(ASKED, text="医院2"), [2]),
        (replace(ASKED, text="h00000000004"), [4]),
        (replace(ASKED, text="100%"), [4]),
        (replace(ASKED, text="示例_院"), []),
        (replace(ASKED, on=MONDAY - timedelta(days=1)), []),
        (replace(ASKED, campaign_id="another"), []),
    ],
)
def test_a_list_shows_the_units_asked_for(four: Ledger, asked: UnitsAsked, numbers: list[int]) -> None:
    expected = [make_unit(number).code for number in numbers]
    assert [line.code for line in four.glances.units(asked, limit=10, offset=0)] == expected
    assert four.glances.count_units(asked) == len(expected)


def test_a_list_comes_in_pages_each_line_with_what_the_unit_owes(four: Ledger) -> None:
    [second] = four.glances.units(ASKED, limit=1, offset=1)
    assert (second.code, second.owed, second.settled, second.overdue) == (make_unit(2).code, 1, 0, 1)
    assert (second.next_due, second.has_address) == (DUE, True)
    [first] = four.glances.units(ASKED, limit=1, offset=0)
    assert (first.settled, first.overdue, first.next_due) == (1, 0, None)
    assert four.glances.units(ASKED, limit=5, offset=4) == []
    assert four.glances.regions(CAMPAIGN, on=LATER) == {ELSEWHERE: 1, "530100": 3}
    assert four.glances.regions(CAMPAIGN, on=LATER, regions=("1506",)) == {ELSEWHERE: 1}


def test_a_unit_that_left_is_on_no_list_but_its_own(four: Ledger) -> None:
    gone = make_change("left", make_unit(3), NEXT_MONDAY, "协议终止")
    four.roster.adjust(CAMPAIGN, [gone], actor=ACTOR)
    left = replace(ASKED, show=Show.LEFT)
    assert [line.code for line in four.glances.units(left, limit=9, offset=0)] == [make_unit(3).code]
    assert four.glances.count_units(ASKED) == 3
    assert four.glances.contacts(CAMPAIGN, on=LATER, told_since=LATER) == Contacts(CAMPAIGN)
    [move] = four.glances.roster_moves(CAMPAIGN, make_unit(3).code)
    assert (move.zh, move.effective_on, move.reason) == ("退出名册", NEXT_MONDAY, "协议终止")
    back = make_change("joined", make_unit(3), NEXT_MONDAY + timedelta(days=7), "重新签约")
    four.roster.adjust(CAMPAIGN, [back], actor=ACTOR)
    assert four.glances.units(left, limit=9, offset=0) == []


def test_mails_that_need_somebody_are_counted(ledger: Ledger) -> None:
    def trouble(*, after: timedelta = timedelta(0), planned_before: date = MONDAY) -> MailTrouble:
        return ledger.glances.mail_trouble(
            CAMPAIGN, now=NINE + after, since=MONDAY, planned_before=planned_before
        )

    ledger.outbox.plan([make_notice("one"), make_notice("two")])
    assert trouble() == MailTrouble(CAMPAIGN)
    assert trouble(planned_before=MONDAY + timedelta(days=1)).stuck == 2
    claim_one(ledger)
    assert trouble(after=LEASE * 2).stuck == 1
    ledger.outbox.expire_leases(now=NINE + LEASE * 2)
    assert trouble() == MailTrouble(CAMPAIGN, in_doubt=1)
    ledger.outbox.record_mail([claim_one(ledger)], NoticeState.REFUSED, at=NINE, detail="550 no such user")
    assert trouble() == MailTrouble(CAMPAIGN, in_doubt=1, refused=1)
    assert ledger.glances.mail_trouble(
        CAMPAIGN, now=NINE, since=NEXT_MONDAY, planned_before=MONDAY
    ) == MailTrouble(CAMPAIGN, in_doubt=1)


def test_files_nobody_was_found_for_are_counted(ledger: Ledger) -> None:
    file = receive(ledger)
    assert ledger.glances.unhandled(CAMPAIGN) == Unhandled(CAMPAIGN)
    judge(ledger, [Judgement(file.id, Verdict.UNCLAIMED)])
    assert ledger.glances.unhandled(CAMPAIGN) == Unhandled(CAMPAIGN, files=1)
    assert ledger.glances.unhandled("another") == Unhandled("another")


def test_the_mails_of_one_unit_and_of_no_other(ledger: Ledger) -> None:
    mine = make_notice("mine", unit_code=make_unit(1).code, kind=NoticeKind.ANNOUNCEMENT)
    other = make_notice("other", unit_code=make_unit(2).code)
    ledger.outbox.plan([mine, other])
    id_ = claim_one(ledger)
    ledger.outbox.record_mail([id_], NoticeState.ACCEPTED, at=NINE, to="a@hospital.example", detail="250 OK")
    [line] = ledger.glances.mails(CAMPAIGN, make_unit(1).code)
    assert (line.id, line.state, line.at, line.recipient) == (
        id_,
        NoticeState.ACCEPTED,
        NINE,
        "a@hospital.example",
    )
    assert ledger.glances.mails("another", make_unit(1).code) == []


def test_a_unit_is_found_in_the_campaigns_asked_about(four: Ledger) -> None:
    code = make_unit(1).code
    assert four.glances.campaigns_of(code, among=[CAMPAIGN, "another"]) == [CAMPAIGN]
    assert four.glances.campaigns_of(code, among=["another"]) == []


def test_obligations_are_listed_page_by_page(four: Ledger) -> None:
    asked = OwedAsked(CAMPAIGN, LATER)
    first = four.glances.owed(asked, after=0, limit=3)
    second = four.glances.owed(asked, after=first[-1].id, limit=3)
    assert [len(first), len(second)] == [3, 1]
    lines = [*first, *second]
    assert [line.unit_code for line in lines] == [make_unit(number).code for number in range(1, 5)]
    assert (lines[0].state, lines[0].accepted_on) == (ObligationState.ACCEPTED, NEXT_MONDAY)
    assert (lines[3].region_code, lines[3].due_on, lines[3].received_on) == (ELSEWHERE, DUE, None)
    assert four.glances.owed(asked, after=lines[-1].id, limit=3) == []


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        ({"state": ObligationState.ACCEPTED}, [1]),
        ({"phase": PHASE, "form": FORM}, [1, 2, 3, 4]),
        ({"phase": "another"}, []),
        ({"form": "another"}, []),
        ({"kind": UnitKind.RETAIL_PHARMACY}, []),
        ({"region": ELSEWHERE}, [4]),
        ({"regions": (ELSEWHERE,)}, [4]),
        ({"regions": ("5301",)}, [1, 2, 3]),
        ({"regions": ("5301",), "region": ELSEWHERE}, []),
        ({"regions": ("%",)}, []),
    ],
)
def test_a_list_of_obligations_is_narrowed(
    four: Ledger, narrowed: dict[str, object], numbers: list[int]
) -> None:
    asked = replace(OwedAsked(CAMPAIGN, LATER), **narrowed)  # type: ignore[arg-type]
    found = four.glances.owed(asked, after=0, limit=9)
    assert [line.unit_code for line in found] == [make_unit(number).code for number in numbers]
