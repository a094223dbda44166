"""A red flag is for the office's eyes: no mail, annotated workbook, receipt or stored finding ever holds one."""

from __future__ import annotations

import random
import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest

from include.assembly import sending
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind
from include.domain.red_flags import Flag
from include.domain.returns import Verdict
from include.domain.screening import Hit, RuleRun, scored
from include.gateways.ledger.database import upgrade
from include.rehearsal.clerks import MISTAKES, fill, make_items, with_mistakes
from include.settings import ROOT, Settings
from include.steps import flags, screen
from include.steps.screen import Found
from tests import factories
from tests.integration.office import Mail, Office, make_unit

HIT = "出院后仅隔3天又因同一主要诊断入住本机构"
FIRST, SECOND = date(2024, 5, 27), date(2024, 5, 28)
USERS = {
    "steps/flags.py",
    "cli/returns_review.py",
    "domain/inspection_plans.py",
    "steps/grade_units.py",
    "steps/plan_inspections.py",
    "steps/screened_clues.py",
}
"""Who works with flags; the ledger and its port only hand over what a self-check said.

The inspection plan, the credit grades and the clues of a screening are the office's own: none is mailed to a unit,
and the records that officers take along hold no reasons (tests/steps/test_plan_inspections.py).
"""


def texts(mail: Mail) -> str:
    """Everything a mail says, the insides of its workbooks included."""
    return "\n".join([mail.words, *(_inside(content) for content in mail.attachments.values())])


def _inside(content: bytes) -> str:
    if not is_zipfile(BytesIO(content)):
        return content.decode("utf-8", errors="ignore")
    with ZipFile(BytesIO(content)) as package:
        return "\n".join(package.read(name).decode("utf-8", errors="ignore") for name in package.namelist())


def hits(*codes: str) -> Found:
    """One hit of screening for each code, each of another person."""
    found = [
        Hit("S05", "1.0", code, f"P{number}", FIRST, FIRST, Decimal(1), Decimal(900), ("M1",), (), {}, HIT)
        for number, code in enumerate(codes)
    ]
    return Found(tuple(scored(found)), (RuleRun("S05", "1.0", {}, len(found)),))


def test_nothing_that_leaves_the_office_holds_a_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(f"sqlite:///{tmp_path / 'ledger.db'}")
    settings = Settings(home=tmp_path, send_mode="off", token_key="0123456789abcdef" * 4)  # type: ignore[arg-type]
    using = sending(settings, ledger_url=settings.ledger_default_url, smtp=None)
    # Mails leave by day only.
    monkeypatch.setattr(using, "now", lambda: factories.at("2024-05-27", "10:00"))
    campaign = factories.campaign()
    phase = campaign.phase("self_check")
    office = Office(campaign, using, tmp_path)
    units = [make_unit(campaign, UnitKind.RETAIL_PHARMACY, number) for number in range(1, 9)]
    office.freeze_roster({unit.code: unit for unit in units}, on=campaign.starts_on)
    office.open(phase, date(2024, 5, 6))
    for number, unit in enumerate(units):
        rows = make_items(unit.kind, 2 if number else 0, FIRST, random.Random(7))
        if number == 7:
            rows = with_mistakes(rows, MISTAKES)
        issued = using.workbooks.prefilled(using.forms["self_check"], campaign, phase, unit)
        office.drop(f"{unit.code}_表.xlsx", fill(issued, rows, FIRST, phone="0477-1234567"), FIRST)
        office.drop(f"{unit.code}_盖章.pdf", b"%PDF-1.4 " + unit.code.encode(), FIRST)
    verdicts, mails = office.work(phase, FIRST)
    assert (verdicts[Verdict.ACCEPTED], verdicts[Verdict.RETURNED]) == (7, 1)
    entered = screen.enter(
        campaign,
        hits(*[units[0].code] * 3),
        scope="测试",
        on=SECOND,
        actor="系统",
        dry_run=False,
        using=using,
    )
    assert len(entered.new) == 3
    flagged = flags.of_returns(campaign, on=SECOND, using=using)
    found = {flag.flag for each in flagged for flag in each.flags}
    assert found >= {Flag.SAME_WORDS, Flag.ZERO_AMONG_PEERS, Flag.ZERO_DESPITE_HITS}
    assert (flagged[0].rank, flagged[0].unit.code) == (1, units[0].code)
    mails += office.work(phase, SECOND)[1]
    assert {NoticeKind.RECEIPT, NoticeKind.RETURNED} <= {mail.kind for mail in mails}
    assert any(mail.attachments for mail in mails if mail.kind is NoticeKind.RETURNED)
    secrets = {flag.zh for flag in Flag} | {flag.value for flag in Flag}
    secrets |= {flag.why for each in flagged for flag in each.flags} | {"抽查选点", HIT}
    for mail in mails:
        said = texts(mail)
        assert not [secret for secret in secrets if secret in said], mail.subject
    stored = [f for number in range(1, 17) for f in using.ledger.returns.findings(number)]
    assert stored
    assert not [finding for finding in stored if any(secret in finding.message for secret in secrets)]
    using.close()


def test_nothing_that_writes_to_units_knows_of_flags() -> None:
    knows = re.compile(r"red_flags? import|import red_flag|steps\.flags|steps import .*\bflags\b")
    users = {
        str(path.relative_to(ROOT / "include"))
        for folder in ("steps", "cli", "gateways", "domain")
        for path in (ROOT / "include" / folder).rglob("*.py")
        if knows.search(path.read_text(encoding="utf-8"))
    }
    ledger = {"gateways/ledger/returns.py", "steps/ports/returns.py"}
    assert users - ledger == USERS
