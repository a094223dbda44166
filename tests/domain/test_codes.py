"""Codes of units and places, and addresses: what is accepted, what is said otherwise."""

from __future__ import annotations

import pytest

from include.domain import codes
from include.domain.model import UnitKind
from include.domain.values import Unreadable


@pytest.mark.parametrize(
    ("written", "code", "kind"),
    [
        ("H15062600001", "H15062600001", UnitKind.MEDICAL_INSTITUTION),
        ("p15062600002", "P15062600002", UnitKind.RETAIL_PHARMACY),
        (" Ｊ15062600003 ", "J15062600003", UnitKind.HANDLING_AGENCY),
        ("F350502-00001", "F35050200001", UnitKind.COUNTY_BRANCH),
    ],
)
def test_unit_codes(written: str, code: str, kind: UnitKind) -> None:
    assert codes.institution_code(written) == code
    assert codes.kind_of(code) is kind
    assert codes.region_of(code) == code[1:7]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("H1506260000", "共11位"),
        ("X15062600001", "格式不符"),
        ("H1506260OOO1", "H15062600001"),
        ("150626000012", "格式不符"),
    ],
)
def test_a_wrong_unit_code_is_told_what_is_wrong(written: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        codes.institution_code(written)


@pytest.mark.parametrize(
    "code", ["91110000600037341L", "12990000400000000P", "52990000MJ0000001W", "91990000MA00000008"]
)
def test_a_credit_code_with_its_check_digit_is_accepted(code: str) -> None:
    assert codes.uscc(code.lower()) == code


@pytest.mark.parametrize("place", range(18))
def test_any_one_wrong_character_of_a_credit_code_is_noticed(place: int) -> None:
    code = "12990000400000000P"
    wrong = code[:place] + ("3" if code[place] != "3" else "4") + code[place + 1 :]
    with pytest.raises(Unreadable):
        codes.uscc(wrong)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1299OOOO400000000P", "12990000400000000P"),
        ("I2990000400000000P", "12990000400000000P"),
        ("12990000400000001P", "校验位不符"),
        ("1299000040000000P", "共17位"),
        ("12990000400000000Z", "不会出现的字符"),
    ],
)
def test_a_wrong_credit_code_is_told_what_is_wrong(written: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        codes.uscc(written)


@pytest.mark.parametrize(
    ("region", "known"),
    [
        ("150626", True),
        ("350500", True),
        ("340000", True),
        ("152727", True),
        ("990000", False),
        ("150699", False),
    ],
)
def test_regions_of_gb_t_2260_with_the_abolished_ones(region: str, known: bool) -> None:
    assert codes.is_known_region(region) is known


def test_a_region_has_six_digits() -> None:
    with pytest.raises(Unreadable, match="6位"):
        codes.region("15062")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13900000000", "13900000000"),
        ("139 0000 0000", "13900000000"),
        ("0999-1234567", "0999-1234567"),
        ("（0999）1234567", "0999-1234567"),
        ("010-12345678-801", "010-12345678-801"),
    ],
)
def test_telephone_numbers(written: str, number: str) -> None:
    assert codes.phone(written) == number


@pytest.mark.parametrize("written", ["1234567", "12900000000", "13900000000、13900000001", "办公室"])
def test_a_wrong_telephone_number_is_refused(written: str) -> None:
    with pytest.raises(Unreadable, match="请只填一个号码"):
        codes.phone(written)


@pytest.mark.parametrize("written", ["yibao@hospital.example", " yibao＠hospital.example "])
def test_mail_addresses(written: str) -> None:
    assert codes.email(written) == "yibao@hospital.example"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("yibao@hospital。example", "英文句点"),
        ("yibao#hospital.example", "不是邮箱地址"),
        ("a@b.example;c@d.example", "只填一个"),
        ("医保办@医院.example", "不是邮箱地址"),
        ("a..b@c.example", "不是邮箱地址"),
    ],
)
def test_a_wrong_mail_address_is_told_what_is_wrong(written: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        codes.email(written)


@pytest.mark.parametrize(
    ("region", "inside", "outside"),
    [
        ("500000", "500101", "510104"),
        ("341000", "341002", "341102"),
        ("350500", "350502", "350602"),
        ("150626", "150626", "150627"),
        ("350430", "350430", "350431"),
    ],
)
def test_regions_inside_a_region(region: str, inside: str, outside: str) -> None:
    assert inside.startswith(codes.region_digits(region))
    assert not outside.startswith(codes.region_digits(region))
