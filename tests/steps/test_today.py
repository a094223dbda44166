"""What waits for somebody on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from include.domain.campaign import Campaign
from include.domain.feeds import Feed, Pull, PullState
from include.domain.notices import NoticeState
from include.domain.plans import EVERYTHING
from include.steps import plan, today
from include.steps.ports import Gateways
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk

DUE = date(2024, 5, 31)


def found(desk: Desk, on: date, regions: tuple[str, ...] = ()) -> today.Today:
    return of([desk.campaign], on, regions, desk.using)


def of(campaigns: list[Campaign], on: date, regions: tuple[str, ...], using: Gateways) -> today.Today:
    owed = today.owed(campaigns, on=on, regions=regions, using=using)
    return today.find(campaigns, owed, on=on, regions=regions, using=using)


@pytest.mark.parametrize(
    ("on", "overdue", "ahead"),
    [
        (date(2024, 5, 23), 0, 0),
        (date(2024, 5, 24), 0, 7),
        (DUE, 0, 7),
        (date(2024, 6, 1), 7, 0),
        (date(2024, 6, 28), 7, 0),
    ],
)
def test_what_is_due_in_five_working_days_is_ahead_and_what_was_due_is_overdue(
    desk: Desk, on: date, overdue: int, ahead: int
) -> None:
    seen = found(desk, on)
    assert sum(each.units for each in seen.owed.overdue) == overdue
    assert sum(each.units for each in seen.owed.ahead) == ahead
    assert [each.unreachable for each in seen.owed.contacts] == [1]


def test_who_sees_one_county_sees_its_units_and_nothing_of_the_office(desk: Desk) -> None:
    desk.using.ledger.outbox.stop(EVERYTHING, by="staff", reason="核对名单", at=desk.clock[0])
    theirs, others = found(desk, DUE, ("150626",)), found(desk, DUE, ("9999",))
    assert [each.units for each in theirs.owed.ahead] == [7]
    assert (others.owed.ahead, others.owed.contacts) == ((), ())
    for seen in (theirs, others):
        assert (seen.office, seen.stops) == ((), ())


def test_the_office_sees_what_stands_in_the_way_of_sending(desk: Desk) -> None:
    ledger = desk.using.ledger
    ledger.outbox.stop(EVERYTHING, by="staff", reason="核对名单", at=desk.clock[0])
    assert [each.reason for each in found(desk, DUE).stops] == ["核对名单"]
    ledger.outbox.resume(EVERYTHING, by="staff", reason="已核对", at=desk.clock[0])
    plan.launch(desk.campaign, desk.phase, on=LAUNCH_DAY, units=None, using=desk.using)
    mode = desk.using.mail_server.mode
    [claimed] = ledger.outbox.claim(
        desk.campaign.id, mode=mode, limit=1, now=desk.clock[0], lease=timedelta(minutes=1)
    )
    ledger.outbox.record_mail([claimed.id], NoticeState.IN_DOUBT, at=desk.clock[0], detail="连接中断")
    [office] = found(desk, LAUNCH_DAY).office
    assert ([each.id for each in office.in_doubt], office.mails.stuck) == ([claimed.id], 0)
    [later] = found(desk, LAUNCH_DAY + timedelta(days=3)).office
    assert later.mails.stuck > 0
    assert found(desk, LAUNCH_DAY).stops == ()


def test_a_feed_that_failed_or_grew_old_is_told(desk: Desk) -> None:
    feed = Feed(
        key="clues",
        title="上级下发线索",
        form="clue",
        connection="upper",
        query="SELECT 1",
        loaded_at="loaded_at",
        error_after=24,
    )
    campaign = desk.campaign.model_copy(update={"feeds": (feed,)})

    def sentences() -> list[str]:
        seen = of([campaign], DUE, (), desk.using)
        return [sentence for _, _, sentence in seen.office[0].feeds]

    assert sentences() == ["数据源“上级下发线索”还没有成功导入过"]
    good = Pull("clues", desk.clock[0], PullState.ENTERED, 3, desk.clock[0], 3, "")
    desk.using.ledger.feeds.record(campaign.id, good)
    assert sentences() == []
    broken = replace(good, state=PullState.BROKEN, detail="连不上数据库")
    desk.using.ledger.feeds.record(campaign.id, broken)
    assert sentences() == ["连不上数据库"]
    desk.clock[0] = factories.at("2024-05-09")
    assert "超过允许的24小时" in sentences()[0]


def test_a_year_without_known_holidays_shows_what_is_overdue(desk: Desk) -> None:
    seen = found(desk, date(2040, 1, 5))
    assert sum(each.units for each in seen.owed.overdue) == 7
