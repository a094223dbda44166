"""The figures a monitoring system is given, and that no person is among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from include.steps import deliver, measure, plan, report
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk


def figures(desk: Desk, on: date = LAUNCH_DAY) -> dict[str, float]:
    return measure.figures(desk.campaign, on=on, using=desk.using)


def test_obligations_and_mails_are_counted_by_what_became_of_them(desk: Desk) -> None:
    phase = desk.campaign.phase("self_check")
    owed = len(desk.units)
    assert figures(desk)["obligations_open"] == owed
    plan.launch(desk.campaign, phase, on=LAUNCH_DAY, units=None, using=desk.using)
    planned = figures(desk)
    assert planned["mails_planned"] > 0
    assert planned["mails_sent"] == 0
    deliver.notices(desk.campaign, on=LAUNCH_DAY, using=desk.using)
    sent = figures(desk)
    assert (sent["mails_planned"], sent["mails_sent"]) == (0, planned["mails_planned"])


def test_days_until_the_next_report_is_due_go_below_nothing_when_it_is_not_sent(desk: Desk) -> None:
    lead = {on: figures(desk, on)["report_lead_days"] for on in (date(2024, 6, 1), date(2024, 6, 2))}
    assert lead[date(2024, 6, 1)] - lead[date(2024, 6, 2)] == 1
    assert figures(desk, date(2030, 1, 1))["report_lead_days"] < 0


def test_a_report_that_was_sent_waits_for_nothing_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    upward = desk.campaign.report("self_check_statistics")
    on = date(2024, 6, 5)
    before = figures(desk, on)["report_lead_days"]
    occasion = report.occasion_of_day(desk.campaign, upward, on=on, using=desk.using)
    assert occasion is not None
    drafted = report.compile_edition(desk.campaign, upward, occasion, on=on, using=desk.using)
    assert drafted.edition_id is not None
    edition = desk.using.ledger.editions.get(drafted.edition_id)
    assert figures(desk, on)["report_lead_days"] == before, "to be signed is not sent"
    sent = replace(edition, sent_at=factories.at("2024-06-05", "12:00"))
    monkeypatch.setattr(desk.using.ledger.editions, "all", lambda *_: [sent])
    assert figures(desk, on).get("report_lead_days") != before


def test_no_figure_is_named_after_a_person_or_a_unit(desk: Desk) -> None:
    codes = {unit.code for unit in desk.units}
    assert not any(code in name for code in codes for name in figures(desk))
    assert all(isinstance(value, int | float) for value in figures(desk).values())
