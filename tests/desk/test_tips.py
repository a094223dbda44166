"""举报人信息: shown to those who handle tips, for a reason, and on record before anybody sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from httpx import Response
from sqlalchemy import create_engine, select

from include.domain.registers import UNIT, change_of, given_in, parts
from include.gateways.ledger.tables import audit
from tests import factories
from tests.desk.conftest import ELSEWHERE, USERS, Web
from tests.gateways.workbook_builders import examples, forms

HERE = factories.make_unit(1)
PAGE = "/tips/wushen_2024/1/identity"
SECRETS = ("样例某", "0999-1234567", "990000190001010016")
REASON = "核查结果须告知举报人"
OURS = {"sec-fetch-site": "same-origin"}
LATE = date(2024, 6, 20)


@pytest.fixture
def told(make_web: Callable[..., Web], owing_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """A tip about a pharmacy of the banner, by somebody who gave a name."""
    monkeypatch.setenv("DUBAN_TIPSTER_KEY", Fernet.generate_key().decode())
    web = make_web(owing_ledger, today=LATE)
    enter(web, HERE.code)
    return web


def enter(web: Web, unit_code: str) -> None:
    form = forms()["tip"]
    given = given_in(form, examples("tip"))
    changes = []
    for part in parts(form):
        for each in given[part.table]:
            values = each.values if part.is_detail else {**each.values, UNIT: unit_code}
            changes.append(change_of(part, None, replace(each, values=values)))
    web.office.using.ledger.registers.enter(
        "wushen_2024",
        form,
        [each for each in changes if each is not None],
        on=LATE,
        actor="test",
        source_sha256="0" * 64,
    )


def ask(web: Web, who: str = "hotline", path: str = PAGE, **fields: str) -> Response:
    given = {"reason": REASON, "post": "office_staff"} | fields
    answer: Response = web.as_(who).post(path, data=given, headers=OURS)
    return answer


def on_record(web: Web, tmp_path: Path) -> list[Any]:
    engine = create_engine(f"sqlite:///{tmp_path / 'owing.db'}")
    with engine.connect() as connection:
        rows = connection.execute(select(audit).where(audit.c.reason.like("查看举报人信息%"))).all()
    engine.dispose()
    return list(rows)


def hides(answer: Response) -> bool:
    return not any(secret in answer.text for secret in SECRETS)


def test_asking_shows_nothing_yet_and_records_nothing(told: Web, tmp_path: Path) -> None:
    page = told.as_("hotline").get(PAGE)
    assert page.status_code == 200
    assert "查看理由" in page.text
    assert hides(page)
    assert on_record(told, tmp_path) == []


def test_with_a_reason_it_is_shown_and_on_record_with_who_looked(told: Web, tmp_path: Path) -> None:
    answer = ask(told, path=f"{PAGE}?on=2024-01-01")
    assert answer.status_code == 200
    assert not hides(answer)
    assert answer.headers["cache-control"] == "no-store"
    assert "xlsx" not in answer.text
    [row] = on_record(told, tmp_path)
    assert row.reason == f"查看举报人信息：{REASON}"
    assert "hotline" in row.actor
    assert row.day == LATE, "the day it happened, not the day looked at"
    assert not any(secret in str(row) for secret in SECRETS)
    assert told.office.using.ledger.audit.verify() is None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"reason": ""}, "请写明理由"),
        ({"reason": "   "}, "请写明理由"),
        ({"reason": "联系13900000000"}, "不得写身份证号、手机号"),
        ({"post": "emperor"}, "没有岗位“emperor”"),
        ({"post": ""}, "没有岗位"),
    ],
)
def test_without_a_reason_or_a_post_nothing_is_shown(
    told: Web, tmp_path: Path, fields: dict[str, str], why: str
) -> None:
    answer = ask(told, **fields)
    assert answer.status_code == 422
    assert why in answer.text
    assert hides(answer)
    assert on_record(told, tmp_path) == []


@pytest.mark.parametrize("who", ["admin", "officer", "approver", "auditor", "county"])
def test_nobody_else_sees_who_gave_a_tip(told: Web, tmp_path: Path, who: str) -> None:
    for answer in (told.as_(who).get(PAGE), ask(told, who)):
        assert answer.status_code == 403
        assert "查看举报人信息" in answer.text
        assert hides(answer)
    assert on_record(told, tmp_path) == []


@pytest.mark.parametrize(
    ("grant", "path"),
    [
        ({"campaigns": ["quanzhou_2024"]}, PAGE),
        ({"campaigns": ["quanzhou_2024"]}, "/tips/quanzhou_2024/1/identity"),
        ({"regions": ["150627"]}, PAGE),
        ({}, "/tips/wushen_2024/2/identity"),
        ({}, "/tips/nothing/1/identity"),
    ],
)
def test_a_tip_that_is_not_theirs_is_not_there(
    told: Web, tmp_path: Path, grant: dict[str, Any], path: str
) -> None:
    users = {"hotline": USERS["hotline"] | grant}
    told.office.access.path.write_text(yaml.safe_dump({"users": users}), encoding="utf-8")
    for answer in (told.as_("hotline").get(path), ask(told, path=path)):
        assert answer.status_code == 404
        assert hides(answer)
    assert on_record(told, tmp_path) == []


def test_a_tip_about_their_own_county_is_theirs(told: Web) -> None:
    users = {"hotline": USERS["hotline"] | {"regions": ["1506"]}}
    told.office.access.path.write_text(yaml.safe_dump({"users": users}), encoding="utf-8")
    assert not hides(ask(told))


def test_the_post_of_the_access_file_is_the_one_on_record(told: Web, tmp_path: Path) -> None:
    users = {"hotline": USERS["hotline"] | {"post": "office_director"}}
    told.office.access.path.write_text(yaml.safe_dump({"users": users}), encoding="utf-8")
    assert "您的岗位" not in told.as_("hotline").get(PAGE).text
    ask(told, post="office_staff")
    title = factories.campaign().post("office_director").title
    assert on_record(told, tmp_path)[0].actor == f"{title}（经办：hotline）"


def test_another_site_cannot_ask(told: Web, tmp_path: Path) -> None:
    answer = told.as_("hotline").post(
        PAGE, data={"reason": REASON}, headers={"origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert hides(answer)
    assert on_record(told, tmp_path) == []


def test_a_unit_shows_the_way_only_to_who_handles_tips(told: Web) -> None:
    page = f"/units/wushen_2024/{HERE.code}"
    assert PAGE in told.as_("hotline").get(page).text
    assert PAGE not in told.as_("officer").get(page).text
    assert ELSEWHERE.code not in told.as_("hotline").get(page).text
