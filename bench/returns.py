"""Returns of 30 to 200 rows read and validated, every error with its cell: file by file, and together.

python -m bench.returns [--size N] [--rounds R]

The first version: openpyxl opens each file, and Great Expectations runs once per file with an expectation for every
rule and column. Ours: two threads read, and one validation judges a batch of files. Both must find the same (file,
cell, rule). The slow side works on a sample; its time per file is multiplied by the size, and the output says so.

The second part is the whole step on a SQLite ledger: verdicts, findings, items, audit, marked workbooks and answers.
The first version is the same step for one file at a time, with the reader and the validation above, and each
finding and each item written by an INSERT and a commit of its own, as a plain loop over objects does. Both mark the
workbooks to be sent back with openpyxl; only ours is given all files at once.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from unittest import mock
from zoneinfo import ZoneInfo

from openpyxl import load_workbook
from sqlalchemy import Connection, Table

from bench import KEY
from bench.extrapolation import Round, extrapolated, in_turn, medians, seconds, tell
from include.assembly import Assembly, looking
from include.campaigns.registry import FOLDER, load_campaign
from include.domain.forms import Form
from include.domain.model import UnitKind
from include.domain.returns import CheckContext, Finding, Reading, SelfCheckItem, Value
from include.domain.units import Unit
from include.gateways import quality
from include.gateways.form_files import load_forms
from include.gateways.ledger import verdicts
from include.gateways.quality import Quality
from include.gateways.quality_checks import Check, Stack
from include.gateways.workbooks import Workbooks
from include.gateways.workbooks.grids import Grid
from include.gateways.workbooks.guard import Inspection
from include.gateways.workbooks.sheet_xml import Scan
from include.settings import Settings
from include.steps import check

SAMPLE = 8
"""Files for the slow way: the first ones, one in four of them with faults, as among all."""
BATCH = check.AT_ONCE
CAMPAIGN, FORM = "wushen_2024", "self_check"
ON = date(2024, 5, 24)
ARRIVED = datetime(2024, 5, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
# By name: the package has a function of the same name.
reader = importlib.import_module("include.gateways.workbooks.read")

Found = set[tuple[str, str, str, str]]
"""Findings of a batch: file, sheet, cell, rule."""


def unit(number: int) -> Unit:
    return Unit(
        code=f"H150626{number:05d}",
        name=f"示例医院{number}（样例）",
        kind=UnitKind.MEDICAL_INSTITUTION,
        region_code="150626",
        contact_email=f"h{number}@hospital.example",
    )


def made(folder: Path, size: int) -> list[Path]:
    """Synthetic returns, one in four of them with a fault or more."""
    campaign, form = load_campaign(FOLDER / CAMPAIGN), load_forms()[FORM]
    workbooks, phase = Workbooks(KEY.encode()), campaign.phase("self_check")
    chance = random.Random(20240531)
    paths = []
    for number in range(1, size + 1):
        is_faulty = number % 4 == 1
        items = [
            _item(order, is_faulty and chance.random() < 0.05, chance)
            for order in range(chance.randint(30, 200))
        ]
        rows = {"cover": [_cover()], "items": items}
        path = folder / f"{unit(number).code}.xlsx"
        path.write_bytes(workbooks.prefilled(form, campaign, phase, unit(number), rows))
        paths.append(path)
    return paths


def _cover() -> dict[str, Value]:
    return {
        "window_start": date(2021, 5, 1),
        "window_end": ON,
        "has_problem": True,
        "method": "自行自查",
        "problem_list_version": "2024版",
        "signer": "院长岗",
        "filler": "医保办岗",
        "phone": "0999-1234567",
        "filled_on": date(2024, 5, 20),
    }


def _item(order: int, is_wrong: bool, chance: random.Random) -> dict[str, Value]:
    fund = Decimal(chance.randrange(1, 1_000_000)) / 100
    start = date(2021, 5, 1) + timedelta(days=chance.randrange(900))
    line: dict[str, Value] = {
        "area": "骨科",
        "violation_type": "重复收费",
        "description": "血液灌流收费时同时收取已包含的连接管费用",
        "occur_start": start,
        "occur_end": start + timedelta(days=30),
        "visits": 3,
        "occurrences": 5,
        "violation_amt": fund + 100,
        "fund_amt": fund,
        "measure": "已增加收费互斥提示",
        "rectify_status": "整改中",
    }
    wrong: list[dict[str, Value]] = [
        {"violation_amt": Decimal(0)},
        {"occur_start": date(2018, 1, 1)},
        {"area": "不存在的领域"},
        {"visits": "三"},
        {"measure": None},
        {"description": "乱收费"},
    ]
    return line | chance.choice(wrong) if is_wrong else line


def context(code: str) -> CheckContext:
    number = int(code[-5:])
    return CheckContext(code, unit(number).name, date(2024, 5, 1), date(2021, 5, 1), None, ON)


def found(readings: dict[str, Reading], form: Form) -> Found:
    """Findings about structure and content of one batch."""
    keys = dict(enumerate(readings))
    judged = Quality().judge(
        form,
        {number: readings[code] for number, code in keys.items()},
        {number: context(code) for number, code in keys.items()},
    )
    everything: list[tuple[str, Sequence[Finding]]] = [(keys[n], findings) for n, findings in judged.items()]
    everything += [(code, reading.findings) for code, reading in readings.items()]
    return {(code, each.sheet, each.cell, each.rule) for code, findings in everything for each in findings}


def together(paths: Sequence[Path], form: Form) -> Found:
    forms, everything = {FORM: form}, set()
    with ThreadPoolExecutor(max_workers=2) as threads:
        for start in range(0, len(paths), BATCH):
            batch = paths[start : start + BATCH]
            readings = threads.map(lambda path: reader.read(path.read_bytes(), forms), batch)
            everything |= found(dict(zip((path.stem for path in batch), readings, strict=True)), form)
    return everything


def one_by_one(paths: Sequence[Path], form: Form) -> Found:
    everything = set()
    with first_version():
        for path in paths:
            everything |= found({path.stem: reader.read(path.read_bytes(), {FORM: form})}, form)
    return everything


@contextmanager
def first_version() -> Iterator[None]:
    """openpyxl reads, every check is an expectation of its own, and every row is committed alone."""
    with (
        mock.patch.object(reader, "grids", opened),
        mock.patch.object(quality, "stacks_of", apart),
        mock.patch.object(verdicts, "_replace", row_by_row),
    ):
        yield


def opened(content: bytes, inspection: Inspection, **_: object) -> list[Grid]:
    workbook = load_workbook(BytesIO(content), data_only=True)
    return [
        Grid(
            sheet.title,
            sheet.sheet_state == "visible",
            [
                (number, row)
                for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
                if any(cell is not None for cell in row)
            ],
            inspection.scans.get(sheet.title, Scan()),
        )
        for sheet in workbook.worksheets
    ]


def row_by_row(
    connection: Connection, table: Table, records: Mapping[int, Sequence[Finding] | Sequence[SelfCheckItem]]
) -> None:
    for return_id, mine in records.items():
        connection.execute(table.delete().where(table.c.return_id == return_id))
        for each in mine:
            connection.execute(table.insert().values(return_id=return_id, **asdict(each)))
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def apart(checks: Sequence[Check]) -> list[Stack]:
    return [Stack((check,)) for check in checks]


def office(folder: Path, paths: Sequence[Path]) -> Assembly:
    """A ledger in which every unit owes its return and every file has arrived."""
    from include.gateways.ledger.database import upgrade

    folder.mkdir()
    settings = Settings(home=folder, token_key=KEY)
    upgrade(settings.ledger_default_url)
    using = looking(settings, ledger_url=settings.ledger_default_url)
    campaign = load_campaign(FOLDER / CAMPAIGN)
    phase = campaign.phase("self_check")
    units = [unit(int(path.stem[-5:])) for path in paths]
    using.ledger.roster.freeze(
        CAMPAIGN, units, [], on=campaign.starts_on, actor="bench", source_sha256="0" * 64
    )
    assert using.forms, "read once, before the clock runs"
    using.ledger.obligations.open(
        CAMPAIGN, phase.key, phase.returns[0], due_on=phase.due, on=campaign.starts_on
    )
    return using


def arrive(using: Assembly, paths: Sequence[Path]) -> None:
    for path in paths:
        content = path.read_bytes()
        using.ledger.returns.receive(
            CAMPAIGN,
            name=path.name,
            sha256=using.archive.put(content),
            kind=using.workbooks.file_kind(content),
            channel="bench",
            received_at=ARRIVED,
            received_on=ON,
        )


def answered(using: Assembly, paths: Sequence[Path], *, at_once: bool) -> tuple[float, float]:
    """Seconds of the step over the files, arriving together or one by one; and those spent marking workbooks."""
    campaign, taken, marking = load_campaign(FOLDER / CAMPAIGN), 0.0, [0.0]
    mark = using.workbooks.annotated

    def marked(*given: object, **named: object) -> bytes:
        began = time.perf_counter()
        content = mark(*given, **named)  # type: ignore[arg-type]
        marking[0] += time.perf_counter() - began
        return content

    with mock.patch.object(using.workbooks, "annotated", marked):
        for batch in [paths] if at_once else [[path] for path in paths]:
            arrive(using, batch)
            taken += seconds(lambda: check.returns(campaign, on=ON, using=using))
    return taken, marking[0]


def peak_mb(paths: Sequence[Path]) -> float:
    """The peak of a process of its own that reads and validates the files."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_peak, list(paths)).result()


def _peak(paths: list[Path]) -> float:
    together(paths, load_forms()[FORM])
    # Not ru_maxrss: a new process begins with that of the one that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def compared(paths: Sequence[Path], form: Form, rounds: int) -> tuple[float, float]:
    """How many times faster ours reads and validates, and its seconds; medians over the rounds."""
    sample = paths[:SAMPLE]
    expected, got = one_by_one(sample, form), together(sample, form)
    assert expected == got, f"file by file and together disagree: {expected ^ got}"
    assert len(got) > 5, "the sample has too few findings"
    print(f"{len(sample)} files both ways: {len(got)} (file, cell, rule), all alike")
    return medians(
        in_turn(
            "read and validated",
            lambda: one_by_one(sample, form),
            lambda: together(paths, form),
            sample=len(sample),
            size=len(paths),
            rounds=rounds,
        )
    )


def compared_with_ledger(folder: Path, paths: Sequence[Path], rounds: int) -> tuple[float, float]:
    """How many times faster the whole step is, with and without marking workbooks; medians over the rounds."""
    sample, whole, unmarked = paths[:SAMPLE], [], []
    for turn in range(1, rounds + 1):
        one, many = office(folder / f"one_{turn}", sample), office(folder / f"many_{turn}", paths)
        with first_version():
            taken, slow_marking = answered(one, sample, at_once=False)
        fast, marking = answered(many, paths, at_once=True)
        codes = {path.stem for path in sample}
        assert outcome(one, codes) == outcome(many, codes), "both must give the same verdicts and answers"
        one.close()
        many.close()
        slow, slow_unmarked = (
            extrapolated(each, len(sample), len(paths)) for each in (taken, taken - slow_marking)
        )
        whole.append(Round(slow, fast))
        unmarked.append(Round(slow_unmarked, fast - marking))
        tell(turn, "with ledger and answers", whole[-1], len(sample), len(paths))
        print(f"         {marking:.2f} s of it marking workbooks, x{unmarked[-1].ratio:.0f} without")
    return medians(whole)[0], medians(unmarked)[0]


def outcome(using: Assembly, codes: set[str]) -> set[tuple[str | None, str, str]]:
    rows = using.ledger.outbox.rows(CAMPAIGN)
    states = {each.unit_code: each.state for each in using.ledger.obligations.all(CAMPAIGN, "self_check")}
    return {(row.unit_code, row.kind, states[str(row.unit_code)]) for row in rows if row.unit_code in codes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=200, help="returns (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    asked = parser.parse_args()
    form = load_forms()[FORM]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "returns").mkdir()
        paths = made(folder / "returns", max(asked.size, SAMPLE))
        speedup, taken = compared(paths, form, asked.rounds)
        with_ledger, unmarked = compared_with_ledger(folder, paths, asked.rounds)
        half, whole = peak_mb(paths[: len(paths) // 2]), peak_mb(paths)
    print(f"peak {half:.0f} MB for {len(paths) // 2} files, {whole:.0f} MB for {len(paths)}")
    result = {
        "bench": "returns",
        "size": len(paths),
        "speedup": round(speedup, 1),
        "seconds": round(taken, 3),
        "peak_mb": round(whole, 1),
        "with_ledger_speedup": round(with_ledger, 1),
        "with_ledger_unmarked_speedup": round(unmarked, 1),
        "peak_mb_of_half": round(half, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
