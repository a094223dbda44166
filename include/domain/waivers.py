"""A rule waived for one unit (豁免): by whom, why, until when. Never for all units, never for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from include.domain.dates import zh_date
from include.domain.forms import Form
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

    def covers(self, rule: str) -> bool:
        """Whether a finding of that rule is waived; a rule over several fields is waived at each of them."""
        return rule == self.rule or rule.startswith(f"{self.rule}.")

    def ended(self, on: date, *, by: str, reason: str) -> Waiver | None:
        """The waiver as it stands when it no longer holds from that day; None when it never held before.

        Raise ValueError without a reason or when it has run out already.
        """
        if not reason.strip():
            raise ValueError("撤销豁免必须写明理由")
        if on > self.expires_on:
            raise ValueError(f"这项豁免已于{zh_date(self.expires_on)}到期，不需要撤销")
        if on <= self.granted_on:
            return None
        told = f"{self.reason}（{zh_date(on)}由{by}撤销：{reason}）"
        return replace(self, expires_on=on - timedelta(days=1), reason=told)


def applied(findings: Iterable[Finding], waivers: Collection[Waiver], *, on: date) -> tuple[Finding, ...]:
    """The findings, those of a waived rule turned into information that says who waived it and until when.

    They stay visible: a waiver is printed with the report, it does not make a finding disappear.
    """
    holding = [waiver for waiver in waivers if waiver.holds(on)]

    def judged(finding: Finding) -> Finding:
        waiver = next((waiver for waiver in holding if waiver.covers(finding.rule)), None)
        if waiver is None or finding.severity is Severity.INFO:
            return finding
        note = f"{finding.message}（已由{waiver.approved_by}批准豁免至{zh_date(waiver.expires_on)}：{waiver.reason}）"
        return replace(finding, severity=Severity.INFO, message=note)

    return tuple(judged(finding) for finding in findings)


def why_not_waivable(form: Form, rule: str) -> str:
    """Why a rule of the form can be waived for nobody (a Chinese clause); empty when it can.

    What cannot be read or has no code cannot be counted, whoever allows it.
    """
    field, _, asked = rule.rpartition(".")
    column = next((each.column(field) for each in form.filled_sheets if each.has(field)), None)
    if column is None or any(each.key == rule for each in form.rules):
        return ""
    if asked == "readable":
        return f"“{column.label}”的内容无法识别就不能统计"
    if column.choice_list is not None and asked in {"choice", "required"}:
        return f"“{column.label}”是统计的分类依据，须从下拉列表中选择"
    return ""
