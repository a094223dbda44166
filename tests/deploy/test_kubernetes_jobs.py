"""The jobs beside the chart run commands of ours, with options they know and volumes that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from include.cli.__main__ import app

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
PARTS = [
    part
    for file in ("jobs.yaml", "volumes.yaml")
    for part in yaml.safe_load_all((FOLDER / file).read_text(encoding="utf-8"))
]
JOBS = [part for part in PARTS if part["kind"] == "CronJob"]
CLAIMS = {part["metadata"]["name"] for part in PARTS if part["kind"] == "PersistentVolumeClaim"}


def pod(job: dict[str, Any]) -> dict[str, Any]:
    return dict(job["spec"]["jobTemplate"]["spec"]["template"]["spec"])


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job["metadata"]["name"])
def test_a_job_is_a_command_of_ours_with_options_it_knows(job: dict[str, Any]) -> None:
    [container] = pod(job)["containers"]
    python, module, name, command, *options = container["args"]
    assert (python, module, name) == ("python", "-m", "include.cli")
    assert get_command(app).commands[command].make_context(command, options).params


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job["metadata"]["name"])
def test_what_a_job_mounts_is_there_and_its_image_is_the_charts(job: dict[str, Any]) -> None:
    [container] = pod(job)["containers"]
    volumes = {volume["name"]: volume for volume in pod(job)["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()
    claimed = {
        each["persistentVolumeClaim"]["claimName"]
        for each in volumes.values()
        if "persistentVolumeClaim" in each
    }
    assert claimed <= CLAIMS
    chart = yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8"))
    assert container["image"] == f"{chart['defaultAirflowRepository']}:{chart['defaultAirflowTag']}"


def test_nobody_starts_two_of_them_at_once() -> None:
    assert {job["spec"]["concurrencyPolicy"] for job in JOBS} == {"Forbid"}
    assert {job["spec"]["timeZone"] for job in JOBS} == {"Asia/Shanghai"}
