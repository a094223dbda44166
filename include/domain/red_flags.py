"""Signs that a self-check was perfunctory (敷衍了事、避重就轻、隐瞒不报): for staff who choose samples.

A flag is a reason to look, never a finding against a unit, and is never sent to it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import median

from include.domain.returns import SelfCheckItem

FEW_HITS = 3
LARGE_SUSPICION = Decimal(10_000)
"""Suspect amount (元) from which fewer hits say enough against a zero return."""
LOW_SHARE = Decimal("0.2")
SHORTEST_COPY = 12
FEW_PEERS = 5
"""Other units (家) of the same kind and level below which there is nothing to compare with."""
MOST_PEERS = Decimal("0.8")


class Flag(StrEnum):
    ZERO_DESPITE_HITS = "zero_despite_hits"
    FAR_BELOW_SCREENING = "far_below_screening"
    SAME_WORDS = "same_words"
    NO_FUND_MONEY = "no_fund_money"
    NOT_REFUNDED = "not_refunded"
    ZERO_AMONG_PEERS = "zero_among_peers"
    FAR_BELOW_PEERS = "far_below_peers"

    @property
    def weight(self) -> int:
        """How much it counts in the order of sampling; screening has seen the unit's own settlements."""
        return _WEIGHTS[self]

    @property
    def zh(self) -> str:
        return {
            Flag.ZERO_DESPITE_HITS: "零报告但筛查有疑点",
            Flag.FAR_BELOW_SCREENING: "自查金额明显低于筛查疑点金额",
            Flag.SAME_WORDS: "问题描述与其他单位雷同",
            Flag.NO_FUND_MONEY: "所报问题均不涉及医保基金",
            Flag.NOT_REFUNDED: "应退金额未退回",
            Flag.ZERO_AMONG_PEERS: "零报告但同类单位多有问题",
            Flag.FAR_BELOW_PEERS: "自查金额明显低于同类单位",
        }[self]


_WEIGHTS = {
    Flag.ZERO_DESPITE_HITS: 5,
    Flag.FAR_BELOW_SCREENING: 4,
    Flag.SAME_WORDS: 3,
    Flag.ZERO_AMONG_PEERS: 2,
    Flag.FAR_BELOW_PEERS: 2,
    Flag.NO_FUND_MONEY: 2,
    Flag.NOT_REFUNDED: 1,
}


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """An accepted return as far as flags look at it; ``peers`` names the units it is compared with."""

    unit_code: str
    is_zero: bool
    items: tuple[SelfCheckItem, ...]
    peers: str = ""

    @property
    def violation_amt(self) -> Decimal:
        return sum((item.violation_amt for item in self.items), Decimal(0))


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening found at a unit: hits (条) and suspect amount (元), a suspicion and no violation.

    ``high`` are those of high risk (条); ``models`` say which rules found how many (条), the most first.
    """

    hits: int
    suspect_amt: Decimal
    high: int = 0
    models: tuple[tuple[str, int], ...] = ()

    @property
    def by_model(self) -> str:
        """Which rules found them, in words; empty where that is not known."""
        return "、".join(f"{model}{hits}条" for model, hits in self.models)


@dataclass(frozen=True, slots=True)
class RedFlag:
    unit_code: str
    flag: Flag
    why: str


@dataclass(frozen=True, slots=True)
class Flagged:
    """A unit to be looked at, its gravest flag first."""

    unit_code: str
    flags: tuple[RedFlag, ...]

    @property
    def weight(self) -> int:
        return sum(each.flag.weight for each in self.flags)


@dataclass(frozen=True, slots=True)
class Peers:
    """What the units of one kind and level reported: all (家), zero returns (家), 元 in the middle of the others."""

    name: str
    units: int
    zero: int
    middle_amt: Decimal


def ranked(flags: Sequence[RedFlag]) -> list[Flagged]:
    """Units in the order in which they should be looked at; equals by code."""
    by_unit: defaultdict[str, list[RedFlag]] = defaultdict(list)
    for each in flags:
        by_unit[each.unit_code].append(each)
    flagged = [
        Flagged(code, tuple(sorted(found, key=lambda each: (-each.flag.weight, each.flag))))
        for code, found in by_unit.items()
    ]
    return sorted(flagged, key=lambda each: (-each.weight, each.unit_code))


def red_flags(returns: Sequence[SelfCheck], screened: Mapping[str, Screened]) -> list[RedFlag]:
    """Every flag with its reason in Chinese, by unit code. Units without screening are not compared with it."""
    copies, peers = _copied_descriptions(returns), _peers(returns)
    found = [
        flag
        for each in returns
        for flag in (
            *_against_screening(each, screened.get(each.unit_code)),
            *_against_peers(each, peers[each.peers]),
            *_in_itself(each),
            *_copied(each, copies),
        )
    ]
    return sorted(found, key=lambda flag: (flag.unit_code, flag.flag))


def _peers(returns: Sequence[SelfCheck]) -> dict[str, Peers]:
    groups: defaultdict[str, list[SelfCheck]] = defaultdict(list)
    for each in returns:
        groups[each.peers].append(each)
    return {
        name: Peers(
            name=name,
            units=len(group),
            zero=sum(each.is_zero for each in group),
            middle_amt=median([each.violation_amt for each in group if not each.is_zero] or [Decimal(0)]),
        )
        for name, group in groups.items()
    }


def _against_peers(each: SelfCheck, peers: Peers) -> Iterator[RedFlag]:
    others = peers.units - 1
    if others < FEW_PEERS:
        return
    found = peers.units - peers.zero
    if each.is_zero and found >= others * MOST_PEERS:
        share = Decimal(found) * 100 / others
        why = f"报送零报告，而其他{others}家{peers.name}中有{found}家查出问题，占{share:.1f}%"
        yield RedFlag(each.unit_code, Flag.ZERO_AMONG_PEERS, why)
    elif not each.is_zero and each.violation_amt < peers.middle_amt * LOW_SHARE:
        share = each.violation_amt * 100 / peers.middle_amt
        why = (
            f"自查违规金额{each.violation_amt:,.2f}元，仅为{found}家查出问题的{peers.name}"
            f"中位数{peers.middle_amt:,.2f}元的{share:.1f}%"
        )
        yield RedFlag(each.unit_code, Flag.FAR_BELOW_PEERS, why)


def _against_screening(each: SelfCheck, screened: Screened | None) -> Iterator[RedFlag]:
    if screened is None:
        return
    if each.is_zero and (screened.hits >= FEW_HITS or screened.suspect_amt >= LARGE_SUSPICION):
        by_model = f"（{screened.by_model}）" if screened.models else ""
        why = f"报送零报告，但筛查有{screened.hits}条疑点{by_model}，疑点金额{screened.suspect_amt:,.2f}元"
        yield RedFlag(each.unit_code, Flag.ZERO_DESPITE_HITS, why)
    elif not each.is_zero and each.violation_amt < screened.suspect_amt * LOW_SHARE:
        share = each.violation_amt * 100 / screened.suspect_amt
        why = (
            f"自查违规金额{each.violation_amt:,.2f}元，仅为筛查疑点金额"
            f"{screened.suspect_amt:,.2f}元的{share:.1f}%"
        )
        yield RedFlag(each.unit_code, Flag.FAR_BELOW_SCREENING, why)


def _in_itself(each: SelfCheck) -> Iterator[RedFlag]:
    if not each.items:
        return
    fund = sum((item.fund_amt for item in each.items), Decimal(0))
    refunded = sum((item.refunded_amt for item in each.items), Decimal(0))
    if fund == 0:
        yield RedFlag(each.unit_code, Flag.NO_FUND_MONEY, f"所报{len(each.items)}条问题的医保基金金额均为0")
    elif refunded == 0:
        yield RedFlag(each.unit_code, Flag.NOT_REFUNDED, f"应退医保基金{fund:,.2f}元，尚未退回")


def _copied(each: SelfCheck, copies: Mapping[str, frozenset[str]]) -> Iterator[RedFlag]:
    same = {
        other
        for item in each.items
        for other in copies.get(_bare(item.description), frozenset())
        if other != each.unit_code
    }
    if same:
        why = f"问题描述与{len(same)}家单位完全相同（如{min(same)}），疑为照抄"
        yield RedFlag(each.unit_code, Flag.SAME_WORDS, why)


def _copied_descriptions(returns: Sequence[SelfCheck]) -> dict[str, frozenset[str]]:
    """Descriptions long enough to be no coincidence, with the units that use them."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for each in returns:
        for item in each.items:
            words = _bare(item.description)
            if len(words) >= SHORTEST_COPY:
                users[words].add(each.unit_code)
    return {words: frozenset(codes) for words, codes in users.items() if len(codes) > 1}


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
