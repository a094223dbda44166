"""Who gave a tip (举报人信息): looked up one at a time, for a stated reason, put on record first; keys renewed."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign
from include.domain.desk import personal_data_in
from include.domain.errors import GiveUp, NotFound
from include.domain.registers import RECORD, Record, parts, written
from include.steps import named
from include.steps.ports import Gateways

TIP = "tip"
LOOKED_UP = "查看举报人信息"
NEED = "举报人信息只限办理该件举报所必需时查看"


def tip(campaign: Campaign, number: str, using: Gateways) -> Record:
    """What the register of tips says, which names nobody. Raise NotFound."""
    form = using.forms[TIP]
    found = using.ledger.registers.records(campaign.id, form)[parts(form)[0].table].get(number)
    if found is None:
        raise NotFound(f"“{campaign.short_title}”没有登记编号为“{number}”的举报，或您的账号不能查看它。")
    return found


def headers(using: Gateways) -> dict[str, str]:
    """Column of the register of tips → its header."""
    return {each.name: each.column.header for each in parts(using.forms[TIP])[0].kept}


def identity(
    campaign: Campaign, number: str, *, reason: str, by: str, on: date, using: Gateways, user: str = ""
) -> dict[str, str]:
    """Header → what is known of the tipster. Raise GiveUp without a reason or such a record, ValueError for the post.

    The look-up is on record before anything is shown, with the number, the post (and the user) and the reason.
    """
    if not reason.strip():
        raise GiveUp(f"{NEED}，请写明理由")
    if personal_data_in({"reason": reason}):
        raise GiveUp("理由会记入留痕，不得写身份证号、手机号，请改写后再查看")
    actor = named.signed(named.post(campaign, by), user)
    form = using.forms[TIP]
    part = next(part for part in parts(form) if part.is_confidential)
    found = using.ledger.registers.records(campaign.id, form, confidential=True)[part.table]
    record = next((each for each in found.values() if written(each.values.get(RECORD)) == number), None)
    if record is None:
        raise GiveUp(f"举报登记编号“{number}”没有登记举报人信息，请核对编号；匿名举报的没有")
    using.ledger.registers.disclosed(
        campaign.id, form, {"tip_no": number}, on=on, actor=actor, reason=f"{LOOKED_UP}：{reason.strip()}"
    )
    return {
        each.column.header: written(record.values.get(each.name)) for each in part.kept if each.name != RECORD
    }


def reseal(*, on: date, actor: str, using: Gateways) -> int:
    """Encrypt all of it anew with the newest key; return how many records (条). Raise GiveUp without a key."""
    return using.ledger.registers.resealed(using.forms[TIP], on=on, actor=actor)
