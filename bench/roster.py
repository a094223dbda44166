"""A roster of 100,000 units from its workbook into the ledger: read, checked by every rule, frozen.

python -m bench.roster [--size N] [--rounds R]

The first version: openpyxl opens the file, and row by row a unit is built, checked by ifs and inserted. Ours: calamine
reads, one validation judges all rows, one insert enters them. Both must enter the same units and leave the same
rows outside. The slow side works on a sample; its time per row is multiplied by the size, and the output says so.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from pydantic import ValidationError
from sqlalchemy import create_engine, select

from bench import KEY
from include.assembly import Assembly, looking
from include.campaigns.registry import FOLDER, load_campaign
from include.domain import codes
from include.domain.campaign import Campaign
from include.domain.forms import Form
from include.domain.model import UnitKind
from include.domain.returns import Value
from include.domain.units import Unit
from include.domain.values import Unreadable
from include.gateways.form_files import load_forms
from include.gateways.ledger.database import upgrade
from include.gateways.ledger.tables import unit as table
from include.gateways.workbooks import Workbooks
from include.gateways.workbooks.build import TABLE_HEADER_ROW
from include.settings import Settings
from include.steps import roster

CAMPAIGN = "wushen_2024"
ON = date(2024, 5, 1)
SAMPLE = 3000
WRONG_EVERY = 500
KINDS = {kind.zh: kind for kind in UnitKind}


def row(number: int) -> dict[str, Value]:
    """A synthetic unit; one in five hundred has a code that is none."""
    code = f"H15{number // 100_000:04d}{number % 100_000:05d}"
    return {
        "code": code.replace("H", "X") if number % WRONG_EVERY == 0 else code,
        "name": f"示例旗第{number}医院（样例）",
        "kind": UnitKind.MEDICAL_INSTITUTION.zh,
        "uscc": "12990000400000000P",
        "region_code": code[1:7],
        "level": "二级甲等",
        "ownership": "公立",
        "agreement_status": "有效",
        "handling_unit": "示例旗医保中心",
        "contact_post": "医保办主任",
        "contact_phone": "0477-1234567",
        "contact_email": f"yibao{number}@hospital.example",
    }


def made(form: Form, campaign: Campaign, size: int) -> bytes:
    """The project's own workbook with so many rows."""
    office = Unit(code="J15062600001", name="样例", kind=UnitKind.HANDLING_AGENCY, region_code="150626")
    rows = {roster.UNITS: [row(number) for number in range(1, size + 1)]}
    return Workbooks(KEY.encode()).prefilled(form, campaign, campaign.phases[0], office, rows)


def first_version(content: bytes, form: Form, url: str) -> int:
    """Row by row; return how many units were entered."""
    sheet = load_workbook(BytesIO(content))[form.sheet(roster.UNITS).title]
    fields = [column.field for column in form.sheet(roster.UNITS).columns]
    seen: set[str] = set()
    entered = 0
    with create_engine(url).begin() as connection:
        for cells in sheet.iter_rows(min_row=TABLE_HEADER_ROW + 1, max_col=len(fields), values_only=True):
            facts = dict(zip(fields, cells, strict=True))
            found = _checked(facts, seen) if any(cells) else None
            if found is None:
                continue
            seen.add(found.code)
            there = select(table.c.id).where(table.c.campaign_id == CAMPAIGN, table.c.code == found.code)
            if connection.execute(there).first() is None:
                connection.execute(
                    table.insert().values(campaign_id=CAMPAIGN, joined_on=ON, **found.model_dump())
                )
                entered += 1
    return entered


def _checked(facts: Mapping[str, Any], seen: set[str]) -> Unit | None:
    """A unit that passes every check of the form, written as ifs."""
    if not facts["code"] or not facts["name"] or facts["kind"] not in KINDS:
        return None
    try:
        code = codes.institution_code(str(facts["code"]))
        if facts["uscc"]:
            codes.uscc(str(facts["uscc"]))
        region = codes.region(str(facts["region_code"]))
        if facts["contact_phone"]:
            codes.phone(str(facts["contact_phone"]))
        if facts["contact_email"]:
            codes.email(str(facts["contact_email"]))
        kind = KINDS[facts["kind"]]
        if code in seen or codes.kind_of(code) is not kind or len(facts["name"]) > 200:
            return None
        codes.is_known_region(region)
        # Who may sign for the unit is kept apart from it.
        of_unit = {name: value for name, value in facts.items() if name in Unit.model_fields}
        return Unit(**{**of_unit, "code": code, "kind": kind, "region_code": region})
    except (Unreadable, ValidationError):
        return None


def ours(content: bytes, campaign: Campaign, using: Assembly, reviewing: list[float] | None = None) -> int:
    """The step itself; ``reviewing`` takes the seconds of reading and checking alone."""
    began = time.perf_counter()
    reviewed = roster.review(campaign, content, on=ON, using=using)
    if reviewing is not None:
        reviewing.append(time.perf_counter() - began)
    return roster.enter(campaign, content, reviewed, on=ON, actor="bench", using=using)["名册基数"]


def timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    entered = work()
    return time.perf_counter() - began, entered


def ledger(folder: Path, name: str) -> tuple[Assembly, str]:
    """An empty ledger of its own."""
    home = folder / name
    home.mkdir()
    url = f"sqlite:///{home / 'ledger.db'}"
    upgrade(url)
    return looking(Settings(home=home, token_key=KEY), ledger_url=url), url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000, help="units (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    asked = parser.parse_args()
    campaign, form = load_campaign(FOLDER / CAMPAIGN), load_forms()[roster.FORM]
    sample = min(SAMPLE, asked.size)
    few, many = made(form, campaign, sample), made(form, campaign, asked.size)
    ratios, times, reviewing = [], [], list[float]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Great Expectations takes seconds to import; every run of a task pays that once, here it is not ours.
        warm, _ = ledger(folder, "warm")
        expected = ours(few, campaign, warm)
        for turn in range(1, asked.rounds + 1):
            _, url = ledger(folder, f"naive{turn}")
            slow, entered = timed(lambda url=url: first_version(few, form, url))  # type: ignore[misc]
            assert entered == expected == sample - sample // WRONG_EVERY, "both must enter the same units"
            using, _ = ledger(folder, f"ours{turn}")
            fast, entered = timed(lambda using=using: ours(many, campaign, using, reviewing))  # type: ignore[misc]
            assert entered == asked.size - asked.size // WRONG_EVERY, "only rows in error stay outside"
            ratios.append(slow / sample * asked.size / fast)
            times.append(fast)
            print(
                f"round {turn}: first version {slow:.2f} s for {sample} units"
                f" ({slow / sample * asked.size:.1f} s for {asked.size}), ours {fast:.2f} s for {asked.size}"
                f" (x{ratios[-1]:.1f})"
            )
    print(
        json.dumps(
            {
                "bench": "roster",
                "size": asked.size,
                "speedup": round(statistics.median(ratios), 1),
                "seconds": round(statistics.median(times), 3),
                "read_and_check_seconds": round(statistics.median(reviewing), 3),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
