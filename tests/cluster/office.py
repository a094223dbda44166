"""The office on the cluster under test: it announces a campaign, sends to units, and counts what arrived."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import httpx

from demo.cluster import Cluster
from demo.play import Play
from demo.rest import Refused
from demo.runs import DONE, Runs
from include.assembly import looking
from include.campaigns.registry import FOLDER, load_campaign
from include.domain.notices import NoticeKind, NoticeState, OutboxRow
from include.settings import Settings
from include.steps.deliver import LEASE
from tests.cluster.mail import EXPIRED, SLOW

CAMPAIGN = load_campaign(FOLDER / "wushen_2024")
PHASE = CAMPAIGN.phase("self_check")
DAG = CAMPAIGN.dag_id(PHASE)
LAUNCH = date(2024, 5, 6)
PATIENCE = 150.0
SETTLED = frozenset({NoticeState.ACCEPTED, NoticeState.IN_DOUBT})


class Office:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        settings = Settings()
        self.using = looking(settings, ledger_url=settings.ledger_default_url)
        self.api = cluster.api()
        self.runs = Runs(self.api)
        self._inbox = Path(settings.inbox_url)
        self._codes: list[str] = []

    def close(self) -> None:
        self.using.close()
        self.api.close()

    def announce(self) -> None:
        """Freeze the roster and tell all units, with nothing going wrong."""
        play = Play(
            CAMPAIGN,
            self.runs,
            self.using,
            signers={},
            inbox=self._inbox,
            mails=self.cluster.mails,
            say=lambda text: None,
        )
        play.mobilize()
        self.runs.wait_for_dag(DAG)
        units = self.using.ledger.roster.units(CAMPAIGN.id, on=LAUNCH)
        shared = Counter(unit.contact_email for unit in units)
        self._codes = [
            unit.code
            for unit in units
            if unit.contact_email
            and shared[unit.contact_email] == 1
            and not unit.contact_email.startswith(("full@", "unknown@"))
        ]

    def take_units(self, number: int) -> list[str]:
        """So many units nobody has written to since the announcement, each with a mailbox of its own."""
        taken, self._codes = self._codes[:number], self._codes[number:]
        assert len(taken) == number
        return taken

    def lever(self, name: str, *, on: bool) -> None:
        file = self.cluster.mails / name
        file.touch() if on else file.unlink(missing_ok=True)

    def slow(self, on: bool) -> None:
        self.lever(SLOW, on=on)

    def password_expired(self, on: bool) -> None:
        self.lever(EXPIRED, on=on)

    def start(self, units: Sequence[str], on: date = LAUNCH) -> str:
        return self.runs.start(DAG, on, units=list(units), dry_run=False)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait, starting again what has ended, as a restart policy would."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what}; logs in {self.cluster.home / 'logs'}"
            self.cluster.revive()
            time.sleep(0.2)

    def end(self, run_id: str) -> None:
        """Until the run has succeeded, whatever is down meanwhile."""
        self.until(lambda: self._state(run_id) in DONE, f"run {run_id} has not ended: {self._tasks(run_id)}")
        assert self._state(run_id) == "success", self._tasks(run_id)

    def run(self, units: Sequence[str], on: date = LAUNCH) -> str:
        run_id = self.start(units, on)
        self.end(run_id)
        return run_id

    def rows(self, units: Sequence[str], *kinds: NoticeKind) -> list[OutboxRow]:
        asked = set(units)
        rows = self.using.ledger.outbox.rows(CAMPAIGN.id)
        return [row for row in rows if row.unit_code in asked and row.kind in kinds]

    def copies(self) -> Counter[str]:
        """Message-IDs in the mailboxes, with the number of copies."""
        files = self.cluster.mails.glob("*/*.eml")
        return Counter(str(message_from_bytes(file.read_bytes())["Message-ID"]).strip() for file in files)

    def arrived(self, units: Sequence[str]) -> int:
        """Units whose workbook has arrived."""
        names = {file.name.split("_")[0] for file in self.cluster.mails.glob("*/*_附件/*.xlsx")}
        return len(names & set(units))

    def expect_each_once(self, units: Sequence[str], kind: NoticeKind, *, in_doubt: int) -> None:
        """Each unit has one such notice: handed over once, or one of at most so many that are listed as in doubt."""
        self.using.ledger.outbox.expire_leases(now=datetime.now(UTC) + LEASE + timedelta(minutes=1))
        rows, copies = self.rows(units, kind), self.copies()
        assert sorted(str(row.unit_code) for row in rows) == sorted(units)
        assert {row.state for row in rows} <= SETTLED, [(row.state, row.detail) for row in rows]
        doubtful = [row for row in rows if row.state is NoticeState.IN_DOUBT]
        assert len(doubtful) <= in_doubt
        assert all(copies[str(row.message_id)] == 1 for row in rows if row.state is NoticeState.ACCEPTED)
        assert max(copies.values()) == 1
        assert self.using.ledger.audit.verify() is None

    def _state(self, run_id: str) -> str | None:
        try:
            return str(self.api.get(f"/dags/{DAG}/dagRuns/{run_id}")["state"])
        except (httpx.HTTPError, Refused):
            return None

    def _tasks(self, run_id: str) -> dict[str, str | None] | str:
        try:
            return self.runs.states(DAG, run_id)
        except (httpx.HTTPError, Refused) as fault:
            return str(fault)
