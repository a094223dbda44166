"""A rehearsal does on a day what the DAGs do, task by task: whoever adds one there adds it here."""

from __future__ import annotations

from typing import Any

import pytest

from include.campaigns.registry import FOLDER, load_calendar, load_campaign
from include.domain.campaign import PhaseKind
from include.rehearsal import runs

CAMPAIGN = load_campaign(FOLDER / "wushen_2024")
ONLY_IN_AIRFLOW = {
    "预演还是办理",
    "预演：拟发给谁、为什么",
    "是否需要批准",
    "审批批量发送",
    "登记发送审批意见",
    "收取邮箱",
    "更新看板数据",
    "全部办成",
}
"""Previews, what a person answers, what pages show, the mailbox (units of a rehearsal lay their files into the inbox),
and the mark of a run that has ended well."""


def titles(dag_bag: Any, dag_id: str) -> list[str]:
    tasks = dag_bag.dags[dag_id].topological_sort()
    return [task.task_display_name for task in tasks if task.task_display_name not in ONLY_IN_AIRFLOW]


@pytest.mark.parametrize("kind", list(PhaseKind))
def test_a_phase_is_worked_on_as_its_dag_does(dag_bag: Any, kind: PhaseKind) -> None:
    [phase] = CAMPAIGN.phases_of(kind)
    day = load_calendar().on_or_after(phase.start)
    [run] = [run for run in runs.of_working_day(CAMPAIGN, day, load_calendar()) if run.title == phase.title]
    assert [task.title for task in run.tasks] == titles(dag_bag, CAMPAIGN.dag_id(phase))
    assert run.at == phase.run_at


def test_arrivals_are_taken_in_as_the_dag_of_the_intake_does(dag_bag: Any) -> None:
    intake = runs.intake(CAMPAIGN)
    assert [task.title for task in intake.tasks] == titles(dag_bag, "collect_returns")
    assert intake.goes_on


def test_registers_are_followed_as_their_dag_does(dag_bag: Any) -> None:
    day = load_calendar().on_or_after(CAMPAIGN.starts_on)
    first = runs.of_working_day(CAMPAIGN, day, load_calendar())[0]
    assert [task.title for task in first.tasks] == titles(dag_bag, "follow_registers")


def test_nothing_runs_before_a_phase_begins() -> None:
    late = CAMPAIGN.phase("summary")
    before = load_calendar().on_or_before(CAMPAIGN.starts_on.replace(day=20))
    assert late.title not in {run.title for run in runs.of_working_day(CAMPAIGN, before, load_calendar())}
