"""A real Airflow with a small office in its ledger, and Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.runs import Runs
from demo.stack import Stack
from include.domain.model import UnitKind
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import upgrade
from tests import factories

CAMPAIGN = factories.campaign()
REPORT = CAMPAIGN.report_dag_id(CAMPAIGN.report("self_check_statistics"))
PHASE = CAMPAIGN.dag_id(CAMPAIGN.phase("self_check"))
LAUNCH, ON = date(2024, 5, 6), date(2024, 6, 5)
SOON = 90_000
"""Milliseconds a run may take on a busy machine."""
NO_BROWSER = "Chromium is needed: tests/browser/install.sh, or `apt-get install chromium fonts-noto-cjk`"

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("office") / "home"
    fill(home / "duban" / "ledger.db")
    # Every batch of mails waits for a person.
    stack = Stack(home, extra={"DUBAN_APPROVE_ABOVE": "0"})
    try:
        stack.start()
        stack.wait_until_healthy()
        with stack.api() as api:
            runs = Runs(api)
            for dag_id in ("desk_sending_stop", PHASE, REPORT):
                runs.wait_for_dag(dag_id)
        yield stack
    finally:
        stack.stop()


def fill(file: Path) -> None:
    """Twelve pharmacies and three institutions owe their self-check; every post is held."""
    file.parent.mkdir(parents=True)
    upgrade(f"sqlite:///{file}")
    ledger = Ledger(f"sqlite:///{file}")
    units = [
        *(factories.make_unit(number) for number in range(1, 13)),
        *(factories.make_unit(number, kind=UnitKind.MEDICAL_INSTITUTION) for number in range(13, 16)),
    ]
    holders = [factories.make_holder(post.key) for post in CAMPAIGN.posts]
    ledger.roster.freeze(CAMPAIGN.id, units, holders, on=LAUNCH, actor="test", source_sha256="0" * 64)
    phase = CAMPAIGN.phase("self_check")
    for owed in phase.returns:
        ledger.obligations.open(CAMPAIGN.id, phase.key, owed, due_on=phase.due, on=LAUNCH)
    ledger.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip(NO_BROWSER)
    expect.set_options(timeout=SOON)
    with sync_playwright() as player:
        found = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def visit(stack: Stack, browser: Browser) -> Iterator[Visit]:
    """A browser in which that user is logged in, looking at the day; a script's fault fails the test."""
    opened, faults = [], []

    def open_page(user: str | None, *, width: int = 1280) -> Page:
        context = browser.new_context(
            base_url=stack.ports.api_url, viewport={"width": width, "height": 900}, locale="zh-CN"
        )
        opened.append(context)
        if user:
            with stack.api(user) as api:
                cookie = {"name": "_token", "value": api.token(), "url": stack.ports.api_url}
            context.add_cookies([cookie])
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.set_default_timeout(SOON)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert not faults


def picture(page: Page, name: str) -> None:
    """Kept where ``DESK_PICTURES`` says, to be looked at."""
    if folder := os.environ.get("DESK_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
