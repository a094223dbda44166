"""Three hands on a report before it goes up: lay it before each in turn, write down what they decide, tell them by mail."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from include.domain.campaign import Campaign, Post, PostRole, UpwardReport
from include.domain.differences import SHOWN
from include.domain.errors import GiveUp
from include.domain.indicators import figure_lines
from include.domain.letters import SignOffLetter, SignOffPurpose
from include.domain.notices import NewNotice, Notice, NoticeKind, notice_key
from include.domain.obligations import IllegalMove
from include.domain.reports import Edition, EditionState
from include.domain.sign_off import Hand, Signing, decided
from include.steps import report_page, write
from include.steps.ports import Gateways

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Signer:
    """The post that signs that day; ``instead_of`` is the vacant post it stands in for."""

    post: Post
    instead_of: Post | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a hand is asked. ``needed`` is False when it has signed already; without ``users`` anyone may answer."""

    needed: bool
    text: str = ""
    users: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """As it travels between tasks."""
        return asdict(self)


def signers(campaign: Campaign, report: UpwardReport, *, on: date, using: Gateways) -> dict[Hand, Signer]:
    """Who signs that day. The office director stands in for a vacant post, unless that makes one person sign twice.

    Raise GiveUp, saying whom to appoint, when there are not three different posts that are held.
    """
    director = campaign.first_post(PostRole.OFFICE_DIRECTOR)
    found: dict[Hand, Signer] = {}
    for hand in Hand:
        post = campaign.signing_post(report, hand)
        if post is None:
            raise GiveUp(
                f"“{report.title}”没有可以{hand.zh}的岗位，请在 campaign.yaml 的 sign_off 中指定三个不同岗位"
            )
        if _is_held(campaign, post, on=on, using=using):
            found[hand] = Signer(post)
        elif director is not None and director != post and _is_held(campaign, director, on=on, using=using):
            found[hand] = Signer(director, instead_of=post)
        else:
            raise GiveUp(f"{hand.zh}岗位“{post.title}”当日无人在岗，请在名册“岗位联系表”中确定人员后重新送签")
    for hand, signer in found.items():
        twice = next((h for h, other in found.items() if h is not hand and other.post == signer.post), None)
        if twice is not None:
            vacant = signer.instead_of or found[twice].instead_of
            whom = (
                f"请在名册“岗位联系表”中确定“{vacant.title}”的人员"
                if vacant
                else "请在 sign_off 中指定三个不同岗位"
            )
            raise GiveUp(
                f"{hand.zh}和{twice.zh}同为“{signer.post.title}”"
                + (f"（“{vacant.title}”当日无人在岗）" if vacant else "")
                + f"，同一人不得签批两道；{whom}后重新送签"
            )
    return found


def ask(
    campaign: Campaign,
    report: UpwardReport,
    edition_id: int,
    hand: Hand,
    *,
    run: str,
    page: str,
    users: Mapping[str, str],
    on: date,
    using: Gateways,
) -> Asked | None:
    """Lay an edition before a hand, and write to its post. None when this run has nothing to ask of anybody.

    That is so when the edition has ended, or another run still waits for the hand, which is reminded then.
    A hand that has signed is not asked again. ``users`` are the Airflow users by post. Raise GiveUp when one
    person would sign twice.
    """
    edition = using.ledger.editions.get(edition_id)
    if edition.went_up or edition.state is EditionState.APPROVED:
        return Asked(needed=False)
    if edition.state is not EditionState.DRAFTED:
        log.info("%s", f"{edition.title}{edition.state.zh}，不再送签")
        return None
    signings = using.ledger.editions.signings(edition_id)
    if decided(signings, hand):
        return Asked(needed=False)
    signer = _signer(campaign, report, hand, users, on=on, using=using)
    before = next((each for each in signings if each.hand is hand), None)
    now = using.now()
    notices = [_request(campaign, edition, hand, signer, on=on, using=using)]
    if before is not None and before.run != run:
        notices.append(_reminder(campaign, edition, hand, signer, on=on, using=using))
    if before is not None and before.is_asked_elsewhere(run, now):
        using.ledger.outbox.plan(notices[1:])
        log.info("%s", f"{edition.title}正在等待{hand.zh}签批，已再次提请")
        return None
    until = now + timedelta(hours=using.sending.approval_hours)
    using.ledger.editions.ask(
        edition_id, hand, post_key=signer.post.key, run=run, page=page, at=now, until=until
    )
    if not using.ledger.outbox.plan(notices[:1]):
        using.ledger.outbox.plan(notices[1:])
    return Asked(
        needed=True,
        text=_text(campaign, report, edition, hand, signer, on=on, using=using),
        users=tuple(users[key] for key in (signer.post.key,) if key in users),
    )


def record(
    campaign: Campaign,
    report: UpwardReport,
    edition_id: int,
    hand: Hand,
    *,
    run: str,
    approved: bool,
    by: str,
    user: str,
    reason: str,
    on: date,
    using: Gateways,
) -> bool:
    """Write down what a hand decided; return whether the edition goes on. Without a ``user`` nobody answered in time.

    A hand that has decided before stays as it decided, and an edition replaced meanwhile is not signed any
    more. Time running out decides nothing and sends nothing: the next run asks anew. Raise GiveUp, with the
    sentence for the signer, for an answer that cannot stand; the next run asks anew then too.
    """
    edition = using.ledger.editions.get(edition_id)
    done = decided(using.ledger.editions.signings(edition_id), hand)
    if done is not None:
        return bool(done.approved)
    if edition.state is not EditionState.DRAFTED:
        log.warning("%s", f"{edition.title}{edition.state.zh}，本次{hand.zh}意见不予登记")
        return False
    if not user:
        using.ledger.editions.release(edition_id, hand, run=run)
        log.warning("%s", f"{hand.zh}超时未签批，{edition.title}不报送；下一工作日重新提请")
        return False
    try:
        edition = using.ledger.editions.sign(
            edition_id, hand, approved=approved, by=by, user=user, reason=reason.strip(), at=using.now()
        )
    except IllegalMove as wrong:
        using.ledger.editions.release(edition_id, hand, run=run)
        raise GiveUp(
            f"{wrong}。本次意见未登记，下一工作日自动重新送签，也可清除“送{hand.zh}”任务立即重新送签"
        ) from wrong
    if edition.state is EditionState.REJECTED:
        _tell_returned(campaign, report, edition, hand, on=on, using=using)
        return False
    return True


def letter(campaign: Campaign, notice: Notice, *, on: date, using: Gateways) -> write.Draft | write.Unneeded:
    """A mail about an edition to a post, as of this moment."""
    if notice.edition_id is None or notice.post_key is None or notice.step_key is None:
        raise ValueError("a mail about signing must name edition, post and purpose")
    word, _, of_hand = notice.step_key.partition(".")
    purpose, hand = SignOffPurpose(word), Hand(of_hand)
    edition = using.ledger.editions.get(notice.edition_id)
    signing = next((s for s in using.ledger.editions.signings(edition.id) if s.hand is hand), None)
    if why := _is_past(purpose, edition, hand, signing):
        return write.Unneeded(why)
    report = campaign.report(edition.report_key)
    occasion = report_page.occasion_of(campaign, report, edition, using)
    last, changed = report_page.changes(campaign, report, edition, using)
    figures = using.ledger.snapshots.figures(edition.snapshot_id)
    is_event = report.cadence == "on_event"
    post = campaign.post(notice.post_key)
    regular = campaign.signing_post(report, hand)
    asks = purpose in (SignOffPurpose.ASK, SignOffPurpose.REMIND)
    text = SignOffLetter(
        campaign=campaign,
        office=using.office,
        on=on,
        post=post,
        upward=report,
        purpose=purpose,
        hand=hand.zh,
        edition=edition.title,
        occasion_title="" if report.cadence == "once" else occasion.title,
        due_on=None if is_event else occasion.due,
        days_overdue=0 if is_event else report_page.days_overdue(occasion, on=on, using=using),
        figures=() if is_event else figure_lines(figures),
        changes=changed[:SHOWN],
        more_changes=max(0, len(changed) - SHOWN),
        changes_against=report_page.against(edition, last) if last else "",
        contradictions=report_page.contradictions(campaign, report, edition, using)
        if purpose is SignOffPurpose.CONTRADICTORY
        else (),
        files=tuple(file.name for file in edition.files),
        event=edition.event,
        decide_by=signing.until if asks and signing else None,
        link=signing.page if asks and signing else "",
        instead_of=regular.title if asks and regular is not None and regular != post else "",
        reason=signing.reason if purpose is SignOffPurpose.RETURNED and signing else edition.reason,
    )
    return write.Draft(write.mailbox(campaign, post, on=on, using=using), text)


def notice_about(
    campaign: Campaign,
    edition: Edition,
    purpose: SignOffPurpose,
    hand: str,
    post_key: str,
    *about: str,
    on: date,
    using: Gateways,
) -> NewNotice:
    """A mail to a post about an edition; ``about`` is what makes it one of its kind."""
    mode = using.mail_server.mode
    return NewNotice(
        key=notice_key(mode, campaign.id, NoticeKind.SIGN_OFF.value, *about),
        mode=mode,
        campaign_id=campaign.id,
        kind=NoticeKind.SIGN_OFF,
        planned_on=on,
        step_key=f"{purpose.value}.{hand}",
        edition_id=edition.id,
        post_key=post_key,
    )


def _is_held(campaign: Campaign, post: Post, *, on: date, using: Gateways) -> bool:
    return using.ledger.roster.holder(campaign.id, post.key, on=on) is not None


def _signer(
    campaign: Campaign,
    report: UpwardReport,
    hand: Hand,
    users: Mapping[str, str],
    *,
    on: date,
    using: Gateways,
) -> Signer:
    """Raise GiveUp when two of the posts are one Airflow user."""
    found = signers(campaign, report, on=on, using=using)
    mine = users.get(found[hand].post.key)
    for other, signer in found.items():
        if other is not hand and mine is not None and users.get(signer.post.key) == mine:
            raise GiveUp(
                f"{hand.zh}岗位“{found[hand].post.title}”和{other.zh}岗位“{signer.post.title}”对应同一用户“{mine}”，"
                "同一人不得签批两道；请在 DUBAN_APPROVERS 中分别指定用户后重新送签"
            )
    return found[hand]


def _request(
    campaign: Campaign, edition: Edition, hand: Hand, signer: Signer, *, on: date, using: Gateways
) -> NewNotice:
    about = (SignOffPurpose.ASK.value, str(edition.id), hand.value, signer.post.key)
    return notice_about(
        campaign, edition, SignOffPurpose.ASK, hand.value, signer.post.key, *about, on=on, using=using
    )


def _reminder(
    campaign: Campaign, edition: Edition, hand: Hand, signer: Signer, *, on: date, using: Gateways
) -> NewNotice:
    """Once a day."""
    about = (SignOffPurpose.REMIND.value, str(edition.id), hand.value, on.isoformat())
    return notice_about(
        campaign, edition, SignOffPurpose.REMIND, hand.value, signer.post.key, *about, on=on, using=using
    )


def _tell_returned(
    campaign: Campaign, report: UpwardReport, edition: Edition, hand: Hand, *, on: date, using: Gateways
) -> None:
    """To the drafter and to nobody else."""
    signings = using.ledger.editions.signings(edition.id)
    drafter = next(each.post_key for each in signings if each.hand is Hand.PREPARED)
    about = (SignOffPurpose.RETURNED.value, str(edition.id))
    notice = notice_about(
        campaign, edition, SignOffPurpose.RETURNED, hand.value, drafter, *about, on=on, using=using
    )
    using.ledger.outbox.plan([notice])


def _is_past(purpose: SignOffPurpose, edition: Edition, hand: Hand, signing: Signing | None) -> str:
    """Why a mail has nothing to say any more; empty while it has."""
    if purpose in (SignOffPurpose.ASK, SignOffPurpose.REMIND):
        if edition.state is not EditionState.DRAFTED:
            return f"{edition.title}{edition.state.zh}，无需签批"
        if signing is not None and signing.approved is not None:
            return f"{hand.zh}已签批，无需再次提请"
    if purpose is SignOffPurpose.CONTRADICTORY and edition.state is not EditionState.CONTRADICTORY:
        return f"{edition.title}{edition.state.zh}，无需处理"
    return ""


def _text(
    campaign: Campaign,
    report: UpwardReport,
    edition: Edition,
    hand: Hand,
    signer: Signer,
    *,
    on: date,
    using: Gateways,
) -> str:
    stands_in = (
        f"**“{signer.instead_of.title}”当日无人在岗，由{signer.post.title}代为{hand.zh}。**\n\n"
        if signer.instead_of
        else ""
    )
    next_hand = {Hand.PREPARED: "转复核", Hand.REVIEWED: "转审核", Hand.APPROVED: "系统即发送上级"}[hand]
    return (
        f"{stands_in}{report_page.page(campaign, report, edition, on=on, using=using)}\n\n"
        f"请{signer.post.title}{hand.zh}。同意的，{next_hand}；退回的，须在“意见”栏写明理由，本版即终止并通知经办岗位修改；"
        "超时未办的，不报送。三道签批须由三名不同人员办理。"
    )
