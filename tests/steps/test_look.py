"""A look at a file says what the intake would say of it, and leaves no trace."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.model import Severity
from include.domain.returns import Finding, Reading, Verdict
from include.steps import check, collect, look
from tests import factories
from tests.steps.conftest import Desk

DAY = date(2024, 5, 28)
ERROR = Finding("amount", "违规金额应填数字", Severity.ERROR, "自查问题明细", "L6", "违规金额", "一万二")
WARNING = Finding("gap", "序号不连续", Severity.WARNING, "自查问题明细", "A7", "序号", "4")
DAMAGED = Reading(None, {}, (Finding("file.damaged", "文件已损坏，请重新保存后再报"),))

CASES = {
    "right": (factories.make_reading(factories.make_unit(1)), [], Verdict.ACCEPTED),
    "with a warning": (
        factories.make_reading(factories.make_unit(1)),
        [WARNING],
        Verdict.ACCEPTED_WITH_WARNINGS,
    ),
    "wrong": (factories.make_reading(factories.make_unit(1)), [ERROR], Verdict.RETURNED),
    "of another unit": (factories.make_reading(factories.make_unit(2)), [ERROR], Verdict.RETURNED),
    "of another campaign": (
        factories.make_reading(factories.make_unit(1), campaign_id="quanzhou_2024"),
        [],
        Verdict.RETURNED,
    ),
    "forged": (factories.make_reading(factories.make_unit(1), token="made up"), [], Verdict.RETURNED),
    "damaged": (DAMAGED, [], Verdict.RETURNED),
}


@pytest.mark.parametrize("case", CASES)
def test_a_look_and_the_intake_say_the_same(desk: Desk, case: str) -> None:
    reading, content_findings, verdict = CASES[case]
    unit, content = desk.units[0], b"xlsx:return"
    desk.quality.findings[unit.code] = content_findings
    desk.workbooks.readings[content] = reading
    name = f"{unit.code}_自查自纠情况表.xlsx"

    [seen] = look.at_files(desk.campaign, [(name, content)], on=DAY, using=desk.using)
    assert (seen.verdict, seen.unit) == (verdict, unit)
    assert desk.notices() == []
    assert desk.using.ledger.returns.counts(desk.campaign.id) == {}
    assert desk.using.archive.files == {}

    desk.inbox.drop(desk.campaign.id, name, content, factories.at("2024-05-28", "08:00"))
    scan = f"{unit.code}_盖章.pdf"
    desk.inbox.drop(desk.campaign.id, scan, b"%PDF", factories.at("2024-05-28", "08:00"))
    collect.returns(desk.campaign, on=DAY, using=desk.using)
    assert check.returns(desk.campaign, on=DAY, using=desk.using)[verdict] == 1
    entered = [
        desk.using.ledger.returns.findings(number)
        for number in (1, 2)
        if desk.using.ledger.returns.get(number).name == name
    ]
    assert entered == [seen.findings]


def test_many_files_are_judged_in_one_batch(desk: Desk) -> None:
    files = []
    for unit in desk.units[:4]:
        content = unit.code.join(("xlsx:", "")).encode()
        desk.workbooks.readings[content] = factories.make_reading(unit)
        files.append((f"{unit.code}.xlsx", content))
    looks = look.at_files(desk.campaign, files, on=DAY, using=desk.using)
    assert [seen.unit for seen in looks] == desk.units[:4]
    assert desk.quality.batches == [("self_check", 4)]


def test_before_the_phase_is_open_a_return_is_judged_by_the_form_it_names(bare: Desk) -> None:
    unit = factories.make_unit(1)
    bare.using.ledger.roster.freeze(
        bare.campaign.id, [unit], [], on=DAY, actor="test", source_sha256="0" * 64
    )
    bare.workbooks.readings[b"xlsx:early"] = factories.make_reading(unit)
    bare.quality.findings[unit.code] = [ERROR]
    [seen] = look.at_files(bare.campaign, [("early.xlsx", b"xlsx:early")], on=DAY, using=bare.using)
    assert (seen.verdict, seen.findings) == (Verdict.RETURNED, (ERROR,))
    assert seen.scan_required


def test_a_workbook_that_says_nothing_of_its_unit_waits_for_staff_with_the_reason(desk: Desk) -> None:
    desk.workbooks.readings[b"xlsx:bare"] = Reading(None, {}, ())
    [seen] = look.at_files(desk.campaign, [("名册.xlsx", b"xlsx:bare")], on=DAY, using=desk.using)
    assert seen.verdict is Verdict.UNCLAIMED
    assert [finding.rule for finding in seen.findings] == ["unit.unknown"]
