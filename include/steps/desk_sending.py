"""Sending stopped and let go at the desk: of all campaigns, of one, to one unit."""

from __future__ import annotations

from include.domain.desk import Outcome
from include.domain.errors import GiveUp
from include.domain.plans import EVERYTHING, unit_scope
from include.steps import named, stop_sending
from include.steps.slips import Slip

OF_ONE = "campaign"
"""The answer that asks for one campaign; any other asks for all of them."""
IS_SENT, IS_STOPPED = "“照常发送”", "“停止发送”"


def stop(slip: Slip) -> Outcome:
    """Stop all mail, or one campaign's."""
    scope, whose = _scope(slip)
    there = stop_sending.now(scope, slip.using)
    if there is not None:
        return Outcome(whose, (), (f"已经停止发送（{there.by}：{there.reason}），无需再停",))
    if not slip.dry_run:
        stop_sending.stop(scope, by=slip.by, reason=slip.reason, using=slip.using)
    return Outcome(
        whose, (f"发送 {IS_SENT} → {IS_STOPPED}",), ("正在交付的一封会发完，其余保留，恢复后继续",)
    )


def resume(slip: Slip) -> Outcome:
    """Let mail go again; after a restore this is the confirmation."""
    scope, whose = _scope(slip)
    there = stop_sending.now(scope, slip.using)
    if there is None:
        raise GiveUp(f"{whose}没有停止发送，无需恢复")
    if not slip.dry_run:
        stop_sending.resume(scope, by=slip.by, reason=slip.reason, using=slip.using)
    notes = [f"停止的原因：{there.by}，{there.reason}"]
    if there.by == stop_sending.SYSTEM:
        notes.append("备份以来已经发出的邮件不会再发，列为“待核实”，请对照邮箱“已发送”逐封登记")
    return Outcome(whose, (f"发送 {IS_STOPPED} → {IS_SENT}",), tuple(notes))


def suspend_unit(slip: Slip) -> Outcome:
    """Write to one unit no more; it is listed as not notified, with the reason."""
    unit = named.unit(slip.campaign, slip["unit"], on=slip.on, using=slip.using)
    scope, whose = unit_scope(slip.campaign.id, unit.code), f"{unit.code} {unit.name}"
    there = stop_sending.now(scope, slip.using)
    if there is not None:
        return Outcome(whose, (), (f"已经暂停发信（{there.by}：{there.reason}），无需再停",))
    if not slip.dry_run:
        stop_sending.stop(scope, by=slip.by, reason=slip.reason, using=slip.using)
    return Outcome(
        whose, (f"发信 {IS_SENT} → “暂停”",), ("到发送时拦下，列入“未能通知的单位”并写明理由，请电话告知",)
    )


def resume_unit(slip: Slip) -> Outcome:
    """Write to the unit again, also what was kept back and still matters."""
    unit = named.unit(slip.campaign, slip["unit"], on=slip.on, using=slip.using)
    whose = f"{unit.code} {unit.name}"
    if stop_sending.of_unit(slip.campaign, unit.code, slip.using) is None:
        raise GiveUp(f"没有暂停向{whose}发信，无需恢复")
    kept = len(stop_sending.kept_back(slip.campaign, unit.code, slip.using))
    if not slip.dry_run:
        kept = stop_sending.resume_unit(
            slip.campaign, unit.code, by=slip.by, reason=slip.reason, on=slip.on, using=slip.using
        )
    note = f"暂停期间拦下的通知{kept}份重新列入发送，已无必要的到发送时不再发送"
    return Outcome(whose, (f"发信 “暂停” → {IS_SENT}",), (note,))


def _scope(slip: Slip) -> tuple[str, str]:
    if slip["scope"] == OF_ONE:
        return slip.campaign.id, slip.campaign.title
    return EVERYTHING, "全部专项行动"
