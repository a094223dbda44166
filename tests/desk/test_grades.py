"""信用等级: every point with its reason; the office's own affair."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests import factories
from tests.desk.conftest import Web

UNIT = factories.make_unit(1)
PATH = f"/units/wushen_2024/{UNIT.code}/grade"


def test_a_grade_says_what_took_points_away_and_what_was_not_counted(
    make_web: Callable[..., Web], owing_ledger: Path
) -> None:
    web = make_web(owing_ledger, today=date(2024, 6, 3))
    page = web.as_("officer").get(PATH).text
    for told in ("自查表已过截止日，尚未报送", "-20", "80", "没有已完成的现场检查", "不发给机构"):
        assert told in page
    assert PATH in web.as_("officer").get(PATH.removesuffix("/grade")).text


def test_a_county_neither_sees_a_grade_nor_the_way_to_it(
    make_web: Callable[..., Web], owing_ledger: Path
) -> None:
    web = make_web(owing_ledger, today=date(2024, 6, 3))
    refused = web.as_("county").get(PATH)
    assert refused.status_code == 403
    assert UNIT.name not in refused.text
    assert PATH not in web.as_("county").get(PATH.removesuffix("/grade")).text


def test_who_is_no_institution_of_the_roster_has_none(
    make_web: Callable[..., Web], owing_ledger: Path
) -> None:
    web = make_web(owing_ledger, today=date(2024, 6, 3))
    assert web.as_("officer").get("/units/wushen_2024/H99999999999/grade").status_code == 404
