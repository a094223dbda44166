"""A ledger that a newer program has changed is opened by nobody here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from include.domain.errors import GiveUp
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect, migrations, upgrade
from include.gateways.ledger.versions import MIGRATIONS
from tests.gateways.ledger.contract.samples import CAMPAIGN, make_notice


@pytest.fixture
def newer_url(empty_url: str) -> str:
    upgrade(empty_url)
    engine = connect(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    return empty_url


def read(url: str) -> None:
    Ledger(url).outbox.rows(CAMPAIGN)


def write(url: str) -> None:
    Ledger(url).outbox.plan([make_notice()])


def one_picture(url: str) -> None:
    with Ledger(url).at_one_moment():
        pass


def verify(url: str) -> None:
    Ledger(url).audit.verify()


@pytest.mark.parametrize("work", [read, write, one_picture, verify, upgrade])
def test_a_newer_ledger_is_refused_with_a_sentence_and_left_as_it_is(
    newer_url: str, work: Callable[[str], None]
) -> None:
    with pytest.raises(GiveUp, match=r"版本是9999，比本程序支持的.*没有改动任何数据"):
        work(newer_url)
    engine = connect(newer_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
        assert connection.scalar(text("SELECT count(*) FROM notice")) == 0
    engine.dispose()


def test_a_file_of_migrations_begins_with_its_number() -> None:
    scripts = ScriptDirectory.from_config(migrations())
    numbers = {script.revision for script in scripts.walk_revisions()}
    assert numbers == {file.name[:4] for file in (MIGRATIONS / "versions").glob("0*.py")}
