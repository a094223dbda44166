"""Whose a file is, what becomes of it, and the one answer it gets."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest
from sqlalchemy import event

from include.domain.model import Severity
from include.domain.notices import NoticeKind
from include.domain.obligations import ObligationState
from include.domain.returns import Finding, Reading, Verdict
from include.domain.units import Unit
from include.steps import check, collect
from tests import factories
from tests.steps.conftest import Desk

ERROR = Finding("amount", "违规金额应填数字", Severity.ERROR, "自查问题明细", "L6", "违规金额", "一万二")
WARNING = Finding("gap", "序号不连续", Severity.WARNING, "自查问题明细", "A7", "序号", "4")
DAY = date(2024, 5, 28)


def drop(
    desk: Desk,
    unit: Unit,
    *,
    reading: Reading | None = None,
    name: str | None = None,
    mark: str = "",
    received: datetime | None = None,
) -> bytes:
    """A workbook of that unit in the inbox; ``mark`` makes its bytes differ."""
    content = f"xlsx:{unit.code}:{mark}".encode()
    desk.workbooks.readings[content] = reading or factories.make_reading(unit)
    name = f"{unit.code}_{unit.name}_自查自纠情况表{mark}.xlsx" if name is None else name
    desk.inbox.drop(desk.campaign.id, name, content, received or factories.at("2024-05-28", "08:00"))
    return content


def drop_scan(desk: Desk, unit: Unit, *, received: datetime | None = None) -> None:
    name = f"{unit.code}_{unit.name}_自查报告_盖章.pdf"
    content = f"%PDF {unit.code}".encode()
    desk.inbox.drop(desk.campaign.id, name, content, received or factories.at("2024-05-28", "08:01"))


def run(desk: Desk, on: date = DAY) -> dict[Verdict, int]:
    collect.returns(desk.campaign, on=on, using=desk.using)
    return dict(check.returns(desk.campaign, on=on, using=desk.using))


def run_by(desk: Desk, at_once: int) -> dict[Verdict, int]:
    collect.returns(desk.campaign, on=DAY, using=desk.using)
    return check.returns(desk.campaign, on=DAY, using=desk.using, at_once=at_once)


def a_mixed_day(desk: Desk) -> None:
    """Everything that concerns more than one file, the parts of it as far from each other as they can be."""
    first, second, third, fourth, fifth, sixth, hospital = desk.units
    desk.quality.findings[second.code] = [ERROR]
    desk.quality.findings[third.code] = [WARNING]
    for unit in (first, second, third, fourth):
        drop(desk, unit)
    drop(desk, first, mark="（第二次）", received=factories.at("2024-05-28", "08:30"))
    damaged = Reading(None, {}, (Finding("file.damaged", "文件已损坏，请重新保存后再报"),))
    drop(desk, fourth, mark="（后报）", reading=damaged, received=factories.at("2024-05-28", "08:31"))
    same = drop(desk, sixth)
    desk.inbox.drop(desk.campaign.id, "再发一次.xlsx", same, factories.at("2024-05-28", "07:00"))
    drop(desk, fifth)
    drop(desk, factories.make_unit(99), name="自查表.xlsx")
    desk.inbox.drop(desk.campaign.id, "说明.docx", b"PK..docx", factories.at("2024-05-28"))
    for unit in (first, second, third, hospital):
        drop_scan(desk, unit, received=factories.at("2024-05-28", "08:59"))


def decided(desk: Desk) -> dict[str, object]:
    """All that is to be the same however the files were divided."""
    returns = desk.using.ledger.returns
    files = [returns.get(number) for number in range(1, 1 + sum(returns.counts(desk.campaign.id).values()))]
    kept = ("name", "verdict", "unit_code", "obligation_id", "findings", "receipt_no")
    owed = desk.using.ledger.obligations.all(desk.campaign.id, "self_check")
    return {
        "files": [tuple(getattr(file, name) for name in kept) for file in files],
        "owed": owed,
        "answers": sorted(map(str, desk.notices())),
    }


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_verdicts_do_not_depend_on_how_many_files_are_judged_at_once(desk: Desk, at_once: int) -> None:
    a_mixed_day(desk)
    assert run_by(desk, at_once) == {
        Verdict.KEPT: 4,
        Verdict.UNCLAIMED: 2,
        Verdict.ACCEPTED: 2,
        Verdict.ACCEPTED_WITH_WARNINGS: 1,
        Verdict.RETURNED: 2,
        Verdict.PARTIAL: 3,
        Verdict.DUPLICATE: 1,
    }
    states = {unit.code: desk.obligation(unit).state for unit in desk.units}
    accepted, returned, partial = (
        ObligationState.ACCEPTED,
        ObligationState.RETURNED,
        ObligationState.PARTIAL,
    )
    wanted = [accepted, returned, accepted, returned, partial, partial, ObligationState.OPEN]
    assert list(states.values()) == wanted
    [again] = [file for file in decided(desk)["files"] if file[1] is Verdict.DUPLICATE]  # type: ignore[attr-defined]
    assert again[2] == desk.units[5].code
    before = decided(desk)
    assert run_by(desk, at_once) == {}
    assert decided(desk) == before


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_crash_between_two_batches_loses_nothing_and_repeats_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    a_mixed_day(desk)
    collect.returns(desk.campaign, on=DAY, using=desk.using)
    judge, calls = desk.using.ledger.returns.judge, []

    def dies_now_and_then(*given: object, **named: object) -> None:
        calls.append(len(calls))
        if len(calls) % 3 == 0:
            raise OSError("killed")
        judge(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.using.ledger.returns, "judge", dies_now_and_then)
    tally: Counter[Verdict] = Counter()
    for _ in range(20):
        try:
            check.returns(desk.campaign, on=DAY, using=desk.using, at_once=at_once)
        except OSError:
            continue
        break
    tally.update(desk.using.ledger.returns.counts(desk.campaign.id))
    assert len(calls) > 6
    assert desk.using.ledger.returns.pending(desk.campaign.id, received_until=DAY) == []
    assert tally[Verdict.DUPLICATE] == 1
    assert tally[Verdict.ACCEPTED] == 2
    told = Counter(kind for _, kind, _ in desk.notices())
    assert told == {NoticeKind.RECEIPT: 3, NoticeKind.RETURNED: 2, NoticeKind.INCOMPLETE: 3}


def test_the_ledger_is_asked_by_the_batch_and_not_by_the_file(desk: Desk) -> None:
    asked: list[str] = []
    engine = desk.using.ledger.returns._database.engine
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    def statements(units: list[Unit], mark: str) -> int:
        for unit in units:
            drop(desk, unit, mark=mark)
        collect.returns(desk.campaign, on=DAY, using=desk.using)
        asked.clear()
        check.returns(desk.campaign, on=DAY, using=desk.using)
        return len(asked)

    outbox = 2  # each answer is entered with a statement of its own
    assert statements(desk.units, "b") - statements(desk.units[:1], "a") <= outbox * (len(desk.units) - 1)


def test_a_zero_return_completed_later_is_still_one(desk: Desk) -> None:
    unit = desk.units[0]
    drop(desk, unit)
    run(desk)
    drop_scan(desk, unit, received=factories.at("2024-05-29"))
    run(desk, date(2024, 5, 29))
    assert desk.obligation(unit).is_zero


def answers(desk: Desk) -> list[tuple[str | None, NoticeKind]]:
    return [(who, kind) for who, kind, _ in desk.notices()]


def findings(desk: Desk, content: bytes) -> list[str]:
    for file_id in range(1, 20):
        file = desk.using.ledger.returns.get(file_id)
        if file.sha256 == desk.using.archive.put(content):
            return [finding.rule for finding in desk.using.ledger.returns.findings(file_id)]
    raise AssertionError("not received")


def test_a_right_return_with_its_scan_is_accepted_and_gets_a_receipt(desk: Desk) -> None:
    unit = desk.units[0]
    drop(desk, unit)
    drop_scan(desk, unit)
    assert run(desk) == {Verdict.KEPT: 1, Verdict.ACCEPTED: 1}
    obligation = desk.obligation(unit)
    assert (obligation.state, obligation.is_zero, obligation.days_late) == (ObligationState.ACCEPTED, True, 0)
    assert answers(desk) == [(unit.code, NoticeKind.RECEIPT)]


def test_checking_again_changes_nothing_and_answers_nobody_twice(desk: Desk) -> None:
    drop(desk, desk.units[0])
    run(desk)
    before = desk.notices()
    assert run(desk) == {}
    assert desk.notices() == before


def test_a_wrong_return_is_sent_back_and_still_owed(desk: Desk) -> None:
    unit = desk.units[0]
    desk.quality.findings[unit.code] = [ERROR]
    drop(desk, unit)
    drop_scan(desk, unit)
    assert run(desk)[Verdict.RETURNED] == 1
    assert desk.obligation(unit).state is ObligationState.RETURNED
    assert answers(desk) == [(unit.code, NoticeKind.RETURNED)]


def test_one_wrong_return_does_not_stop_the_others_and_all_are_judged_in_one_batch(desk: Desk) -> None:
    desk.quality.findings[desk.units[1].code] = [ERROR]
    for unit in desk.units[:4]:
        drop(desk, unit)
        drop_scan(desk, unit)
    assert run(desk) == {Verdict.KEPT: 4, Verdict.ACCEPTED: 3, Verdict.RETURNED: 1}
    assert desk.quality.batches == [("self_check", 4)]


def test_a_warning_is_accepted_and_marked(desk: Desk) -> None:
    unit = desk.units[0]
    desk.quality.findings[unit.code] = [WARNING]
    drop(desk, unit)
    drop_scan(desk, unit)
    assert run(desk)[Verdict.ACCEPTED_WITH_WARNINGS] == 1
    assert desk.obligation(unit).is_settled


def test_without_the_stamped_scan_a_return_is_not_accepted(desk: Desk) -> None:
    unit = desk.units[0]
    drop(desk, unit)
    assert run(desk) == {Verdict.PARTIAL: 1}
    assert desk.obligation(unit).state is ObligationState.PARTIAL
    assert answers(desk) == [(unit.code, NoticeKind.INCOMPLETE)]


def test_the_scan_that_comes_later_completes_the_return_and_brings_the_receipt(desk: Desk) -> None:
    unit = desk.units[0]
    drop(desk, unit)
    run(desk)
    drop_scan(desk, unit, received=factories.at("2024-05-29"))
    assert run(desk, date(2024, 5, 29)) == {Verdict.KEPT: 1, Verdict.ACCEPTED: 1}
    assert desk.obligation(unit).state is ObligationState.ACCEPTED
    assert answers(desk)[-1] == (unit.code, NoticeKind.RECEIPT)


def test_a_scan_does_not_complete_a_return_that_was_sent_back_since(desk: Desk) -> None:
    unit = desk.units[0]
    drop(desk, unit)
    run(desk)
    desk.quality.findings[unit.code] = [ERROR]
    drop(desk, unit, mark="2")
    run(desk)
    drop_scan(desk, unit)
    run(desk)
    assert desk.obligation(unit).state is ObligationState.RETURNED


def test_the_very_same_file_twice_is_answered_once(desk: Desk) -> None:
    unit = desk.units[0]
    drop_scan(desk, unit)
    content = drop(desk, unit)
    run(desk)
    desk.inbox.drop(desk.campaign.id, "再发一次.xlsx", content, factories.at("2024-05-28", "11:00"))
    assert run(desk) == {Verdict.DUPLICATE: 1}
    assert answers(desk) == [(unit.code, NoticeKind.RECEIPT)]


@pytest.mark.parametrize("at_once", [1, 100])
@pytest.mark.parametrize("same_run", [True, False])
def test_a_file_nobody_could_assign_counts_once_it_is_sent_under_its_right_name(
    desk: Desk, same_run: bool, at_once: int
) -> None:
    unit = desk.units[0]
    content = drop(desk, unit, name="自查表.xlsx", reading=factories.make_reading(unit, token=""))
    desk.workbooks.readings[content] = Reading(None, desk.workbooks.readings[content].sheets, ())
    if not same_run:
        assert run_by(desk, at_once) == {Verdict.UNCLAIMED: 1}
    name = f"{unit.code}_自查表.xlsx"
    desk.inbox.drop(desk.campaign.id, name, content, factories.at("2024-05-28", "11:00"))
    verdicts = run_by(desk, at_once)
    assert Verdict.DUPLICATE not in verdicts
    assert desk.obligation(unit).state is not ObligationState.OPEN


def test_a_newer_wrong_return_does_not_undo_an_accepted_one(desk: Desk) -> None:
    unit = desk.units[0]
    drop(desk, unit)
    drop_scan(desk, unit)
    run(desk)
    desk.quality.findings[unit.code] = [ERROR]
    drop(desk, unit, mark="2")
    assert run(desk) == {Verdict.RETURNED: 1}
    assert desk.obligation(unit).state is ObligationState.ACCEPTED


@pytest.mark.parametrize(
    ("received", "days_late"),
    [
        pytest.param("2024-05-31T23:59", 0, id="a minute before midnight of the due day"),
        pytest.param("2024-06-01T00:01", 1, id="Saturday is late though no working day has passed"),
        pytest.param("2024-06-03T09:00", 1, id="Monday"),
        pytest.param("2024-06-05T09:00", 3, id="Wednesday"),
    ],
)
def test_lateness_counts_from_arrival_not_from_processing(desk: Desk, received: str, days_late: int) -> None:
    unit = desk.units[0]
    moment = factories.at(*received.split("T"))
    drop(desk, unit, received=moment)
    drop_scan(desk, unit, received=moment)
    run(desk, date(2024, 6, 6))
    assert desk.obligation(unit).days_late == days_late
    assert desk.obligation(unit).state is ObligationState.ACCEPTED


OTHERS = {
    "identity.unit": {"unit_code": "P15062600002"},
    "identity.campaign": {"campaign_id": "quanzhou_2024"},
    "identity.forged": {"token": "made up"},
}


@pytest.mark.parametrize("rule", OTHERS)
def test_a_workbook_that_is_not_the_units_own_is_sent_back_to_the_unit_in_the_file_name(
    desk: Desk, rule: str
) -> None:
    unit = desk.units[0]
    content = drop(desk, unit, reading=factories.make_reading(unit, **OTHERS[rule]))
    drop_scan(desk, unit)
    assert run(desk)[Verdict.RETURNED] == 1
    assert rule in findings(desk, content)
    assert answers(desk) == [(unit.code, NoticeKind.RETURNED)]


def test_another_units_workbook_never_moves_that_unit_nor_names_it(desk: Desk) -> None:
    sender, other = desk.units[0], desk.units[1]
    drop(desk, sender, reading=factories.make_reading(other))
    run(desk)
    assert desk.obligation(other).state is ObligationState.OPEN
    file = desk.using.ledger.returns.get(1)
    for finding in desk.using.ledger.returns.findings(file.id):
        assert other.code not in finding.message
        assert other.name not in finding.message


@pytest.mark.parametrize("name", ["自查表.xlsx", "P99999900001_不在名册.xlsx"])
def test_a_file_from_nobody_we_know_waits_for_staff_and_is_answered_to_nobody(desk: Desk, name: str) -> None:
    stranger = factories.make_unit(99)
    unreadable = Reading(None, {}, (Finding("identity.missing", "没有单位标识"),))
    drop(desk, stranger, reading=unreadable, name=name)
    assert run(desk) == {Verdict.UNCLAIMED: 1}
    assert desk.notices() == []


def test_an_unreadable_file_goes_back_without_an_annotated_copy(desk: Desk) -> None:
    unit = desk.units[0]
    damaged = Reading(None, {}, (Finding("file.damaged", "文件已损坏，请重新保存后再报"),))
    content = drop(desk, unit, reading=damaged)
    desk.workbooks.unopenable.add(content)
    assert run(desk) == {Verdict.RETURNED: 1}
    assert desk.quality.batches == [], "content of an unreadable file is not judged"
    assert answers(desk) == [(unit.code, NoticeKind.RETURNED)]


def test_a_file_that_is_neither_table_nor_scan_is_kept_for_staff(desk: Desk) -> None:
    desk.inbox.drop(desk.campaign.id, "说明.docx", b"PK..docx", factories.at("2024-05-28"))
    assert run(desk) == {Verdict.UNCLAIMED: 1}


def test_what_arrives_tomorrow_is_left_for_tomorrow(desk: Desk) -> None:
    drop(desk, desk.units[0], received=factories.at("2024-05-29", "00:00"))
    assert run(desk) == {}
    assert len(desk.inbox.lying[desk.campaign.id]) == 1


def test_a_crash_after_archiving_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(desk, desk.units[0])
    with monkeypatch.context() as crash:
        crash.setattr(desk.inbox, "take", lambda _: (_ for _ in ()).throw(SystemExit("killed")))
        with pytest.raises(SystemExit, match="killed"):
            collect.returns(desk.campaign, on=DAY, using=desk.using)
    assert run(desk) == {Verdict.PARTIAL: 1}
    assert desk.inbox.lying[desk.campaign.id] == []
