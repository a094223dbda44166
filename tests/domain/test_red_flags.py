"""Flags are reasons to look; a sound return gets none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from include.domain.red_flags import Flag, Screened, SelfCheck, red_flags
from include.domain.returns import SelfCheckItem


def item(
    *,
    amount: str = "1000",
    fund: str = "800",
    refunded: str = "800",
    text: str = "住院期间重复收取一般诊疗费",
) -> SelfCheckItem:
    return SelfCheckItem(
        1, "其他", "DUPLICATE_CHARGE", text, 1, 1, Decimal(amount), Decimal(fund), Decimal(refunded), "已整改"
    )


def check(code: str, *items: SelfCheckItem) -> SelfCheck:
    return SelfCheck(code, is_zero=not items, items=items)


def flags(*returns: SelfCheck, **screened: tuple[int, str]) -> list[tuple[str, Flag]]:
    found = red_flags(returns, {code: Screened(n, Decimal(amount)) for code, (n, amount) in screened.items()})
    return [(flag.unit_code, flag.flag) for flag in found]


@pytest.mark.parametrize(
    ("returned", "screened", "expected"),
    [
        pytest.param(check("A", item()), None, [], id="a sound return"),
        pytest.param(check("A"), None, [], id="a zero return without screening"),
        pytest.param(check("A"), (2, "900"), [], id="too few hits to say anything"),
        pytest.param(check("A"), (3, "900"), [Flag.ZERO_DESPITE_HITS], id="zero return, three hits"),
        pytest.param(
            check("A", item(amount="199")), (5, "1000"), [Flag.FAR_BELOW_SCREENING], id="below a fifth"
        ),
        pytest.param(check("A", item(amount="200")), (5, "1000"), [], id="exactly a fifth"),
        pytest.param(
            check("A", item(fund="0", refunded="0")), None, [Flag.NO_FUND_MONEY], id="no fund money"
        ),
        pytest.param(check("A", item(refunded="0")), None, [Flag.NOT_REFUNDED], id="nothing refunded"),
        pytest.param(check("A", item(refunded="1")), None, [], id="refunding has begun"),
    ],
)
def test_a_flag_is_raised_exactly_when(
    returned: SelfCheck, screened: tuple[int, str] | None, expected: list[Flag]
) -> None:
    given = {"A": screened} if screened else {}
    assert flags(returned, **given) == [("A", flag) for flag in expected]


def test_copied_words_flag_both_units_whatever_their_punctuation() -> None:
    one, other = check("A", item()), check("B", item(text="住院期间，重复收取“一般诊疗费”。"))
    assert flags(one, other) == [("A", Flag.SAME_WORDS), ("B", Flag.SAME_WORDS)]


@pytest.mark.parametrize("text", ["未发现问题", "重复收费一次"])
def test_short_phrases_anybody_would_use_are_no_copy(text: str) -> None:
    assert flags(check("A", item(text=text)), check("B", item(text=text))) == []


def test_repeating_oneself_is_no_copy() -> None:
    assert flags(check("A", item(), item())) == []
