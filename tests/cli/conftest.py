"""The commands as they are typed, on a data folder of their own. Nothing may ever leave by mail."""

from __future__ import annotations

import json
import shutil
import smtplib
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from include.assembly import Assembly, looking
from include.cli.__main__ import app
from include.domain.forms import Form
from include.domain.model import UnitKind
from include.domain.units import Unit
from include.gateways.form_files import load_forms
from include.gateways.ledger.database import upgrade
from include.gateways.workbooks import Workbooks
from include.settings import Settings
from include.steps import open_phase, plan
from tests import factories

KEY = "synthetic-key-for-tests-only-0123456789-"
CAMPAIGN = "wushen_2024"
OPENED = date(2024, 5, 6)
UNITS = (
    *(factories.make_unit(number) for number in range(1, 4)),
    factories.make_unit(4, email=None),
    factories.make_unit(5, kind=UnitKind.MEDICAL_INSTITUTION),
)
WITHOUT_MAILBOX = UNITS[3]


@dataclass(frozen=True)
class Ran:
    """What a command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*args: object, code: int | None = 0) -> Ran:
    """Run a command; it must end with that code (None: any) and never with a traceback."""
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    if code is not None:
        assert result.exit_code == code, result.output
    return Ran(result.exit_code, result.stdout, result.stderr)


def ledger_of(home: Path) -> list[str]:
    """Everything the ledger holds, as SQL."""
    with closing(sqlite3.connect(home / "ledger.db")) as ledger:
        return list(ledger.iterdump())


def archive_of(home: Path) -> list[Path]:
    return sorted(path for path in (home / "archive").rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, a token key, and a mail library that nobody may touch."""
    folder = tmp_path / "duban"
    folder.mkdir()
    monkeypatch.setenv("DUBAN_HOME", str(folder))
    monkeypatch.setenv("DUBAN_TOKEN_KEY", KEY)
    monkeypatch.setenv("DUBAN_SEND_MODE", "live")
    monkeypatch.setattr("include.gateways.form_files.load_forms", forms)
    monkeypatch.setattr(smtplib.SMTP, "connect", lambda *_, **__: pytest.fail("the command line opened SMTP"))
    return folder


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with five units, of which one has no mailbox; all owe their self-check return."""
    file = tmp_path_factory.mktemp("opened") / "ledger.db"
    url = f"sqlite:///{file}"
    upgrade(url)
    settings = Settings(home=file.parent, send_mode="live")
    using = looking(settings, ledger_url=url)
    campaign = factories.campaign()
    using.ledger.roster.freeze(
        campaign.id,
        UNITS,
        [factories.make_holder(post.key) for post in campaign.posts],
        on=OPENED,
        actor="test",
        source_sha256="0" * 64,
    )
    open_phase.obligations(campaign, campaign.phase("self_check"), on=OPENED, using=using)
    using.close()
    return file


@pytest.fixture
def office(home: Path, opened: Path) -> Iterator[Assembly]:
    """The gateways of an office whose self-check phase is open."""
    shutil.copy(opened, home / "ledger.db")
    settings = Settings()
    using = looking(settings, ledger_url=settings.ledger_default_url)
    yield using
    using.close()


def launch(using: Assembly) -> None:
    campaign = factories.campaign()
    plan.launch(campaign, campaign.phase("self_check"), on=OPENED, units=None, using=using)


@cache
def forms() -> Mapping[str, Form]:
    """Read once for all tests: each command reads them anew, and they are long."""
    return load_forms()


@cache
def issued(unit: Unit, campaign_id: str = CAMPAIGN) -> bytes:
    """The unit's own workbook, as the launch mail carries it."""
    campaign = factories.campaign(campaign_id)
    return _workbooks().prefilled(forms()["self_check"], campaign, campaign.phase("self_check"), unit)


@cache
def _workbooks() -> Workbooks:
    """One for all tests: a template is built once and then filled."""
    return Workbooks(KEY.encode())
