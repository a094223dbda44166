"""One component whose clock is an hour off: its work is done all the same, once, and the operator is told."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from include.domain.notices import NoticeKind
from tests.cluster.office import Office
from tests.cluster.tested import TriedCluster

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

HOUR = 3600
CLOCK = "各机器时钟不一致"
TOLD = {("worker-1", HOUR), ("worker-1", -HOUR), ("scheduler-1", HOUR)}
"""A scheduler behind the other is hidden by it on Airflow's health page; its tasks that fail are told of."""


@pytest.fixture(scope="module")
def wrong_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What makes the clock of a process wrong."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler (apt-get install gcc libc6-dev)")
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.mark.parametrize("seconds", [HOUR, -HOUR], ids=["an hour ahead", "an hour behind"])
@pytest.mark.parametrize("name", ["worker-1", "scheduler-1"])
def test_a_wrong_clock_sends_nothing_twice_and_loses_nothing(
    name: str, seconds: int, wrong_clock: Path, cluster: TriedCluster, office: Office
) -> None:
    units = office.take_units(3)
    heard = office.heard(CLOCK)
    cluster.clocks[name] = {"LD_PRELOAD": str(wrong_clock), "CLOCK_OFF": str(seconds)}
    restart(cluster, name)
    run_id = office.start(units)
    office.ended(run_id)
    if (name, seconds) in TOLD:
        office.until(lambda: office.heard(CLOCK) > heard, "nobody is told of the clock")
    # Workers refuse what a scheduler with a wrong clock signs: its tasks fail until the clock is right.
    cluster.clocks.clear()
    restart(cluster, name)
    office.go_on(run_id)
    office.expect_each_once(units, NoticeKind.LAUNCH, in_doubt=0)


def restart(cluster: TriedCluster, name: str) -> None:
    cluster.kill(name)
    cluster.revive()
