"""How work on the outside world fails: worth another try, or not, or nobody knows.

A fault of the mail carries what kind of refusal it was, so that the sender can do more than wait: suspend an
address, call somebody, or stop and raise the alarm.
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """What stood in the way of one mail, and so what to do about it."""

    TEMPORARY = "temporary"  # 暂时性问题:稍后自动重试
    PERMANENT = "permanent"  # 永久拒收:这一封不再重试
    ADDRESS_UNKNOWN = "address_unknown"  # 地址不存在:停用该地址,改联系其他联系人
    MAILBOX_FULL = "mailbox_full"  # 收件箱已满:稍后再试,并电话告知
    TOO_LARGE = "too_large"  # 邮件超过大小限制
    POLICY = "policy"  # 被反垃圾等策略拒收:停止发送并报警
    TOO_FREQUENT = "too_frequent"  # 发送过快:整个邮箱放慢
    DAY_SPENT = "day_spent"  # 邮箱当日发送量已用完:次日继续
    UNREACHABLE = "unreachable"  # 服务器连接不上或中断
    ACCOUNT = "account"  # 账号、密码、证书或加密方式有误:停止发送并报警

    @property
    def concerns_mailbox(self) -> bool:
        """Whether every other mail of the same mailbox would meet the same refusal now."""
        return self in _OF_THE_MAILBOX


_OF_THE_MAILBOX = frozenset(
    {Refusal.TOO_FREQUENT, Refusal.DAY_SPENT, Refusal.UNREACHABLE, Refusal.ACCOUNT, Refusal.POLICY}
)


class _Fault(Exception):
    """``code`` is the mail server's reply code, where there was one."""

    usually = Refusal.TEMPORARY

    def __init__(self, *words: object, refusal: Refusal | None = None, code: int | None = None) -> None:
        super().__init__(*words)
        self.refusal = refusal or self.usually
        self.code = code


class TryAgain(_Fault):
    """A passing fault: the same call may succeed later (SMTP 4xx, connection refused, time-out)."""


class GiveUp(_Fault):
    """A lasting fault: the same call will fail again (SMTP 5xx, an address that cannot be written)."""

    usually = Refusal.PERMANENT


class InDoubt(_Fault):
    """The message may or may not have been taken over; it must never be sent again blindly."""

    usually = Refusal.UNREACHABLE


class NotFound(LookupError):
    """What was asked for is not there, or not for whoever asks; the message is the sentence to show."""
