"""The list to be called goes out, comes back filled in, and is entered whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from include.domain.calls import CallResult, PhoneCall
from include.domain.errors import GiveUp
from include.domain.letters import EscalationLetter
from include.domain.units import RosterChange
from include.gateways.ledger.tables import audit
from include.gateways.workbooks import Workbooks
from include.steps import calls, deliver, desk_contact, plan, today, unit_history
from include.steps.calls import Reviewed
from include.steps.slips import Slip
from include.steps.unit_history import EventKind
from tests import factories
from tests.gateways.workbook_builders import KEY
from tests.steps.conftest import Desk

DAY, DUE = date(2024, 5, 28), date(2024, 5, 31)
FIRST, WITHOUT = factories.make_unit(1), factories.make_unit(6, email=None)
HEADERS = {
    "called_on": "通话日期",
    "called_at": "通话时间",
    "result": "通话结果",
    "spoken_to": "接听岗位",
    "next_on": "约定日期",
    "note": "通话内容",
}
TOLD = {"called_on": DAY, "called_at": "9:30", "result": "已接通并告知", "spoken_to": "医保办主任"}


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk whose workbooks are real."""
    desk.using = replace(desk.using, workbooks=Workbooks(KEY))
    return desk


def filled(office: Desk, *lines: dict[str, Any], edit: Callable[[Any], None] = lambda sheet: None) -> bytes:
    """The list of the first two units as the office fills it in."""
    codes = [FIRST.code, WITHOUT.code]
    book = load_workbook(BytesIO(calls.workbook(office.campaign, codes, on=DAY, using=office.using)))
    sheet = book.worksheets[0]
    head = {
        str(cell.value).rstrip("*＊"): cell.column
        for row in sheet.iter_rows(max_row=6)
        for cell in row
        if cell.value
    }
    first = next(row[0].row for row in sheet.iter_rows() if row[0].value == FIRST.code)
    for number, line in enumerate(lines):
        for field, value in line.items():
            sheet.cell(first + number, head[HEADERS[field]], value)
    edit(sheet)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def reviewed(office: Desk, content: bytes) -> Reviewed:
    return calls.review(office.campaign, content, by="office_staff", on=DAY, using=office.using)


def entries(office: Desk) -> list[str]:
    with office.using.ledger._database.reading() as connection:
        rows = connection.execute(audit.select().where(audit.c.entity == "phone_call")).all()
    return [row.actor for row in rows]


def test_the_list_says_whom_to_call_about_what_and_what_was_said_before(office: Desk) -> None:
    office.using.ledger.calls.enter(
        office.campaign.id,
        [PhoneCall(WITHOUT.code, date(2024, 5, 27), CallResult.NO_ANSWER, "办公室")],
        on=DAY,
        actor="test",
        reason="电话催办",
    )
    content = filled(office)
    text = [str(cell.value) for row in load_workbook(BytesIO(content)).worksheets[0] for cell in row]
    for said in (
        WITHOUT.code,
        WITHOUT.name,
        "0477-1234567",
        "《自查自纠情况表》2024-05-31截止，待报",
        "2024-05-27 无人接听",
    ):
        assert said in text
    assert calls.workbook(office.campaign, [FIRST.code], on=DAY, using=office.using) == calls.workbook(
        office.campaign, [FIRST.code], on=DAY, using=office.using
    )


@pytest.mark.parametrize(("codes", "sentence"), [([], "没有需要"), (["P"] * 2001, "缩小范围")])
def test_no_list_of_nobody_or_of_more_than_can_be_called(
    office: Desk, codes: list[str], sentence: str
) -> None:
    with pytest.raises(GiveUp, match=sentence):
        calls.workbook(office.campaign, codes, on=DAY, using=office.using)


def test_what_was_filled_in_is_entered_once_and_a_line_nobody_called_is_left(office: Desk) -> None:
    content = filled(office, {}, TOLD)
    found = reviewed(office, content)
    assert (found.findings, found.known, found.blank) == ((), 0, 1)
    assert calls.enter(office.campaign, found, on=DAY, actor="办公室", using=office.using) == 1
    [call] = office.using.ledger.calls.of_unit(office.campaign.id, WITHOUT.code)
    assert (call.when, call.result, call.spoken_to) == ("2024-05-28 09:30", CallResult.TOLD, "医保办主任")
    assert call.number == WITHOUT.contact_phone
    again = reviewed(office, content)
    assert (again.calls, again.known) == ((), 1)
    assert calls.enter(office.campaign, again, on=DAY, actor="办公室", using=office.using) == 0
    assert entries(office) == ["办公室"]


def test_a_list_of_which_nothing_is_filled_in_enters_nothing(office: Desk) -> None:
    found = reviewed(office, filled(office))
    assert (found.calls, found.blank, found.findings) == ((), 2, ())


def rename(sheet: Any) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == WITHOUT.name:
                cell.value = FIRST.name


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        (TOLD | {"called_on": None}, "通话日期", "请填写通话日期"),
        (TOLD | {"called_on": "明天"}, "通话日期", "请改写"),
        (TOLD | {"called_on": date(2024, 5, 29)}, "通话日期", "晚于办理当天"),
        (TOLD | {"called_at": "上午"}, "通话时间", "请写成 9:30"),
        (TOLD | {"result": "打通了"}, "通话结果", "请从下拉列表中选择"),
        (TOLD | {"result": "约定回电"}, "约定日期", "请填写约定日期"),
        (TOLD | {"result": "拒绝报送"}, "通话内容", "写明对方所述理由"),
        (TOLD | {"note": "打13800138000找"}, "通话内容", "不得填写身份证号、手机号"),
    ],
)
def test_a_wrong_line_is_told_by_its_cell_and_nothing_of_the_list_is_entered(
    office: Desk, line: dict[str, Any], column: str, sentence: str
) -> None:
    found = reviewed(office, filled(office, TOLD, line))
    [wrong] = found.errors
    assert (wrong.header, wrong.cell[1:].isdigit(), sentence in wrong.message) == (column, True, True), wrong
    assert "13800138000" not in f"{wrong}"
    with pytest.raises(GiveUp, match="没有登记任何内容"):
        calls.enter(office.campaign, found, on=DAY, actor="办公室", using=office.using)
    assert entries(office) == []


def test_a_line_whose_name_belongs_to_another_unit_is_refused(office: Desk) -> None:
    [wrong] = reviewed(office, filled(office, {}, TOLD, edit=rename)).errors
    assert (wrong.header, "是不是错位" in wrong.message) == ("单位名称", True)


def test_two_lines_of_one_time_and_a_call_that_contradicts_one_entered_are_refused(office: Desk) -> None:
    def twice(sheet: Any) -> None:
        rows = [row for row in sheet.iter_rows() if row[0].value in (FIRST.code, WITHOUT.code)]
        for first, second in zip(*rows, strict=True):
            second.value = first.value

    assert len(reviewed(office, filled(office, TOLD, TOLD, edit=twice)).errors) == 2
    calls.enter(
        office.campaign, reviewed(office, filled(office, TOLD)), on=DAY, actor="x", using=office.using
    )
    [wrong] = reviewed(office, filled(office, TOLD | {"result": "无人接听"})).errors
    assert "内容与此不同" in wrong.message


def test_another_file_says_that_it_is_no_list_of_calls(office: Desk) -> None:
    assert reviewed(office, b"%PDF-1.4").errors


def slip(office: Desk, dry_run: bool = False, **answers: str) -> Slip:
    given = {"unit": WITHOUT.code.lower(), "post": "office_staff", "result": "told", "called_at": "9:30"}
    return Slip(office.campaign, DAY, "admin", "电话催办", given | answers, dry_run, office.using)


def test_a_call_at_the_desk_is_shown_first_entered_once_and_seen_on_the_unit_s_page(office: Desk) -> None:
    answers = {"result": "call_back", "next_on": "2024-05-30", "note": "经办人开会"}
    shown = desk_contact.call(slip(office, dry_run=True, **answers))
    assert entries(office) == []
    assert desk_contact.call(slip(office, **answers)) == shown
    assert "09:30 约定回电（2024-05-30）" in shown.changes[0]
    assert "经办人开会" not in "".join((*shown.changes, *shown.notes)), "what is told ends in a log"
    assert entries(office) == ["旗医疗保障局基金稽核组组长（经办：admin）"]
    again = desk_contact.call(slip(office, **answers))
    assert (again.changes, len(entries(office))) == ((), 1)
    history = unit_history.find(office.campaign, WITHOUT, on=DAY, using=office.using)
    [event] = [each for each in history.events if each.kind is EventKind.CALL]
    assert (event.day, event.what) == (DAY, "约定回电（2024-05-30）")
    assert "经办人开会" in event.detail


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"unit": "P15062699999"}, "名册中没有编码"),
        ({"post": "nobody"}, "没有岗位“nobody”，可选"),
        ({"result": "promised"}, "请填写约定日期"),
        ({"called_on": "2024-05-29"}, "晚于办理当天"),
        ({"called_at": "晚上"}, "请写成 9:30"),
        ({"result": "refused"}, "写明对方所述理由"),
        ({"spoken_to": "13800138000"}, "不得填写"),
    ],
)
def test_a_call_that_cannot_be_is_refused_and_not_entered(
    office: Desk, answers: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        desk_contact.call(slip(office, **answers))
    assert entries(office) == []


def test_a_call_changes_nothing_of_what_is_owed(office: Desk) -> None:
    before = office.obligation(office.units[5])
    desk_contact.call(slip(office, result="promised", next_on="2024-05-30"))
    assert office.obligation(office.units[5]) == before


def test_who_is_told_of_the_overdue_learns_of_the_calls_and_the_rungs_climb_on(office: Desk) -> None:
    on = date(2024, 6, 6)
    for at in ("9:30", "10:00"):
        desk_contact.call(slip(office, called_at=at))
    before = plan.preview(office.campaign, office.phase, on=on, using=office.using)
    desk_contact.call(
        slip(office, called_at="11:00", unit=FIRST.code, result="promised", next_on="2024-06-20")
    )
    assert plan.preview(office.campaign, office.phase, on=on, using=office.using) == before
    plan.escalations(office.campaign, office.phase, on=on, using=office.using)
    deliver.notices(office.campaign, on=on, using=office.using)
    letter = next(each for _, each in office.letters.written if isinstance(each, EscalationLetter))
    told = {line.unit_code: (line.calls, line.last_call) for line in letter.lines}
    assert told[WITHOUT.code] == (2, "2024-05-28 10:00 已接通并告知")
    assert told[FIRST.code] == (1, "2024-05-28 11:00 承诺报送（2024-06-20）")
    assert told[office.units[1].code] == (0, "")


def test_a_wrong_number_is_known_until_the_roster_has_another(office: Desk) -> None:
    def wrong() -> set[str]:
        return calls.unusable_numbers(office.campaign, [WITHOUT.code], on=DAY, using=office.using)

    assert wrong() == set()
    told = desk_contact.call(slip(office, result="wrong_number"))
    assert any("用名册变更登记" in note for note in told.notes)
    assert wrong() == {WITHOUT.code}
    mended = WITHOUT.model_copy(update={"contact_phone": "0477-7654321"})
    change = RosterChange(kind="changed", unit=mended, effective_on=DAY, reason="号码更正")
    office.using.ledger.roster.adjust(office.campaign.id, [change], actor="test")
    assert wrong() == set()


def test_today_tells_whom_to_call_and_whose_day_has_come(office: Desk) -> None:
    def waiting(on: date) -> list[tuple[int, int]]:
        found = today.owed([office.campaign], on=on, using=office.using)
        return [(each.to_call, each.agreed) for each in found.contacts]

    assert waiting(DAY) == [(1, 0)]
    desk_contact.call(slip(office, result="call_back", next_on="2024-05-30"))
    assert waiting(DAY) == [(0, 0)]
    assert waiting(date(2024, 5, 30)) == [(1, 1)]
    desk_contact.call(slip(office, called_at="10:00"))
    assert waiting(date(2024, 5, 30)) == [(0, 0)]
    assert waiting(date(2024, 6, 30)) == [(1, 0)], "told a month ago and still owing"
