"""A rule waived for one unit (豁免): by whom, why, until when. Never for all units, never for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from include.domain.dates import zh_date
from include.domain.model import Severity
from include.domain.returns import Finding


@dataclass(frozen=True, slots=True)
class Waiver:
    """``rule`` is a rule's key in the form; ``approved_by`` a post or account; the last day is included."""

    unit_code: str
    form: str
    rule: str
    reason: str
    approved_by: str
    granted_on: date
    expires_on: date

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("豁免必须写明理由")
        if not self.approved_by.strip():
            raise ValueError("豁免必须写明批准岗位")
        if self.expires_on < self.granted_on:
            raise ValueError(
                f"豁免的到期日（{self.expires_on}）早于批准日（{self.granted_on}），请核对两个日期"
            )

    def holds(self, on: date) -> bool:
        return self.granted_on <= on <= self.expires_on


def applied(findings: Iterable[Finding], waivers: Collection[Waiver], *, on: date) -> tuple[Finding, ...]:
    """The findings, those of a waived rule turned into information that says who waived it and until when.

    They stay visible: a waiver is printed with the report, it does not make a finding disappear.
    """
    by_rule = {waiver.rule: waiver for waiver in waivers if waiver.holds(on)}

    def judged(finding: Finding) -> Finding:
        waiver = by_rule.get(finding.rule)
        if waiver is None or finding.severity is Severity.INFO:
            return finding
        note = f"{finding.message}（已由{waiver.approved_by}批准豁免至{zh_date(waiver.expires_on)}：{waiver.reason}）"
        return replace(finding, severity=Severity.INFO, message=note)

    return tuple(judged(finding) for finding in findings)
