"""Twenty readers on the desk of a province: every page over HTTP, how long the slower ones wait.

python -m bench.desk [--units N] [--readers N] [--seconds N] [--pause N] [--database sqlite|postgres]

A ledger with so many units in each of the five campaigns (one return and two mails a unit; a third has reported,
the others are overdue) is served by one uvicorn process. Each reader asks for the pages in an order of its own and looks
at each for ``--pause`` seconds on average, as long as chance will have it; with 0 the server is never idle and the times
say what it can bear. Once a second a call is entered, so that no answer holds longer than in an office at work. The same
pages are then asked of a ledger with a fiftieth of the units: the ratio says what a page costs for being one of a province's.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import multiprocessing
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from sqlalchemy import func, select, text

from bench import KEY
from bench.plan import databases
from include import assembly
from include.campaigns.registry import load_campaigns
from include.domain.calls import CallResult, PhoneCall
from include.domain.campaign import Campaign, Owed
from include.domain.ladder import Step
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind, SendMode
from include.domain.obligations import ObligationState
from include.domain.plans import BulkPlan
from include.domain.units import Unit
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect, upgrade
from include.gateways.ledger.tables import notice, obligation
from include.settings import Settings
from include.steps import survey

CAMPAIGNS = ("wushen_2024", "quanzhou_2024", "anhui_2024", "zhuoni_2019", "heshan_2020")
REGIONS = ("150626", "350503", "340102", "623022", "341500")
ON = date(2024, 12, 16)
PAGES = {
    "today": "/",
    "campaigns": "/campaigns",
    "campaign": "/campaigns/{campaign}",
    "units": "/units?campaign={campaign}",
    "units, overdue": "/units?campaign={campaign}&show=overdue",
    "units, last page": "/units?campaign={campaign}&page={last}",
    "units, found by name": "/units?campaign={campaign}&text=医院{number}",
    "unit": "/units/{campaign}/{code}",
    "calls": "/calls?campaign={campaign}",
    "outbox": "/outbox?campaign={campaign}",
    "mail": "/outbox/{campaign}/{mail}",
    "acts": "/acts",
    "approvals": "/approvals",
}


def filled(url: str, units: int) -> dict[str, int]:
    """A ledger with the five campaigns under way; return the number of each one's first mail."""
    upgrade(url)
    ledger = Ledger(url)
    for campaign in _campaigns():
        ledger.roster.freeze(
            campaign.id, [_unit(number) for number in range(units)], [],
            on=campaign.starts_on, actor="bench", source_sha256="0" * 64,
        )  # fmt: skip
        phase = next((each for each in campaign.phases if each.asks_units), campaign.phases[0])
        owed = Owed(form="self_check", title="自查表", owed_by=(UnitKind.MEDICAL_INSTITUTION,), text="示例")
        ledger.obligations.open(campaign.id, phase.key, owed, due_on=phase.due, on=campaign.starts_on)
        for step in campaign.ladder[:2]:
            ledger.outbox.plan_units(_reminder(campaign, phase.key, owed.form, step, phase.due))
    ledger.close()
    engine = connect(url)
    with engine.begin() as connection:
        accepted = {"state": ObligationState.ACCEPTED, "received_on": ON, "accepted_on": ON}
        connection.execute(obligation.update().where(obligation.c.id % 3 == 1).values(accepted))
        connection.execute(notice.update().where(notice.c.id % 50 > 0).values(state="accepted"))
        first = select(notice.c.campaign_id, func.min(notice.c.id)).group_by(notice.c.campaign_id)
        mails = dict(connection.execute(first).all())
    if engine.dialect.name == "postgresql":
        # What the server does by itself within minutes of such a load.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return mails


def _campaigns() -> list[Campaign]:
    return [each for each in load_campaigns(Settings().campaigns).campaigns if each.id in CAMPAIGNS]


def _unit(number: int) -> Unit:
    region = REGIONS[number % len(REGIONS)]
    return Unit(
        code=_code(number),
        name=f"示例医院{number}",
        kind=UnitKind.MEDICAL_INSTITUTION,
        region_code=region,
        level="二级",
        contact_email=None if number % 10 == 0 else f"h{number}@hospital.example",
    )


def _code(number: int) -> str:
    return f"H{REGIONS[number % len(REGIONS)]}{number:05d}"


def _reminder(campaign: Campaign, phase: str, form: str, step: Step, due: date) -> BulkPlan:
    return BulkPlan(
        campaign.id, phase, form, NoticeKind.REMINDER, step.key, SendMode.LIVE, on=due, due_on=due
    )


@contextmanager
def served(url: str, home: Path) -> Iterator[int]:
    """The port of a desk on that ledger, each campaign surveyed once as the tasks would do."""
    (home / "access.yaml").write_text(
        yaml.safe_dump({"users": {"admin": {"role": "admin"}}}), encoding="utf-8"
    )
    using = assembly.looking(Settings(), ledger_url=url)
    for campaign in _campaigns():
        start = time.perf_counter()
        survey.take(campaign, on=ON, using=using)
        print(f"  survey of {campaign.id}: {time.perf_counter() - start:.1f} s")
    using.close()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(url, home, theirs), daemon=True
    )
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(url: str, home: Path, pipe: Any) -> None:
    import os
    import socket

    os.environ |= {"DUBAN_HOME": str(home), "AIRFLOW_HOME": str(home / "airflow")}
    # Without a key the desk says so and does not prepare itself.
    os.environ |= {"AIRFLOW__CORE__LOAD_EXAMPLES": "false", "DUBAN_TOKEN_KEY": KEY}
    import airflow.models
    import uvicorn
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.api_fastapi.core_api.security import get_user
    from airflow.models.base import Base
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    from include.desk.airflow_state import airflow_session
    from include.desk.app import make_app
    from include.desk.office import Office

    airflow.models.import_all_models()
    engine = create_engine(f"sqlite:///{home / 'metadata.db'}")
    Base.metadata.create_all(engine)

    def read_airflow() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    app = make_app(Office(Settings(), lambda: url, today=lambda: ON))
    app.dependency_overrides[airflow_session] = read_airflow
    app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="admin", role="admin")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    pipe.send(listening.getsockname()[1])
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listening])


def read(
    port: int, mails: dict[str, int], *, units: int, readers: int, seconds: float, pause: float
) -> dict[str, list[float]]:
    """Page → milliseconds of each time it was read. Raise RuntimeError for a page that does not open."""
    found: dict[str, list[float]] = defaultdict(list)
    faults: list[str] = []
    until = time.monotonic() + seconds

    def reader(seed: int) -> None:
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while time.monotonic() < until and not faults:
            for page in chance.sample(sorted(PAGES), len(PAGES)):
                time.sleep(chance.uniform(0, 2 * pause))
                address = _address(PAGES[page], chance, units, mails)
                start = time.perf_counter()
                connection.request("GET", address, headers={"accept": "text/html"})
                answer = connection.getresponse()
                answer.read()
                found[page].append((time.perf_counter() - start) * 1000)
                if answer.status != 200:
                    faults.append(f"{address}: {answer.status}")

    threads = [threading.Thread(target=reader, args=(seed,)) for seed in range(readers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if faults:
        raise RuntimeError(faults[0])
    return found


@contextmanager
def entering(url: str, units: int) -> Iterator[None]:
    """Somebody enters a telephone call every second."""
    ledger, is_over, chance = Ledger(url), threading.Event(), random.Random(0)

    def enter() -> None:
        for minute in itertools.count():
            call = PhoneCall(
                unit_code=_code(chance.randrange(units)), called_on=ON, called_at=f"{minute // 60:02}:{minute % 60:02}",
                result=CallResult.PROMISED, post="示例岗位", number="", next_on=ON + timedelta(days=3),
            )  # fmt: skip
            ledger.calls.enter(chance.choice(CAMPAIGNS), [call], on=ON, actor="bench", reason="示例")
            if is_over.wait(1):
                return

    staff = threading.Thread(target=enter)
    staff.start()
    try:
        yield
    finally:
        is_over.set()
        staff.join()
        ledger.close()


def _address(page: str, chance: random.Random, units: int, mails: dict[str, int]) -> str:
    number = chance.randrange(units)
    campaign = chance.choice(CAMPAIGNS)
    return quote(
        page.format(
            campaign=campaign,
            number=number,
            code=_code(number),
            last=units // 50,
            mail=mails[campaign],
        ),
        safe="/?&=",
    )


def measured(
    kind: str, units: int, readers: int, seconds: float, pause: float
) -> dict[str, tuple[float, float]]:
    """Page → median and 95th percentile in milliseconds."""
    with databases(kind) as new, tempfile.TemporaryDirectory() as folder:
        url = new(f"desk_{units}")
        start = time.perf_counter()
        mails = filled(url, units)
        print(
            f"{units:,} units x {len(CAMPAIGNS)} campaigns in {kind}: made in {time.perf_counter() - start:.0f} s"
        )
        with served(url, Path(folder)) as port:
            read(port, mails, units=units, readers=1, seconds=0.1, pause=0)
            with entering(url, units):
                times = read(port, mails, units=units, readers=readers, seconds=seconds, pause=pause)
    return {
        page: (statistics.median(each), statistics.quantiles(each, n=20)[-1])
        for page, each in sorted(times.items())
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=40_000)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pause", type=float, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    asked = parser.parse_args()
    small = measured(asked.database, max(50, asked.units // 50), asked.readers, asked.seconds, asked.pause)
    large = measured(asked.database, asked.units, asked.readers, asked.seconds, asked.pause)
    print(f"{'page':24}{'p50 ms':>9}{'p95 ms':>9}{'p95 of a fiftieth':>19}{'ratio':>7}")
    for page, (half, most) in large.items():
        print(f"{page:24}{half:9.0f}{most:9.0f}{small[page][1]:19.0f}{most / small[page][1]:7.2f}")
    slowest = max(large, key=lambda page: large[page][1])
    print(
        json.dumps(
            {
                "bench": "desk",
                "database": asked.database,
                "units": asked.units,
                "readers": asked.readers,
                "pause_s": asked.pause,
                "slowest_page": slowest,
                "p95_ms": round(large[slowest][1]),
                "ratio_to_a_fiftieth": round(
                    statistics.median(large[page][1] / small[page][1] for page in large), 2
                ),
            }
        )
    )


if __name__ == "__main__":
    main()
