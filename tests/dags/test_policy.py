"""What every DAG must be, whatever the campaign."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from include.campaigns.registry import load_campaigns
from include.domain.campaign import PhaseKind
from include.domain.collecting import last_due
from include.domain.ladder import GRACE
from include.timetable import SHANGHAI, WorkingDays
from include.wiring import OWNER

CAMPAIGNS = load_campaigns().campaigns
PHASES = [(campaign, phase) for campaign in CAMPAIGNS for phase in campaign.phases]
REPORTS = [(campaign, report) for campaign in CAMPAIGNS for report in campaign.reports if report.is_compiled]
INTAKE = "collect_returns"
FOLLOW = "follow_registers"
DAG_IDS = (
    [campaign.dag_id(phase) for campaign, phase in PHASES]
    + [campaign.report_dag_id(report) for campaign, report in REPORTS]
    + [INTAKE, FOLLOW]
)
TAGS = (
    {campaign.id for campaign in CAMPAIGNS}
    | {kind.value for kind in PhaseKind}
    | {"report", "intake", "registers"}
)

SENDING = [
    "present_batches > needs_approval",
    "needs_approval > approve_sending",
    "needs_approval > deliver_notices",
    "approve_sending > record_approval",
    "record_approval > deliver_notices",
    "deliver_notices > reconcile_batches",
    "reconcile_batches > tally",
]
CHASE = [
    "plan_office_notices > choose",
    "choose > collect_returns",
    "choose > show_plan",
    "collect_returns > check_returns",
    "check_returns > plan_launch",
    "plan_launch > plan_reminders",
    "plan_reminders > plan_escalations",
    "plan_escalations > present_batches",
    *SENDING,
]
TO_THE_OFFICE = ["plan_office_notices > deliver_notices", "deliver_notices > tally"]
BEGINNINGS = {
    PhaseKind.SELF_CHECK: ["open_obligations > plan_office_notices"],
    PhaseKind.INSPECTION: ["open_obligations > plan_week", "plan_week > plan_office_notices"],
    PhaseKind.CONCLUSION: ["open_obligations > plan_office_notices"],
}
MOBILIZATION_FLOW = [
    "take_roster > open_obligations",
    "open_obligations > check_contacts",
    "check_contacts > plan_office_notices",
    "plan_office_notices > choose",
    "choose > plan_announcements",
    "choose > show_plan",
    "plan_announcements > present_batches",
    *SENDING,
]
REPORT_FLOW = [
    "compile_edition > goes_on",
    "goes_on > ask_prepared",
    "ask_prepared > sign_prepared",
    "sign_prepared > record_prepared",
    "record_prepared > ask_reviewed",
    "ask_reviewed > sign_reviewed",
    "sign_reviewed > record_reviewed",
    "record_reviewed > ask_approved",
    "ask_approved > sign_approved",
    "sign_approved > record_approved",
    "record_approved > plan_mail",
    "plan_mail > deliver_notices",
    "deliver_notices > mark_sent",
]
ON_EVENT = {c.report_dag_id(report) for c, report in REPORTS if report.cadence == "on_event"}
"""Started by hand, when something has happened."""
SCHEDULED = sorted(set(DAG_IDS) - ON_EVENT - {INTAKE})


def test_every_phase_and_every_compilable_report_is_a_dag_and_nothing_else_is(dag_bag: Any) -> None:
    assert dag_bag.import_errors == {}
    assert sorted(dag_bag.dags) == sorted(DAG_IDS)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_tells_staff_what_it_is_and_whom_to_ask(dag_bag: Any, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    assert dag.dag_display_name != dag_id
    assert "失败怎么办" in dag.doc_md
    assert dag.owner == OWNER
    assert set(dag.tags) <= TAGS
    assert all(task.task_display_name != task.task_id for task in dag.tasks)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_runs_alone_without_catching_up_and_comes_to_an_end(dag_bag: Any, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    # A report's run may wait for a signature while the next day's compiles anew and reminds.
    assert dag.max_active_runs == (16 if "__report__" in dag_id else 1)
    assert dag.catchup is False
    assert dag.dagrun_timeout is not None
    assert dag.end_date is not None
    for task in dag.tasks:
        assert task.retries >= 1, task.task_id
        assert task.on_failure_callback, task.task_id


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_a_dag_survives_the_way_to_the_scheduler(dag_bag: Any, dag_id: str) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    dag = dag_bag.dags[dag_id]
    restored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert restored.timetable.can_be_scheduled is (dag_id not in ON_EVENT)
    if dag_id in SCHEDULED:
        assert restored.timetable.summary == dag.timetable.summary
    assert restored.task_ids == dag.task_ids


@pytest.mark.parametrize("dag_id", SCHEDULED)
def test_no_run_is_at_night_or_on_a_free_day(dag_bag: Any, dag_id: str) -> None:
    from include.campaigns.registry import load_calendar

    timetable = dag_bag.dags[dag_id].timetable
    assert isinstance(timetable, WorkingDays)
    assert time(8, 30) <= timetable.at <= time(17, 30)
    assert all(load_calendar().is_working_day(day) for day in timetable.days)


@pytest.mark.parametrize(
    ("campaign", "phase"), PHASES, ids=lambda item: item.key if hasattr(item, "key") else item.id
)
def test_the_window_covers_the_phase_and_its_whole_ladder(dag_bag: Any, campaign: Any, phase: Any) -> None:
    from include.campaigns.registry import load_calendar

    days = dag_bag.dags[campaign.dag_id(phase)].timetable.days
    assert min(days) >= phase.start
    if any(owed.filled_by == "unit" for owed in phase.returns):
        last_rung = max(step.offset for step in campaign.ladder)
        last = last_due(campaign, phase, load_calendar())
        assert last >= phase.due
        assert max(days) == load_calendar().shift(last, last_rung + GRACE)
    else:
        assert max(days) <= phase.due


@pytest.mark.parametrize(
    ("campaign", "phase"), PHASES, ids=lambda item: item.key if hasattr(item, "key") else item.id
)
def test_the_flow_of_each_kind_is_the_reviewed_one(dag_bag: Any, campaign: Any, phase: Any) -> None:
    flow = MOBILIZATION_FLOW
    if phase.kind is not PhaseKind.MOBILIZATION:
        asks_units = any(owed.filled_by == "unit" for owed in phase.returns)
        flow = BEGINNINGS[phase.kind] + (CHASE if asks_units else TO_THE_OFFICE)
    assert edges(dag_bag.dags[campaign.dag_id(phase)]) == sorted(flow)


def test_records_are_followed_in_the_morning_before_their_digests_leave(dag_bag: Any) -> None:
    dag = dag_bag.dags[FOLLOW]
    assert edges(dag) == ["follow_records > deliver_digests"]
    assert dag.timetable.at == time(8, 30)


@pytest.mark.parametrize(
    ("campaign", "report"), REPORTS, ids=lambda item: item.key if hasattr(item, "key") else item.id
)
def test_a_report_is_signed_by_three_hands_before_it_is_planned_or_sent(
    dag_bag: Any, campaign: Any, report: Any
) -> None:
    dag = dag_bag.dags[campaign.report_dag_id(report)]
    flow = [edge for edge in edges(dag) if not edge.startswith("compile_edition") or "goes_on" in edge]
    assert flow == sorted(REPORT_FLOW)
    for hand in ("prepared", "reviewed", "approved"):
        sign = dag.get_task(f"sign_{hand}")
        assert sign.defaults == ["退回，不报送"], "no answer must mean: do not send"
        assert sign.response_timeout is not None


@pytest.mark.parametrize(
    ("campaign", "report"), REPORTS, ids=lambda item: item.key if hasattr(item, "key") else item.id
)
def test_a_report_runs_on_the_days_of_all_its_occasions(dag_bag: Any, campaign: Any, report: Any) -> None:
    from include.campaigns.registry import load_calendar
    from include.domain.occasions import compile_window, occasions

    timetable = dag_bag.dags[campaign.report_dag_id(report)].timetable
    windows = [
        compile_window(each, report, load_calendar()) for each in occasions(campaign, report, load_calendar())
    ]
    days = list(getattr(timetable, "days", ()))
    assert all(any(first <= day <= last for first, last in windows) for day in days)
    assert {day for window in windows for day in window} <= set(days)


def test_a_report_may_be_corrected_and_receipted_by_hand_after_its_last_day(dag_bag: Any) -> None:
    from include.campaigns.registry import load_calendar

    for campaign, report in REPORTS:
        dag = dag_bag.dags[campaign.report_dag_id(report)]
        assert dag.start_date.astimezone(SHANGHAI).date() == campaign.starts_on
        assert dag.end_date.astimezone(SHANGHAI).date() == load_calendar().last_known


def test_a_manual_run_rehearses_unless_told_otherwise(dag_bag: Any) -> None:
    for dag_id in DAG_IDS:
        params = dag_bag.dags[dag_id].params
        if "dry_run" in params:
            assert params["dry_run"] is True


def test_times_are_beijing_time(dag_bag: Any) -> None:
    assert str(dag_bag.dags[INTAKE].timetable.timezone) == "Asia/Shanghai"
    for dag_id in SCHEDULED:
        first = dag_bag.dags[dag_id].timetable.moments[0]
        assert first.utcoffset() == SHANGHAI.utcoffset(first)


def edges(dag: Any) -> list[str]:
    return sorted(f"{task.task_id} > {after}" for task in dag.tasks for after in task.downstream_task_ids)
