"""Cities are scored from the ledgers, each for what it answers for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from include.domain.errors import GiveUp
from include.domain.model import UnitKind
from include.gateways.workbooks import Workbooks
from include.steps import assess, open_phase
from tests import factories
from tests.gateways.workbook_builders import KEY
from tests.steps.conftest import Desk
from tests.steps.test_plan_inspections import inspected

ANHUI = factories.campaign("anhui_2024")
DAY = date(2024, 12, 20)


@pytest.fixture
def office(bare: Desk) -> Desk:
    """Two cities; the first has three pharmacies, the second none."""
    bare.using = replace(bare.using, workbooks=Workbooks(KEY))
    bare.campaign = ANHUI
    first = factories.make_unit(1, kind=UnitKind.COUNTY_BRANCH)
    second = factories.make_unit(2, kind=UnitKind.COUNTY_BRANCH).model_copy(update={"region_code": "340200"})
    bare.units = [first, second, *(factories.make_unit(number) for number in (11, 12, 13))]
    bare.using.ledger.roster.freeze(
        ANHUI.id, bare.units, [], on=date(2024, 4, 10), actor="test", source_sha256="0" * 64
    )
    open_phase.obligations(ANHUI, ANHUI.phase("self_check"), on=date(2024, 4, 10), using=bare.using)
    return bare


def test_a_city_is_scored_by_what_lies_in_its_area_and_nothing_owed_costs_nothing(office: Desk) -> None:
    inspected(office, "JC-340000-20240603-0001", office.units[2].code, date(2024, 6, 3))
    first, second = assess.scores(ANHUI, on=DAY, using=office.using)
    sentences = [line.sentence for line in first.lines]
    assert sentences[0] == "检查覆盖率：应办3家，已办1家，33.3%，得13.3分（满分40分）"
    assert sentences[1] == "辖区自查报送率：应办3份，已办0份，0.0%，得0.0分（满分20分）"
    assert first.total == Decimal("22.2")
    assert second.total is None
    assert all("不计分" in line.sentence for line in second.lines)


def test_only_the_kinds_the_notice_names_are_scored(office: Desk) -> None:
    scored = {each.unit_code for each in assess.scores(ANHUI, on=DAY, using=office.using)}
    assert scored == {office.units[0].code, office.units[1].code}


def test_a_campaign_that_assesses_nobody_says_so(office: Desk) -> None:
    with pytest.raises(GiveUp, match="没有规定"):
        assess.scores(factories.campaign(), on=DAY, using=office.using)


def test_the_workbook_says_that_weights_are_a_proposal(office: Desk) -> None:
    content = assess.workbook(assess.scores(ANHUI, on=DAY, using=office.using), office.using)
    assert content[:2] == b"PK"
    assert "建议方案" in str(assess.FORM.sheets[0].note)
