"""The office's own database, all parts together."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from include.steps.ports.amendments import Amendments
from include.steps.ports.calls import Calls
from include.steps.ports.claims import Claims
from include.steps.ports.feeds import Feeds
from include.steps.ports.glances import Glances
from include.steps.ports.incoming_mail import Inbound
from include.steps.ports.inspection_plans import InspectionPlans
from include.steps.ports.mail_list import MailList
from include.steps.ports.obligations import Obligations
from include.steps.ports.outbox import Outbox
from include.steps.ports.registers import Registers
from include.steps.ports.reports import Editions, Snapshots
from include.steps.ports.returns import Returns, Waivers
from include.steps.ports.roster import Roster
from include.steps.ports.screening import Screenings
from include.steps.ports.surveys import Surveys
from include.steps.ports.time_limits import TimeLimits


class Audit(Protocol):
    def verify(self) -> int | None:
        """The first row of the trail whose hash does not fit, or None when it is whole."""

    def knows(self, end: str) -> bool:
        """Whether a hash that once stood at the end is still in the chain; else rows were cut off."""


class Ledger(Protocol):
    """The office's own database, a part for each noun."""

    @property
    def roster(self) -> Roster: ...
    @property
    def obligations(self) -> Obligations: ...
    @property
    def amendments(self) -> Amendments: ...
    @property
    def returns(self) -> Returns: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def inbound(self) -> Inbound: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def mail_list(self) -> MailList: ...
    @property
    def snapshots(self) -> Snapshots: ...
    @property
    def editions(self) -> Editions: ...
    @property
    def waivers(self) -> Waivers: ...
    @property
    def registers(self) -> Registers: ...
    @property
    def time_limits(self) -> TimeLimits: ...
    @property
    def inspection_plans(self) -> InspectionPlans: ...
    @property
    def feeds(self) -> Feeds: ...
    @property
    def screenings(self) -> Screenings: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def glances(self) -> Glances: ...
    @property
    def audit(self) -> Audit: ...

    def at_one_moment(self) -> AbstractContextManager[None]:
        """What this thread reads inside is one picture of the ledger, whatever others write meanwhile."""

    def close(self) -> None: ...
