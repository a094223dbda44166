"""What `make demo` plays on one machine happens as well on production's components."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from demo.cluster import Cluster
from demo.outcome import PLAYED
from include.domain.notices import NoticeState
from include.domain.sign_off import Hand
from include.gateways.ledger import Ledger
from tests.conftest import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("played") / "home")
    command = [sys.executable, "-m", "demo.run", "--cluster", "--home", str(cluster.home)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="module")
def ledger(played: Cluster) -> Iterator[Ledger]:
    ledger = Ledger(played.ledger_url)
    yield ledger
    ledger.close()


def test_the_whole_job_is_done_on_postgresql(ledger: Ledger) -> None:
    rows = ledger.outbox.rows("wushen_2024")
    assert {row.kind for row in rows if row.state is NoticeState.ACCEPTED} == PLAYED
    edition = ledger.editions.latest("wushen_2024", "self_check_statistics", occasion="once")
    assert edition is not None
    assert edition.went_up
    assert [each.hand for each in ledger.editions.signings(edition.id)] == list(Hand)
    assert ledger.audit.verify() is None


def test_both_schedulers_are_alive_and_no_task_ran_twice(played: Cluster) -> None:
    statuses = played.statuses()
    assert {"scheduler-1", "scheduler-2", "worker-1", "worker-2", "triggerer"} <= set(statuses)
    assert all(statuses.values())
    with played.api() as admin:
        tasks = admin.get("/dags/~/dagRuns/~/taskInstances", limit=1000)["task_instances"]
    assert tasks
    assert [
        task["task_id"]
        for task in tasks
        if task["try_number"] > 1 and not task["task_id"].startswith(("sign_", "approve_"))
    ] == []


def test_the_two_databases_are_shut_to_each_others_account(played: Cluster) -> None:
    import psycopg

    ledger = played.ledger_url.replace("postgresql+psycopg", "postgresql")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(ledger.rsplit("/", 1)[0] + "/airflow")
