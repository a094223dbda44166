"""The watch as a cron job runs it, with a real health page and a real mail server on sockets."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from typer.testing import CliRunner

from include.cli.__main__ import app
from include.gateways.watching import AirflowHealth, IncidentFile, Machine
from tests.gateways.mail_builders import free_port
from tests.gateways.scripted_server import scripted_server
from tests.integration.health_page import health_page


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "duban"
    monkeypatch.setenv("DUBAN_HOME", str(home))
    monkeypatch.setenv("DUBAN_LEDGER_URL", sqlite_url)
    monkeypatch.setenv("DUBAN_SEND_MODE", "live")
    monkeypatch.setenv("DUBAN_WATCH_MAILBOX", "it@bureau.example")
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", raising=False)
    return home


def smtp(port: int) -> str:
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "office@bureau.example"}
    return json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra})


def run(url: str, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["watch", "--airflow", url, *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_silent_scheduler_is_one_mail_and_its_return_another(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with health_page() as (url, page), scripted_server() as (port, heard):
        monkeypatch.setenv("AIRFLOW_CONN_DUBAN_SMTP", smtp(port))
        assert run(url) == (0, "一切正常\n")
        page.show(silent_for=timedelta(minutes=7))
        for _ in range(3):
            code, said = run(url)
            assert code == 1
            assert "调度器停止工作" in said
        page.show()
        for _ in range(3):
            code, said = run(url)
            assert (code, said.splitlines()[-1]) == (0, "一切正常")
    mails = [message_from_bytes(text, policy=default) for text in heard.texts]
    assert [mail["Subject"] for mail in mails] == [
        "【督办系统告警】调度器停止工作",
        "【督办系统恢复】调度器停止工作",
    ]
    assert {mail["To"] for mail in mails} == {"it@bureau.example"}
    assert heard.count("RCPT") == 2


def test_a_password_that_no_longer_holds_is_said_on_the_screen_and_tried_again(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with health_page() as (url, page):
        page.show(silent_for=timedelta(minutes=7))
        with scripted_server(MAIL="530 5.7.0 authentication required") as (port, heard):
            monkeypatch.setenv("AIRFLOW_CONN_DUBAN_SMTP", smtp(port))
            assert "没有发出，下次再试" in run(url)[1]
            assert heard.texts == []
        with scripted_server() as (port, heard):
            monkeypatch.setenv("AIRFLOW_CONN_DUBAN_SMTP", smtp(port))
            run(url)
            assert len(heard.texts) == 1


def test_a_dead_api_server_is_told_when_it_has_lasted(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server() as (port, heard):
        monkeypatch.setenv("AIRFLOW_CONN_DUBAN_SMTP", smtp(port))
        nobody = f"http://127.0.0.1:{free_port()}"
        assert "Airflow 无法访问" in run(nobody)[1]
        assert heard.texts == [], "not at the first look"
        run(nobody, "--silent", "0")
        assert len(heard.texts) == 1


def test_nothing_is_sent_while_sending_is_off(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_SEND_MODE", "off")
    with health_page() as (url, page), scripted_server() as (port, heard):
        monkeypatch.setenv("AIRFLOW_CONN_DUBAN_SMTP", smtp(port))
        page.show(silent_for=timedelta(minutes=7))
        run(url)
        run(url)
    assert heard.connections == 0
    assert len(list((office / "rendered").glob("*.eml"))) == 1


@pytest.mark.parametrize("text", [None, "smtp://host:25", "{}", '{"host": "h", "port": "x"}'])
def test_an_account_that_cannot_be_read_is_a_sentence(
    office: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    if text is not None:
        monkeypatch.setenv("AIRFLOW_CONN_DUBAN_SMTP", text)
    code, said = run("http://127.0.0.1:1")
    assert code == 1
    assert "duban_smtp" in said.lower()


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", "<html>", '{"metadatabase": {"status": "unhealthy"}}', '{"metadatabase": null}']
)
def test_a_page_that_says_nothing_is_no_sign_of_life(body: str) -> None:
    with health_page() as (url, page):
        page.body = body
        with pytest.raises(ConnectionError, match=r"没有给出可读的答复|元数据库无法访问"):
            AirflowHealth(url).heartbeats()


def test_a_ledger_that_cannot_be_reached_is_said_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://duban:geheim@127.0.0.1:{free_port()}/duban"
    fault = Machine({"数据": str(tmp_path)}, url).ledger_fault()
    assert fault is not None
    assert "geheim" not in fault


def test_a_memory_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "incidents.json"
    file.write_text("half a li", encoding="utf-8")
    assert IncidentFile(file).read() == []
