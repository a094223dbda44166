"""Files nobody could be found for, decided at the desk."""

from __future__ import annotations

from include.domain.desk import Outcome
from include.steps import claim
from include.steps.slips import Slip


def assign(slip: Slip) -> Outcome:
    """Give a file to a unit; the next check judges it as that unit's return."""
    claimed = claim.assign(
        slip.campaign,
        slip.number("file") or 0,
        slip["unit"],
        by=slip["post"],
        reason=slip.reason,
        signed_by=slip.by,
        dry_run=slip.dry_run,
        on=slip.on,
        using=slip.using,
    )
    return Outcome(
        f"认领 {claimed.file.id}号文件“{claimed.file.name}”",
        (f"所属单位 “待认领” → “{claimed.unit.code} {claimed.unit.name}”",),
        (claimed.note or "该单位此前没有校验通过的报送件", "下一次校验时办理，本步骤不校验、不发信"),
    )


def set_aside(slip: Slip) -> Outcome:
    """Keep a file that is no return and judge it no more."""
    file = claim.set_aside(
        slip.campaign,
        slip.number("file") or 0,
        by=slip["post"],
        reason=slip.reason,
        signed_by=slip.by,
        dry_run=slip.dry_run,
        on=slip.on,
        using=slip.using,
    )
    return Outcome(
        f"搁置 {file.id}号文件“{file.name}”",
        ("处理 “待认领” → “搁置”",),
        ("原件留存，不再校验，不答复",),
    )


def list_unclaimed(slip: Slip) -> Outcome:
    """The files that wait, with the units they probably are from."""
    waiting = claim.waiting(slip.campaign, on=slip.on, using=slip.using)
    lines = []
    for each in waiting:
        likely = "；".join(
            f"{found.unit_code} {found.unit_name}（{found.why}）" for found in each.suggestions
        )
        lines.append(
            f"{each.file.id}号 {each.file.name}（{each.file.received_on}收到），可能是：{likely or '看不出'}"
        )
    return Outcome(f"待认领的文件{len(waiting)}份", (), tuple(lines))
