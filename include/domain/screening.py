"""Screening rules (疑点筛查模型) as facts: what they say, their parameters with bounds, what a hit is, how it is scored.

A hit is a suspicion, not a violation. Metadata follow the rule cards of the national 知识库、规则库.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from include.domain.campaign import PostRole
from include.domain.errors import GiveUp

LARGE, MIDDLE = Decimal(10_000), Decimal(1_000)
"""Suspect amounts (元) from which a hit is 高, 中."""
FRAUD_NUMBERS = frozenset({"S08", "S09", "S18", "S26"})
MANY_MODELS = 3
OWN_SCREENING = "LOCAL_MODEL"
"""The source (线索来源) of a clue that own screening entered."""
ENOUGH_VERIFIED = 10
"""Verified clues (条) below which a rule's precision says nothing."""
MAY_SEE_PERSONS = frozenset({PostRole.OFFICE_DIRECTOR, PostRole.HANDLING_UNIT})
"""The posts whose evidence annex may show an insured person's number; all others see a pseudonym."""
CONFIRMED = ("查实", "部分查实")
WRONG = ("不属实", "正常（有合理解释）")


@dataclass(frozen=True, slots=True)
class Threshold:
    """An approved change of a rule's parameter for one campaign, in force from ``effective_from`` on."""

    number: str
    parameter: str
    value: Decimal
    effective_from: date
    reason: str
    approved_by: str


def in_force(changes: Iterable[Threshold], *, on: date) -> dict[str, dict[str, Decimal]]:
    """Rule number → its changed parameters on that day; of several changes the last entered holds."""
    found: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for each in sorted(
        (each for each in changes if each.effective_from <= on), key=lambda e: e.effective_from
    ):
        found[each.number][each.parameter] = each.value
    return dict(found)


class Result(StrEnum):
    """规则运行结果类型."""

    SUSPECT = "可疑"
    BREACH = "违规"


class Scene(StrEnum):
    """应用场景."""

    INPATIENT = "住院"
    OUTPATIENT = "门（急）诊"
    PHARMACY = "购药"
    NON_LOCAL = "异地就医"
    ALL = "全部"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold with its bounds, both included."""

    name: str
    title: str
    default: Decimal
    least: Decimal
    most: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A model of domain.md §5.2. ``interval`` is 时间区间; ``inputs`` are bureau lists it cannot run without."""

    key: str
    number: str
    title: str
    basis: str
    logic: str
    result: Result
    interval: str
    scene: Scene
    version: str
    effective_from: date
    parameters: tuple[Parameter, ...] = ()
    caveats: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    def frozen(self, changed: Mapping[str, Decimal] | None = None) -> dict[str, Decimal]:
        """All parameters of a run. Raise GiveUp for one that is unknown or out of bounds."""
        known = {each.name: each for each in self.parameters}
        values = {each.name: each.default for each in self.parameters}
        for name, value in (changed or {}).items():
            if (parameter := known.get(name)) is None:
                listed = "、".join(known) or "（无）"
                raise GiveUp(f"规则{self.number}“{self.title}”没有参数“{name}”；可选：{listed}")
            if not parameter.least <= value <= parameter.most:
                raise GiveUp(
                    f"规则{self.number}“{self.title}”的{parameter.title}填写的是{value}，"
                    f"应在{parameter.least}至{parameter.most}{parameter.unit}之间"
                )
            values[name] = value
        return values


@dataclass(frozen=True, slots=True)
class Hit:
    """One suspicion: model × institution × person × window. ``psn_no`` is empty for one of an institution alone.

    ``visits`` and ``lines`` are the evidence; ``amount`` is in-scope 元; ``facts`` are what the sentence was made of.
    """

    number: str
    version: str
    fixmedins_code: str
    psn_no: str
    window_start: date
    window_end: date
    quantity: Decimal
    amount: Decimal
    visits: tuple[str, ...]
    lines: tuple[str, ...]
    facts: Mapping[str, object]
    sentence: str = ""

    @property
    def key(self) -> tuple[str, str, str, date]:
        """The same suspicion found again has the same key."""
        return self.number, self.fixmedins_code, self.psn_no, self.window_start


@dataclass(frozen=True, slots=True)
class RuleRun:
    """One rule in one run, frozen: version, parameters, hits (条) found, and why it was left out if it was."""

    number: str
    version: str
    parameters: Mapping[str, Decimal]
    hits: int = 0
    left_out: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run: ``scope`` in words, hits (条) found, and how many of them became new clues.

    ``trends``: SHA-256 of the table of watched items in the archive, empty where the bureau watches none.
    """

    ran_on: date
    scope: str
    rules: tuple[RuleRun, ...]
    hits: int
    entered: int
    trends: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    hit: Hit
    risk: str


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution's hits: 条, 元, different models, and the share (%) of its peers it is above."""

    code: str
    hits: int
    amount: Decimal
    models: int
    percentile: int


@dataclass(frozen=True, slots=True)
class Precision:
    """What verification said of the clues (条) of a rule in one version; the version is empty where no run tells it."""

    number: str
    version: str
    confirmed: int
    wrong: int
    undecided: int

    @property
    def decided(self) -> int:
        return self.confirmed + self.wrong

    @property
    def share(self) -> Decimal | None:
        """Confirmed of those decided, in percent; None while nothing is decided."""
        return (
            (Decimal(100) * self.confirmed / self.decided).quantize(Decimal("0.1")) if self.decided else None
        )

    @property
    def is_mostly_wrong(self) -> bool:
        return self.decided >= ENOUGH_VERIFIED and self.wrong > self.confirmed

    @property
    def sentence(self) -> str:
        rule = f"{self.number}（版本{self.version}）" if self.version else self.number
        if self.share is None:
            return f"{rule}：尚无核查结论"
        said = f"{rule}：已核查{self.decided}条，查实{self.confirmed}条，查实率{self.share}%"
        if self.decided < ENOUGH_VERIFIED:
            return f"{said}；不足{ENOUGH_VERIFIED}条，暂不评价"
        return f"{said}；多数不属实，建议调整参数或停用" if self.is_mostly_wrong else said


def distinct(hits: Iterable[Hit]) -> list[Hit]:
    """One hit per key, that of the largest amount, ordered by key."""
    kept: dict[tuple[str, str, str, date], Hit] = {}
    for each in hits:
        there = kept.get(each.key)
        if there is None or (each.amount, each.visits) > (there.amount, there.visits):
            kept[each.key] = each
    return [kept[key] for key in sorted(kept)]


def scored(hits: Sequence[Hit]) -> list[Scored]:
    """Each hit with its risk (domain.md §5.3). A subject is a person at any institution, or an institution."""
    models: defaultdict[str, set[str]] = defaultdict(set)
    for each in hits:
        models[each.psn_no or each.fixmedins_code].add(each.number)
    return [
        Scored(each, _risk(each, len(models[each.psn_no or each.fixmedins_code]) >= MANY_MODELS))
        for each in hits
    ]


def _risk(hit: Hit, many: bool) -> str:
    if hit.number in FRAUD_NUMBERS or hit.amount >= LARGE or many:
        return "高"
    return "中" if hit.amount >= MIDDLE else "低"


def by_institution(hits: Sequence[Hit], peers: Mapping[str, str] | None = None) -> list[Institution]:
    """Institutions by suspect amount, the largest first. ``peers``: institution → the group it is compared with."""
    groups: defaultdict[str, list[Hit]] = defaultdict(list)
    for each in hits:
        groups[each.fixmedins_code].append(each)
    amounts = {code: sum((each.amount for each in found), Decimal(0)) for code, found in groups.items()}
    peer = {code: (peers or {}).get(code, code[:1]) for code in amounts}
    by_peer: defaultdict[str, list[Decimal]] = defaultdict(list)
    for code, amount in amounts.items():
        by_peer[peer[code]].append(amount)
    return sorted(
        (
            Institution(
                code,
                len(found),
                amounts[code],
                len({each.number for each in found}),
                100 * sum(other < amounts[code] for other in by_peer[peer[code]]) // len(by_peer[peer[code]]),
            )
            for code, found in groups.items()
        ),
        key=lambda each: (-each.amount, each.code),
    )


def precision(results: Iterable[tuple[str, str, str]]) -> list[Precision]:
    """Of (rule number, version, verification result); an empty result counts as undecided."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for number, version, result in results:
        found[number, version].append(result)
    return [
        Precision(
            number,
            version,
            sum(each in CONFIRMED for each in said),
            sum(each in WRONG for each in said),
            sum(each not in CONFIRMED and each not in WRONG for each in said),
        )
        for (number, version), said in sorted(found.items())
    ]
