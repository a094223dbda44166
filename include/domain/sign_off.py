"""Who puts a hand to a report before it goes up: 经办 → 复核 → 审核, three posts and three persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from include.domain.model import Key, Strict


class Hand(StrEnum):
    """The three hands in their order."""

    PREPARED = "prepared"  # 经办
    REVIEWED = "reviewed"  # 复核
    APPROVED = "approved"  # 审核

    @property
    def zh(self) -> str:
        return {Hand.PREPARED: "经办", Hand.REVIEWED: "复核", Hand.APPROVED: "审核"}[self]

    @property
    def before(self) -> tuple[Hand, ...]:
        return tuple(Hand)[: tuple(Hand).index(self)]


class SignOff(Strict):
    """The posts that sign, where the campaign does not leave it to office staff, director and deputy head."""

    prepared_by: Key | None = Field(default=None, description="经办岗位；不写则为办公室工作人员")
    reviewed_by: Key | None = Field(default=None, description="复核岗位；不写则为办公室主任")
    approved_by: Key | None = Field(default=None, description="审核岗位；不写则为副组长，没有副组长的为组长")

    def post_key(self, hand: Hand) -> Key | None:
        key: Key | None = getattr(self, f"{hand}_by")
        return key


@dataclass(frozen=True, slots=True)
class Signing:
    """One hand on one edition: whom it was laid before, and what they decided.

    ``approved`` is None until they have. ``user`` is the Airflow user's id, ``by`` the name shown; ``page``
    is where to sign, in the run that asked, and no other run asks before ``until``.
    """

    hand: Hand
    post_key: str
    run: str
    page: str
    asked_at: datetime
    until: datetime | None
    approved: bool | None = None
    by: str = ""
    user: str = ""
    reason: str = ""
    at: datetime | None = None

    def is_asked_elsewhere(self, run: str, now: datetime) -> bool:
        """Whether another run still waits for this hand."""
        return self.approved is None and self.run != run and self.until is not None and now < self.until


def decided(signings: Sequence[Signing], hand: Hand) -> Signing | None:
    """The decision of that hand, if there is one."""
    return next((each for each in signings if each.hand is hand and each.approved is not None), None)


def refusal(
    signings: Sequence[Signing], hand: Hand, *, approved: bool, user: str, by: str, reason: str
) -> str:
    """Why this answer cannot stand, in a sentence for the person who gave it; empty when it can."""
    for earlier in hand.before:
        if (done := decided(signings, earlier)) is None or not done.approved:
            return f"尚未经{earlier.zh}签批，不能{hand.zh}"
    same = next(
        (each for each in signings if each.approved and each.hand is not hand and each.user == user), None
    )
    if same is not None:
        return (
            f"“{by}”已在{same.hand.zh}环节签批本版，不能再作{hand.zh}；经办、复核、审核须由三名不同人员签批"
        )
    if not approved and not reason.strip():
        return f"{hand.zh}退回须写明理由；请重新打开签批页面，在“意见”栏写明哪些数据或文字须改正，再选择退回"
    return ""
