"""Suggestions name their reason; without any reason there is none."""

from __future__ import annotations

import pytest

from include.domain.claims import MOST, Clues, Suggestions
from include.domain.units import Unit
from tests import factories


def unit(number: int, name: str, **facts: str) -> Unit:
    return factories.make_unit(number).model_copy(update={"name": name, **facts})


HOSPITAL = unit(11, "示例旗人民医院", uscc="12990000400000000P", contact_email="yy@h.example")
BRANCH = unit(12, "示例旗人民医院分院", contact_email="chain@p.example")
PHARMACY = unit(205, "示例大药房", contact_email="Chain@p.example")
KNOWN = Suggestions([HOSPITAL, BRANCH, PHARMACY])


def about(**said: str) -> list[tuple[str, str]]:
    clues = Clues(**({"file_name": "表.xlsx"} | said))
    return [(found.unit_name, found.why) for found in KNOWN.about(clues)]


@pytest.mark.parametrize(
    ("said", "name", "why"),
    [
        ({"cover_code": "P15062600205"}, PHARMACY.name, "封面中写的是其编码P15062600205"),
        ({"file_name": "Ｐ１５０６２６００２０５.xlsx"}, PHARMACY.name, "文件名中写的是其编码"),
        ({"file_name": "P1506260O205自查.xlsx"}, PHARMACY.name, "“P1506260O205”与其编码P15062600205相近"),
        ({"file_name": "00205自查表.xlsx"}, PHARMACY.name, "“00205”是其编码的后5位"),
        ({"file_name": "示例 大药房 自查表.xlsx"}, PHARMACY.name, "文件名中有单位名称“示例大药房”"),
        ({"file_name": "示例旗人民医院分院.pdf"}, BRANCH.name, "文件名中有单位名称“示例旗人民医院分院”"),
        ({"cover_name": "示例旗人民医陆"}, HOSPITAL.name, "与其名称“示例旗人民医院”相近"),
        ({"cover_words": "代码 12990000400000000p"}, HOSPITAL.name, "统一社会信用代码12990000400000000P"),
        ({"sender": "YY@h.example"}, HOSPITAL.name, "发件邮箱YY@h.example是其登记的联系邮箱"),
        ({"mail_code": "P15062600011"}, HOSPITAL.name, "邮件主题或所回复的通知是该单位的"),
    ],
)
def test_whatever_speaks_for_one_unit_is_told(said: dict[str, str], name: str, why: str) -> None:
    [(found, reason)] = about(**said)
    assert found == name
    assert why in reason


@pytest.mark.parametrize("name", ["表.xlsx", "20240524自查表.xlsx", "示例.xlsx", "P1.xlsx", ""])
def test_nothing_is_suggested_without_a_reason(name: str) -> None:
    assert about(file_name=name) == []


def test_a_mailbox_of_several_units_names_all_and_decides_nothing_alone() -> None:
    assert {name for name, _ in about(sender="chain@p.example")} == {BRANCH.name, PHARMACY.name}
    likeliest, _ = about(sender="chain@p.example", file_name="示例大药房.xlsx")
    assert likeliest[0] == PHARMACY.name
    assert "2家共用" in likeliest[1]


def test_at_most_three_are_suggested() -> None:
    many = Suggestions(
        [unit(number, f"连锁{number}店", contact_email="a@b.example") for number in range(1, 9)]
    )
    assert len(many.about(Clues("表.xlsx", sender="a@b.example"))) == MOST
