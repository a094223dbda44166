"""What the demo comes to, counted in the ledger and in the mailboxes, and whether the two agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from demo.play import REPORT
from demo.registers import Ending, endings
from include.domain.campaign import Campaign
from include.domain.notices import NoticeKind, NoticeState, OutboxRow
from include.domain.obligations import ObligationState
from include.domain.reports import Edition
from include.steps.ports import Gateways

PLAYED = frozenset(
    {
        NoticeKind.ANNOUNCEMENT,
        NoticeKind.LAUNCH,
        NoticeKind.REMINDER,
        NoticeKind.OVERDUE,
        NoticeKind.ESCALATION,
        NoticeKind.RECEIPT,
        NoticeKind.RETURNED,
        NoticeKind.INCOMPLETE,
        NoticeKind.NOT_NOTIFIED,
        NoticeKind.APPROVAL_REQUEST,
        NoticeKind.SIGN_OFF,
        NoticeKind.REPORT,
        NoticeKind.RECORD_DUE,
        NoticeKind.OFFICE_TASK,
    }
)
"""Kinds of notices that must leave in the course of the demo."""


@dataclass(slots=True)
class Outcome:
    """``notices`` (份) the mail server took over, in so many ``mails`` (封); ``units`` obligations (家) by state."""

    notices: dict[NoticeKind, int]
    mails: int
    not_sent: dict[NoticeState, int]
    units: dict[ObligationState, int]
    edition: Edition | None
    problems: list[str]
    endings: list[Ending]
    report: Path | None = None

    @classmethod
    def of(cls, campaign: Campaign, using: Gateways, mails: Path) -> Outcome:
        """Count, and compare the ledger with what lies in the mailboxes, message by message."""
        rows = using.ledger.outbox.rows(campaign.id)
        sent = [row for row in rows if row.state is NoticeState.ACCEPTED]
        edition = using.ledger.editions.latest(campaign.id, REPORT, occasion="once")
        ended = endings(campaign, using)
        return cls(
            notices=Counter(row.kind for row in sent),
            mails=len({row.message_id for row in sent}),
            not_sent=Counter(row.state for row in rows if row.state is not NoticeState.ACCEPTED),
            units=using.ledger.obligations.counts(campaign.id, "self_check"),
            edition=edition,
            problems=[
                *_unlike(sent, _delivered(mails)),
                *_unfinished(sent, edition, using),
                *(f"{each.title}{each.number}：{each.problem}" for each in ended if each.problem),
            ],
            endings=ended,
        )


def _unlike(sent: list[OutboxRow], delivered: Counter[str]) -> list[str]:
    """Where ledger and mailboxes differ; a single mail is a problem."""
    recorded = {str(row.message_id) for row in sent}
    differences = {
        "台账记为已发而收件箱中没有": recorded - set(delivered),
        "收件箱中有而台账没有记录": set(delivered) - recorded,
        "重复发出": {mail for mail, copies in delivered.items() if copies > 1},
    }
    return [f"{name}的邮件{len(mails)}封" for name, mails in differences.items() if mails]


def _unfinished(sent: list[OutboxRow], edition: Edition | None, using: Gateways) -> list[str]:
    problems = []
    if unsent := PLAYED - {row.kind for row in sent}:
        problems.append(f"没有发出：{'、'.join(sorted(kind.zh for kind in unsent))}")
    if edition is None or not edition.went_up:
        problems.append("统计表没有报送")
    if (broken := using.ledger.audit.verify()) is not None:
        problems.append(f"留痕记录从第{broken}条起与校验值不符")
    return problems


def _delivered(mails: Path) -> Counter[str]:
    """Message-IDs in all mailboxes, with the number of copies."""
    files = mails.glob("*/*.eml")
    return Counter(str(message_from_bytes(file.read_bytes())["Message-ID"]).strip() for file in files)
