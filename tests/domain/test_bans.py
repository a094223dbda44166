"""Bans: three full years, in force until lifted, and nobody's number on any list."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.domain.bans import Person, ban_against, bans_of, masked, pushes, three_years_from

ON = date(2024, 9, 1)
ENTRY: dict[str, Any] = {
    "subject_type": "定点零售药店",
    "subject_name": "示例旗第三药店",
    "unit_code": "P15062600003",
    "uscc": "12990000400000000P",
    "reason": "伪造处方空刷医保卡",
    "basis_doc_no": "示医保罚〔2024〕2号",
    "listed_on": date(2024, 8, 10),
    "ban_start": date(2024, 8, 10),
    "ban_until": date(2027, 8, 9),
    "pushed_credit": False,
    "approvers": "分管局长、法制审核岗",
}
PERSON = {
    "subject_type": "参保人员",
    "subject_name": "样例某某",
    "subject_cert": "990000190001010016",
    "unit_code": None,
    "uscc": None,
}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2024, 8, 10), date(2027, 8, 9)),
        (date(2024, 1, 1), date(2026, 12, 31)),
        (date(2024, 2, 29), date(2027, 2, 28)),
    ],
)
def test_three_years_are_three_full_years(first: date, last: date) -> None:
    assert three_years_from(first) == last


@pytest.mark.parametrize(
    ("on", "changes", "banned"),
    [
        (date(2024, 8, 9), {}, False),
        (date(2024, 8, 10), {}, True),
        (date(2027, 8, 9), {}, True),
        (date(2027, 8, 10), {}, False),
        (ON, {"removed_on": ON}, False),
        (ON, {"removed_on": date(2024, 9, 2)}, True),
        (date(2030, 1, 1), {"ban_start": None, "ban_until": None}, True),  # until somebody lifts it
    ],
)
def test_a_ban_is_in_force_from_its_first_day_to_its_last(
    on: date, changes: dict[str, Any], banned: bool
) -> None:
    (ban,) = bans_of([ENTRY | changes], [])
    assert ban.is_in_force(on) is banned


@pytest.mark.parametrize(
    ("code", "uscc", "told_by"),
    [
        ("P15062600003", "12990000400000000P", "uscc"),
        ("P15062600999", "12990000400000000P", "uscc"),  # a new code, the same legal person
        ("P15062600003", "", "code"),
        ("P15062600999", "", None),
        ("", "", None),
    ],
)
def test_a_party_is_known_by_its_uscc_whatever_it_calls_itself(
    code: str, uscc: str, told_by: str | None
) -> None:
    found = ban_against(list(bans_of([ENTRY], [])), unit_code=code, uscc=uscc, on=ON)
    assert (found[1] if found else None) == told_by


def test_a_party_without_numbers_bars_nobody_else_without_numbers() -> None:
    bans = list(bans_of([ENTRY | PERSON], []))
    assert ban_against(bans, unit_code="", uscc="", on=ON) is None


def test_a_case_that_ended_an_agreement_bars_before_anybody_enters_the_blacklist() -> None:
    case = {
        "unit_code": "P15062600003",
        "terminated_on": date(2024, 8, 10),
        "ban_until": date(2027, 8, 9),
        "number": "AJ-1",
    }
    (ban,) = bans_of([], [case])
    assert (ban.is_in_force(ON), ban.basis) == (True, "AJ-1")


@pytest.mark.parametrize(
    ("is_public", "changes", "hindrance"),
    [
        (True, {}, ""),
        (False, {}, "不是主动公开"),
        (True, {"approvers": None}, "还差2个"),
        (True, {"approvers": "分管局长"}, "还差1个"),
        (True, {"approvers": "分管局长、分管局长"}, "还差1个"),
    ],
)
def test_nothing_is_pushed_without_two_posts_and_a_public_campaign(
    is_public: bool, changes: dict[str, Any], hindrance: str
) -> None:
    (push,) = pushes([ENTRY | changes], is_public=is_public, on=ON)
    assert hindrance in push.hindrance
    assert bool(push.hindrance) is bool(hindrance)


@pytest.mark.parametrize(
    "changes",
    [
        {"pushed_credit": True},
        {"removed_on": ON},
        {"ban_until": date(2024, 8, 31)},
        {"listed_on": date(2024, 9, 2)},
    ],
)
def test_what_is_done_lifted_over_or_not_yet_is_not_on_the_list(changes: dict[str, Any]) -> None:
    assert pushes([ENTRY | changes], is_public=True, on=ON) == []


def test_a_person_leaves_without_name_and_number() -> None:
    (push,) = pushes([ENTRY | PERSON], is_public=True, on=ON)
    assert push.name == "样某"
    assert push.identifier == "990000********0016"
    assert not any(secret in str(push) for secret in ("样例某某", "190001010016", ENTRY["reason"]))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("990000190001010016", "990000********0016"),
        ("1506**********0012", "1506**********0012"),
        ("E123456", "*******"),
        ("", ""),
    ],
)
def test_a_number_is_masked_once(number: str, shown: str) -> None:
    assert masked(number) == shown


@pytest.mark.parametrize(
    ("name", "certificate", "on", "banned"),
    [
        ("样某", "990000********0016", ON, True),
        ("样某", "990000****0016", ON, True),  # however many stars
        ("样例某", "990000190001010016", ON, True),
        ("例某", "990000********0016", ON, False),
        ("样某", "990000********0017", ON, False),
        ("样某", "", ON, False),
        ("样某", "**************0016", ON, False),
        ("样某", "990000********0016", date(2027, 8, 10), False),
    ],
)
def test_a_ban_binds_the_legal_representative(name: str, certificate: str, on: date, banned: bool) -> None:
    entry = ENTRY | {"legal_rep": "样某", "legal_rep_cert": "990000********0016"}
    person = Person.of(name, certificate)
    found = ban_against(bans_of([entry], []), unit_code="P1", uscc="", person=person, on=on)
    assert (found is not None and found[1] == "legal_rep") is banned


def test_nobody_is_banned_for_having_no_certificate() -> None:
    assert ban_against(bans_of([ENTRY], []), unit_code="", uscc="", person=None, on=ON) is None
