"""A Spark cluster of its own processes on this machine: a master and two workers, as a bureau's is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

from tests.gateways.mail_builders import free_port

WITHIN = 60
"""Seconds for the workers to come."""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of the cluster, until the block is left."""
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        master = _started(stack, folder / "master.log", "master.Master", "--port", str(port))
        _wait(master, "I have been elected leader")
        for number in (1, 2):
            log = folder / f"worker{number}.log"
            options = ("--cores", "1", "--memory", "2g", "--work-dir", str(folder / f"work{number}"), address)
            _wait(_started(stack, log, "worker.Worker", *options), "Successfully registered")
        yield address


def _started(stack: ExitStack, log: Path, kind: str, *options: str) -> Path:
    home = Path(pyspark.__file__).parent
    command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1"]
    environ = {**os.environ, "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
    output = stack.enter_context(log.open("w"))
    process = subprocess.Popen(
        [*command, "--webui-port", "0", *options], env=environ, stdout=output, stderr=subprocess.STDOUT
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return log


def _wait(log: Path, sentence: str) -> None:
    until = time.monotonic() + WITHIN
    while sentence not in log.read_text(errors="replace"):
        if time.monotonic() > until:
            raise TimeoutError(f"{sentence!r} did not come: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.2)
