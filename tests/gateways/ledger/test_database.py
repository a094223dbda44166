"""What the contract cannot see: exact storage, guarded words, workers side by side, statements that stay few."""

from __future__ import annotations

import inspect as signatures
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from include.domain.notices import NoticeKind, NoticeState, SendMode
from include.domain.obligations import ObligationState
from include.domain.occasions import Period
from include.domain.returns import FileKind
from include.domain.units import RosterFrozen
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect
from include.gateways.ledger.tables import delivery_attempt, notice, self_check_item
from include.steps import ports
from tests.gateways.ledger.contract.samples import (
    ACTOR,
    BEIJING,
    CAMPAIGN,
    DUE,
    LEASE,
    MONDAY,
    NEXT_MONDAY,
    NINE,
    PHASE,
    accept,
    claim_one,
    freeze,
    judge,
    judgement,
    make_change,
    make_item,
    make_notice,
    make_owed,
    make_plan,
    make_unit,
    make_units,
    open_obligations,
    receive,
)

WORKERS = 4
hashes: dict[str, str] = {}


@pytest.mark.parametrize(
    ("part", "port"),
    [
        ("roster", ports.Roster),
        ("obligations", ports.Obligations),
        ("returns", ports.Returns),
        ("outbox", ports.Outbox),
        ("amendments", ports.Amendments),
        ("snapshots", ports.Snapshots),
        ("editions", ports.Editions),
        ("inspection_plans", ports.InspectionPlans),
        ("time_limits", ports.TimeLimits),
    ],
)
def test_each_part_has_exactly_the_ports_methods(part: str, port: type) -> None:
    ledger = Ledger("sqlite://")
    own = {name: method for name, method in vars(type(getattr(ledger, part))).items() if name[0] != "_"}
    wanted = {name: method for name, method in vars(port).items() if name[0] != "_"}
    assert own.keys() == wanted.keys()
    for name, method in wanted.items():
        assert signatures.signature(own[name]) == signatures.signature(method), name


def test_importing_and_making_a_ledger_opens_nothing() -> None:
    code = (
        "from include.gateways.ledger import Ledger\n"
        "ledger = Ledger('postgresql://nobody@192.0.2.1/none')\n"
        "assert 'engine' not in vars(ledger._database)\n"
        "ledger.close()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_sqlite_ledger_survives_a_power_cut_and_keeps_its_references(tmp_path: Any) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'ledger.db'}")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2, "FULL: NORMAL may forget sent mails"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA busy_timeout")) == 60_000
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE obligation SET state = 'finished'",
        "UPDATE obligation SET unit_kind = 'shop'",
        "UPDATE obligation SET filled_by = 'nobody'",
        "UPDATE obligation SET closed_by = 99",
        "INSERT INTO finding (return_id, rule, message, severity, sheet, cell, header, value) "
        "VALUES (99, 'r', 'm', 'error', '', '', '', '')",
    ],
)
def test_the_database_itself_refuses_unknown_words_and_dangling_references(
    ledger: Ledger, ledger_url: str, statement: str
) -> None:
    open_obligations(ledger, make_units(1))
    engine = connect(ledger_url)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_money_is_added_up_to_the_fen_in_the_database(ledger: Ledger, ledger_url: str) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    items = [make_item(seq, fund_amt=Decimal("0.10")) for seq in range(1, 4)]
    accept(ledger, obligation, items=(*items, make_item(4, fund_amt=Decimal("99999999999999.69"))))
    engine = connect(ledger_url)
    with engine.connect() as connection:
        total = connection.scalar(select(func.sum(self_check_item.c.fund_amt)))
    engine.dispose()
    assert str(total) == "99999999999999.99"


@pytest.mark.parametrize("amount", ["0.001", "100000000000000.00", "NaN"])
def test_an_amount_that_would_be_rounded_is_refused(ledger: Ledger, amount: str) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    with pytest.raises(Exception, match="须精确到分"):
        accept(ledger, obligation, items=(make_item(fund_amt=Decimal(amount)),))
    assert ledger.obligations.get(obligation.id).state is ObligationState.OPEN


def test_moments_are_the_same_moment_whatever_the_zone_and_come_out_in_beijing(ledger: Ledger) -> None:
    utc = datetime(2026, 3, 9, 1, 0, 0, 5, tzinfo=UTC)
    file = receive(ledger, at=utc)
    assert file.received_at == utc
    assert file.received_at.utcoffset() == BEIJING.utcoffset(NINE)


def test_a_moment_without_a_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Exception, match="没有时区"):
        ledger.returns.receive(
            CAMPAIGN,
            name="a.xlsx",
            sha256="a" * 64,
            kind=FileKind.WORKBOOK,
            channel="folder",
            received_at=datetime(2026, 3, 9, 9, 0),
            received_on=NEXT_MONDAY,
        )


def test_every_attempt_is_kept_with_the_servers_words(ledger: Ledger, ledger_url: str) -> None:
    ledger.outbox.plan([make_notice()])
    ledger.outbox.release(claim_one(ledger), at=NINE, not_before=NINE, detail="421 busy")
    ledger.outbox.record_mail(
        [claim_one(ledger)], NoticeState.ACCEPTED, at=NINE, to="a@unit.example", detail="250 Ok"
    )
    engine = connect(ledger_url)
    with engine.connect() as connection:
        found = connection.execute(select(delivery_attempt).order_by(delivery_attempt.c.id)).all()
    engine.dispose()
    assert [(each.number, each.state.value, each.detail, each.recipient) for each in found] == [
        (1, "planned", "421 busy", None),
        (2, "accepted", "250 Ok", "a@unit.example"),
    ]
    assert {each.at for each in found} == {NINE}


def test_a_correction_entered_late_falls_into_its_place(ledger: Ledger) -> None:
    first, second, third = (make_unit(1, contact_phone=phone) for phone in "123")
    freeze(ledger, [first])
    friday = NEXT_MONDAY + timedelta(days=4)
    ledger.roster.adjust(CAMPAIGN, [make_change("changed", third, friday)], actor=ACTOR)
    ledger.roster.adjust(CAMPAIGN, [make_change("changed", second, NEXT_MONDAY)], actor=ACTOR)
    days = (MONDAY, NEXT_MONDAY, friday)
    phones = [ledger.roster.units(CAMPAIGN, on=day)[0].contact_phone for day in days]
    assert phones == ["1", "2", "3"]


def test_a_change_to_a_unit_that_has_left_does_not_bring_it_back(ledger: Ledger) -> None:
    unit = make_unit(1)
    freeze(ledger, [unit])
    changes = [
        make_change("left", unit, NEXT_MONDAY),
        make_change("changed", make_unit(1, name="新名"), NEXT_MONDAY + timedelta(days=1)),
    ]
    ledger.roster.adjust(CAMPAIGN, changes, actor=ACTOR)
    assert ledger.roster.units(CAMPAIGN, on=NEXT_MONDAY + timedelta(days=9)) == []


def test_a_unit_that_rejoins_owes_again_what_its_leaving_closed(ledger: Ledger) -> None:
    unit = make_unit(1)
    [obligation] = open_obligations(ledger, [unit])
    ledger.obligations.open(CAMPAIGN, "mobilization", make_owed(), due_on=MONDAY, on=MONDAY, closed=True)
    ledger.roster.adjust(CAMPAIGN, [make_change("left", unit, NEXT_MONDAY)], actor=ACTOR)
    ledger.roster.adjust(
        CAMPAIGN, [make_change("joined", unit, NEXT_MONDAY + timedelta(days=2))], actor=ACTOR
    )
    assert ledger.obligations.get(obligation.id).state is ObligationState.OPEN
    assert ledger.obligations.counts(CAMPAIGN, "mobilization") == {ObligationState.CLOSED: 1}


def test_adjustments_do_not_touch_the_frozen_rows(ledger: Ledger, ledger_url: str) -> None:
    units = make_units(3)
    freeze(ledger, units)
    changes = [
        make_change("left", units[0], NEXT_MONDAY),
        make_change("changed", make_unit(2, name="新名"), NEXT_MONDAY),
        make_change("joined", make_unit(4), NEXT_MONDAY),
    ]
    ledger.roster.adjust(CAMPAIGN, changes, actor=ACTOR)
    engine = connect(ledger_url)
    with engine.connect() as connection:
        names = connection.scalars(text("SELECT name FROM unit WHERE change_id IS NULL ORDER BY code"))
        assert list(names) == [unit.name for unit in units]
        assert connection.scalar(text("SELECT unit_count FROM roster")) == 3
    engine.dispose()


def test_snapshots_have_the_same_hash_on_every_database(ledger: Ledger, kind_of_database: str) -> None:
    units = [make_unit(1), make_unit(2, code="a1", name="小写编码"), make_unit(3, code="示例3")]
    first, *_ = open_obligations(ledger, units)
    accept(ledger, first, items=(make_item(2), make_item(1)))
    snapshot = ledger.snapshots.take(
        CAMPAIGN, "summary", PHASE, period=Period(NEXT_MONDAY, NEXT_MONDAY), on=NEXT_MONDAY
    )
    hashes[kind_of_database] = snapshot.sha256
    assert len(set(hashes.values())) == 1


def statements(ledger: Ledger, work: Callable[[], object]) -> int:
    """How many statements the work takes."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    engine = ledger._database.engine
    event.listen(engine, "before_cursor_execute", counted)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", counted)
    return count


def test_planning_takes_no_more_statements_for_more_units(ledger: Ledger) -> None:
    freeze(ledger, make_units(500))
    opening = statements(
        ledger, lambda: ledger.obligations.open(CAMPAIGN, PHASE, make_owed(), due_on=DUE, on=MONDAY)
    )
    planning = statements(ledger, lambda: ledger.outbox.plan_units(make_plan()))
    assert ledger.outbox.counts(CAMPAIGN) == {(NoticeKind.LAUNCH, NoticeState.PLANNED): 500}
    assert opening <= 5
    assert planning <= 8


def test_more_units_than_a_statement_has_room_for_can_be_named(ledger: Ledger) -> None:
    units = make_units(3)
    open_obligations(ledger, units)
    many = frozenset({unit.code for unit in units} | {f"X{n:011d}" for n in range(33_000)})
    assert len(ledger.outbox.preview_units(make_plan(units=many))) == 3
    assert ledger.outbox.plan_units(make_plan(units=many)).entered == 3


def side_by_side(url: str, work: Callable[[Ledger], None]) -> None:
    """Run the work in several workers at once, each with a connection of its own; raise what they raise."""
    together = threading.Barrier(WORKERS)
    troubles: list[BaseException] = []

    def worker() -> None:
        ledger = Ledger(url)
        try:
            together.wait()
            work(ledger)
        except BaseException as trouble:
            troubles.append(trouble)
        finally:
            ledger.close()

    threads = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]


def test_two_workers_never_claim_the_same_notice_and_none_is_left(ledger: Ledger, ledger_url: str) -> None:
    ledger.outbox.plan([make_notice(f"{number:04d}") for number in range(200)])
    claimed: list[int] = []

    def work(own: Ledger) -> None:
        while batch := own.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=7, now=NINE, lease=LEASE):
            claimed.extend(each.id for each in batch)

    side_by_side(ledger_url, work)
    assert len(claimed) == len(set(claimed)) == 200
    assert ledger.audit.verify() is None


def test_planning_side_by_side_enters_each_notice_once(ledger: Ledger, ledger_url: str) -> None:
    open_obligations(ledger, make_units(100))
    entered: list[int] = []

    def work(own: Ledger) -> None:
        counts = own.outbox.plan_units(make_plan())
        entered.append(counts.entered)
        assert counts.entered + sum(counts.left_out.values()) == 100

    side_by_side(ledger_url, work)
    assert sum(entered) == 100


def test_judging_side_by_side_waits_and_gives_one_verdict(ledger: Ledger, ledger_url: str) -> None:
    obligations = open_obligations(ledger, make_units(20))
    files = [receive(ledger, f"{each.unit_code}.xlsx") for each in obligations]
    batch = [judgement(file, each) for file, each in zip(files, obligations, strict=True)]
    answers = [make_notice(str(file.id), return_id=file.id) for file in files]

    orders = cycle([batch, batch[::-1]])

    def work(own: Ledger) -> None:
        judge(own, next(orders), answers)

    side_by_side(ledger_url, work)
    assert ledger.obligations.counts(CAMPAIGN, PHASE) == {ObligationState.ACCEPTED: 20}
    assert len(ledger.outbox.rows(CAMPAIGN)) == 20
    assert ledger.audit.verify() is None


def test_freezing_side_by_side_lets_one_file_win(ledger: Ledger, ledger_url: str) -> None:
    outcomes: list[str] = []
    numbers = iter(range(WORKERS))

    def work(own: Ledger) -> None:
        sha256 = str(next(numbers)) * 64
        try:
            own.roster.freeze(CAMPAIGN, make_units(5), [], on=MONDAY, actor=ACTOR, source_sha256=sha256)
            outcomes.append("frozen")
        except RosterFrozen:
            outcomes.append("refused")

    side_by_side(ledger_url, work)
    assert sorted(outcomes) == ["frozen", *["refused"] * (WORKERS - 1)]
    assert len(ledger.roster.units(CAMPAIGN, on=MONDAY)) == 5


def test_a_restarted_database_keeps_what_was_committed(ledger: Ledger, ledger_url: str) -> None:
    ledger.outbox.plan([make_notice()])
    ledger.close()
    again = Ledger(ledger_url)
    assert len(again.outbox.rows(CAMPAIGN)) == 1
    again.close()


def test_addresses_are_not_in_the_outbox_before_the_mail_is_handed_over(
    ledger: Ledger, ledger_url: str
) -> None:
    open_obligations(ledger, make_units(2))
    ledger.outbox.plan_units(make_plan())
    engine = connect(ledger_url)
    with engine.connect() as connection:
        found = connection.execute(select(notice)).all()
    engine.dispose()
    assert not any("hospital.example" in str(value) for row in found for value in row)


def test_only_the_newer_of_two_accepted_returns_counts_in_whatever_order_they_are_judged(
    ledger: Ledger,
) -> None:
    [obligation] = open_obligations(ledger, make_units(1))
    older = receive(ledger, "older.xlsx")
    newer = receive(ledger, "newer.xlsx", at=NINE + timedelta(hours=1))
    base = judgement(newer, obligation, items=(make_item(fund_amt=Decimal(2)),))
    judge(ledger, [base])
    judge(ledger, [replace(base, return_id=older.id, items=(make_item(fund_amt=Decimal(1)),))])
    snapshot = ledger.snapshots.take(
        CAMPAIGN, "summary", PHASE, period=Period(NEXT_MONDAY, NEXT_MONDAY), on=NEXT_MONDAY
    )
    assert [item.fund_amt for item in snapshot.items] == [Decimal("2.00")]


def test_what_is_read_at_one_moment_is_of_one_moment(ledger: Ledger) -> None:
    ledger.outbox.plan([make_notice("before")])
    with ledger.at_one_moment():
        assert len(ledger.outbox.rows(CAMPAIGN)) == 1
        with ThreadPoolExecutor(1) as other:
            other.submit(ledger.outbox.plan, [make_notice("meanwhile")]).result()
            assert other.submit(lambda: len(ledger.outbox.rows(CAMPAIGN))).result() == 2
        assert len(ledger.outbox.rows(CAMPAIGN)) == 1
    assert len(ledger.outbox.rows(CAMPAIGN)) == 2


def test_a_moment_ends_with_an_error_in_it_too(ledger: Ledger) -> None:
    with pytest.raises(KeyError), ledger.at_one_moment():
        ledger.obligations.get(7)
    ledger.outbox.plan([make_notice()])
    assert len(ledger.outbox.rows(CAMPAIGN)) == 1
