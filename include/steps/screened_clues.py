"""What own screening has found so far, as the clue register keeps it: by institution, and by rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal

from include.domain.campaign import Campaign
from include.domain.red_flags import Screened
from include.domain.registers import UNIT
from include.domain.returns import Value
from include.domain.screening import WRONG, Precision, precision
from include.steps.ports import Gateways

FORM = "clue"
SOURCE = "本地大数据筛查"
Facts = Mapping[str, Value]


def by_unit(campaign: Campaign, *, using: Gateways) -> dict[str, Screened]:
    """Institution → clues of own screening (条) and their suspect amount (元), without those found to be wrong."""
    standing: defaultdict[str, list[Facts]] = defaultdict(list)
    for each in own(campaign, using=using):
        if each.get(UNIT) and each.get("result") not in WRONG:
            standing[str(each[UNIT])].append(each)
    return {code: _screened(found) for code, found in standing.items()}


def verified(campaign: Campaign, *, using: Gateways) -> list[Precision]:
    """What verification has said of each rule so far."""
    return precision(
        (str(each.get("model_code"))[:3], str(each.get("result") or ""))
        for each in own(campaign, using=using)
    )


def own(campaign: Campaign, *, using: Gateways) -> list[Facts]:
    """The clues of own screening, in the order of entry."""
    if FORM not in using.forms:
        return []
    kept = using.ledger.registers.records(campaign.id, using.forms[FORM])[FORM]
    return [each.values for each in kept.values() if is_own(each.values)]


def is_own(clue: Facts) -> bool:
    return clue.get("source") == SOURCE


def key_of(clue: Facts) -> tuple[str, str, str, str]:
    """Rule, institution, person and first day: the same suspicion found again has the same key."""
    return (
        str(clue.get("model_code"))[:3],
        str(clue.get(UNIT) or ""),
        str(clue.get("psn_no") or ""),
        str(clue.get("window_start")),
    )


def _screened(found: list[Facts]) -> Screened:
    models = Counter(str(each.get("model_code")) for each in found)
    return Screened(
        hits=len(found),
        suspect_amt=sum((Decimal(str(each.get("suspect_amt") or 0)) for each in found), Decimal(0)),
        high=sum(each.get("risk_level") == "高" for each in found),
        models=tuple(sorted(models.items(), key=lambda each: (-each[1], each[0]))),
    )
