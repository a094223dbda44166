"""After a restore: what is in doubt, held against the mailbox's folder of sent mail (与“已发送”核对)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from include.domain.campaign import Campaign
from include.domain.inbound import NOTICE_HEADER, Mail, Unreadable
from include.domain.notices import OutboxRow, message_id
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Compared:
    """The notices (份) in doubt whose mail is among the sent ones, those whose is not, and the mails (封) read."""

    found: tuple[OutboxRow, ...]
    missing: tuple[OutboxRow, ...]
    mails: int


def compare(campaign: Campaign, mails: Iterable[bytes], *, using: Gateways) -> Compared:
    """Nothing is changed. A notice that went out in a digest is found by its unit's code in that mail."""
    doubtful = using.ledger.outbox.in_doubt(campaign.id)
    wanted = {message_id(row.key, using.mail_domain): row for row in doubtful}
    digests: dict[str | None, list[OutboxRow]] = {}
    for row in doubtful:
        digests.setdefault(row.group_key, []).append(row)
    found: set[int] = set()
    count = 0
    for mail in _read(mails, using):
        count += 1
        first = wanted.get(mail.message_id or "") or wanted.get(mail.header(NOTICE_HEADER).strip())
        if first is not None:
            found.add(first.id)
            found |= {each.id for each in digests[first.group_key] if _names(mail, each, first)}
    return Compared(
        tuple(row for row in doubtful if row.id in found),
        tuple(row for row in doubtful if row.id not in found),
        count,
    )


def settle(rows: Iterable[OutboxRow], *, was_sent: bool, by: str, reason: str, using: Gateways) -> int:
    """A person's finding on all of them: they had left, or are to be sent once more; return how many (份)."""
    count = 0
    for row in rows:
        key = using.ledger.outbox.settle(row.id, was_sent=was_sent, by=by, reason=reason, at=using.now())
        if not was_sent:
            using.watermark.forget(key)
        count += 1
    return count


def _read(mails: Iterable[bytes], using: Gateways) -> Iterable[Mail]:
    for raw in mails:
        try:
            yield using.mail_reader.read(raw)
        except Unreadable:
            continue  # a folder of sent mail holds more than ours


def _names(mail: Mail, row: OutboxRow, first: OutboxRow) -> bool:
    """Whether a mail to one contact is about that row's unit as well: each unit's code stands in it."""
    if first.group_key is None or row.unit_code is None or row.kind is not first.kind:
        return False
    return row.unit_code in mail.text or any(row.unit_code in each.name for each in mail.attachments)
