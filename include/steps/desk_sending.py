"""Sending stopped and let go at the desk: of all campaigns, of one, to one unit."""

from __future__ import annotations

from include.domain.desk import Outcome
from include.domain.errors import GiveUp
from include.domain.notices import NoticeKind, NoticeState, OutboxRow
from include.domain.plans import EVERYTHING, unit_scope
from include.steps import named, stop_sending
from include.steps.slips import Slip

OF_ONE = "campaign"
"""The answer that asks for one campaign; any other asks for all of them."""
WAS_SENT = "sent"
"""The answer that says a mail in doubt had left; any other has it sent once more."""
MOST_AGAIN = 50
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


def confirm_restored(slip: Slip) -> Outcome:
    """The system itself has stopped all mail, as after a restore; a person has looked, and mail goes again."""
    there = stop_sending.now(EVERYTHING, slip.using)
    if there is None or there.by != stop_sending.SYSTEM:
        raise GiveUp("系统没有自行停止发送，无需确认；由人停止的，用“恢复发送”")
    if not slip.dry_run:
        stop_sending.resume(EVERYTHING, by=slip.by, reason=slip.reason, using=slip.using)
    return Outcome(
        "全部专项行动",
        (f"发送 {IS_STOPPED} → {IS_SENT}",),
        (
            f"停止的原因：{there.reason}",
            "备份以来已经发出的邮件不会再发，列为“待核实”，请对照邮箱“已发送”逐封登记",
        ),
    )


def settle(slip: Slip) -> Outcome:
    """What a person found out of a mail of which nobody knew whether it had left."""
    number, was_sent = slip.number("number"), slip["found"] == WAS_SENT
    row = next(
        (each for each in slip.using.ledger.outbox.in_doubt(slip.campaign.id) if each.id == number), None
    )
    if row is None:
        raise GiveUp(f"编号{number}不是待核实的邮件，或已经登记；请在“发件箱”的待核实邮件中查看编号")
    if not slip.dry_run:
        key = slip.using.ledger.outbox.settle(
            row.id, was_sent=was_sent, by=slip.by, reason=slip.reason, at=slip.using.now()
        )
        if not was_sent:
            slip.using.watermark.forget(key)
    return Outcome(
        f"{row.id}号邮件（{row.kind.zh}，{row.unit_code or row.post_key}，{row.planned_on}）",
        (f"状态 “待核实” → “{'已发出' if was_sent else '待发送'}”",),
        ("不再发送" if was_sent else "重新列入发送；请确认对方确实没有收到",),
    )


def send_again(slip: Slip) -> Outcome:
    """The last mail of one kind once more to a few units; each is written anew, and not when it has become needless."""
    kind = NoticeKind(slip["kind"])
    codes = list(dict.fromkeys(code.upper() for code in slip["units"].split()))
    if not 0 < len(codes) <= MOST_AGAIN:
        raise GiveUp(f"一次写1至{MOST_AGAIN}家单位，每行一个机构编码；更多的请核对名单后分次办理")
    units = [named.unit(slip.campaign, code, on=slip.on, using=slip.using) for code in codes]
    newest = slip.using.ledger.outbox.newest_of(slip.campaign.id, codes, kind=kind)
    changes, notes = [], []
    for unit in units:
        row = newest.get(unit.code)
        why = "没有发过" if row is None else _why_not_again(row)
        if row is None or why:
            notes.append(f"{unit.code} {unit.name}：{why}，不重发")
            continue
        if not slip.dry_run:
            slip.using.ledger.outbox.plan_again(row.id, on=slip.on)
        changes.append(f"{unit.code} {unit.name}：{kind.zh}（{row.planned_on}）列入重发")
    notes.append("按发送当时的情况重新生成；报送已经校验通过的，到发送时不再发送")
    return Outcome(f"重发{kind.zh}", tuple(changes), tuple(notes))


def _why_not_again(row: OutboxRow) -> str:
    """Only what has left may be sent again: the rest goes by itself, or waits for a person."""
    if row.state in (NoticeState.PLANNED, NoticeState.SENDING):
        return "已列入发送，尚未发出"
    if row.state is NoticeState.IN_DOUBT:
        return "不能确定上次是否发出，请先登记核实结果"
    return ""


def _scope(slip: Slip) -> tuple[str, str]:
    if slip["scope"] == OF_ONE:
        return slip.campaign.id, slip.campaign.title
    return EVERYTHING, "全部专项行动"
