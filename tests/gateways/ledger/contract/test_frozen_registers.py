"""What a snapshot freezes of the registers: the rows figures need, and nothing about who gave a tip."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from include.domain.occasions import Period
from include.domain.registers import Change, parts
from include.domain.reports import FigureNote, Scope, Snapshot
from include.domain.screening import RuleRun, Run
from include.domain.snapshot_records import Screening
from include.gateways.form_files import load_forms
from include.gateways.ledger.frozen import Content
from include.gateways.ledger.snapshots import CONTENT
from include.steps.ports import Ledger
from tests.gateways.ledger.contract.samples import (
    ACTOR,
    CAMPAIGN,
    MONDAY,
    NEXT_MONDAY,
    PHASE,
    make_change,
    make_units,
)

FORMS = load_forms()
PERIOD = Period(MONDAY, NEXT_MONDAY)
ROWS: tuple[tuple[str, int, str, Mapping[str, Any]], ...] = (
    (
        "inspection",
        0,
        "JC1",
        {
            "unit_code": "H1",
            "status": "完成",
            "end_on": MONDAY,
            "problem_count": 1,
            "violation_amt": Decimal("9.50"),
        },
    ),
    ("inspection", 0, "JC2", {"unit_code": "H1", "status": "检查中"}),
    (
        "inspection",
        1,
        "JC1#1",
        {"record_number": "JC1", "violation_type": "重复收费", "violation_amt": Decimal("9.50")},
    ),
    ("inspection", 1, "JC2#1", {"record_number": "JC2", "violation_type": "重复收费"}),
    ("rectification", 0, "ZG1", {"source": "自查", "payable": Decimal("2.00"), "paid": Decimal("1.10")}),
    (
        "clue",
        0,
        "XS1",
        {
            "source": "国家局下发",
            "state": "待复核",
            "received_on": MONDAY,
            "suspect_amt": Decimal("5.00"),
            "model_code": "秘密疑点",
        },
    ),
    (
        "clue",
        0,
        "XS2",
        {"source": "本地大数据筛查", "state": "未启动", "received_on": MONDAY, "model_code": "S05 分解住院"},
    ),
    (
        "tip",
        0,
        "1",
        {
            "received_at": MONDAY,
            "accepted": "受理",
            "state": "已回复",
            "content": "秘密内容不得外传",
            "receiver_post": "秘密岗位",
            "reply": "已告知样例某",
        },
    ),
    (
        "case",
        0,
        "AJ1",
        {
            "party_type": "参保人员",
            "party_name": "样例某",
            "party_cert": "1506**********0012",
            "filed_on": MONDAY,
            "dispositions": "约谈；行政处罚",
            "state": "决定",
        },
    ),
    ("referral", 0, "YS1", {"direction": "移出", "to_org": "公安机关", "party": "样例某", "sent_on": MONDAY}),
    ("blacklist", 0, "样例某 / 1506**********0012 / 文1", {"subject_type": "参保人员", "listed_on": MONDAY}),
)


def enter(ledger: Ledger) -> None:
    for form_key, at, number, values in ROWS:
        part = parts(FORMS[form_key])[at]
        change = Change(part, number, None, {"number": number} | dict(values))
        ledger.registers.enter(
            CAMPAIGN, FORMS[form_key], [change], on=MONDAY, actor=ACTOR, source_sha256="a" * 64
        )


def take(ledger: Ledger, on: date = NEXT_MONDAY) -> Snapshot:
    return ledger.snapshots.take(CAMPAIGN, "summary", PHASE, period=PERIOD, on=on)


def test_every_register_is_frozen_with_codes_days_and_amounts(ledger: Ledger) -> None:
    enter(ledger)
    snapshot = take(ledger)
    [inspection] = snapshot.inspections
    assert (inspection.number, inspection.end_on, inspection.violation_amt) == (
        "JC1",
        MONDAY,
        Decimal("9.50"),
    )
    assert [problem.violation_type for problem in snapshot.problems] == ["DUPLICATE_CHARGE"]
    [line] = snapshot.rectifications
    assert (line.source, line.payable, line.paid) == ("自查", Decimal("2.00"), Decimal("1.10"))
    clue, own = snapshot.clues
    assert (clue.model, own.source, own.model) == ("", "LOCAL_MODEL", "S05 分解住院")
    assert (clue.source, clue.state, clue.checked_on, clue.closed_on) == (
        "NHSA",
        "UNDER_REVIEW",
        MONDAY,
        None,
    )
    [tip] = snapshot.tips
    assert (tip.accepted, tip.state, tip.is_replied) == (True, "REPLIED", True)
    [case] = snapshot.cases
    assert (case.dispositions, case.unit_name) == (("ADMIN_PENALTY", "TALK"), "")
    assert [referral.to_org for referral in snapshot.referrals] == ["POLICE"]
    assert [entry.subject for entry in snapshot.blacklistings] == ["参保人员"]


def test_a_snapshot_has_what_each_rule_found_in_each_run(ledger: Ledger) -> None:
    rules = (
        RuleRun("S05", "1.0", {"days": Decimal(15)}, 4, title="分解住院"),
        RuleRun("S09", "1.0", {}, 0, "缺少清单：死亡人员名单（deaths.csv）", "死亡后结算"),
    )
    ledger.screenings.record(CAMPAIGN, Run(MONDAY, "区划150626", rules, 4, 3))
    assert ledger.screenings.runs(CAMPAIGN)[0].rules == rules
    taken = take(ledger)
    assert taken.screenings == (Screening(MONDAY, "区划150626", "S05 分解住院", 4),)
    assert ledger.snapshots.get(taken.id) == taken


def test_nothing_that_names_a_person_or_tells_who_gave_a_tip_is_frozen(ledger: Ledger) -> None:
    enter(ledger)
    text = CONTENT.dump_json(Content.of(take(ledger))).decode()
    for secret in ("样例某", "1506****", "秘密", "tipster", "phone", "real_name", 'reply"', "content"):
        assert secret not in text


def test_the_same_registers_give_the_same_snapshot_whatever_the_day(ledger: Ledger) -> None:
    enter(ledger)
    first = take(ledger)
    assert take(ledger, date(2026, 3, 20)) == first
    assert ledger.snapshots.get(first.id) == first


def test_the_roster_is_frozen_as_it_was_imported(ledger: Ledger) -> None:
    first, second = make_units(2)
    ledger.roster.freeze(CAMPAIGN, [first], [], on=MONDAY, actor=ACTOR, source_sha256="a" * 64)
    ledger.roster.adjust(
        CAMPAIGN,
        [make_change("joined", second, MONDAY), make_change("left", first, NEXT_MONDAY)],
        actor=ACTOR,
    )
    assert [unit.code for unit in take(ledger).roster] == [first.code]


def test_a_snapshot_from_before_there_were_registers_is_still_read() -> None:
    content = CONTENT.validate_json(gzip.decompress(gzip.compress(b'{"items":[],"units":[]}')))
    assert content == Content((), ())


def note(value: Decimal | None = None, words: str = "更正") -> FigureNote:
    return FigureNote("clues_received", "", "", Scope.CUMULATIVE, value, words, "基金监管科")


def test_a_note_makes_another_snapshot_and_the_last_word_counts(ledger: Ledger) -> None:
    before = take(ledger)
    ledger.snapshots.annotate(CAMPAIGN, "summary", PERIOD, note(), on=MONDAY)
    ledger.snapshots.annotate(CAMPAIGN, "summary", PERIOD, note(Decimal("7"), "再更正"), on=MONDAY)
    ledger.snapshots.annotate(CAMPAIGN, "summary", PERIOD, note(Decimal("7"), "再更正"), on=MONDAY)
    after = take(ledger)
    assert after.id != before.id
    assert (
        after.notes == ledger.snapshots.notes(CAMPAIGN, "summary", PERIOD) == (note(Decimal("7"), "再更正"),)
    )
    assert ledger.snapshots.get(before.id).notes == ()


@pytest.mark.parametrize("report", ["other_report"])
def test_a_note_belongs_to_one_report_and_period(ledger: Ledger, report: str) -> None:
    ledger.snapshots.annotate(CAMPAIGN, "summary", PERIOD, note(), on=MONDAY)
    assert ledger.snapshots.notes(CAMPAIGN, report, PERIOD) == ()
    assert ledger.snapshots.notes(CAMPAIGN, "summary", Period(MONDAY, MONDAY)) == ()
