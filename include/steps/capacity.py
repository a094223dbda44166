"""Whether the mailbox can send a plan in time. One that it cannot is refused with the numbers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from include.domain.campaign import TIMEZONE
from include.domain.dates import zh_date
from include.domain.errors import GiveUp
from include.domain.plans import BulkPlan, Reason
from include.domain.quota import NeverFinished, Quota, finish_time
from include.steps.ports import Gateways

SHANGHAI = ZoneInfo(TIMEZONE)


def must_suffice(bulk: BulkPlan, *, last: date, using: Gateways) -> None:
    """Raise GiveUp, with the numbers, when a plan cannot have left by the end of the day ``last``.

    What already waits in the outbox leaves first; it shares the mailbox.
    """
    quota = using.mail_server.quota
    if quota.per_day is None and quota.per_minute is None:
        return
    wanted = using.ledger.outbox.count_units(bulk).get(Reason.SEND, 0)
    if not wanted:
        return
    waiting = using.ledger.outbox.waiting()
    start = _moment(bulk.on, using)
    try:
        end = finish_time(
            wanted + waiting,
            start,
            quota,
            using.sending.quiet_hours,
            using.calendar,
            sent_today=sent_on(bulk.on, using),
        )
    except NeverFinished as fault:
        raise GiveUp(str(fault)) from fault
    if end.date() > last:
        raise GiveUp(
            f"本次拟发{wanted}封，另有{waiting}封待发，邮箱限额{_limits(quota)}，预计{zh_date(end.date())}才能发完，"
            f"晚于{zh_date(last)}，未列入发送；请提高邮箱限额、分批办理（“只办理这些单位”）或提前启动"
        )


def sent_on(on: date, using: Gateways) -> int:
    """Mails (封) the mail server took over that day, of all campaigns: they share the mailbox."""
    midnight = datetime.combine(on, time.min, SHANGHAI)
    return using.ledger.outbox.sent_between(midnight, midnight + timedelta(days=1))


def _limits(quota: Quota) -> str:
    limits = {"每分钟": quota.per_minute, "每天": quota.per_day}
    return "、".join(f"{each}{limit}封" for each, limit in limits.items() if limit is not None)


def _moment(on: date, using: Gateways) -> datetime:
    """The run's day at this time of the day: a run made up for later is reckoned from its own day."""
    return datetime.combine(on, using.now().astimezone(SHANGHAI).timetz())
