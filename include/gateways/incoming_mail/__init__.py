"""The office's mailbox: messages fetched over IMAP, and any message read whatever program wrote it."""

from __future__ import annotations

from include.gateways.incoming_mail.imap import ImapAccount, ImapMailbox
from include.gateways.incoming_mail.parse import MailReader

__all__ = ["ImapAccount", "ImapMailbox", "MailReader"]
