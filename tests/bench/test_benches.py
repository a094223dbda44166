"""Every benchmark runs, at a size that says nothing of speed: what they compare is alike, and none is left behind.

``bench.scale campaigns`` is not among them: it takes ten minutes of an office day.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from include.settings import ROOT

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

SMALL = (
    "cluster --size 4 --rounds 1",
    "desk --units 400 --readers 2 --seconds 2",
    "desk --units 400 --readers 2 --seconds 2 --database postgres",
    "mail --size 4 --reminders 8 --rounds 1",
    "parse --size 4 --rounds 1",
    "plan --size 200",
    "plan --size 200 --database postgres",
    "report --size 200 --rounds 1",
    "returns --size 4 --rounds 1",
    "roster --size 300 --rounds 1",
    "scale nation --sizes 1000 2000",
    "scale province --units 400 --returns 20",
    "screen --size 20000 --rounds 1 --whole",
    "templates --size 4 --rounds 1",
    "validate --size 4 --rounds 1",
)


def test_no_benchmark_is_missing_here() -> None:
    programs = {
        file.stem for file in ROOT.glob("bench/*.py") if "__main__" in file.read_text(encoding="utf-8")
    }
    assert programs == {command.split()[0] for command in SMALL}


@pytest.mark.parametrize("command", SMALL)
def test_a_benchmark_runs_and_tells_its_figures(command: str) -> None:
    name, *options = command.split()
    ran = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    figures = json.loads(ran.stdout.splitlines()[-1])
    assert figures.pop("bench").split()[0] == name
    assert figures
