"""Everything about one unit in the order it happened, and nothing of another."""

from __future__ import annotations

from datetime import date

from include.domain.inbound import Claim, ClaimBy
from include.domain.registers import parts
from include.domain.returns import FileKind, Finding, Judgement, Verdict
from include.domain.waivers import Waiver
from include.gateways.ledger import Ledger
from include.steps import plan, unit_history
from include.steps.unit_history import EventKind, History
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk

ON = date(2024, 6, 3)


def history(desk: Desk, *, on: date = ON, without: tuple[str, ...] = ()) -> History:
    return unit_history.find(desk.campaign, desk.units[0], on=on, using=desk.using, without=without)


def sent_back(desk: Desk) -> None:
    owed = desk.obligation(desk.units[0])
    file = desk.using.ledger.returns.receive(
        desk.campaign.id,
        name="自查表.xlsx",
        sha256="a" * 64,
        kind=FileKind.WORKBOOK,
        channel="folder",
        received_at=factories.at("2024-05-28", "08:00"),
        received_on=date(2024, 5, 28),
        claim=Claim("a@pharmacy.example", desk.units[0].code, ClaimBy.SENDER, is_vouched=True),
    )
    wrong = Finding("amount", "违规金额应填数字", sheet="自查问题明细", cell="L6")
    judgement = Judgement(
        file.id,
        Verdict.RETURNED,
        unit_code=desk.units[0].code,
        obligation_id=owed.id,
        findings=(wrong,),
    )
    desk.using.ledger.returns.judge([judgement], [], on=date(2024, 5, 28), actor="check")


def entered(desk: Desk, key: str, number: str, **values: object) -> None:
    from sqlalchemy import insert

    from include.gateways.ledger.register_tables import TABLES

    ledger = desk.using.ledger
    assert isinstance(ledger, Ledger)
    form = desk.using.forms[key]
    row = {
        "campaign_id": desk.campaign.id,
        "number": number,
        "unit_code": desk.units[0].code,
        "entered_on": date(2024, 5, 30),
        "source_sha256": "b" * 64,
    }
    with ledger._database.writing() as connection:
        connection.execute(insert(TABLES[parts(form)[0].table]).values(row | values))


def test_mails_files_extensions_waivers_and_records_come_in_the_order_of_days(desk: Desk) -> None:
    owed = desk.obligation(desk.units[0])
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    sent_back(desk)
    desk.using.ledger.obligations.extend(
        owed.id,
        due_on=date(2024, 6, 7),
        reason="系统升级",
        approved_by="office_director",
        on=date(2024, 5, 29),
    )
    waived = Waiver(
        desk.units[0].code, "self_check", "amount", "口径不同", "office_director", date(2024, 5, 29), ON
    )
    desk.using.ledger.waivers.grant(desk.campaign.id, waived)
    entered(desk, "clue", "XS-1", content="张某反映", state="FED_BACK")
    told = history(desk).events
    assert [(each.day.day, each.kind) for each in told] == [
        (6, EventKind.ROSTER),
        (6, EventKind.MAIL),
        (28, EventKind.FILE),
        (29, EventKind.EXTENSION),
        (29, EventKind.WAIVER),
        (30, EventKind.RECORD),
    ]
    file = told[2]
    assert file.lines == ("自查问题明细!L6：违规金额应填数字",)
    assert "a@pharmacy.example" in file.detail
    assert "系统升级" in told[3].detail
    assert "张某" not in told[5].detail
    assert all(each.day <= date(2024, 5, 28) for each in history(desk, on=date(2024, 5, 28)).events)


def test_what_is_owed_tells_how_it_ended_or_when_it_is_due(desk: Desk) -> None:
    owed = [each for each in history(desk).events if each.kind is EventKind.OWED]
    assert [(each.day, each.what, each.detail) for each in owed] == [
        (date(2024, 5, 31), "《自查自纠情况表》截止", "自查自纠阶段，待报")
    ]


def test_nothing_of_another_unit_and_no_register_left_out_is_told(desk: Desk) -> None:
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    entered(desk, "tip", "1")
    entered(desk, "clue", "XS-2", unit_code=desk.units[1].code)
    told = history(desk)
    assert list(told.records) == ["tip"]
    assert sum(each.kind is EventKind.MAIL for each in told.events) == 1
    assert history(desk, without=("tip",)).records == {}
