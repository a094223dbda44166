"""Flags are reasons to look; a sound return gets none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from include.domain.red_flags import FEW_PEERS, Flag, RedFlag, Screened, SelfCheck, ranked, red_flags
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
        pytest.param(check("A"), (1, "9999.99"), [], id="one hit of little money"),
        pytest.param(check("A"), (1, "10000"), [Flag.ZERO_DESPITE_HITS], id="zero return, much money"),
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


def peers(count: int, amount: str, *, kind: str = "定点零售药店") -> list[SelfCheck]:
    """So many units that report this amount, each in its own words."""
    return [
        SelfCheck(f"Z{n}", is_zero=False, items=(item(amount=amount, text=f"{n}" * 20),), peers=kind)
        for n in range(1, count + 1)
    ]


def among(each: SelfCheck, others: list[SelfCheck], *, kind: str = "定点零售药店") -> list[Flag]:
    own = SelfCheck(each.unit_code, each.is_zero, each.items, peers=kind)
    return [flag.flag for flag in red_flags([own, *others], {}) if flag.unit_code == each.unit_code]


@pytest.mark.parametrize(
    ("returned", "others", "expected"),
    [
        pytest.param(check("A"), peers(5, "1000"), [Flag.ZERO_AMONG_PEERS], id="zero among five"),
        pytest.param(check("A"), peers(4, "1000"), [], id="too few peers to say anything"),
        pytest.param(check("A"), peers(9, "1000", kind="定点医疗机构"), [], id="others of another kind"),
        pytest.param(
            check("A"),
            [*peers(4, "1000"), SelfCheck("Y1", True, (), "定点零售药店")],
            [Flag.ZERO_AMONG_PEERS],
            id="four of five others found something",
        ),
        pytest.param(
            check("A"),
            [*peers(4, "1000"), *(SelfCheck(f"Y{n}", True, (), "定点零售药店") for n in (1, 2))],
            [],
            id="four of six are not most",
        ),
        pytest.param(
            check("A", item(amount="199")), peers(5, "1000"), [Flag.FAR_BELOW_PEERS], id="below a fifth"
        ),
        pytest.param(check("A", item(amount="200")), peers(5, "1000"), [], id="exactly a fifth"),
        pytest.param(check("A", item(amount="0")), peers(5, "0"), [], id="nobody reports money"),
    ],
)
def test_peers_are_units_of_the_same_kind_and_level(
    returned: SelfCheck, others: list[SelfCheck], expected: list[Flag]
) -> None:
    assert among(returned, others) == expected


def test_every_reason_names_its_figures() -> None:
    own = SelfCheck("A", True, (), "定点零售药店")
    [flag] = red_flags([own, *peers(FEW_PEERS, "1000")], {})
    assert flag.why == "报送零报告，而其他5家定点零售药店中有5家查出问题，占100.0%"


def test_the_gravest_case_comes_first_and_equals_by_code() -> None:
    found = [
        RedFlag("C", Flag.NOT_REFUNDED, "…"),
        RedFlag("A", Flag.NOT_REFUNDED, "…"),
        RedFlag("B", Flag.NOT_REFUNDED, "…"),
        RedFlag("B", Flag.SAME_WORDS, "…"),
    ]
    order = ranked(found)
    assert [unit.unit_code for unit in order] == ["B", "A", "C"]
    assert [each.flag for each in order[0].flags] == [Flag.SAME_WORDS, Flag.NOT_REFUNDED]
