"""The roster: frozen once, adjusted later, and never short of a unit without saying so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.domain.errors import GiveUp
from include.domain.model import Severity
from include.domain.returns import Finding, Reading, Row
from include.steps import roster
from tests import factories
from tests.steps.conftest import Desk

DAY = date(2024, 5, 6)
SHEET = "定点医药机构名册"


def row(number: int, **changes: Any) -> Row:
    unit = factories.make_unit(number)
    facts = {
        "code": unit.code,
        "name": unit.name,
        "kind": "定点零售药店",
        "region_code": unit.region_code,
        "agreement_status": "有效",
        "contact_email": unit.contact_email,
    }
    return Row(number=number + 2, values=facts | changes)


def post(key: str = "office_director") -> Row:
    return Row(number=3, values={"post_key": key, "email": f"{key}@bureau.example", "holds_from": DAY})


def hand_in(
    desk: Desk, *rows: Row, findings: tuple[Finding, ...] = (), name: str = "名册.xlsx"
) -> dict[str, Any]:
    content = f"xlsx:{name}:{len(desk.inbox.taken)}".encode()
    desk.workbooks.readings[content] = Reading(None, {"units": rows, "posts": (post(),)})
    desk.quality.findings[""] = list(findings)
    desk.inbox.drop(f"{desk.campaign.id}/roster", name, content, factories.at("2024-05-06", "08:00"))
    return roster.take_over(desk.campaign, on=DAY, using=desk.using)


def codes(desk: Desk, on: date = DAY) -> list[str]:
    return [unit.code for unit in desk.using.ledger.roster.units(desk.campaign.id, on=on)]


def error(cell: str) -> Finding:
    return Finding("code", "编码有误", Severity.ERROR, SHEET, cell, "编码", "H1")


def test_the_first_roster_is_frozen(bare: Desk) -> None:
    shown = hand_in(bare, row(1), row(2))
    assert shown["名册.xlsx"]["名册基数"] == 2
    assert bare.using.ledger.roster.frozen_on(bare.campaign.id) == DAY
    assert bare.using.ledger.roster.holder(bare.campaign.id, "office_director", on=DAY) is not None


def test_a_row_in_error_is_left_out_and_listed_and_the_others_come_in(bare: Desk) -> None:
    shown = hand_in(bare, row(1), row(2), findings=(error("A4"),))
    assert codes(bare) == [factories.make_unit(1).code]
    assert shown["名册.xlsx"]["问题"] == [f"{SHEET}!A4 编码有误"]


def test_a_warning_keeps_the_row(bare: Desk) -> None:
    warning = Finding("contact", "没有邮箱", Severity.WARNING, SHEET, "L3")
    hand_in(bare, row(1, contact_email=None), findings=(warning,))
    assert len(codes(bare)) == 1


def test_a_roster_with_nothing_sound_in_it_freezes_nothing(bare: Desk) -> None:
    with pytest.raises(GiveUp, match="没有可以导入的单位"):
        hand_in(bare, row(1), findings=(error("A3"),))
    assert bare.using.ledger.roster.frozen_on(bare.campaign.id) is None


def test_without_any_roster_the_admin_is_told_where_to_put_it(bare: Desk) -> None:
    with pytest.raises(GiveUp, match="wushen_2024/roster"):
        roster.take_over(bare.campaign, on=DAY, using=bare.using)


def test_a_second_roster_brings_joins_changes_and_exits_and_no_unit_is_lost_by_omission(bare: Desk) -> None:
    hand_in(bare, row(1), row(2), row(3))
    shown = hand_in(
        bare,
        row(2, contact_email="new@unit.example"),
        row(3, agreement_status="解除"),
        row(4),
        name="名册二.xlsx",
    )
    assert shown["名册二.xlsx"]["名册调整"] == 3
    later = date(2024, 5, 7)
    assert codes(bare, later) == [factories.make_unit(number).code for number in (1, 2, 4)]
    changed = bare.using.ledger.roster.unit(bare.campaign.id, factories.make_unit(2).code)
    assert changed is not None
    assert changed.contact_email == "new@unit.example"


def test_the_same_roster_twice_changes_nothing(bare: Desk) -> None:
    hand_in(bare, row(1))
    assert hand_in(bare, row(1), name="再来一次.xlsx")["再来一次.xlsx"]["名册调整"] == 0


def test_who_cannot_be_reached_is_listed(bare: Desk) -> None:
    hand_in(bare, row(1), row(2, contact_email=None))
    contacts = roster.contacts(bare.campaign, on=DAY, using=bare.using)
    assert contacts["单位"] == 2
    assert contacts["电话联系名单"] == [f"{factories.make_unit(2).code} 示例单位2"]
    assert "旗医保局领导小组办公室主任" not in contacts["未登记邮箱的岗位"]
    assert contacts["未登记邮箱的岗位"], "the other posts have nobody yet"


def test_a_roster_that_names_legal_representatives_is_not_kept_and_nobody_is_repeated(bare: Desk) -> None:
    named = Row(number=3, values=row(1, legal_rep=None).values, raw={"legal_rep": "样例某某"})
    said = Finding("pattern", "“法定代表人”填写的是“样例某某”", Severity.WARNING, SHEET, "H3", "法定代表人", "样例某某")  # fmt: skip
    shown = hand_in(bare, named, row(2), findings=(said,), name="有法人.xlsx")
    assert "样例某某" not in str(shown)
    assert "应只填姓氏加“某”" in str(shown)
    assert len(codes(bare)) == 2, "a warning keeps nobody out"
    assert bare.using.archive.files == {}
