"""What the steps need of the world, by shape, a module for each noun. A gateway fits a port without importing it."""

from __future__ import annotations

from include.steps.ports.amendments import Amendments
from include.steps.ports.calls import Calls
from include.steps.ports.claims import Claims
from include.steps.ports.feeds import Feeds, Source
from include.steps.ports.files import Archive, DataDocs, Inbox, Quality, Workbooks
from include.steps.ports.gateways import Gateways
from include.steps.ports.glances import Glances
from include.steps.ports.incoming_mail import Inbound, Mailbox, MailboxSession, MailReader
from include.steps.ports.inspection_plans import InspectionPlans
from include.steps.ports.ledger import Audit, Ledger
from include.steps.ports.mail import Letters, MailServer, MailSession, Watermark
from include.steps.ports.obligations import Obligations
from include.steps.ports.outbox import Outbox
from include.steps.ports.registers import Registers
from include.steps.ports.reports import (
    Documents,
    Editions,
    Snapshots,
    StatisticsWorkbooks,
)
from include.steps.ports.returns import Returns, Waivers
from include.steps.ports.roster import Roster
from include.steps.ports.screening import Screenings
from include.steps.ports.surveys import Surveys
from include.steps.ports.time_limits import TimeLimits

__all__ = [
    "Amendments",
    "Archive",
    "Audit",
    "Calls",
    "Claims",
    "DataDocs",
    "Documents",
    "Editions",
    "Feeds",
    "Gateways",
    "Glances",
    "Inbound",
    "Inbox",
    "InspectionPlans",
    "Ledger",
    "Letters",
    "MailReader",
    "MailServer",
    "MailSession",
    "Mailbox",
    "MailboxSession",
    "Obligations",
    "Outbox",
    "Quality",
    "Registers",
    "Returns",
    "Roster",
    "Screenings",
    "Snapshots",
    "Source",
    "StatisticsWorkbooks",
    "Surveys",
    "TimeLimits",
    "Waivers",
    "Watermark",
    "Workbooks",
]
