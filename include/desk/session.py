"""Who is looking, what they may see, and for which day they look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import Depends, HTTPException, Request
from fastapi.responses import RedirectResponse

from include.desk.office import Office
from include.domain.access import Grant, Right
from include.domain.campaign import Campaign
from include.domain.codes import region_name
from include.domain.errors import NotFound
from include.domain.units import Unit
from include.gateways.access_file import BadAccessFile
from include.steps.ports import Gateways

DAY_COOKIE = "duban_on"
READS = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_FROM_HERE = "这次提交不是从督办台的页面发出的，没有办理；请回到督办台重新填写后提交。"
NO_GRANT = "您的账号“{user}”还没有督办台的权限，请联系管理员在权限文件中登记。"
NO_UNIT = "“{campaign}”的名册中没有编码为“{code}”的单位，或您的账号不能查看它。"
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

    def short(self, campaign: Campaign) -> str:
        """Its short title; with its region where another of theirs is called the same."""
        alike = [each for each in self.campaigns if each.short_title == campaign.short_title]
        return (
            f"{campaign.short_title}（{region_name(campaign.region)}）"
            if len(alike) > 1
            else campaign.short_title
        )

    def unit(self, campaign: Campaign, code: str) -> Unit:
        """By its newest facts. Raise NotFound, in the same words whether it is not there or not of their regions."""
        asked = code.strip()
        found = self.using.ledger.roster.unit(campaign.id, asked.upper())
        if found is None or not self.grant.sees_region(found.region_code):
            raise NotFound(NO_UNIT.format(campaign=campaign.short_title, code=asked))
        return found

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
    if request.method not in READS:
        demand_same_origin(request)
    on = _asked_day(request) or office.today()
    return Visitor(name, grant, on, on == office.today(), office)


def demand_same_origin(request: Request) -> None:
    """Raise HTTPException 403 unless a page of this very site sent the request: a session's cookie travels with any.

    Every browser says where from: all of them ``Origin``, and ``Sec-Fetch-Site`` where the address is secure, which
    no proxy in between can spoil.
    """
    site = request.headers.get("sec-fetch-site")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    is_ours = (
        site == "same-origin" if site is not None else bool(origin) and origin in _own_addresses(request)
    )
    if not is_ours:
        raise HTTPException(403, NOT_FROM_HERE)


def _own_addresses(request: Request) -> set[str]:
    """As the browser names this site: the host it asked, or where Airflow is told it is reached (behind a proxy)."""
    told = conf.get("api", "base_url", fallback="") or ""
    return {request.headers.get("host", ""), urlsplit(told).netloc} - {""}


Seen = Annotated[Visitor, Depends(visitor)]
"""What every route of the desk asks for first: who it is, and of what changes something that it comes from here."""


def needs(right: Right) -> Callable[[Visitor], Visitor]:
    """A dependency: the visitor, who holds that right; ``Annotated[Visitor, Depends(needs(Right.ACT))]``."""

    def check(who: Seen) -> Visitor:
        who.demand(right)
        return who

    return check


def wants_a_page(request: Request) -> bool:
    """A browser that shows the answer, after a click or a form sent; what a script asks for is JSON."""
    return "text/html" in request.headers.get("accept", "")


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
