"""A detail sheet of 100,000 × 20 styled cells, and a whole report for 40,000 institutions and 200,000 ledger rows.

python -m bench.report [--size N] [--rounds R]

openpyxl writes the sheet cell by cell (styled by the same named styles), ours splices rows into the package; both
go through the same saving. They are timed in turn, each in a process of its own, so that the memory of one is not
counted for the other; the speed-up is the median over the rounds. Read again, values, types and styles must be alike.
The report is measured once: snapshot from SQLite, figures, cross-checks and workbook.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from include.campaigns.registry import FOLDER, load_campaign
from include.domain.indicators import compute, cross_checks
from include.domain.model import UnitKind
from include.domain.occasions import Period
from include.domain.units import Unit
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect, upgrade
from include.gateways.ledger.register_tables import TABLES
from include.gateways.statistics_workbooks import StatisticsWorkbooks, paper
from include.gateways.statistics_workbooks.fixed_bytes import saved
from include.gateways.statistics_workbooks.row_blocks import Row, block

ON = date(2024, 9, 30)
CAMPAIGN, REPORT = "quanzhou_2024", "periodic_data"
STYLES = (paper.COUNT, paper.CENTRED, paper.WORDS, paper.DAY, paper.MONEY) * 4
UNITS, ROWS = 40_000, 200_000


def cells(size: int) -> list[Row]:
    """Synthetic rows: number, code, name, day and amount, four times over."""
    return [
        tuple(
            value
            for block_no in range(4)
            for value in (
                number,
                f"H{number % 40_000:011d}",
                f"示例医院{number % 40_000}（样例）",
                ON - timedelta(number % 365),
                Decimal(number * 100 + block_no).scaleb(-2),
            )
        )
        for number in range(size)
    ]


def _book() -> Workbook:
    book = Workbook()
    paper.add_styles(book)
    book.worksheets[0]["A1"] = "明细"
    return book


def cell_by_cell(rows: list[Row]) -> bytes:
    """What a first version would do."""
    book = _book()
    sheet = book.worksheets[0]
    for at, row in enumerate(rows, 2):
        for column, (value, style) in enumerate(zip(row, STYLES, strict=True), 1):
            assert value is not None
            paper.put(sheet, at, column, value, style)
    return saved(book, on=ON)


def spliced(rows: list[Row]) -> bytes:
    book = _book()
    sheet = book.worksheets[0]
    return saved(book, on=ON, blocks={sheet.title: block(sheet, 2, STYLES, rows)})


def contents(content: bytes) -> Iterator[object]:
    """Everything of the sheet that must be alike."""
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    for row in sheet.iter_rows():
        yield [(cell.coordinate, cell.value, cell.data_type, cell.style, cell.number_format) for cell in row]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(work: Callable[[list[Row]], bytes], size: int, answers: Any) -> None:
    rows = cells(size)
    before = _peak_mb()
    began = time.perf_counter()
    content = work(rows)
    answers.put((time.perf_counter() - began, _peak_mb() - before, len(content)))


def apart(target: Callable[..., None], *given: object) -> Any:
    """The answer of a function run in a fresh process."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=target, args=(*given, answers))
    process.start()
    answer = answers.get()
    process.join()
    return answer


def ledger_of(folder: Path) -> str:
    """A ledger with the frozen roster and 200,000 synthetic rows in its registers."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    upgrade(url)
    ledger = Ledger(url)
    units = [
        Unit(
            code=f"{'HP'[number % 2]}{number:011d}",
            name=f"示例机构{number}（样例）",
            kind=(UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY)[number % 2],
            region_code=f"3505{number % 12:02d}",
            level="二级甲等" if number % 2 == 0 else None,
            ownership="公立" if number % 4 == 0 else "民营",
            handling_unit=f"示例分局{number % 12}",
        )
        for number in range(UNITS)
    ]
    ledger.roster.freeze(CAMPAIGN, units, [], on=date(2024, 4, 1), actor="bench", source_sha256="0" * 64)
    ledger.close()
    codes = [unit.code for unit in units]
    engine = connect(url)
    with engine.begin() as connection:
        for name, share, made in _REGISTERS:
            rows = [
                {"campaign_id": CAMPAIGN, "entered_on": ON, "source_sha256": "0" * 64}
                | made(number, codes[number * 7 % UNITS])
                for number in range(ROWS * share // 100)
            ]
            connection.execute(TABLES[name].insert(), rows)
        entries = [
            {"campaign_id": CAMPAIGN, "record_number": f"AJ{number}", "code": code}
            for number in range(ROWS * 10 // 100)
            for code in ("ORDER_RECTIFY", "ADMIN_PENALTY")
        ]
        connection.execute(TABLES["disposition"].insert(), entries)
    engine.dispose()
    return url


def _day(number: int) -> date:
    return date(2024, 4, 1) + timedelta(number % 180)


def _inspection(number: int, code: str) -> dict[str, Any]:
    return {
        "number": f"JC{number}",
        "unit_code": code,
        "fixmedins_name": f"示例机构{code}",
        "insp_type": "全覆盖检查",
        "status": "完成",
        "end_on": _day(number),
        "problem_count": 1,
        "violation_amt": Decimal(number % 90_000),
        "fund_amt": Decimal(number % 90_000 // 2),
        "conclusion": "一般违规",
    }


def _problem(number: int, code: str) -> dict[str, Any]:
    types = ("OVERCHARGE", "DUPLICATE_CHARGE", "SUBSTITUTION", "OUT_OF_SCOPE")
    return {
        "number": f"JC{number}#1",
        "record_number": f"JC{number}",
        "violation_type": types[number % 4],
        "occurrences": number % 50,
        "violation_amt": Decimal(number % 90_000),
        "fund_amt": Decimal(number % 90_000 // 2),
    }


def _rectification(number: int, code: str) -> dict[str, Any]:
    return {
        "number": f"ZG{number}",
        "source": ("自查", "现场检查", "线索核查")[number % 3],
        "unit_code": code,
        "fixmedins_name": f"示例机构{code}",
        "state": "UNDER_WAY",
        "issued_on": _day(number),
        "payable": Decimal(9_800),
        "paid": Decimal(number % 2 * 9_800),
        "paid_on": _day(number + 3) if number % 2 else None,
    }


def _clue(number: int, code: str) -> dict[str, Any]:
    done = number % 3 > 0
    return {
        "number": f"XS{number}",
        "source": ("NHSA", "PROVINCE", "LOCAL_MODEL")[number % 3],
        "batch_no": f"第{number % 20}批",
        "subject_type": "医疗机构",
        "unit_code": code,
        "fixmedins_name": f"示例机构{code}",
        "risk_level": "高",
        "state": "CLOSED" if done else "VERIFYING",
        "received_on": _day(number),
        "due_on": _day(number) + timedelta(21),
        "closed_on": _day(number) if done else None,
        "result": "查实" if done else None,
        "suspect_amt": Decimal(1_000),
        "confirmed_amt": Decimal(800) if done else None,
    }


def _case(number: int, code: str) -> dict[str, Any]:
    return {
        "number": f"AJ{number}",
        "source": "检查",
        "party_type": "定点医疗机构",
        "unit_code": code,
        "party_name": f"示例机构{code}",
        "violation_types": "OVERCHARGE",
        "state": "DECIDED",
        "filed_on": _day(number),
        "decided_on": _day(number),
        "violation_amt": Decimal(9_000),
        "recoup_due": Decimal(6_000),
        "recoup_paid": Decimal(6_000),
        "recoup_on": _day(number),
        "liquidated_damages": Decimal(100),
        "fine_amt": Decimal(9_000),
    }


def _tip(number: int, code: str) -> dict[str, Any]:
    return {
        "number": str(number + 1),
        "received_at": _day(number),
        "subject_type": "定点零售药店",
        "unit_code": code,
        "state": "ACCEPTED",
        "accepted": "受理",
    }


_REGISTERS: tuple[tuple[str, int, Callable[[int, str], dict[str, Any]]], ...] = (
    ("inspection", 25, _inspection),
    ("inspection_problem", 25, _problem),
    ("rectification", 15, _rectification),
    ("clue", 20, _clue),
    ("case", 10, _case),
    ("tip", 5, _tip),
)


def whole_report(url: str, answers: Any) -> None:
    ledger, campaign = Ledger(url), load_campaign(FOLDER / CAMPAIGN)
    report = campaign.report(REPORT)
    began, spent = time.perf_counter(), time.process_time()
    steps: dict[str, float] = {}

    def lap(name: str) -> None:
        steps[name] = round(time.perf_counter() - began - sum(steps.values()), 2)

    assert report.phase is not None
    period = Period(date(2024, 7, 1), date(2024, 9, 30))
    snapshot = ledger.snapshots.take(CAMPAIGN, REPORT, report.phase, period=period, on=ON)
    lap("snapshot")
    figures = compute(snapshot)
    lap("figures")
    checks = cross_checks(figures)
    assert all(check.holds for check in checks), [check.title for check in checks if not check.holds][:5]
    ledger.snapshots.save_figures(snapshot.id, figures)
    lap("checks and saving")
    content = StatisticsWorkbooks().build(
        campaign, report, edition=1, snapshot=snapshot, figures=figures, checks=checks
    )
    lap("workbook")
    ledger.close()
    spent = time.process_time() - spent
    answers.put((sum(steps.values()), spent, _peak_mb(), len(content), len(figures), steps))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size", type=int, default=100_000, help="rows of the detail sheet (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    asked = parser.parse_args()
    few = cells(2_000)
    assert list(contents(cell_by_cell(few))) == list(contents(spliced(few))), "read again, both are alike"
    ratios, times, extra = [], [], []
    for number in range(1, asked.rounds + 1):
        slow, slow_mb, _ = apart(_timed, cell_by_cell, asked.size)
        fast, fast_mb, size = apart(_timed, spliced, asked.size)
        print(
            f"round {number}: {asked.size} × {len(STYLES)} cells, openpyxl {slow:.1f} s and {slow_mb:.0f} MB on top, "
            f"spliced {fast:.2f} s and {fast_mb:.0f} MB on top (x{slow / fast:.1f}), file {size / 1e6:.1f} MB"
        )
        ratios.append(slow / fast)
        times.append(fast)
        extra.append(fast_mb)
    with tempfile.TemporaryDirectory() as folder:
        url = ledger_of(Path(folder))
        seconds, spent, peak_mb, size, figures, steps = apart(whole_report, url)
    print(
        f"report: {UNITS} institutions, {ROWS} ledger rows, {figures} figures, file {size / 1e6:.1f} MB: "
        f"{seconds:.1f} s ({spent:.1f} s of a processor), peak {peak_mb:.0f} MB {steps}"
    )
    result = {
        "bench": "report",
        "size": asked.size,
        "speedup": round(statistics.median(ratios), 1),
        "seconds": round(statistics.median(times), 3),
        "peak_mb": round(max(extra)),
        "report_seconds": round(seconds, 1),
        "report_processor_seconds": round(spent, 1),
        "report_peak_mb": round(peak_mb),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
