"""Officers by certificate number: two with valid certificates, also after recusal."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.officers import Certificate, certificates, invalid, too_few

KNOWN = [
    Certificate("SL0001", date(2021, 1, 1), date(2026, 12, 31)),
    Certificate("SL0002", date(2021, 1, 1), date(2024, 6, 30)),
    Certificate("SL0003", date(2021, 1, 1), date(2026, 12, 31)),
]


@pytest.mark.parametrize(
    ("officers", "recused", "on", "said"),
    [
        ("SL0001、SL0002", "", date(2024, 6, 30), None),
        (
            "SL0001、SL0002",
            "",
            date(2024, 7, 1),
            "SL0002的证件有效期为2021-01-01至2024-06-30，2024-07-01无效",
        ),
        ("SL0001、SL0003", "", date(2020, 12, 31), "SL0001的证件"),
        ("SL0001、SL0009", "", date(2024, 6, 1), "SL0009不在执法人员名录中"),
        ("SL0001、SL0003", "SL0003", date(2024, 6, 1), "SL0003已回避，只剩1人，不足2人"),
        ("SL0001，SL0002；SL0003", "SL0002", date(2024, 7, 1), None),
        ("SL0001、SL0002、SL0003", "", date(2024, 7, 1), "请换为持有效证件的人员"),
        ("SL0001", "", date(2024, 6, 1), None),  # the form's own rule says that one is too few
    ],
)
def test_who_may_act_on_a_day(officers: str, recused: str, on: date, said: str | None) -> None:
    found = too_few(officers, recused, KNOWN, on)
    if said is None:
        assert found is None
    else:
        assert found is not None
        assert said in found
        assert "《医疗保障行政处罚程序暂行规定》" in found


def test_without_a_register_only_recusal_counts() -> None:
    assert too_few("SL0008、SL0009", "", [], date(2024, 6, 1)) is None
    assert "已回避" in str(too_few("SL0008、SL0009", "SL0009", [], date(2024, 6, 1)))
    assert invalid(["SL0009"], [], date(2024, 6, 1)) == {}


def test_a_renewed_certificate_counts_and_a_row_without_days_does_not() -> None:
    renewed = [*KNOWN, Certificate("SL0002", date(2024, 7, 1), date(2029, 6, 30))]
    assert invalid(["SL0002"], renewed, date(2024, 7, 1)) == {}
    assert certificates([{"number": "SL0004", "valid_from": date(2024, 1, 1), "valid_until": None}]) == []
