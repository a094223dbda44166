"""Where Airflow meets the gateways: the day, the rehearsal, the credentials, what fails and what is tried again."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, ParamValidationError

from include import assembly, wiring
from include.domain.campaign import PhaseKind
from include.domain.errors import GiveUp, TryAgain
from include.domain.notices import SendMode
from include.domain.sign_off import Hand
from include.gateways.mail_server import FolderMailServer, SmtpMailServer
from include.settings import Settings
from include.wiring import privacy, tasks
from tests import factories

# Airflow's own context manager for this leaves the variable set when it was not set before.
WANTED_DAG = "_AIRFLOW_PARSING_CONTEXT_DAG_ID"

PASSWORD = "p@ss/w:rd#1"


def dag_run(run_after: str = "2024-05-24T01:00", run_type: str = "scheduled") -> Any:
    """``run_after`` in UTC."""
    return SimpleNamespace(
        run_after=datetime.fromisoformat(run_after).replace(tzinfo=UTC), run_type=run_type, run_id="run1"
    )


# The day


@pytest.mark.parametrize(
    ("run_after", "day"),
    [
        ("2024-05-24T01:00", date(2024, 5, 24)),
        ("2024-05-23T15:59:59", date(2024, 5, 23)),
        ("2024-05-23T16:00", date(2024, 5, 24)),
        ("2024-05-23T23:59", date(2024, 5, 24)),
        ("2024-05-24T00:00", date(2024, 5, 24)),
        ("2023-12-31T16:00", date(2024, 1, 1)),
    ],
)
def test_a_run_is_for_the_day_in_beijing_and_not_in_greenwich(run_after: str, day: date) -> None:
    assert wiring.run_day(dag_run(run_after), {}) == day
    assert wiring.run_day(dag_run(run_after), {"on": None}) == day


def test_a_run_by_hand_is_for_the_day_asked_for() -> None:
    assert wiring.run_day(dag_run("2026-03-01T01:00"), {"on": "2024-05-24"}) == date(2024, 5, 24)


# The rehearsal


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
@pytest.mark.parametrize(
    ("params", "is_rehearsal"), [({}, True), ({"dry_run": True}, True), ({"dry_run": False}, False)]
)
def test_a_run_somebody_starts_is_a_rehearsal_unless_its_form_says_otherwise(
    run_type: str, params: dict[str, Any], is_rehearsal: bool
) -> None:
    assert wiring.is_rehearsal(dag_run(run_type=run_type), params) is is_rehearsal


@pytest.mark.parametrize("run_type", ["scheduled", "asset_triggered"])
@pytest.mark.parametrize("params", [{}, {"dry_run": True}, {"dry_run": False}])
def test_a_run_by_the_clock_or_by_new_data_is_never_a_rehearsal(
    run_type: str, params: dict[str, Any]
) -> None:
    assert not wiring.is_rehearsal(dag_run(run_type=run_type), params)


# What a task does with its gateways


@dataclass
class Gateways:
    closed: int = 0
    seen: list[wiring.Run] = field(default_factory=list)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def gateways(monkeypatch: pytest.MonkeyPatch) -> Gateways:
    made = Gateways()
    monkeypatch.setattr(assembly, "sending", lambda *_, **__: made)
    monkeypatch.setattr(tasks, "ledger_url", lambda: "sqlite://")
    return made


def perform(
    function: Callable[..., Any], *inputs: object, run: Any = None, params: dict[str, Any] | None = None
) -> Any:
    """Run a task's function as Airflow would."""
    task = wiring.work("办理")(function)
    return task.function(*inputs, dag_run=run or dag_run(), params=params or {})


def test_a_task_is_told_its_day_its_inputs_and_its_gateways(gateways: Gateways) -> None:
    def step(run: wiring.Run, draft: dict[str, int]) -> tuple[wiring.Run, dict[str, int]]:
        return run, draft

    run, draft = perform(step, {"edition_id": 7})
    assert draft == {"edition_id": 7}
    assert run == wiring.Run(
        date(2024, 5, 24), None, None, is_rehearsal=False, using=gateways, id="run1", params={}
    )


@pytest.mark.parametrize(
    ("asked", "units", "step_key"),
    [
        ({"step": "auto", "units": None}, None, None),
        ({"step": "auto", "units": []}, None, None),
        ({"step": "auto", "units": ["  ", ""]}, None, None),
        (
            {"step": "t_minus_5", "units": [" P15062600001 ", "P15062600001"]},
            frozenset({"P15062600001"}),
            "t_minus_5",
        ),
    ],
)
def test_blank_lines_in_the_form_choose_nobody_out(
    gateways: Gateways, asked: dict[str, Any], units: frozenset[str] | None, step_key: str | None
) -> None:
    run = perform(as_told, params=asked)
    assert (run.units, run.step_key) == (units, step_key)


def as_told(run: wiring.Run) -> wiring.Run:
    return run


def test_a_lasting_fault_fails_the_task_for_good_in_its_own_words(gateways: Gateways) -> None:
    def step(run: wiring.Run) -> None:
        raise GiveUp("名册尚未导入")

    with pytest.raises(AirflowFailException, match=r"^名册尚未导入$"):
        perform(step)
    assert gateways.closed == 1


@pytest.mark.parametrize("fault", [TryAgain("邮件服务器暂不接收"), OSError("disk"), KeyError("x")])
def test_any_other_fault_is_left_to_be_tried_again(gateways: Gateways, fault: Exception) -> None:
    def step(run: wiring.Run) -> None:
        raise fault

    with pytest.raises(type(fault)) as raised:
        perform(step)
    assert not isinstance(raised.value, AirflowFailException)
    assert gateways.closed == 1


# What a log may show

NAMED = "550 <zhang.san@hospital.example> 13900001234"
HIDDEN = "550 <***@hospital.example> 139***1234"


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    made = logging.getLogRecordFactory()
    privacy.keep_persons_out_of_logs.cache_clear()
    with caplog.at_level(logging.DEBUG):
        yield caplog
    logging.setLogRecordFactory(made)
    privacy.keep_persons_out_of_logs.cache_clear()


@pytest.mark.parametrize("fault", [GiveUp(NAMED), TryAgain(NAMED), OSError(NAMED), KeyError(NAMED)])
def test_a_fault_that_names_a_person_is_told_without(
    gateways: Gateways, logs: pytest.LogCaptureFixture, fault: Exception
) -> None:
    def step(run: wiring.Run) -> None:
        raise fault

    with pytest.raises(AirflowException) as raised:
        perform(step)
    assert isinstance(raised.value, AirflowFailException) == isinstance(fault, GiveUp)
    shown = "".join(traceback.format_exception(raised.value)) + logs.text
    assert HIDDEN in shown
    assert "zhang.san" not in shown
    assert "in step" in shown, "where it happened is still there"


def test_a_fault_whose_cause_names_a_person_is_told_without(
    gateways: Gateways, logs: pytest.LogCaptureFixture
) -> None:
    def step(run: wiring.Run) -> None:
        try:
            raise OSError(NAMED)
        except OSError as cause:
            raise TryAgain("邮件服务器暂不接收") from cause

    with pytest.raises(AirflowException, match="邮件服务器暂不接收") as raised:
        perform(step)
    shown = "".join(traceback.format_exception(raised.value)) + logs.text
    assert "zhang.san" not in shown


def test_our_own_log_lines_and_their_tracebacks_name_nobody(
    gateways: Gateways, logs: pytest.LogCaptureFixture
) -> None:
    ours = logging.getLogger("include.steps.deliver")

    def step(run: wiring.Run) -> None:
        ours.warning("%s：%s", "名册", NAMED)
        try:
            raise ValueError(NAMED)
        except ValueError:
            ours.exception("notices %s could not be written", [7])

    perform(step)
    assert "zhang.san" not in logs.text
    assert logs.text.count(HIDDEN) == 2
    assert "notices [7] could not be written" in logs.text


def test_a_result_is_in_the_log_without_persons(gateways: Gateways, logs: pytest.LogCaptureFixture) -> None:
    assert perform(lambda run: {"text": NAMED}) == {"text": NAMED}
    assert f"办理结果：{{'text': '{HIDDEN}'}}" in logs.text


def test_records_can_be_copied_as_airflows_logging_does(
    gateways: Gateways, logs: pytest.LogCaptureFixture
) -> None:
    perform(lambda run: 1)
    copy = logging.makeLogRecord(logging.makeLogRecord({"name": "include.steps", "msg": "x"}).__dict__)
    assert copy.getMessage() == "x"


def test_the_gateways_are_closed_when_the_task_is_done_and_not_before(gateways: Gateways) -> None:
    def step(run: wiring.Run) -> int:
        return gateways.closed

    assert perform(step) == 0
    assert gateways.closed == 1


def test_a_task_that_cannot_know_its_day_closes_its_gateways_too(gateways: Gateways) -> None:
    with pytest.raises(ValueError, match="isoformat"):
        perform(as_told, params={"on": "24.05.2024"})
    assert gateways.closed == 1


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("on", [None, "2024-05-24"], ["24.05.2024", "2024-02-30", 20240524, True]),
        ("dry_run", [True, False], [None, "no", 0]),
        ("units", [None, [], ["P15062600001"]], ["P15062600001", [1]]),
        ("step", ["auto", "t_minus_5", "overdue_10"], [None, "", "t_minus_4"]),
    ],
)
def test_the_form_refuses_what_cannot_be_meant(name: str, right: list[Any], wrong: list[Any]) -> None:
    param = wiring.phase_params(factories.campaign())[name]
    assert [param.resolve(value) for value in right] == right
    for value in wrong:
        with pytest.raises(ParamValidationError):
            param.resolve(value)


# What a person decided


DIRECTOR = {"id": "1", "name": "director"}


def said(
    option: str, params: dict[str, str] | None, user: dict[str, str] | None = DIRECTOR
) -> dict[str, Any]:
    return {"chosen_options": [option], "params_input": params, "responded_by_user": user}


NOBODY = wiring.Answer(False, "（无人审批）", "超时未审批，按不同意处理")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        *[
            (said(yes, {"reason": ""}), wiring.Answer(True, "director", "", "1"))
            for yes in wiring.SIGN.values()
        ],
        (said(wiring.REJECT, {"reason": "金额待核"}), wiring.Answer(False, "director", "金额待核", "1")),
        (said(wiring.REJECT, None), wiring.Answer(False, "director", "", "1")),
        (said(wiring.REJECT, {}, None), NOBODY),
        (said(wiring.SIGN[Hand.APPROVED], {}, None), NOBODY),
        (None, NOBODY),
    ],
    ids=[*wiring.SIGN, "no with a reason", "no without one", "time-out", "a yes nobody gave", "not asked"],
)
def test_only_a_person_s_yes_is_a_yes(answer: dict[str, Any] | None, expected: wiring.Answer) -> None:
    assert wiring.Answer.of(answer) == expected


@pytest.mark.parametrize(
    ("held", "users"),
    [
        ({}, None),
        ({"office_director": "director"}, [{"id": "director", "name": "director"}]),
        ({"no_such_post": "somebody"}, None),
        ({"office_staff": "staff"}, None),
        (
            {"office_director": "director", "group_head": "head"},
            [{"id": "head", "name": "head"}, {"id": "director", "name": "director"}],
        ),
    ],
)
def test_who_may_let_a_large_batch_leave_holds_a_leading_post_of_this_campaign(
    monkeypatch: pytest.MonkeyPatch, held: dict[str, str], users: list[dict[str, str]] | None
) -> None:
    monkeypatch.setenv("DUBAN_APPROVERS", json.dumps(held))
    assert wiring.approvers(factories.campaign()) == users


# Credentials from Airflow connections


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def _connect(name: str, **facts: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(facts))

    return _connect


def test_a_sqlite_connection_is_a_file(connect: Callable[..., None]) -> None:
    connect("duban_ledger", conn_type="sqlite", host="/data/duban/ledger.db")
    assert wiring.ledger_url() == "sqlite:////data/duban/ledger.db"


def test_a_postgres_connection_is_a_server_and_its_password_survives(connect: Callable[..., None]) -> None:
    from sqlalchemy import make_url

    connect(
        "duban_ledger",
        conn_type="postgres",
        host="db",
        port=5433,
        login="duban",
        password=PASSWORD,
        schema="ledger",
        extra={"sslmode": "verify-full", "sslrootcert": "/certs/ca.pem", "cursor": "dictcursor"},
    )
    url = make_url(wiring.ledger_url())
    assert url.drivername == "postgresql+psycopg"
    assert (url.host, url.port, url.database, url.username) == ("db", 5433, "ledger", "duban")
    assert url.password == PASSWORD
    assert url.query == {"sslmode": "verify-full", "sslrootcert": "/certs/ca.pem"}


@pytest.mark.parametrize(
    ("extra", "security"),
    [
        ({}, "ssl"),
        ({"disable_tls": True}, "ssl"),
        ({"disable_ssl": True}, "starttls"),
        ({"disable_ssl": True, "disable_tls": False}, "starttls"),
        ({"disable_ssl": True, "disable_tls": True}, "none"),
    ],
)
def test_a_mailbox_is_encrypted_unless_both_switches_are_off(
    monkeypatch: pytest.MonkeyPatch,
    connect: Callable[..., None],
    extra: dict[str, Any],
    security: str,
) -> None:
    monkeypatch.setenv("DUBAN_SEND_MODE", "live")
    connect(
        "duban_smtp",
        conn_type="smtp",
        host="smtp.bureau.example",
        port=465,
        login="o",
        password=PASSWORD,
        extra=extra,
    )
    account = wiring.smtp_account()
    assert account is not None
    assert account.security == security
    assert (account.host, account.port, account.login, account.password) == (
        "smtp.bureau.example",
        465,
        "o",
        PASSWORD,
    )
    assert account.from_address == Settings().office_mailbox
    assert PASSWORD not in repr(account)


def test_a_connection_may_name_another_sender_and_time_out(
    monkeypatch: pytest.MonkeyPatch, connect: Callable[..., None]
) -> None:
    monkeypatch.setenv("DUBAN_SEND_MODE", "team")
    connect(
        "duban_smtp",
        conn_type="smtp",
        host="h",
        port=25,
        extra={"from_email": "ybj@bureau.example", "timeout": 5},
    )
    account = wiring.smtp_account()
    assert account is not None
    assert (account.from_address, account.timeout, account.login, account.password) == (
        "ybj@bureau.example",
        5.0,
        "",
        "",
    )


@pytest.mark.parametrize(
    ("extra", "stated"),
    [
        ({}, (None, None, 1, None, 100, 60.0)),
        (
            {
                "per_minute": 15,
                "per_day": 100,
                "connections": 4,
                "max_mb": 20,
                "mails_per_connection": 10,
                "idle": 5,
            },
            (15, 100, 4, 20.0, 10, 5.0),
        ),
        (
            {"per_minute": "15", "per_day": "", "connections": None, "max_mb": "1.5"},
            (15, None, 1, 1.5, 100, 60.0),
        ),
    ],
)
def test_the_provider_s_limits_are_stated_in_the_connection(
    monkeypatch: pytest.MonkeyPatch,
    connect: Callable[..., None],
    extra: dict[str, Any],
    stated: tuple[float | None, ...],
) -> None:
    monkeypatch.setenv("DUBAN_SEND_MODE", "live")
    connect("duban_smtp", conn_type="smtp", host="h", port=25, extra=extra)
    account = wiring.smtp_account()
    assert account is not None
    quota = account.quota
    assert stated == (
        quota.per_minute,
        quota.per_day,
        quota.connections,
        account.max_mb,
        account.mails_per_connection,
        account.idle,
    )


def test_while_sending_is_off_no_mailbox_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_DUBAN_SMTP", raising=False)
    monkeypatch.setenv("DUBAN_SEND_MODE", "off")
    assert wiring.smtp_account() is None


@pytest.mark.parametrize("mode", ["team", "live"])
def test_only_a_mode_that_sends_gets_a_server_that_sends(
    monkeypatch: pytest.MonkeyPatch, connect: Callable[..., None], mode: str
) -> None:
    connect("duban_smtp", conn_type="smtp", host="h", port=25)
    monkeypatch.setenv("DUBAN_SEND_MODE", "off")
    assert isinstance(assembly.mail_server(Settings(), wiring.smtp_account()), FolderMailServer)
    monkeypatch.setenv("DUBAN_SEND_MODE", mode)
    monkeypatch.setenv("DUBAN_TEAM_ADDRESSES", '["unit.example"]')
    server = assembly.mail_server(Settings(), wiring.smtp_account())
    assert isinstance(server, SmtpMailServer)
    assert server.mode is SendMode(mode)
    with pytest.raises(ValueError, match="duban_smtp"):
        assembly.mail_server(Settings(), None)


# Which DAGs a process builds


@pytest.mark.parametrize(
    ("wanted", "built"),
    [
        (None, None),
        ("wushen_2024__self_check", {"wushen_2024__self_check"}),
        ("wushen_2024__no_such_phase", set()),
        ("no_such_campaign__self_check", set()),
    ],
)
def test_a_process_that_runs_one_task_reads_one_folder_and_builds_one_dag(
    monkeypatch: pytest.MonkeyPatch, wanted: str | None, built: set[str] | None
) -> None:
    read: list[str] = []
    monkeypatch.setattr(
        "include.campaigns.registry.load_campaign",
        lambda folder, calendar: read.append(folder.name) or factories.campaign(folder.name),
    )
    if wanted is not None:
        monkeypatch.setenv(WANTED_DAG, wanted)
    found = {campaign.dag_id(phase) for campaign, phase in wiring.phases(PhaseKind.SELF_CHECK)}
    if built is None:
        assert len(found) == 4
    else:
        assert found == built
        assert set(read) <= {"wushen_2024"}


def test_a_process_that_runs_one_task_of_a_report_builds_that_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = "heshan_2020__report__self_check_statistics"
    monkeypatch.setenv(WANTED_DAG, wanted)
    assert [c.report_dag_id(report) for c, report in wiring.reports()] == [wanted]
    assert list(wiring.phases(PhaseKind.SELF_CHECK)) == []


def test_registers_are_followed_after_a_campaign_is_over_and_not_before_it_begins() -> None:
    campaign = factories.campaign()
    long_after = date(2026, 6, 1)
    assert campaign.id not in {each.id for each in wiring.running(long_after).campaigns}
    assert campaign.id in {each.id for each in wiring.begun(long_after).campaigns}
    before = date(campaign.starts_on.year - 1, 12, 31)
    assert campaign.id not in {each.id for each in wiring.begun(before).campaigns}
