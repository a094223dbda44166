"""Results of a run in words for the Airflow UI: counts in Chinese, no addresses, bounded in length."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from include.domain.campaign import Campaign, Phase
from include.domain.inbound import MessageKind
from include.domain.notices import NoticeState
from include.domain.plans import PlanCounts, PlanLine, Reason
from include.domain.returns import Verdict
from include.steps.ports import Gateways

log = logging.getLogger(__name__)

MOST_LINES = 500
"""Longer plans are shown in full by ``python -m include.cli reminders due``; XCom is no archive."""


def plan(campaign: Campaign, lines: Sequence[PlanLine]) -> dict[str, Any]:
    """A plan unit by unit: 拟发送 and 不发送, each with its reason; counts (家) first."""
    for line in lines:
        log.info("%s %s：%s", line.unit_code, line.unit_name, sentence(campaign, line))
    return {
        "合计": counts(_summary(lines)),
        "拟发送": [_shown(campaign, line) for line in lines if line.reason is Reason.SEND][:MOST_LINES],
        "不发送": [_shown(campaign, line) for line in lines if line.reason is not Reason.SEND][:MOST_LINES],
    }


def sentence(campaign: Campaign, line: PlanLine) -> str:
    """Why this unit is, or is not, written to."""
    if line.reason is not Reason.SEND:
        return line.reason.zh
    steps = {step.key: step.title for step in campaign.ladder}
    return f"拟发送：{steps.get(line.step_key or '', '启动通知')}（截止日{line.due_on}）"


def counts(planned: PlanCounts) -> dict[str, int]:
    """How many notices (封) were entered, and how many units (家) were left out for which reason."""
    return {"列入发送": planned.entered} | {
        reason.zh: number for reason, number in sorted(planned.left_out.items(), key=lambda item: item[0])
    }


def verdicts(judged: Mapping[Verdict, int]) -> dict[str, int]:
    """Files (份) by verdict."""
    return {verdict.zh: number for verdict, number in judged.items()}


def outcomes(sent: Mapping[NoticeState, int]) -> dict[str, int]:
    """Mails (封) by what became of them."""
    return {state.zh: number for state, number in sent.items()}


def messages(received: Mapping[MessageKind, int]) -> dict[str, int]:
    """Messages (封) by kind."""
    return {kind.zh: number for kind, number in received.items()}


def progress(campaign: Campaign, phase: Phase, *, using: Gateways) -> dict[str, int]:
    """What is owed once in the phase (家) by state, and its total; what recurs (份) behind it, of all occasions."""
    states = using.ledger.obligations.counts(campaign.id, phase.key, is_recurring=False)
    shown = {state.zh: number for state, number in states.items() if number}
    figures = {"应报": sum(states.values())} | shown
    log.info("%s：%s", phase.title, "，".join(f"{name}{number}家" for name, number in figures.items()))
    return figures | recurring(campaign, phase, using=using)


def recurring(campaign: Campaign, phase: Phase, *, using: Gateways) -> dict[str, int]:
    """What is owed again and again (份) by state, of all occasions; empty where nothing recurs."""
    states = using.ledger.obligations.counts(campaign.id, phase.key, is_recurring=True)
    if not states:
        return {}
    figures = {"各期应报": sum(states.values())} | {
        f"各期{state.zh}": number for state, number in states.items()
    }
    log.info("按期次报送：%s", "，".join(f"{name}{number}份" for name, number in figures.items()))
    return figures


def _summary(lines: Sequence[PlanLine]) -> PlanCounts:
    tally = Counter(line.reason for line in lines)
    return PlanCounts(entered=tally.pop(Reason.SEND, 0), left_out=dict(tally))


def _shown(campaign: Campaign, line: PlanLine) -> str:
    return f"{line.unit_code} {line.unit_name}：{sentence(campaign, line)}"
