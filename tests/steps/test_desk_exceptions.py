"""Limits, waivers, due dates, claims and stops signed at the desk: shown first, entered once, refused with the rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from include.domain.desk import Outcome
from include.domain.errors import GiveUp
from include.domain.plans import EVERYTHING
from include.domain.returns import FileKind, Finding, Judgement, Verdict
from include.gateways.ledger.tables import audit
from include.gateways.quality import Quality
from include.steps import desk_limits, desk_returns, desk_sending, stop_sending
from include.steps.slips import Slip
from tests import factories
from tests.gateways.workbook_builders import forms
from tests.steps.conftest import Desk
from tests.steps.test_follow import clue, enter

DAY = date(2024, 6, 20)
QUALITY = Quality()
NUMBER = "XS-150626-20240603-0001"


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A clue is open and due on 25 June."""
    desk.using = replace(desk.using, quality=QUALITY)
    desk.clock[0] = factories.at("2024-06-20")
    enter(desk, "clue", clue(1))
    return desk


def slip(office: Desk, answers: dict[str, str], *, dry_run: bool = False) -> Slip:
    return Slip(office.campaign, DAY, "admin", "情况复杂", answers, dry_run, office.using)


def last_actor(office: Desk) -> str:
    with office.using.ledger._database.reading() as connection:
        row = connection.execute(audit.select().order_by(audit.c.id.desc()).limit(1)).one()
    return str(row.actor)


def entries(office: Desk) -> int:
    with office.using.ledger._database.reading() as connection:
        return len(connection.execute(audit.select()).all())


LIMIT = {"register": "clue", "number": NUMBER, "approved_by": "office_director"}
WAIVED = {
    "form": "self_check",
    "unit": factories.make_unit(1).code,
    "rule": "amount_covers_fund",
    "approved_by": "office_director",
}
ACTS: list[tuple[Callable[[Slip], Outcome], dict[str, str], str]] = [
    (desk_limits.extend, LIMIT, "期限 “2024-06-25” → “2024-07-16”"),
    (desk_limits.pause, LIMIT | {"ground": "鉴定"}, "期限 “2024-06-25” → “期限自2024-06-20起暂停计算”"),
    (desk_limits.waive_rule, WAIVED | {"until": "2024-06-30"}, "→ “只作告知，至2024-06-30”"),
    (
        desk_limits.extend_due_date,
        {"form": "self_check", "unit": WAIVED["unit"], "approved_by": "office_director", "until": "2024-07-10"},
        "→ “2024-07-10”",
    ),
    (desk_sending.stop, {"scope": "everything"}, "发送 “照常发送” → “停止发送”"),
    (desk_sending.stop, {"scope": "campaign"}, "发送 “照常发送” → “停止发送”"),
    (desk_sending.suspend_unit, {"unit": WAIVED["unit"].lower()}, "发信 “照常发送” → “暂停”"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "answers", "change"), ACTS)
def test_an_act_is_shown_first_and_then_entered_in_the_user_s_name(
    office: Desk, act: Callable[[Slip], Outcome], answers: dict[str, str], change: str
) -> None:
    before = entries(office)
    shown = act(slip(office, answers, dry_run=True))
    assert entries(office) == before, "a dry run must enter nothing"
    assert any(change in line for line in shown.changes), shown
    assert act(slip(office, answers)) == shown
    assert entries(office) == before + 1
    assert "admin" in last_actor(office)


def test_a_limit_paused_is_resumed(office: Desk) -> None:
    desk_limits.pause(slip(office, LIMIT | {"ground": "鉴定", "since": "2024-06-17"}))
    told = desk_limits.resume(slip(office, LIMIT))
    assert told.changes == ("期限 “期限自2024-06-17起暂停计算” → “2024-06-28”",)


def test_a_waiver_is_revoked(office: Desk) -> None:
    desk_limits.waive_rule(slip(office, WAIVED | {"until": "2024-06-30"}))
    told = desk_limits.revoke_waiver(slip(office, WAIVED))
    assert "自2024-06-20起照常校验" in told.changes[0]
    with pytest.raises(ValueError, match="没有仍然有效的这项豁免"):
        desk_limits.revoke_waiver(slip(office, WAIVED))


@pytest.mark.parametrize(
    ("act", "answers", "sentence"),
    [
        (desk_limits.extend, LIMIT | {"days": "16"}, "最多延长1次：第1次不超过15个工作日.*依据"),
        (desk_limits.extend, LIMIT | {"approved_by": "nobody"}, "没有岗位“nobody”，可选"),
        (desk_limits.pause, LIMIT, "只有检测、检验.*请选择其中一项"),
        (desk_limits.resume, LIMIT, "没有暂停，无需恢复"),
        (desk_limits.extend, LIMIT | {"number": "XS-1"}, "没有编号“XS-1”"),
        (desk_limits.waive_rule, WAIVED, "请填写豁免的最后一天"),
        (desk_limits.waive_rule, WAIVED | {"rule": "amount_cover", "until": "2024-06-30"}, "没有规则“amount_cover”"),
        (
            desk_limits.extend_due_date,
            {"form": "self_check", "unit": WAIVED["unit"], "approved_by": "office_director", "until": "2024-05-01"},
            "延期后的截止日2024-05-01须更晚",
        ),
        (desk_sending.resume, {"scope": "everything"}, "全部专项行动没有停止发送，无需恢复"),
        (desk_sending.resume_unit, {"unit": WAIVED["unit"]}, "没有暂停向.*发信"),
        (desk_sending.suspend_unit, {"unit": "P15062699999"}, "名册中没有编码"),
        (desk_returns.assign, {"file": "7", "unit": WAIVED["unit"], "post": "office_staff"}, "没有编号7"),
        (desk_returns.set_aside, {"file": "7", "post": "office_staff"}, "没有编号7"),
    ],
)  # fmt: skip
def test_a_refusal_says_the_rule_and_enters_nothing(
    office: Desk, act: Callable[[Slip], Outcome], answers: dict[str, str], sentence: str
) -> None:
    before = entries(office)
    with pytest.raises((GiveUp, ValueError), match=f"(?s){sentence}"):
        act(slip(office, answers))
    assert entries(office) == before


def test_a_second_extension_is_refused_with_the_rule(office: Desk) -> None:
    desk_limits.extend(slip(office, LIMIT))
    with pytest.raises(GiveUp, match=r"已延长1次，不能再延长.*依据"):
        desk_limits.extend(slip(office, LIMIT))


def test_an_agreed_extension_that_runs_once_more_extends_once(office: Desk) -> None:
    enter(office, "rectification", {"state": "整改中", "closed_on": None, "due_on": date(2024, 7, 10)})
    number = next(
        iter(
            office.using.ledger.registers.records(office.campaign.id, forms()["rectification"])[
                "rectification"
            ]
        )
    )
    agreed = {"register": "rectification", "number": number, "approved_by": "office_director", "days": "5"}
    first = desk_limits.extend(slip(office, agreed))
    before = entries(office)
    again = desk_limits.extend(slip(office, agreed))
    assert len(first.changes) == 1
    assert (again.changes, entries(office)) == ((), before)


def test_a_stop_that_stands_is_told_and_not_entered_again(office: Desk) -> None:
    desk_sending.stop(slip(office, {"scope": "everything"}))
    again = desk_sending.stop(slip(office, {"scope": "everything"}))
    assert (again.changes, "无需再停" in again.notes[0]) == ((), True)


def test_confirming_after_a_restore_says_what_becomes_of_the_mails(office: Desk) -> None:
    stop_sending.stop(EVERYTHING, by=stop_sending.SYSTEM, reason="台账可能是从备份恢复的", using=office.using)
    told = desk_sending.resume(slip(office, {"scope": "everything"}))
    assert any("待核实" in note for note in told.notes)
    assert stop_sending.now(EVERYTHING, office.using) is None


def unclaimed(office: Desk, name: str = "扫描件.pdf") -> str:
    returns = office.using.ledger.returns
    file = returns.receive(
        office.campaign.id,
        name=name,
        sha256=office.using.archive.put(name.encode()),
        kind=FileKind.SCAN,
        channel="folder",
        received_at=office.clock[0],
        received_on=DAY,
    )
    unknown = Finding("unit.unknown", "单位不明")
    returns.judge([Judgement(file.id, Verdict.UNCLAIMED, findings=(unknown,))], [], on=DAY, actor="check")
    return str(file.id)


def test_a_file_is_listed_claimed_and_another_set_aside(office: Desk) -> None:
    claimed, aside = unclaimed(office), unclaimed(office, "广告.pdf")
    listed = desk_returns.list_unclaimed(slip(office, {}))
    assert [note[: len(claimed) + 1] for note in listed.notes] == [f"{claimed}号", f"{aside}号"]
    answers = {"file": claimed, "unit": WAIVED["unit"], "post": "office_staff"}
    before = entries(office)
    shown = desk_returns.assign(slip(office, answers, dry_run=True))
    assert (entries(office), shown.changes[0]) == (
        before,
        f"所属单位 “待认领” → “{WAIVED['unit']} 示例单位1”",
    )
    desk_returns.assign(slip(office, answers))
    assert last_actor(office).endswith("（经办：admin）")
    desk_returns.set_aside(slip(office, {"file": aside, "post": "office_staff"}, dry_run=True))
    desk_returns.set_aside(slip(office, {"file": aside, "post": "office_staff"}))
    assert desk_returns.list_unclaimed(slip(office, {})).notes == ()
    with pytest.raises(ValueError, match=f"没有编号{claimed}，可能已经处理"):
        desk_returns.assign(slip(office, answers))


def test_the_titles_on_the_pages_are_those_of_the_forms() -> None:
    from include.domain.time_limits import FOLLOWED, PAUSE_GROUNDS
    from include.wiring.desk_fields import GROUNDS, REGISTERS

    assert tuple(REGISTERS) == FOLLOWED
    assert GROUNDS == PAUSE_GROUNDS
    assert set(REGISTERS) <= set(forms())
