"""An office with its real gateways: a ledger in SQLite, mails rendered to a folder, workbooks in an inbox."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from include.assembly import Assembly
from include.domain.campaign import Campaign, Phase
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind
from include.domain.returns import Verdict
from include.domain.units import PostHolder, Unit
from include.steps import check, collect, deliver, open_phase, plan
from tests.factories import SHANGHAI

REGION = {
    "wushen_2024": "150626",
    "quanzhou_2024": "350502",
    "heshan_2020": "440784",
    "anhui_2024": "340111",
    "zhuoni_2019": "623022",
}


@dataclass(frozen=True)
class Mail:
    """A rendered mail."""

    kind: NoticeKind
    to: str
    subject: str
    text: str
    html: str
    attachments: dict[str, bytes]

    @property
    def unbroken(self) -> str:
        """The plain text without its line ends, which fall anywhere in a Chinese sentence."""
        return self.text.replace("\n", "")

    @property
    def workbooks(self) -> dict[str, bytes]:
        return {name: content for name, content in self.attachments.items() if name.endswith(".xlsx")}

    @property
    def words(self) -> str:
        return "\n".join((self.subject, self.text, self.html, *self.attachments))


@dataclass
class Office:
    campaign: Campaign
    using: Assembly
    folder: Path
    units: dict[str, Unit] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set)

    def freeze_roster(self, units: dict[str, Unit], on: date) -> None:
        """``units`` by the name a test gives them. Every post is held."""
        self.units = units
        holders = [
            PostHolder(post_key=post.key, email=self.mailbox(post.key), holds_from=on)
            for post in self.campaign.posts
        ]
        self.using.ledger.roster.freeze(
            self.campaign.id, list(units.values()), holders, on=on, actor="test", source_sha256="0" * 64
        )

    def mailbox(self, post_key: str) -> str:
        return f"{post_key.replace('_', '-')}@bureau.example"

    def open(self, phase: Phase, on: date) -> dict[str, int]:
        return open_phase.obligations(self.campaign, phase, on=on, using=self.using)

    def work(self, phase: Phase, on: date) -> tuple[dict[Verdict, int], list[Mail]]:
        """A day of a phase that chases, as its DAG has it: the verdicts, and the mails of that day."""
        campaign, using = self.campaign, self.using
        collect.returns(campaign, on=on, using=using)
        verdicts = check.returns(campaign, on=on, using=using)
        plan.launch(campaign, phase, on=on, units=None, using=using)
        plan.reminders(campaign, phase, on=on, using=using)
        plan.escalations(campaign, phase, on=on, using=using)
        return verdicts, self.send(on)

    def send(self, on: date) -> list[Mail]:
        """The mails that came out."""
        deliver.notices(self.campaign, on=on, using=self.using)
        return list(self._new_mails())

    def drop(self, name: str, content: bytes, on: date) -> None:
        """Lay a file into the inbox as if it had come at ten in the morning."""
        inbox = self.folder / "inbox" / self.campaign.id
        inbox.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(content)
        at = datetime(on.year, on.month, on.day, 10, tzinfo=SHANGHAI).timestamp()
        os.utime(inbox / name, (at, at))

    def working_days(self, first: date, last: date) -> list[date]:
        return list(self.using.calendar.working_days(first, last))

    def working_day(self, first: date, later: int = 0) -> date:
        """The first working day from that day on, or so many working days after it."""
        calendar = self.using.calendar
        return calendar.shift(calendar.on_or_after(first), later)

    def _new_mails(self) -> Iterator[Mail]:
        kinds = {row.message_id: row.kind for row in self.using.ledger.outbox.rows(self.campaign.id)}
        for file in sorted((self.folder / "rendered").glob("*.eml")):
            if file.name in self._read:
                continue
            self._read.add(file.name)
            yield _mail(file, kinds)


def _mail(file: Path, kinds: dict[str | None, NoticeKind]) -> Mail:
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    text, html = (mail.get_body((subtype,)) for subtype in ("plain", "html"))
    assert text is not None
    assert html is not None
    return Mail(
        kind=kinds[str(mail["Message-ID"])],
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        text=text.get_content(),
        html=html.get_content(),
        attachments={
            str(part.get_filename()): part.get_payload(decode=True)  # type: ignore[misc]
            for part in mail.iter_attachments()
        },
    )


def make_unit(campaign: Campaign, kind: UnitKind, number: int, *, email: bool = True) -> Unit:
    letter = {
        UnitKind.MEDICAL_INSTITUTION: "H",
        UnitKind.RETAIL_PHARMACY: "P",
        UnitKind.HANDLING_AGENCY: "J",
        UnitKind.COUNTY_BRANCH: "F",
    }[kind]
    region = REGION[campaign.id]
    return Unit(
        code=f"{letter}{region}{90000 + number:05d}",
        name=f"模拟{kind.zh}{number}",
        kind=kind,
        region_code=region,
        contact_email=f"{letter.lower()}{number}@unit.example" if email else None,
        contact_phone="0999-1234567",
    )
