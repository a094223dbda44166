"""A register filled from a bureau database: the same checks, the same entry, and nothing from what is too old."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, TryAgain
from include.domain.feeds import Feed, PullState
from include.gateways.quality import Quality
from include.gateways.sql_source import SqlSource
from include.steps import pull, report
from tests import factories
from tests.gateways import postgres
from tests.steps.conftest import Desk

DAY = date(2024, 6, 3)
QUALITY = Quality()
FRESH = {"loaded_at": "loaded_at", "warn_after": 24, "error_after": 72}
CLUES = """
SELECT clue_no, 'XT-1' AS 上级线索编号, '国家局下发' AS source, subject_type, code AS fixmedins_code,
       '重复收费' AS model_code, content, amount AS suspect_amt, 120 AS occurrences, '中' AS risk_level,
       received AS received_on, '示例旗医保中心' AS unit, due AS due_on, '未启动' AS progress, loaded_at
FROM issued WHERE region = :region ORDER BY clue_no
"""
_numbers = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    try:
        with postgres.running() as running:
            yield running
    except postgres.NoServer as missing:
        pytest.skip(str(missing))


class Bureau:
    """The bureau's own database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.run(
            "CREATE TABLE issued (clue_no VARCHAR(40), subject_type VARCHAR(20), code VARCHAR(12), content VARCHAR(200), "
            "amount NUMERIC(16,2), received DATE, due DATE, region VARCHAR(6), loaded_at TIMESTAMP)"
        )

    def run(self, statement: str, *rows: dict[str, Any]) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(statement), rows or None)
        engine.dispose()

    def issue(self, number: int, **changes: str) -> None:
        row = {
            "clue_no": f"XS-150626-20240603-{number:04d}",
            "subject_type": "医疗机构",
            "code": "H15062600001",
            "content": "同一患者同日多次收取血液灌流连接管费用",
            "amount": "15000.10",
            "received": "2024-06-03",
            "due": "2024-06-25",
            "region": "150626",
            "loaded_at": "2024-06-03 07:00:00",
        } | changes
        names = ", ".join(row)
        self.run(f"INSERT INTO issued ({names}) VALUES ({', '.join(_typed(name) for name in row)})", row)

    def source(self, _: Feed) -> SqlSource:
        return SqlSource(create_engine(self.url), connection="bureau")


def _typed(name: str) -> str:
    kinds = {"amount": "NUMERIC", "received": "DATE", "due": "DATE", "loaded_at": "TIMESTAMP"}
    return f"CAST(:{name} AS {kinds[name]})" if name in kinds else f":{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def bureau(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    if request.param == "sqlite":
        # SQLite keeps a date as text; CAST would make a number of it.
        monkeypatch.setattr("tests.steps.test_pull._typed", lambda name: f":{name}")
        return Bureau(f"sqlite:///{tmp_path / 'bureau.db'}")
    running = request.getfixturevalue("server")
    return Bureau(running.create(f"bureau_{next(_numbers)}"))


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk that judges by the real rules, at nine in the morning."""
    desk.using = replace(desk.using, quality=QUALITY)
    desk.clock[0] = factories.at("2024-06-03")
    return desk


def fed(office: Desk, *feeds: dict[str, Any]) -> Campaign:
    facts = {
        "key": "clues",
        "title": "下发线索",
        "form": "clue",
        "connection": "bureau",
        "query": CLUES,
    } | FRESH
    listed = tuple(Feed.model_validate(facts | changes) for changes in feeds or ({},))
    return office.campaign.model_copy(update={"feeds": listed})


def pulled(office: Desk, bureau: Bureau, *feeds: dict[str, Any], dry_run: bool = False) -> dict[str, Any]:
    return pull.feeds(
        fed(office, *feeds),
        source_of=bureau.source,
        query_of=lambda _, feed: str(feed.query),
        on=DAY,
        dry_run=dry_run,
        using=office.using,
    )


def clues(office: Desk) -> dict[str, Any]:
    form = office.using.forms["clue"]
    return office.using.ledger.registers.records(office.campaign.id, form)["clue"]


def states(office: Desk) -> Sequence[PullState]:
    return [each.state for each in office.using.ledger.feeds.last(office.campaign.id).values()]


def test_rows_are_entered_and_the_same_rows_change_nothing(office: Desk, bureau: Bureau) -> None:
    bureau.issue(1)
    bureau.issue(2)
    bureau.issue(3, region="150625")
    first = pulled(office, bureau)["下发线索"]
    assert (first["读取"], first["新增"], first["修改"], first["未变"]) == (2, 2, 0, 0)
    values = clues(office)["XS-150626-20240603-0001"].values
    assert (str(values["suspect_amt"]), values["due_on"], values["source"]) == (
        "15000.10",
        date(2024, 6, 25),
        "国家局下发",
    )
    again = pulled(office, bureau)["下发线索"]
    assert (again["新增"], again["修改"], again["未变"]) == (0, 0, 2)
    last = office.using.ledger.feeds.last(office.campaign.id)["clues"]
    assert (last.state, last.rows, last.changed, last.loaded_at) == (
        PullState.ENTERED,
        2,
        0,
        factories.at("2024-06-03", "07:00"),
    )


def test_a_dry_run_says_the_same_and_enters_nothing(office: Desk, bureau: Bureau) -> None:
    bureau.issue(1)
    shown = pulled(office, bureau, dry_run=True)["下发线索"]
    assert (shown["新增"], shown["结果"]) == (1, "只预演，没有登记")
    assert clues(office) == {}
    assert states(office) == []


def test_one_row_in_error_keeps_all_out_and_says_where(office: Desk, bureau: Bureau) -> None:
    bureau.issue(1)
    bureau.issue(2, content="太短")
    with pytest.raises(GiveUp, match=r"“下发线索”有1处须改正，没有导入：第2行 .*线索内容"):
        pulled(office, bureau)
    assert clues(office) == {}
    assert states(office) == [PullState.REFUSED]


def test_what_is_too_old_is_refused_with_its_age(office: Desk, bureau: Bureau) -> None:
    bureau.issue(1, loaded_at="2024-05-30 07:00:00")
    with pytest.raises(GiveUp, match="最近装载于2024-05-30 07:00，距今4天2小时，超过允许的72小时，没有导入"):
        pulled(office, bureau)
    assert clues(office) == {}


def test_what_is_getting_old_is_taken_and_pointed_at(office: Desk, bureau: Bureau) -> None:
    bureau.issue(1, loaded_at="2024-06-01 07:00:00")
    assert "超过提示的24小时" in pulled(office, bureau)["下发线索"]["提示"][0]
    assert len(clues(office)) == 1


def test_columns_that_do_not_fit_are_named_with_what_to_write(office: Desk, bureau: Bureau) -> None:
    query = CLUES.replace("content, ", "content AS 内容说明, ")
    with pytest.raises(GiveUp) as refused:
        pulled(office, bureau, {"query": query})
    assert "列“内容说明”不是《疑点线索台账》的栏目" in str(refused.value)
    assert "缺少栏目“线索内容”，请在查询中给出，列名写 content" in str(refused.value)


def test_a_broken_feed_stops_no_other(office: Desk, bureau: Bureau) -> None:
    bureau.issue(1)
    broken = {"key": "broken", "title": "坏的", "query": "SELECT x FROM no_such_table"}
    with pytest.raises(GiveUp, match=r"连接“bureau”的查询出错：.*no_such_table.*请核对查询语句"):
        pulled(office, bureau, broken, {})
    assert len(clues(office)) == 1
    assert states(office) == [PullState.REFUSED, PullState.ENTERED]


def test_a_database_that_cannot_be_reached_is_said_and_written_down(office: Desk) -> None:
    class Away(Bureau):
        def __init__(self) -> None:
            self.url = "postgresql+psycopg://nobody@127.0.0.1:9/none"

    with pytest.raises(GiveUp, match="连接“bureau”连不上"):
        pulled(office, Away())
    assert states(office) == [PullState.BROKEN]
    with pytest.raises(TryAgain), Away().source(fed(office).feeds[0]).query("SELECT 1", {}):
        pass


def test_a_source_cannot_be_written_to(bureau: Bureau) -> None:
    bureau.issue(1)
    writing = "WITH gone AS (DELETE FROM issued RETURNING 1) SELECT * FROM gone"
    if bureau.url.startswith("sqlite"):
        writing = "DELETE FROM issued"
    source = bureau.source(None)  # type: ignore[arg-type]
    with pytest.raises(GiveUp), source.query(writing, {}) as (_, rows):
        list(rows)
    with bureau.source(None).query("SELECT count(*) FROM issued", {}) as (_, rows):  # type: ignore[arg-type]
        assert [list(row) for row in rows] == [[1]]


ROSTER = {
    "key": "roster",
    "title": "名册（本局数据库）",
    "form": "roster",
    "loaded_at": None,
    "warn_after": None,
    "error_after": None,
    "query": (
        "SELECT 'P15062600001' AS code, '示例单位一店' AS name, '定点零售药店' AS kind, '150626' AS region_code, "
        "'0477-1234567' AS contact_phone UNION ALL SELECT 'P1506', '错的', '定点零售药店', '150626', '0477-1234567'"
    ),
}


def test_a_roster_leaves_the_rows_in_error_outside(office: Desk, bureau: Bureau) -> None:
    shown = pulled(office, bureau, ROSTER, dry_run=True)["名册（本局数据库）"]
    assert shown["名册调整"] == 1
    told = pulled(office, bureau, ROSTER)["名册（本局数据库）"]
    assert told["名册调整"] == 1
    assert any(note.startswith("第2行") and "P1506" in note for note in told["提示"])
    unit = office.using.ledger.roster.unit(office.campaign.id, "P15062600001")
    assert unit is not None
    assert unit.name == "示例单位一店"
    assert pulled(office, bureau, ROSTER)["名册（本局数据库）"]["名册调整"] == 0


def test_a_report_is_not_compiled_from_stale_feeds(office: Desk, bureau: Bureau) -> None:
    campaign = fed(office)
    asked = campaign.report("self_check_statistics")
    occasion = report.nearest_occasion(campaign, asked, on=DAY, using=office.using)
    with pytest.raises(GiveUp, match="数据已过时，不能编制统计表：数据源“下发线索”还没有成功导入过"):
        report.compile_edition(campaign, asked, occasion, on=DAY, using=office.using)
    bureau.issue(1)
    pulled(office, bureau)
    report.compile_edition(campaign, asked, occasion, on=DAY, using=office.using)
    office.clock[0] = factories.at("2024-06-07")
    with pytest.raises(GiveUp, match="超过允许的72小时"):
        report.compile_edition(campaign, asked, occasion, on=DAY, using=office.using)
