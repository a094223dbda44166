"""The trend of watched items: every institution's months, against its own middle and its own year before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

from openpyxl import load_workbook

from include.gateways.key_item_trends import workbook
from include.rehearsal.settlements import plant_s22
from include.screening.key_items import Trend, trends
from tests.screening.tables import data, with_lists

PLANTED = plant_s22.plant()
SURGE, BELOW, YEARLY, SHORT = (f"H15062600{number}" for number in (220, 221, 225, 224))


def found() -> dict[str, Trend]:
    given = data(PLANTED.settlements, PLANTED.details, PLANTED.lists)
    return {each.fixmedins_code: each for each in trends(given)}


def test_every_institution_stands_with_its_months_and_its_growth() -> None:
    by_code = found()
    assert set(by_code) == {f"H15062600{number}" for number in range(220, 226)}
    surge = by_code[SURGE]
    assert surge.med_list_codg == plant_s22.ITEM
    assert [each.month.month for each in surge.months] == list(range(1, 10))
    assert (surge.last.amount, surge.last.persons, surge.middle) == (16_000, 3, Decimal(10_000))
    assert (surge.growth, surge.growth_on_year) == (Decimal("60.0"), None)
    assert by_code[BELOW].growth == Decimal("48.0")
    assert by_code[YEARLY].growth_on_year == Decimal("33.3")
    assert [len(by_code[SHORT].months)] == [4], (
        "what S22 passes over for want of history is shown all the same"
    )


def test_without_the_bureaus_list_nothing_is_watched() -> None:
    assert trends(with_lists(data(PLANTED.settlements, PLANTED.details), {})) == []


def test_the_workbook_shows_a_year_and_what_grew_in_red() -> None:
    trend = found()
    content = workbook("趋势", date(2024, 10, 8), [trend[SURGE], trend[YEARLY]], {SURGE: "示例医院"})
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    heads = [cell.value for cell in sheet[3]]
    assert (heads[4], heads[-5]) == ("2023-09（元）", "2024-09（元）")
    first = [cell.value for cell in sheet[4]]
    assert first[:4] == [SURGE, "示例医院", plant_s22.ITEM, trend[SURGE].name or None]
    assert first[-3:] == [10_000, 60, None]
    assert sheet["A4"].font.color.rgb == "00C00000"
