"""What the watch looks at: Airflow from outside, the machine, its own memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from include.domain.incidents import Incident, Trouble


class Airflow(Protocol):
    def heartbeats(self) -> dict[str, list[datetime]]:
        """Of ``scheduler`` and ``dag_processor``, the latest sign of life of each that has not ended, by its own clock.

        Where all have ended, or only Airflow's health page can be asked, the one it shows; none where none was given.

        Raise ConnectionError, in a sentence, when Airflow itself cannot be asked.
        """

    def failures(self, *, now: datetime) -> list[Trouble]:
        """Tasks that failed and have not succeeded since, each since its first failure.

        Raise ConnectionError when nothing can be found out; return none where nobody is to ask.
        """

    def starts(self, *, now: datetime) -> dict[str, tuple[datetime, datetime]]:
        """Of each machine's newest task: when it was queued by a scheduler's clock, and when it began by the machine's.

        Raise ConnectionError when nothing can be found out; return none where nobody is to ask.
        """


class Workers(Protocol):
    def fault(self) -> str | None:
        """Why nobody takes tasks from the queue, in words; None when somebody does."""


class Machine(Protocol):
    def free_shares(self) -> dict[str, float]:
        """Each disk the data lie on, by the Chinese name of what lies there: the part that is free, between 0 and 1."""

    def last_backup(self) -> datetime | None:
        """When the newest backup was made; None where none is kept here."""

    def ledger_fault(self) -> str | None:
        """Why the ledger cannot be read, in words; None when it can."""


class Incidents(Protocol):
    """Kept outside the ledger, which may be what is out of order."""

    def read(self) -> list[Incident]: ...

    def write(self, incidents: Sequence[Incident]) -> None: ...
