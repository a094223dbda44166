"""One zip that arrives is as many returns as there are files in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from include.domain.returns import FileKind, ReturnFile, Verdict
from include.domain.units import Unit
from include.gateways.workbooks import Workbooks
from include.steps import check, collect
from tests import factories
from tests.steps.conftest import Desk

ON = date(2024, 5, 20)
PDF = b"%PDF-1.7 synthetic"


@pytest.fixture
def real(desk: Desk) -> Desk:
    """The desk with the real reader of workbooks."""
    desk.using = replace(desk.using, workbooks=Workbooks(b"synthetic-key-for-tests-only-0123456789"))  # type: ignore[arg-type]
    return desk


def workbook_of(desk: Desk, unit: Unit) -> bytes:
    issued = desk.using.workbooks.prefilled(desk.using.forms["self_check"], desk.campaign, desk.phase, unit)
    workbook, buffer = load_workbook(BytesIO(issued)), BytesIO()
    workbook["封面"]["B9"].value = "否"
    workbook.save(buffer)
    return buffer.getvalue()


def zipped(**files: bytes) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_dot_", "."), content)
    return buffer.getvalue()


def arrive(desk: Desk, name: str, content: bytes) -> list[ReturnFile]:
    desk.inbox.drop(desk.campaign.id, name, content, factories.at("2024-05-20"))
    collect.returns(desk.campaign, on=ON, using=desk.using)
    return desk.using.ledger.returns.pending(desk.campaign.id, received_until=ON)


def judged(desk: Desk) -> dict[Verdict, int]:
    return check.returns(desk.campaign, on=ON, using=desk.using)


def test_workbook_and_scan_of_one_unit_are_two_files(real: Desk) -> None:
    unit = real.units[0]
    content = zipped(表_dot_xlsx=workbook_of(real, unit), 盖章_dot_pdf=PDF)
    files = arrive(real, f"{unit.code}.zip", content)
    assert {file.name: file.kind for file in files} == {
        f"{unit.code}.zip/表.xlsx": FileKind.WORKBOOK,
        f"{unit.code}.zip/盖章.pdf": FileKind.SCAN,
    }
    verdicts = judged(real)
    assert verdicts[Verdict.KEPT] == 1
    assert sum(verdicts.values()) == 2
    assert Verdict.UNCLAIMED not in verdicts


def test_two_units_in_one_zip_are_told_apart(real: Desk) -> None:
    one, other = real.units[:2]
    content = zipped(a_dot_xlsx=workbook_of(real, one), b_dot_xlsx=workbook_of(real, other))
    files = arrive(real, "连锁药店.zip", content)
    judged(real)
    owners = [real.using.ledger.returns.get(file.id).unit_code for file in files]
    assert sorted(map(str, owners)) == sorted([one.code, other.code])


def test_the_inner_name_says_whose_it_is_when_the_outer_says_another(real: Desk) -> None:
    one, other = real.units[:2]
    content = zipped(**{f"{other.code}_dot_xlsx": workbook_of(real, other)})
    (file,) = arrive(real, f"{one.code}.zip", content)
    judged(real)
    found = real.using.ledger.returns.get(file.id)
    assert found.unit_code == other.code
    assert "identity.unit" not in [finding.rule for finding in found.findings]


@pytest.mark.parametrize(
    ("content", "rule"),
    [(zipped(), "archive.empty"), (zipped(内_dot_zip=zipped(a_dot_xlsx=b"x")), "file.archive")],
    ids=["empty", "nested"],
)
def test_a_zip_that_gives_nothing_to_read_is_answered_with_the_reason(
    real: Desk, content: bytes, rule: str
) -> None:
    (file,) = arrive(real, f"{real.units[0].code}.zip", content)
    assert judged(real) == {Verdict.RETURNED: 1}
    assert rule in [finding.rule for finding in real.using.ledger.returns.get(file.id).findings]


def test_the_zip_itself_is_kept(real: Desk) -> None:
    content = zipped(盖章_dot_pdf=PDF)
    arrive(real, f"{real.units[0].code}.zip", content)
    assert content in real.using.archive.files.values()


def test_collecting_again_enters_nothing_twice(real: Desk) -> None:
    content = zipped(盖章_dot_pdf=PDF)
    first = arrive(real, f"{real.units[0].code}.zip", content)
    assert arrive(real, f"{real.units[0].code}.zip", content) == first
