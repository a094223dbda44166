"""Branches and member departments report before each report upward: asked, reminded, taken in, compared, summed up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from include.domain.errors import GiveUp
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind
from include.domain.obligations import Obligation, ObligationState
from include.domain.returns import Verdict
from include.domain.units import RosterChange, Unit
from include.gateways.workbooks import Workbooks
from include.steps import (
    check,
    collect,
    consolidate,
    deliver,
    office_notices,
    open_phase,
    plan,
    reconcile,
    show,
)
from tests import factories
from tests.gateways.workbook_builders import KEY, to_bytes, write
from tests.steps.conftest import Desk

CAMPAIGN = factories.campaign("quanzhou_2024")
PHASE = CAMPAIGN.phase("concentrated_rectification")
FORM = "branch_progress"
BEFORE, OPENED = date(2024, 7, 25), date(2024, 7, 26)
EAST = factories.make_unit(1, kind=UnitKind.COUNTY_BRANCH)
WEST = factories.make_unit(2, kind=UnitKind.COUNTY_BRANCH)
COURT = factories.make_unit(3, kind=UnitKind.MEMBER_DEPARTMENT)
SHOP = factories.make_unit(4)


@pytest.fixture
def office(bare: Desk) -> Desk:
    """Two branches, a member department and a pharmacy; and real workbooks."""
    bare.using = replace(bare.using, workbooks=Workbooks(KEY))
    bare.campaign, bare.phase = CAMPAIGN, PHASE
    posts = [factories.make_holder(post.key) for post in CAMPAIGN.posts]
    bare.using.ledger.roster.freeze(
        CAMPAIGN.id,
        [EAST, WEST, COURT, SHOP],
        posts,
        on=date(2024, 6, 20),
        actor="test",
        source_sha256="0" * 64,
    )
    return bare


def run(office: Desk, on: date) -> list[tuple[str, NoticeKind]]:
    """One day of the phase; what was sent to whom."""
    using, before = office.using, len(office.mail.sent)
    office.clock[0] = factories.at(on.isoformat())
    open_phase.obligations(CAMPAIGN, PHASE, on=on, using=using)
    collect.returns(CAMPAIGN, on=on, using=using)
    check.returns(CAMPAIGN, on=on, using=using)
    plan.launch(CAMPAIGN, PHASE, on=on, units=None, using=using)
    plan.reminders(CAMPAIGN, PHASE, on=on, using=using)
    plan.escalations(CAMPAIGN, PHASE, on=on, using=using)
    deliver.notices(CAMPAIGN, on=on, using=using)
    kinds = {kind.zh: kind for kind in NoticeKind}
    return [(message.to, kinds[message.subject]) for message in office.mail.sent[before:]]


def days(office: Desk, first: date, last: date) -> list[tuple[str, str, NoticeKind]]:
    return [
        (on.isoformat(), to, kind)
        for on in office.using.calendar.working_days(first, last)
        for to, kind in run(office, on)
    ]


def owed(office: Desk, unit: Unit = EAST) -> list[Obligation]:
    forms = [each.form for each in PHASE.returns if each.filled_by == "unit"]
    found = office.using.ledger.obligations.owed_by(CAMPAIGN.id, [unit.code], forms)
    return [each for debts in found.values() for each in debts]


def workbook(office: Desk, unit: Unit, period_end: date, name: str = FORM, **values: Any) -> bytes:
    """What the unit sends back: its own workbook, every number 0 or as given."""
    form = office.using.forms[name]
    book = load_workbook(BytesIO(office.using.workbooks.prefilled(form, CAMPAIGN, PHASE, unit)))
    for sheet in form.cards:
        line: dict[str, Any] = {
            column.field: values.get(
                column.field, 0 if column.type.value in ("count", "money") else column.example
            )
            for column in sheet.columns
            if not column.locked and column.field != "memo"
        }
        if sheet.key == "cover":
            line |= {"period_start": "2024-05-01", "period_end": period_end, "filled_on": period_end}
        elif "memo" in values:
            line["memo"] = values["memo"]
        write(book[sheet.title], sheet, [line])
    return to_bytes(book)


def hand_in(office: Desk, unit: Unit, content: bytes, on: date) -> list[tuple[str, NoticeKind]]:
    name = f"{unit.code}_{on}_{len(office.inbox.taken)}.xlsx"
    office.inbox.drop(CAMPAIGN.id, name, content, factories.at(on.isoformat(), "08:00"))
    return run(office, on)


def test_nobody_is_asked_before_the_time_and_only_those_who_owe(office: Desk) -> None:
    assert run(office, BEFORE) == []
    assert owed(office) == []
    sent = run(office, OPENED)
    assert sorted(sent) == [(unit.contact_email, NoticeKind.LAUNCH) for unit in (EAST, WEST, COURT)]
    assert run(office, OPENED) == [], "none twice"
    assert SHOP.contact_email not in {message.to for message in office.mail.sent}


def test_the_workbook_goes_out_with_its_period_and_its_name(office: Desk) -> None:
    run(office, OPENED)
    [message] = office.mail.to(str(EAST.contact_email))
    attached = next(each for each in message.attachments if each.name.endswith(".xlsx"))
    assert attached.name == f"{EAST.code}_{EAST.name}_专项行动进展情况表_2024年7月.xlsx"
    reading = office.using.workbooks.read(attached.content, office.using.forms)
    [cover] = reading.sheets["cover"]
    assert (cover.values["period_start"], cover.values["period_end"]) == (
        CAMPAIGN.starts_on,
        date(2024, 7, 31),
    )
    [letter] = [letter for kind, letter in office.letters.written if getattr(letter, "unit", None) == EAST]
    assert letter.form_title == "专项行动进展情况表（2024年7月）"
    assert letter.deadline.due_on == date(2024, 8, 2)
    assert letter.deadline.moved_from is None


def test_the_ladder_is_climbed_anew_each_month_and_stops_for_who_reported(office: Desk) -> None:
    run(office, OPENED)
    content = workbook(office, EAST, date(2024, 7, 31), units_to_inspect=8, units_inspected=3, inspections=3)
    assert hand_in(office, EAST, content, date(2024, 8, 1))[0] == (EAST.contact_email, NoticeKind.RECEIPT)
    july = days(office, date(2024, 8, 2), date(2024, 8, 26))
    assert [line for line in july if line[1] == EAST.contact_email] == []
    west = [(day, kind) for day, to, kind in july if to == WEST.contact_email]
    assert west == [
        ("2024-08-02", NoticeKind.REMINDER),
        ("2024-08-05", NoticeKind.OVERDUE),
        ("2024-08-07", NoticeKind.OVERDUE),
        ("2024-08-09", NoticeKind.OVERDUE),
        ("2024-08-16", NoticeKind.OVERDUE),
    ]
    posts = {to for _, to, kind in july if kind is NoticeKind.ESCALATION}
    assert posts == {
        f"{post}@bureau.example"
        for post in ("handling_unit", "office_director", "deputy_bureau", "group_head")
    }
    august = days(office, date(2024, 8, 27), date(2024, 8, 27))
    assert ("2024-08-27", EAST.contact_email, NoticeKind.LAUNCH) in august
    assert [(each.occasion, each.state) for each in owed(office)] == [
        ("202407", ObligationState.ACCEPTED),
        ("202408", ObligationState.OPEN),
    ]


def test_an_escalation_counts_the_occasion_alone_and_no_inspection_of_the_office(office: Desk) -> None:
    days(office, OPENED, date(2024, 8, 5))
    letters = [letter for kind, letter in office.letters.written if kind is NoticeKind.ESCALATION]
    assert letters
    assert {(letter.expected, letter.accepted, len(letter.lines)) for letter in letters} == {(3, 0, 3)}
    assert {letter.form_title for letter in letters} == {
        "专项行动进展情况表（2024年7月）、成员单位协同工作情况表（2024年7月）"
    }


def reported(office: Desk, period_end: date, on: date, **values: Any) -> list[tuple[str, NoticeKind]]:
    run(office, {7: OPENED, 8: date(2024, 8, 27)}[period_end.month])
    facts = {"units_to_inspect": 8} | values
    return hand_in(office, EAST, workbook(office, EAST, period_end, **facts), on)


def test_numbers_that_fall_without_a_note_are_sent_back_and_with_one_accepted(office: Desk) -> None:
    reported(office, date(2024, 7, 31), date(2024, 8, 1), units_inspected=5, inspections=5)
    sent = reported(office, date(2024, 8, 31), date(2024, 9, 2), units_inspected=3, inspections=5)
    assert (EAST.contact_email, NoticeKind.RETURNED) in sent
    returned = office.using.ledger.returns.of_obligation(owed(office)[1].id, verdict=Verdict.RETURNED)
    assert returned is not None
    [finding] = [
        each for each in office.using.ledger.returns.findings(returned.id) if each.rule == "cumulative.fallen"
    ]
    assert finding.message == (
        "已检查机构数是累计数，填写的是3家，少于2024年8月1日所报上期的5家，"
        "请核对；确有减少的，请在本表“备注”中写明原因"
    )
    assert finding.cell, "marked where it stands"
    corrected = reported(
        office,
        date(2024, 8, 31),
        date(2024, 9, 3),
        units_inspected=3,
        inspections=5,
        memo="7月误将抽查2家计入，已核减",
    )
    assert (EAST.contact_email, NoticeKind.RECEIPT) in corrected
    assert [each.state for each in owed(office)] == [ObligationState.ACCEPTED, ObligationState.ACCEPTED]


def test_a_correction_of_an_earlier_month_answers_that_month(office: Desk) -> None:
    reported(office, date(2024, 7, 31), date(2024, 8, 1), units_inspected=5, inspections=5)
    run(office, date(2024, 8, 27))
    again = workbook(office, EAST, date(2024, 7, 31), units_to_inspect=8, units_inspected=4, inspections=5)
    hand_in(office, EAST, again, date(2024, 8, 28))
    assert [each.state for each in owed(office)] == [ObligationState.ACCEPTED, ObligationState.OPEN]


def test_a_period_that_ends_otherwise_is_taken_and_said(office: Desk) -> None:
    sent = reported(office, date(2024, 7, 30), date(2024, 8, 1), units_inspected=5, inspections=5)
    assert (EAST.contact_email, NoticeKind.RECEIPT) in sent
    file = office.using.ledger.returns.of_obligation(
        owed(office)[0].id, verdict=Verdict.ACCEPTED_WITH_WARNINGS
    )
    assert file is not None
    messages = [each.message for each in office.using.ledger.returns.findings(file.id)]
    assert any("本期应统计到2024-07-31" in message for message in messages)


def test_a_department_reports_on_its_own_form(office: Desk) -> None:
    run(office, OPENED)
    content = workbook(office, COURT, date(2024, 7, 31), "department_contribution")
    assert hand_in(office, COURT, content, date(2024, 8, 1))[0] == (COURT.contact_email, NoticeKind.RECEIPT)


def test_the_written_reports_of_the_conclusion_are_chased_and_only_where_they_are_owed(office: Desk) -> None:
    summary = CAMPAIGN.phase("summary")
    on = date(2024, 12, 2)
    open_phase.obligations(CAMPAIGN, summary, on=on, using=office.using)
    plan.launch(CAMPAIGN, summary, on=on, units=None, using=office.using)
    office.clock[0] = factories.at(on.isoformat())
    deliver.notices(CAMPAIGN, on=on, using=office.using)
    assert sorted(message.to for message in office.mail.sent) == [EAST.contact_email, WEST.contact_email]
    late = date(2024, 12, 11)
    plan.reminders(CAMPAIGN, summary, on=late, using=office.using)
    assert plan.escalations(CAMPAIGN, summary, on=late, using=office.using) == 1
    office.clock[0] = factories.at(late.isoformat())
    deliver.notices(CAMPAIGN, on=late, using=office.using)
    assert [message.subject for message in office.mail.sent[2:]].count(NoticeKind.OVERDUE.zh) == 2


def table(office: Desk, on: date = date(2024, 8, 5)) -> consolidate.Table:
    return consolidate.table(CAMPAIGN, PHASE, FORM, "202407", on=on, using=office.using)


def test_the_sums_are_of_those_who_reported_and_the_missing_are_named_not_counted_as_zero(
    office: Desk,
) -> None:
    reported(
        office, date(2024, 7, 31), date(2024, 8, 1), units_inspected=5, inspections=6, violation_amt="0.10"
    )
    found = table(office)
    assert [part.unit_code for part in found.parts] == [EAST.code]
    assert [each.unit_code for each in found.missing] == [WEST.code]
    assert (found.totals["units_inspected"], found.totals["violation_amt"]) == (Decimal(5), Decimal("0.10"))
    assert found.sentence == (
        "专项行动进展情况表（2024年7月）已报1家，未报1家（示例单位2），其数据未计入合计。"
    )
    second = workbook(office, WEST, date(2024, 7, 31), units_to_inspect=9, units_inspected=2, inspections=2)
    hand_in(office, WEST, second, date(2024, 8, 2))
    found = table(office)
    assert found.missing == ()
    assert found.totals["units_inspected"] == 7
    assert found.totals["inspections"] == 8
    assert "全部报齐" in found.sentence


def test_where_the_ledger_knows_the_number_too_differences_are_listed(office: Desk) -> None:
    reported(office, date(2024, 7, 31), date(2024, 8, 1), pharmacies=1, units_inspected=5, inspections=5)
    lines = {each.title: (each.reported, each.own) for each in table(office).differences}
    assert lines["已检查机构数"] == (Decimal(5), Decimal(0))
    assert "定点零售药店数" not in lines, "equal numbers are no difference"
    assert "移送公安机关" not in lines, "nothing is compared that our ledger does not have"


def test_an_unknown_form_or_occasion_is_told_with_those_there_are(office: Desk) -> None:
    with pytest.raises(GiveUp, match="没有期次“202412”；可选：202407（2024年7月）"):
        consolidate.table(CAMPAIGN, PHASE, FORM, "202412", on=OPENED, using=office.using)
    with pytest.raises(GiveUp, match="可选：branch_progress"):
        consolidate.table(CAMPAIGN, PHASE, "inspection", "202407", on=OPENED, using=office.using)


def test_the_office_gets_the_sums_once_the_day_after_they_were_due(office: Desk) -> None:
    reported(office, date(2024, 7, 31), date(2024, 8, 1), units_inspected=5, inspections=5)
    told = []
    for on in office.using.calendar.working_days(date(2024, 8, 2), date(2024, 8, 9)):
        office_notices.plan(CAMPAIGN, PHASE, on=on, dry_run=False, using=office.using)
        told += [(on, *line) for line in run(office, on) if line[1] is NoticeKind.OFFICE_TASK]
    assert told == [(date(2024, 8, 5), "office_staff@bureau.example", NoticeKind.OFFICE_TASK)] * 2
    letters = [each for kind, each in office.letters.written if kind is NoticeKind.OFFICE_TASK]
    assert {each.title: each.lines for each in letters} == {
        "专项行动进展情况表（2024年7月）": (("示例单位2", "待报"),),
        "成员单位协同工作情况表（2024年7月）": (("示例单位3", "待报"),),
    }
    content = next(
        each.content
        for message in office.mail.sent
        for each in message.attachments
        if each.name.startswith("专项行动进展情况表汇总")
    )
    book = load_workbook(BytesIO(content))
    assert book.sheetnames == ["底数自查和检查", "线索举报和移送", "未报单位", "与台账不一致"]
    first = [[cell.value for cell in row] for row in book["底数自查和检查"].iter_rows()]
    assert any(row[:2] == ["合计", "已报1家，未报1家不计入"] for row in first)
    assert not any(WEST.code in row for row in first)


def test_progress_keeps_what_recurs_apart_from_what_is_owed_once(office: Desk) -> None:
    run(office, OPENED)
    assert show.progress(CAMPAIGN, PHASE, using=office.using) == {
        "应报": 1,
        "待报": 1,
        "各期应报": 3,
        "各期待报": 3,
    }


def test_the_office_is_told_whom_a_launch_did_not_reach_of_that_occasion_alone(office: Desk) -> None:
    run(office, OPENED)
    reconcile.batches(CAMPAIGN, on=OPENED, using=office.using)
    run(office, date(2024, 8, 27))
    batches = office.using.ledger.outbox.dispatches(CAMPAIGN.id)
    august = [each for each in batches if each.occasion == "202408" and each.form == FORM]
    assert [each.entered for each in august] == [2]
    assert len(office.using.ledger.outbox.coverage(august[0].id)) == 2


def test_who_becomes_reachable_late_is_asked_for_the_current_occasion_alone(office: Desk) -> None:
    silent = WEST.model_copy(update={"contact_email": None})
    gone = RosterChange(kind="changed", unit=silent, effective_on=date(2024, 7, 1), reason="邮箱停用")
    office.using.ledger.roster.adjust(CAMPAIGN.id, [gone], actor="test")
    for on in (OPENED, date(2024, 8, 27)):
        assert WEST.contact_email not in {to for to, _ in run(office, on)}
    back = RosterChange(kind="changed", unit=WEST, effective_on=date(2024, 8, 28), reason="登记新邮箱")
    office.using.ledger.roster.adjust(CAMPAIGN.id, [back], actor="test")
    sent = [line for line in run(office, date(2024, 8, 28)) if line[0] == WEST.contact_email]
    assert sent == [(WEST.contact_email, NoticeKind.LAUNCH)]
    [message] = office.mail.to(str(WEST.contact_email))
    assert any("2024年8月" in each.name for each in message.attachments)
