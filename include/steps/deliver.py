"""Act on what was decided: send what is planned, once, and write down what became of it."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from include.domain.campaign import TIMEZONE, Campaign
from include.domain.errors import GiveUp, InDoubt, Refusal, TryAgain
from include.domain.inbound import NOTICE_HEADER
from include.domain.notices import (
    Handed,
    Message,
    MessageAttachment,
    Notice,
    NoticeKind,
    NoticeState,
    SendMode,
    message_id,
)
from include.domain.plans import EVERYTHING
from include.steps import (
    approve,
    capacity,
    follow,
    milestones,
    office_notices,
    reconcile,
    report_mail,
    sign_off,
    stop_sending,
    write,
)
from include.steps.ports import Gateways, MailSession

log = logging.getLogger(__name__)

SHANGHAI = ZoneInfo(TIMEZONE)
LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=4)
LATEST = LEASE / 2
"""From claim to hand-over: whoever takes longer must not send, for others may soon take it for dead."""
LOOK_AGAIN = 2.0
"""Seconds a worker waits for the quota before it looks again whether sending was stopped."""
POLICY_LIMIT = 3
"""So many mails refused as unwanted in one run, and the mailbox is about to be blocked: stop and ask."""
MAY_HAVE_LEFT = frozenset({NoticeState.ACCEPTED, NoticeState.IN_DOUBT})
WRITERS = {
    **reconcile.WRITERS,
    NoticeKind.APPROVAL_REQUEST: approve.letter,
    NoticeKind.RECORD_DUE: follow.letter,
    NoticeKind.SIGN_OFF: sign_off.letter,
    NoticeKind.REPORT: report_mail.letter,
    NoticeKind.MILESTONE: milestones.letter,
    NoticeKind.OFFICE_TASK: office_notices.letter,
}
"""Mails to the office about its own work, and to the bureau above; all others are written by ``write``."""


@dataclass
class Run:
    """One run of sending: what it may do, and what came of it so far. Shared by its workers."""

    campaign: Campaign
    on: date
    using: Gateways
    outcomes: Counter[NoticeState] = field(default_factory=Counter)
    put_back: int = 0
    unwanted: int = 0
    fault: TryAgain | None = None
    is_cut_short: bool = False
    _counting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_over(self) -> bool:
        return self.is_cut_short or self.fault is not None

    def count(self, state: NoticeState, number: int) -> None:
        """So many notices (份) ended in that state; *planned* are those put back."""
        with self._counting:
            if state is NoticeState.PLANNED:
                self.put_back += number
            else:
                self.outcomes[state] += number


@dataclass(frozen=True, slots=True)
class Claim:
    """The notices of one mail, and since when they are this worker's."""

    notices: Sequence[Notice]
    at: datetime


def notices(campaign: Campaign, *, on: date, using: Gateways) -> dict[NoticeState, int]:
    """Send what is planned and still wanted; return how many notices (份) ended in which state.

    A mail is claimed when it is its turn, so a worker that dies leaves one mail in doubt and no more.
    One that fails never stops the rest. Raise TryAgain at the end when some were put back, so that the
    task is retried; what was taken over by then is never sent again. Nothing is sent while sending is
    stopped or the hour is quiet, and what is planned then stays planned.
    """
    doubtful = using.ledger.outbox.expire_leases(now=using.now())
    if doubtful:
        log.warning("%s notices are in doubt: a worker died while sending them", doubtful)
    lock_if_restored(using)
    run = Run(campaign, on, using)
    if (reason := why_not_now(campaign, using)) is not None:
        log.warning("%s", reason)
        return run.outcomes
    due = using.ledger.outbox.due(campaign.id, mode=using.mail_server.mode, now=using.now())
    workers = min(using.mail_server.quota.connections, due)
    if workers == 1:
        _work(run)
    elif workers > 1:
        _work_together(run, workers)
    if run.fault is not None:
        raise run.fault
    if run.put_back:
        raise TryAgain(f"{run.put_back}份通知暂未发出，稍后重试；原因见发件记录")
    return run.outcomes


def why_not_now(campaign: Campaign, using: Gateways) -> str | None:
    """Why nothing of the campaign may leave at this moment, in a sentence for staff; None when it may."""
    for stop in using.ledger.outbox.stops(campaign.id):
        whose = "全部专项行动" if stop.scope == EVERYTHING else "本专项行动"
        return f"{whose}已停止发送（{stop.by}：{stop.reason}），待发的通知保留，恢复后继续"
    local = using.now().astimezone(SHANGHAI)
    if not _is_open(local, using):
        return "现在是静默时段，不发送邮件；待发的通知保留，到发送时段继续"
    return None


def lock_if_restored(using: Gateways) -> None:
    """Stop all sending when the ledger remembers less than was already sent: it came from an old backup.

    The mark lies outside the ledger. It is read first: attempts made since only make the ledger longer.
    """
    mark = using.watermark.read()
    made = using.ledger.outbox.attempts_made()
    if made < mark:
        using.ledger.outbox.stop(
            EVERYTHING,
            by=stop_sending.SYSTEM,
            reason=f"台账只有{made}次发送记录，而此前已有{mark}次，缺少最近的{mark - made}次，台账可能是从备份恢复的；"
            "恢复发送后，这些邮件不会自动再发，列为“待核实”，请对照邮箱“已发送”逐封登记",
            at=using.now(),
        )


def _is_open(local: datetime, using: Gateways) -> bool:
    quiet = using.sending.quiet_hours
    if quiet is None:
        return True
    window = quiet.window(local.date(), using.calendar)
    return window is not None and window[0] <= local.time() < window[1]


def _work_together(run: Run, workers: int) -> None:
    """Several workers at once. When one fails, or the task is told to end, each finishes its mail and no more."""
    with ThreadPoolExecutor(workers, thread_name_prefix="sender") as pool:
        try:
            for worker in [pool.submit(_work, run) for _ in range(workers)]:
                worker.result()
        except BaseException:
            run.is_cut_short = True
            raise


def _work(run: Run) -> None:
    """One worker: one connection, one mail after the other, until nothing is due any more."""
    try:
        today = run.using.now().astimezone(SHANGHAI).date()
        with run.using.mail_server.session(sent_today=capacity.sent_on(today, run.using)) as session:
            claimed = _claim(run, session)
            while claimed is not None:
                claimed = _send(run, claimed, session) or _claim(run, session)
    except TryAgain as trouble:
        # Nothing was claimed: no connection, or the day's allowance is used up, which waits for tomorrow.
        if trouble.refusal is Refusal.DAY_SPENT:
            log.warning("%s", trouble)
        else:
            run.fault = trouble


def _claim(run: Run, session: MailSession) -> Claim | None:
    """The notices of the next mail, once the quota lets it leave; None when there is none."""
    while not run.is_over and _is_open(run.using.now().astimezone(SHANGHAI), run.using):
        if session.ready(at_most=LOOK_AGAIN):
            using, now = run.using, run.using.now()
            notices = using.ledger.outbox.claim(
                run.campaign.id, mode=using.mail_server.mode, limit=1, now=now, lease=LEASE
            )
            return Claim(notices, now) if notices else None
        if why_not_now(run.campaign, run.using) is not None:
            return None
    return None


def _is_turn(run: Run, session: MailSession) -> bool:
    """Whether the next mail may be claimed at once; why not is found out when it is waited for."""
    if run.is_over or not _is_open(run.using.now().astimezone(SHANGHAI), run.using):
        return False
    try:
        return session.ready(at_most=0)
    except TryAgain:
        return False


def _send(run: Run, claimed: Claim, session: MailSession) -> Claim | None:
    """Whatever happens before the hand-over puts the notices back or settles them.

    Return the next mail, if it was claimed along with recording this one.
    """
    mail = _one_mail(run, claimed.notices)
    if not mail:
        return None
    notices = [notice for notice, _ in mail]
    try:
        on = max(_written_on(run, notice) for notice in notices)
        message = compose(run.campaign, mail, on=on, using=run.using)
    except GiveUp as refusal:
        _refused(run, mail, refusal)
    except Exception as fault:
        # A faulty text or a missing archive file concerns this mail alone.
        log.exception("notices %s could not be written", [notice.id for notice in notices])
        _put_back(run, notices, f"生成邮件时出错：{fault}")
    else:
        if run.using.now() - claimed.at > LATEST:
            _put_back(run, notices, "生成邮件用时过长，稍后重新生成")
        elif (reason := why_not_now(run.campaign, run.using)) is not None:
            _keep(run, notices, reason)
        else:
            return _hand_over(run, mail, message, session)
    return None


def _hand_over(
    run: Run, mail: Sequence[tuple[Notice, write.Draft]], message: Message, session: MailSession
) -> Claim | None:
    """From here on a mail may have left: only what says that it has not is tried again.

    It is noted outside the ledger before: a machine lost in between leaves no other trace of it.
    """
    notices = [notice for notice, _ in mail]
    if run.using.mail_server.mode is not SendMode.OFF:
        for notice in notices:
            run.using.watermark.note(notice.key)
    try:
        handed = session.send(message)
    except GiveUp as refusal:
        _refused(run, mail, refusal)
    except TryAgain as trouble:
        _put_back(run, notices, str(trouble))
        if trouble.refusal.concerns_mailbox:
            run.fault = trouble
    except InDoubt as doubt:
        _record(run, notices, NoticeState.IN_DOUBT, str(doubt), message)
    except Exception as fault:
        log.exception("nobody knows whether notices %s have left", [notice.id for notice in notices])
        why = f"发送时出现意外错误，不能确定邮件是否已发出：{fault}"
        _record(run, notices, NoticeState.IN_DOUBT, why, message)
    else:
        if _is_turn(run, session):
            return _record_and_claim(run, notices, handed, message)
        _record(run, notices, handed.state, handed.detail, message)
    return None


def _one_mail(run: Run, group: Sequence[Notice]) -> list[tuple[Notice, write.Draft]]:
    """The notices of a group that are still wanted and still go to one address, each with its letter."""
    mail: list[tuple[Notice, write.Draft]] = []
    for notice in group:
        if (draft := _draft(run, notice)) is None:
            continue
        if mail and draft.to.lower() != mail[0][1].to.lower():
            _keep(run, [notice], "联系人已变更，单独发送", alone=True)
        else:
            mail.append((notice, draft))
    return mail


def _draft(run: Run, notice: Notice) -> write.Draft | None:
    """The letter by the facts of this moment; None, and the notice settled or put back, when there is none."""
    on = _written_on(run, notice)
    if (why := _may_have_left(run, notice)) is not None:
        _record(run, [notice], NoticeState.IN_DOUBT, why)
        return None
    if (stop := stop_sending.of_unit(run.campaign, notice.unit_code, run.using)) is not None:
        _record(run, [notice], NoticeState.HELD, stop_sending.withheld(stop))
        return None
    if notice.useful_until is not None and on > notice.useful_until:
        _record(run, [notice], NoticeState.SKIPPED, "已过本次通知的有效日期，由后续档次办理")
        return None
    try:
        with run.using.ledger.at_one_moment():
            draft = WRITERS.get(notice.kind, write.letter)(run.campaign, notice, on=on, using=run.using)
    except Exception as fault:
        log.exception("notice %s could not be written", notice.id)
        _put_back(run, [notice], f"生成邮件时出错：{fault}")
        return None
    if isinstance(draft, write.Unneeded):
        _record(run, [notice], NoticeState.SKIPPED, draft.why)
        return None
    return draft


def _may_have_left(run: Run, notice: Notice) -> str | None:
    """Why a notice the ledger takes for unsent is not sent, when it was, or may have been, before a restore."""
    mark = run.using.watermark
    if mark.has_left(notice.key):
        return "发送记录显示这份通知已经交付过（台账可能从备份恢复），请对照邮箱“已发送”核实后登记"
    if mark.is_unknown(notice.key, planned_on=notice.planned_on):
        return "台账从备份恢复，发送记录也已丢失，不能确定这份通知是否发过，请对照邮箱“已发送”核实后登记"
    return None


def _written_on(run: Run, notice: Notice) -> date:
    """A late run for an earlier day may come upon what a later one has planned, and must not date it back."""
    return max(run.on, notice.planned_on)


def compose(
    campaign: Campaign, mail: Sequence[tuple[Notice, write.Draft]], *, on: date, using: Gateways
) -> Message:
    """One message to one address: a letter, or a digest of the letters of several units."""
    first = mail[0][0]
    kind, draft = first.kind, mail[0][1]
    if len(mail) > 1:
        kind, draft = write.digest(campaign, mail, on=on, using=using)
    units = {notice.unit_code for notice, _ in mail}
    for attachment in draft.attachments:
        if attachment.unit_code is not None and attachment.unit_code not in units:
            raise GiveUp(f"附件“{attachment.name}”不属于收件单位，已停止发送")
    words = using.letters.render(kind, draft.letter)
    number = message_id(first.key, using.mail_domain)
    return Message(
        message_id=number,
        to=draft.to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        attachments=tuple(
            MessageAttachment(attachment.name, write.content(attachment, using))
            for attachment in draft.attachments
        ),
        in_reply_to=message_id(first.thread_key, using.mail_domain) if first.thread_key else None,
        headers={"Reply-To": using.office.mailbox, NOTICE_HEADER: number},
    )


def _record(
    run: Run, notices: Sequence[Notice], state: NoticeState, detail: str, message: Message | None = None
) -> None:
    attempt = run.using.ledger.outbox.record_mail(
        [notice.id for notice in notices],
        state,
        at=run.using.now(),
        to=message.to if message else None,
        message_id=message.message_id if message else None,
        detail=detail,
        mail=message,
    )
    _mark(run, notices, state, attempt)


def _record_and_claim(run: Run, notices: Sequence[Notice], handed: Handed, message: Message) -> Claim | None:
    """A mail handed over, and the next one claimed, at the price of one."""
    now = run.using.now()
    attempt, claimed = run.using.ledger.outbox.record_and_claim(
        run.campaign.id,
        [notice.id for notice in notices],
        handed.state,
        mode=run.using.mail_server.mode,
        lease=LEASE,
        at=now,
        to=message.to,
        message_id=message.message_id,
        detail=handed.detail,
        mail=message,
    )
    _mark(run, notices, handed.state, attempt)
    return Claim(claimed, now) if claimed else None


def _mark(run: Run, notices: Sequence[Notice], state: NoticeState, attempt: int) -> None:
    """Outside the ledger too: it may be put back to an older day."""
    run.using.watermark.write(attempt)
    if state not in MAY_HAVE_LEFT:
        _forget(run, notices)
    run.count(state, len(notices))


def _refused(run: Run, mail: Sequence[tuple[Notice, write.Draft]], refusal: GiveUp) -> None:
    """For good. An address that does not exist is never tried again, but the unit's second one is, at once."""
    notices = [notice for notice, _ in mail]
    if refusal.refusal is Refusal.ADDRESS_UNKNOWN and mail:
        run.using.ledger.inbound.suspend(mail[0][1].to, reason=str(refusal), at=run.using.now())
        tried = mail[0][1].to.lower()
        for notice in notices:
            other = write.address(run.campaign, notice, run.using) if notice.unit_code else None
            if other is not None and other.lower() != tried:
                _keep(run, [notice], str(refusal))
            else:
                _record(run, [notice], NoticeState.REFUSED, str(refusal))
        return
    _record(run, notices, NoticeState.REFUSED, str(refusal))
    if refusal.refusal is Refusal.POLICY:
        run.unwanted += 1
        if run.unwanted == POLICY_LIMIT:
            reason = f"连续{POLICY_LIMIT}封邮件被当作垃圾邮件拒收（{refusal}）；请联系邮箱服务商后恢复发送"
            run.using.ledger.outbox.stop(
                EVERYTHING, by=stop_sending.SYSTEM, reason=reason, at=run.using.now()
            )


def _keep(run: Run, notices: Sequence[Notice], why: str, *, alone: bool = False) -> None:
    """Planned as before, for the next claim: no fault of the mail's."""
    _forget(run, notices)
    now = run.using.now()
    for notice in notices:
        run.using.ledger.outbox.release(notice.id, at=now, not_before=now, detail=why, alone=alone)


def _forget(run: Run, notices: Sequence[Notice]) -> None:
    """Not handed over after all."""
    for notice in notices:
        run.using.watermark.forget(notice.key)


def _put_back(run: Run, notices: Sequence[Notice], why: str) -> None:
    _forget(run, notices)
    now = run.using.now()
    for notice in notices:
        pause = min(FIRST_PAUSE * 2 ** max(0, notice.attempts - 1), LONGEST_PAUSE)
        run.using.ledger.outbox.release(notice.id, at=now, not_before=now + pause, detail=why)
    run.count(NoticeState.PLANNED, len(notices))
