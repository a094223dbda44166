"""Time limits and exceptions signed at the desk: extend, pause, resume, waive, move a due date."""

from __future__ import annotations

from include.domain.desk import Outcome
from include.domain.errors import GiveUp
from include.domain.time_limits import ChangeKind
from include.steps import extend_return, follow, waive
from include.steps.follow import Followed
from include.steps.slips import Slip


def extend(slip: Slip) -> Outcome:
    """Extend the limit that runs on a record by the days asked for, else by those the rule allows."""
    return _change(slip, ChangeKind.EXTEND)


def pause(slip: Slip) -> Outcome:
    """Stop counting the days of a record's limit, on a ground the rules know."""
    return _change(slip, ChangeKind.PAUSE)


def resume(slip: Slip) -> Outcome:
    """Count the days of a record's limit again."""
    return _change(slip, ChangeKind.RESUME)


def waive_rule(slip: Slip) -> Outcome:
    """Let one unit off one rule until a last day."""
    until = slip.day("until")
    if until is None:
        raise GiveUp("请填写豁免的最后一天")
    granted = waive.grant(
        slip.campaign,
        slip["form"],
        slip["unit"],
        slip["rule"],
        reason=slip.reason,
        approved_by=slip["approved_by"],
        until=until,
        signed_by=slip.by,
        dry_run=slip.dry_run,
        on=slip.on,
        using=slip.using,
    )
    asked = slip.using.quality.rules(slip.using.forms[granted.form]).get(granted.rule, "")
    return Outcome(
        f"规则豁免 {granted.unit_code}",
        (f"规则“{granted.rule}”（{asked}） “照常校验” → “只作告知，至{granted.expires_on}”",),
        ("问题仍会列出，但不退回",),
    )


def revoke_waiver(slip: Slip) -> Outcome:
    """Ask for the rule again."""
    revoked = waive.revoke(
        slip.campaign,
        slip["form"],
        slip["unit"],
        slip["rule"],
        reason=slip.reason,
        by=slip["approved_by"],
        signed_by=slip.by,
        dry_run=slip.dry_run,
        on=slip.on,
        using=slip.using,
    )
    return Outcome(
        f"撤销规则豁免 {revoked.unit_code}",
        (f"规则“{revoked.rule}” “只作告知，至{revoked.expires_on}” → “自{slip.on}起照常校验”",),
        ("此前的校验结论不变",),
    )


def extend_due_date(slip: Slip) -> Outcome:
    """Move the due date of one unit's return back."""
    until = slip.day("until")
    if until is None:
        raise GiveUp("请填写延期后的截止日")
    before = extend_return.extend(
        slip.campaign,
        slip["form"],
        slip["unit"],
        until,
        reason=slip.reason,
        approved_by=slip["approved_by"],
        signed_by=slip.by,
        dry_run=slip.dry_run,
        on=slip.on,
        using=slip.using,
    )
    title = slip.using.forms[before.form].title
    return Outcome(
        f"延期 {before.unit_code} {before.unit_name}《{title}》",
        (f"截止日 “{before.due_on}” → “{until}”",),
        ("以后的催报按新的截止日计算",),
    )


def _change(slip: Slip, kind: ChangeKind) -> Outcome:
    register, number = slip["register"], slip["number"]
    before = follow.one(slip.campaign, register, number, on=slip.on, using=slip.using)
    after = follow.change(
        slip.campaign,
        register,
        number,
        kind,
        reason=slip.reason,
        approved_by=slip["approved_by"],
        starts_on=slip.day("since"),
        days=slip.number("days"),
        ground=slip["ground"],
        signed_by=slip.by,
        dry_run=slip.dry_run,
        on=slip.on,
        using=slip.using,
    )
    what = after.limit.what if after.limit else ""
    called = f"{kind.zh} {after.title} {after.number}（{what}）"
    if (before.due_on, before.paused_since, before.extended) == (
        after.due_on,
        after.paused_since,
        after.extended,
    ):
        return Outcome(called, (), ("当天已以同样的理由登记过，没有再登记",))
    source = (f"依据：{after.limit.source}",) if after.limit else ()
    return Outcome(
        called,
        (f"期限 “{_until(before)}” → “{_until(after)}”",),
        source,
    )


def _until(each: Followed) -> str:
    return str(each.due_on) if each.due_on else each.note
