"""The evidence annex: what is suspected, the visits, the rules with their record; a person only under a pseudonym."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from include.domain.screening import Hit, Precision, RuleRun, scored
from include.gateways.screening_annex import HIDDEN, SHOWN, pseudonym, workbook

ON = date(2024, 6, 3)
KEY = "k" * 32
RULES = (
    RuleRun("S05", "1.0", {"gap_days": Decimal(15)}, 2, title="分解住院"),
    RuleRun("S09", "1.0", {}, 0, title="死亡后结算"),
)
VISIT = {
    "mdtrt_id": "M1", "fixmedins_code": "H15062600001", "med_type": "21", "begndate": date(2024, 3, 1),
    "enddate": date(2024, 3, 9), "setl_time": datetime(2024, 3, 9, 10, 0), "diag_code": "I10",
    "medfee_sumamt": Decimal(9000), "fund_pay_sumamt": Decimal(7000),
}  # fmt: skip


def hit(person: str) -> Hit:
    return Hit(
        "S05", "1.0", "H15062600001", person, date(2024, 3, 1), date(2024, 3, 9), Decimal(1), Decimal(7000),
        ("M1",), (), {}, "出院后仅隔3天又因同一主要诊断入住本机构",
    )  # fmt: skip


def annex(**changes: Any) -> dict[str, list[list[Any]]]:
    found = [(f"XS-{number}", each) for number, each in enumerate(scored([hit("P1"), hit("P2"), hit("P1")]))]
    content = workbook("附件", ON, found, {"M1": [VISIT]}, key=KEY, rules=RULES, **changes)
    book = load_workbook(BytesIO(content))
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(min_row=4, values_only=True)] for sheet in book
    }


def cells(sheets: dict[str, list[list[Any]]]) -> list[str]:
    return [str(cell) for rows in sheets.values() for row in rows for cell in row]


def test_a_person_is_a_pseudonym_the_same_for_the_same_person() -> None:
    found = annex()
    first, other, again = (row[4] for row in found["疑点线索"])
    assert first == again == pseudonym("P1", KEY) != other
    assert first.startswith("R")
    assert not {"P1", "P2"} & set(cells(found))
    assert annex()["疑点线索"] == found["疑点线索"]
    assert pseudonym("P1", "another key") != first, "without the key nobody comes back to the person"
    assert pseudonym("", KEY) == ""


def test_persons_are_shown_only_when_asked_for() -> None:
    assert {"P1", "P2"} <= set(cells(annex(shows_persons=True)))
    assert HIDDEN != SHOWN


def test_clues_and_their_visits_go_by_the_number_of_the_clue() -> None:
    found = annex()
    assert [row[0] for row in found["疑点线索"]] == ["XS-0", "XS-1", "XS-2"]
    assert [row[:2] for row in found["就诊明细"]] == [["XS-0", "M1"], ["XS-1", "M1"], ["XS-2", "M1"]]


@pytest.mark.parametrize(
    ("verified", "said"),
    [
        ([], "尚无核查结论"),
        ([Precision("S05", "1.0", 2, 9, 0)], "多数不属实，建议调整参数或停用"),
        ([Precision("S05", "0.9", 2, 9, 0)], "尚无核查结论"),
    ],
)
def test_a_rule_stands_with_its_frozen_parameters_and_its_record(
    verified: list[Precision], said: str
) -> None:
    [row] = annex(verified=verified)["筛查规则"]
    assert (row[0], row[1], row[3]) == ("S05 分解住院", "1.0", 3)
    assert "15" in row[2]
    assert said in row[4]
