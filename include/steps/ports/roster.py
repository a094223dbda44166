"""Who takes part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from include.domain.units import PostHolder, RosterChange, Unit


class Roster(Protocol):
    """Units and post holders of a campaign, frozen at its start and adjusted since."""

    def frozen_on(self, campaign_id: str) -> date | None: ...

    def freeze(
        self,
        campaign_id: str,
        units: Sequence[Unit],
        holders: Sequence[PostHolder],
        *,
        on: date,
        actor: str,
        source_sha256: str,
    ) -> None:
        """Raise RosterFrozen when frozen from another file already; the same file changes nothing."""

    def adjust(self, campaign_id: str, changes: Sequence[RosterChange], *, actor: str) -> int:
        """Enter joins, exits and changes; return how many were new. A leaver's open obligations close."""

    def units(self, campaign_id: str, *, on: date, codes: Collection[str] | None = None) -> list[Unit]:
        """Units in force that day, by code; with ``codes``, those among them."""

    def unit(self, campaign_id: str, code: str, *, on: date | None = None) -> Unit | None:
        """The unit by its newest facts, also when it has left; with ``on``, None unless in force that day."""

    def known(self, campaign_id: str, codes: Collection[str]) -> dict[str, Unit]:
        """Those of the codes the roster has, by code, each with its newest facts."""

    def holder(self, campaign_id: str, post_key: str, *, on: date) -> PostHolder | None: ...

    def appoint(self, campaign_id: str, holder: PostHolder, *, on: date, actor: str, reason: str) -> None:
        """A post is held by another from a day on; whoever held it before holds it until the day before.

        The same again changes nothing.
        """
