"""One mail job on production's components: two Celery workers against one.

python -m bench.cluster [--size N] [--rounds R]

The cluster is that of ``docker-compose.yml`` as plain processes (PostgreSQL and Redis must be installed), each worker
with one place for a task. The job: the reminders of one rung to the same units, planned in the ledger; two tasks of two
flows are asked to send them. The mail server takes a second for a mail, as a provider's does. With one worker the second
task waits for the first; with two both send from the one outbox, and each mail must have arrived exactly once.

Timed from the first mail to the last, so that the start of tasks (seconds of a processor) is not counted; the whole job,
from the request to the end of both runs, is told beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from demo.cluster import ClusterPorts
from include.domain.ladder import step_day
from include.domain.notices import NoticeKind, NoticeState
from include.steps import plan
from tests.cluster.mail import PAUSE
from tests.cluster.office import CAMPAIGN, INTAKE, PHASE, Office
from tests.cluster.tested import TriedCluster

FOLLOW = "follow_registers"
SIZE = 40


class Workplace(TriedCluster):
    """A worker works on one task at a time."""

    def _values(self, ports: ClusterPorts) -> dict[str, str]:
        return super()._values(ports) | {"DUBAN_WORKER_CONCURRENCY": "1", "DUBAN_PARALLELISM": "2"}

    def revive(self) -> list[str]:
        """A worker that was sent home stays there."""
        return []


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of sending, and of the whole job."""

    sending: float
    job: float


def remind(office: Office, units: list[str], rung: int) -> Timing:
    """The reminders of that rung, planned first and then sent by whichever tasks get to run."""
    step = CAMPAIGN.ladder[rung]
    on = step_day(step, PHASE.due, office.using.calendar)
    plan.reminders(CAMPAIGN, PHASE, on=on, units=frozenset(units), step_key=step.key, using=office.using)
    office.slow(True)
    began = time.time()
    runs = [(dag_id, office.runs.start(dag_id, on)) for dag_id in (FOLLOW, INTAKE)]
    for dag_id, run_id in runs:
        office.end(run_id, dag_id=dag_id)
    ended = time.time()
    office.slow(False)
    arrived = _arrivals(office, units, step.key)
    return Timing(max(arrived) - min(arrived), ended - began)


def _arrivals(office: Office, units: list[str], step_key: str) -> list[float]:
    """When each mail arrived. Every unit has exactly one."""
    kinds = (NoticeKind.REMINDER, NoticeKind.OVERDUE)
    rows = [row for row in office.rows(units, *kinds) if row.step_key == step_key]
    assert sorted(str(row.unit_code) for row in rows) == sorted(units)
    assert {row.state for row in rows} == {NoticeState.ACCEPTED}
    copies = office.copies()
    assert {copies[str(row.message_id)] for row in rows} == {1}
    return [file.stat().st_mtime for file in office.files({str(row.message_id) for row in rows})]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="mails of a job (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="default: %(default)s")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cluster = Workplace(Path(folder), imap=None)
        try:
            cluster.start()
            cluster.wait_until_healthy(300)
            os.environ.update({name: text for name, text in cluster.env.items() if name.startswith("DUBAN_")})
            office = Office(cluster)
            office.announce()
            office.runs.wait_for_dag(FOLLOW)
            units = office.take_units(asked.size)
            timings = [_round(cluster, office, units, number) for number in range(asked.rounds)]
            office.close()
        finally:
            cluster.remove()
    ratio = statistics.median(one.sending / two.sending for one, two in timings)
    result = {
        "bench": "cluster",
        "size": asked.size,
        "speedup": round(ratio, 2),
        "job_speedup": round(statistics.median(one.job / two.job for one, two in timings), 2),
        "seconds": round(statistics.median(two.sending for _, two in timings), 1),
        "seconds_per_mail_of_the_server": PAUSE,
    }
    print(json.dumps(result))


def _round(cluster: Workplace, office: Office, units: list[str], number: int) -> tuple[Timing, Timing]:
    """The same job with one worker and with two."""
    cluster.kill("worker-2")
    one = remind(office, units, 2 * number)
    cluster.start_again("worker-2")
    two = remind(office, units, 2 * number + 1)
    print(
        f"round {number + 1}: {len(units)} mails, one worker {one.sending:.1f} s (job {one.job:.1f} s), "
        f"two {two.sending:.1f} s (job {two.job:.1f} s), x{one.sending / two.sending:.2f}",
        flush=True,
    )
    return one, two


if __name__ == "__main__":
    main()
