"""What an address asks for; what it asks that does not exist is as if not asked."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TypeVar

from fastapi import HTTPException, Request

from include.desk.session import Visitor
from include.domain.campaign import Campaign
from include.domain.errors import NotFound

Word = TypeVar("Word", bound=StrEnum)
NO_CAMPAIGN = "还没有可查看的专项行动。"


def campaign(request: Request, who: Visitor) -> Campaign:
    """The campaign asked for, else the first under way with a roster, else the first with one, else the first.

    Raise NotFound when there is none to see.
    """
    if not who.campaigns:
        raise NotFound(NO_CAMPAIGN)
    if asked := request.query_params.get("campaign"):
        return who.campaign(asked)
    frozen = [each for each in who.campaigns if who.using.ledger.roster.frozen_on(each.id)]
    running = [each for each in frozen if each.starts_on <= who.on <= max(phase.due for phase in each.phases)]
    return (running or frozen or list(who.campaigns))[0]


def refuse_large(request: Request, most: int) -> None:
    """Before a byte of the body is read. Raise HTTPException 413, and 411 for a request that does not say how long it is."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411, "提交的内容没有说明大小，请用浏览器在督办台页面上提交。")
    if int(length) > most:
        raise HTTPException(
            413, f"提交的内容超过{most / 1024 / 1024:.0f}MB，没有办理；请压缩或删减后重新提交。"
        )


def one_of(kind: type[Word], value: str | None) -> Word | None:
    return kind(value) if value in set(kind) else None


def day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
