"""Whatever the environment says, a rehearsal writes to nobody, and into no other ledger and folder."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.campaigns.registry import load_campaign
from include.campaigns.scaffold import new_campaign
from include.domain.campaign import Campaign, PhaseKind
from include.domain.notices import NoticeKind
from include.rehearsal.place import OwnSettings
from include.rehearsal.play import Outcome, rehearse
from include.settings import Settings
from tests.rehearsal.conftest import CAMPAIGNS

pytestmark = pytest.mark.timeout(600)
FEW = 6


def begun(campaign_id: str, home: Path, *, days: int, seed: int = 7) -> Outcome:
    """The first days in which anybody is written to."""
    return begun_of(CAMPAIGNS[campaign_id], home, days=days, seed=seed)


def begun_of(campaign: Campaign, home: Path, *, days: int, seed: int = 7) -> Outcome:
    phases = campaign.phases_of(PhaseKind.SELF_CHECK) or campaign.phases
    until = campaign.opens_on(phases[0]) + timedelta(days=days)
    return rehearse(campaign, home, deployed=Settings(), units=FEW, seed=seed, until=until)


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every address anything connects to."""
    addresses: list[Any] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> Any:
        addresses.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return iter([addresses])


def test_a_live_deployment_is_neither_written_to_nor_sent_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reached: Iterator[list[Any]]
) -> None:
    real = tmp_path / "real"
    for name, value in {
        "DUBAN_SEND_MODE": "live",
        "DUBAN_HOME": str(real),
        "DUBAN_LEDGER_URL": f"sqlite:///{real / 'ledger.db'}",
        "DUBAN_INBOX": str(real / "inbox"),
        "DUBAN_ARCHIVE": str(real / "archive"),
        "DUBAN_OFFICE_MAILBOX": "office@bureau.example",
        "DUBAN_TEAM_ADDRESSES": '["office@bureau.example"]',
        "DUBAN_TOKEN_KEY": "real" * 16,
        "AIRFLOW_CONN_DUBAN_SMTP": "smtp://office:secret@mail.bureau.example:465",
        "AIRFLOW_CONN_DUBAN_IMAP": "imap://office:secret@mail.bureau.example:993",
        "AIRFLOW_CONN_DUBAN_LEDGER": "postgres://duban:secret@ledger.bureau.example/duban",
    }.items():
        monkeypatch.setenv(name, value)
    assert Settings().send_mode == "live"

    outcome = begun("wushen_2024", tmp_path / "rehearsal", days=8)

    assert sum(n for (kind, _), n in outcome.mails.items() if kind is NoticeKind.LAUNCH)
    assert not real.exists()
    [addresses] = reached
    assert addresses
    assert {host for host, *_ in addresses} == {"127.0.0.1"}
    assert {path.name for path in tmp_path.iterdir()} == {"rehearsal"}


def test_no_setting_of_a_rehearsal_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(f"DUBAN_{name.upper()}", "from the environment")
    given = OwnSettings()
    assert "from the environment" not in str(given.model_dump())
    assert given.token_key.get_secret_value() == ""


@pytest.fixture
def zone() -> Iterator[None]:
    """Whatever a test sets, the time zone of this process is put back."""
    before = os.environ.get("TZ")
    yield
    if before is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize("campaign_id", list(CAMPAIGNS))
def test_the_plan_is_the_same_in_every_time_zone(campaign_id: str, tmp_path: Path, zone: None) -> None:
    played = {}
    for name in ("UTC", "Asia/Shanghai", "America/New_York"):
        os.environ["TZ"] = name
        time.tzset()
        home = tmp_path / name.replace("/", "-")
        played[name] = [day.as_dict() for day in begun(campaign_id, home, days=10).days]
    first, *others = played.values()
    assert first
    assert others == [first, first]


def test_another_seed_is_another_rehearsal(tmp_path: Path) -> None:
    one, other = (begun("zhuoni_2019", tmp_path / str(seed), days=16, seed=seed) for seed in (1, 2))
    assert [day.text for day in one.days] != [day.text for day in other.days]
    assert one.days[0].on == other.days[0].on == date(2019, 1, 7)


def test_a_new_campaign_can_be_tried_before_its_notice_is_issued(tmp_path: Path) -> None:
    folder = new_campaign("city_2026", tmp_path / "campaigns", start=date(2026, 3, 2))
    outcome = begun_of(load_campaign(folder), tmp_path / "home", days=6)
    assert outcome.problems == []
    launched = {state: n for (kind, state), n in outcome.mails.items() if kind is NoticeKind.LAUNCH}
    assert sum(launched.values()) == FEW - 2, "one has no mailbox, one a mailbox that turned out not to exist"
