"""An office that sends: a real ledger, real connections where a test asks for them, and everything sent remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from include.campaigns.registry import load_calendar
from include.domain.forms import Form
from include.domain.letters import Office
from include.domain.notices import NoticeState
from include.domain.units import Unit
from include.gateways.form_files import load_forms
from include.gateways.ledger import Ledger
from include.steps import open_phase
from tests import factories
from tests.fakes import (
    FakeArchive,
    FakeDataDocs,
    FakeInbox,
    FakeLetters,
    FakeMailServer,
    FakeQuality,
    FakeStatistics,
    FakeWorkbooks,
)
from tests.steps.conftest import LAUNCH_DAY, FakeGateways

CAMPAIGN = factories.campaign()
PHASE = CAMPAIGN.phase("self_check")
MORNING = factories.at(LAUNCH_DAY.isoformat())
MINUTE = timedelta(minutes=1)

Mail = tuple[str | None, str, str | None, str | None]
"""Recipient, kind, rung, unit."""


@cache
def forms() -> dict[str, Form]:
    return dict(load_forms())


def gateways(ledger_url: str, *, now: Callable[[], datetime] = lambda: MORNING, **given: Any) -> FakeGateways:
    """Those of one process: never shared with another."""
    facts: dict[str, Any] = {
        "ledger": Ledger(ledger_url),
        "inbox": FakeInbox(),
        "archive": FakeArchive(),
        "workbooks": FakeWorkbooks(),
        "quality": FakeQuality(),
        "data_docs": FakeDataDocs(),
        "letters": FakeLetters(),
        "mail_server": FakeMailServer(),
        "statistics": FakeStatistics(),
        "forms": forms(),
        "calendar": load_calendar(),
        "office": Office(name="", mailbox="office@bureau.example"),
        "mail_domain": "bureau.example",
        "now": now,
    }
    return FakeGateways(**(facts | given))


def pharmacies(count: int, *, sharing: int = 3) -> list[Unit]:
    """Of every ten, so many have one contact."""
    return [
        factories.make_unit(
            number, email=f"chain{number // 10}@pharmacy.example" if number % 10 < sharing else ""
        )
        for number in range(count)
    ]


def opened(using: FakeGateways, units: Sequence[Unit]) -> None:
    """The roster frozen, every post held, and every unit owing its return."""
    posts = [factories.make_holder(post.key) for post in CAMPAIGN.posts]
    using.ledger.roster.freeze(
        CAMPAIGN.id, list(units), posts, on=LAUNCH_DAY, actor="test", source_sha256="0" * 64
    )
    open_phase.obligations(CAMPAIGN, PHASE, on=LAUNCH_DAY, using=using)


def states(using: FakeGateways) -> Counter[NoticeState]:
    return Counter(row.state for row in using.ledger.outbox.rows(CAMPAIGN.id))


def mails(using: FakeGateways) -> Counter[Mail]:
    """Everything that was taken over."""
    return Counter(
        (row.recipient, row.kind.value, row.step_key, row.unit_code)
        for row in using.ledger.outbox.rows(CAMPAIGN.id)
        if row.state is NoticeState.ACCEPTED
    )
