"""A screening as its tasks do it: a region's data become clues, the clues a batch for each unit, and all of it once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from include.domain.notices import NoticeKind
from include.domain.registers import STATE
from include.domain.screening import Threshold
from include.gateways.quality import Quality
from include.rehearsal.settlements.base import write
from include.screening import registry
from include.steps import screened_clues
from include.wiring import screening
from include.wiring.running import Running
from include.wiring.tasks import Run
from tests.steps.conftest import Desk
from tests.steps.test_follow import enter

ON = date(2024, 6, 3)
ALL = registry.screens()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some hundred visits of few persons, so that rules find something."""
    folder = tmp_path_factory.mktemp("settlements")
    write(folder, lines=8_000, seed=5, persons=12, institutions=4)
    return folder


@pytest.fixture
def office(desk: Desk, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DUBAN_SETTLEMENTS", str(source))
    monkeypatch.setenv("DUBAN_SCREENING_MEMORY", "1GB")
    [area] = screening.areas()
    desk.campaign = desk.campaign.model_copy(update={"region": f"{area}00"})
    monkeypatch.setattr(screening, "running", lambda on: Running((desk.campaign,)))
    desk.using = replace(desk.using, quality=Quality())
    # All of them would take half a minute a run; each has tests of its own.
    few = tuple(each for each in registry.screens() if each.RULE.number in ("S07", "S10"))
    monkeypatch.setattr(registry, "screens", lambda: few)
    return desk


def run(office: Desk, *, is_rehearsal: bool = False) -> Run:
    return Run(ON, None, None, is_rehearsal, office.using)


def test_a_region_becomes_clues_and_a_batch_with_its_annex_once(office: Desk) -> None:
    told = screening.screen(run(office), office.campaign.region[:4])
    [one] = told.values()
    assert one["新线索"]
    assert one["规则提示"] == []
    assert screening.hand_over(run(office), [told, None]) == {office.campaign.id: len(one["附件"])}
    own = screened_clues.own(office.campaign, using=office.using)
    assert len(own) == one["新线索"]
    for unit, (_, sha256) in one["附件"].items():
        book = load_workbook(BytesIO(office.using.archive.get(sha256)))
        assert book.sheetnames == ["疑点线索", "就诊明细", "筛查规则"]
        said = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
        mine = [each for each in own if each.get("unit") == unit]
        assert {str(each["number"]) for each in mine} <= said
        assert not {str(each["psn_no"]) for each in mine if each.get("psn_no")} & said, "no plain number"

    assert screening.tally([told, None, told]) == {
        office.campaign.id: {"新线索": 2 * one["新线索"], "已有": 0, "未编号": 0}
    }
    again = screening.screen(run(office), office.campaign.region[:4])
    assert again[office.campaign.id]["新线索"] == 0
    assert screening.hand_over(run(office), [again]) == {}
    assert len(office.notices(NoticeKind.OFFICE_TASK)) == len(one["附件"])


def test_watched_items_stand_in_a_table_of_the_office(
    office: Desk, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = next((source / "details").rglob("*.parquet"))
    code = pq.read_table(file, columns=["med_list_codg"], partitioning=None)["med_list_codg"][0].as_py()
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "key_items.csv").write_text(f"med_list_codg\n{code}\n", encoding="utf-8")
    monkeypatch.setenv("DUBAN_SETTLEMENT_LISTS", str(lists))
    screening.screen(run(office), office.campaign.region[:4])
    [kept] = office.using.ledger.screenings.runs(office.campaign.id)
    sheet = load_workbook(BytesIO(office.using.archive.get(kept.trends))).active
    assert sheet is not None
    assert sheet.max_row >= 4
    shown = {str(row[0]) for row in sheet.iter_rows(min_row=4, max_col=1, values_only=True)}
    assert {each[1:5] for each in shown} == {office.campaign.region[:4]}


def test_prepared_data_do_not_stay_nor_what_a_killed_run_left(office: Desk, tmp_path: Path) -> None:
    left = tmp_path / "home" / "prepared" / "of_a_killed_run"
    left.mkdir(parents=True)
    (left / "lines.parquet").write_bytes(b"settlement data of persons")
    screening.screen(run(office, is_rehearsal=True), office.campaign.region[:4])
    assert list(left.parent.iterdir()) == []


def test_a_run_has_the_parameters_the_campaign_approved_and_keeps_them(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "screens", lambda: tuple(s for s in ALL if s.RULE.number == "S05"))
    changed = Threshold("S05", "days", Decimal(31), ON, "会议纪要", "办公室主任")
    office.using.ledger.screenings.change(office.campaign.id, changed, actor="办公室主任")
    screening.screen(run(office), office.campaign.region[:4])
    [kept] = office.using.ledger.screenings.runs(office.campaign.id)
    assert [(each.number, each.parameters) for each in kept.rules] == [("S05", {"days": Decimal(31)})]


def test_without_any_city_nobody_is_told_anything(office: Desk) -> None:
    assert screening.hand_over(run(office), None) == {}
    assert office.notices() == []


def test_a_rehearsal_leaves_nothing_behind(office: Desk) -> None:
    told = screening.screen(run(office, is_rehearsal=True), office.campaign.region[:4])
    assert told[office.campaign.id]["新线索"]
    assert told[office.campaign.id]["附件"] == {}
    assert screening.hand_over(run(office, is_rehearsal=True), [told]) == {}
    assert screened_clues.own(office.campaign, using=office.using) == []
    assert office.notices(NoticeKind.OFFICE_TASK) == []


def test_a_rule_that_was_mostly_wrong_says_so_in_the_next_run(office: Desk) -> None:
    screening.screen(run(office), office.campaign.region[:4])
    own = screened_clues.own(office.campaign, using=office.using)
    number = max({str(each["model_code"])[:3] for each in own}, key=lambda n: sum(str(e["model_code"])[:3] == n for e in own))  # fmt: skip
    judged = [each for each in own if str(each["model_code"])[:3] == number]
    assert len(judged) >= 10
    enter(office, "clue", *({**each, STATE: "已办结", "result": "不属实"} for each in judged))
    [one] = screening.screen(run(office), office.campaign.region[:4]).values()
    [sentence] = one["规则提示"]
    assert sentence.startswith(f"{number}（版本")
    assert "多数不属实，建议调整参数或停用" in sentence
