"""The API gives what the pages show, to whom the pages show it, and describes itself to nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from include.domain.campaign import Owed
from include.domain.model import UnitKind
from include.domain.occasions import Period
from include.domain.reports import EditionFile, FileRole
from include.domain.survey import Survey
from include.domain.units import Unit
from include.steps import survey
from tests import factories
from tests.desk.conftest import TODAY, Web
from tests.desk.test_campaigns import HERE, ID, THERE, parts

OF = f"/api/v1/campaigns/{ID}"
PATHS = ["figures", "returns", "milestones", "clues", "obligations", "reports"]


@dataclass(frozen=True)
class Api:
    browser: TestClient

    def get(self, path: str, code: int = 200) -> Any:
        answer = self.browser.get(path, headers={"accept": "application/json"})
        assert answer.status_code == code, answer.text
        assert answer.headers["content-type"].startswith("application/json")
        return answer.json()


@pytest.fixture
def as_(web: Web) -> Callable[[str], Api]:
    return lambda user: Api(web.as_(user))


@pytest.fixture
def surveyed(web: Web) -> None:
    here, there = parts(HERE, 20), parts(THERE, 7000)
    both = {name: here[name] + there[name] for name in here}
    using = web.office.using
    using.ledger.surveys.keep(Survey(ID, TODAY, using.now(), **both))


@pytest.fixture
def owing(web: Web) -> list[Unit]:
    """Three units here and two elsewhere owe a self-check."""
    units = [factories.make_unit(number) for number in range(1, 6)]
    units[3:] = [each.model_copy(update={"region_code": THERE}) for each in units[3:]]
    ledger = web.office.using.ledger
    ledger.roster.freeze(ID, units, [], on=date(2024, 5, 6), actor="test", source_sha256="0" * 64)
    owed = Owed(form="self_check", title="自查表", owed_by=(UnitKind.RETAIL_PHARMACY,), text="自查")
    ledger.obligations.open(ID, "self_check", owed, due_on=date(2024, 5, 31), on=date(2024, 5, 6))
    return units


def test_campaigns_are_the_reader_s(as_: Callable[[str], Api], surveyed: None) -> None:
    [only] = as_("officer_of_one").get("/api/v1/campaigns")
    assert (only["id"], only["region"], only["survey"]["on"]) == (ID, HERE, "2024-05-24")
    assert [each["key"] for each in only["phases"]][:2] == ["mobilization", "self_check"]
    assert len(as_("officer").get("/api/v1/campaigns")) > 1


@pytest.mark.parametrize("path", PATHS)
def test_a_campaign_of_others_is_not_there(as_: Callable[[str], Api], path: str) -> None:
    said = as_("officer_of_one").get(f"/api/v1/campaigns/anhui_2024/{path}", 404)
    assert "没有专项行动" in said["detail"]


@pytest.mark.parametrize("path", ["figures", "returns", "milestones", "clues"])
def test_before_the_first_survey_there_is_nothing_to_give(as_: Callable[[str], Api], path: str) -> None:
    assert "还没有看板数据" in as_("officer").get(f"{OF}/{path}", 404)["detail"]


def test_figures_are_exact_and_say_since_when(as_: Callable[[str], Api], surveyed: None) -> None:
    answer = as_("officer").get(f"{OF}/figures")
    found = {(each["indicator"], each["region"]): each["value"] for each in answer["figures"]}
    assert found["units_expected", ""] == "14042"
    assert found["found_amt", THERE] == "70071"
    assert found["return_rate", HERE].startswith("51.219")
    assert (answer["on"], answer["is_stale"]) == ("2024-05-24", False)
    assert all(each["definition"] and each["unit"] for each in answer["figures"])
    assert "fine_amt" not in {each["indicator"] for each in answer["figures"]}, "nothing is 0"
    one = as_("officer").get(f"{OF}/figures?region={HERE}&nonzero=false")["figures"]
    assert {each["region"] for each in one} == {HERE}
    assert "0" in {each["value"] for each in one}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("region", {HERE: 41, THERE: 14001}),
        ("kind", {"retail_pharmacy": 41, "medical_institution": 14001}),
        ("state", {"open": 7020, "accepted": 7022}),
        ("phase", {"self_check": 14042}),
        ("form", {"self_check": 14042}),
    ],
)
def test_returns_are_divided_as_asked(
    as_: Callable[[str], Api], surveyed: None, by: str, expected: dict[str, int]
) -> None:
    found = as_("officer").get(f"{OF}/returns?by={by}")["tallies"]
    assert {each["member"]: each["owed"] for each in found} == expected
    assert as_("officer").get(f"{OF}/returns?phase=summary")["tallies"] == []


def test_clues_and_milestones(as_: Callable[[str], Api], surveyed: None) -> None:
    clues = as_("officer").get(f"{OF}/clues")
    assert clues["total"]["clues_received"] == "7020"
    assert clues["regions"][HERE]["clues_overdue"] == "1"
    first, second = as_("officer").get(f"{OF}/milestones")["milestones"]
    assert (first["key"], first["total"], second["target"]) == ("coverage_80", 14042, 14042)


def test_obligations_come_page_by_page_without_any_address(
    web: Web, as_: Callable[[str], Api], owing: list[Unit]
) -> None:
    first = as_("officer").get(f"{OF}/obligations?limit=3")
    second = as_("officer").get(f"{OF}/obligations?limit=3&after={first['next']}")
    found = [*first["obligations"], *second["obligations"]]
    assert [each["unit_code"] for each in found] == [unit.code for unit in owing]
    assert second["next"] is None
    assert found[0]["state"] == "open"
    assert found[0]["region_code"] == HERE
    assert "@" not in json.dumps(found)
    assert "0477" not in json.dumps(found)
    elsewhere = as_("officer").get(f"{OF}/obligations?region={THERE}")["obligations"]
    assert [each["unit_code"] for each in elsewhere] == [unit.code for unit in owing[3:]]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "after=-1", "state=lost", "kind=bank", "limit=many"]
)
def test_what_cannot_be_meant_is_refused(as_: Callable[[str], Api], query: str) -> None:
    as_("officer").get(f"{OF}/obligations?{query}", 422)


def test_a_county_gets_its_own_and_nothing_else(
    as_: Callable[[str], Api], surveyed: None, owing: list[Unit]
) -> None:
    county = as_("county")
    told = [county.get(f"{OF}/{path}") for path in PATHS if path != "reports"]
    told += [county.get(f"{OF}/figures?region={THERE}"), county.get(f"{OF}/obligations?region={THERE}")]
    text = json.dumps(told)
    for words in (THERE, "70071", "7001", owing[3].code, "14042"):
        assert words not in text, words
    assert owing[0].code in text
    assert "全部县区" in county.get(f"{OF}/reports", 403)["detail"]


def test_reports_are_listed_with_their_editions(web: Web, as_: Callable[[str], Api]) -> None:
    ledger = web.office.using.ledger
    snapshot = ledger.snapshots.take(
        ID, "self_check_statistics", "self_check", period=Period(date(2024, 5, 1), TODAY), on=TODAY
    )
    ledger.editions.add(
        ID,
        "self_check_statistics",
        snapshot.id,
        occasion="once",
        number=1,
        files=[EditionFile(FileRole.TABLES, "表.xlsx", "0" * 64)],
        on=TODAY,
    )
    [edition] = as_("officer").get(f"{OF}/reports")["editions"]
    assert (edition["report_key"], edition["number"], edition["state"]) == (
        "self_check_statistics",
        1,
        "drafted",
    )
    assert "自查" in edition["title"]


def test_what_is_read_is_what_was_surveyed(web: Web, as_: Callable[[str], Api], owing: list[Unit]) -> None:
    using = web.office.using
    survey.take(factories.campaign(), on=TODAY + timedelta(days=20), using=using)
    found = as_("officer").get(f"{OF}/figures")["figures"]
    total = {
        each["indicator"]: each["value"] for each in found if not each["region"] and not each["dimension"]
    }
    assert (total["units_expected"], total["units_overdue"], total["units_missing"]) == ("5", "5", "5")


def test_it_describes_itself_only_to_those_it_serves(web: Web) -> None:
    assert web.as_(None).get("/api/v1/openapi.json").status_code == 303
    assert web.as_("somebody").get("/api/v1/openapi.json").status_code == 403
    document = web.as_("county").get("/api/v1/openapi.json").json()
    assert sorted(document["paths"])[0] == "/api/v1/campaigns"
    assert {method for path in document["paths"].values() for method in path} == {"get"}, "read only"
    page = web.as_("county").get("/api/v1/docs").text
    for path in document["paths"]:
        assert path in page, path
    assert '<script src="http' not in page


def test_nothing_can_be_written(web: Web) -> None:
    for path in ("/api/v1/campaigns", f"{OF}/figures", f"{OF}/obligations"):
        assert web.as_("admin").post(path).status_code == 405
