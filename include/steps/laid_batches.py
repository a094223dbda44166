"""A batch of mails as it is laid before a person: its first mails in full, and everybody it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign, Phase
from include.domain.errors import GiveUp
from include.domain.mail_list import SentMail
from include.domain.notices import NoticeState
from include.domain.plans import Dispatch
from include.steps import approve, one_mail, reconcile
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One unit a batch concerns: where its mail would go (empty: nowhere), whether one is planned, else why not."""

    unit_code: str
    unit_name: str
    address: str
    is_planned: bool
    why: str


@dataclass(frozen=True, slots=True)
class LaidBatch:
    """A batch as it is laid before a person. ``samples`` by the number of their notice: the mail, or why none is sent."""

    batch: Dispatch
    step_title: str
    samples: tuple[tuple[int, SentMail | str], ...]
    lines: tuple[BatchLine, ...]

    @property
    def unreached(self) -> tuple[BatchLine, ...]:
        return tuple(each for each in self.lines if not each.is_planned and not each.address)

    @property
    def spared(self) -> tuple[BatchLine, ...]:
        return tuple(each for each in self.lines if not each.is_planned and each.address)


def read(campaign: Campaign, phase: Phase, *, on: date, using: Gateways) -> list[LaidBatch]:
    """The batches laid before a person that day, each with its first mails in full and everybody it concerns."""
    return [
        _laid(campaign, batch, on, using) for batch in approve.waiting(campaign, phase, on=on, using=using)
    ]


def _laid(campaign: Campaign, batch: Dispatch, on: date, using: Gateways) -> LaidBatch:
    account = reconcile.account(batch, using)
    units = using.ledger.roster.known(campaign.id, [line.unit_code for line, _, _ in account.lines])
    suspended = using.ledger.inbound.suspended()
    return LaidBatch(
        batch,
        reconcile.step_title(campaign, batch),
        samples=tuple(_whole_samples(campaign, batch, on, using)),
        lines=tuple(
            BatchLine(
                line.unit_code,
                line.unit_name,
                (line.unit_code in units and units[line.unit_code].address(suspended)) or "",
                line.notice_state is NoticeState.PLANNED,
                why,
            )
            for line, _, why in account.lines
        ),
    )


def _whole_samples(
    campaign: Campaign, batch: Dispatch, on: date, using: Gateways
) -> Iterator[tuple[int, SentMail | str]]:
    for notice in using.ledger.outbox.samples(batch.id, limit=approve.SAMPLES):
        mail = one_mail.find(campaign, notice.id, on=on, regions=(), using=using)
        try:
            yield notice.id, one_mail.now(campaign, mail, on=on, using=using)
        except GiveUp as why:
            yield notice.id, str(why)
