"""Forms for whoever asks: empty, or exactly the one a unit's mails carry."""

from __future__ import annotations

import pytest

from include.domain.errors import NotFound
from include.domain.model import UnitKind
from include.steps import deliver, form_library, plan
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk


def test_what_the_campaign_asks_for_is_listed_apart_from_the_offices_own_ledgers(desk: Desk) -> None:
    issued = [each.form.key for each in form_library.issued(desk.campaign, desk.using)]
    registers = [form.key for form in form_library.registers(desk.campaign, desk.using)]
    assert issued == ["self_check", "inspection", "department_contribution"]
    assert {"clue", "tip", "case", "roster"} <= set(registers)
    assert not {"self_check", "inspection", "branch_progress", "agency_self_check"} & set(registers)


def test_a_unit_gets_the_workbook_its_mails_carry(desk: Desk) -> None:
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    deliver.notices(desk.campaign, on=LAUNCH_DAY, using=desk.using)
    mailed = {message.to: message.attachments[0] for message in desk.mail.sent}
    unit = next(each for each in desk.units if each.contact_email in mailed)
    name, content = form_library.for_unit(desk.campaign, desk.using.forms["self_check"], unit, desk.using)
    assert (name, content) == (mailed[str(unit.contact_email)].name, mailed[str(unit.contact_email)].content)


def test_before_the_phase_opens_a_unit_gets_it_as_well(bare: Desk) -> None:
    unit = factories.make_unit(1)
    name, _ = form_library.for_unit(bare.campaign, bare.using.forms["self_check"], unit, bare.using)
    assert name == f"{unit.code}_{unit.name}_自查自纠情况表.xlsx"


@pytest.mark.parametrize(
    ("form", "kind", "why"),
    [
        ("clue", UnitKind.RETAIL_PHARMACY, "没有单位专用表"),
        ("self_check", UnitKind.HANDLING_AGENCY, "不需要报送"),
        ("branch_progress", UnitKind.RETAIL_PHARMACY, "不需要报送"),
    ],
)
def test_nobody_gets_what_they_do_not_owe(desk: Desk, form: str, kind: UnitKind, why: str) -> None:
    unit = factories.make_unit(99, kind=kind)
    with pytest.raises(NotFound, match=why):
        form_library.for_unit(desk.campaign, form_library.form(form, desk.using), unit, desk.using)


def test_a_form_nobody_knows_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound, match="没有“spaceship”这张表"):
        form_library.form("spaceship", desk.using)
