"""Penalties by article and date, against the articles as quoted: what may be fined, for how long suspended, and since when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from include.domain.penalties import Law, Span
from include.domain.violations import VIOLATION_TYPES
from include.gateways.penalty_file import load_law

LAW = load_law()
IN_FORCE, BEFORE = date(2024, 5, 1), date(2021, 4, 30)
BASE = Decimal("6000.00")


def words(article: str, on: date, base: Decimal = BASE) -> list[tuple[str, str, str]]:
    """(least, most, suspension) of every article cited that is in force."""
    found = []
    for each in LAW.cited_in(article):
        if each.in_force_on(on):
            fine, months = each.fine(base), each.suspension_months
            found.append(
                (
                    f"{fine.least:.2f}" if fine else "",
                    f"{fine.most:.2f}" if fine else "",
                    f"{months.least:f}-{months.most:f}" if months else "",
                )
            )
    return found


NO_FINE = ("", "", "")


@pytest.mark.parametrize(
    ("article", "on", "expected"),
    [
        ("条例第三十六条", IN_FORCE, [NO_FINE]),
        ("条例第三十七条", IN_FORCE, [("12000.00", "30000.00", "")]),
        ("条例第三十八条第（四）项", IN_FORCE, [("6000.00", "12000.00", "6-12")]),
        ("条例第三十九条", IN_FORCE, [("10000.00", "50000.00", "")]),
        ("条例第四十条第一款第（三）项", IN_FORCE, [("12000.00", "30000.00", "6-12")]),
        ("条例第四十一条第一款", IN_FORCE, [("", "", "3-12")]),
        ("条例第四十一条第二款", IN_FORCE, [("12000.00", "30000.00", "3-12")]),
        ("条例第四十一条", IN_FORCE, [("", "", "3-12"), ("12000.00", "30000.00", "3-12")]),
        ("条例第四十三条", IN_FORCE, [NO_FINE]),
        ("rules_traceability", date(2026, 4, 1), [("10000.00", "50000.00", "")]),
        ("rules_traceability", date(2026, 3, 31), []),
        ("条例第三十八条", date(2021, 5, 1), [("6000.00", "12000.00", "6-12")]),
        ("条例第三十八条", BEFORE, []),
        ("条例第三十七条", BEFORE, []),
        ("条例第三十九条", BEFORE, []),
        ("条例第四十条", BEFORE, []),
        ("条例第四十一条", BEFORE, []),
    ],
)
def test_the_table_says_what_the_articles_say(
    article: str, on: date, expected: list[tuple[str, str, str]]
) -> None:
    assert words(article, on) == expected


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("38", ["art38"]),
        ("第38条", ["art38"]),
        ("《医疗保障基金使用监督管理条例》第三十八条第（一）项、第四十条第（二）项", ["art38", "art40"]),
        ("行政处罚法第三十八条", []),
        ("行政处罚法第三十二条；条例第三十七条", ["art37"]),
        ("条例第一百三十八条", []),
        ("实施细则第三十八条", []),
        ("协议第三章", []),
        ("", []),
    ],
)
def test_an_article_is_known_as_documents_cite_it(text: str, keys: list[str]) -> None:
    assert [each.key for each in LAW.cited_in(text)] == keys


def test_a_fine_is_exact_to_the_fen() -> None:
    (article,) = LAW.cited_in("38")
    assert article.fine(Decimal("0.01")) == Span(least=Decimal("0.01"), most=Decimal("0.02"))
    assert article.fine(Decimal(0)) == Span(least=Decimal(0), most=Decimal(0))


def test_every_article_that_a_violation_falls_under_has_its_consequences() -> None:
    cited = {violation.article for violation in VIOLATION_TYPES if violation.article}
    assert [article for article in cited if not LAW.cited_in(f"条例{article}")] == []


def test_every_figure_names_its_source() -> None:
    assert all("domain.md" in article.source for article in LAW.articles)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"fine_times": {"least": 5, "most": 2}}, "请核对两个数"),
        ({"base": None}, "须一并写明"),
        ({"upto": 3}, "Extra inputs"),
    ],
)
def test_an_article_that_contradicts_itself_is_refused(change: dict[str, object], sentence: str) -> None:
    facts = LAW.model_dump(mode="json")
    facts["articles"] = [facts["articles"][2] | change]
    with pytest.raises(ValidationError, match=sentence):
        Law.model_validate(facts)


def test_an_article_is_written_once() -> None:
    facts = LAW.model_dump(mode="json")
    facts["articles"] = [facts["articles"][0]] * 2
    with pytest.raises(ValidationError, match="不止一次"):
        Law.model_validate(facts)
