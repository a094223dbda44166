"""Something changes between claiming a mail and writing it: a thousand times, and never a wrong mail."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from include.domain.dates import zh_date
from include.domain.notices import Handed, Message, Notice, NoticeKind, NoticeState
from include.domain.obligations import Obligation
from include.domain.returns import Judgement, Verdict
from include.domain.units import RosterChange, Unit
from include.gateways.letters import Letters
from include.steps import deliver, plan
from tests import factories
from tests.fakes import FakeMailServer
from tests.integration.sending import CAMPAIGN, MORNING, PHASE, gateways, opened, states
from tests.steps.conftest import LAUNCH_DAY, FakeGateways

UNITS = 500
SHARED = 5
DUE, LATER = date(2024, 5, 31), date(2024, 6, 7)
REMINDER_DAY = date(2024, 5, 24)
LETTERS = Letters()


@dataclass
class Moment:
    """What happens to a unit just after its notice was claimed, and what is true of it from then on."""

    using: FakeGateways
    chance: random.Random
    on: date
    units: dict[str, Unit]
    done: dict[str, str] = field(default_factory=dict)

    def strike(self, notices: list[Notice]) -> None:
        for notice in notices:
            code = str(notice.unit_code)
            if code not in self.done:
                change = self.chance.choice(CHANGES)
                self.done[code] = change.__name__
                change(self, self.units[code])

    def obligation(self, unit: Unit) -> Obligation:
        found = self.using.ledger.obligations.of_unit(CAMPAIGN.id, unit.code, "self_check")
        assert found is not None
        return found

    def accepted(self, unit: Unit) -> None:
        file = self.using.ledger.returns.receive(
            CAMPAIGN.id,
            name=f"{unit.code}.xlsx",
            sha256=unit.code.rjust(64, "0"),
            kind="workbook",
            channel="folder",
            received_at=MORNING,
            received_on=self.on,
        )
        judgement = Judgement(file.id, Verdict.ACCEPTED, unit.code, self.obligation(unit).id)
        self.using.ledger.returns.judge([judgement], [], on=self.on, actor="test")

    def contact_changed(self, unit: Unit) -> None:
        self._adjust("changed", unit.model_copy(update={"contact_email": new_address(unit)}))

    def left(self, unit: Unit) -> None:
        self._adjust("left", unit)

    def extended(self, unit: Unit) -> None:
        self.using.ledger.obligations.extend(
            self.obligation(unit).id, due_on=LATER, reason="系统升级", approved_by="办公室", on=self.on
        )

    def suspended(self, unit: Unit) -> None:
        self.using.ledger.inbound.suspend(str(unit.contact_email).lower(), reason="550 5.1.1", at=MORNING)

    def stopped(self, unit: Unit) -> None:
        self.using.ledger.outbox.stop(CAMPAIGN.id, by="办公室", reason="核对名册", at=MORNING)

    def _adjust(self, kind: Any, unit: Unit) -> None:
        change = RosterChange(kind=kind, unit=unit, effective_on=self.on, reason="情况变化")
        self.using.ledger.roster.adjust(CAMPAIGN.id, [change], actor="test")


CHANGES: tuple[Callable[[Moment, Unit], None], ...] = (
    Moment.accepted,
    Moment.contact_changed,
    Moment.left,
    Moment.extended,
    Moment.suspended,
    Moment.stopped,
)


def new_address(unit: Unit) -> str:
    return f"new-{unit.code.lower()}@unit.example"


class WatchfulServer(FakeMailServer):
    """Takes no mail while sending is stopped."""

    using: FakeGateways

    def send(self, message: Message) -> Handed:
        assert self.using.ledger.outbox.stops() == [], "sent although sending was stopped"
        return super().send(message)


@contextmanager
def struck(using: FakeGateways, moment: Moment) -> Iterator[None]:
    outbox = using.ledger.outbox
    first, further = outbox.claim, outbox.record_and_claim

    def claim(*args: Any, **kwargs: Any) -> list[Notice]:
        claimed = first(*args, **kwargs)
        moment.strike(claimed)
        return claimed

    def record_and_claim(*args: Any, **kwargs: Any) -> tuple[int, list[Notice]]:
        attempt, claimed = further(*args, **kwargs)
        moment.strike(claimed)
        return attempt, claimed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "claim", claim)
        patch.setattr(outbox, "record_and_claim", record_and_claim)
        yield


def sent_whole(using: FakeGateways, on: date) -> None:
    """Until nothing is left, resuming after each stop."""
    while states(using)[NoticeState.PLANNED]:
        deliver.notices(CAMPAIGN, on=on, using=using)
        using.ledger.outbox.resume(CAMPAIGN.id, by="办公室", reason="已核对", at=MORNING)


def named(message: Message) -> set[str]:
    """The units whose workbooks the mail carries."""
    return {file.name.split("_")[0] for file in message.attachments if file.name.endswith(".xlsx")}


def said_of(unit: Unit, message: Message) -> str:
    """What the text says of a unit: all of its own mail, three lines of one for several."""
    if len(named(message)) == 1:
        return message.text.replace(f"原为{zh_date(DUE)}", "")
    return "".join(message.text.partition(unit.code)[2].splitlines()[:3])


def month_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


@pytest.mark.parametrize(
    ("kind", "on"), [(NoticeKind.LAUNCH, LAUNCH_DAY), (NoticeKind.REMINDER, REMINDER_DAY)]
)
def test_a_mail_never_says_what_is_no_longer_so(sqlite_url: str, kind: NoticeKind, on: date) -> None:
    mail = WatchfulServer()
    using = gateways(sqlite_url, letters=LETTERS, mail_server=mail)
    mail.using = using
    units = [
        factories.make_unit(number, email=f"chain{number // 10}@pharmacy.example" if number % 10 < 2 else "")
        for number in range(UNITS)
    ]
    units = [
        unit.model_copy(update={"backup_email": f"second-{unit.code.lower()}@unit.example"})
        if number % 3 == 0
        else unit
        for number, unit in enumerate(units)
    ]
    opened(using, units)
    step = plan.launch if kind is NoticeKind.LAUNCH else plan.reminders
    assert step(CAMPAIGN, PHASE, on=on, units=None, using=using).entered == UNITS
    moment = Moment(using, random.Random(kind.value), on, {unit.code: unit for unit in units})
    with struck(using, moment):
        sent_whole(using, on)

    assert len(moment.done) == UNITS
    assert set(moment.done.values()) == {change.__name__ for change in CHANGES}
    assert set(states(using)) <= {NoticeState.ACCEPTED, NoticeState.SKIPPED}
    got: dict[str, list[Message]] = {}
    for message in mail.sent:
        for code in named(message):
            got.setdefault(code, []).append(message)
    suspended = using.ledger.inbound.suspended()
    for unit in units:
        change, mails = moment.done[unit.code], got.get(unit.code, [])
        if change in ("accepted", "left") or (change == "extended" and kind is NoticeKind.REMINDER):
            assert mails == [], (unit.code, change)
            continue
        contact = new_address(unit) if change == "contact_changed" else str(unit.contact_email)
        reachable = [each for each in (contact, unit.backup_email) if each and each not in suspended]
        assert len(mails) <= 1, (unit.code, change)
        assert all(message.to == reachable[0] for message in mails), (unit.code, change)
        assert mails or not reachable, (unit.code, change)
        for message in mails if change == "extended" else []:
            assert month_day(LATER) in said_of(unit, message)
            assert month_day(DUE) not in said_of(unit, message)
    using.ledger.close()


def test_a_unit_that_left_after_planning_hears_of_no_campaign_any_more(sqlite_url: str) -> None:
    using = gateways(sqlite_url)
    units = [factories.make_unit(1), factories.make_unit(2)]
    opened(using, units)
    plan.announcements(CAMPAIGN, CAMPAIGN.phases[0], on=LAUNCH_DAY, units=None, using=using)
    Moment(using, random.Random(), LAUNCH_DAY, {}).left(units[0])
    deliver.notices(CAMPAIGN, on=LAUNCH_DAY, using=using)
    assert [message.to for message in using.mail_server.sent] == [units[1].contact_email]
    using.ledger.close()
