"""Nobody sees a page without a session, nor without a grant."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from tests.desk.conftest import Web


def routes(web: Web) -> list[APIRoute]:
    return [each for each in web.app.routes if isinstance(each, APIRoute)]


def asked(route: APIRoute) -> str:
    """The route's path with something in place of each parameter."""
    path = route.path
    for name in route.param_convertors:
        path = path.replace("{" + name + "}", "1").replace("{" + name + ":path}", "1")
    return path


def test_every_route_sends_a_stranger_to_the_log_in(web: Web) -> None:
    browser = web.as_(None)
    assert routes(web)
    for route in routes(web):
        for method in route.methods:
            answer = browser.request(method, asked(route))
            assert answer.status_code in (303, 401), (method, route.path)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/auth/login?next=")
                assert not answer.content


def test_every_route_refuses_who_was_granted_nothing(web: Web) -> None:
    browser = web.as_("somebody")
    for route in routes(web):
        for method in route.methods:
            answer = browser.request(method, asked(route))
            assert answer.status_code == 403, (method, route.path)
            assert "somebody" in answer.text


OURS = {"origin": "http://testserver"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver.evil.example"},
        {"sec-fetch-site": "cross-site", **OURS},
        {"sec-fetch-site": "same-site", **OURS},
        {"sec-fetch-site": "none", **OURS},
        {"referer": "http://testserver/forms/upload"},
    ],
)
def test_nothing_is_changed_by_a_page_of_another_site(web: Web, headers: dict[str, str]) -> None:
    changing = [(route, method) for route in routes(web) for method in route.methods - {"GET", "HEAD"}]
    assert changing
    for route, method in changing:
        answer = web.as_("officer").request(method, asked(route), headers=headers)
        assert answer.status_code == 403, (method, route.path)
        assert "不是从督办台的页面发出的" in answer.text


@pytest.mark.parametrize(
    "headers", [OURS, {"sec-fetch-site": "same-origin"}, {"origin": "https://duban.example"}]
)
def test_a_page_of_ours_may(web: Web, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://duban.example/airflow")
    answer = web.as_("officer").post("/forms/upload", headers=headers)
    assert answer.status_code not in (401, 403)


def test_an_unreadable_access_file_opens_nothing(web: Web) -> None:
    web.office.access.path.write_text("users: {admin: {role: emperor}}", encoding="utf-8")
    answer = web.as_("admin").get("/")
    assert answer.status_code == 503
    assert "users.admin.role" in answer.text


@pytest.mark.parametrize("path", ["/", "/static/desk.css", "/nothing"])
def test_answers_are_not_for_other_sites(web: Web, path: str) -> None:
    answer = web.as_("officer").get(path)
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_ledger_of_a_newer_program_is_a_sentence_and_not_a_fault(web: Web, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE alembic_version SET version_num = '9999'")
    web.app.get("/stops")(lambda: web.office.using.ledger.outbox.stops())
    answer = web.as_("admin").get("/stops")
    assert answer.status_code == 503
    assert "比本程序支持的" in answer.text
