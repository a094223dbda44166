"""What the sender of a return is told of its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from include.domain.campaign import Campaign
from include.domain.notices import Attachment, NewNotice, NoticeKind, notice_key
from include.domain.obligations import Obligation
from include.domain.occasions import owed_under
from include.domain.returns import Judgement, ReturnFile, Verdict
from include.steps.ports import Gateways

ANSWERS = {
    Verdict.ACCEPTED: NoticeKind.RECEIPT,
    Verdict.ACCEPTED_WITH_WARNINGS: NoticeKind.RECEIPT,
    Verdict.RETURNED: NoticeKind.RETURNED,
    Verdict.PARTIAL: NoticeKind.INCOMPLETE,
}
"""Verdicts on returns, and what their senders are told."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A judgement its sender is told of: the file and the obligation the answer is about."""

    judgement: Judgement
    file: ReturnFile
    obligation: Obligation


def answer(campaign: Campaign, answered: Answered, on: date, using: Gateways) -> NewNotice:
    """The mail that tells the verdict; with a return sent back goes the sender's own workbook, its errors marked."""
    judgement, obligation = answered.judgement, answered.obligation
    kind = ANSWERS[judgement.verdict]
    mode = using.mail_server.mode
    return NewNotice(
        key=notice_key(mode, campaign.id, kind.value, str(judgement.return_id)),
        mode=mode,
        campaign_id=campaign.id,
        kind=kind,
        planned_on=on,
        phase_key=obligation.phase_key,
        obligation_id=obligation.id,
        return_id=judgement.return_id,
        unit_code=obligation.unit_code,
        due_on=obligation.due_on,
        attachments=_annotated(answered, using) if kind is NoticeKind.RETURNED else (),
        thread_key=notice_key(
            mode,
            campaign.id,
            obligation.phase_key,
            owed_under(obligation.form, obligation.occasion),
            "launch",
            obligation.unit_code,
        ),
    )


def _annotated(answered: Answered, using: Gateways) -> tuple[Attachment, ...]:
    """The sender's own workbook with its errors marked; none for a file that cannot be opened."""
    file, obligation = answered.file, answered.obligation
    try:
        content = using.workbooks.annotated(
            using.archive.get(file.sha256),
            using.forms[obligation.form],
            answered.judgement.findings,
            unit_name=obligation.unit_name,
        )
    except ValueError:
        return ()
    stem = PurePosixPath(file.name).stem
    return (Attachment(f"{stem}_退回说明.xlsx", using.archive.put(content), obligation.unit_code),)
