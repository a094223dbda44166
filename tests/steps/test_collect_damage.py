"""Files that are not what they should be, from arrival to verdict: each with its reason, none lost, none in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from include.domain.returns import Verdict
from include.gateways.workbooks import Workbooks
from include.steps import check, collect
from tests import factories
from tests.gateways.damage.zips import entry, zip_of
from tests.steps.conftest import Desk
from tests.steps.test_collect_archives import ON, workbook_of

KEY = b"synthetic-key-for-tests-only-0123456789"
UTF8 = 0x800


@pytest.fixture
def real(desk: Desk) -> Desk:
    """The desk with the real reader of workbooks."""
    desk.using = replace(desk.using, workbooks=Workbooks(KEY))  # type: ignore[arg-type]
    return desk


def of_another_campaign(desk: Desk) -> bytes:
    other = replace(desk, campaign=desk.campaign.model_copy(update={"id": "other_2023"}))
    return workbook_of(other, desk.units[0])


def of_another_unit(desk: Desk) -> bytes:
    return workbook_of(desk, desk.units[1])


def of_another_year(desk: Desk) -> bytes:
    old = desk.using.forms["self_check"].model_copy(update={"version": "2019.1"})
    forms = dict(desk.using.forms) | {"self_check": old}
    return workbook_of(replace(desk, using=replace(desk.using, forms=forms)), desk.units[0])


def signed_by_somebody_else(desk: Desk) -> bytes:
    forger = replace(desk, using=replace(desk.using, workbooks=Workbooks(KEY[::-1])))  # type: ignore[arg-type]
    return workbook_of(forger, desk.units[0])


@dataclass(frozen=True)
class Case:
    make: Callable[[Desk], bytes]
    rule: str
    said: str


WRONG = {
    "another campaign's": Case(of_another_campaign, "identity.campaign", "属于其他专项行动"),
    "another unit's": Case(of_another_unit, "identity.unit", "发给其他单位的专用表"),
    "another year's": Case(of_another_year, "form.version", "版本是“2019.1”"),
    "not signed by us": Case(signed_by_somebody_else, "identity.forged", "防伪信息已被改动"),
    "cut off": Case(lambda desk: workbook_of(desk, desk.units[0])[:3000], "file.damaged", "没有传完整"),
}


def arrive(desk: Desk, *files: tuple[str, bytes]) -> dict[str, tuple[Verdict | None, dict[str, str]]]:
    """What becomes of files that arrive together: by name, the verdict and what was found by rule."""
    for name, content in files:
        desk.inbox.drop(desk.campaign.id, name, content, factories.at("2024-05-20"))
    collect.returns(desk.campaign, on=ON, using=desk.using)
    waiting = desk.using.ledger.returns.pending(desk.campaign.id, received_until=ON)
    check.returns(desk.campaign, on=ON, using=desk.using)
    judged = [desk.using.ledger.returns.get(file.id) for file in waiting]
    return {
        file.name: (file.verdict, {finding.rule: finding.message for finding in file.findings})
        for file in judged
    }


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_workbook_goes_back_with_its_reason_and_is_kept(real: Desk, name: str) -> None:
    case, file_name = WRONG[name], f"{real.units[0].code}_自查表.xlsx"
    content = case.make(real)
    verdict, said = arrive(real, (file_name, content))[file_name]
    assert verdict is Verdict.RETURNED
    assert case.said in said[case.rule]
    assert content in real.using.archive.files.values()
    assert real.units[1].name not in "".join(said.values()), "nobody is told of another unit"


def test_what_is_wrong_does_not_hold_up_what_is_right(real: Desk) -> None:
    wrong = [
        (f"{real.units[0].code}_{number}.xlsx", case.make(real)) for number, case in enumerate(WRONG.values())
    ]
    right = f"{real.units[1].code}_自查表.xlsx"
    found = arrive(real, *wrong, (right, workbook_of(real, real.units[1])))
    assert len(found) == len(wrong) + 1
    assert all(verdict is not None for verdict, _ in found.values())
    rules = {case.rule for case in WRONG.values()}
    assert not rules & set(found[right][1])
    assert all(rules & set(said) for name, (_, said) in found.items() if name != right)


@pytest.mark.parametrize(
    "sent",
    [
        "../../../etc/cron.d/{}.xlsx",
        "/etc/{}.xlsx",
        "C:\\Windows\\{}.xlsx",
        "..\\..\\{}.xlsx",
        "\\\\host\\c$\\{}.xlsx",
    ],
)
def test_a_path_in_a_zip_leads_nowhere(real: Desk, sent: str) -> None:
    unit = real.units[0]
    inner = workbook_of(real, unit)
    found = arrive(real, ("报送.zip", zip_of(entry(sent.format(unit.code), inner))))
    (name,) = found
    assert name.endswith(f"{unit.code}.xlsx")
    assert not any(part in {"..", "", "C:"} for part in name.split("/"))
    assert "\\" not in name
    assert inner in real.using.archive.files.values()


def test_names_in_two_encodings_in_one_zip_are_both_read(real: Desk) -> None:
    one, other = real.units[:2]
    names = f"{one.code}_自查表.xlsx", f"{other.code}_自查表.xlsx"
    packed = zip_of(
        entry(names[0].encode("gbk"), workbook_of(real, one)),
        entry(names[1].encode(), workbook_of(real, other), flags=UTF8),
    )
    assert set(arrive(real, ("两家.zip", packed))) == {f"两家.zip/{name}" for name in names}
