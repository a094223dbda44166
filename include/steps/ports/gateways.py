"""Everything a step may touch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from include.domain.forms import Form
from include.domain.letters import Office
from include.domain.workdays import WorkdayCalendar
from include.steps.ports.files import Archive, Inbox, Quality, Workbooks
from include.steps.ports.ledger import Ledger
from include.steps.ports.mail import Letters, MailServer
from include.steps.ports.reports import StatisticsWorkbooks


class Gateways(Protocol):
    """Everything a step may touch; put together in assembly, or of fakes in tests."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def archive(self) -> Archive: ...
    @property
    def workbooks(self) -> Workbooks: ...
    @property
    def quality(self) -> Quality: ...
    @property
    def letters(self) -> Letters: ...
    @property
    def mail_server(self) -> MailServer: ...
    @property
    def statistics(self) -> StatisticsWorkbooks: ...
    @property
    def forms(self) -> Mapping[str, Form]: ...
    @property
    def calendar(self) -> WorkdayCalendar: ...
    @property
    def office(self) -> Office: ...
    @property
    def mail_domain(self) -> str: ...

    def now(self) -> datetime: ...
