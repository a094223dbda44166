"""The desk as a web application on a real ledger (SQLite), with whoever a test says is logged in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from include.desk.airflow_state import airflow_session
from include.desk.app import make_app
from include.desk.office import Office
from include.domain.model import UnitKind
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import upgrade
from include.settings import Settings
from tests import factories

TODAY = date(2024, 5, 24)
LAUNCH = date(2024, 5, 6)
ELSEWHERE = factories.make_unit(9, kind=UnitKind.MEDICAL_INSTITUTION).model_copy(
    update={"region_code": "150627", "name": "=示例医院（外旗）"}
)
PAGE = {"accept": "text/html"}
USERS = {
    "admin": {"role": "admin"},
    "officer": {"role": "officer"},
    "officer_of_one": {"role": "officer", "campaigns": ["wushen_2024"]},
    "approver": {"role": "approver"},
    "hotline": {"role": "hotline"},
    "auditor": {"role": "auditor"},
    "county": {"role": "viewer", "regions": ["150626"]},
}


@dataclass(frozen=True)
class Web:
    """The application and its office; ``as_`` gives a browser in which that user is logged in."""

    app: FastAPI
    office: Office
    airflow: Engine

    def as_(self, user: str | None) -> TestClient:
        def logged_in() -> SimpleAuthManagerUser:
            if user is None:
                raise HTTPException(401, "Not authenticated")
            return SimpleAuthManagerUser(username=user, role="user")

        self.app.dependency_overrides[get_user] = logged_in
        return TestClient(self.app, headers=PAGE, follow_redirects=False, raise_server_exceptions=True)


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("desk") / "ledger.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def empty_airflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Airflow's own database, in which nothing has run yet."""
    import airflow.models
    from airflow.models.base import Base

    airflow.models.import_all_models()
    file = tmp_path_factory.mktemp("airflow") / "airflow.db"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return file


@pytest.fixture
def airflow_db(empty_airflow: Path, tmp_path: Path) -> Iterator[Engine]:
    file = tmp_path / "airflow.db"
    shutil.copy(empty_airflow, file)
    engine = create_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture
def make_web(
    airflow_db: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Web]]:
    """A desk on a ledger file; the office's folder is the test's own."""
    offices = []

    def make(ledger: Path, *, today: date = TODAY) -> Web:
        file = tmp_path / "access.yaml"
        file.write_text(yaml.safe_dump({"users": USERS}), encoding="utf-8")
        monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
        office = Office(Settings(), lambda: f"sqlite:///{ledger}", today=lambda: today)
        offices.append(office)
        app = make_app(office)

        def read_airflow() -> Iterator[Session]:
            with Session(airflow_db) as session:
                yield session

        app.dependency_overrides[airflow_session] = read_airflow
        return Web(app, office, airflow_db)

    yield make
    for office in offices:
        office.using.close()


@pytest.fixture
def owing_ledger(empty_ledger: Path, tmp_path: Path) -> Path:
    return fill_owing(empty_ledger, tmp_path / "owing.db")


def fill_owing(empty: Path, file: Path) -> Path:
    """Three pharmacies of the banner and a hospital elsewhere owe their self-check since 6 May 2024."""
    shutil.copy(empty, file)
    ledger, campaign = Ledger(f"sqlite:///{file}"), factories.campaign()
    units = [*(factories.make_unit(number) for number in (1, 2, 3)), ELSEWHERE]
    ledger.roster.freeze(campaign.id, units, [], on=LAUNCH, actor="test", source_sha256="0" * 64)
    phase = campaign.phase("self_check")
    for owed in phase.returns:
        ledger.obligations.open(campaign.id, phase.key, owed, due_on=phase.due, on=LAUNCH)
    ledger.close()
    return file


@pytest.fixture
def web(make_web: Callable[..., Web], empty_ledger: Path, tmp_path: Path) -> Web:
    """Nothing has happened yet."""
    file = tmp_path / "ledger.db"
    shutil.copy(empty_ledger, file)
    return make_web(file)
