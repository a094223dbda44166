"""Registers on the desk: one batch, nothing entered with an error, and what cannot be told from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from include.domain.errors import GiveUp
from include.domain.model import Severity
from include.domain.registers import office_form
from include.domain.returns import Finding, Value
from include.gateways.workbooks import Workbooks
from include.steps import registers
from include.steps.registers import Reviewed
from tests import factories
from tests.gateways.workbook_builders import KEY, examples, forms
from tests.steps.conftest import Desk

DAY = date(2024, 12, 31)


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk whose workbooks are real."""
    desk.using = replace(desk.using, workbooks=Workbooks(KEY))
    return desk


def lines(key: str, *changes: Mapping[str, Any]) -> dict[str, list[dict[str, Value]]]:
    """The examples of the record's sheets, once for each set of changes."""
    form = forms()[key]
    return {
        sheet.key: [{**examples(key).sheets[sheet.key][0].values, **each} for each in changes]
        for sheet in form.record_sheets
    }


def looked_at(office: Desk, key: str, rows: Mapping[str, Any]) -> Reviewed:
    content = office.using.workbooks.register(office_form(forms()[key]), rows)
    return registers.review(office.campaign, key, "台账.xlsx", content, on=DAY, using=office.using)


def entered(office: Desk, reviewed: Reviewed) -> dict[str, int]:
    return registers.enter(office.campaign, reviewed, on=DAY, actor="test", using=office.using)


def test_several_workbooks_are_judged_in_one_batch_and_entered_together(office: Desk) -> None:
    form = office_form(forms()["clue"])
    files = [
        (f"{number}.xlsx", office.using.workbooks.register(form, lines("clue", {"clue_no": f"XS-150626-20240603-{number:04d}"})))
        for number in (1, 2)
    ]  # fmt: skip
    content = office.using.workbooks.packed(files)
    reviewed = registers.review(office.campaign, "clue", "线索.zip", content, on=DAY, using=office.using)
    assert office.quality.batches == [("clue", 2)]
    assert entered(office, reviewed) == {"新增": 2, "修改": 0, "未变": 0}


def test_nothing_is_entered_while_there_is_an_error(office: Desk) -> None:
    office.quality.findings[""] = [Finding("x", "请改正", Severity.ERROR, "疑点线索台账", "A4")]
    rows = lines("clue", {}, {"clue_no": "XS-150626-20240603-0002"})
    reviewed = looked_at(office, "clue", rows)
    assert [change.number for change in reviewed.changes] == ["XS-150626-20240603-0002"]
    with pytest.raises(GiveUp, match="有1处须改正"):
        entered(office, reviewed)
    assert office.using.ledger.registers.records(office.campaign.id, forms()["clue"])["clue"] == {}


def test_two_rows_of_one_record_are_both_pointed_at(office: Desk) -> None:
    reviewed = looked_at(office, "blacklist", lines("blacklist", {}, {"memo": "另一行"}))
    assert [(each.rule, each.cell) for each in reviewed.errors] == [
        ("register.doubled", "I4"),
        ("register.doubled", "I5"),
    ]
    assert reviewed.changes == ()


def test_a_unit_that_is_not_on_the_roster_is_pointed_at_and_let_in(office: Desk) -> None:
    known, unknown = factories.make_unit(1).code, "P15062600999"
    rows = lines("case", {"party_code": known}, {"party_code": unknown, "case_no": "AJ-2"})
    reviewed = looked_at(office, "case", rows)
    assert [(each.rule, each.value, each.severity) for file in reviewed.files for each in file.findings] == [
        ("register.roster", unknown, Severity.WARNING)
    ]
    assert entered(office, reviewed)["新增"] == 2


def test_a_detail_without_its_record_is_refused(office: Desk) -> None:
    rows = {"inspections": [], "problems": [dict(examples("inspection").sheets["problems"][0].values)]}
    (fault,) = looked_at(office, "inspection", rows).errors
    assert (fault.sheet, fault.cell, fault.rule) == ("检查发现问题明细", "A4", "register.record")


def test_a_branch_is_judged_by_its_name_on_the_roster(office: Desk) -> None:
    unit = office.units[0]
    asked = {"unit_code": unit.code, "unit_name": "自称"}
    form = office_form(forms()["branch_progress"])
    rows = lines("branch_progress", {})
    rows["cover"][0] |= asked
    office.quality.findings[unit.code] = [Finding("by_code", "请核对", Severity.INFO)]
    content = office.using.workbooks.register(form, rows)
    reviewed = registers.review(
        office.campaign, "branch_progress", "a.xlsx", content, on=DAY, using=office.using
    )
    assert [each.rule for each in reviewed.files[0].findings] == ["by_code"]
    assert [change.number for change in reviewed.changes] == [f"{unit.code} / 2024-05-20"]


def test_a_form_that_is_no_register_is_refused(office: Desk) -> None:
    with pytest.raises(GiveUp, match="没有台账“self_check”；可选：blacklist（"):
        registers.register("self_check", office.using)
