"""What must hold when a campaign has been played to its end; every sentence returned is a failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from email import message_from_bytes
from pathlib import Path

from include.domain.campaign import Campaign
from include.domain.notices import NoticeKind, NoticeState
from include.rehearsal.casework import CASES, RECTIFICATIONS
from include.rehearsal.desk import Desk
from include.rehearsal.rosters import Roster
from include.rehearsal.runs import Reported
from include.rehearsal.verification import CLUES, TIPS
from include.steps import reconcile, refund_account
from include.steps.ports import Gateways

CHASING = frozenset({NoticeKind.REMINDER, NoticeKind.OVERDUE})
UNFINISHED = frozenset({NoticeState.PLANNED, NoticeState.SENDING, NoticeState.IN_DOUBT})


def broken(
    campaign: Campaign, roster: Roster, desk: Desk, *, mails: Path, on: date, using: Gateways
) -> Iterator[str]:
    """One sentence, in Chinese, for each thing that does not hold on the last day."""
    yield from _sums(campaign, using)
    yield from _twice(campaign, mails, using)
    yield from _after_acceptance(campaign, using)
    yield from _to_strangers(campaign, roster, using)
    yield from _unanswered(campaign, on, using)
    yield from _not_entered(desk, campaign, using)
    yield from _refunds(campaign, desk, using)
    if (row := using.ledger.audit.verify()) is not None:
        yield f"留痕记录从第{row}条起与校验值不符"


def late(sent: Iterable[tuple[date, Reported]]) -> Iterator[str]:
    """Reports that went up after their due date."""
    for day, each in sent:
        if day > each.occasion.due:
            yield f"{each.title}{day}报送，晚于时限{each.occasion.due}"


def _sums(campaign: Campaign, using: Gateways) -> Iterator[str]:
    """Planned = sent + skipped + failed, batch by batch, and nothing is left over."""
    left = Counter(row.state for row in using.ledger.outbox.rows(campaign.id) if row.state in UNFINISHED)
    for state, number in left.items():
        yield f"有{number}份通知到最后一天仍是“{state.zh}”"
    for batch in using.ledger.outbox.dispatches(campaign.id):
        account = reconcile.account(batch, using)
        if not account.is_whole:
            yield (
                f"{batch.planned_on}的{batch.kind.zh}列入{batch.entered}份，"
                f"已发{account.sent}、未发{account.skipped}、未成功{account.failed}，合计不符"
            )


def _twice(campaign: Campaign, mails: Path, using: Gateways) -> Iterator[str]:
    """The mailboxes hold exactly what the ledger says was sent, each mail once."""
    delivered = Counter(
        str(message_from_bytes(file.read_bytes())["Message-ID"]).strip() for file in mails.glob("*/*.eml")
    )
    recorded = {
        str(row.message_id)
        for row in using.ledger.outbox.rows(campaign.id)
        if row.state is NoticeState.ACCEPTED
    }
    for words, found in (
        ("重复发出", {mail for mail, copies in delivered.items() if copies > 1}),
        ("台账记为已发而收件箱中没有", recorded - delivered.keys()),
        ("收件箱中有而台账没有记录", delivered.keys() - recorded),
    ):
        if found:
            yield f"{words}的邮件{len(found)}封"


def _after_acceptance(campaign: Campaign, using: Gateways) -> Iterator[str]:
    """Whoever's return was accepted is not chased for it any more."""
    accepted = {
        (each.phase_key, each.unit_code): each.accepted_on
        for phase in campaign.phases
        for each in using.ledger.obligations.all(campaign.id, phase.key)
        if each.accepted_on is not None and each.filled_by == "unit"
    }
    for row in using.ledger.outbox.rows(campaign.id):
        since = accepted.get((row.phase_key or "", row.unit_code or ""))
        if row.kind in CHASING and row.state is NoticeState.ACCEPTED and since and row.planned_on > since:
            yield f"{row.unit_code}已于{since}校验通过，{row.planned_on}仍收到{row.kind.zh}"


def _to_strangers(campaign: Campaign, roster: Roster, using: Gateways) -> Iterator[str]:
    """Mail goes to units and posts of the roster, and to nobody else."""
    for row in using.ledger.outbox.rows(campaign.id):
        if row.state is NoticeState.ACCEPTED and (row.recipient or "").lower() not in roster.addresses:
            yield f"{row.kind.zh}发给了名册以外的地址“{row.recipient}”"


def _unanswered(campaign: Campaign, on: date, using: Gateways) -> Iterator[str]:
    """Every return was judged; every clue has a result and its feedback, every tip a result and its reply."""
    pending = len(using.ledger.returns.pending(campaign.id, received_until=on))
    if pending:
        yield f"有{pending}份收到的文件没有校验"
    registers = using.ledger.registers
    for record in registers.records(campaign.id, using.forms["clue"])["clue"].values():
        is_issued = str(record.values.get("source")).endswith("下发")
        wanted = ["result", "closed_on"] + ["feedback_on"] * is_issued
        if not all(record.values.get(name) for name in wanted):
            yield f"线索{record.number}到最后一天没有核查结论或反馈"
    for record in registers.records(campaign.id, using.forms["tip"])["tip"].values():
        if not (record.values.get("result") and record.values.get("reply")):
            yield f"举报第{record.number}件到最后一天没有核查结果或回复"


def _not_entered(desk: Desk, campaign: Campaign, using: Gateways) -> Iterator[str]:
    """The registers hold every record that staff wrote."""
    for register, sheet in (
        ("clue", CLUES),
        ("tip", TIPS),
        ("case", CASES),
        ("rectification", RECTIFICATIONS),
    ):
        kept = len(using.ledger.registers.records(campaign.id, using.forms[register])[register])
        if kept != len(desk.rows(register, sheet)):
            yield f"《{using.forms[register].title}》登记{kept}条，应为{len(desk.rows(register, sheet))}条"


def _refunds(campaign: Campaign, desk: Desk, using: Gateways) -> Iterator[str]:
    """The account of refunds is, to the cent, the sum of what staff wrote; cases agree with their own lines."""
    account = refund_account.account(campaign, using=using)
    lines = desk.rows("rectification", RECTIFICATIONS)
    for words, field, kept in (
        ("应退", "payable", account.total.payable),
        ("已退", "paid", account.total.paid),
    ):
        written = sum((Decimal(str(line[field])) for line in lines), Decimal(0))
        if written != kept:
            yield f"退费{words}合计{kept}元，逐条登记为{written}元"
    for each in account.disagreements:
        yield f"案件{each.case_no}责令退回与退费台账不一致"
