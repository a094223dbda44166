"""One fill-in workbook per unit with 30 rows filled in beforehand: built by openpyxl, and patched.

python -m bench.templates [--size N] [--rounds R]

Both sides make the workbook of the self-check form with the same identity, token and rows; read again, all cells,
styles, protections, drop-downs and hidden sheets must be alike. openpyxl builds a sample in each round, ours makes
``size`` workbooks; both are compared per workbook. The patch of identity and token alone is measured beside it.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook, load_workbook

from bench import KEY
from include.campaigns.registry import FOLDER, load_campaign
from include.domain.campaign import Campaign, Phase
from include.domain.forms import Form
from include.domain.model import UnitKind
from include.domain.returns import Value
from include.domain.units import Unit
from include.gateways.form_files import load_forms
from include.gateways.workbooks import Workbooks, identity
from include.gateways.workbooks.build import cells_of, drawn
from include.gateways.workbooks.package import saved

SAMPLE = 5
ROWS = 30
CAMPAIGN, FORM = "wushen_2024", "self_check"


def unit(number: int) -> Unit:
    return Unit(
        code=f"H150626{number:05d}",
        name=f"示例医院{number}（样例）",
        kind=UnitKind.MEDICAL_INSTITUTION,
        region_code="150626",
    )


def rows(number: int) -> dict[str, list[dict[str, Value]]]:
    """Thirty synthetic problems, different for each unit."""
    return {"items": [_item(number, order) for order in range(ROWS)]}


def _item(number: int, order: int) -> dict[str, Value]:
    fund = Decimal(number * 100 + order) + Decimal("0.25")
    return {
        "area": "骨科",
        "problem_no": f"GK-{order:03d}",
        "violation_type": "重复收费",
        "description": f"第{number}户第{order}条：血液灌流收费时同时收取已包含的连接管费用",
        "occur_start": date(2022, 1, 1),
        "occur_end": date(2023, 12, 31),
        "visits": order + 3,
        "occurrences": order + 5,
        "violation_amt": fund + 100,
        "fund_amt": fund,
        "rectify_status": "整改中",
    }


def built(form: Form, campaign: Campaign, phase: Phase, of: Unit, given: Mapping[str, Sequence]) -> bytes:
    """What a first version would do: the whole workbook anew for each unit."""
    words = {
        "unit.code": of.code,
        "unit.name": of.name,
        "token": identity.token(KEY.encode(), campaign.id, phase.key, form.key, form.version, of.code),
    }
    workbook = drawn(form, campaign, phase, words)
    for title, lines in cells_of(form, given).items():
        for row, values in lines.items():
            for column, value in values.items():
                if value is not None:
                    workbook[title].cell(row, column).value = value
    return saved(workbook)


def contents(content: bytes) -> Iterator[object]:
    """Everything that must be alike."""
    workbook: Workbook = load_workbook(BytesIO(content))
    yield workbook.sheetnames, workbook.security.lockStructure
    for sheet in workbook.worksheets:
        yield sheet.title, sheet.sheet_state, sheet.protection.sheet, sheet.dimensions
        yield [(str(rule.sqref), rule.type, rule.formula1) for rule in sheet.data_validations.dataValidation]
        yield [
            (cell.coordinate, cell.value, cell.data_type, cell.style_id, cell.protection.locked)
            for line in sheet.iter_rows()
            for cell in line
        ]


def seconds_each(work: Callable[[int], object], count: int) -> float:
    began = time.perf_counter()
    for number in range(count):
        work(number)
    return (time.perf_counter() - began) / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="workbooks (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    asked = parser.parse_args()
    campaign, form = load_campaign(FOLDER / CAMPAIGN), load_forms()[FORM]
    phase = next(phase for phase in campaign.phases if any(owed.form == FORM for owed in phase.returns))
    ours = Workbooks(KEY.encode())

    def scratch(number: int) -> bytes:
        return built(form, campaign, phase, unit(number), rows(number))

    def patched(number: int) -> bytes:
        return ours.prefilled(form, campaign, phase, unit(number), rows(number))

    def identified(number: int) -> bytes:
        return ours.prefilled(form, campaign, phase, unit(number))

    for number in range(2):
        assert list(contents(scratch(number))) == list(contents(patched(number))), (
            "read again, both are alike"
        )
    bare = built(form, campaign, phase, unit(7), {})
    assert list(contents(bare)) == list(contents(identified(7))), "read again, both are alike"
    print(
        f"workbooks read again are alike; {len(patched(0)) / 1024:.1f} KB patched, {len(scratch(0)) / 1024:.1f} KB built"
    )

    ratios, times, bare_ratios, bare_times = [], [], [], []
    for turn in range(1, asked.rounds + 1):
        slow = seconds_each(scratch, SAMPLE)
        fast = seconds_each(patched, asked.size)
        alone = seconds_each(identified, asked.size)
        ratios.append(slow / fast)
        times.append(fast)
        bare_ratios.append(slow / alone)
        bare_times.append(alone)
        print(
            f"round {turn}: built {slow * 1000:.1f} ms ({SAMPLE} workbooks), patched with {ROWS} rows"
            f" {fast * 1000:.3f} ms (x{slow / fast:.0f}), identity alone {alone * 1000:.3f} ms (x{slow / alone:.0f})"
        )
    result = {
        "bench": "templates",
        "size": asked.size,
        "speedup": round(statistics.median(ratios), 1),
        "seconds": round(statistics.median(times) * asked.size, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "identity_ms": round(statistics.median(bare_times) * 1000, 3),
        "identity_speedup": round(statistics.median(bare_ratios), 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
