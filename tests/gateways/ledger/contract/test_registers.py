"""Registers on both databases: what was entered comes back as it was, and nothing is lost or half entered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from include.domain.errors import GiveUp
from include.domain.forms import ColumnType, Form
from include.domain.registers import Change, Given, Part, RegisterMoved, change_of, given_in, parts
from include.gateways.ledger import Ledger
from include.gateways.ledger.columns import Money
from include.gateways.ledger.database import connect
from include.gateways.ledger.register_tables import TABLES
from include.gateways.ledger.tables import audit, metadata
from tests.gateways.ledger.contract.samples import CAMPAIGN
from tests.gateways.workbook_builders import examples, forms

DAY = date(2024, 12, 31)
SHA = "a" * 64
REGISTERS = [key for key, form in forms().items() if form.office_register]


def changes_of(key: str, **values: Any) -> list[Change]:
    """The example record of a form with its details, as additions; ``values`` of the record changed."""
    form = forms()[key]
    given = given_in(form, examples(key))
    found = []
    for part in parts(form):
        for each in given[part.table]:
            own = each if part.is_detail else replace(each, values={**each.values, **values})
            found.append(change_of(part, None, own))
    return [change for change in found if change is not None]


def enter(ledger: Ledger, key: str, changes: list[Change], *, on: date = DAY) -> None:
    ledger.registers.enter(CAMPAIGN, forms()[key], changes, on=on, actor="test", source_sha256=SHA)


def change(ledger: Ledger, key: str, **values: Any) -> Change:
    """A change of the one record there is."""
    part = parts(forms()[key])[0]
    (record,) = ledger.registers.records(CAMPAIGN, forms()[key])[part.table].values()
    found = change_of(part, record, Given(record.number, values, {}))
    assert found is not None
    return found


def rows(ledger_url: str, table: str) -> list[Mapping[str, Any]]:
    engine = connect(ledger_url)
    with engine.connect() as connection:
        found = [dict(row._mapping) for row in connection.execute(select(metadata.tables[table]))]
    engine.dispose()
    return found


@pytest.fixture
def keyed(ledger_url: str) -> Any:
    ledger = Ledger(ledger_url, tipster_key=Fernet.generate_key().decode())
    yield ledger
    ledger.close()


@pytest.mark.parametrize("key", REGISTERS)
def test_what_was_entered_comes_back_as_it_was(keyed: Ledger, key: str) -> None:
    added = changes_of(key)
    assert added
    enter(keyed, key, added)
    found = keyed.registers.records(CAMPAIGN, forms()[key], confidential=True)
    assert {part: {number: dict(r.values) for number, r in rows.items()} for part, rows in found.items()} == {
        part.table: {
            each.number: {"record_number": each.new["record_number"], **each.new}
            if part.is_detail
            else each.new
            for each in added
            if each.part.table == part.table
        }
        for part in parts(forms()[key])
    }
    assert keyed.audit.verify() is None
    assert all(not each for each in keyed.registers.records("another", forms()[key]).values())


def test_choices_are_kept_by_code_and_entries_one_by_one(ledger: Ledger, ledger_url: str) -> None:
    enter(ledger, "case", changes_of("case", dispositions="约谈；罚款、暂停结算", state="调查"))
    (case,) = rows(ledger_url, "case")
    assert (case["state"], case["source"], case["entered_on"]) == ("INVESTIGATION", "举报", DAY)
    assert {row["code"] for row in rows(ledger_url, "disposition")} == {
        "TALK", "ADMIN_PENALTY", "SUSPEND_SETTLEMENT",
    }  # fmt: skip
    enter(ledger, "case", [change(ledger, "case", dispositions="约谈；行政处罚")], on=date(2025, 1, 2))
    assert {row["code"] for row in rows(ledger_url, "disposition")} == {"TALK", "ADMIN_PENALTY"}
    (case,) = rows(ledger_url, "case")
    assert case["entered_on"] == DAY, "the day a record was first entered stays"


def test_a_change_is_noted_with_old_and_new_value_of_what_differs(ledger: Ledger, ledger_url: str) -> None:
    enter(ledger, "clue", changes_of("clue"))
    enter(ledger, "clue", [change(ledger, "clue", risk_level="高", memo="已延期")])
    noted = rows(ledger_url, audit.name)[-1]
    assert noted["entity_id"] == f"{CAMPAIGN}/XS-150626-20240603-0001"
    assert (json.loads(noted["old"]), json.loads(noted["new"])) == (
        {"memo": None, "risk_level": "中"},
        {"memo": "已延期", "risk_level": "高"},
    )


def test_what_moved_since_it_was_looked_at_is_not_written_over(ledger: Ledger) -> None:
    enter(ledger, "clue", changes_of("clue"))
    stale = change(ledger, "clue", memo="甲")
    enter(ledger, "clue", [change(ledger, "clue", memo="乙")])
    before = ledger.registers.records(CAMPAIGN, forms()["clue"])
    another = changes_of("clue", number="XS-150626-20240603-0002")[0]
    for refused in ([stale, replace(another, number="XS-150626-20240603-0002")], changes_of("clue")):
        with pytest.raises(RegisterMoved, match="已有他人登记的变动"):
            enter(ledger, "clue", refused)
    assert ledger.registers.records(CAMPAIGN, forms()["clue"]) == before, "all of it or nothing"


def test_personal_data_can_be_read_nowhere_in_the_database(keyed: Ledger, ledger_url: str) -> None:
    enter(keyed, "tip", changes_of("tip"))
    (kept,) = rows(ledger_url, "tipster")
    assert set(kept) == {
        "id", "campaign_id", "number", "record_number", "sealed", "entered_on", "source_sha256",
    }  # fmt: skip
    everything = "\n".join(str(row) for table in metadata.tables for row in rows(ledger_url, table))
    assert not any(secret in everything for secret in ("样例某", "0999-1234567", "990000190001010016"))
    assert keyed.registers.records(CAMPAIGN, forms()["tip"])["tipster"] == {}, "unless asked for"


def test_without_its_key_personal_data_is_neither_taken_nor_given(keyed: Ledger, ledger_url: str) -> None:
    enter(keyed, "tip", changes_of("tip"))
    for key, said in (("", "没有设置"), (Fernet.generate_key().decode(), "不一致"), ("short", "格式不对")):
        other = Ledger(ledger_url, tipster_key=key)
        with pytest.raises(GiveUp, match=said):
            other.registers.records(CAMPAIGN, forms()["tip"], confidential=True)
        other.close()
    without = Ledger(ledger_url)
    assert not without.registers.can_seal
    with pytest.raises(GiveUp, match="没有设置"):
        without.registers.enter(
            "another", forms()["tip"], changes_of("tip"), on=DAY, actor="t", source_sha256=SHA
        )
    assert without.registers.records("another", forms()["tip"])["tip"] == {}, "all of it or nothing"
    without.close()


def test_records_are_counted_by_what_the_form_says(ledger: Ledger) -> None:
    first, second = changes_of("referral"), changes_of("referral", number="YS-2", kind="纪律")
    enter(ledger, "referral", [*first, *(replace(each, number="YS-2") for each in second)])
    assert ledger.registers.counts(CAMPAIGN, forms()["referral"]) == {
        "移送方向": {"移出": 2},
        "移送类别": {"涉嫌犯罪": 1, "纪律": 1},
        "接收单位": {"公安机关": 2},
    }


def test_amounts_and_long_counts_are_exact(ledger: Ledger) -> None:
    from decimal import Decimal

    most = {"suspect_amt": Decimal("99999999999999.99"), "occurrences": 10**14}
    enter(ledger, "clue", changes_of("clue", **most))
    (record,) = ledger.registers.records(CAMPAIGN, forms()["clue"])["clue"].values()
    assert {name: record.values[name] for name in most} == most


@pytest.mark.parametrize("key", REGISTERS)
def test_every_column_of_a_form_has_its_column_in_the_ledger(key: str) -> None:
    form: Form = forms()[key]
    part: Part
    for part in parts(form):
        table = TABLES[part.table]
        if part.is_confidential:
            assert not {each.name for each in part.kept} & set(table.c.keys()) - {"record_number"}
            continue
        for each in part.kept:
            is_money = each.column.type is ColumnType.MONEY
            assert isinstance(table.c[each.name].type, Money) == is_money, each.name


def test_personal_data_closed_anew_opens_with_the_new_key_only(ledger_url: str) -> None:
    form = forms()["tip"]
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    first, both, last = (Ledger(ledger_url, tipster_key=key) for key in (old, f"{new},{old}", new))
    enter(first, "tip", changes_of("tip"))
    before = first.registers.records(CAMPAIGN, form, confidential=True)["tipster"]
    sealed = rows(ledger_url, "tipster")
    with pytest.raises(GiveUp, match="密钥不一致"):
        last.registers.resealed(form, on=DAY, actor="test")
    assert rows(ledger_url, "tipster") == sealed, "all or none"
    assert both.registers.resealed(form, on=DAY, actor="test") == 1
    assert last.registers.records(CAMPAIGN, form, confidential=True)["tipster"] == before
    with pytest.raises(GiveUp, match="密钥"):
        first.registers.records(CAMPAIGN, form, confidential=True)
    assert last.audit.verify() is None
    for each in (first, both, last):
        each.close()
