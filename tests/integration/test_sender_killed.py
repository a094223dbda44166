"""kill -9 at any point of sending: nothing is lost, nothing goes out twice, what nobody knows is listed."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from include.domain.notices import NoticeState
from include.domain.quota import Quota
from include.gateways.watermark import Watermark
from include.steps import deliver, plan
from tests.gateways.mail_builders import free_port, live, parsed
from tests.integration.sending import CAMPAIGN, MINUTE, MORNING, PHASE, gateways, opened, pharmacies, states
from tests.steps.conftest import LAUNCH_DAY, FakeGateways

KILLS = 50
AT_MOST = 20.0
"""Seconds; a sender that gets nowhere fails the test instead of hanging it."""
FORK = multiprocessing.get_context("fork")
"""A sender that has everything imported already is there in milliseconds."""


class Postman:
    """Remembers every mail from the moment the server is answerable for it (RFC 5321 §4.2.5)."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert len(envelope.rcpt_tos) == 1
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 2.0.0 OK queued"

    def units(self) -> Counter[str]:
        """How often each unit was written to: each mail carries the workbooks of its units."""
        return Counter(
            name.split("_")[0]
            for content in self.taken
            for part in parsed(content).iter_attachments()
            if (name := str(part.get_filename())).endswith(".xlsx")
        )


@contextmanager
def post_office() -> Iterator[tuple[int, Postman]]:
    postman = Postman()
    port = free_port()
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, postman
    finally:
        controller.stop()


def office(ledger_url: str, port: int, connections: int, mark: Path, now: datetime) -> FakeGateways:
    server = live(port, login=None, password=None, quota=Quota(connections=connections))
    return gateways(ledger_url, now=lambda: now, mail_server=server, watermark=Watermark(mark))


def send(ledger_url: str, port: int, connections: int, mark: Path, now: datetime) -> None:
    using = office(ledger_url, port, connections, mark, now)
    deliver.notices(CAMPAIGN, on=LAUNCH_DAY, using=using)
    using.ledger.close()


@pytest.mark.parametrize(("connections", "units"), [(1, 300), (4, 480)])
def test_a_sender_killed_fifty_times_loses_nothing_and_sends_nothing_twice(
    sqlite_url: str, tmp_path: Path, connections: int, units: int
) -> None:
    chance = random.Random(connections)
    now, mark = MORNING, tmp_path / "sending_mark"
    roster = pharmacies(units)
    planner = gateways(sqlite_url)
    opened(planner, roster)
    planned = plan.launch(CAMPAIGN, PHASE, on=LAUNCH_DAY, units=None, using=planner).entered
    assert planned == units
    planner.ledger.close()  # a forked process must not share its connections

    with post_office() as (port, postman):
        for kill in range(KILLS):
            sender = FORK.Process(target=send, args=(sqlite_url, port, connections, mark, now))
            sender.start()
            enough, patience = len(postman.taken) + chance.randrange(4), time.monotonic() + AT_MOST
            while len(postman.taken) < enough and time.monotonic() < patience:
                time.sleep(0.0005)
            time.sleep(chance.uniform(0, 0.02))
            assert sender.is_alive(), f"there was nothing left to send at kill {kill}"
            sender.kill()
            sender.join()
            now += deliver.LEASE + MINUTE
        send(sqlite_url, port, connections, mark, now)
        delivered = postman.units()

    using = gateways(sqlite_url)
    outcome = {
        str(row.unit_code): (row.state, row.message_id) for row in using.ledger.outbox.rows(CAMPAIGN.id)
    }
    certain = {code for code, (state, _) in outcome.items() if state is NoticeState.ACCEPTED}
    doubtful = {code for code, (state, _) in outcome.items() if state is NoticeState.IN_DOUBT}
    contacts = {str(unit.contact_email) for unit in roster if unit.code in doubtful}
    assert certain | doubtful == {unit.code for unit in roster}
    assert len(certain) + len(doubtful) == planned
    assert all(delivered[code] == 1 for code in certain)
    assert all(delivered[code] <= 1 for code in doubtful)
    assert 0 < len(contacts) <= KILLS * connections
    assert {row.unit_code for row in using.ledger.outbox.in_doubt(CAMPAIGN.id)} == doubtful
    assert states(using)[NoticeState.SENDING] == 0
    assert using.ledger.outbox.stops() == []
