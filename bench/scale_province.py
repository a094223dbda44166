"""A province's day: 2,000 returns come in, the reminders of 40,000 units are planned, 5,000 mails leave.

The tasks of a self-check phase's DAG, in its order and each with gateways of its own, as ``wiring.tasks`` gives them
to it. The inbox holds a workbook and a stamped scan of each return, a quarter of the workbooks with faults; the mails
go to a local server over STARTTLS and AUTH. What Airflow itself needs to start a task is not counted here.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import KEY
from bench.cost import Cost, Costs, peak_mb
from bench.mail import office_server
from bench.mail_sink import sink
from bench.returns import ARRIVED, CAMPAIGN, ON, made, unit
from include.assembly import Assembly
from include.campaigns.registry import FOLDER, load_campaign
from include.domain.campaign import Campaign, Phase
from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import UNSETTLED
from include.domain.quota import Quota
from include.domain.units import PostHolder
from include.gateways.ledger.database import connect, upgrade
from include.rehearsal.scans import stamped_scan
from include.settings import Settings
from include.steps import (
    approve,
    check,
    collect,
    deliver,
    office_notices,
    open_phase,
    plan,
    reconcile,
    show,
    survey,
)
from tests.mail_peers.certificates import self_signed

UNITS, RETURNS, OWING = 40_000, 2_000, 4_500
"""So many owe in the morning; those whose return is in order are not reminded: some 5,000 mails with the answers."""
CONNECTIONS = 4
BAR = 300
"""Seconds by the clock."""


@dataclass(frozen=True)
class Day:
    """What a day cost by task; mails that left; megabytes at the peak of the process that did all of it."""

    units: int
    returns: int
    mails: int
    costs: dict[str, Cost]
    peak_mb: float

    @property
    def wall(self) -> float:
        return sum(each.wall for each in self.costs.values())

    @property
    def busy(self) -> float:
        return sum(each.busy for each in self.costs.values())


def measured(url: str, units: int, returns: int) -> Day:
    """One day on an empty ledger, in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = self_signed(folder / "mail.pem")
        _in_a_process(_prepare, url, folder, units, returns)
        with sink(certificate) as server:
            costs, expected, peak = _in_a_process(_day, url, folder, server.port, certificate)
            taken = server.taken()
    assert sum(taken.values()) == len(taken) == expected, "each mail exactly once"
    return Day(units, returns, expected, costs, peak)


def _in_a_process(work: Callable[..., Any], *given: object) -> Any:
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(work, *given).result()


def _prepare(url: str, folder: Path, units: int, returns: int) -> None:
    """A campaign under way: launched, most units have reported, and the inbox is full this morning."""
    upgrade(url)
    campaign, phase = _campaign()
    posts = [
        PostHolder(post_key=post.key, email=f"{post.key}@bureau.example", holds_from=campaign.starts_on)
        for post in campaign.posts
    ]
    using = _gateways(url, folder, 0)
    start = campaign.starts_on
    using.ledger.roster.freeze(
        CAMPAIGN,
        [unit(number) for number in range(1, units + 1)],
        posts,
        on=start,
        actor="bench",
        source_sha256="0" * 64,
    )
    open_phase.obligations(campaign, phase, on=start, using=using)
    plan.launch(campaign, phase, on=start, units=None, using=using)
    using.close()
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE notice SET state = 'accepted'"))
        connection.execute(text("UPDATE dispatch SET approved = true"))
        came = "state = 'accepted', received_on = :day, accepted_on = :day"
        connection.execute(
            text(f"UPDATE obligation SET {came} WHERE unit_code > :last"),
            {"day": start.isoformat(), "last": unit(max(returns, OWING * units // UNITS)).code},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What PostgreSQL does by itself within minutes of such a load.
        connection.execute(text("ANALYZE"))
    engine.dispose()
    inbox = folder / "inbox" / CAMPAIGN
    inbox.mkdir(parents=True)
    for workbook in made(inbox, returns):
        scan = inbox / f"{workbook.stem}_自查报告_盖章.pdf"
        scan.write_bytes(stamped_scan(workbook.stem, ON))
        for file in (workbook, scan):
            os.utime(file, (ARRIVED.timestamp(), ARRIVED.timestamp()))


def _campaign() -> tuple[Campaign, Phase]:
    campaign = load_campaign(FOLDER / CAMPAIGN)
    return campaign, campaign.phase("self_check")


def _gateways(url: str, folder: Path, port: int) -> Assembly:
    settings = Settings(home=folder, token_key=KEY, sending_hours="")
    return Assembly(settings, url, office_server(port, quota=Quota(connections=CONNECTIONS)))


def _day(url: str, folder: Path, port: int, certificate: Path) -> tuple[dict[str, Cost], int, float]:
    os.environ["SSL_CERT_FILE"] = str(certificate)
    (campaign, phase), costs = _campaign(), Costs(url)
    for name, task in _tasks(campaign, phase).items():
        costs.of(name, partial(_run, task, url, folder, port))
    using = _gateways(url, folder, port)
    _is_right(campaign, phase, using)
    sent = using.ledger.outbox.attempts_made()
    using.close()
    return costs.parts, sent, peak_mb()


def _run(task: Callable[[Assembly], object], url: str, folder: Path, port: int) -> None:
    """With gateways of its own, as each task has them."""
    using = _gateways(url, folder, port)
    task(using)
    using.close()


def _tasks(campaign: Campaign, phase: Phase) -> dict[str, Callable[[Assembly], object]]:
    """By their names in ``dags/self_check.py``."""
    return {
        "open_obligations": lambda using: open_phase.obligations(campaign, phase, on=ON, using=using),
        "plan_office_notices": lambda using: office_notices.plan(
            campaign, phase, on=ON, dry_run=False, using=using
        ),
        "collect_returns": lambda using: collect.returns(campaign, on=ON, using=using),
        "check_returns": lambda using: check.returns(campaign, on=ON, using=using),
        "plan_launch": lambda using: plan.launch(campaign, phase, on=ON, units=None, using=using),
        "plan_reminders": lambda using: plan.reminders(campaign, phase, on=ON, using=using),
        "plan_escalations": lambda using: plan.escalations(campaign, phase, on=ON, using=using),
        "present_batches": lambda using: _present(campaign, phase, using),
        "record_approval": lambda using: approve.decide(
            campaign, phase, on=ON, approved=True, by="bench", reason="", using=using
        ),
        "deliver_notices": lambda using: deliver.notices(campaign, on=ON, using=using),
        "reconcile_batches": lambda using: _reconcile(campaign, using),
        "tally": lambda using: show.progress(campaign, phase, using=using),
        "take_survey": lambda using: survey.take(campaign, on=ON, using=using),
    }


def _present(campaign: Campaign, phase: Phase, using: Assembly) -> None:
    approve.request(campaign, phase, on=ON, using=using)
    deliver.notices(campaign, on=ON, using=using)


def _reconcile(campaign: Campaign, using: Assembly) -> None:
    reconcile.batches(campaign, on=ON, using=using)
    deliver.notices(campaign, on=ON, using=using)


def _is_right(campaign: Campaign, phase: Phase, using: Assembly) -> None:
    """Every return is answered once, and who owes still, and only who does, was reminded once."""
    assert not using.ledger.returns.pending(CAMPAIGN, received_until=ON)
    rows = using.ledger.outbox.rows(CAMPAIGN)
    assert {row.state for row in rows} == {NoticeState.ACCEPTED}
    answered = Counter(row.unit_code for row in rows if row.kind in check.ANSWERS.values())
    reminded = Counter(row.unit_code for row in rows if row.kind is NoticeKind.REMINDER)
    owing = {each.unit_code for each in using.ledger.obligations.all(CAMPAIGN, phase.key, states=UNSETTLED)}
    assert reminded == Counter(owing)
    assert set(answered.values()) == {1}
