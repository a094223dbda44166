"""Time limits of single records: dates around holidays, pauses, extensions, and what is refused."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain import tips
from include.domain.form_rules import Condition, RequiredIf
from include.domain.forms import Form
from include.domain.model import Severity
from include.domain.registers import MACHINES, STATE, Change, illegal_move, parts
from include.domain.returns import Value
from include.domain.time_limits import (
    FOLLOWED,
    LIMITS,
    PAUSE_GROUNDS,
    ChangeKind,
    Counting,
    Entered,
    History,
    LimitChange,
    due,
    is_final,
    refusal,
    running,
)
from include.domain.workdays import WorkdayCalendar
from include.gateways.penalty_file import load_law
from tests.gateways.workbook_builders import forms

CALENDAR = WorkdayCalendar()
REWARDS = load_law().rewards
TIP: dict[str, Value] = {STATE: "已受理", "received_at": date(2024, 6, 3), "real_name": True}
CLUE: dict[str, Value] = {STATE: "核查中", "due_on": date(2024, 6, 25), "source": "省局下发"}
CASE: dict[str, Value] = {STATE: "调查", "filed_on": date(2024, 6, 20)}
REFERRAL: dict[str, Value] = {"direction": "移出", "kind": "涉嫌犯罪", "proposed_on": date(2024, 7, 8)}


def moved(kind: ChangeKind, day: date, *, limit: str = "verify", days: int = 0, **facts: Any) -> LimitChange:
    ground = "鉴定" if kind is ChangeKind.PAUSE else ""
    given = {"reason": "需要鉴定", "approved_by": "局长", "ground": ground} | facts
    return LimitChange("tip", "1", limit, kind, day, days=days, **given)


def due_on(register: str, values: dict[str, Value], *changes: LimitChange, states: Any = ()) -> date | None:
    found = due(register, values, History(changes, tuple(states)), CALENDAR)
    return found.due_on if found else None


@pytest.mark.parametrize(
    ("received", "until"),
    [
        (date(2024, 6, 3), date(2024, 6, 25)),  # over the Dragon Boat Festival (6-10)
        (date(2024, 1, 29), date(2024, 2, 22)),  # Spring Festival 2-10 to 2-17; 2-4 and 2-18 are worked
        (date(2024, 2, 9), date(2024, 3, 7)),  # the eve, a working day that year
        (date(2024, 2, 10), date(2024, 3, 7)),  # the first holiday: the next counted day is 2-18, a Sunday
        (date(2024, 9, 27), date(2024, 10, 23)),  # National Day; 9-29 and 10-12 are worked
        (date(2024, 12, 27), date(2025, 1, 20)),  # over the turn of the year
    ],
)
def test_fifteen_working_days_from_the_day_after_a_tip_came(received: date, until: date) -> None:
    assert due_on("tip", TIP | {"received_at": received}) == until
    counted = list(CALENDAR.working_days(received + timedelta(days=1), until))
    assert len(counted) == 15


@pytest.mark.parametrize(
    ("register", "values", "limit", "until"),
    [
        ("tip", TIP | {"filed_on": date(2024, 9, 30)}, "tell", date(2024, 10, 12)),
        ("clue", CLUE, "verify", date(2024, 6, 25)),
        ("clue", CLUE | {STATE: "已办结"}, "feed_back", date(2024, 6, 25)),
        ("rectification", {STATE: "整改中", "due_on": date(2024, 7, 10)}, "rectify", date(2024, 7, 10)),
        ("rectification", {STATE: "待验收", "due_on": date(2024, 7, 10)}, "check", date(2024, 7, 10)),
        ("case", CASE, "decide", date(2024, 9, 18)),
        ("case", CASE | {STATE: "送达", "served_on": date(2024, 8, 7)}, "execute", date(2024, 8, 22)),
        ("referral", REFERRAL, "approve", date(2024, 7, 11)),
        ("referral", REFERRAL | {"approved_on": date(2024, 7, 10)}, "hand_over", date(2024, 7, 11)),
        ("blacklist", {"ban_until": date(2027, 8, 9)}, "remove", date(2027, 8, 9)),
    ],
)
def test_each_limit_runs_from_its_own_day(
    register: str, values: dict[str, Value], limit: str, until: date
) -> None:
    found = due(register, values, History(), CALENDAR)
    assert found is not None
    assert (found.limit.key, found.due_on) == (limit, until)


@pytest.mark.parametrize(
    ("register", "values"),
    [
        ("tip", {STATE: "已回复", "received_at": date(2024, 6, 3)}),
        ("tip", TIP | {"filed_on": date(2024, 6, 20), "real_name": False}),
        ("tip", TIP | {"filed_on": date(2024, 6, 20), "told_on": date(2024, 6, 21)}),
        ("clue", CLUE | {STATE: "已反馈"}),
        ("clue", CLUE | {STATE: "已办结", "source": "自查"}),
        ("case", CASE | {STATE: "终止"}),
        ("case", CASE | {STATE: "执行", "decided_on": date(2024, 8, 5)}),
        ("referral", REFERRAL | {"direction": "移入"}),
        ("inspection", {"status": "检查中"}),
    ],
)
def test_where_no_rule_sets_a_day_none_is_invented(register: str, values: dict[str, Value]) -> None:
    assert running(register, values) is None


@pytest.mark.parametrize(
    ("changes", "until"),
    [
        ([moved(ChangeKind.EXTEND, date(2024, 6, 20), days=15)], date(2024, 7, 16)),
        # Ten calendar days in appraisal, of which 6-10 is free and 6-15, 6-16 a weekend: seven working days.
        (
            [moved(ChangeKind.PAUSE, date(2024, 6, 10)), moved(ChangeKind.RESUME, date(2024, 6, 20))],
            date(2024, 7, 4),
        ),
        # Paused and resumed the same day: nothing is gained.
        (
            [moved(ChangeKind.PAUSE, date(2024, 6, 12)), moved(ChangeKind.RESUME, date(2024, 6, 12))],
            date(2024, 6, 25),
        ),
        # A pause over the long weekend only: no working day is gained.
        (
            [moved(ChangeKind.PAUSE, date(2024, 6, 8)), moved(ChangeKind.RESUME, date(2024, 6, 11))],
            date(2024, 6, 25),
        ),
        ([moved(ChangeKind.PAUSE, date(2024, 6, 12))], None),
        ([moved(ChangeKind.EXTEND, date(2024, 6, 20), days=15, limit="tell")], date(2024, 6, 25)),
    ],
)
def test_pauses_do_not_count_and_extensions_are_added(changes: list[LimitChange], until: date | None) -> None:
    assert due_on("tip", TIP, *changes) == until


def test_an_agreed_day_moves_by_the_days_it_was_paused() -> None:
    pause = [moved(ChangeKind.PAUSE, date(2024, 6, 20)), moved(ChangeKind.RESUME, date(2024, 6, 25))]
    assert due_on("clue", CLUE, *pause) == date(2024, 6, 30)
    after_it = [moved(ChangeKind.PAUSE, date(2024, 6, 26)), moved(ChangeKind.RESUME, date(2024, 7, 1))]
    assert due_on("clue", CLUE, *after_it) == date(2024, 6, 25)


def test_the_days_a_case_was_suspended_do_not_count_and_are_taken_out_once() -> None:
    states = [
        Entered("立案", date(2024, 6, 20)),
        Entered("中止", date(2024, 7, 1)),
        Entered("调查", date(2024, 7, 11)),
    ]
    assert due_on("case", CASE, states=states) == date(2024, 9, 28)
    overlapping = [
        moved(ChangeKind.PAUSE, date(2024, 7, 5), limit="decide"),
        moved(ChangeKind.RESUME, date(2024, 7, 16), limit="decide"),
    ]
    assert due_on("case", CASE, *overlapping, states=states) == date(2024, 10, 3)


EXTENDED = moved(ChangeKind.EXTEND, date(2024, 6, 20), days=15)
PAUSED = moved(ChangeKind.PAUSE, date(2024, 6, 10))


@pytest.mark.parametrize(
    ("register", "values", "before", "change", "says"),
    [
        ("tip", TIP, [], moved(ChangeKind.EXTEND, date(2024, 6, 20), days=15, reason=" "), "须写明理由（依据：.*第4号"),
        ("tip", TIP, [], moved(ChangeKind.EXTEND, date(2024, 6, 20), days=15, approved_by=""), "须经批准.*第4号"),
        ("tip", TIP, [], moved(ChangeKind.EXTEND, date(2024, 6, 20), days=16), "延长16个工作日不符合规定.*不超过15"),
        ("tip", TIP, [], moved(ChangeKind.EXTEND, date(2024, 6, 20), days=0), "不符合规定"),
        ("tip", TIP, [EXTENDED], EXTENDED, "已延长1次，不能再延长：最多延长1次"),
        ("tip", TIP | {"filed_on": date(2024, 6, 20)}, [], moved(ChangeKind.EXTEND, date(2024, 6, 20), limit="tell", days=5), "不能延长：不得延长.*第5号"),
        ("tip", TIP | {STATE: "已回复"}, [], PAUSED, "已办理完毕（已回复），期限已经终止，不能暂停计算"),
        ("tip", TIP, [PAUSED], PAUSED, "已自2024-06-10起暂停，请先恢复"),
        ("tip", TIP, [], moved(ChangeKind.RESUME, date(2024, 6, 20)), "没有暂停，无需恢复"),
        ("tip", TIP, [PAUSED], moved(ChangeKind.RESUME, date(2024, 6, 9)), "早于暂停日期"),
        ("tip", TIP, [], moved(ChangeKind.PAUSE, date(2024, 6, 10), ground="出差"), "只有检测、检验、检疫、鉴定、听证"),
        ("tip", TIP, [], moved(ChangeKind.PAUSE, date(2024, 7, 2)), "晚于办理日期"),
        ("referral", REFERRAL, [], PAUSED, "不能暂停.*移送涉嫌犯罪案件的规定"),
        ("inspection", {"status": "检查中"}, [], PAUSED, "没有法定或约定的期限在计算"),
        ("rectification", {STATE: "整改中", "due_on": date(2024, 7, 10)}, [], moved(ChangeKind.EXTEND, date(2024, 6, 20), limit="rectify"), "请写明延长多少"),
        ("case", CASE, [], moved(ChangeKind.EXTEND, date(2024, 6, 20), limit="decide", days=31), "第1次不超过30日"),
        ("case", CASE, [moved(ChangeKind.EXTEND, date(2024, 6, 20), limit="decide", days=30)], moved(ChangeKind.EXTEND, date(2024, 6, 21), limit="decide", days=30), "第2次延长须先集体讨论"),
    ],
)  # fmt: skip
def test_what_the_rules_do_not_allow_is_refused_with_the_rule(
    register: str, values: dict[str, Value], before: list[LimitChange], change: LimitChange, says: str
) -> None:

    sentence = refusal(register, values, History(tuple(before)), change, on=date(2024, 7, 1))
    assert sentence is not None
    assert re.search(says, sentence), sentence


@pytest.mark.parametrize(
    ("register", "values", "before", "change"),
    [
        ("tip", TIP, [], EXTENDED),
        ("tip", TIP, [], PAUSED),
        ("tip", TIP, [PAUSED], moved(ChangeKind.RESUME, date(2024, 6, 10))),
        ("rectification", {STATE: "整改中", "due_on": date(2024, 7, 10)}, [], moved(ChangeKind.EXTEND, date(2024, 6, 20), limit="rectify", days=40)),
        ("case", CASE | {"meeting_on": date(2024, 6, 20)}, [moved(ChangeKind.EXTEND, date(2024, 6, 20), limit="decide", days=30)], moved(ChangeKind.EXTEND, date(2024, 6, 21), limit="decide", days=30)),
    ],
)  # fmt: skip
def test_what_the_rules_allow_is_allowed(
    register: str, values: dict[str, Value], before: list[LimitChange], change: LimitChange
) -> None:
    assert refusal(register, values, History(tuple(before)), change, on=date(2024, 7, 1)) is None


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.register}-{limit.key}")
def test_every_limit_names_its_source_and_columns_the_register_has(limit: Any) -> None:
    records = parts(forms()[limit.register])[0]
    names = {each.name for each in records.kept}
    assert limit.source
    assert {limit.by or limit.start, *filter(None, [limit.done]), *(limit.only or {})} <= names
    assert bool(limit.by) != bool(limit.start and limit.days)
    assert {each.after for each in limit.extensions if each.after} <= names
    if limit.states:
        assert set(limit.states) <= MACHINES[limit.register].states
    for field, wanted in (limit.only or {}).items():
        column = next(each.column for each in records.kept if each.name == field)
        if column.choices:
            assert set(wanted) <= set(column.choices)


@given(
    received=st.dates(date(2021, 1, 1), date(2024, 6, 30)),
    spans=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=3),
    extension=st.integers(0, 15),
)
def test_exactly_the_days_of_the_rule_lie_outside_the_pauses(
    received: date, spans: list[tuple[int, int]], extension: int
) -> None:
    day, changes, paused = received, [], set()
    for gap, length in spans:
        first = day + timedelta(days=gap)
        day = first + timedelta(days=length)
        changes += [moved(ChangeKind.PAUSE, first), moved(ChangeKind.RESUME, day)]
        paused |= {first + timedelta(days=number) for number in range(length)}
    if extension:
        changes.append(moved(ChangeKind.EXTEND, received, days=extension))
    until = due_on("tip", TIP | {"received_at": received}, *changes)
    assert until is not None
    assert until not in paused
    counted = [d for d in CALENDAR.working_days(received + timedelta(days=1), until) if d not in paused]
    assert len(counted) == 15 + extension


def _applies(condition: Condition, values: dict[str, Value]) -> bool:
    value = values.get(condition.field)
    if condition.is_one_of:
        return value in condition.is_one_of
    return value is not None


def _refused(form: Form, old: dict[str, Value] | None, new: dict[str, Value]) -> bool:
    """What an import refuses of these: an illegal move, or a required field left empty."""
    records = parts(form)[0]
    by_field = {each.column.field: new.get(each.name) for each in records.kept}
    if illegal_move(form, Change(records, "1", old, new)):
        return True
    if form.key == "tip" and any(fault.severity is Severity.ERROR for fault in tips.faults(new, REWARDS)):
        return True
    return any(
        isinstance(rule, RequiredIf)
        and rule.severity is Severity.ERROR
        and rule.sheet == records.sheets[0].key
        and _applies(rule.when, by_field)
        and by_field.get(rule.field) is None
        for rule in form.rules
    )


FIELDS: dict[str, dict[str, Value]] = {
    "tip": {
        "accepted": "受理", "unit": "医保中心", "due_on": date(2024, 6, 25), "result": "属实", "reply": "已告知",
        "clue_no": "XS-150626-20240605-0002", "reject_reason": "不属于医疗保障部门职责",
    },
    "clue": {
        "result": "查实", "verifiers": "稽核岗01、稽核岗02", "method": "病历", "report_file": "报告.pdf",
        "closed_on": date(2024, 6, 21), "feedback_on": date(2024, 6, 24),
    },
}  # fmt: skip
REJECTED: dict[str, Value] = {
    "accepted": "不予受理",
    "reject_reason": "不属于医疗保障部门职责",
    "result": None,
}
ANSWERED = {"tip": ("result", "reply"), "clue": ("result", "feedback_on")}


@pytest.mark.parametrize("key", ["tip", "clue"])
@given(data=st.data())
def test_no_way_of_legal_events_ends_without_a_result_and_a_reply(key: str, data: st.DataObject) -> None:
    form = forms()[key]
    first = {"tip": "已登记", "clue": "未启动"}[key]
    values: dict[str, Value] = {STATE: first, "source": "省局下发", "received_at": date(2024, 6, 3)}
    states = sorted(MACHINES[key].states)
    events = st.one_of(
        st.sampled_from(states).map(lambda state: {STATE: state}),
        st.sampled_from(sorted(FIELDS[key])).map(lambda field: {field: FIELDS[key][field]}),
        st.just({**FIELDS[key]}),
        st.just(REJECTED if key == "tip" else {}),
    )
    for event in data.draw(st.lists(events, max_size=25)):
        after = {**values, **event}
        if not _refused(form, values, after):
            values = after
        if is_final(key, values):
            answered = dict.fromkeys(ANSWERED[key])
            if values.get("accepted") == "不予受理":
                answered = {"reject_reason": None, "reply": None}  # it was not looked into, and was told why
            assert all(values.get(field) is not None for field in answered), values


@pytest.mark.parametrize("key", ["tip", "clue"])
def test_there_is_a_way_of_legal_events_to_the_end(key: str) -> None:
    form, last = forms()[key], {"tip": "已回复", "clue": "已反馈"}[key]
    values: dict[str, Value] = {STATE: {"tip": "已登记", "clue": "未启动"}[key], **FIELDS[key]}
    assert not _refused(form, values, {**values, STATE: last})
    assert is_final(key, {**values, STATE: last, "source": "省局下发"})
    for field in ANSWERED[key]:
        assert _refused(form, values, {**values, STATE: last, field: None}), field


def test_every_followed_register_has_a_form_and_says_when_it_is_done() -> None:
    for key in FOLLOWED:
        assert forms()[key].office_register
        assert is_final(key, {}) is False
    assert {each.register for each in LIMITS} <= set(FOLLOWED)
    assert len(set(PAUSE_GROUNDS)) == len(PAUSE_GROUNDS)
    own = [each for each in LIMITS if each.register in {"case", "referral"} and each.key != "administer"]
    assert all(each.counting is Counting.CALENDAR for each in own)


def test_what_the_police_hand_back_has_a_time_limit_of_its_own_until_it_is_settled() -> None:
    sent: dict[str, Value] = {**REFERRAL, "approved_on": date(2024, 7, 10), "sent_on": date(2024, 7, 11)}
    assert running("referral", {**sent, "decision": "不予立案"}) is None
    back = {**sent, "decision": "退回", "returned_on": date(2024, 7, 15)}
    assert not is_final("referral", back)
    assert due_on("referral", back) == date(2024, 8, 5)
    assert is_final("referral", {**back, "outcome": "已作行政处罚"})
