"""What a copy of the ledger is compared by, on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from include.domain.notices import Attachment
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect
from include.gateways.ledger.picture import archived, picture
from tests.gateways.ledger.contract.samples import make_notice, receive

T = TypeVar("T")


def seen(url: str, look: Callable[[Connection], T]) -> T:
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return look(connection)
    finally:
        engine.dispose()


def test_every_file_the_ledger_names_is_asked_for(ledger: Ledger, ledger_url: str) -> None:
    received = receive(ledger)
    attached = [hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b")]
    ledger.outbox.plan([make_notice("with", attachments=tuple(Attachment(each, each) for each in attached))])
    ledger.outbox.plan([make_notice("without")])
    assert seen(ledger_url, archived) == {received.sha256, *attached}


def test_a_picture_changes_with_whatever_changes_in_the_ledger(ledger: Ledger, ledger_url: str) -> None:
    before = seen(ledger_url, picture)
    ledger.outbox.plan([make_notice()])
    after = seen(ledger_url, picture)
    assert (before.audit_end, before.rows["notice"], before.attempts) == (None, 0, 0)
    assert after.audit_end is not None
    assert after.rows["notice"] == 1
    assert after.revision == before.revision
    assert after.revision is not None
