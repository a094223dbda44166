"""Hold inspections, cases and inspection teams against the register of officers' certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from include.domain.cases import Fault
from include.domain.errors import GiveUp
from include.domain.inspection_plans import Teams
from include.domain.officers import RULE, Certificate, certificates, invalid, too_few
from include.domain.returns import Value
from include.steps.ports import Gateways

OFFICER = "officer"
STARTED = {"case": "filed_on", "inspection": "start_on"}
"""Table → the day on which the certificates must be valid."""


def known(using: Gateways) -> list[Certificate]:
    """The certificates of all campaigns: an officer serves the bureau, not one campaign."""
    register = using.ledger.registers.of_all_campaigns(using.forms[OFFICER])
    return certificates({**record.values, "number": record.number} for record in register)


def faults(table: str, values: Mapping[str, Value], held: Sequence[Certificate]) -> Iterator[Fault]:
    """Officers of a case or an inspection who may not act, or are too few once some have recused themselves."""
    on = values.get(STARTED.get(table, ""))
    if isinstance(on, date):
        why = too_few(str(values.get("officers") or ""), str(values.get("recused") or ""), held, on)
        if why:
            yield Fault("officers", "officers_valid", f"执法人员{why}")


def refuse_invalid(teams: Teams, *, on: date, using: Gateways) -> None:
    """Raise GiveUp when a team has an officer without a certificate valid that day."""
    held = known(using)
    wrong = [
        f"“{team.name}”的{number}{why}"
        for team in teams.teams
        for number, why in invalid(team.officers, held, on).items()
    ]
    if wrong:
        raise GiveUp(f"检查组中{'；'.join(wrong)}，请更换后重排，或在执法人员名录中更新有效期（{RULE}）")
