"""The office's own figures for a monitoring system: what is open, what is sent, how old, how early. No names."""

from __future__ import annotations

from collections import Counter
from datetime import date

from include.domain.campaign import Campaign
from include.domain.notices import NoticeState
from include.domain.obligations import UNSETTLED
from include.domain.occasions import occasions
from include.steps.ports import Gateways

MAILS = {
    "mails_planned": NoticeState.PLANNED,
    "mails_sent": NoticeState.ACCEPTED,
    "mails_in_doubt": NoticeState.IN_DOUBT,
    "mails_refused": NoticeState.REFUSED,
    "mails_bounced": NoticeState.BOUNCED,
}


def figures(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, float]:
    """Name → value: obligations (件) and mails (份) counted, the oldest unjudged return in minutes, and days until
    the next report not yet sent is due, negative once it is overdue; left out when there is none.
    """
    mails: Counter[NoticeState] = Counter()
    for (_, state), count in using.ledger.outbox.counts(campaign.id).items():
        mails[state] += count
    found: dict[str, float] = {name: mails[state] for name, state in MAILS.items()}
    found["obligations_open"] = _open(campaign, using)
    found["intake_age_minutes"] = _intake_age(campaign, on, using)
    if (days := _report_lead(campaign, on, using)) is not None:
        found["report_lead_days"] = days
    return found


def _open(campaign: Campaign, using: Gateways) -> int:
    return sum(
        count
        for phase in campaign.phases
        for state, count in using.ledger.obligations.counts(campaign.id, phase.key).items()
        if state in UNSETTLED
    )


def _intake_age(campaign: Campaign, on: date, using: Gateways) -> float:
    pending = using.ledger.returns.pending(campaign.id, received_until=on)
    oldest = min((file.received_at for file in pending), default=None)
    return round((using.now() - oldest).total_seconds() / 60, 1) if oldest else 0


def _report_lead(campaign: Campaign, on: date, using: Gateways) -> int | None:
    sent = {
        (edition.report_key, edition.occasion)
        for edition in using.ledger.editions.all(campaign.id)
        if edition.sent_at is not None
    }
    due = [
        occasion.due
        for report in campaign.reports
        if report.is_compiled
        for occasion in occasions(campaign, report, using.calendar)
        if (report.key, occasion.key) not in sent
    ]
    return (min(due) - on).days if due else None
