"""The forms of a campaign for whoever asks for one: empty, or filled in beforehand for one unit as its mail has it."""

from __future__ import annotations

from dataclasses import dataclass

from include.domain.campaign import Campaign, Owed, Phase
from include.domain.errors import NotFound
from include.domain.forms import Form
from include.domain.units import Unit
from include.steps import write
from include.steps.ports import Gateways

NO_FORM = "没有“{key}”这张表，请从报表库进入。"
NOT_ISSUED = "《{title}》由办公室登记，不下发各单位，没有单位专用表。"
NOT_OWED = "“{unit}”是{kind}，在本次行动中不需要报送《{title}》。"


@dataclass(frozen=True, slots=True)
class Issued:
    """A form that is owed in a phase, and by whom."""

    form: Form
    phase: Phase
    owed: Owed


def issued(campaign: Campaign, using: Gateways) -> list[Issued]:
    """What units (or the office for them) report in the campaign, phase by phase."""
    return [
        Issued(using.forms[owed.form], phase, owed)
        for phase in campaign.phases
        for owed in phase.returns
        if owed.form in using.forms
    ]


def registers(campaign: Campaign, using: Gateways) -> list[Form]:
    """The ledgers and lists the office keeps itself; what units report in other campaigns is not among them."""
    owed = {each.form.key for each in issued(campaign, using)}
    return [form for key, form in using.forms.items() if not form.identified and key not in owed]


def form(key: str, using: Gateways) -> Form:
    """Raise NotFound."""
    if key not in using.forms:
        raise NotFound(NO_FORM.format(key=key))
    return using.forms[key]


def blank(of: Form, using: Gateways) -> tuple[str, bytes]:
    """Name and bytes of the form's sheets with nothing filled in: to look at, or for the office's own ledger."""
    return f"{of.title}_空白表.xlsx", using.workbooks.register(of, {})


def for_unit(campaign: Campaign, of: Form, unit: Unit, using: Gateways) -> tuple[str, bytes]:
    """Name and bytes of the unit's own workbook, as its mails carry it: of what it owes next, else owed last.

    Raise NotFound for a form that is not issued, or that the unit does not owe.
    """
    if not of.identified:
        raise NotFound(NOT_ISSUED.format(title=of.title))
    owed = using.ledger.obligations.owed_by(campaign.id, [unit.code], [of.key])
    debts = sorted(
        (debt for debts in owed.values() for debt in debts), key=lambda debt: (debt.is_settled, debt.due_on)
    )
    if debts:
        phase = campaign.phase(debts[0].phase_key)
        made = write.own_workbook(campaign, phase, debts[0], unit, using)
        return made.name, made.content
    for each in issued(campaign, using):
        if each.form.key == of.key and unit.kind in each.owed.owed_by:
            content = using.workbooks.prefilled(of, campaign, each.phase, unit)
            return write.workbook_name(unit, of.title), content
    raise NotFound(NOT_OWED.format(unit=unit.name, kind=unit.kind.zh, title=of.title))
