"""What staff name in words: found, or a sentence with the nearest known names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches

from include.domain.campaign import Campaign
from include.domain.units import Unit
from include.steps.ports import Gateways

LIKE = 0.5
"""How alike a name must be to be offered (difflib's ratio)."""


def post(campaign: Campaign, name: str) -> str:
    """The title of a post by key or title. Raise ValueError."""
    titles = {each.key: each.title for each in campaign.posts}
    asked = name.strip()
    if asked in titles.values():
        return asked
    if asked not in titles:
        known = "、".join(f"{key}（{title}）" for key, title in titles.items())
        raise ValueError(f"“{campaign.short_title}”没有岗位“{name}”，可选：{known}")
    return titles[asked]


def signed(post_title: str, user: str) -> str:
    """Who stands in the audit: the post that decided, and the user who entered it where there is one."""
    return f"{post_title}（经办：{user}）" if user else post_title


def unit(campaign: Campaign, code: str, *, on: date, using: Gateways) -> Unit:
    """The unit of that code, however written. Raise ValueError with the nearest codes and names."""
    asked = code.strip()
    found = using.ledger.roster.unit(campaign.id, asked.upper())
    if found is not None:
        return found
    units = using.ledger.roster.units(campaign.id, on=on)
    codes = {each.code: each for each in units} | {each.name: each for each in units}
    near = {codes[name].code: codes[name].name for name in nearest(asked, codes)}
    raise ValueError(f"名册中没有编码为“{asked}”的单位，请核对编码{_offered(near)}")


def rule(form_title: str, key: str, known: Mapping[str, str]) -> str:
    """The rule of that key; ``known`` is key → sentence. Raise ValueError with the nearest ones."""
    asked = key.strip()
    if asked in known:
        return asked
    near = {name: known[name] for name in nearest(asked, known)}
    raise ValueError(f"《{form_title}》没有规则“{asked}”，规则代号见退回说明中的方括号{_offered(near)}")


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """At most three known names, the most alike first; case does not matter."""
    names = {each.casefold(): each for each in known}
    return [names[found] for found in get_close_matches(name.casefold(), names, n=3, cutoff=LIKE)]


def _offered(near: Mapping[str, str]) -> str:
    if not near:
        return ""
    return "；最接近的有：" + "；".join(f"{name} {said}" for name, said in near.items())
