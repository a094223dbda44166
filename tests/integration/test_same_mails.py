"""However often and however much at once a day is run, the mails are those of a single run."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from include.domain.errors import TryAgain
from include.domain.notices import NoticeState
from include.steps import deliver, plan
from tests import factories
from tests.fakes import FakeMailServer
from tests.integration.sending import CAMPAIGN, PHASE, Mail, gateways, mails, opened, pharmacies, states
from tests.steps.conftest import LAUNCH_DAY, FakeGateways

TRIGGERS = 20
UNITS = 24
PREPARATION = CAMPAIGN.phases[0]


def run(using: FakeGateways, on: date) -> None:
    """A day of the phase, as its DAGs have it."""
    plan.announcements(CAMPAIGN, PREPARATION, on=on, units=None, using=using)
    plan.launch(CAMPAIGN, PHASE, on=on, units=None, using=using)
    plan.reminders(CAMPAIGN, PHASE, on=on, using=using)
    plan.escalations(CAMPAIGN, PHASE, on=on, using=using)
    deliver.notices(CAMPAIGN, on=on, using=using)


def run_once(folder: Path, migrated_file: Path, days: list[date]) -> tuple[Counter[Mail], int]:
    """The mails of single runs on those days, one after the other; and how many (封) they were."""
    file = folder / "single.db"
    file.write_bytes(migrated_file.read_bytes())
    using = gateways(f"sqlite:///{file}")
    opened(using, pharmacies(UNITS))
    for day in days:
        run(using, day)
    using.ledger.close()
    return mails(using), len(using.mail_server.sent)


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(LAUNCH_DAY, id="launch"),
        pytest.param(date(2024, 5, 30), id="the last working day before it is due"),
        pytest.param(date(2024, 6, 5), id="overdue, with digests to the posts"),
    ],
)
def test_twenty_triggers_a_rerun_and_a_backfill_send_what_a_single_run_sends(
    ledger_url: str, migrated_file: Path, tmp_path: Path, day: date
) -> None:
    days = sorted({LAUNCH_DAY, day})
    expected, number = run_once(tmp_path, migrated_file, days)
    assert len(expected) >= UNITS
    mail = FakeMailServer()
    moment = factories.at(day.isoformat())
    together = Barrier(TRIGGERS)

    def trigger(_: int) -> None:
        using = gateways(ledger_url, mail_server=mail, now=lambda: moment)
        together.wait()
        run(using, day)
        using.ledger.close()

    using = gateways(ledger_url, mail_server=mail, now=lambda: moment)
    opened(using, pharmacies(UNITS))
    if day != LAUNCH_DAY:
        run(using, LAUNCH_DAY)
    with ThreadPoolExecutor(TRIGGERS) as pool:
        list(pool.map(trigger, range(TRIGGERS)))
    run(using, day)
    for earlier in range(5, 0, -1):
        run(using, day - timedelta(days=earlier))
    assert set(states(using)) == {NoticeState.ACCEPTED}
    assert mails(using) == expected
    assert len(mail.sent) == number
    using.ledger.close()


def test_a_backfill_that_comes_upon_a_later_days_notices_does_not_date_them_back(sqlite_url: str) -> None:
    using = gateways(sqlite_url)
    opened(using, pharmacies(UNITS))
    day = date(2024, 5, 30)
    plan.reminders(CAMPAIGN, PHASE, on=day, using=using)
    deliver.notices(CAMPAIGN, on=day - timedelta(days=6), using=using)
    written = [letter.on for _, letter in using.letters.written]
    assert set(written) == {day}
    using.ledger.close()


def test_a_trigger_that_meets_a_server_that_is_down_leaves_the_set_as_it_is(
    sqlite_url: str, migrated_file: Path, tmp_path: Path
) -> None:
    expected, number = run_once(tmp_path, migrated_file, [LAUNCH_DAY])
    using = gateways(sqlite_url)
    opened(using, pharmacies(UNITS))
    using.mail_server.down = TryAgain("connection refused")
    for _ in range(3):
        with suppress(TryAgain):
            run(using, LAUNCH_DAY)
    using.mail_server.down = None
    run(using, LAUNCH_DAY)
    assert (mails(using), len(using.mail_server.sent)) == (expected, number)
    using.ledger.close()
