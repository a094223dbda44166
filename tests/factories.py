"""Builders with defaults: a test names only what it is about. Everything is synthetic."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from include.campaigns.registry import FOLDER, load_campaign
from include.domain.campaign import Campaign
from include.domain.model import UnitKind
from include.domain.returns import Identity, Reading, Row
from include.domain.units import PostHolder, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")


@cache
def campaign(campaign_id: str = "wushen_2024") -> Campaign:
    return load_campaign(FOLDER / campaign_id)


def at(day: str, time: str = "09:00") -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=SHANGHAI)


def make_unit(number: int, *, kind: UnitKind = UnitKind.RETAIL_PHARMACY, email: str | None = "") -> Unit:
    """Unit ``number`` of 乌审旗; ``email`` "" gives it one of its own, None gives it none."""
    letter = {UnitKind.MEDICAL_INSTITUTION: "H", UnitKind.RETAIL_PHARMACY: "P"}.get(kind, "J")
    code = f"{letter}150626{number:05d}"
    return Unit(
        code=code,
        name=f"示例单位{number}",
        kind=kind,
        region_code="150626",
        contact_email=f"{code.lower()}@unit.example" if email == "" else email,
        contact_phone="0477-1234567",
    )


def make_holder(post_key: str, *, email: str | None = None) -> PostHolder:
    return PostHolder(
        post_key=post_key, email=email or f"{post_key}@bureau.example", holds_from=date(2024, 1, 1)
    )


def make_identity(unit: Unit, **changes: str) -> Identity:
    facts = {
        "campaign_id": "wushen_2024",
        "phase_key": "self_check",
        "form": "self_check",
        "form_version": "1.0",
        "unit_code": unit.code,
        "token": "genuine",
    }
    return Identity(**(facts | changes))


def make_reading(unit: Unit, *, has_problem: bool = False, **changes: str) -> Reading:
    """A zero return of that unit, as read."""
    cover = Row(number=3, values={"has_problem": has_problem, "unit_code": unit.code})
    return Reading(identity=make_identity(unit, **changes), sheets={"cover": (cover,), "items": ()})
