"""One message to one recipient (通知): a row in the outbox before a letter in the post."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class NoticeKind(StrEnum):
    ANNOUNCEMENT = "announcement"  # 动员部署通知
    LAUNCH = "launch"  # 自查启动,附本单位专用表
    REMINDER = "reminder"  # 截止前提醒
    OVERDUE = "overdue"  # 逾期催报
    ESCALATION = "escalation"  # 逾期情况报告(汇总给岗位)
    RECEIPT = "receipt"  # 收件回执
    RETURNED = "returned"  # 退回重报
    INCOMPLETE = "incomplete"  # 材料不全
    UNUSABLE = "unusable"  # 来件没有可用的附件
    REPORT = "report"  # 上报统计表、书面报告和重大事项
    DIGEST = "digest"  # 一个联系人的多家单位合并成一封
    NOT_NOTIFIED = "not_notified"  # 未能通知到的单位(汇总给办公室)
    DELIVERY_ALARM = "delivery_alarm"  # 发送异常告警(给办公室)
    APPROVAL_REQUEST = "approval_request"  # 批量发送前请审批
    RECORD_DUE = "record_due"  # 台账事项催办(汇总给岗位)
    SIGN_OFF = "sign_off"  # 上报签批(请签、再请、退回、重新送签、勾稽不符)
    MILESTONE = "milestone"  # 进度节点可能不能按期达到(给办公室)
    OFFICE_TASK = "office_task"  # 分步安排、岗位备案等办公室自己的事项

    @property
    def zh(self) -> str:
        return _KIND_ZH[self]


_KIND_ZH = {
    NoticeKind.ANNOUNCEMENT: "动员部署通知",
    NoticeKind.LAUNCH: "自查启动通知",
    NoticeKind.REMINDER: "报送提醒",
    NoticeKind.OVERDUE: "逾期催报",
    NoticeKind.ESCALATION: "逾期情况汇总",
    NoticeKind.RECEIPT: "收件回执",
    NoticeKind.RETURNED: "退回重报",
    NoticeKind.INCOMPLETE: "材料补正",
    NoticeKind.UNUSABLE: "来件重新报送",
    NoticeKind.REPORT: "材料上报",
    NoticeKind.DIGEST: "多家单位合并通知",
    NoticeKind.NOT_NOTIFIED: "未通知到单位清单",
    NoticeKind.DELIVERY_ALARM: "发送异常告警",
    NoticeKind.APPROVAL_REQUEST: "批量发送审批",
    NoticeKind.RECORD_DUE: "台账事项催办",
    NoticeKind.SIGN_OFF: "上报材料签批",
    NoticeKind.MILESTONE: "进度预警",
    NoticeKind.OFFICE_TASK: "工作安排提醒",
}


class NoticeState(StrEnum):
    PLANNED = "planned"  # 待发
    SENDING = "sending"  # 正在发送(有租期)
    ACCEPTED = "accepted"  # 邮件服务器已接收
    RENDERED = "rendered"  # 未开启发送,仅生成样件
    REFUSED = "refused"  # 邮件服务器拒收,不再重试
    IN_DOUBT = "in_doubt"  # 发送结果不明,不自动重发
    SKIPPED = "skipped"  # 发送时已无需发送或无可用邮箱
    HELD = "held"  # 名单外收件人,按发送模式拦下
    BOUNCED = "bounced"  # 已发出,后被对方退回

    @property
    def zh(self) -> str:
        return _STATE_ZH[self]


_STATE_ZH = {
    NoticeState.PLANNED: "待发送",
    NoticeState.SENDING: "发送中",
    NoticeState.ACCEPTED: "已发出",
    NoticeState.RENDERED: "仅生成样件",
    NoticeState.REFUSED: "被拒收",
    NoticeState.IN_DOUBT: "结果待核实",
    NoticeState.SKIPPED: "未发",
    NoticeState.HELD: "已拦截",
    NoticeState.BOUNCED: "被退信",
}

_PLANNED, _SENDING, _ACCEPTED, _RENDERED, _REFUSED, _IN_DOUBT, _SKIPPED, _HELD, _BOUNCED = NoticeState

ALLOWED: dict[NoticeState, frozenset[NoticeState]] = {
    _PLANNED: frozenset({_SENDING, _SKIPPED}),
    _SENDING: frozenset({_ACCEPTED, _RENDERED, _REFUSED, _IN_DOUBT, _SKIPPED, _HELD, _PLANNED}),
    _ACCEPTED: frozenset({_BOUNCED}),
    _RENDERED: frozenset(),
    _REFUSED: frozenset(),
    _IN_DOUBT: frozenset({_ACCEPTED, _PLANNED}),
    _SKIPPED: frozenset(),
    _HELD: frozenset(),
    _BOUNCED: frozenset(),
}
"""Only a person moves a notice out of *in doubt*; *sending* goes back to *planned* only when nothing was handed over."""


class SendMode(StrEnum):
    OFF = "off"  # 不发,样件写入文件夹
    TEAM = "team"  # 只发给允许名单
    LIVE = "live"  # 正式发送


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the archive under the name its reader sees; ``unit_code`` must equal the addressee's."""

    name: str
    sha256: str
    unit_code: str | None = None


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice about to be entered in the outbox; entering it twice changes nothing."""

    key: str
    mode: SendMode
    campaign_id: str
    kind: NoticeKind
    planned_on: date
    phase_key: str | None = None
    step_key: str | None = None
    obligation_id: int | None = None
    return_id: int | None = None
    edition_id: int | None = None
    unit_code: str | None = None
    post_key: str | None = None
    due_on: date | None = None
    attachments: tuple[Attachment, ...] = ()
    thread_key: str | None = None
    message_row_id: int | None = None
    about_id: int | None = None
    """The batch (``plans.Dispatch``) a mail to the office is about."""
    useful_until: date | None = None
    """The last day on which it still says something true: a rung ends where the next one begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(NewNotice):
    """A claimed outbox row: whom it concerns, never yet to which address."""

    id: int
    attempts: int = 0
    group_key: str | None = None
    """Notices that share it were planned for one contact; they are claimed together and leave as one mail."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A line of the outbox as staff see it; ``recipient`` is known once the mail was handed over."""

    id: int
    kind: NoticeKind
    unit_code: str | None
    post_key: str | None
    step_key: str | None
    state: NoticeState
    recipient: str | None
    planned_on: date
    detail: str
    message_id: str | None
    phase_key: str | None = None
    due_on: date | None = None
    attempts: int = 0
    key: str = ""
    group_key: str | None = None


@dataclass(frozen=True, slots=True)
class MessageAttachment:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered mail, ready for the mail server. One recipient, always."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[MessageAttachment, ...] = ()
    in_reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handed:
    """What the mail server (or the send mode) said to one message."""

    state: NoticeState  # ACCEPTED, RENDERED or HELD
    detail: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of a mail: one line, plain text, HTML."""

    subject: str
    text: str
    html: str


def notice_key(mode: SendMode, *parts: str) -> str:
    """The identity of a notice; the database lets each exist once.

    The mode is part of it, so a rehearsal never uses up the real notice.
    """
    return "/".join((mode.value, *parts))


def message_id(key: str, domain: str) -> str:
    """The same for the same notice on every try, so a mailbox can tell a repeat (RFC 5322 §3.6.4)."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
