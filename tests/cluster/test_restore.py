"""Production destroyed in the middle of sending, both its databases and the archive, and put back from a backup."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from demo.cluster import SERVERS, Cluster
from demo.servers import postgres_installations
from demo.stack import MAIL
from include.domain.notices import NoticeKind
from tests.cluster.office import Office
from tests.conftest import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

UNITS = 8
IN_HAND = 1
"""Mails at most on their way at once: one connection."""
AIRFLOW = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def command(cluster: Cluster, *words: object) -> subprocess.CompletedProcess[str]:
    path = f"{next(postgres_installations())}{os.pathsep}{cluster.env['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "include.cli", *map(str, words)],
        env=cluster.env | {"PATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def done(cluster: Cluster, *words: object) -> Any:
    ran = command(cluster, *words, "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def destroy(cluster: Cluster) -> None:
    for name in cluster.statuses():
        if name not in (*SERVERS, MAIL):
            cluster.kill(name)
    for url in (cluster.env[AIRFLOW], cluster.env["DUBAN_LEDGER_URL"]):
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    shutil.rmtree(cluster.env["DUBAN_ARCHIVE"], ignore_errors=True)


def test_production_destroyed_while_sending_comes_back_and_writes_to_nobody_twice(
    cluster: Cluster, office: Office, tmp_path: Path
) -> None:
    units = office.take_units(UNITS)
    office.slow(True)
    run_id = office.start(units)
    office.until(lambda: office.arrived(units) >= 2, "no mail arrives")
    assert done(cluster, "backup", "--to", tmp_path / "backup")["has_airflow"]
    office.until(lambda: office.arrived(units) >= 4, "no more mail arrives")
    office.using.ledger.close()
    destroy(cluster)
    office.slow(False)
    before = office.copies()

    restored = done(cluster, "restore", "--from", tmp_path / "backup")
    assert (restored["missing"], restored["airflow_restored"]) == ([], True)
    office.end(run_id)
    assert office.copies() == before, "nothing leaves until a person has compared"

    ran = command(cluster, "outbox", "resume", "--by", "办公室", "--reason", "已与已发送核对")
    assert ran.returncode == 0, ran.stderr
    office.run(units)
    # Each unit's notice is taken over, or in doubt and listed; what was in hand when all died may not have arrived.
    office.expect_each_once(units, NoticeKind.LAUNCH, in_doubt=UNITS - 2)
    assert office.arrived(units) >= UNITS - IN_HAND
