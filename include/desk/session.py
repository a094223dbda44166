"""Who is looking, what they may see, and for which day they look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, HTTPException, Request
from fastapi.responses import RedirectResponse

from include.desk.office import Office
from include.domain.access import Grant, Right
from include.domain.campaign import Campaign
from include.domain.errors import NotFound
from include.gateways.access_file import BadAccessFile
from include.steps.ports import Gateways

DAY_COOKIE = "duban_on"
NO_GRANT = "您的账号“{user}”还没有督办台的权限，请联系管理员在权限文件中登记。"
NO_RIGHT = "您的账号（{role}）没有“{right}”的权限；确需办理的，请联系管理员。"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The user of a request with what the office granted, looking at how things stand on the day ``on``."""

    user: str
    grant: Grant
    on: date
    is_today: bool
    office: Office

    @property
    def using(self) -> Gateways:
        return self.office.using

    @property
    def campaigns(self) -> tuple[Campaign, ...]:
        """Those the visitor may see."""
        return tuple(each for each in self.office.registry.campaigns if self.grant.covers(each.id))

    @property
    def regions(self) -> tuple[str, ...]:
        """Beginnings of the division codes the visitor may see; empty for all."""
        return self.grant.regions

    def may(self, right: Right, campaign_id: str | None = None) -> bool:
        return self.grant.may(right, campaign_id)

    def campaign(self, campaign_id: str) -> Campaign:
        """Raise NotFound, in the same words whether it is not there or not theirs."""
        for each in self.campaigns:
            if each.id == campaign_id:
                return each
        raise NotFound(f"没有专项行动“{campaign_id}”，或您的账号不能查看它。")

    def demand(self, right: Right, campaign_id: str | None = None) -> None:
        """Raise HTTPException 403 when the right is not held (for that campaign)."""
        if not self.may(right, campaign_id):
            raise HTTPException(403, NO_RIGHT.format(role=self.grant.role.zh, right=right.zh))


def visitor(request: Request, user: GetUserDep) -> Visitor:
    """Airflow says who it is (401 without a session), the access file what they may do (403 when nothing)."""
    office: Office = request.app.state.office
    name = user.get_name()
    try:
        grant = office.access.access().of(name)
    except BadAccessFile as fault:
        raise HTTPException(503, str(fault)) from fault
    if grant is None:
        raise HTTPException(403, NO_GRANT.format(user=name))
    on = _asked_day(request) or office.today()
    return Visitor(name, grant, on, on == office.today(), office)


Seen = Annotated[Visitor, Depends(visitor)]
"""What every route of the desk asks for first."""


def needs(right: Right) -> Callable[[Visitor], Visitor]:
    """A dependency: the visitor, who holds that right; ``Annotated[Visitor, Depends(needs(Right.ACT))]``."""

    def check(who: Seen) -> Visitor:
        who.demand(right)
        return who

    return check


def wants_a_page(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def log_in(request: Request) -> RedirectResponse:
    """To Airflow's log-in page, and back here afterwards."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    prefix = request.scope.get("root_path", "").rpartition("/")[0]
    return RedirectResponse(f"{prefix}/auth/login?{urlencode({'next': back})}", status_code=303)


def _asked_day(request: Request) -> date | None:
    """The day asked for in the address, else the one chosen before; an impossible one is as if not asked."""
    asked = request.query_params.get("on", request.cookies.get(DAY_COOKIE, ""))
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return None
