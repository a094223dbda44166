"""仅错误行 sent back alone: put together with the return it puts right, or answered with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from include.domain.notices import NoticeKind
from include.domain.obligations import ObligationState
from include.domain.occasions import Period
from include.domain.returns import ReturnFile, Verdict
from include.domain.units import Unit
from include.gateways.quality import Quality
from include.gateways.workbooks import Workbooks
from include.steps import check, collect
from tests import factories
from tests.gateways.workbook_builders import COVER, address, forms, item, to_bytes
from tests.steps.conftest import Desk

DAY = date(2024, 5, 28)
PAGE = "仅错误行"
SPEC = forms()["self_check"].sheet("items")
WRONG = [item(), item(measure=None, fund_amt=9900), item(memo="三")]


@pytest.fixture
def real(desk: Desk) -> Desk:
    """The desk with real workbooks and real validation."""
    desk.using = replace(desk.using, workbooks=Workbooks(b"key" * 20), quality=Quality())
    return desk


@pytest.fixture
def unit(real: Desk) -> Unit:
    """A pharmacy whose stamped scan is here."""
    scan(real, real.units[0])
    return real.units[0]


def scan(desk: Desk, unit: Unit) -> None:
    name = f"{unit.code}_自查报告_盖章.pdf"
    desk.inbox.drop(desk.campaign.id, name, b"%PDF-1.7 " + unit.code.encode(), factories.at("2024-05-20"))


def send(
    desk: Desk, name: str, content: bytes, hour: int, *, at_once: int = 100
) -> tuple[ReturnFile, dict[Verdict, int]]:
    """Judge one more file; what became of it, and of all of the run."""
    desk.inbox.drop(desk.campaign.id, name, content, factories.at("2024-05-28", f"{hour:02}:00"))
    collect.returns(desk.campaign, on=DAY, using=desk.using)
    verdicts = check.returns(desk.campaign, on=DAY, using=desk.using, at_once=at_once)
    return file_named(desk, content), verdicts


def file_named(desk: Desk, content: bytes) -> ReturnFile:
    digest = desk.using.archive.put(content)
    ids = range(1, 1 + sum(desk.using.ledger.returns.counts(desk.campaign.id).values()))
    return next(file for file in map(desk.using.ledger.returns.get, ids) if file.sha256 == digest)


def workbook(desk: Desk, unit: Unit, rows: list[dict[str, object]]) -> bytes:
    days = {"window_start": date(2021, 5, 1), "window_end": DAY, "filled_on": DAY}
    given = {"cover": [COVER | days], "items": rows}
    form = desk.using.forms["self_check"]
    return desk.using.workbooks.prefilled(form, desk.campaign, desk.phase, unit, given)  # type: ignore[return-value]


def answer(desk: Desk) -> bytes:
    """The workbook that goes out with the newest answer: the last thing put into the archive."""
    return list(desk.using.archive.files.values())[-1]


def alone(content: bytes, then: Callable[[Workbook], None] | None = None) -> bytes:
    """仅错误行 in a workbook of its own, as "move or copy to a new workbook" makes it."""
    whole = load_workbook(BytesIO(content))
    for title in [title for title in whole.sheetnames if title != PAGE]:
        del whole[title]
    if then is not None:
        then(whole)
    return to_bytes(whole)


def put_right(order: int = 0, **fields: object) -> Callable[[Workbook], None]:
    def type_in(page: Workbook) -> None:
        for field, value in fields.items():
            page[PAGE][address(SPEC, field, order)].value = value

    return type_in


def items(desk: Desk) -> list[Decimal]:
    """The fund amounts of the problems in force."""
    snapshot = desk.using.ledger.snapshots.take(
        desk.campaign.id, "summary", "self_check", period=Period(DAY, DAY), on=DAY
    )
    return [each.fund_amt for each in snapshot.items]


@pytest.fixture
def returned(real: Desk, unit: Unit) -> bytes:
    """What the unit got back: the second of three rows is wrong."""
    name = f"{unit.code}_自查自纠情况表.xlsx"
    file, _ = send(real, name, workbook(real, unit, WRONG), 8)
    assert file.verdict is Verdict.RETURNED
    assert {finding.rule for finding in file.findings} == {"measure.required"}
    return answer(real)


@pytest.mark.parametrize("at_once", [1, 100])
def test_the_page_alone_is_put_together_with_the_return_it_corrects(
    real: Desk, unit: Unit, returned: bytes, at_once: int
) -> None:
    page = alone(returned, put_right(measure="已在系统中增加互斥提示"))
    assert load_workbook(BytesIO(page)).sheetnames == [PAGE]
    file, verdicts = send(real, "改好了.xlsx", page, 9, at_once=at_once)
    assert verdicts == {Verdict.KEPT: 1, Verdict.ACCEPTED: 1}
    assert (file.verdict, file.unit_code, file.obligation_id) == (Verdict.KEPT, unit.code, None)
    assert [finding.rule for finding in file.findings] == ["corrections.merged"]
    assert real.obligation(unit).state is ObligationState.ACCEPTED
    assert items(real) == [Decimal(9800), Decimal(9900), Decimal(9800)]
    assert [kind for _, kind, _ in real.notices()] == [NoticeKind.RETURNED, NoticeKind.RECEIPT]
    before = real.notices()
    assert check.returns(real.campaign, on=DAY, using=real.using) == {}
    assert real.notices() == before


def test_a_page_that_does_not_put_everything_right_goes_back_as_a_whole_and_can_be_corrected_again(
    real: Desk, unit: Unit, returned: bytes
) -> None:
    half = alone(returned, put_right(measure="已经整改", visits="许多"))
    send(real, "第一次.xlsx", half, 9)
    assert real.obligation(unit).state is ObligationState.RETURNED
    second = answer(real)
    assert load_workbook(BytesIO(second))["自查问题明细"][address(SPEC, "measure", 1)].value == "已经整改"
    send(real, "第二次.xlsx", alone(second, put_right(visits=30, fund_amt=9850)), 10)
    assert real.obligation(unit).state is ObligationState.ACCEPTED
    assert items(real)[1] == Decimal(9850)


def test_a_page_older_than_what_was_accepted_does_not_overwrite_it(
    real: Desk, unit: Unit, returned: bytes
) -> None:
    right = [*WRONG[:1], WRONG[1] | {"measure": "在整个文件中改好", "fund_amt": 9820}]
    send(real, "整个文件.xlsx", workbook(real, unit, right), 9)
    assert real.obligation(unit).state is ObligationState.ACCEPTED
    in_force = items(real)
    file, verdicts = send(real, "旧页.xlsx", alone(returned, put_right(measure="旧页上的改正")), 10)
    assert verdicts == {Verdict.RETURNED: 1}
    [said] = file.findings
    assert said.rule == "corrections.stale"
    assert "校验通过" in said.message
    assert "整个文件.xlsx" in said.message
    assert items(real) == in_force
    assert real.obligation(unit).state is ObligationState.ACCEPTED
    assert [kind for _, kind, _ in real.notices()][-1] is NoticeKind.RETURNED


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_of_two_pages_of_one_return_the_second_is_told_that_it_is_old(
    real: Desk, unit: Unit, returned: bytes, at_once: int
) -> None:
    first = alone(returned, put_right(measure="先报的改正"))
    real.inbox.drop(real.campaign.id, "甲.xlsx", first, factories.at("2024-05-28", "09:00"))
    second = alone(returned, put_right(measure="后报的改正", fund_amt=1))
    file, verdicts = send(real, "乙.xlsx", second, 10, at_once=at_once)
    assert verdicts == {Verdict.KEPT: 1, Verdict.ACCEPTED: 1, Verdict.RETURNED: 1}
    assert [finding.rule for finding in file.findings] == ["corrections.stale"]
    assert items(real)[1] == Decimal(9900)


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_a_whole_file_of_the_same_day_is_newer_than_the_page_of_an_older_one(
    real: Desk, unit: Unit, returned: bytes, at_once: int
) -> None:
    page = alone(returned, put_right(measure="改在单页"))
    real.inbox.drop(real.campaign.id, "页.xlsx", page, factories.at("2024-05-28", "09:00"))
    whole = workbook(real, unit, [WRONG[0]])
    _, verdicts = send(real, "整个文件.xlsx", whole, 10, at_once=at_once)
    assert verdicts == {Verdict.ACCEPTED: 1, Verdict.RETURNED: 1}
    assert file_named(real, page).findings[0].rule == "corrections.stale"
    assert items(real) == [Decimal(9800)]


def test_a_row_the_return_does_not_have_is_named_and_nothing_is_changed(
    real: Desk, unit: Unit, returned: bytes
) -> None:
    file, verdicts = send(real, "页.xlsx", alone(returned, put_right(seq=77, measure="改")), 9)
    assert verdicts == {Verdict.RETURNED: 1}
    [said] = file.findings
    assert said.rule == "corrections.no_row"
    assert "77" in said.message
    assert real.obligation(unit).state is ObligationState.RETURNED


def test_a_page_whose_return_is_not_here_is_answered_with_a_sentence(
    real: Desk, unit: Unit, returned: bytes
) -> None:
    stranger = real.units[1]
    send(real, f"{stranger.code}.xlsx", workbook(real, stranger, WRONG), 9)
    page = alone(answer(real), put_right(measure="改"))
    real.using.archive.files.pop(
        next(
            file.sha256
            for file in map(real.using.ledger.returns.get, (1, 2, 3))
            if file.unit_code == stranger.code
        )
    )
    file, _ = send(real, "页.xlsx", page, 10)
    assert file.verdict is Verdict.RETURNED
    assert file.findings[0].rule == "corrections.no_return"
    assert "整个专用表" in file.findings[0].message


def test_a_page_whose_origin_was_tampered_with_is_not_believed(
    real: Desk, unit: Unit, returned: bytes
) -> None:
    def forge(page: Workbook) -> None:
        cell = next(cell for cell in page[PAGE][1] if "|" in str(cell.value))
        cell.value = cell.value.replace(unit.code, real.units[1].code)

    file, _ = send(real, f"{unit.code}.xlsx", alone(returned, forge), 9)
    assert file.verdict is Verdict.RETURNED
    assert "identity.forged" in {finding.rule for finding in file.findings}
    assert real.obligation(real.units[1]).state is ObligationState.OPEN


def test_a_page_put_together_once_is_not_put_together_again_after_a_crash(
    real: Desk, unit: Unit, returned: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = alone(returned, put_right(measure="改好了"))
    real.inbox.drop(real.campaign.id, "页.xlsx", page, factories.at("2024-05-28", "09:00"))
    collect.returns(real.campaign, on=DAY, using=real.using)
    with monkeypatch.context() as crash:
        crash.setattr(Quality, "judge", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        with pytest.raises(OSError, match="killed"):
            check.returns(real.campaign, on=DAY, using=real.using)
    assert file_named(real, page).verdict is Verdict.KEPT
    assert check.returns(real.campaign, on=DAY, using=real.using) == {Verdict.ACCEPTED: 1}
    assert real.obligation(unit).state is ObligationState.ACCEPTED
