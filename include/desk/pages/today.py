"""今日: what waits for somebody, the overdue first."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from include.desk.paper import show
from include.desk.session import Seen

router = APIRouter()


@router.get("/")
def today(request: Request, who: Seen) -> Response:
    return show(request, "today.html.j2", who)
