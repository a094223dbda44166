"""What every DAG must be, whatever the campaign."""

from __future__ import annotations

from datetime import time
from itertools import pairwise
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
PULL = "pull_feeds"
SCREEN = "screen_settlements"
DAG_IDS = (
    [campaign.dag_id(phase) for campaign, phase in PHASES]
    + [campaign.report_dag_id(report) for campaign, report in REPORTS]
    + [INTAKE, FOLLOW]
)
DESKS = [
    *("desk_tip_register", "desk_tip_accept", "desk_tip_link", "desk_tip_result", "desk_tip_reply"),
    *("desk_clue_assign", "desk_clue_result", "desk_clue_feedback"),
    "desk_inspection_result",
    *("desk_rectification_progress", "desk_rectification_refund", "desk_rectification_accept"),
    *("desk_case_investigate", "desk_case_notify", "desk_case_decide", "desk_case_execute", "desk_case_halt"),
    *("desk_referral_register", "desk_referral_answer", "desk_blacklist_list", "desk_blacklist_remove"),
    *("desk_limit_extend", "desk_limit_pause", "desk_limit_resume", "desk_limit_due_date"),
    *("desk_waiver_grant", "desk_waiver_revoke"),
    *("desk_return_list", "desk_return_claim", "desk_return_set_aside", "desk_return_review"),
    *("desk_sending_stop", "desk_sending_resume", "desk_sending_suspend_unit", "desk_sending_resume_unit"),
    *("desk_sending_confirm", "desk_sending_settle", "desk_sending_again"),
    "desk_contact_call",
    *("desk_campaign_amend", "desk_campaign_holder"),
    "desk_survey",
    "desk_screening_threshold",
]
TAGS = (
    {campaign.id for campaign in CAMPAIGNS}
    | {kind.value for kind in PhaseKind}
    | {"report", "intake", "registers", "feeds", "screening", "desk"}
    | {desk.split("_")[1] for desk in DESKS}
)

SENDING = [
    "present_batches > needs_approval",
    "needs_approval > approve_sending",
    "needs_approval > deliver_notices",
    "approve_sending > record_approval",
    "record_approval > deliver_notices",
    "deliver_notices > reconcile_batches",
    "reconcile_batches > tally",
    "tally > take_survey",
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
TO_THE_OFFICE = [
    "plan_office_notices > deliver_notices",
    "deliver_notices > tally",
    "tally > take_survey",
]
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
    assert sorted(dag_bag.dags) == sorted([*DAG_IDS, *DESKS, PULL, SCREEN])


@pytest.mark.parametrize("dag_id", [*DAG_IDS, *DESKS, PULL, SCREEN])
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


def test_a_mailbox_that_cannot_be_read_holds_up_no_return_that_came_otherwise(dag_bag: Any) -> None:
    dag = dag_bag.dags[INTAKE]
    order = [
        *("receive_mail", "handle_bounces", "collect_folders", "check_returns", "deliver_answers"),
        *("reconcile_sending", "take_surveys"),
    ]
    rules = {task.task_id: task.trigger_rule.value for task in dag.tasks}
    assert rules == {"receive_mail": "all_success", "all_done": "all_success"} | dict.fromkeys(
        order[1:], "all_done"
    )
    one_after_another = [f"{task} > {after}" for task, after in pairwise(order)]
    assert edges(dag) == sorted([*one_after_another, *(f"{task} > all_done" for task in order)]), (
        "the run has failed when any task has"
    )


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


def test_a_phase_or_a_report_may_be_run_by_hand_after_its_last_day(dag_bag: Any) -> None:
    from include.campaigns.registry import load_calendar

    reports = [(campaign, campaign.report_dag_id(report)) for campaign, report in REPORTS]
    for campaign, dag_id in [*reports, *((campaign, campaign.dag_id(phase)) for campaign, phase in PHASES)]:
        dag = dag_bag.dags[dag_id]
        assert dag.start_date.astimezone(SHANGHAI).date() == campaign.starts_on
        assert dag.end_date.astimezone(SHANGHAI).date() == load_calendar().last_known


def test_a_manual_run_rehearses_unless_told_otherwise(dag_bag: Any) -> None:
    for dag_id in [*DAG_IDS, *DESKS, PULL, SCREEN]:
        params = dag_bag.dags[dag_id].params
        if "dry_run" in params:
            assert params["dry_run"] is True


def test_the_form_stands_once_and_every_task_is_given_what_was_filled_in(dag_bag: Any) -> None:
    from airflow.sdk.definitions.param import process_params

    for dag in dag_bag.dags.values():
        filled_in = {"on": "2024-05-24"} if "on" in dag.params else {}
        for task in dag.tasks:
            assert not set(task.params) & set(dag.params), f"{task} carries a copy"
            given = process_params(dag, task, filled_in, suppress_exception=True)
            assert given.items() >= (dag.params.dump() | filled_in).items()


def test_times_are_beijing_time(dag_bag: Any) -> None:
    assert str(dag_bag.dags[INTAKE].timetable.timezone) == "Asia/Shanghai"
    for dag_id in SCHEDULED:
        first = dag_bag.dags[dag_id].timetable.moments[0]
        assert first.utcoffset() == SHANGHAI.utcoffset(first)


def edges(dag: Any) -> list[str]:
    return sorted(f"{task.task_id} > {after}" for task in dag.tasks for after in task.downstream_task_ids)


# What staff start by hand

SHOWN_ONLY = {"desk_return_list", "desk_survey"}


@pytest.mark.parametrize("dag_id", DESKS)
def test_a_desk_runs_only_by_hand_one_at_a_time_and_at_once(dag_bag: Any, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    assert not dag.timetable.can_be_scheduled
    assert (dag.catchup, dag.max_active_runs, dag.is_paused_upon_creation) == (False, 1, False)
    assert [task.retries >= 1 and bool(task.on_failure_callback) for task in dag.tasks] == [True]
    assert "desk" in dag.tags


@pytest.mark.parametrize("dag_id", DESKS)
def test_a_desk_asks_for_the_campaign_shows_first_and_wants_a_reason(dag_bag: Any, dag_id: str) -> None:
    params = dag_bag.dags[dag_id].params
    schema = params.get_param("campaign").schema
    assert schema["enum"] == [campaign.id for campaign in CAMPAIGNS]
    assert schema["values_display"] == {campaign.id: campaign.title for campaign in CAMPAIGNS}
    if dag_id not in SHOWN_ONLY:
        assert params["dry_run"] is True
        assert params.get_param("why").schema["type"] == "string", "a reason is needed"
        assert params.get_param("why").value is None


@pytest.mark.parametrize("dag_id", [*DESKS, PULL, SCREEN])
def test_every_field_has_a_chinese_title_help_and_heading(dag_bag: Any, dag_id: str) -> None:
    params = dag_bag.dags[dag_id].params
    for name in params:
        field = params.get_param(name)
        for words in (field.schema["title"], field.schema["section"], field.description):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in words), (name, words)
        if "enum" in field.schema:
            shown = ["None" if value is None else value for value in field.schema["enum"]]
            assert list(field.schema["values_display"]) == shown
            assert (None in field.schema["enum"]) == ("null" in field.schema["type"])
            assert field.value is None
        if name.endswith("_on") or name in {"on", "until", "since"}:
            assert field.schema["format"] == "date"


@pytest.mark.parametrize("dag_id", [*DESKS, PULL, SCREEN])
def test_no_form_asks_who_a_person_is(dag_bag: Any, dag_id: str) -> None:
    from include.domain.desk import KEPT_OUT
    from include.gateways.form_files import load_forms

    confidential = {
        column.header
        for form in load_forms().values()
        for sheet in form.sheets
        if sheet.confidential
        for column in sheet.columns
        if column.field != "tip_no"
    }
    assert confidential == {"举报人姓名", "举报人电话", "举报人证件号"}
    params = dag_bag.dags[dag_id].params
    register = dag_id.split("_")[1]
    assert not {"tipster_name", "tipster_phone", "tipster_cert", *KEPT_OUT.get(register, ())} & set(params)
    assert not confidential & {params.get_param(name).schema["title"] for name in params}


@pytest.mark.parametrize("dag_id", [desk for desk in DESKS if desk.startswith("desk_tip_")])
def test_a_tip_s_form_says_where_the_tipster_belongs(dag_bag: Any, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    assert "“举报人信息”表" in dag.params.get_param("campaign").description
    assert "举报人身份" in dag.doc_md


@pytest.mark.parametrize(
    ("dag_id", "name", "right", "wrong"),
    [
        ("desk_tip_accept", "memo", [None, "已核实", "文号2024060500001"], ["电话13800138000", "证15062619900101001X"]),
        ("desk_clue_result", "confirmed_amt", [None, "12600", "0.05"], ["1.234", "-1", "一万", 3.5]),
        ("desk_clue_result", "progress", [None, "待复核"], ["已反馈", ""]),
        ("desk_clue_assign", "due_on", [None, "2024-06-25"], ["2024年6月25日", "2024-02-30"]),
        ("desk_blacklist_list", "subject_type", ["定点零售药店"], ["参保人员", None]),
        ("desk_inspection_result", "problem_count", [None, 0, 3], [-1, "3"]),
        ("desk_waiver_grant", "unit", ["P15062600001", " p15062600001 "], ["P1506", None]),
        ("desk_screening_threshold", "parameter", ["S05.days"], ["S05", "S99.days", None]),
        ("desk_screening_threshold", "value", ["10", "0.5"], ["", "十", "-1", "10天"]),
        ("desk_limit_pause", "ground", ["鉴定"], ["开会", None]),
    ],
)  # fmt: skip
def test_a_form_refuses_what_cannot_be_meant(
    dag_bag: Any, dag_id: str, name: str, right: list[Any], wrong: list[Any]
) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    param = dag_bag.dags[dag_id].params.get_param(name)
    assert [param.resolve(value) for value in right] == right
    for value in wrong:
        with pytest.raises(ParamValidationError):
            param.resolve(value)


@pytest.mark.parametrize("dag_id", [*DESKS, PULL, SCREEN])
def test_a_form_survives_the_way_to_the_scheduler(dag_bag: Any, dag_id: str) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    dag = dag_bag.dags[dag_id]
    restored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert {name: restored.params.get_param(name).schema for name in restored.params} == {
        name: dag.params.get_param(name).schema for name in dag.params
    }
    assert restored.task_ids == dag.task_ids


def test_feeds_are_pulled_before_the_day_s_work_and_not_at_all_without_any(dag_bag: Any) -> None:
    from include.wiring.dags import FOLLOW_AT, PULL_AT

    timetable = dag_bag.dags[PULL].timetable
    assert timetable.at == PULL_AT < FOLLOW_AT
    assert list(timetable.days) == [], "no campaign has a feed"


def test_the_tasks_of_a_run_do_not_depend_on_the_number_of_units(dag_bag: Any) -> None:
    """They are fixed by the DAG file; only settlement data, and by city, are worked on in as many tasks as there are."""
    by_number = {
        (dag.dag_id, task.task_id)
        for dag in dag_bag.dags.values()
        for task in dag.tasks
        if task.is_mapped or list(task.iter_mapped_task_groups())
    }
    assert by_number == {(SCREEN, "screen_area")}


def test_settlement_data_are_screened_city_by_city_and_not_at_all_without_any(dag_bag: Any) -> None:
    dag = dag_bag.dags[SCREEN]
    assert edges(dag) == [
        "deliver_batches > tally",
        "hand_over > deliver_batches",
        "list_areas > screen_area",
        "read_database > list_areas",
        "screen_area > hand_over",
        "screen_area > tally",
    ]
    assert dag.get_task("screen_area").is_mapped
    rules = {each.task_id: each.trigger_rule.value for each in dag.tasks}
    assert (rules["hand_over"], rules["deliver_batches"]) == ("all_done", "all_done"), (
        "the other cities' clues go out"
    )
    assert rules["tally"] == "none_failed", "and the run has failed all the same"
    assert list(dag.timetable.days) == [], "no data are configured"


def test_new_settlement_data_start_a_screening_as_the_month_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import AssetOrTimeSchedule

    from include.wiring.dags import SETTLEMENTS_ASSET, screen_dag

    monkeypatch.setenv("DUBAN_SETTLEMENTS", "/data/settlements")
    schedule = screen_dag("")["schedule"]
    assert isinstance(schedule, AssetOrTimeSchedule)
    assert [each.name for each in schedule.asset_condition.objects] == [SETTLEMENTS_ASSET]
    days = schedule.timetable.days
    assert len({(day.year, day.month) for day in days}) == len(days) > 0, "once a month"


HEAVY = ("pandas", "great_expectations", "openpyxl", "python_calamine", "yagmail", "include.domain.forms")


@pytest.mark.parametrize("file", ["desk_cases", "desk_limits", "desk_sending"])
def test_a_desk_file_is_read_without_the_heavy_libraries(file: str) -> None:
    import subprocess
    import sys

    from tests.conftest import ROOT

    said = subprocess.run(
        [sys.executable, "-c", f"import sys, dags.{file}; print([m for m in {HEAVY} if m in sys.modules])"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip().splitlines()[-1] == "[]"


def test_no_task_of_ours_lets_airflow_log_its_result_as_it_is(dag_bag: Any) -> None:
    """A page to be approved names contacts; ``work`` logs results without persons itself."""
    shown = {
        f"{dag_id}.{task.task_id}"
        for dag_id, dag in dag_bag.dags.items()
        for task in dag.tasks
        if getattr(task, "show_return_value_in_logs", False)
        and task.task_id not in {"needs_approval", "goes_on"}
    }
    assert shown == set()
