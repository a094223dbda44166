"""A desk with a real ledger (SQLite) and fakes for the rest, for a campaign whose roster is frozen."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pytest

from include.campaigns.registry import load_calendar
from include.domain.campaign import Campaign, Phase
from include.domain.forms import Form
from include.domain.letters import Office
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import Obligation
from include.domain.penalties import Law
from include.domain.plans import SendingRules
from include.domain.units import Unit
from include.domain.workdays import WorkdayCalendar
from include.gateways.form_files import load_forms
from include.gateways.incoming_mail import MailReader
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import upgrade
from include.gateways.penalty_file import load_law
from include.steps import open_phase
from tests import factories
from tests.fakes import (
    FakeArchive,
    FakeDataDocs,
    FakeDocuments,
    FakeInbox,
    FakeLetters,
    FakeMailServer,
    FakeQuality,
    FakeStatistics,
    FakeWatermark,
    FakeWorkbooks,
)

LAUNCH_DAY = date(2024, 5, 6)


@dataclass(frozen=True)
class FakeGateways:
    """The port of all ports, filled by hand."""

    ledger: Ledger
    inbox: FakeInbox
    archive: FakeArchive
    workbooks: FakeWorkbooks
    quality: FakeQuality
    data_docs: FakeDataDocs
    letters: FakeLetters
    mail_server: FakeMailServer
    statistics: FakeStatistics
    forms: Mapping[str, Form]
    calendar: WorkdayCalendar
    office: Office
    mail_domain: str
    now: Callable[[], datetime]
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    watermark: FakeWatermark = field(default_factory=FakeWatermark)
    sending: SendingRules = field(default_factory=SendingRules)
    mail_reader: MailReader = field(default_factory=MailReader)
    law: Law = field(default_factory=load_law)


@dataclass
class Desk:
    """The gateways, and shorthands for what tests ask again and again."""

    using: FakeGateways
    units: list[Unit]
    clock: list[datetime]
    campaign: Campaign
    phase: Phase

    @property
    def inbox(self) -> FakeInbox:
        return self.using.inbox

    @property
    def mail(self) -> FakeMailServer:
        return self.using.mail_server

    @property
    def workbooks(self) -> FakeWorkbooks:
        return self.using.workbooks

    @property
    def quality(self) -> FakeQuality:
        return self.using.quality

    @property
    def letters(self) -> FakeLetters:
        return self.using.letters

    def obligation(self, unit: Unit) -> Obligation:
        found = self.using.ledger.obligations.of_unit(self.campaign.id, unit.code, "self_check")
        assert found is not None
        return found

    def notices(self, kind: NoticeKind | None = None) -> list[tuple[str | None, NoticeKind, NoticeState]]:
        rows = self.using.ledger.outbox.rows(self.campaign.id)
        return [
            (row.unit_code or row.post_key, row.kind, row.state) for row in rows if kind in (None, row.kind)
        ]


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ledger") / "empty.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def bare(empty_ledger: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk without a roster."""
    file = tmp_path / "ledger.db"
    shutil.copy(empty_ledger, file)
    ledger = Ledger(f"sqlite:///{file}")
    clock = [factories.at("2024-05-06")]
    using = FakeGateways(
        ledger=ledger,
        inbox=FakeInbox(),
        archive=FakeArchive(),
        workbooks=FakeWorkbooks(),
        quality=FakeQuality(),
        data_docs=FakeDataDocs(),
        letters=FakeLetters(),
        mail_server=FakeMailServer(),
        statistics=FakeStatistics(),
        forms=load_forms(),
        calendar=load_calendar(),
        office=Office(name="", mailbox="office@bureau.example"),
        mail_domain="bureau.example",
        now=lambda: clock[0],
    )
    campaign = factories.campaign()
    yield Desk(using, [], clock, campaign, campaign.phase("self_check"))
    ledger.close()


@pytest.fixture
def desk(bare: Desk) -> Desk:
    """Six pharmacies (the last without a mailbox) and a hospital owe their self-check return."""
    bare.units = [
        *(factories.make_unit(number) for number in range(1, 6)),
        factories.make_unit(6, email=None),
        factories.make_unit(7, kind=UnitKind.MEDICAL_INSTITUTION),
    ]
    posts = [factories.make_holder(post.key) for post in bare.campaign.posts]
    bare.using.ledger.roster.freeze(
        bare.campaign.id, bare.units, posts, on=LAUNCH_DAY, actor="test", source_sha256="0" * 64
    )
    open_phase.obligations(bare.campaign, bare.phase, on=LAUNCH_DAY, using=bare.using)
    return bare
