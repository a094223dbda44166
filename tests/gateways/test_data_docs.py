"""Pages of a check an office can read: Chinese, complete in themselves, and calling nobody."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from include.domain.batches import Batch
from include.gateways.data_docs import DataDocs
from include.gateways.quality_checks import checks_of
from include.gateways.quality_rules import asked_by, rules_of
from tests.gateways.test_quality import CASES
from tests.gateways.workbook_builders import context, filled, forms, read

FORM = forms()["self_check"]
CHOSEN = ("right", "required", "zero return")
TITLE = "样例<专项>整治"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    readings = {number: read(filled(rows=CASES[case][0])) for number, case in enumerate(CHOSEN)}
    out = tmp_path_factory.mktemp("pages") / "not there yet"
    batch = Batch(date(2024, 5, 28), FORM, readings, dict.fromkeys(readings, context()))
    assert DataDocs().build(TITLE, [batch], out) == out / "index.html"
    return out


def text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def test_a_page_for_each_sheet_filled_in_and_a_first_one_that_links_them(folder: Path) -> None:
    pages = {file.name for file in folder.iterdir()} - {"index.html"}
    assert pages == {"2024-05-28_self_check_cover.html", "2024-05-28_self_check_items.html"}
    index = text(folder, "index.html")
    assert set(re.findall(r'href="([^"]+)"', index)) == pages
    assert "样例&lt;专项&gt;整治" in index


def test_every_rule_stands_there_in_its_own_words_and_the_broken_one_with_its_place(folder: Path) -> None:
    page = text(folder, "2024-05-28_self_check_items.html")
    items = FORM.sheet("items")
    for check in checks_of(FORM, items):
        assert asked_by(items, check) in page
    assert "1处不符合" in page
    assert context().unit_name in page


def test_a_page_asks_nothing_of_any_network_and_speaks_chinese(folder: Path) -> None:
    for file in folder.iterdir():
        page = file.read_text(encoding="utf-8")
        for outside in ("http:", "https:", "//cdn", "<script", "<link", "<img", "Subscribe"):
            assert outside not in page, (file.name, outside)
        for english in ("Success Percent", "unexpected value", "Observed Value", "Overview"):
            assert english not in page, (file.name, page[page.index(english) - 60 :][:200])


def test_every_rule_of_every_form_says_what_it_asks() -> None:
    for form in forms().values():
        for key, asked in rules_of(form).items():
            assert re.search("[\u4e00-\u9fff]", asked), (form.key, key)
            assert "None" not in asked, (form.key, key)
