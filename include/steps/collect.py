"""Take over what has arrived: keep the original, enter it in the ledger, move it out of the inbox."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from include.domain.campaign import TIMEZONE, Campaign
from include.domain.errors import TryAgain
from include.steps.ports import Gateways

SHANGHAI = ZoneInfo(TIMEZONE)


def returns(campaign: Campaign, *, on: date, using: Gateways) -> int:
    """Return how many files (份) were taken over that arrived by the end of the day.

    A zip counts as the files in it, each a return of its own. The order makes a crash harmless: archive,
    ledger, and only then the inbox. Whatever was done already is found done when the run is repeated.

    A file that cannot be moved out of the inbox holds up no other. Raise TryAgain at the end when there was one.
    """
    taken = 0
    stuck: list[str] = []
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
        try:
            using.inbox.take(file)
        except OSError as fault:
            stuck.append(str(fault))
    if stuck:
        raise TryAgain(
            f"{len(stuck)}份文件已登记，但不能移出收件箱文件夹（{stuck[0]}）；"
            "请检查该文件夹是否可写、磁盘是否已满，恢复后自动移走，不会重复登记"
        )
    return taken


def end_of(day: date) -> datetime:
    """The last instant of a day in Shanghai: a return sent at 23:59 is on time."""
    return datetime.combine(day, time.max, tzinfo=SHANGHAI)
