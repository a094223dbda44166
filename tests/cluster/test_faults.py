"""kill -9 in the middle of sending, on every component of production, and what must be true afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import pytest

from demo.cluster import Cluster
from include.domain.notices import NoticeKind, NoticeState
from tests.cluster.office import DAG, LAUNCH, Office

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

UNITS = 5
RUNS = 6
WORKERS, SCHEDULERS = ("worker-1", "worker-2"), ("scheduler-1", "scheduler-2")


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    killed: tuple[str, ...]
    whole_family: bool = True
    """A container takes everything with it; a crash leaves what the process had started."""
    in_doubt: int = 0
    """Mails at most that nobody can tell of: those handed over at that moment."""


FAULTS = (
    Fault("workers as containers", WORKERS, in_doubt=4),
    Fault("workers alone, their tasks live on", WORKERS, whole_family=False),
    Fault("one scheduler", ("scheduler-1",)),
    Fault("both schedulers", SCHEDULERS),
    Fault("dag-processor", ("dag-processor",)),
    Fault("api-server", ("api-server",)),
    Fault("redis", ("redis",)),
    Fault("postgres", ("postgres",), in_doubt=4),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_after_a_crash_every_unit_is_written_to_once_or_listed(
    fault: Fault, cluster: Cluster, office: Office
) -> None:
    units = office.take_units(UNITS)
    office.slow(True)
    run_id = office.start(units)
    office.until(lambda: office.arrived(units) >= 2, "no mail arrives")
    for name in fault.killed:
        cluster.kill(name, whole_family=fault.whole_family)
    assert not any(cluster.statuses()[name] for name in fault.killed)
    office.slow(False)
    office.end(run_id)
    office.expect_each_once(units, NoticeKind.LAUNCH, in_doubt=fault.in_doubt)


def test_an_expired_password_loses_nothing_and_is_told(office: Office) -> None:
    units = office.take_units(UNITS)
    with office.told_once("发送"):
        office.password_expired(True)
        run_id = office.start(units)
        office.hears_of("发送")
        assert office.arrived(units) == 0
        office.password_expired(False)
        office.go_on(run_id)
    office.expect_each_once(units, NoticeKind.LAUNCH, in_doubt=0)


def test_a_task_started_twice_sends_once(office: Office) -> None:
    units = office.take_units(UNITS)
    run_id = office.run(units)
    before = office.copies()
    body = {"dry_run": False, "dag_run_id": run_id, "task_ids": ["deliver_notices"], "only_failed": False}
    office.api.post(f"/dags/{DAG}/clearTaskInstances", body)
    office.end(run_id)
    assert office.copies() == before
    office.expect_each_once(units, NoticeKind.LAUNCH, in_doubt=0)


def test_two_schedulers_share_many_runs_for_the_same_units(cluster: Cluster, office: Office) -> None:
    units = office.take_units(UNITS)
    runs = [office.start(units) for _ in range(RUNS)]
    for run_id in runs:
        office.end(run_id)
    office.expect_each_once(units, NoticeKind.LAUNCH, in_doubt=0)
    assert cluster.statuses()["scheduler-1"]
    assert cluster.statuses()["scheduler-2"]
    assert office.schedulers_of(runs) == 2


OUTAGES = {
    "1 hour, on the due day": (date(2024, 5, 31), "due_day"),
    "1 day, over the due day": (date(2024, 6, 3), "overdue_1"),
    "5 days, over the due day": (date(2024, 6, 5), "overdue_3"),
}
"""The first day on which the schedulers run again, and the rung reached by then; since the launch nothing has run."""


def test_after_an_outage_each_unit_gets_the_highest_rung_and_no_stack_of_them(
    cluster: Cluster, office: Office
) -> None:
    units = {outage: office.take_units(2) for outage in OUTAGES}
    everybody = [unit for each in units.values() for unit in each]
    office.run(everybody, LAUNCH)
    for outage, (back_on, rung) in OUTAGES.items():
        for name in SCHEDULERS:
            cluster.kill(name)
        before = office.copies()
        run_id = office.start(units[outage], back_on)
        assert office.copies() == before
        office.end(run_id)
        chased = office.rows(units[outage], NoticeKind.REMINDER, NoticeKind.OVERDUE)
        assert {(str(row.unit_code), row.step_key) for row in chased} == {
            (unit, rung) for unit in units[outage]
        }
        assert len(chased) == len(units[outage]), "none of the rungs that were passed over"
    office.run(everybody, date(2024, 6, 5))
    chased = office.rows(everybody, NoticeKind.REMINDER, NoticeKind.OVERDUE)
    sent = Counter((str(row.unit_code), row.step_key) for row in chased)
    assert set(sent.values()) == {1}
    assert {row.state for row in chased} == {NoticeState.ACCEPTED}
    assert max(office.copies().values()) == 1
