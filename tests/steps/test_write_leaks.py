"""Ten thousand random mails: none names a unit but its own; only a digest names several, those of its contact."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from include.campaigns.registry import load_calendar
from include.domain.errors import GiveUp
from include.domain.letters import Office
from include.domain.model import Severity, UnitKind
from include.domain.notices import Attachment, Message, Notice, NoticeKind, SendMode
from include.domain.obligations import SETTLED, Obligation, ObligationState
from include.domain.returns import FileKind, Finding, ReturnFile
from include.domain.units import Unit
from include.gateways.form_files import load_forms
from include.gateways.letters import Letters
from include.steps import deliver, write
from tests import factories
from tests.fakes import FakeArchive, FakeWorkbooks

MAILS_PER_SEED = 1_000
OFFICE = Office(name="", mailbox="office@bureau.example", phone="0000-0000000", post="基金监管岗")
CONTACTS = 8
CAMPAIGN = factories.campaign()
PHASE = CAMPAIGN.phase("self_check")
ABOUT_OBLIGATION = (NoticeKind.LAUNCH, NoticeKind.REMINDER, NoticeKind.OVERDUE)
ABOUT_RETURN = (NoticeKind.RECEIPT, NoticeKind.RETURNED, NoticeKind.INCOMPLETE)
ODD = ("（<b>总店</b>）", "&amp;甲", "“一”'二'", "\n分店", "", "", "，；：", "{{ letter }}")

ADDRESS = re.compile(r"[a-z0-9]+@unit\.example")
CODE = re.compile(r"[HP]1506260\d{4}")
NAME = re.compile(r"示例\d{4}号")


@dataclass
class Ledger:
    """The facts of every unit, looked up as the real one is."""

    units: dict[str, Unit]
    owed: dict[int, Obligation]
    chance: random.Random

    @property
    def roster(self) -> Any:
        return SimpleNamespace(unit=lambda _, code, on=None: self.units.get(code))

    @property
    def obligations(self) -> Any:
        return SimpleNamespace(get=self.owed.__getitem__)

    @property
    def inbound(self) -> Any:
        return SimpleNamespace(suspended=lambda among: {})

    @property
    def returns(self) -> Any:
        return SimpleNamespace(
            get=self._file,
            of_obligation=lambda obligation_id, **_: self._file(obligation_id),
            findings=self._findings,
            scanned=lambda _, codes: frozenset(code for code in codes if self.chance.random() < 0.5),
        )

    def _file(self, obligation_id: int) -> ReturnFile:
        obligation = self.owed[obligation_id]
        return ReturnFile(
            id=obligation_id,
            campaign_id=CAMPAIGN.id,
            name=f"{obligation.unit_code}_{obligation.unit_name}_自查自纠情况表.xlsx",
            sha256="5f3c" * 16,
            kind=FileKind.WORKBOOK,
            channel="mail",
            received_at=factories.at("2024-05-28"),
            received_on=date(2024, 5, 28),
            unit_code=obligation.unit_code,
            receipt_no=f"HZ-{obligation_id}",
        )

    def _findings(self, return_id: int) -> tuple[Finding, ...]:
        name = self.owed[return_id].unit_name
        return tuple(
            Finding(
                "sample",
                f"第{row}行请填写{name}的金额",
                self.chance.choice((Severity.ERROR, Severity.WARNING)),
                sheet="明细",
                cell=f"K{row}",
                value=name,
            )
            for row in range(self.chance.randrange(8))
        )


@dataclass
class Gateways:
    """The gateways that writing needs, the letters real."""

    ledger: Ledger
    letters: Letters
    archive: FakeArchive
    workbooks: FakeWorkbooks
    forms: Mapping[str, Any]
    calendar: Any
    office: Office = OFFICE
    mail_domain: str = "bureau.example"


LETTERS, FORMS, CALENDAR = Letters(), load_forms(), load_calendar()


def office(chance: random.Random) -> Gateways:
    units = {}
    for number in range(1000, 1060):
        kind = chance.choice((UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY))
        code = f"{'H' if kind is UnitKind.MEDICAL_INSTITUTION else 'P'}1506260{number}"
        units[code] = Unit(
            code=code,
            name=f"示例{number}号{chance.choice(ODD)}",
            kind=kind,
            region_code="150626",
            contact_email=f"contact{number % CONTACTS}@unit.example",
        )
    owed = {
        number: Obligation(
            id=number,
            campaign_id=CAMPAIGN.id,
            phase_key=PHASE.key,
            form="self_check",
            unit_code=unit.code,
            unit_name=unit.name,
            unit_kind=unit.kind,
            state=chance.choice([state for state in ObligationState if state not in SETTLED]),
            due_on=PHASE.due + timedelta(days=chance.choice((0, 0, 7))),
            scan_required=chance.random() < 0.7,
            is_zero=chance.random() < 0.3,
            days_late=chance.choice((0, 0, 2)),
        )
        for number, unit in enumerate(units.values())
    }
    return Gateways(Ledger(units, owed, chance), LETTERS, FakeArchive(), FakeWorkbooks(), FORMS, CALENDAR)


def notice(kind: NoticeKind, obligation: Obligation, chance: random.Random, using: Gateways) -> Notice:
    before = [step.key for step in CAMPAIGN.ladder if not step.is_overdue]
    after = [step.key for step in CAMPAIGN.ladder if step.is_overdue]
    marked = Attachment("退回说明.xlsx", using.archive.put(b"xlsx:"), obligation.unit_code)
    return Notice(
        id=obligation.id,
        key=f"{kind.value}/{obligation.id}",
        mode=SendMode.LIVE,
        campaign_id=CAMPAIGN.id,
        kind=kind,
        planned_on=PHASE.due,
        phase_key=PHASE.key,
        step_key=chance.choice(after if kind is NoticeKind.OVERDUE else before),
        obligation_id=obligation.id,
        return_id=obligation.id,
        unit_code=obligation.unit_code,
        due_on=obligation.due_on,
        attachments=(marked,) if kind is NoticeKind.RETURNED else (),
    )


def everything_in(kind: NoticeKind, draft: write.Draft, using: Gateways) -> str:
    """All that its reader could see: subject, text, HTML, names and contents of the files."""
    mail = LETTERS.render(kind, draft.letter)
    assert "\n" not in mail.subject
    assert "<b>总店" not in mail.html
    files = [
        f"{file.name} {write.content(file, using).decode(errors='replace')}" for file in draft.attachments
    ]
    return "\n".join((mail.subject, mail.text, mail.html, *files))


def named_in(words: str) -> tuple[set[str], set[str]]:
    return set(CODE.findall(words)), set(NAME.findall(words))


@pytest.mark.parametrize("seed", range(10))
def test_no_mail_to_a_unit_names_another(seed: int) -> None:
    chance = random.Random(seed)
    using = office(chance)
    for number in range(MAILS_PER_SEED):
        kind = chance.choice((NoticeKind.ANNOUNCEMENT, *ABOUT_OBLIGATION, *ABOUT_RETURN))
        obligation = using.ledger.owed[chance.randrange(len(using.ledger.owed))]
        on = PHASE.due + timedelta(days=chance.randrange(-30, 30))
        draft = write.letter(CAMPAIGN, notice(kind, obligation, chance, using), on=on, using=using)  # type: ignore[arg-type]
        assert isinstance(draft, write.Draft)
        codes, names = named_in(everything_in(kind, draft, using))
        assert codes == {obligation.unit_code}, (seed, number, kind)
        assert names == {obligation.unit_name[:7]}, (seed, number, kind)
        assert {file.unit_code for file in draft.attachments} <= {obligation.unit_code}


@pytest.mark.parametrize("seed", range(3))
def test_a_digest_names_the_units_of_its_contact_and_no_other(seed: int) -> None:
    chance = random.Random(seed)
    using = office(chance)
    for _ in range(40):
        contact = f"contact{chance.randrange(CONTACTS)}@unit.example"
        kind = chance.choice(ABOUT_OBLIGATION)
        own = [
            obligation
            for obligation in using.ledger.owed.values()
            if using.ledger.units[obligation.unit_code].contact_email == contact and chance.random() < 0.8
        ]
        mail = drafts(kind, own, chance, using)
        if not mail:
            continue
        became, digest = write.digest(CAMPAIGN, mail, on=PHASE.due, using=using)  # type: ignore[arg-type]
        assert (became, digest.to) == (NoticeKind.DIGEST, contact)
        codes, names = named_in(everything_in(became, digest, using))
        assert codes == {obligation.unit_code for obligation in own}
        assert names == {obligation.unit_name[:7] for obligation in own}


def test_letters_to_different_contacts_are_never_put_into_one_mail() -> None:
    chance = random.Random(0)
    using = office(chance)
    mail = drafts(NoticeKind.REMINDER, list(using.ledger.owed.values())[:2], chance, using)
    with pytest.raises(ValueError, match="不同收件人"):
        write.digest(CAMPAIGN, mail, on=PHASE.due, using=using)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(10))
def test_whatever_comes_together_a_message_is_one_contacts_own_or_none(seed: int) -> None:
    """The guard: a strange unit's file or a second contact slipped in, at random, and no message with either."""
    chance = random.Random(seed)
    using = office(chance)
    owed = list(using.ledger.owed.values())
    outcomes = set[str]()
    for number in range(MAILS_PER_SEED):
        first = chance.choice(owed)
        contact = str(using.ledger.units[first.unit_code].contact_email)
        kind = chance.choice((NoticeKind.ANNOUNCEMENT, *ABOUT_OBLIGATION, *ABOUT_RETURN))
        own = [first]
        if kind in ABOUT_OBLIGATION and chance.random() < 0.2:
            others = [each for each in owed if using.ledger.units[each.unit_code].contact_email == contact]
            own = [first, *(each for each in others if each is not first and chance.random() < 0.5)]
        stranger = chance.choice(
            [each for each in owed if using.ledger.units[each.unit_code].contact_email != contact]
        )
        mail = drafts(kind, own, chance, using)
        slip = chance.choice(("", "", "file", "contact"))
        if slip == "file":
            place = chance.randrange(len(mail))
            planned, draft = mail[place]
            strange = Attachment("自查自纠情况表.xlsx", using.archive.put(b"xlsx:"), stranger.unit_code)
            mail[place] = (planned, replace(draft, attachments=(*draft.attachments, strange)))
        elif slip == "contact" and kind in ABOUT_OBLIGATION:
            mail += drafts(kind, [stranger], chance, using)
        codes, names = ({each.unit_code for each in own}, {each.unit_name[:7] for each in own})
        message, outcome = None, "sent"
        try:
            message = deliver.compose(CAMPAIGN, mail, on=PHASE.due, using=using)  # type: ignore[arg-type]
        except (GiveUp, ValueError) as refused:
            outcome = type(refused).__name__
        outcomes.add(outcome)
        if message is None:
            assert slip, (seed, number, outcome)
            continue
        assert slip != "file", (seed, number)
        assert ADDRESS.fullmatch(message.to), (seed, number)
        assert message.to == contact, (seed, number)
        assert set(ADDRESS.findall(in_message(message))) <= {contact}, (seed, number)
        assert named_in(in_message(message)) == (codes, names), (seed, number, kind)
    assert outcomes == {"sent", "GiveUp", "ValueError"}


def in_message(message: Message) -> str:
    """All that the reader could see of what goes to the mail server, headers included."""
    files = [f"{file.name} {file.content.decode(errors='replace')}" for file in message.attachments]
    heads = [f"{name}: {value}" for name, value in message.headers.items()]
    return "\n".join((message.subject, message.text, message.html, *heads, *files))


def drafts(
    kind: NoticeKind, own: list[Obligation], chance: random.Random, using: Gateways
) -> list[tuple[Notice, write.Draft]]:
    mail = []
    for obligation in own:
        planned = notice(kind, obligation, chance, using)
        draft = write.letter(CAMPAIGN, planned, on=PHASE.due, using=using)  # type: ignore[arg-type]
        assert isinstance(draft, write.Draft)
        mail.append((planned, draft))
    return mail
