"""Lists to hand on: each clue on the list its rule makes, no insured person's number, one digest per handling unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

from openpyxl import load_workbook

from include.domain.clues import Rule
from include.gateways.workbooks import Workbooks
from include.steps import clue_lists
from tests.gateways.workbook_builders import KEY
from tests.steps.conftest import Desk
from tests.steps.test_follow import clue, enter

DAY = date(2024, 7, 1)
PERSON = "1506000000001"


def test_every_list_has_its_clues_and_hides_whose_number_it_is(desk: Desk) -> None:
    enter(
        desk,
        "clue",
        clue(1, risk_level="高"),
        clue(2, risk_level="低", due_on=date(2024, 7, 10), unit_code=None, psn_no=PERSON),
        clue(3, risk_level="低", due_on=date(2024, 7, 10), unit_code=None, psn_no=PERSON),
    )
    found = clue_lists.lists(desk.campaign, on=DAY, using=desk.using)
    assert {rule: [number[-1] for each in here for number in each.numbers] for rule, here in found.items()} == {
        Rule.UNVERIFIED: ["1"],
        Rule.FLYING: ["1"],
        Rule.CROSS_CHECK: ["1"],
        Rule.WATCH: ["2", "3"],
        Rule.FEED_BACK: [],
    }  # fmt: skip
    desk.using = replace(desk.using, workbooks=Workbooks(KEY))
    book = load_workbook(BytesIO(clue_lists.workbook(found, desk.using)))
    said = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "150600***0001" in said
    assert not any(PERSON in cell for cell in said)


def test_a_handling_unit_gets_a_digest_of_its_own_records_only(desk: Desk) -> None:
    enter(
        desk,
        "clue",
        clue(1, unit="甲中心"),
        clue(2, unit="甲中心", state="已反馈", feedback_on=date(2024, 6, 24)),
        clue(3, unit="乙中心", due_on=date(2024, 7, 10)),
    )
    first, second = sorted(
        clue_lists.digests(desk.campaign, on=DAY, using=desk.using), key=lambda each: -len(each.closed)
    )
    assert (first.unit, first.closed, len(first.open), first.overdue("clue")) == ("甲中心", {"clue": 1}, 1, 1)
    assert (second.unit, len(second.open), second.overdue("clue")) == ("乙中心", 1, 0)
    desk.using = replace(desk.using, workbooks=Workbooks(KEY))
    files = dict(clue_lists.digest_workbooks([first, second], DAY, desk.using))
    book = load_workbook(BytesIO(files["甲中心_2024年7月_台账办理月度情况.xlsx"]))
    said = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any(cell.endswith("0001") for cell in said)
    assert not any(cell.endswith("0003") for cell in said)
