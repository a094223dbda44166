"""A page and its form are one: what the page shows is what the form says, for every column of every register."""

from __future__ import annotations

import pytest

from include.campaigns.registry import FOLDER, campaign_titles, load_campaigns
from include.gateways.form_columns import issued_titles, load_page
from tests.gateways.workbook_builders import forms

REGISTERS = [key for key, form in forms().items() if form.office_register]


@pytest.mark.parametrize("key", REGISTERS)
def test_every_column_of_a_page_is_the_form_s(key: str) -> None:
    form, page = forms()[key], load_page(key)
    columns = {column.field: column for sheet in form.record_sheets for column in sheet.columns}
    assert (page.title, page.key) == (form.title, form.office_register.key[0])  # type: ignore[union-attr]
    assert page.columns.keys() == columns.keys()
    for field, column in columns.items():
        shown = page.columns[field]
        assert (shown.label, shown.type, shown.is_required) == (
            column.label,
            column.type.value,
            column.required,
        )
        assert (shown.help, shown.pattern, shown.most) == (
            column.help or "",
            column.pattern or "",
            column.max_length or 0,
        )
        assert (shown.example, shown.pattern_text) == (column.example or "", column.pattern_text or "")
        assert list(shown.options) == list(dict.fromkeys(form.options(column)))
        assert shown.least == int(column.min or 0)


def test_the_forms_to_choose_from_are_those_units_fill_in() -> None:
    assert issued_titles() == {key: form.title for key, form in forms().items() if form.identified}


def test_the_campaigns_to_choose_from_have_their_own_titles() -> None:
    assert campaign_titles(FOLDER) == {each.id: each.title for each in load_campaigns().campaigns}
