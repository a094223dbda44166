from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from openpyxl import load_workbook
from stdnum.cn import uscc

from demo.roster import (
    PHONE_ONLY,
    REFUSED,
    REGION,
    damages,
    demo_campaign,
    make_roster,
    write_workbook,
)
from include.domain import codes
from include.domain.model import UnitKind
from include.domain.values import Unreadable
from include.gateways.form_files import load_forms
from include.rehearsal.rosters import WARNING, Roster


@pytest.fixture(scope="module")
def roster() -> Roster:
    return make_roster()


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    folder = tmp_path_factory.mktemp("roster")
    paths = {damage: folder / f"{damage}.xlsx" for damage in (False, True)}
    for damage, path in paths.items():
        write_workbook(path, damage)
    return paths


def _rows(path: Path, sheet: str) -> list[tuple[object, ...]]:
    return list(load_workbook(path)[sheet].iter_rows(values_only=True))


def test_the_same_seed_gives_the_same_roster(roster: Roster) -> None:
    assert make_roster() == roster
    assert make_roster(1) != roster


def test_there_are_24_medical_institutions_and_120_pharmacies(roster: Roster) -> None:
    assert Counter(unit.kind for unit in roster.units) == {
        UnitKind.MEDICAL_INSTITUTION: 24,
        UnitKind.RETAIL_PHARMACY: 120,
    }


def test_every_code_is_valid_and_its_own(roster: Roster) -> None:
    for unit in roster.units:
        assert codes.institution_code(unit.code) == unit.code
        assert codes.kind_of(unit.code) is unit.kind
        assert codes.region_of(unit.code) == unit.region_code == REGION
    for values in (
        [unit.code for unit in roster.units],
        [unit.name for unit in roster.units],
        [unit.uscc for unit in roster.units if unit.uscc],
        [unit.contact_phone for unit in roster.units],
    ):
        assert len(set(values)) == len(values)


def test_credit_codes_have_right_check_characters_in_a_region_that_does_not_exist(roster: Roster) -> None:
    for unit in roster.units:
        if unit.uscc is not None:
            assert uscc.validate(unit.uscc) == unit.uscc
            assert unit.uscc[2:8] == "990000"
    assert not codes.is_known_region("990000")


def test_nothing_can_be_taken_for_a_real_unit(roster: Roster) -> None:
    for unit in roster.units:
        assert "示例" in unit.name or "模拟" in unit.name
        assert int(unit.code[-5:]) > 90000
        assert str(unit.contact_phone).startswith("0477-00")
        assert unit.contact_email is None or unit.contact_email.endswith(".example")
    assert all(holder.email.endswith(".example") for holder in roster.holders)


def test_seven_units_have_only_a_telephone_and_three_a_dead_mailbox(roster: Roster) -> None:
    assert len(roster.phone_only) == PHONE_ONLY == 7
    assert len(roster.refused) == REFUSED == 3
    assert all(unit.contact_phone for unit in roster.phone_only)


def test_every_post_of_the_campaign_is_held(roster: Roster) -> None:
    campaign = demo_campaign()
    assert {holder.post_key for holder in roster.holders} == {post.key for post in campaign.posts}
    assert all(holder.holds(campaign.starts_on) for holder in roster.holders)


def test_the_workbook_has_the_sheets_and_headers_of_the_form(workbooks: dict[bool, Path]) -> None:
    for sheet in load_forms()["roster"].sheets:
        rows = _rows(workbooks[False], sheet.title)
        assert rows[0][0] == WARNING
        assert list(rows[1]) == [column.label for column in sheet.columns]


def test_the_workbook_has_every_unit_and_post(workbooks: dict[bool, Path], roster: Roster) -> None:
    units, posts = load_forms()["roster"].sheets
    assert [row[0] for row in _rows(workbooks[False], units.title)[2:]] == [
        unit.code for unit in roster.units
    ]
    assert len(_rows(workbooks[False], posts.title)[2:]) == len(roster.holders)


def test_the_damaged_workbook_differs_exactly_where_it_says(
    workbooks: dict[bool, Path], roster: Roster
) -> None:
    sheet = load_forms()["roster"].sheet("units")
    right, wrong = (_rows(workbooks[damage], sheet.title)[2:] for damage in (False, True))
    different = {
        (place, sheet.columns[number].field)
        for place, (before, after) in enumerate(zip(right, wrong, strict=True))
        for number, (old, new) in enumerate(zip(before, after, strict=True))
        if old != new
    }
    assert different == {(fault.unit, name) for fault in damages(roster.units) for name in fault.fields}


def test_every_damage_is_one(roster: Roster) -> None:
    readers = {
        "code": codes.institution_code,
        "uscc": codes.uscc,
        "contact_email": codes.email,
        "region_code": codes.region,
    }
    unreadable = Counter[str]()
    for fault in damages(roster.units):
        for name, text in fault.fields.items():
            if name in readers and text:
                try:
                    readers[name](text)
                except Unreadable:
                    unreadable[name] += 1
    assert unreadable == {"code": 1, "uscc": 1, "contact_email": 1, "region_code": 1}
    assert [
        fault for fault in damages(roster.units) if fault.fields.get("code") in {u.code for u in roster.units}
    ]
