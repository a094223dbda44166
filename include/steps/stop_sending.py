"""Stop mail and let it go again: all of it, one campaign's, or that to one unit. Nothing planned is ever lost."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp
from include.domain.notices import NoticeState
from include.domain.plans import EVERYTHING, Stop, unit_scope
from include.steps.ports import Gateways

SYSTEM = "督办系统"
WITHHELD = "已暂停向该单位发信"


def now(scope: str, using: Gateways) -> Stop | None:
    """Why nothing of exactly that scope is sent; None when it is."""
    return next((each for each in using.ledger.outbox.stops(scope) if each.scope == scope), None)


def standing(campaign: Campaign, using: Gateways) -> list[Stop]:
    """What stands in the way of the campaign's mails: of all, of its own, and of those to single units."""
    concerned = {EVERYTHING, campaign.id}
    units = unit_scope(campaign.id, "")
    stops = using.ledger.outbox.stops()
    return [each for each in stops if each.scope in concerned or each.scope.startswith(units)]


def stop(scope: str, *, by: str, reason: str, using: Gateways) -> None:
    """From the next mail on; the first reason stays."""
    using.ledger.outbox.stop(scope, by=by, reason=reason, at=using.now())


def resume(scope: str, *, by: str, reason: str, using: Gateways) -> bool:
    """Let the scope send again; return whether it was stopped.

    Resuming what the system itself has stopped confirms a ledger that came from a backup.
    """
    # What a person stopped before the backup was taken says nothing of the backup: the next run will.
    is_own = any(each.scope == scope and each.by == SYSTEM for each in using.ledger.outbox.stops())
    was_stopped = using.ledger.outbox.resume(scope, by=by, reason=reason, at=using.now())
    if was_stopped and scope == EVERYTHING and is_own:
        using.watermark.lower(using.ledger.outbox.attempts_made())
    return was_stopped


def lock_restored(reason: str, *, attempts: int, on: date, using: Gateways) -> None:
    """Stop everything until a person has compared a ledger put back from a backup, and confirms it by ``resume``.

    ``attempts`` is the latest one in the backup. Where the mark outside the ledger is older still, it was lost too:
    then nothing planned up to that day is sent blindly.
    """
    mark = using.watermark.read()
    if mark == 0 or mark < attempts:
        using.watermark.lose(until=on)
    if (earlier := now(EVERYTHING, using)) is not None:
        # A stop of a person's would be lifted without a look at the backup.
        using.ledger.outbox.resume(EVERYTHING, by=SYSTEM, reason=reason, at=using.now())
        reason = f"{reason}；备份时已停止发送（{earlier.by}：{earlier.reason}）"
    using.ledger.outbox.stop(EVERYTHING, by=SYSTEM, reason=reason, at=using.now())


def of_unit(campaign: Campaign, unit_code: str | None, using: Gateways) -> Stop | None:
    """Why this unit is not written to just now; None when it is, or the mail is to no unit."""
    return now(unit_scope(campaign.id, unit_code), using) if unit_code else None


def withheld(stop: Stop) -> str:
    """What a mail kept back says, also in the list of those not notified."""
    return f"{WITHHELD}（{stop.by}：{stop.reason}），请电话告知"


def kept_back(campaign: Campaign, unit_code: str, using: Gateways) -> list[int]:
    """The notices (by id) that were not sent because the unit's mail was suspended."""
    return [
        row.id
        for row in using.ledger.outbox.rows(campaign.id)
        if row.unit_code == unit_code and row.state is NoticeState.HELD and row.detail.startswith(WITHHELD)
    ]


def resume_unit(
    campaign: Campaign, unit_code: str, *, by: str, reason: str, on: date, using: Gateways
) -> int:
    """Write to the unit again; return how many notices kept back are planned anew (份).

    Those whose time has passed, or which are no longer wanted, are dropped when they would be sent.
    Raise GiveUp when its mail was not suspended.
    """
    if not resume(unit_scope(campaign.id, unit_code), by=by, reason=reason, using=using):
        raise GiveUp(f"没有暂停向{unit_code}发信，无需恢复")
    return sum(using.ledger.outbox.plan_again(each, on=on) for each in kept_back(campaign, unit_code, using))
