"""Bureau databases that registers are filled from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from include.domain.feeds import Pull
from include.domain.values import Cell


class Source(Protocol):
    """One database, read only."""

    def query(
        self, statement: str, parameters: Mapping[str, object]
    ) -> AbstractContextManager[tuple[Sequence[str], Iterator[Sequence[Cell]]]]:
        """The names of the columns and the rows, read as they are asked for. Raise GiveUp, TryAgain."""


class Feeds(Protocol):
    """When each feed was last pulled, and what came of it."""

    def record(self, campaign_id: str, pull: Pull) -> None:
        """Write a pull down; nothing is ever overwritten."""

    def last(self, campaign_id: str, *, entered: bool = False) -> dict[str, Pull]:
        """Feed → its latest pull, or its latest that was ``entered``."""
