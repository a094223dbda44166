"""What one run of a report's DAG is to do, by its day or by the form somebody filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from include.domain.campaign import Campaign, UpwardReport
from include.domain.dates import zh_date
from include.domain.errors import GiveUp
from include.domain.occasions import Occasion
from include.domain.reports import Event
from include.steps import report as step
from include.steps import report_mail
from include.steps.ports import Gateways

AUTO = "auto"
COMPILE, RECEIPT = "compile", "receipt"


def compile_edition(
    campaign: Campaign,
    report: UpwardReport,
    *,
    asked: Mapping[str, Any],
    rehearsal: bool,
    on: date,
    using: Gateways,
) -> step.Draft:
    """Compile the occasion of the day, or the one asked for; or note a receipt. A rehearsal only shows.

    ``asked`` is the form: ``occasion``, ``action``, ``again``, ``note``, and of an event ``title``, ``facts``,
    ``number``. Raise GiveUp for a form that cannot be carried out.
    """
    event = _event(report, asked)
    if asked.get("action", COMPILE) == RECEIPT:
        return _note_receipt(campaign, report, asked, event, on=on, using=using)
    occasion = _occasion(campaign, report, asked, event, on=on, using=using)
    if occasion is None:
        return step.Draft(None, False, f"{zh_date(on)}不在“{report.title}”任何一期的编制期内，无须编制")
    if rehearsal:
        return _show(campaign, report, occasion, event, on=on, using=using)
    return step.compile_edition(
        campaign,
        report,
        occasion,
        on=on,
        again=str(asked.get("again") or ""),
        event=event,
        using=using,
    )


def refuse_trouble(draft: step.Draft) -> None:
    """Raise GiveUp when the edition may not be signed, now that the office has been told."""
    if draft.trouble:
        raise GiveUp(draft.trouble)


def _event(report: UpwardReport, asked: Mapping[str, Any]) -> Event | None:
    if report.cadence != "on_event":
        return None
    words = (str(asked.get(name) or "").strip() for name in ("title", "facts", "number"))
    return Event(*words)


def _occasion(
    campaign: Campaign,
    report: UpwardReport,
    asked: Mapping[str, Any],
    event: Event | None,
    *,
    on: date,
    using: Gateways,
) -> Occasion | None:
    if event is not None:
        return step.occasion_of_event(campaign, report, event, on=on, using=using)
    key = str(asked.get("occasion") or AUTO)
    if key == AUTO:
        return step.occasion_of_day(campaign, report, on=on, using=using)
    return step.occasion_named(campaign, report, key, using)


def _show(
    campaign: Campaign,
    report: UpwardReport,
    occasion: Occasion,
    event: Event | None,
    *,
    on: date,
    using: Gateways,
) -> step.Draft:
    if event is not None:
        number = f"（相关编号：{event.number}）" if event.number else ""
        text = f"预演：拟报送“{report.title}”，未登记、未送签。\n\n**{event.title}**{number}\n\n{event.facts}"
        return step.Draft(None, False, text)
    return step.Draft(None, False, step.preview(campaign, report, occasion, on=on, using=using)[0])


def _note_receipt(
    campaign: Campaign,
    report: UpwardReport,
    asked: Mapping[str, Any],
    event: Event | None,
    *,
    on: date,
    using: Gateways,
) -> step.Draft:
    """Of the occasion named, else of what went up last."""
    key = str(asked.get("occasion") or AUTO)
    editions = using.ledger.editions.all(campaign.id, report.key, occasion=None if key == AUTO else key)
    sent = [
        each
        for each in editions
        if each.went_up and (event is None or not event.title or each.event == event)
    ]
    edition = max(sent, key=lambda each: each.id, default=None)
    note = str(asked.get("note") or "")
    report_mail.receive(campaign, report, edition, on=on, note=note, by="办公室登记", using=using)
    done = edition.title if edition else ""
    return step.Draft(None, False, f"已登记上级签收：“{report.title}”{done}，{zh_date(on)}")
