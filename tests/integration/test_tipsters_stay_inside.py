"""Who gave a tip reaches no mail, workbook, list, archive, audit row or log: one mark is fed in and sought."""

from __future__ import annotations

import logging
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest
from cryptography.fernet import Fernet

from demo.registers import PHARMACY, THE_CLUE, THE_TIP, TIP_ENDS, Line
from include.assembly import Assembly, sending
from include.domain.registers import office_form
from include.gateways.ledger.database import upgrade
from include.settings import Settings
from include.steps import clue_lists, follow, registers
from tests import factories
from tests.integration.office import Mail, Office

ENTERED, CHASED = date(2024, 6, 14), date(2024, 6, 21)
MARKS = ("样例标记", "0999-7654321", "990000190001010016")
TIPSTER: Line = dict(zip(("tipster_name", "tipster_phone", "tipster_cert"), MARKS, strict=True)) | {
    "tip_no": 1
}


def inside(content: bytes) -> str:
    """All text of a file: of a package, of everything in it, packages in packages too."""
    if not is_zipfile(BytesIO(content)):
        return content.decode("utf-8", errors="ignore")
    with ZipFile(BytesIO(content)) as package:
        return "\n".join(inside(package.read(name)) for name in package.namelist())


def enter(using: Assembly, key: str, on: date, **rows: list[Line]) -> None:
    campaign, form = factories.campaign(), office_form(using.forms[key])
    content = using.workbooks.register(form, rows)
    reviewed = registers.review(campaign, key, "台账.xlsx", content, on=on, using=using)
    assert not reviewed.errors
    registers.enter(campaign, reviewed, on=on, actor="test", using=using)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    upgrade(f"sqlite:///{tmp_path / 'ledger.db'}")
    settings = Settings(  # type: ignore[call-arg]
        home=tmp_path,
        send_mode="off",
        token_key="0123456789abcdef" * 4,  # type: ignore[arg-type]
        tipster_key=Fernet.generate_key().decode(),  # type: ignore[arg-type]
    )
    using = sending(settings, ledger_url=settings.ledger_default_url, smtp=None)
    monkeypatch.setattr(using, "now", lambda: factories.at("2024-06-21", "10:00"))
    office = Office(factories.campaign(), using, tmp_path)
    office.freeze_roster({}, on=date(2024, 5, 6))
    return office


def chased(office: Office) -> list[Mail]:
    follow.records(office.campaign, on=CHASED, using=office.using)
    return office.send(CHASED)


def test_no_output_holds_what_is_known_of_a_tipster(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    using, campaign = office.using, office.campaign
    with caplog.at_level(logging.DEBUG):
        enter(using, "clue", ENTERED, clues=[THE_CLUE])
        enter(using, "tip", ENTERED, tips=[THE_TIP], tipsters=[TIPSTER])
        enter(
            using,
            "tip",
            CHASED,
            tips=[{**THE_TIP, "memo": "承办中"}],
            tipsters=[TIPSTER | {"tipster_phone": MARKS[1]}],
        )
        mails = chased(office)
        enter(using, "tip", date(2024, 8, 30), tips=[{**THE_TIP, **TIP_ENDS, "memo": "承办中"}])
    assert len(mails) == 2, "one digest of clues, one of tips"
    outputs = [f"{mail.words}{''.join(map(inside, mail.attachments.values()))}" for mail in mails]
    outputs += [
        inside(registers.workbook(campaign, key, entered_until=None, confidential=False, on=CHASED, actor="t", using=using))
        for key in registers.registers(using)
    ]  # fmt: skip
    outputs.append(inside(clue_lists.workbook(clue_lists.lists(campaign, on=CHASED, using=using), using)))
    digests = clue_lists.digests(campaign, on=CHASED, using=using)
    outputs += [inside(content) for _, content in clue_lists.digest_workbooks(digests, CHASED, using)]
    outputs.append(repr(follow.standing(campaign, on=CHASED, using=using)))
    outputs.append(caplog.text)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "ledger.db" for path in files), "the ledger itself: the table is encrypted"
    outputs += [inside(path.read_bytes()) for path in files]
    told = "\n".join(outputs)
    assert PHARMACY in told, "what may be said is found, so the search can see"
    assert [mark for mark in MARKS if mark in told] == []


def test_the_mark_is_there_for_who_may_ask(office: Office) -> None:
    enter(office.using, "tip", ENTERED, tips=[THE_TIP], tipsters=[TIPSTER])
    content = registers.workbook(
        office.campaign, "tip", entered_until=None, confidential=True, on=ENTERED, actor="t", reason="核实", using=office.using,
    )  # fmt: skip
    assert all(mark in inside(content) for mark in MARKS)
