"""The tasks of the desk as Airflow calls them: a form filled in, the user who did, the ledger behind a connection."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, ParamValidationError
from sqlalchemy import create_engine, text

from include.domain.errors import GiveUp
from include.domain.sign_off import Hand
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import upgrade
from include.wiring.rights import demand_answer
from tests import factories
from tests.gateways.workbook_builders import forms

CAMPAIGN = "wushen_2024"
TIP = {
    "campaign": CAMPAIGN,
    "received_at": "2024-06-05",
    "channel": "电话",
    "receiver_post": "基金稽核岗",
    "real_name": "是",
    "subject_type": "定点零售药店",
    "subject_code": "P15062600002",
    "subject_name": "示例旗第二药店",
    "content": "反映该店用医保卡结算日用品并开成药品",
    "why": "举报电话记录",
    "on": "2024-06-06",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("desk") / "empty.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def ledger_file(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "ledger.db"
    shutil.copy(empty, file)
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIRFLOW_CONN_DUBAN_LEDGER", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    return file


Start = Callable[..., Any]


@pytest.fixture
def start(dag_bag: Any, ledger_file: Path) -> Start:
    """Start a DAG as a user does, its form checked as the API checks it; return what its one task returns."""

    def _start(dag_id: str, *, user: str | None = "admin", **answers: Any) -> Any:
        dag = dag_bag.dags[dag_id]
        params = {name: dag.params.get_param(name).value for name in dag.params} | answers
        for name, value in params.items():
            dag.params.get_param(name).__copy__().resolve(value)
        [task] = dag.tasks
        run = SimpleNamespace(
            dag_id=dag_id,
            run_id="manual__1",
            run_after=datetime(2024, 6, 6, 1, tzinfo=UTC),
            run_type="manual",
            triggering_user_name=user,
        )
        return task.python_callable(dag_run=run, params=params)

    return _start


def tips(file: Path) -> dict[str, Any]:
    ledger = Ledger(f"sqlite:///{file}")
    try:
        return ledger.registers.records(CAMPAIGN, forms()["tip"])["tip"]
    finally:
        ledger.close()


def actors(file: Path) -> list[tuple[str, str]]:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT actor, reason FROM audit ORDER BY id")).all()
    engine.dispose()
    return [(row.actor, row.reason) for row in rows]


def test_a_form_is_shown_first_and_entered_when_the_dry_run_is_switched_off(
    start: Start, ledger_file: Path
) -> None:
    shown = start("desk_tip_register", **TIP)
    assert "接收渠道 “电话”" in shown["变动"]
    assert shown["结果"].startswith("只预演")
    assert tips(ledger_file) == {}
    entered = start("desk_tip_register", **TIP, dry_run=False)
    assert entered == shown | {"结果": "已登记"}
    assert list(tips(ledger_file)) == ["1"]
    assert actors(ledger_file) == [("admin", "举报电话记录")]
    assert start("desk_tip_register", **TIP, dry_run=False)["结果"] == "没有变动，没有登记"


CALL = {
    "campaign": CAMPAIGN,
    "unit": "P15062600002",
    "result": "told",
    "post": "office_staff",
    "called_at": "9:30",
    "why": "电话催办",
    "on": "2024-06-06",
}


def test_a_call_is_shown_first_and_entered_once_in_the_user_s_name(start: Start, ledger_file: Path) -> None:
    ledger = Ledger(f"sqlite:///{ledger_file}")
    unit = factories.make_unit(2)
    ledger.roster.freeze(CAMPAIGN, [unit], [], on=date(2024, 5, 6), actor="test", source_sha256="0" * 64)
    assert start("desk_contact_call", **CALL)["结果"].startswith("只预演")
    assert ledger.calls.of_unit(CAMPAIGN, unit.code) == []
    assert start("desk_contact_call", **CALL, dry_run=False)["结果"] == "已登记"
    assert start("desk_contact_call", **CALL, dry_run=False)["结果"] == "没有变动，没有登记"
    assert len(ledger.calls.of_unit(CAMPAIGN, unit.code)) == 1
    ledger.close()
    assert actors(ledger_file)[-1] == ("旗医疗保障局基金稽核组组长（经办：admin）", "电话催办")


@pytest.mark.parametrize("name", ["note", "spoken_to", "why"])
def test_a_call_s_words_about_a_person_never_reach_airflow_s_database(start: Start, name: str) -> None:
    with pytest.raises(ParamValidationError):
        start("desk_contact_call", **CALL | {name: "接听人电话13800138000"})


STOP = {"campaign": CAMPAIGN, "scope": "campaign", "why": "核对名册"}
EVERYTHING = {**STOP, "scope": "everything"}
OF_WUSHEN = {"role": "officer", "campaigns": [CAMPAIGN]}


@pytest.mark.parametrize(
    ("grant", "user", "form", "refused"),
    [
        ({"role": "officer"}, "u", STOP, ""),
        ({"role": "officer"}, "u", EVERYTHING, ""),
        (OF_WUSHEN, "u", STOP, ""),
        (OF_WUSHEN, "u", EVERYTHING, "不能办理这个专项行动"),
        (OF_WUSHEN, "u", {**STOP, "campaign": "anhui_2024"}, "不能办理这个专项行动"),
        ({"role": "approver"}, "u", STOP, "没有办理这一项的权限"),
        ({"role": "hotline"}, "u", STOP, "没有办理这一项的权限"),
        ({"role": "viewer", "regions": ["150626"]}, "u", STOP, "没有办理这一项的权限"),
        ({"role": "officer"}, "somebody", STOP, "没有办理这一项的权限"),
        ({"role": "emperor"}, "u", STOP, "权限文件"),
        ({"role": "approver"}, None, STOP, ""),
    ],
)
def test_who_has_no_right_has_nothing_entered(
    start: Start, tmp_path: Path, grant: dict[str, Any], user: str | None, form: dict[str, Any], refused: str
) -> None:
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "access.yaml").write_text(json.dumps({"users": {"u": grant}}), encoding="utf-8")
    if not refused:
        assert start("desk_sending_stop", user=user, **form, dry_run=False)["结果"] == "已登记"
        return
    with pytest.raises(AirflowFailException, match=refused):
        start("desk_sending_stop", user=user, **form, dry_run=False)
    (tmp_path / "home" / "access.yaml").unlink()
    assert start("desk_sending_stop", **form)["变动"]


@pytest.mark.parametrize(
    ("role", "hand", "may"),
    [
        ("approver", None, True),
        ("approver", Hand.APPROVED, True),
        ("officer", Hand.PREPARED, True),
        ("officer", Hand.REVIEWED, False),
        ("officer", None, False),
        ("admin", None, False),
        ("auditor", Hand.PREPARED, False),
    ],
)
def test_whose_answer_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str, hand: Hand | None, may: bool
) -> None:
    file = tmp_path / "access.yaml"
    monkeypatch.setenv("DUBAN_ACCESS", str(file))
    demand_answer("u", CAMPAIGN, hand)  # no file, no rights to ask for
    file.write_text(json.dumps({"users": {"u": {"role": role}}}), encoding="utf-8")
    if may:
        demand_answer("u", CAMPAIGN, hand)
        return
    with pytest.raises(GiveUp, match="没有签批的权限"):
        demand_answer("u", CAMPAIGN, hand)
    monkeypatch.setenv("DUBAN_APPROVERS", json.dumps({"office_director": "u"}))
    demand_answer("u", CAMPAIGN, hand)


def test_what_a_task_returns_is_what_airflow_can_keep(start: Start) -> None:
    json.dumps(start("desk_tip_register", **TIP))


def test_a_refusal_fails_the_task_for_good_in_one_sentence(start: Start, ledger_file: Path) -> None:
    start("desk_tip_register", **TIP, dry_run=False)
    refused = {"campaign": CAMPAIGN, "number": "1", "why": "核查", "result": "属实", "reply": "已告知"}
    with pytest.raises(AirflowFailException, match=r"^不能登记：办理状态.*“已登记”.*“办结”") as refusal:
        start("desk_tip_result", **refused, dry_run=False)
    assert "\n" not in str(refusal.value)
    assert len(actors(ledger_file)) == 1


def test_a_run_without_a_user_says_so(start: Start, ledger_file: Path) -> None:
    start("desk_tip_register", user=None, **TIP, dry_run=False)
    assert actors(ledger_file)[0][0] == "Airflow（未记录用户）"


def test_what_the_rules_refuse_by_a_value_error_is_not_tried_again_either(start: Start) -> None:
    with pytest.raises(AirflowFailException, match="没有岗位“nobody”"):
        start(
            "desk_limit_due_date",
            campaign=CAMPAIGN,
            unit="P15062600001",
            form="self_check",
            approved_by="nobody",
            until="2024-07-01",
            why="核实",
        )


def test_a_telephone_number_never_reaches_airflow_s_database(start: Start) -> None:
    with pytest.raises(ParamValidationError):
        start("desk_tip_register", **TIP | {"content": "反映该店串换药品，举报人电话13800138000"})


def test_feeds_are_pulled_through_an_airflow_connection(
    start: Start, ledger_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "bureau.db"
    engine = create_engine(f"sqlite:///{source}")
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE units (code TEXT, name TEXT, kind TEXT, region_code TEXT, phone TEXT)")
        )
        connection.execute(
            text(
                "INSERT INTO units VALUES ('P15062600001', '示例药店', '定点零售药店', '150626', '0477-1234567')"
            )
        )
    engine.dispose()
    folder = tmp_path / "campaigns"
    shutil.copytree(
        Path("include/campaigns").resolve(),
        folder,
        ignore=shutil.ignore_patterns("__pycache__", "*.py", "*.json"),
    )
    file = folder / CAMPAIGN / "campaign.yaml"
    feed = "\nfeeds:\n  - {key: roster, title: 名册（本局数据库）, form: roster, connection: bureau, file: roster.sql}\n"
    file.write_text(file.read_text(encoding="utf-8") + feed, encoding="utf-8")
    monkeypatch.setenv("DUBAN_CAMPAIGNS", str(folder))
    with pytest.raises(AirflowException, match=r"“名册（本局数据库）”的连接“bureau”不存在"):
        start("pull_feeds", dry_run=False)
    monkeypatch.setenv("AIRFLOW_CONN_BUREAU", json.dumps({"conn_type": "sqlite", "host": str(source)}))
    with pytest.raises(AirflowException, match=r"语句文件“roster.sql”不在专项文件夹"):
        start("pull_feeds", dry_run=False)
    query = "SELECT code, name, kind, region_code, phone AS 联系电话 FROM units WHERE region_code = :region"
    (folder / CAMPAIGN / "roster.sql").write_text(query, encoding="utf-8")
    assert start("pull_feeds")[CAMPAIGN]["名册（本局数据库）"]["结果"] == "只预演，没有登记"
    told = start("pull_feeds", dry_run=False)[CAMPAIGN]["名册（本局数据库）"]
    assert (told["读取"], told["名册基数"], told["结果"]) == (1, 1, "已登记")
    assert start("pull_feeds", dry_run=False)[CAMPAIGN]["名册（本局数据库）"]["名册调整"] == 0


def test_a_connection_that_is_no_database_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from include.domain.errors import GiveUp
    from include.domain.feeds import Feed
    from include.wiring import feed_source

    monkeypatch.setenv("AIRFLOW_CONN_BUREAU", json.dumps({"conn_type": "smtp", "host": "h"}))
    feed = Feed(key="x", title="甲", form="clue", connection="bureau", query="SELECT 1")
    with pytest.raises(GiveUp, match="不是可用的数据库连接（smtp）"):
        feed_source(feed)
