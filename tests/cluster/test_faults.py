"""kill -9 in the middle of sending, on every component of production, and what must be true afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import pytest

from demo.cluster import Cluster
from include.domain.notices import NoticeKind
from tests.cluster.office import DAG, LAUNCH, Office

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

UNITS = 5
WORKERS = ("worker-1", "worker-2")


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
    Fault("both schedulers", ("scheduler-1", "scheduler-2")),
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


def test_an_expired_password_loses_nothing(office: Office) -> None:
    units = office.take_units(UNITS)
    office.password_expired(True)
    run_id = office.start(units)
    office.until(
        lambda: office.runs.states(DAG, run_id)["deliver_notices"] == "up_for_retry", "nobody complains"
    )
    assert office.arrived(units) == 0
    office.password_expired(False)
    office.end(run_id)
    office.expect_each_once(units, NoticeKind.LAUNCH, in_doubt=0)


def test_a_task_started_twice_sends_once(office: Office) -> None:
    units = office.take_units(UNITS)
    run_id = office.run(units)
    before = office.copies()
    body = {"dry_run": False, "dag_run_id": run_id, "task_ids": ["deliver_notices"], "only_failed": False}
    office.api.post(f"/dags/{DAG}/clearTaskInstances", body)
    office.end(run_id)
    office.run(units)
    assert office.copies() == before
    office.expect_each_once(units, NoticeKind.LAUNCH, in_doubt=0)


OUTAGES = {
    "1 hour, on the due day": date(2024, 5, 31),
    "1 day, over the due day": date(2024, 6, 3),
    "5 days, over the due day": date(2024, 6, 5),
}
"""The first day on which the scheduler runs again; before that nothing has run since the launch."""


@pytest.mark.parametrize("back_on", OUTAGES.values(), ids=OUTAGES)
def test_after_an_outage_each_unit_gets_the_highest_rung_and_no_stack_of_them(
    back_on: date, office: Office
) -> None:
    units = office.take_units(3)
    office.run(units, LAUNCH)
    office.run(units, back_on)
    office.run(units, back_on)
    chased = office.rows(units, NoticeKind.REMINDER, NoticeKind.OVERDUE)
    assert Counter(str(row.unit_code) for row in chased) == dict.fromkeys(units, 1)
    assert max(office.copies().values()) == 1
