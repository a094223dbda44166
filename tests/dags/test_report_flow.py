"""A report's DAG from compiling to sending, task by task, with what people answer on Airflow's pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowFailException

from include import assembly, wiring
from include.domain.notices import NoticeKind
from include.domain.reports import EditionState
from include.domain.sign_off import Hand
from include.wiring import tasks
from include.wiring.approvals import SignatureOperator
from tests import factories
from tests.conftest import ROOT
from tests.steps.conftest import Desk

DAG_ID = "wushen_2024__report__self_check_statistics"
FIRST, SECOND, THIRD = Hand
USERS = {"office_staff": "staff", "office_director": "director", "deputy_bureau": "deputy"}
WHO = dict(zip(Hand, USERS.values(), strict=True))


def answered(option: str, user: str | None, reason: str = "") -> dict[str, Any]:
    """What Airflow hands on of an answer; no user means that time ran out."""
    return {
        "chosen_options": [option],
        "params_input": {"reason": reason},
        "responded_at": datetime(2024, 6, 5, 3, tzinfo=UTC),
        "responded_by_user": {"id": user, "name": user} if user else None,
    }


def yes(hand: Hand, user: str | None = None) -> dict[str, Any]:
    return answered(wiring.SIGN[hand], user or WHO[hand])


YES = {hand: yes(hand) for hand in Hand}


@dataclass
class Run:
    """One run of the DAG. ``go`` does what can be done; a task ends as success, skipped or failed."""

    dag: Any
    id: str
    on: date
    params: dict[str, Any]
    asked: list[dict[str, Any]]
    states: dict[str, str] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    fault: str = ""

    def go(self, answers: dict[Hand, dict[str, Any]]) -> Run:
        for task in self.dag.topological_sort():
            if task.task_id in self.states:
                continue
            before = {self.states.get(each) for each in task.upstream_task_ids}
            if "skipped" in before:
                self.states[task.task_id] = "skipped"
            elif before <= {"success"} and not self._perform(task, answers):
                return self
        return self

    def clear(self, *task_ids: str) -> Run:
        for task_id in task_ids:
            self.states.pop(task_id, None)
        return self

    def _perform(self, task: Any, answers: dict[Hand, dict[str, Any]]) -> bool:
        """Whether the run goes on from there."""
        try:
            result = self._sign(task, answers) if isinstance(task, SignatureOperator) else self._work(task)
        except AirflowFailException as fault:
            self.states[task.task_id], self.fault = "failed", str(fault)
            return False
        except Waits:
            return False
        self.results[task.task_id] = result
        is_short = type(task).__name__ == "_ShortCircuitDecoratedOperator"
        self.states[task.task_id] = "success"
        if is_short and not result:
            for each in task.get_flat_relatives(upstream=False):
                self.states[each.task_id] = "skipped"
        return True

    def _work(self, task: Any) -> Any:
        inputs = [self.results[each.operator.task_id] for each in task.op_args]
        run = SimpleNamespace(
            run_id=self.id, run_type="manual", run_after=datetime(2024, 6, 5, 2, tzinfo=UTC)
        )
        if task.task_id == "goes_on":
            return task.python_callable(*inputs)
        return task.python_callable(*inputs, dag_run=run, params=self.params | {"on": self.on.isoformat()})

    def _sign(self, task: Any, answers: dict[Hand, dict[str, Any]]) -> Any:
        already = len(self.asked)
        ti = SimpleNamespace(
            id=f"{self.id}/{task.task_id}", xcom_pull=lambda task_ids: self.results[task_ids]
        )
        try:
            return task.execute({"ti": ti, "task_instance": ti})
        except BaseException as parked:
            if type(parked).__name__ != "TaskAwaitingInput":
                raise
        hand = Hand(task.task_id.removeprefix("sign_"))
        assert len(self.asked) == already + 1
        if hand not in answers:
            raise Waits
        return task.execute_complete({}, answers[hand])


class Waits(Exception):
    """For a person."""


@pytest.fixture(scope="module")
def dag() -> Any:
    return DagBag(str(ROOT / "dags" / "report_upward.py")).dags[DAG_ID]


@pytest.fixture
def asked() -> list[dict[str, Any]]:
    """Every page laid before somebody."""
    return []


class _Kept:
    """Gateways that a task's end does not close."""

    def __init__(self, using: Any) -> None:
        self._using = using

    def __getattr__(self, name: str) -> Any:
        return getattr(self._using, name)

    def close(self) -> None:
        """Others still use them."""


@pytest.fixture
def start(
    desk: Desk, dag: Any, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Run]:
    import json

    monkeypatch.setenv("DUBAN_APPROVERS", json.dumps(USERS))
    monkeypatch.setattr(assembly, "sending", lambda *_, **__: _Kept(desk.using))
    monkeypatch.setattr(tasks, "ledger_url", lambda: "sqlite://")
    monkeypatch.setattr(tasks, "smtp_account", lambda: None)
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.upsert_hitl_detail", lambda **facts: asked.append(facts)
    )

    def _start(number: int = 1, on: date = date(2024, 6, 5), **params: Any) -> Run:
        desk.clock[0] = factories.at(on.isoformat(), "10:00")
        return Run(dag, f"run{number}", on, {"dry_run": False} | params, asked)

    return _start


def new_data(desk: Desk) -> None:
    obligation = desk.obligation(desk.units.pop())
    desk.using.ledger.obligations.extend(
        obligation.id, due_on=date(2024, 6, 28), reason="延期", approved_by="x", on=date(2024, 6, 5)
    )


def reports_sent(desk: Desk) -> int:
    return sum(bool(mail.attachments) for mail in desk.mail.sent)


def states(desk: Desk) -> list[EditionState]:
    return [each.state for each in desk.using.ledger.editions.all(desk.campaign.id)]


def test_three_yeses_of_three_persons_send_it_up(
    desk: Desk, start: Callable[..., Run], asked: list[dict[str, Any]]
) -> None:
    run = start().go(YES)
    assert set(run.states.values()) == {"success"}
    assert [each["assigned_users"] for each in asked] == [[{"id": u, "name": u}] for u in USERS.values()]
    assert (states(desk), reports_sent(desk)) == ([EditionState.SENT], 1)


@pytest.mark.parametrize("hand", list(Hand))
def test_time_out_means_not_sent_and_asked_again_the_next_day(
    desk: Desk, start: Callable[..., Run], asked: list[dict[str, Any]], hand: Hand
) -> None:
    run = start().go(YES | {hand: answered(wiring.REJECT, None)})
    assert run.states[f"record_{hand}"] == "success"
    assert run.states["plan_mail"] == run.states["mark_sent"] == "skipped"
    assert (states(desk), reports_sent(desk)) == ([EditionState.DRAFTED], 0)
    before = len(asked)
    start(2, date(2024, 6, 6)).go(YES)
    assert len(asked) - before == 3 - len(hand.before), "who has signed is not asked again"
    assert (states(desk), reports_sent(desk)) == ([EditionState.SENT], 1)


def test_the_same_user_twice_is_refused_and_another_signs_after_clearing(
    desk: Desk, start: Callable[..., Run]
) -> None:
    run = start().go(YES | {SECOND: yes(SECOND, "staff")})
    assert run.states["record_reviewed"] == "failed"
    assert "“staff”已在经办环节签批本版，不能再作复核" in run.fault
    assert reports_sent(desk) == 0
    run.clear("ask_reviewed", "sign_reviewed", "record_reviewed").go(YES)
    assert (states(desk), reports_sent(desk)) == ([EditionState.SENT], 1)


def test_sent_back_without_a_reason_is_refused(desk: Desk, start: Callable[..., Run]) -> None:
    run = start().go(YES | {THIRD: answered(wiring.REJECT, "deputy")})
    assert run.states["record_approved"] == "failed"
    assert "退回须写明理由" in run.fault
    assert (states(desk), reports_sent(desk)) == ([EditionState.DRAFTED], 0)


def test_sent_back_with_a_reason_ends_there(desk: Desk, start: Callable[..., Run]) -> None:
    run = start().go(YES | {SECOND: answered(wiring.REJECT, "director", "金额待核")})
    assert run.states["ask_approved"] == run.states["mark_sent"] == "skipped"
    assert states(desk) == [EditionState.REJECTED]
    again = start(2, date(2024, 6, 6)).go(YES)
    assert again.states["ask_prepared"] == "skipped"
    assert reports_sent(desk) == 0


def test_an_edition_replaced_while_the_second_hand_is_asked_is_signed_anew_by_all(
    desk: Desk, start: Callable[..., Run]
) -> None:
    waiting = start().go({FIRST: yes(FIRST)})
    assert "sign_reviewed" not in waiting.states
    new_data(desk)
    newer = start(2, date(2024, 6, 6)).go({})
    assert states(desk) == [EditionState.SUPERSEDED, EditionState.DRAFTED]
    waiting.go(YES)
    assert waiting.states["plan_mail"] == "skipped", "the old page's answer sends nothing"
    newer.go(YES)
    assert (states(desk), reports_sent(desk)) == ([EditionState.SUPERSEDED, EditionState.SENT], 1)


def test_a_second_run_reminds_whom_the_first_waits_for_and_lays_nothing_before_anybody(
    desk: Desk, start: Callable[..., Run], asked: list[dict[str, Any]]
) -> None:
    first = start().go({FIRST: yes(FIRST)})
    pages = len(asked)
    second = start(2, date(2024, 6, 6)).go(YES)
    assert second.states["sign_prepared"] == "success"
    assert second.states["sign_reviewed"] == "skipped"
    assert len(asked) == pages
    kinds = [row.step_key for row in desk.using.ledger.outbox.rows(desk.campaign.id)]
    assert kinds == ["ask.prepared", "ask.reviewed", "remind.reviewed"]
    first.go(YES)
    assert (states(desk), reports_sent(desk)) == ([EditionState.SENT], 1)


def test_cleared_and_run_again_it_asks_nobody_and_sends_nothing_twice(
    desk: Desk, start: Callable[..., Run], asked: list[dict[str, Any]]
) -> None:
    run = start().go(YES)
    pages, mails = len(asked), len(desk.mail.sent)
    run.clear(*[task for task in run.states if task not in ("compile_edition", "goes_on")]).go({})
    assert set(run.states.values()) == {"success"}
    run.clear(*list(run.states)).go({})
    assert run.states["ask_prepared"] == "skipped"
    assert (len(asked), len(desk.mail.sent)) == (pages, mails)


def test_by_hand_it_rehearses_unless_told_otherwise(
    desk: Desk, start: Callable[..., Run], asked: list[dict[str, Any]]
) -> None:
    run = start(dry_run=True).go(YES)
    assert run.states["ask_prepared"] == "skipped"
    assert run.results["compile_edition"]["text"].startswith("预演")
    assert (states(desk), asked, desk.mail.sent) == ([], [], [])


def test_contradictions_stop_the_run_with_the_cells_named_after_the_office_was_told(
    desk: Desk, start: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.steps.report_page.failed", lambda checks: ("已报：3 应= 4",))
    run = start().go(YES)
    assert run.states == {"compile_edition": "failed"}
    assert "已报：3 应= 4" in run.fault
    assert [kind for _, kind, _ in desk.notices()] == [NoticeKind.SIGN_OFF]
    assert len(desk.mail.sent) == 1
