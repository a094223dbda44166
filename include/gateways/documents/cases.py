"""Typical cases (典型案例) out of the snapshot's decided cases, without anybody's name."""

from __future__ import annotations

from include.domain.campaign import Campaign
from include.domain.dates import zh_date
from include.domain.reports import Snapshot
from include.domain.snapshot_records import Case
from include.domain.violations import violation_zh
from include.gateways.documents.printed_numbers import Number
from include.gateways.register_words import DISPOSITIONS

MOST = 3

_ANONYMOUS = {
    "定点医疗机构": "某定点医疗机构",
    "定点零售药店": "某定点零售药店",
    "经办机构": "某医保经办机构",
    "参保人员": "某参保人员",
    "医疗机构工作人员": "某医疗机构工作人员",
}
_PERSONS = frozenset({"参保人员", "医疗机构工作人员"})


def typical_cases(campaign: Campaign, snapshot: Snapshot, *, major: bool = False) -> list[tuple[str, str]]:
    """Heading and text of the gravest decided cases of the period, or of its major ones.

    An institution is named only where the campaign is public and its case has been made public (公开曝光);
    a person never.
    """
    period = snapshot.period
    decided = [
        each
        for each in snapshot.cases
        if each.decided_on and period.start <= each.decided_on <= period.end and (each.is_major or not major)
    ]
    decided.sort(key=lambda each: (not each.is_major, -each.violation_amt, each.number))
    return [_told(campaign, each) for each in decided[:MOST]]


def _told(campaign: Campaign, case: Case) -> tuple[str, str]:
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
    words = (DISPOSITIONS.get(each, each) for each in case.dispositions)
    handled += [each for each in words if not _is_said_by_an_amount(each)]
    decided = f"{zh_date(case.decided_on)}依法依规作出处理" + (f"：{'，'.join(handled)}" if handled else "")
    return f"{party}{conduct}案", f"{found}。{decided}。"


def _party(campaign: Campaign, case: Case) -> str:
    may_be_named = campaign.is_public and case.published_on is not None and case.party not in _PERSONS
    return case.unit_name if may_be_named and case.unit_name else _ANONYMOUS.get(case.party, "某当事人")


def _is_said_by_an_amount(disposition: str) -> bool:
    return any(words in disposition for words in ("追回", "退回", "违约金", "罚款"))
