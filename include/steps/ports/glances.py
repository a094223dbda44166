"""What the pages of the office read live."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Protocol

from include.domain.glances import (
    Contacts,
    MailLine,
    MailTrouble,
    OwedAsked,
    OwedLine,
    Owing,
    RosterMove,
    Unhandled,
    UnitLine,
    UnitsAsked,
)
from include.domain.inbound import InboundMessage


class Glances(Protocol):
    """Counts, and lists one page at a time. ``regions`` are beginnings of division codes, empty for all."""

    def owing(
        self, campaign_ids: Collection[str], *, until: date, on: date, regions: tuple[str, ...] = ()
    ) -> list[Owing]:
        """What is unsettled and due by ``until``, the earliest first. ``on`` says where a unit belongs."""

    def contacts(
        self, campaign_id: str, *, on: date, told_since: date, regions: tuple[str, ...] = ()
    ) -> Contacts:
        """Of the units that owe a return of their own: how many mail cannot reach, how many are to be called."""

    def mail_trouble(
        self, campaign_id: str, *, now: datetime, since: date, planned_before: date
    ) -> MailTrouble:
        """Refused and bounced are counted of what was planned ``since``; stuck what was planned before a day."""

    def unhandled(self, campaign_id: str) -> Unhandled: ...

    def count_units(self, asked: UnitsAsked) -> int: ...

    def units(self, asked: UnitsAsked, *, limit: int, offset: int) -> list[UnitLine]:
        """By code."""

    def owed(self, asked: OwedAsked, *, after: int, limit: int) -> list[OwedLine]:
        """In order of entry, those entered after the one of that id."""

    def regions(self, campaign_id: str, *, on: date, regions: tuple[str, ...] = ()) -> dict[str, int]:
        """Division code → units in force (家), by code."""

    def mails(self, campaign_id: str, unit_code: str) -> list[MailLine]:
        """Everything ever planned for the unit, in order of entry."""

    def messages(self, campaign_id: str, unit_code: str) -> list[InboundMessage]:
        """What the unit wrote, in order of arrival."""

    def roster_moves(self, campaign_id: str, unit_code: str) -> list[RosterMove]:
        """In order of effect."""

    def campaigns_of(self, unit_code: str, *, among: Collection[str]) -> list[str]:
        """Those of the campaigns on whose roster the unit is or was."""
