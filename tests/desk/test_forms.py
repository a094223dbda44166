"""报表库: forms for everybody, a unit's own for who may see the unit, uploads from the office's own pages only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from openpyxl import load_workbook

from include.steps import hand_in
from tests import factories
from tests.desk.conftest import ELSEWHERE, Web

HERE = factories.make_unit(1)
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def office(make_web: Callable[..., Web], owing_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    monkeypatch.setenv("DUBAN_TOKEN_KEY", "k" * 40)
    return make_web(owing_ledger)


def upload(
    web: Web, who: str = "officer", name: str = "自查表.xlsx", content: bytes = b"x", **fields: str
) -> Any:
    given = {"campaign": "wushen_2024", "what": "file"} | fields
    answer: Response = web.as_(who).post(
        "/forms/upload", data=given, files={"file": (name, content)}, headers=OURS
    )
    return answer


def lying(web: Web, campaign_id: str = "wushen_2024") -> list[tuple[str, bytes, str]]:
    until = web.office.using.now() + timedelta(minutes=1)
    files = web.office.using.inbox.files(campaign_id, received_until=until)
    return [(file.name, file.content, file.channel) for file in files]


def test_the_library_lists_what_is_reported_and_what_the_office_keeps(office: Web) -> None:
    page = office.as_("county").get("/forms?campaign=wushen_2024").text
    for told in ("自查自纠情况表", "须附", "定点零售药店", "疑点线索台账"):
        assert told in page
    assert "代单位上传报送件" not in page
    assert "代单位上传报送件" in office.as_("officer").get("/forms?campaign=wushen_2024").text


@pytest.mark.parametrize(("form", "told"), [("self_check", "直接回复下发本表的邮件"), ("clue", "怎样导入")])
def test_a_form_is_explained_as_its_workbook_explains_it(office: Web, form: str, told: str) -> None:
    page = office.as_("auditor").get(f"/forms/wushen_2024/{form}").text
    assert told in page
    assert "逐栏说明" in page


def test_a_blank_form_opens_and_belongs_to_nobody(office: Web) -> None:
    answer = office.as_("county").get("/forms/wushen_2024/self_check/blank")
    book = load_workbook(BytesIO(answer.content))
    assert "封面" in book.sheetnames
    assert HERE.code not in str([cell.value for row in book["封面"].iter_rows() for cell in row])


def test_a_unit_gets_its_own_workbook(office: Web) -> None:
    answer = office.as_("county").get(f"/forms/wushen_2024/self_check/unit?code={HERE.code.lower()}")
    values = [
        cell.value for row in load_workbook(BytesIO(answer.content))["封面"].iter_rows() for cell in row
    ]
    assert HERE.code in values
    assert HERE.name in values


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("county", f"self_check/unit?code={ELSEWHERE.code}", 404),
        ("officer", "self_check/unit?code=H99999999999", 404),
        ("officer", "self_check/unit", 404),
        ("officer", f"clue/unit?code={HERE.code}", 404),
        ("officer", "nothing/blank", 404),
        ("officer", "nothing", 404),
    ],
)
def test_what_is_not_theirs_is_not_found(office: Web, who: str, path: str, status: int) -> None:
    answer = office.as_(who).get(f"/forms/wushen_2024/{path}")
    assert answer.status_code == status
    assert ELSEWHERE.name not in answer.text


def test_without_a_key_no_workbook_is_made(web: Web) -> None:
    answer = web.as_("officer").get("/forms/wushen_2024/self_check/blank")
    assert answer.status_code == 503
    assert "密钥" in answer.text


def test_an_upload_lands_in_the_inbox_with_who_uploaded_it(office: Web) -> None:
    answer = upload(office, unit=HERE.code, name="扫描.pdf", content=b"%PDF-1")
    assert "已放入收件箱" in answer.text
    assert lying(office) == [(f"{HERE.code}_扫描.pdf", b"%PDF-1", "desk:officer")]


def test_an_upload_sent_twice_is_there_once(office: Web) -> None:
    for _ in range(2):
        assert upload(office).status_code == 200
    assert len(lying(office)) == 1


def test_a_name_of_the_browsers_cannot_leave_the_inbox(office: Web) -> None:
    upload(office, name="../../../../evil.xlsx")
    assert lying(office) == [("evil.xlsx", b"x", "desk:officer")]


def test_a_look_says_what_the_intake_would_and_enters_nothing(office: Web) -> None:
    answer = upload(office, name="随便.xlsx", content=b"not a workbook", what="look")
    assert answer.status_code == 200
    assert "还没有登记" in answer.text
    assert "随便.xlsx" in answer.text
    assert lying(office) == []


@pytest.mark.parametrize(
    ("fields", "status", "why"),
    [
        ({"content": b""}, 422, "空的"),
        ({"name": "..."}, 422, "没有名称"),
        ({"campaign": "nothing"}, 404, "没有专项行动"),
        ({"unit": "H99999999999"}, 404, "没有编码为“H99999999999”的单位"),
        ({"who": "county"}, 403, "没有“办理”的权限"),
        ({"who": "approver"}, 403, "没有“办理”的权限"),
        ({"who": "officer_of_one", "campaign": "quanzhou_2024"}, 404, "没有专项行动"),
    ],
)
def test_what_is_refused_is_not_laid_in(office: Web, fields: dict[str, Any], status: int, why: str) -> None:
    answer = upload(office, **fields)
    assert answer.status_code == status
    assert why in answer.text
    assert lying(office) == lying(office, "quanzhou_2024") == []


def test_a_request_that_is_too_large_is_refused_before_it_is_read(office: Web) -> None:
    officer = office.as_("officer")
    large = {"content-length": str(hand_in.LARGEST * 2), "content-type": "multipart/form-data; boundary=x"}
    answer = officer.post("/forms/upload", content=b"", headers=OURS | large)
    assert answer.status_code == 413
    assert "超过20MB" in answer.text
    unsaid = officer.post("/forms/upload", content=iter([b"x"]), headers=OURS)
    assert unsaid.status_code == 411


def test_only_who_may_act_gets_the_page(office: Web) -> None:
    assert (
        office.as_("officer").get(f"/forms/upload?campaign=wushen_2024&unit={HERE.code}").status_code == 200
    )
    assert office.as_("county").get("/forms/upload").status_code == 403
    unit = f"/units/wushen_2024/{HERE.code}"
    assert f"unit={HERE.code}" in office.as_("officer").get(unit).text
    assert "/forms/upload" not in office.as_("county").get(unit).text
