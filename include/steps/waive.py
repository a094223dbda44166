"""Waive a rule for one unit, with an approver, a reason and a last day; list and revoke what was waived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from include.domain.campaign import Campaign
from include.domain.dates import zh_date
from include.domain.forms import Form
from include.domain.waivers import Waiver, why_not_waivable
from include.steps import named
from include.steps.ports import Gateways


def form_of(key: str, using: Gateways) -> Form:
    """Raise ValueError for an unknown form."""
    if key not in using.forms:
        raise ValueError(f"没有报送表“{key}”，可选：{'、'.join(sorted(using.forms))}")
    return using.forms[key]


def rules(form: Form, using: Gateways) -> Mapping[str, str]:
    """The rules that can be waived: key → what the rule asks for, in the order of the form."""
    return {key: asked for key, asked in using.quality.rules(form).items() if not why_not_waivable(form, key)}


def grant(
    campaign: Campaign,
    form_key: str,
    unit_code: str,
    rule: str,
    *,
    reason: str,
    approved_by: str,
    until: date,
    signed_by: str = "",
    dry_run: bool = False,
    on: date,
    using: Gateways,
) -> Waiver:
    """Enter a waiver that holds from that day, unless it is a dry run. Raise ValueError with the nearest names for an unknown one."""
    form = form_of(form_key, using)
    unit = named.unit(campaign, unit_code, on=on, using=using)
    known = using.quality.rules(form)
    known_rule = named.rule(form.title, rule, {**{each.key: each.text for each in form.rules}, **known})
    refused = why_not_waivable(form, known_rule)
    if refused:
        raise ValueError(f"规则“{known_rule}”不能豁免：{refused}")
    granted = Waiver(
        unit.code,
        form.key,
        known_rule,
        reason.strip(),
        named.post(campaign, approved_by),
        granted_on=on,
        expires_on=until,
    )
    held = _held(campaign, granted, on, using)
    if held is not None:
        raise ValueError(
            f"{unit.name}的这项豁免已有，有效至{zh_date(held.expires_on)}；如需改变期限或理由，请先撤销再重新批准"
        )
    if not dry_run:
        using.ledger.waivers.grant(campaign.id, granted, actor=named.signed(granted.approved_by, signed_by))
    return granted


def granted(campaign: Campaign, using: Gateways) -> list[Waiver]:
    """Everything granted, the newest first."""
    return using.ledger.waivers.all(campaign.id)[::-1]


def revoke(
    campaign: Campaign,
    form_key: str,
    unit_code: str,
    rule: str,
    *,
    reason: str,
    by: str,
    signed_by: str = "",
    dry_run: bool = False,
    on: date,
    using: Gateways,
) -> Waiver:
    """End the waiver that holds, unless it is a dry run: from that day it no longer does. Return it as it was. Raise ValueError."""
    post = named.post(campaign, by)
    for waiver in granted(campaign, using):
        is_meant = (waiver.form, waiver.unit_code, waiver.rule) == (
            form_key.strip(),
            unit_code.strip().upper(),
            rule.strip(),
        )
        if is_meant and waiver.expires_on >= on:
            if not dry_run:
                actor = named.signed(post, signed_by)
                using.ledger.waivers.revoke(campaign.id, waiver, on=on, by=actor, reason=reason)
            return waiver
    raise ValueError("没有仍然有效的这项豁免，请用 waivers list 查看单位、表和规则的写法")


def _held(campaign: Campaign, wanted: Waiver, on: date, using: Gateways) -> Waiver | None:
    """A waiver of the same rule that has not run out, whether it holds already or not."""
    for waiver in using.ledger.waivers.all(campaign.id):
        same = (waiver.form, waiver.unit_code, waiver.rule) == (wanted.form, wanted.unit_code, wanted.rule)
        if same and waiver.expires_on >= on:
            return waiver
    return None
