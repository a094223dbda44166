"""What changes for a whole campaign, decided at the desk: its notice was amended, a post is held by another."""

from __future__ import annotations

import re

from include.domain.desk import Outcome
from include.domain.errors import GiveUp
from include.domain.units import PostHolder
from include.steps import amend as amendment
from include.steps import named
from include.steps.slips import Slip

ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


def amend(slip: Slip) -> Outcome:
    """The obligations already given out follow the campaign's file as it now reads."""
    named.post(slip.campaign, slip["approved_by"])
    found = amendment.pending(slip.campaign, using=slip.using)
    if found and not slip.dry_run:
        amendment.apply(
            slip.campaign,
            reason=f"{slip.reason}（经办：{slip.by}）",
            approved_by=slip["approved_by"],
            on=slip.on,
            using=slip.using,
        )
    return Outcome(
        slip.campaign.title,
        tuple(each.sentence for each in found),
        ("已发出的通知不变，未发的按新的截止日重新安排",)
        if found
        else ("已开列的报送任务与通知一致；通知有调整的，先由管理员改好 campaign.yaml",),
    )


def appoint(slip: Slip) -> Outcome:
    """Mail for the post goes to another mailbox from a day on."""
    title = named.post(slip.campaign, slip["post"])
    post = next(each for each in slip.campaign.posts if each.title == title)
    address = slip["email"].lower()
    if not ADDRESS.fullmatch(address):
        raise GiveUp(f"“{slip['email']}”不是邮箱地址，请填写一个，如 office@bureau.example")
    since = slip.day("since") or slip.on
    before = slip.using.ledger.roster.holder(slip.campaign.id, post.key, on=since)
    whose = f"岗位“{title}”"
    if before is not None and before.email == address:
        return Outcome(whose, (), (f"{since}起已经由该邮箱接收，无需变更",))
    if not slip.dry_run:
        holder = PostHolder(post_key=post.key, email=address, holds_from=since)
        slip.using.ledger.roster.appoint(
            slip.campaign.id, holder, on=slip.on, actor=slip.by, reason=slip.reason
        )
    old = f"“{before.email}”" if before else "“无人在岗”"
    return Outcome(
        whose,
        (f"接收邮箱 {old} → “{address}”（自{since}起）",),
        ("此前已发出的邮件不变；这个岗位待签批、待发送的，下一次按新的邮箱办理",),
    )
