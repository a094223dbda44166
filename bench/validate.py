"""Judging returns: one Great Expectations run per file against one batch for all of them.

Both sides judge the same readings with the same suite, in turn, in one process. The per-file side runs on
a sample of the files only; its time per file is multiplied by the size, and the output says so.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from bench.extrapolation import in_turn, medians
from include.domain.forms import Form
from include.domain.returns import CheckContext, Finding, Reading, Row, Value
from include.gateways.form_files import load_forms
from include.gateways.quality import Quality

SAMPLE = 12
ROWS = 20
WINDOW = (date(2021, 5, 1), date(2024, 4, 30))
CONTEXT_DAY = date(2024, 5, 24)


def context(number: int) -> CheckContext:
    code = f"H150626{number:05d}"
    return CheckContext(code, f"样例单位{number}", date(2024, 5, 1), *WINDOW, CONTEXT_DAY)


def reading(form: Form, number: int, chance: random.Random) -> Reading:
    """A synthetic return with twenty problems, about one row in twenty of them wrong."""
    cover: dict[str, Value] = {
        "unit_name": f"样例单位{number}",
        "unit_code": f"H150626{number:05d}",
        "window_start": WINDOW[0],
        "window_end": WINDOW[1],
        "has_problem": True,
        "method": "自行自查",
        "problem_list_version": "2024版",
        "signer": "院长岗",
        "filler": "医保办岗",
        "phone": "0999-1234567",
        "filled_on": date(2024, 5, 20),
    }
    items = [_row(form, "items", 4 + order, _item(order, chance)) for order in range(ROWS)]
    return Reading(None, {"cover": [_row(form, "cover", 4, cover)], "items": items})


def _item(order: int, chance: random.Random) -> dict[str, Value]:
    fund = Decimal(chance.randrange(1, 1_000_000)) / 100
    start = WINDOW[0] + timedelta(days=chance.randrange(900))
    line: dict[str, Value] = {
        "seq": order + 1,
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
    if chance.random() < 0.05:
        line |= {"violation_amt": fund - 100, "occur_start": date(2018, 1, 1), "area": "不存在的领域"}
    return line


def _row(form: Form, sheet: str, number: int, values: Mapping[str, Value]) -> Row:
    fields = [column.field for column in form.sheet(sheet).columns]
    return Row(
        number=number,
        values={field: values.get(field) for field in fields},
        raw={field: "" if values.get(field) is None else str(values[field]) for field in fields},
        cells={field: f"{chr(65 + place % 26)}{number}" for place, field in enumerate(fields)},
    )


def one_by_one(form: Form, readings: Mapping[int, Reading]) -> dict[int, list[Finding]]:
    quality = Quality()
    findings: dict[int, list[Finding]] = {}
    for number, each in readings.items():
        findings |= quality.judge(form, {number: each}, {number: context(number)})
    return findings


def in_one_batch(form: Form, readings: Mapping[int, Reading]) -> dict[int, list[Finding]]:
    return Quality().judge(form, readings, {number: context(number) for number in readings})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="returns")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    form = load_forms()["self_check"]
    chance = random.Random(20240531)
    readings = {number: reading(form, number, chance) for number in range(1, asked.size + 1)}
    sample = {number: readings[number] for number in list(readings)[:SAMPLE]}
    expected, got = one_by_one(form, sample), in_one_batch(form, sample)
    assert expected == got, "one batch and one run per file disagree"
    assert any(expected.values()), "the sample has no findings: nothing was compared"
    print(f"{len(sample)} returns judged both ways: {sum(map(len, got.values()))} findings, all alike")

    speedup, taken = medians(
        in_turn(
            "validated",
            lambda: one_by_one(form, sample),
            lambda: in_one_batch(form, readings),
            sample=len(sample),
            size=asked.size,
            rounds=asked.rounds,
        )
    )
    result = {
        "bench": "validate",
        "size": asked.size,
        "speedup": round(speedup, 1),
        "seconds": round(taken, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
