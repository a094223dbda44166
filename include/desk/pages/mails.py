"""邮件: one mail as it was sent, with every attempt."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from include.desk.pages.outbox import TONES, step_title, whom_of
from include.desk.paper import show
from include.desk.session import Seen, Visitor
from include.desk.tables import Column, Table, export
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, NotFound
from include.domain.mail_list import Attempt, SentMail
from include.domain.notices import NoticeState
from include.steps import one_mail
from include.steps.one_mail import OneMail

router = APIRouter()

MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""A mail is shown, never run: no script, no form, no link out of its frame."""
_ATTEMPTS = (
    Column("at", "时间", "moment"),
    Column("state", "结果", width=14),
    Column("recipient", "收件邮箱", width=30),
    Column("detail", "邮件服务器或系统的说明", width=70),
)


@router.get("/outbox/{campaign_id}/{notice_id}")
def mail(request: Request, who: Seen, campaign_id: str, notice_id: int) -> Response:
    campaign = who.campaign(campaign_id)
    found = _find(campaign, notice_id, who)
    table = Table(
        "attempts",
        "发送经过",
        _ATTEMPTS,
        [_attempt(each) for each in found.attempts],
        empty="还没有发送过。",
    )
    sent, why_not = _words(request, campaign, found, who)
    return export(request, [table], about=f"{campaign.title}；邮件{notice_id}") or show(
        request,
        "mail.html.j2",
        who,
        campaign=campaign,
        mail=found,
        row=found.row,
        whom=whom_of(found.row, campaign),
        step=step_title(found.row.step_key, campaign),
        tone=TONES.get(found.row.state, ""),
        table=table,
        sent=sent,
        is_preview=sent is not None and sent is not found.sent,
        why_not=why_not,
        states=NoticeState,
    )


@router.get("/outbox/{campaign_id}/{notice_id}/body")
def body(request: Request, who: Seen, campaign_id: str, notice_id: int) -> Response:
    campaign = who.campaign(campaign_id)
    found = _find(campaign, notice_id, who)
    sent, why_not = _words(request, campaign, found, who)
    if sent is None:
        raise NotFound(why_not)
    return HTMLResponse(sent.html, headers={"Content-Security-Policy": MAIL_POLICY})


@router.get("/outbox/{campaign_id}/{notice_id}/files/{place}")
def file(request: Request, who: Seen, campaign_id: str, notice_id: int, place: int) -> Response:
    campaign = who.campaign(campaign_id)
    name, content = one_mail.attachment(campaign, _find(campaign, notice_id, who), place - 1, using=who.using)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _find(campaign: Campaign, notice_id: int, who: Visitor) -> OneMail:
    return one_mail.find(campaign, notice_id, on=who.on, regions=who.regions, using=who.using)


def _words(request: Request, campaign: Campaign, found: OneMail, who: Visitor) -> tuple[SentMail | None, str]:
    """What the mail said; what it would say now where that is asked for; else why neither can be shown."""
    if found.sent is not None:
        return found.sent, ""
    if found.is_shared:
        return None, "这封邮件合并了其他县区单位的通知，不予显示正文。"
    if "now" not in request.query_params:
        return None, ""
    try:
        return one_mail.now(campaign, found, on=who.on, using=who.using), ""
    except GiveUp as reason:
        return None, f"按目前的台账不会发送这封邮件：{reason}"


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": attempt.at,
        "state": attempt.state.zh,
        "recipient": attempt.recipient,
        "detail": attempt.detail,
        "tone": TONES.get(attempt.state, ""),
    }
