"""What waits for somebody on a day, in all campaigns a person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from include.domain.campaign import Campaign
from include.domain.feeds import Feed, Pull, PullState
from include.domain.glances import Contacts, MailTrouble, Owing, Unhandled
from include.domain.notices import OutboxRow
from include.domain.plans import Dispatch, Stop
from include.domain.workdays import UnknownYear
from include.steps import calls, pull
from include.steps.ports import Gateways

AHEAD = 5
"""Working days ahead that are shown."""
RECENT = 5
"""Working days for which refused and returned mails are counted."""


@dataclass(frozen=True, slots=True)
class OfCampaign:
    """What only the office itself has to look after, of one campaign.

    ``feeds`` are those with trouble, each with the sentence that says which.
    """

    campaign: Campaign
    mails: MailTrouble
    in_doubt: tuple[OutboxRow, ...]
    unhandled: Unhandled
    batches: tuple[Dispatch, ...]
    feeds: tuple[tuple[Feed, Pull | None, str], ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """``overdue`` and ``ahead`` by due date; ``contacts`` of the campaigns with any."""

    overdue: tuple[Owing, ...]
    ahead: tuple[Owing, ...]
    contacts: tuple[Contacts, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """What units owe, found at a moment; ``office`` and ``stops`` are empty for whoever sees single regions only."""

    found_at: datetime
    owed: Owed
    office: tuple[OfCampaign, ...]
    stops: tuple[Stop, ...]


def owed(campaigns: Sequence[Campaign], *, on: date, regions: tuple[str, ...] = (), using: Gateways) -> Owed:
    """What units owe on that day; only what leaves an entry in the audit trail changes it.

    ``regions`` are beginnings of division codes, empty for all.
    """
    ids = [each.id for each in campaigns]
    glances = using.ledger.glances
    owing = glances.owing(ids, until=_shifted(on, AHEAD, using), on=on, regions=regions)
    since = calls.told_since(on, using)
    contacts = [glances.contacts(each, on=on, told_since=since, regions=regions) for each in ids]
    return Owed(
        overdue=tuple(each for each in owing if each.due_on < on),
        ahead=tuple(each for each in owing if each.due_on >= on),
        contacts=tuple(each for each in contacts if each.unreachable or each.to_call),
    )


def find(
    campaigns: Sequence[Campaign], owed: Owed, *, on: date, regions: tuple[str, ...] = (), using: Gateways
) -> Today:
    """How things stand on that day, with what was found to be owed."""
    return Today(
        found_at=using.now(),
        owed=owed,
        office=() if regions else tuple(_of_campaign(each, on, using) for each in campaigns),
        stops=() if regions else tuple(using.ledger.outbox.stops()),
    )


def _of_campaign(campaign: Campaign, on: date, using: Gateways) -> OfCampaign:
    ledger = using.ledger
    mails = ledger.glances.mail_trouble(
        campaign.id,
        now=using.now(),
        since=_shifted(on, -RECENT, using),
        planned_before=_shifted(on, -1, using),
    )
    return OfCampaign(
        campaign,
        mails,
        in_doubt=tuple(ledger.outbox.in_doubt(campaign.id)) if mails.in_doubt else (),
        unhandled=ledger.glances.unhandled(campaign.id),
        batches=tuple(ledger.outbox.dispatches(campaign.id, waiting=True)),
        feeds=tuple(_troubled(campaign, using)),
    )


def _troubled(campaign: Campaign, using: Gateways) -> list[tuple[Feed, Pull | None, str]]:
    """Feeds whose data is too old for a report, or whose latest pull did not work."""
    found = []
    for feed, latest, sentence in pull.standing(campaign, using=using):
        failed = latest is not None and latest.state is not PullState.ENTERED
        if sentence or failed:
            found.append((feed, latest, sentence or (latest.detail if latest else "")))
    return found


def _shifted(on: date, working_days: int, using: Gateways) -> date:
    """Beyond the last year whose holidays are known nothing is due that could be counted to: the day itself."""
    try:
        return using.calendar.shift(on, working_days)
    except UnknownYear:
        return on
