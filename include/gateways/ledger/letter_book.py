"""The words of every mail handed over, kept in the transaction that records what became of it."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, select

from include.domain.mail_list import SentFile, SentMail
from include.domain.notices import Message
from include.gateways.ledger.tables import sent_mail

LEVEL = 4
"""Of zlib: a tenth of a millisecond for a mail, which is still a fifth of its size."""


def keep(connection: Connection, message: Message, at: datetime) -> None:
    """One row however many notices the mail carried."""
    content = zlib.compress(json.dumps(asdict(SentMail.of(message)), ensure_ascii=False).encode(), LEVEL)
    connection.execute(_KEEP, {"message_id": message.message_id, "at": at, "content": content})


def find(connection: Connection, message_id: str, at: datetime) -> SentMail | None:
    """None for a mail from before the ledger kept them."""
    row = connection.scalar(
        select(sent_mail.c.content)
        .where(sent_mail.c.message_id == message_id, sent_mail.c.at == at)
        .order_by(sent_mail.c.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    facts = json.loads(zlib.decompress(row))
    files = tuple(SentFile(**each) for each in facts.pop("files"))
    return SentMail(**facts, files=files)


_KEEP = sent_mail.insert()
