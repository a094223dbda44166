"""Typical cases (典型案例) out of the snapshot's decided cases, without anybody's name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Protocol

from include.domain.campaign import Campaign
from include.domain.dates import zh_date
from include.domain.reports import Snapshot
from include.domain.violations import violation_zh
from include.gateways.documents.printed_numbers import Number

MOST = 3

_ANONYMOUS = {
    "定点医疗机构": "某定点医疗机构",
    "定点零售药店": "某定点零售药店",
    "医保经办机构": "某医保经办机构",
    "参保人员": "某参保人员",
    "医疗机构工作人员": "某医疗机构工作人员",
}
_PERSONS = frozenset({"参保人员", "医疗机构工作人员"})


class DecidedCase(Protocol):
    """A case of the snapshot. ``unit_name`` is empty for a person; amounts are 元."""

    @property
    def number(self) -> str: ...
    @property
    def party(self) -> str: ...
    @property
    def unit_name(self) -> str: ...
    @property
    def conduct(self) -> str: ...
    @property
    def decided_on(self) -> date | None: ...
    @property
    def published_on(self) -> date | None: ...
    @property
    def dispositions(self) -> tuple[str, ...]: ...
    @property
    def is_major(self) -> bool: ...
    @property
    def violation_amt(self) -> Decimal: ...
    @property
    def recoup_due(self) -> Decimal: ...
    @property
    def damages_amt(self) -> Decimal: ...
    @property
    def fine_amt(self) -> Decimal: ...


def typical_cases(campaign: Campaign, snapshot: Snapshot, *, major: bool = False) -> list[tuple[str, str]]:
    """Heading and text of the gravest decided cases of the period, or of its major ones.

    An institution is named only where the campaign is public and its case has been made public (公开曝光);
    a person never.
    """
    period = snapshot.period
    cases: Iterable[DecidedCase] = snapshot.cases
    decided = [
        each
        for each in cases
        if each.decided_on and period.start <= each.decided_on <= period.end and (each.is_major or not major)
    ]
    decided.sort(key=lambda each: (not each.is_major, -each.violation_amt, each.number))
    return [_told(campaign, each) for each in decided[:MOST]]


def _told(campaign: Campaign, case: DecidedCase) -> tuple[str, str]:
    party, conduct = (
        _party(campaign, case),
        violation_zh(case.conduct) if case.conduct.isascii() else case.conduct,
    )
    assert case.decided_on is not None
    found = f"经查，{party}存在{conduct}的行为"
    if case.violation_amt:
        found += f"，涉及违规金额{Number(case.violation_amt, '万元')}"
    handled = [
        f"{words}{Number(amount, '万元')}"
        for words, amount in (
            ("责令退回医保基金", case.recoup_due),
            ("收取违约金", case.damages_amt),
            ("处以罚款", case.fine_amt),
        )
        if amount
    ]
    handled += [each for each in case.dispositions if not _is_said_by_an_amount(each)]
    decided = f"{zh_date(case.decided_on)}依法依规作出处理" + (f"：{'，'.join(handled)}" if handled else "")
    return f"{party}{conduct}案", f"{found}。{decided}。"


def _party(campaign: Campaign, case: DecidedCase) -> str:
    may_be_named = campaign.is_public and case.published_on is not None and case.party not in _PERSONS
    return case.unit_name if may_be_named and case.unit_name else _ANONYMOUS.get(case.party, "某当事人")


def _is_said_by_an_amount(disposition: str) -> bool:
    return any(words in disposition for words in ("追回", "退回", "违约金", "罚款"))
