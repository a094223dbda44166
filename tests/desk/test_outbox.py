"""发件箱: every mail can be found and read as it was sent, by those whom it concerns and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from include.domain.notices import Message, MessageAttachment, NewNotice, NoticeKind, NoticeState, SendMode
from include.domain.plans import EVERYTHING
from include.steps.stop_sending import SYSTEM
from tests import factories
from tests.desk.conftest import ELSEWHERE, Web

LATE = date(2024, 6, 3)
AT = factories.at("2024-06-03")
HERE = factories.make_unit(1)
MAIL = Message(
    message_id="<1@duban.example>",
    to="yaodian@unit.example",
    subject="请立即报送<自查报告>",
    text="纯文本正文",
    html="<p>超文本正文</p><script>alert(1)</script>",
    attachments=(MessageAttachment("自查表.xlsx", b"kept"), MessageAttachment("日程.ics", b"lost")),
)


@pytest.fixture
def web_(make_web: Callable[..., Web], owing_ledger: Path) -> Web:
    """Mail 1 to a pharmacy of the banner was sent, 2 to a hospital elsewhere refused, 3 to a post is planned."""
    web = make_web(owing_ledger, today=LATE)
    outbox = web.office.using.ledger.outbox
    outbox.plan(
        [
            notice(1, unit_code=HERE.code),
            notice(2, unit_code=ELSEWHERE.code),
            notice(3, post_key="office_director", kind=NoticeKind.ESCALATION, due_on=date(2024, 5, 31)),
        ]
    )
    claim(web)
    outbox.record_mail(
        [1], NoticeState.ACCEPTED, at=AT, to=MAIL.to, message_id=MAIL.message_id, detail="250 Ok", mail=MAIL
    )
    claim(web)
    outbox.record_mail([2], NoticeState.REFUSED, at=AT, detail="550 没有这个用户")
    web.office.using.archive.put(b"kept")
    return web


def notice(number: int, **facts: object) -> NewNotice:
    given = {
        "kind": NoticeKind.OVERDUE,
        "phase_key": "self_check",
        "step_key": factories.campaign().ladder[-1].key,
    }
    return NewNotice(  # type: ignore[arg-type]
        key=str(number), mode=SendMode.OFF, campaign_id="wushen_2024", planned_on=LATE, **(given | facts)
    )


def claim(web: Web) -> None:
    web.office.using.ledger.outbox.claim(
        "wushen_2024", mode=SendMode.OFF, limit=1, now=AT, lease=timedelta(minutes=10)
    )


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("", [HERE.code, ELSEWHERE.code, "550 没有这个用户", "领导小组办公室主任"], []),
        ("&state=refused", [ELSEWHERE.code], [HERE.code]),
        ("&kind=escalation", ["领导小组办公室主任"], [HERE.code, ELSEWHERE.code]),
        ("&kind=nonsense&day=never&state=", [HERE.code, ELSEWHERE.code], []),
        ("&day=2024-06-02", ["没有符合条件的邮件"], [HERE.code]),
        ("&unit=外旗", [ELSEWHERE.code], [HERE.code]),
        ("&page=7", ["没有符合条件的邮件"], [HERE.code]),
    ],
)
def test_the_list_shows_what_is_asked_for(
    web_: Web, query: str, there: list[str], not_there: list[str]
) -> None:
    page = web_.as_("officer").get(f"/outbox?campaign=wushen_2024{query}")
    assert page.status_code == 200
    assert [each for each in there if each not in page.text] == []
    assert [each for each in not_there if each in page.text] == []


def test_nothing_sent_yet_is_said(web: Web) -> None:
    page = web.as_("officer").get("/outbox")
    assert "没有符合条件的邮件" in page.text
    assert "未开启发送" in page.text


def test_a_past_day_shows_what_was_planned_by_then_and_says_that_states_are_of_now(web_: Web) -> None:
    before = web_.as_("officer").get("/outbox?campaign=wushen_2024&on=2024-05-31").text
    assert "没有符合条件的邮件" in before
    assert HERE.code not in before
    on = web_.as_("officer").get("/outbox?campaign=wushen_2024&on=2024-06-04").text
    assert "邮件<small>3</small>" in on
    assert "2024-06-04及以前登记的邮件" in on
    assert "及以前登记" not in web_.as_("officer").get("/outbox?campaign=wushen_2024&on=2024-06-03").text


def test_the_list_is_exported_as_it_is_narrowed(web_: Web) -> None:
    answer = web_.as_("officer").get("/outbox?campaign=wushen_2024&state=refused&xlsx=mails")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert "被拒收" in rows[1][0]
    assert [row[0] for row in rows[3:]] == [2]


def test_a_mail_is_read_as_it_was_sent(web_: Web) -> None:
    page = web_.as_("officer").get("/outbox/wushen_2024/1").text
    for told in ("请立即报送&lt;自查报告&gt;", "纯文本正文", "250 Ok", MAIL.to, "自查表.xlsx", "发出的原文"):
        assert told in page
    assert "alert(1)" not in page, "the body is in a frame of its own"
    assert "sandbox" in page


def test_the_body_can_do_nothing(web_: Web) -> None:
    body = web_.as_("officer").get("/outbox/wushen_2024/1/body")
    assert body.text == MAIL.html
    policy = body.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script" not in policy


def test_attachments_are_handed_out_or_it_is_said_why_not(web_: Web) -> None:
    officer = web_.as_("officer")
    file = officer.get("/outbox/wushen_2024/1/files/1")
    assert file.content == b"kept"
    assert file.headers["content-disposition"].startswith("attachment;")
    for place, why in ((2, "档案中没有这份附件"), (3, "没有第3份附件"), (0, "没有第0份附件")):
        missing = officer.get(f"/outbox/wushen_2024/1/files/{place}")
        assert missing.status_code == 404
        assert why in missing.text


def test_a_mail_not_sent_has_no_words(web_: Web) -> None:
    officer = web_.as_("officer")
    assert "没有原文" in officer.get("/outbox/wushen_2024/3").text
    assert officer.get("/outbox/wushen_2024/3/body").status_code == 404
    assert "550 没有这个用户" in officer.get("/outbox/wushen_2024/2").text


def test_what_a_mail_would_say_now_is_marked_as_such(web_: Web) -> None:
    page = web_.as_("officer").get("/outbox/wushen_2024/3?now=1").text
    assert "按目前台账" in page
    assert "发出的原文" not in page


@pytest.mark.parametrize("rest", ["", "/body", "/files/1"])
@pytest.mark.parametrize("number", [2, 3, 99])
def test_a_county_reads_only_the_mails_of_its_own_units(web_: Web, number: int, rest: str) -> None:
    county = web_.as_("county")
    answer = county.get(f"/outbox/wushen_2024/{number}{rest}?now=1")
    assert answer.status_code == 404
    assert f"没有编号为{number}的邮件" in answer.text
    assert county.get("/outbox/wushen_2024/1").status_code == 200


def test_a_county_lists_and_counts_only_its_own(web_: Web) -> None:
    county = web_.as_("county")
    page = county.get("/outbox").text
    assert HERE.code in page
    assert ELSEWHERE.code not in page
    assert "领导小组办公室主任" not in page
    assert "被拒收</dt>" not in page
    forecast = county.get("/outbox/wushen_2024/forecast?on=2024-05-06")
    rows = load_workbook(
        BytesIO(county.get("/outbox/wushen_2024/forecast?on=2024-05-06&xlsx=forecast").content)
    ).active
    assert forecast.status_code == 200
    assert {row[3] for row in rows.iter_rows(min_row=4, values_only=True)} == {3}


def test_a_mail_that_also_told_of_another_county_is_not_read_out(web_: Web) -> None:
    outbox = web_.office.using.ledger.outbox
    outbox.plan([notice(4, unit_code=HERE.code), notice(5, unit_code=ELSEWHERE.code)])
    for _ in range(3):
        claim(web_)
    mail = replace(MAIL, message_id="<4@duban.example>")
    outbox.record_mail([4, 5], NoticeState.ACCEPTED, at=AT, message_id=mail.message_id, mail=mail)
    county = web_.as_("county")
    page = county.get("/outbox/wushen_2024/4?now=1").text
    assert "合并了其他县区单位的通知" in page
    assert "纯文本正文" not in page
    assert county.get("/outbox/wushen_2024/4/body").status_code == 404
    assert county.get("/outbox/wushen_2024/4/files/1").status_code == 404
    assert "纯文本正文" in web_.as_("officer").get("/outbox/wushen_2024/4").text


@pytest.mark.parametrize(
    "path", ["/outbox?campaign=wushen_2024", "/outbox/wushen_2024/1", "/outbox/wushen_2024/forecast"]
)
def test_a_campaign_not_granted_is_as_if_it_were_not_there(web_: Web, path: str) -> None:
    web_.office.access.path.write_text(
        "users: {other: {role: officer, campaigns: [quanzhou_2024]}}", encoding="utf-8"
    )
    answer = web_.as_("other").get(path)
    assert answer.status_code == 404
    assert HERE.code not in answer.text


def test_a_stop_is_told_and_whoever_may_act_finds_the_way_to_lift_it(web_: Web) -> None:
    outbox = web_.office.using.ledger.outbox
    outbox.stop(EVERYTHING, by="基金监管岗", reason="名单有误", at=AT)
    outbox.stop(f"wushen_2024/{ELSEWHERE.code}", by="基金监管岗", reason="正在核实外旗联系人", at=AT)
    officer, county = (web_.as_(who).get("/outbox").text for who in ("officer", "county"))
    assert "desk_sending_confirm" not in officer
    assert "发送已停止" in officer
    assert "名单有误" in officer
    assert "/acts/desk_sending_resume" in officer
    assert "正在核实外旗联系人" in officer
    assert "名单有误" in county
    assert "正在核实外旗联系人" not in county
    assert "/acts/" not in county


def test_what_the_system_itself_stopped_is_confirmed_not_resumed(web_: Web) -> None:
    outbox = web_.office.using.ledger.outbox
    outbox.stop(EVERYTHING, by=SYSTEM, reason="台账可能是从备份恢复的", at=AT)
    page = web_.as_("officer").get("/outbox").text
    assert "/acts/desk_sending_confirm" in page
    assert "/acts/desk_sending_resume" not in page
