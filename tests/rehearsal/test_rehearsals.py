"""Every campaign of the repository, rehearsed as a whole with a dozen units. What must hold, and what must not happen."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from email import message_from_bytes
from email.utils import parsedate_to_datetime

import pytest

from include.campaigns.registry import load_calendar
from include.domain.bans import three_years_from
from include.domain.notices import NoticeKind, NoticeState
from include.domain.returns import Verdict
from include.gateways.form_files import load_forms
from include.rehearsal.report import as_dict, closing, keep
from include.rehearsal.timeline import Heading
from tests.rehearsal.conftest import UNITS, Played, whole

# A whole campaign is some 150 working days; a busy machine takes its time over them.
pytestmark = pytest.mark.timeout(900)


def records(played: Played, register: str) -> list[dict[str, object]]:
    form = load_forms()[register]
    found = played.ledger.registers.records(played.campaign.id, form)[register]
    return [dict(record.values) for record in found.values()]


def lines(played: Played, heading: Heading) -> list[tuple[date, str]]:
    return [
        (day.on, line.text) for day in played.outcome.days for line in day.lines if line.heading is heading
    ]


def test_everything_that_must_hold_at_the_end_holds(played: Played) -> None:
    assert played.outcome.problems == []


def test_every_day_is_in_order_and_none_is_twice(played: Played) -> None:
    days = [day.on for day in played.outcome.days]
    assert days == sorted(set(days))
    assert days[0] >= played.campaign.starts_on


def test_the_roster_is_locked_before_anybody_is_written_to(played: Played) -> None:
    [(locked, text)] = lines(played, Heading.ROSTER)
    assert f"名册{UNITS[played.campaign.id]}家已锁定" in text
    rows = played.ledger.outbox.rows(played.campaign.id)
    assert all(row.planned_on >= locked for row in rows)


def test_no_unit_is_written_to_before_the_notice_was_issued(played: Played) -> None:
    issued = played.campaign.notice.issued_on
    rows = played.ledger.outbox.rows(played.campaign.id)
    early = [row for row in rows if row.unit_code and issued and row.planned_on < issued]
    assert early == []


def test_mails_leave_on_working_days_only(played: Played) -> None:
    calendar = load_calendar()
    for day, text in lines(played, Heading.MAIL):
        assert calendar.is_working_day(day), (day, text)


def test_every_mail_in_the_folder_is_in_the_ledger_and_there_once(played: Played) -> None:
    files = [*(played.home / "mails").glob("*/*.eml")]
    delivered = Counter(message_from_bytes(file.read_bytes())["Message-ID"].strip() for file in files)
    sent = {
        row.message_id
        for row in played.ledger.outbox.rows(played.campaign.id)
        if row.state is NoticeState.ACCEPTED
    }
    assert set(delivered) == sent
    assert all(copies == 1 for copies in delivered.values())
    assert all(file.parent.name.endswith(".example") for file in files)


def test_mails_carry_the_simulated_day(played: Played) -> None:
    first, last = played.outcome.days[0].on, played.outcome.days[-1].on
    for file in (played.home / "mails").glob("*/*.eml"):
        said = parsedate_to_datetime(message_from_bytes(file.read_bytes())["Date"])
        assert first <= said.date() <= last


def test_a_unit_that_owes_nothing_by_mail_is_not_chased(played: Played) -> None:
    owing = {
        kind
        for phase in played.campaign.phases
        for owed in phase.returns
        if owed.filled_by == "unit"
        for kind in owed.owed_by
    }
    units = {
        unit.code: unit
        for unit in played.ledger.roster.units(played.campaign.id, on=played.outcome.days[-1].on)
    }
    chasing = {NoticeKind.LAUNCH, NoticeKind.REMINDER, NoticeKind.OVERDUE}
    for row in played.ledger.outbox.rows(played.campaign.id):
        if row.kind in chasing:
            assert units[str(row.unit_code)].kind in owing


def test_every_clue_and_tip_is_concluded_and_answered(played: Played) -> None:
    clues, tips = records(played, "clue"), records(played, "tip")
    assert clues
    assert tips
    assert all(each["result"] and each["closed_on"] for each in clues)
    assert all(each["feedback_on"] for each in clues if str(each["source"]).endswith("下发"))
    assert all(each["result"] and each["reply"] for each in tips)


def test_fines_lie_within_the_article_or_are_none(played: Played) -> None:
    for each in records(played, "case"):
        fine, loss, fraud = (Decimal(str(each[name])) for name in ("fine_amt", "loss_amt", "fraud_amt"))
        if each["nature"] == "一般违规（造成损失）":
            assert fine == 0 or loss <= fine <= 2 * loss
        if each["nature"] == "欺诈骗保":
            assert fine == 0 or 2 * fraud <= fine <= 5 * fraud
        if each["nature"] == "涉嫌犯罪":
            assert fine == 0, "a suspected crime is not settled by a fine"
            assert each["referral_no"]
        if str(each["occur_end"]) < "2021-05-01":
            assert fine == 0, "no article was in force then"


def test_a_ban_lasts_three_years_and_refunds_are_not_fines(played: Played) -> None:
    for each in records(played, "blacklist"):
        assert each["ban_until"] == three_years_from(each["ban_start"])  # type: ignore[arg-type]
    paid = sum((Decimal(str(each["paid"])) for each in records(played, "rectification")), Decimal(0))
    assert played.outcome.refunds[1] == str(paid)
    assert Decimal(played.outcome.refunds[2]) == 0


def test_inspections_are_drawn_from_the_plan_and_by_two_officers(played: Played) -> None:
    planned = {each.number for each in played.ledger.inspection_plans.all(played.campaign.id)}
    found = records(played, "inspection")
    assert found
    assert {each["number"] for each in found} <= planned
    assert all(len(set(str(each["officers"]).split("、"))) == 2 for each in found)


def test_no_report_goes_up_after_its_day_or_twice(played: Played) -> None:
    sent = [(day, each) for day, each in played.outcome.reports if each.is_sent]
    assert all(day <= each.occasion.due for day, each in sent)
    went_up = Counter((each.report.key, each.occasion.key) for _, each in sent)
    assert all(times == 1 for times in went_up.values())


def test_what_is_left_behind_can_be_read(played: Played) -> None:
    keep(played.outcome, played.home)
    text = (played.home / "timeline.txt").read_text(encoding="utf-8")
    assert str(played.outcome.days[0].on) in text
    assert "None" not in text
    assert {title for title, _ in closing(played.outcome)} >= {"通知（份）", "台账（条）"}
    assert as_dict(played.outcome)["problems"] == []
    assert (played.home / "mails" / "index.html").is_file()
    names = {file.name for file in (played.home / "reports").iterdir()}
    assert names == set(played.outcome.files)


def test_units_answer_in_every_way_and_milestones_are_met() -> None:
    played = whole("wushen_2024")
    assert {Verdict.ACCEPTED, Verdict.RETURNED, Verdict.KEPT} <= set(played.outcome.returns)
    assert [reached for _, reached, _ in played.outcome.milestones] == [True, True]
    kinds = {kind for kind, state in played.outcome.mails if state is NoticeState.ACCEPTED}
    assert {
        NoticeKind.ANNOUNCEMENT,
        NoticeKind.LAUNCH,
        NoticeKind.REMINDER,
        NoticeKind.OVERDUE,
        NoticeKind.ESCALATION,
        NoticeKind.RECEIPT,
        NoticeKind.RETURNED,
        NoticeKind.NOT_NOTIFIED,
        NoticeKind.RECORD_DUE,
        NoticeKind.REPORT,
    } <= kinds
    assert records(played, "referral")
    assert records(played, "blacklist")
