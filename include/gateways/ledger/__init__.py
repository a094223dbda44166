"""The office's own database: what was owed, came in, was decided, was sent, and why."""

from __future__ import annotations

from contextlib import AbstractContextManager

from include.gateways.ledger.amendments import Amendments
from include.gateways.ledger.audit import Audit
from include.gateways.ledger.calls import Calls
from include.gateways.ledger.claims import Claims
from include.gateways.ledger.database import Database
from include.gateways.ledger.editions import Editions
from include.gateways.ledger.feeds import Feeds
from include.gateways.ledger.glances import Glances
from include.gateways.ledger.inbound import Inbound
from include.gateways.ledger.inspection_plans import InspectionPlans
from include.gateways.ledger.mail_list import MailList
from include.gateways.ledger.obligations import Obligations
from include.gateways.ledger.outbox import Outbox
from include.gateways.ledger.registers import Registers
from include.gateways.ledger.returns import Returns
from include.gateways.ledger.roster import Roster
from include.gateways.ledger.screening import Screenings
from include.gateways.ledger.sealed import Seal
from include.gateways.ledger.snapshots import Snapshots
from include.gateways.ledger.surveys import Surveys
from include.gateways.ledger.time_limits import TimeLimits
from include.gateways.ledger.waivers import Waivers

__all__ = ["Ledger"]


class Ledger:
    """A part for each noun, on one database. ``database.upgrade(url)`` must have made its tables."""

    def __init__(self, url: str, *, tipster_key: str = "") -> None:
        self._database = Database(url)
        self.roster = Roster(self._database)
        self.obligations = Obligations(self._database)
        self.amendments = Amendments(self._database)
        self.returns = Returns(self._database)
        self.claims = Claims(self._database)
        self.calls = Calls(self._database)
        self.inbound = Inbound(self._database)
        self.outbox = Outbox(self._database)
        self.mail_list = MailList(self._database)
        self.snapshots = Snapshots(self._database)
        self.editions = Editions(self._database)
        self.waivers = Waivers(self._database)
        self.registers = Registers(self._database, Seal(tipster_key))
        self.time_limits = TimeLimits(self._database)
        self.inspection_plans = InspectionPlans(self._database)
        self.feeds = Feeds(self._database)
        self.screenings = Screenings(self._database)
        self.surveys = Surveys(self._database)
        self.glances = Glances(self._database)
        self.audit = Audit(self._database)

    def at_one_moment(self) -> AbstractContextManager[None]:
        """What this thread reads inside is one picture of the ledger, whatever others write meanwhile."""
        return self._database.at_one_moment()

    def close(self) -> None:
        self._database.close()
