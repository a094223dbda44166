"""What a recurring return is compared with: the period it names, and what the same unit reported before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from include.domain.campaign import Campaign
from include.domain.collecting import calls
from include.domain.cumulative import fallen, numbers
from include.domain.dates import zh_date
from include.domain.model import Severity
from include.domain.obligations import Obligation
from include.domain.occasions import ONCE
from include.domain.returns import Finding, Reading, Verdict
from include.steps.ports import Gateways

PERIOD_END = "period_end"
ACCEPTED = frozenset({Verdict.ACCEPTED, Verdict.ACCEPTED_WITH_WARNINGS})


def period_end(reading: Reading) -> date | None:
    """The last day the return says it counts, when it says one."""
    for rows in reading.sheets.values():
        for row in rows:
            value = row.values.get(PERIOD_END)
            if isinstance(value, date):
                return value
    return None


def ends(campaign: Campaign, debts: Sequence[Obligation], using: Gateways) -> dict[str, date]:
    """Occasion → the last day of its period, for what recurs among the debts."""
    if all(each.occasion == ONCE for each in debts):
        return {}
    return {
        call.occasion: call.period.end
        for key in {each.phase_key for each in debts}
        for owed in campaign.phase(key).returns
        if owed.form == debts[0].form
        for call in calls(campaign, campaign.phase(key), owed, using.calendar)
        if call.period is not None
    }


def findings(
    campaign: Campaign, obligation: Obligation, reading: Reading, using: Gateways
) -> tuple[Finding, ...]:
    """What speaks against a recurring return: another period than asked for, numbers below those of before."""
    if obligation.occasion == ONCE:
        return ()
    return (*_other_period(campaign, obligation, reading, using), *_fallen(obligation, reading, using))


def _other_period(
    campaign: Campaign, obligation: Obligation, reading: Reading, using: Gateways
) -> tuple[Finding, ...]:
    wanted = ends(campaign, [obligation], using).get(obligation.occasion)
    said = period_end(reading)
    if wanted is None or said is None or said == wanted:
        return ()
    message = f"统计期间止填写的是“{said}”，本期应统计到{wanted}，已按本期收下；数据未统计到{wanted}的，请补充后重报"
    return (Finding("cumulative.period", message, Severity.WARNING, header="统计期间止", value=str(said)),)


def _fallen(obligation: Obligation, reading: Reading, using: Gateways) -> tuple[Finding, ...]:
    form = using.forms[obligation.form]
    debts = using.ledger.obligations.owed_by(
        obligation.campaign_id, [obligation.unit_code], [obligation.form]
    )[obligation.unit_code, obligation.form]
    earlier = [each for each in debts if each.due_on < obligation.due_on and each.accepted_on is not None]
    if not earlier:
        return ()
    last = earlier[-1]
    accepted = using.ledger.returns.of_obligation(last.id, verdict=Verdict.ACCEPTED)
    warned = using.ledger.returns.of_obligation(last.id, verdict=Verdict.ACCEPTED_WITH_WARNINGS)
    files = [file for file in (accepted, warned) if file is not None]
    if not files:
        return ()
    file = max(files, key=lambda each: each.id)
    before = numbers(form, using.workbooks.read(using.archive.get(file.sha256), using.forms))
    return tuple(fallen(form, reading, before, since=f"{zh_date(file.received_on)}所报上期"))
