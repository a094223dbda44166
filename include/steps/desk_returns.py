"""Files nobody could be found for, and returns read again by a person, decided at the desk."""

from __future__ import annotations

from include.domain.dates import zh_date
from include.domain.desk import Outcome
from include.domain.obligations import ObligationState
from include.steps import claim, review
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


def judge_again(slip: Slip) -> Outcome:
    """Let an accepted return stand for good, or send it back to its unit with the reason."""
    found = review.in_force(slip.campaign, slip["unit"], slip["form"], on=slip.on, using=slip.using)
    goes_back = slip["decision"] == "send_back"
    new = ObligationState.RETURNED if goes_back else ObligationState.REVIEWED
    act = review.send_back if goes_back else review.let_stand
    if not slip.dry_run:
        act(
            slip.campaign,
            found,
            by=slip["post"],
            reason=slip.reason,
            signed_by=slip.by,
            on=slip.on,
            using=slip.using,
        )
    notes = _sent_back(found, slip) if goes_back else ("该单位以后报送的文件不再改变本表数据",)
    return Outcome(
        f"复核 {found.file.id}号报送件“{found.file.name}”（{found.owed.unit_code} {found.owed.unit_name}）",
        (f"报送任务 “{found.owed.state.zh}” → “{new.zh}”",),
        notes,
    )


def _sent_back(found: review.Reviewed, slip: Slip) -> tuple[str, ...]:
    """What follows, before it is entered."""
    late = found.owed.due_on < slip.on
    return (
        f"将向该单位发送退回通知，理由照录：{slip.reason}",
        "本件数据不再计入统计，催报从下一次起恢复",
        *([f"截止日{zh_date(found.owed.due_on)}已过，需要给改正时间的，请另办延期"] if late else []),
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
