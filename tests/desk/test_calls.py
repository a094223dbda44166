"""电话催办: whom to call, the list and back; only for those who may act, only their own units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from include.domain.calls import CallResult, PhoneCall
from include.domain.units import RosterChange
from include.gateways.ledger import Ledger
from tests import factories
from tests.desk.conftest import ELSEWHERE, Web

TODAY = date(2024, 6, 3)
PHONED = factories.make_unit(2, email=None)
PAGE = "/calls?campaign=wushen_2024"
SAME_SITE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def late(make_web: Callable[..., Web], owing_ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """Of four that owe, one of the banner and one elsewhere have lost their mailboxes."""
    monkeypatch.setenv("DUBAN_TOKEN_KEY", "synthetic-key-for-tests-only-0123456789-")
    ledger = Ledger(f"sqlite:///{owing_ledger}")
    ledger.roster.adjust(
        "wushen_2024",
        [
            RosterChange(
                kind="changed",
                unit=unit.model_copy(update={"contact_email": None}),
                effective_on=date(2024, 5, 24),
                reason="邮箱停用",
            )
            for unit in (PHONED, ELSEWHERE)
        ],
        actor="test",
    )
    ledger.close()
    return make_web(owing_ledger, today=TODAY)


def agreed(web: Web, unit: str, *, result: CallResult = CallResult.CALL_BACK) -> None:
    call = PhoneCall(unit, TODAY, result, "办公室", next_on=TODAY, note="下午再打")
    web.office.using.ledger.calls.enter("wushen_2024", [call], on=TODAY, actor="test", reason="电话催办")


def filled(content: bytes, result: str) -> bytes:
    book = load_workbook(BytesIO(content))
    [row] = [row for row in book.worksheets[0].iter_rows() if row[0].value == PHONED.code]
    row[5].value, row[7].value = TODAY, result
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def hand_in(web: Web, content: bytes, user: str = "officer", what: str = "enter", **headers: str):  # type: ignore[no-untyped-def]
    return web.as_(user).post(
        "/calls/wushen_2024",
        data={"post": "office_staff", "what": what},
        files={"file": ("催办.xlsx", content)},
        headers=headers or SAME_SITE,
    )


def made(web: Web) -> list[PhoneCall]:
    return web.office.using.ledger.calls.of_unit("wushen_2024", PHONED.code)


def test_the_page_lists_who_cannot_be_written_to_and_today_leads_to_it(late: Web) -> None:
    page = late.as_("officer").get(PAGE).text
    assert "电话待联系<small>2</small>" in page
    assert "0477-1234567" in page
    assert f"/acts/desk_contact_call?campaign=wushen_2024&amp;unit={PHONED.code}" in page
    today = late.as_("officer").get("/").text
    assert 'href="/calls?campaign=wushen_2024">2</a>' in today
    assert 'href="/units?campaign=wushen_2024&amp;show=unreachable">2</a>' in today


def test_a_day_agreed_on_is_counted_by_itself(late: Web) -> None:
    agreed(late, PHONED.code)
    today = late.as_("officer").get("/").text
    assert 'href="/calls?campaign=wushen_2024&amp;show=agreed">1</a>' in today
    page = late.as_("officer").get(f"{PAGE}&show=agreed").text
    assert "约定联系日已到<small>1</small>" in page
    assert "约定回电（2024-06-03）" in page
    assert "约定的日子已到" in page


def test_a_county_sees_its_own_and_may_neither_take_the_list_nor_bring_it_back(late: Web) -> None:
    county = late.as_("county")
    page = county.get(PAGE).text
    assert "<small>1</small>" in page
    assert ELSEWHERE.code not in page
    assert "下载电话催办表" not in page
    assert "desk_contact_call" not in page


@pytest.mark.parametrize("user", ["county", "auditor", "approver"])
def test_only_who_may_act_takes_the_list_or_brings_it_back(late: Web, user: str) -> None:
    content = late.as_("officer").get("/calls/wushen_2024/list").content
    assert late.as_(user).get("/calls/wushen_2024/list").status_code == 403
    assert hand_in(late, filled(content, "已接通并告知"), user).status_code == 403
    assert made(late) == []


def test_the_list_goes_out_comes_back_is_looked_at_and_entered_once(late: Web) -> None:
    content = late.as_("officer").get("/calls/wushen_2024/list").content
    back = filled(content, "已接通并告知")
    looked = hand_in(late, back, what="look")
    assert "可登记1次" in looked.text
    assert made(late) == []
    assert "已登记1次通话" in hand_in(late, back).text
    assert [call.result for call in made(late)] == [CallResult.TOLD]
    assert "已登记0次通话" in hand_in(late, back).text
    assert len(made(late)) == 1
    page = late.as_("officer").get(f"/units/wushen_2024/{PHONED.code}").text
    assert "已接通并告知" in page


def test_a_wrong_line_is_told_by_its_cell_and_nothing_is_entered(late: Web) -> None:
    content = late.as_("officer").get("/calls/wushen_2024/list").content
    refused = hand_in(late, filled(content, "约定回电"))
    assert refused.status_code == 422
    assert "请填写约定日期" in refused.text
    assert "电话催办表!J" in refused.text
    assert made(late) == []


@pytest.mark.parametrize(
    ("headers", "status"), [({"sec-fetch-site": "cross-site"}, 403), ({"origin": "http://evil.example"}, 403)]
)
def test_what_another_site_sends_is_refused(late: Web, headers: dict[str, str], status: int) -> None:
    content = late.as_("officer").get("/calls/wushen_2024/list").content
    assert hand_in(late, filled(content, "已接通并告知"), **headers).status_code == status
    assert made(late) == []


def test_other_lists_of_who_owes_can_be_called_too_and_others_cannot(late: Web) -> None:
    officer = late.as_("officer")
    listed = "/calls/wushen_2024/list?campaign=wushen_2024&amp;show=overdue"
    assert listed in officer.get("/units?campaign=wushen_2024&show=overdue").text
    assert "/list" not in officer.get("/units?campaign=wushen_2024&show=settled").text
    sheet = load_workbook(BytesIO(officer.get(listed.replace("&amp;", "&")).content)).worksheets[0]
    assert sum(str(row[0].value).startswith(("P1506", "H1506")) for row in sheet.iter_rows()) == 4


def test_a_wrong_number_stands_beside_the_number(late: Web) -> None:
    call = PhoneCall(PHONED.code, TODAY, CallResult.WRONG_NUMBER, "办公室", number="0477-1234567")
    late.office.using.ledger.calls.enter("wushen_2024", [call], on=TODAY, actor="t", reason="电话催办")
    assert "号码有误" in late.as_("officer").get(f"/units/wushen_2024/{PHONED.code}").text
    assert "0477-1234567（号码有误）" in late.as_("officer").get(PAGE).text


def test_nobody_left_to_call_is_said(make_web: Callable[..., Web], owing_ledger: Path) -> None:
    web = make_web(owing_ledger, today=TODAY)
    assert "没有需要打电话的单位" in web.as_("officer").get(PAGE).text
    assert web.as_("officer").get("/calls/wushen_2024/list").status_code == 422
