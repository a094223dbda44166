"""Send upward what three hands have signed, and note that the bureau above has it."""

from __future__ import annotations

from datetime import date

from include.domain.campaign import Campaign, PostRole, UpwardReport
from include.domain.differences import SHOWN
from include.domain.documents import Issue
from include.domain.errors import GiveUp
from include.domain.indicators import figure_lines
from include.domain.letters import ReportLetter
from include.domain.notices import Attachment, NewNotice, Notice, NoticeKind, notice_key
from include.domain.obligations import IllegalMove
from include.domain.occasions import Occasion
from include.domain.reports import Edition, EditionState, FileRole
from include.steps import report_page, write
from include.steps.ports import Gateways

_WRITTEN = frozenset({FileRole.DOCUMENT, FileRole.PDF})


def plan_mail(campaign: Campaign, report: UpwardReport, edition_id: int, *, on: date, using: Gateways) -> int:
    """Enter the mail to the bureau above for a signed edition; return 1 when it is new, else 0.

    A correction is written in the thread of what it corrects.
    """
    edition = using.ledger.editions.get(edition_id)
    if edition.went_up:
        return 0
    if edition.state is not EditionState.APPROVED:
        raise GiveUp(f"“{report.title}”{edition.title}未经经办、复核、审核同意，不能报送")
    post = campaign.first_post(PostRole.UPPER_BUREAU)
    if post is None:
        raise GiveUp(f"{campaign.id} 的 posts 中没有上级医保部门接收岗（role: upper_bureau），请补充")
    occasion = report_page.occasion_of(campaign, report, edition, using)
    earlier = using.ledger.editions.all(campaign.id, report.key, occasion=edition.occasion)
    corrected = [each for each in earlier if each.went_up]
    mode = using.mail_server.mode
    return using.ledger.outbox.plan(
        [
            NewNotice(
                key=_mail_key(campaign, edition, using),
                mode=mode,
                campaign_id=campaign.id,
                kind=NoticeKind.REPORT,
                planned_on=on,
                phase_key=report.phase,
                edition_id=edition.id,
                post_key=post.key,
                due_on=occasion.due,
                attachments=as_issued(campaign, report, occasion, edition, on=on, using=using),
                thread_key=_mail_key(campaign, corrected[0], using) if corrected else None,
            )
        ]
    )


def as_issued(
    campaign: Campaign,
    report: UpwardReport,
    occasion: Occasion,
    edition: Edition,
    *,
    on: date,
    using: Gateways,
) -> tuple[Attachment, ...]:
    """The signed files; the document dated (成文日期) and without the marks of a draft, else word for word the same."""
    files = {file.role: file for file in edition.files}
    kept = [Attachment(file.name, file.sha256) for file in edition.files if file.role not in _WRITTEN]
    if FileRole.DOCUMENT not in files:
        return tuple(kept)
    document = using.documents.build(
        campaign,
        report,
        occasion,
        edition=edition.number,
        snapshot=using.ledger.snapshots.get(edition.snapshot_id),
        figures=using.ledger.snapshots.figures(edition.snapshot_id),
        previous=report_page.figures_before(campaign, report, occasion, on=edition.compiled_on, using=using),
        issue=Issue(dated=on),
        event=edition.event,
    )
    issued = [Attachment(files[FileRole.DOCUMENT].name, using.archive.put(document))]
    if FileRole.PDF in files and (pages := using.documents.pdf(document)) is not None:
        issued.append(Attachment(files[FileRole.PDF].name, using.archive.put(pages)))
    return (*kept, *issued)


def letter(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft | write.Unneeded:
    """The mail upward as of this moment."""
    if notice.edition_id is None or notice.post_key is None:
        raise ValueError("a report's mail must name edition and post")
    edition = using.ledger.editions.get(notice.edition_id)
    if edition.state is not EditionState.APPROVED:
        return write.Unneeded(f"{edition.title}未经审批同意或已报送，不予报送")
    holder = using.ledger.roster.holder(campaign.id, notice.post_key, on=on)
    if holder is None:
        return write.Unneeded("上级医保部门接收岗位没有登记邮箱，请在名册“岗位联系表”中补充后重新报送")
    report = campaign.report(edition.report_key)
    occasion = report_page.occasion_of(campaign, report, edition, using)
    is_event = report.cadence == "on_event"
    changed = report_page.changes(campaign, report, edition, using)[1] if edition.correction else ()
    text = ReportLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        report=report,
        edition=edition.number,
        figures=() if is_event else figure_lines(using.ledger.snapshots.figures(edition.snapshot_id)),
        attachments=tuple(attachment.name for attachment in notice.attachments),
        occasion_title="" if report.cadence == "once" else occasion.title,
        due_on=None if is_event else occasion.due,
        correction=edition.correction,
        reason=edition.reason,
        changes=changed[:SHOWN],
        event=edition.event,
    )
    return write.Draft(holder.email, text, notice.attachments)


def mark_sent(edition_id: int, *, using: Gateways) -> None:
    """Note that the signed edition has gone up. Raise GiveUp when its mail was not taken over."""
    if not using.ledger.outbox.is_sent(edition_id=edition_id):
        raise GiveUp("上报邮件未被上级邮件服务器接收，请在发件记录中查看原因后重新报送")
    using.ledger.editions.mark_sent(edition_id, at=using.now())


def receive(
    campaign: Campaign,
    report: UpwardReport,
    edition: Edition | None,
    *,
    on: date,
    note: str,
    by: str,
    using: Gateways,
) -> bool:
    """Note that the bureau above has signed for an edition; return whether that is news. Raise GiveUp otherwise."""
    if edition is None or not edition.went_up:
        raise GiveUp(f"“{report.title}”没有已报送的版本，不能登记上级签收")
    if not note.strip():
        raise GiveUp("请写明签收依据，如上级电话、回执文号")
    try:
        return using.ledger.editions.mark_received(edition.id, on=on, note=note.strip(), by=by)
    except IllegalMove as wrong:
        raise GiveUp(str(wrong)) from wrong


def _mail_key(campaign: Campaign, edition: Edition, using: Gateways) -> str:
    return notice_key(
        using.mail_server.mode,
        campaign.id,
        "report",
        edition.report_key,
        edition.occasion,
        str(edition.number),
    )
