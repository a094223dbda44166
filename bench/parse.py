"""Reading the DAG files: five campaigns, then hundreds of them, then for the start of one task.

python -m bench.parse [--size N] [--rounds N]

Above bare import: each file of ``dags/`` is executed in a new interpreter after ``import airflow.sdk``, and only the
execution is timed. Airflow's own ``DagBag`` is left out here, because importing it would hide our part.

Per file: the DAG processor forks a process that has Airflow imported and reads one file in it, so that is what is
done here, with ``DagBag`` and then the serialisation. Airflow gives up after 30 s ([core] dagbag_import_timeout,
the reading) and after 50 s ([dag_processor] dag_file_processor_timeout, both).

All times are CPU seconds of the one process at work: what else the machine does is not counted.

The speed-up is that of a task's start, which reads its DAG file once more: every folder with PyYAML's default
loader and every DAG built, against ours, which reads the one folder and builds the one DAG asked for.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Nothing of Airflow or of the project is imported up here: new interpreters read this file too.
ROOT = Path(__file__).resolve().parent.parent
DAGS = ROOT / "dags"
FILES = sorted(file for file in DAGS.glob("*.py") if file.name != "__init__.py")
CAMPAIGNS = ROOT / "include" / "campaigns"
TEMPLATE = "wushen_2024"
BUSIEST = DAGS / "self_check.py"
ONE_DAG = "_AIRFLOW_PARSING_CONTEXT_DAG_ID"


@dataclass(frozen=True)
class Read:
    """One DAG file, read in a process of its own. Times in CPU seconds."""

    dags: int
    parsing: float
    serialising: float
    peak_mb: float


def settings(home: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "PYTHONWARNINGS": "ignore",
        "DUBAN_CAMPAIGNS": str(CAMPAIGNS),
    }


def in_a_process(start: str, work: Callable[..., Any], *inputs: object) -> Any:
    """``start`` is spawn for a new interpreter, fork for a copy of this process."""
    context = multiprocessing.get_context(start)
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as process:
        return process.submit(work, *inputs).result()


def bare_import_and_files() -> tuple[float, float]:
    """CPU seconds to import ``airflow.sdk``, and to execute all DAG files after that."""
    began = time.process_time()
    import airflow.sdk

    assert airflow.sdk.DAG, "names are imported on first use"
    imported = time.process_time()
    for file in FILES:
        spec = importlib.util.spec_from_file_location(f"parsed_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return imported - began, time.process_time() - imported


def read(file: Path) -> Read:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    began = time.process_time()
    bag = DagBag(str(file))
    parsed = time.process_time()
    assert bag.import_errors == {}, bag.import_errors
    for dag in bag.dags.values():
        DagSerialization.to_dict(dag)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Read(len(bag.dags), parsed - began, time.process_time() - parsed, peak)


def start_of_a_task(dag_id: str, *, naive: bool) -> tuple[float, list[str]]:
    """CPU seconds until the task's DAG is there, and its tasks."""
    from airflow.dag_processing.dagbag import DagBag

    if naive:
        import yaml

        del yaml.CSafeLoader  # type: ignore[attr-defined]
    else:
        os.environ[ONE_DAG] = dag_id
    began = time.process_time()
    bag = DagBag(str(BUSIEST), safe_mode=False)
    return time.process_time() - began, sorted(task.task_id for task in bag.dags[dag_id].tasks)


def made(folder: Path, size: int) -> Path:
    """So many campaign folders, alike but for their ids."""
    text = (CAMPAIGNS / TEMPLATE / "campaign.yaml").read_text(encoding="utf-8")
    campaigns = folder / f"campaigns_{size}"
    for number in range(size):
        name = f"county_{number:04d}"
        (campaigns / name).mkdir(parents=True)
        file = campaigns / name / "campaign.yaml"
        file.write_text(text.replace(TEMPLATE, name), encoding="utf-8")
    return campaigns


def above_bare_import(rounds: int) -> float:
    """Median CPU seconds for the campaigns of the repository."""
    measured = [in_a_process("spawn", bare_import_and_files) for _ in range(rounds)]
    for bare, above in measured:
        print(f"{len(FILES)} DAG files above bare import: {above:.2f} s (import airflow.sdk: {bare:.2f} s)")
    return statistics.median(above for _, above in measured)


def per_file(size: int) -> list[Read]:
    """Every DAG file, read one by one as the DAG processor does."""
    found = []
    for file in FILES:
        one: Read = in_a_process("fork", read, file)
        print(
            f"{size} campaigns, {file.name}: {one.dags} DAGs, parsing {one.parsing:.2f} s, "
            f"serialising {one.serialising:.2f} s, {one.peak_mb:.0f} MB"
        )
        found.append(one)
    return found


def compared(dag_id: str, rounds: int) -> float:
    """How many times faster a task finds its DAG, naive and ours in turn; the median."""
    ratios = []
    for number in range(1, rounds + 1):
        slow, expected = in_a_process("fork", naive_start, dag_id)
        fast, got = in_a_process("fork", our_start, dag_id)
        assert expected == got, "both must find the same tasks"
        print(f"round {number}: start of a task, naive {slow:.2f} s, ours {fast:.3f} s")
        ratios.append(slow / fast)
    return statistics.median(ratios)


def naive_start(dag_id: str) -> tuple[float, list[str]]:
    return start_of_a_task(dag_id, naive=True)


def our_start(dag_id: str) -> tuple[float, list[str]]:
    return start_of_a_task(dag_id, naive=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=200, help="campaign folders (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(settings(Path(folder)))
        above = above_bare_import(asked.rounds)
        import airflow.dag_processing.dagbag
        import airflow.serialization.serialized_objects  # noqa: F401 - for the processes forked from here

        costs: dict[int, list[Read]] = {}
        for size in sorted({max(1, asked.size // 4), max(1, asked.size // 2), asked.size}):
            os.environ["DUBAN_CAMPAIGNS"] = str(made(Path(folder), size))
            costs[size] = per_file(size)
        speedup = compared(f"county_{asked.size - 1:04d}__self_check", asked.rounds)
    per_campaign = [sum(one.parsing + one.serialising for one in files) / n for n, files in costs.items()]
    largest = costs[asked.size]
    slowest = max(largest, key=lambda one: one.parsing + one.serialising)
    print(
        json.dumps(
            {
                "bench": "parse",
                "size": asked.size,
                "speedup": round(speedup, 1),
                "seconds": round(max(one.parsing for one in largest), 3),
                "peak_mb": round(max(one.peak_mb for one in largest)),
                "above_import_seconds": round(above, 3),
                "with_serialising_seconds": round(slowest.parsing + slowest.serialising, 3),
                "growth": round(per_campaign[-1] / per_campaign[0], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
