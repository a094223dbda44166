"""Planning one reminder for every unit that still owes: a loop over rows, and one statement.

python -m bench.plan [--size N] [--database sqlite|postgres]

Both plan the same obligations in databases of their own and must end with the same outbox. The PostgreSQL server is
the tests' own, which does not wait for the disk. The loop is
timed at a tenth of the size (at most LOOP_SIZE), in turn with ours at that same size; the speed-up
is the median over the rounds. Ours is then timed at full size: opening, previewing, planning, planning again.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import insert, select

from include.domain.campaign import Owed
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind, NoticeState, SendMode, notice_key
from include.domain.obligations import SETTLED
from include.domain.plans import BulkPlan
from include.domain.units import Unit
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect, upgrade
from include.gateways.ledger.tables import notice, obligation, unit
from tests.gateways import postgres

CAMPAIGN, PHASE, FORM = "bench_2026", "self_check", "self_check_return"
ON, DUE = date(2026, 4, 23), date(2026, 4, 30)
ROUNDS = 5
LOOP_SIZE = 5_000
OWED = Owed(form=FORM, title="自查表", owed_by=(UnitKind.MEDICAL_INSTITUTION,), text="示例")
New = Callable[[str], str]
"""Makes an empty database of that name and returns its address."""
PLAN = BulkPlan(CAMPAIGN, PHASE, FORM, NoticeKind.REMINDER, "t_minus_5", SendMode.LIVE, on=ON, due_on=DUE)


@contextmanager
def databases(kind: str) -> Iterator[New]:
    if kind == "postgres":
        with postgres.running() as server:
            yield server.create
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield lambda name: f"sqlite:///{Path(folder) / name}.db"


def made(url: str, size: int) -> str:
    """A ledger with so many obligations, one in ten without an address, one in ten waived."""
    upgrade(url)
    ledger = Ledger(url)
    units = [
        Unit(
            code=f"H{number:011d}",
            name=f"示例医院{number}",
            kind=UnitKind.MEDICAL_INSTITUTION,
            region_code="530100",
            contact_email=None if number % 10 == 0 else f"h{number}@hospital.example",
        )
        for number in range(size)
    ]
    ledger.roster.freeze(CAMPAIGN, units, [], on=ON, actor="bench", source_sha256="0" * 64)
    ledger.obligations.open(CAMPAIGN, PHASE, OWED, due_on=DUE, on=ON)
    ledger.close()
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(obligation.update().where(obligation.c.id % 10 == 1).values(state="waived"))
    engine.dispose()
    return url


def one_by_one(url: str) -> None:
    """What a first version would do: for each unit look, decide, insert. One transaction, as ours."""
    engine = connect(url)
    with engine.begin() as connection:
        for id_ in connection.scalars(select(obligation.c.id)).all():
            owed = connection.execute(select(obligation).where(obligation.c.id == id_)).one()
            of_unit = select(unit.c.contact_email).where(
                unit.c.campaign_id == CAMPAIGN, unit.c.code == owed.unit_code
            )
            if owed.state in SETTLED or connection.scalar(of_unit) is None:
                continue
            parts = (CAMPAIGN, PHASE, FORM)
            key = notice_key(SendMode.LIVE, *parts, PLAN.step_key, DUE.isoformat(), owed.unit_code)
            if connection.scalar(select(notice.c.id).where(notice.c.key == key)) is not None:
                continue
            connection.execute(
                insert(notice).values(
                    key=key,
                    mode=SendMode.LIVE,
                    campaign_id=CAMPAIGN,
                    phase_key=PHASE,
                    kind=NoticeKind.REMINDER,
                    planned_on=ON,
                    step_key=PLAN.step_key,
                    obligation_id=id_,
                    unit_code=owed.unit_code,
                    due_on=owed.due_on,
                    thread_key=notice_key(SendMode.LIVE, *parts, "launch", owed.unit_code),
                    state=NoticeState.PLANNED,
                )
            )
    engine.dispose()


def in_one_statement(url: str) -> None:
    ledger = Ledger(url)
    ledger.outbox.plan_units(PLAN)
    ledger.close()


def outbox(url: str) -> list[tuple[object, ...]]:
    engine = connect(url)
    columns = [column for column in notice.c if column.name not in ("id", "dispatch_id")]
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(select(*columns).order_by(notice.c.key))]
    engine.dispose()
    return rows


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compared(new: New, size: int) -> float:
    """How many times faster ours is, at the same size, both having written the same."""
    ratios = []
    for number in range(ROUNDS):
        loop, ours = made(new(f"loop_{number}"), size), made(new(f"ours_{number}"), size)
        slow = seconds(lambda url=loop: one_by_one(url))
        fast = seconds(lambda url=ours: in_one_statement(url))
        assert outbox(loop) == outbox(ours), "the two must plan the same notices"
        print(f"round {number + 1}: {size} obligations, loop {slow:.2f} s, one statement {fast:.3f} s")
        ratios.append(slow / fast)
    return statistics.median(ratios)


def at_full_size(new: New, size: int) -> float:
    """Median seconds to plan for all."""
    times = []
    for number in range(3):
        url = made(new(f"full_{number}"), size)
        ledger = Ledger(url)
        previewing = seconds(lambda ledger=ledger: ledger.outbox.preview_units(PLAN))
        times.append(seconds(lambda ledger=ledger: ledger.outbox.plan_units(PLAN)))
        again = seconds(lambda ledger=ledger: ledger.outbox.plan_units(PLAN))
        ledger.close()
        print(f"{size} obligations: preview {previewing:.2f} s, plan {times[-1]:.2f} s, again {again:.2f} s")
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=110_000, help="obligations (default: %(default)s)")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    asked = parser.parse_args()
    size = asked.size
    with databases(asked.database) as new:
        speedup = compared(new, max(1, min(LOOP_SIZE, size // 10)))
        taken = at_full_size(new, size)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "bench": "plan",
                "database": asked.database,
                "size": size,
                "speedup": round(speedup, 1),
                "seconds": round(taken, 3),
                "peak_mb": round(peak_kb / 1024),
            }
        )
    )


if __name__ == "__main__":
    main()
