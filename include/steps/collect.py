"""Take over what has arrived: keep the original, enter it in the ledger, move it out of the inbox."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from include.domain.campaign import TIMEZONE, Campaign
from include.steps.ports import Gateways

SHANGHAI = ZoneInfo(TIMEZONE)


def returns(campaign: Campaign, *, on: date, using: Gateways) -> int:
    """Return how many files (份) were taken over that arrived by the end of the day.

    A zip counts as the files in it, each a return of its own. The order makes a crash harmless: archive,
    ledger, and only then the inbox. Whatever was done already is found done when the run is repeated.
    """
    taken = 0
    for file in using.inbox.files(campaign.id, received_until=end_of(on)):
        using.archive.put(file.content)
        for name, content in using.workbooks.unpack(file.name, file.content):
            using.ledger.returns.receive(
                campaign.id,
                name=name,
                sha256=using.archive.put(content),
                kind=using.workbooks.file_kind(content),
                channel=file.channel,
                received_at=file.received_at,
                received_on=file.received_at.astimezone(SHANGHAI).date(),
            )
            taken += 1
        using.inbox.take(file)
    return taken


def end_of(day: date) -> datetime:
    """The last instant of a day in Shanghai: a return sent at 23:59 is on time."""
    return datetime.combine(day, time.max, tzinfo=SHANGHAI)
