"""The office on the cluster under test: it announces a campaign, sends to units, and counts what arrived."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx
import psycopg
from sqlalchemy import make_url

from demo.play import Play
from demo.rest import Refused
from demo.runs import DONE, Runs
from include.assembly import looking
from include.campaigns.registry import FOLDER, load_campaign
from include.domain.notices import NoticeKind, NoticeState, OutboxRow
from include.domain.units import Unit
from include.rehearsal.institutions import SHANGHAI
from include.settings import Settings
from include.steps import open_phase
from include.steps.deliver import LEASE
from tests.cluster.mail import EXPIRED, SLOW
from tests.cluster.tested import OPERATOR, TriedCluster

CAMPAIGN = load_campaign(FOLDER / "wushen_2024")
PHASE = CAMPAIGN.phase("self_check")
DAG = CAMPAIGN.dag_id(PHASE)
LAUNCH = date(2024, 5, 6)
RETURNED = date(2024, 5, 20)
"""The day on which units send what they owe."""
NOON = datetime.combine(RETURNED, time_of_day(12), tzinfo=SHANGHAI)
INTAKE = "collect_returns"
ANSWERS = (NoticeKind.RECEIPT, NoticeKind.INCOMPLETE, NoticeKind.RETURNED, NoticeKind.UNUSABLE)
ALARM, OVER = "【督办系统告警】", "【督办系统恢复】"
PATIENCE = 600.0
SETTLED = frozenset({NoticeState.ACCEPTED, NoticeState.IN_DOUBT})


class Office:
    def __init__(self, cluster: TriedCluster) -> None:
        self.cluster = cluster
        settings = Settings()
        self.using = looking(settings, ledger_url=settings.ledger_default_url)
        self.api = cluster.api()
        self._looks = settings.home / "watch" / "incidents.json"
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
        for dag_id in (DAG, INTAKE):
            self.runs.wait_for_dag(dag_id)
        open_phase.obligations(CAMPAIGN, PHASE, on=LAUNCH, using=self.using)
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

    def put_right(self) -> None:
        """As after a test nobody has cut short."""
        self.slow(False)
        self.password_expired(False)
        if self.cluster.imap is not None:
            self.cluster.imap.give_password()
        self.cluster.clocks.clear()
        self.cluster.revive()

    def start(self, units: Sequence[str], on: date = LAUNCH) -> str:
        # A scheduler whose clock was ahead took all flows for stale: they are back once they have been read again.
        self.runs.wait_for_dag(DAG, PATIENCE)
        return self.runs.start(DAG, on, units=list(units), dry_run=False)

    def until(self, condition: Callable[[], bool], what: str, *, revive: bool = True) -> None:
        """Wait, starting again what has ended, as a restart policy would."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what}; logs in {self.cluster.home / 'logs'}"
            if revive:
                self.cluster.revive()
            time.sleep(0.3)

    def end(self, run_id: str, *, dag_id: str = DAG, well: bool = True) -> None:
        """Until the run has succeeded, or failed, whatever is down meanwhile."""
        self.ended(run_id, dag_id=dag_id)
        assert self._state(dag_id, run_id) == ("success" if well else "failed"), self._tasks(dag_id, run_id)

    def ended(self, run_id: str, *, dag_id: str = DAG) -> None:
        """Well or not."""
        self.until(lambda: self._state(dag_id, run_id) in DONE, f"run {run_id} has not ended")

    def go_on(self, run_id: str) -> None:
        """What is to be done once the cause is gone: clear what has failed, if it has not been tried again by itself."""
        self.ended(run_id)
        if self._state(DAG, run_id) == "failed":
            body = {"dry_run": False, "dag_run_id": run_id, "only_failed": True}
            self.api.post(f"/dags/{DAG}/clearTaskInstances", body)
        self.end(run_id)

    def run(self, units: Sequence[str], on: date = LAUNCH) -> str:
        run_id = self.start(units, on)
        self.end(run_id)
        return run_id

    def schedulers_of(self, runs: Sequence[str]) -> int:
        """How many different schedulers have handed tasks of these runs to workers."""
        address = make_url(self.cluster.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        counted = "SELECT COUNT(DISTINCT queued_by_job_id) FROM task_instance WHERE run_id = ANY(%s)"
        with psycopg.connect(address.set(drivername="postgresql").render_as_string(False)) as connection:
            return int(connection.execute(counted, [list(runs)]).fetchall()[0][0])

    # What units send, and what they are answered

    def hand_in(self, unit: str) -> None:
        """Lay the unit's workbook into the inbox."""
        file = self._inbox / CAMPAIGN.id / f"{unit}.xlsx"
        draft = file.with_suffix(".part")
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(self._workbook(unit))
        os.utime(draft, (NOON.timestamp(), NOON.timestamp()))
        draft.rename(file)

    def mail_in(self, unit: str) -> None:
        """A mail with the unit's workbook arrives in the office's mailbox."""
        assert self.cluster.imap is not None
        mail = EmailMessage()
        mail["From"], mail["To"] = self._unit(unit).contact_email, "office@duban.example"
        mail["Subject"], mail["Date"] = f"{unit} 自查情况表", NOON
        mail["Message-ID"] = f"<{unit}@unit.example>"
        mail.set_content("请查收。")
        kind = {"maintype": "application", "subtype": "octet-stream", "filename": f"{unit}.xlsx"}
        mail.add_attachment(self._workbook(unit), **kind)
        self.cluster.imap.deliver(mail.as_bytes(), name=f"{unit}.test", at=NOON.timestamp())

    def take_in(self, *, well: bool = True) -> dict[str, str | None]:
        """One run of the intake; the state of each of its tasks."""
        run_id = self.runs.start(INTAKE, RETURNED)
        self.end(run_id, dag_id=INTAKE, well=well)
        return self.runs.states(INTAKE, run_id)

    def answered(self, units: Sequence[str]) -> Counter[str]:
        """The units that were answered, with the number of answers, each of them in a mailbox once."""
        rows, copies = self.rows(units, *ANSWERS), self.copies()
        assert [
            (row.kind, row.state, row.detail) for row in rows if row.state is not NoticeState.ACCEPTED
        ] == []
        assert {copies[str(row.message_id)] for row in rows} <= {1}
        return Counter(str(row.unit_code) for row in rows)

    def lying(self) -> set[str]:
        """Units whose workbook is still in the inbox."""
        return {file.stem for file in (self._inbox / CAMPAIGN.id).glob("*.xlsx")}

    def _unit(self, code: str) -> Unit:
        unit = self.using.ledger.roster.unit(CAMPAIGN.id, code)
        assert unit is not None
        return unit

    def _workbook(self, unit: str) -> bytes:
        """The unit's own, handed in as it came: it is answered, that is all that matters here."""
        return self.using.workbooks.prefilled(
            self.using.forms["self_check"], CAMPAIGN, PHASE, self._unit(unit)
        )

    # What the operator is told

    @contextmanager
    def told_once(self, title: str) -> Iterator[None]:
        """The operator hears of it once while the block lasts, and once when it is over."""
        before = self.heard(title), self.heard(title, OVER)
        yield
        self.until(lambda: self.heard(title, OVER) > before[1], f"nobody is told the end of {title}")
        self._look_again()
        heard = self.heard(title), self.heard(title, OVER)
        assert heard == (before[0] + 1, before[1] + 1), title

    def hears_of(self, *titles: str) -> None:
        """Wait until the operator has heard; nothing is started again meanwhile."""
        before = {title: self.heard(title, OVER) for title in titles}
        self.until(
            lambda: all(self.heard(title) > before[title] for title in titles),
            f"nobody is told of {titles}",
            revive=False,
        )
        self._look_again()

    def _look_again(self) -> None:
        for _ in range(2):
            seen = self._looks.stat().st_mtime_ns
            self.until(lambda: self._looks.stat().st_mtime_ns > seen, "the watch is asleep", revive=False)  # noqa: B023

    def heard(self, title: str, what: str = ALARM) -> int:
        """Alarms, or ends of them, that name the incident."""
        subjects = (
            str(message_from_bytes(file.read_bytes(), policy=default)["Subject"])
            for file in self.cluster.mails.glob(f"{OPERATOR}/*.eml")
        )
        return sum(subject.startswith(what) and title in subject for subject in subjects)

    # What was sent

    def rows(self, units: Sequence[str], *kinds: NoticeKind) -> list[OutboxRow]:
        asked = set(units)
        rows = self.using.ledger.outbox.rows(CAMPAIGN.id)
        return [row for row in rows if row.unit_code in asked and row.kind in kinds]

    def copies(self) -> Counter[str]:
        """Message-IDs of what left the outbox, with the number of copies; the watch tells the operator past it."""
        mails = self.cluster.mails.glob("*/*.eml")
        return Counter(_message_id(file) for file in mails if file.parent.name != OPERATOR)

    def files(self, message_ids: Collection[str]) -> list[Path]:
        """The mails of these Message-IDs as they lie in the mailboxes."""
        return [file for file in self.cluster.mails.glob("*/*.eml") if _message_id(file) in message_ids]

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

    def _state(self, dag_id: str, run_id: str) -> str | None:
        try:
            return str(self.api.get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"])
        except (httpx.HTTPError, Refused):
            return None

    def _tasks(self, dag_id: str, run_id: str) -> dict[str, str | None] | str:
        try:
            return self.runs.states(dag_id, run_id)
        except (httpx.HTTPError, Refused) as fault:
            return str(fault)


def _message_id(file: Path) -> str:
    return str(message_from_bytes(file.read_bytes())["Message-ID"]).strip()
