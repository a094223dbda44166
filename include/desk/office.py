"""What all pages share: the ledger and its kin, the campaigns, who may do what, the day."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from include import assembly
from include.campaigns.registry import Registry, load_campaigns
from include.desk.answers import Answers
from include.gateways.access_file import AccessFile
from include.settings import Settings

if TYPE_CHECKING:
    from include.assembly import Assembly

CAMPAIGNS_KEEP = 30
"""Seconds for which campaign folders are not read again."""


class Office:
    """One per process; connects when the first page is asked for. ``ledger_url`` is called once, then."""

    def __init__(
        self, settings: Settings, ledger_url: Callable[[], str], *, today: Callable[[], date] = assembly.today
    ) -> None:
        self.settings = settings
        self.today = today
        self.access = AccessFile(settings.access_file)
        self._ledger_url = ledger_url
        self._registry: tuple[float, Registry] | None = None
        self.answers = Answers(lambda: self.using.ledger.surveys.trail())

    @cached_property
    def using(self) -> Assembly:
        """The gateways; nothing can be sent with them."""
        return assembly.looking(self.settings, ledger_url=self._ledger_url())

    @property
    def registry(self) -> Registry:
        """The campaigns and what is wrong with the others, at most half a minute old."""
        now = time.monotonic()
        if self._registry is None or now - self._registry[0] > CAMPAIGNS_KEEP:
            self._registry = now, load_campaigns(self.settings.campaigns)
        return self._registry[1]
