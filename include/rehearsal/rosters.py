"""Synthetic rosters (名册), for any campaign: units and post holders none of which exists.

Every name says 示例 or 模拟, serial numbers start where no real ones are, credit codes lie in region 99
(which GB/T 2260 does not have), mail domains end in ``.example`` and telephone numbers cannot be dialled.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from stdnum.cn import uscc

from include.domain.campaign import Campaign, Level, Subject
from include.domain.codes import LETTER_BY_KIND, is_known_region
from include.domain.forms import Form, Sheet
from include.domain.model import UnitKind
from include.domain.units import PostHolder, Unit

FIRST_SERIAL = 90001
WARNING = "模拟数据，仅供演示"
REFUSED_MAILBOX = "unknown"
"""The local mail server refuses this mailbox in every domain."""
PHONE_ONLY, REFUSED = 20, 48
"""Of so many units one has no mailbox, of so many one has a mailbox that does not exist."""
MOST_REGIONS = 4
CHAIN = 5
"""Of so many pharmacies two belong to a chain whose head office has one mailbox for all its branches."""

_HOSPITAL, _PHARMACY = UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY
_ORDINALS = "一二三四五六七八九十"
_SUPERVISED = {
    Subject.MEDICAL_INSTITUTION: _HOSPITAL,
    Subject.RETAIL_PHARMACY: _PHARMACY,
    Subject.HANDLING_AGENCY: UnitKind.HANDLING_AGENCY,
}
_HOSPITALS = (
    ("示例{n}人民医院", "二级甲等", "公立", "医保办主任"),
    ("示例{n}中心卫生院", "一级甲等", "公立", "医保办负责人"),
    ("模拟{n}康复医院", "二级", "民营", "医保科科长"),
    ("模拟{n}诊所", "未定级", "民营", "诊所负责人"),
)


@dataclass(frozen=True, slots=True)
class Roster:
    """Units and the holders of the office's posts."""

    units: tuple[Unit, ...]
    holders: tuple[PostHolder, ...]

    def of_kind(self, kind: UnitKind) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units if unit.kind is kind)

    @property
    def phone_only(self) -> tuple[Unit, ...]:
        """Units that no mail reaches because none is known."""
        return tuple(unit for unit in self.units if unit.contact_email is None)

    @property
    def refused(self) -> tuple[Unit, ...]:
        """Units whose mailbox the mail server does not know."""
        return tuple(
            unit for unit in self.units if (unit.contact_email or "").startswith(f"{REFUSED_MAILBOX}@")
        )

    @property
    def addresses(self) -> frozenset[str]:
        """Everybody mail may go to, in small letters."""
        units = (unit.contact_email for unit in self.units)
        return frozenset(
            address.lower() for address in (*units, *(each.email for each in self.holders)) if address
        )


def synthetic(campaign: Campaign, units: int, *, seed: int) -> Roster:
    """So many units (家) of the kinds the notice concerns, in its regions; the same for the same seed."""
    chance = random.Random(f"{seed}/{campaign.id}/roster")
    places = regions(campaign)
    made = [
        _unit(kind, number, places[number % len(places)], chance)
        for kind, count in kinds(campaign, units, len(places)).items()
        for number in range(count)
    ]
    own = [place for place, unit in enumerate(made) if unit.code.lower() in str(unit.contact_email)]
    lost = chance.sample(own, min(len(own), -(-units // PHONE_ONLY) + -(-units // REFUSED)))
    for number, place in enumerate(lost):
        address = None
        if number < -(-units // REFUSED):
            address = f"{REFUSED_MAILBOX}@{str(made[place].contact_email).partition('@')[2]}"
        made[place] = made[place].model_copy(update={"contact_email": address})
    return Roster(tuple(made), tuple(holders(campaign)))


def kinds(campaign: Campaign, units: int, places: int) -> dict[UnitKind, int]:
    """How many units (家) of each kind the notice supervises or wants returns from."""
    wanted = {_SUPERVISED[subject] for subject in campaign.supervised if subject in _SUPERVISED}
    wanted |= {kind for phase in campaign.phases for owed in phase.returns for kind in owed.owed_by}
    # A member department is a post of the office, not a unit of the roster.
    others = [kind for kind in UnitKind if kind in wanted & set(LETTER_BY_KIND) - {_HOSPITAL, _PHARMACY}]
    counts = dict.fromkeys(others, max(1, min(places, units // 6)))
    rest = units - sum(counts.values())
    if {_HOSPITAL, _PHARMACY} <= wanted:
        counts |= {_HOSPITAL: max(1, rest // 4), _PHARMACY: rest - max(1, rest // 4)}
    else:
        counts |= {kind: rest for kind in (_HOSPITAL, _PHARMACY) if kind in wanted}
    return counts


def regions(campaign: Campaign) -> list[str]:
    """A county's own code; of a prefecture or province some of its counties."""
    if campaign.level is Level.COUNTY or campaign.region.startswith("00"):
        return [campaign.region]
    if campaign.level is Level.PREFECTURE:
        found = [code for n in range(1, 100) if is_known_region(code := f"{campaign.region[:4]}{n:02d}")]
    else:
        found = [code for n in range(1, 30) if is_known_region(code := f"{campaign.region[:2]}{n:02d}02")]
    return found[:MOST_REGIONS] or [campaign.region]


def holders(campaign: Campaign) -> Iterator[PostHolder]:
    """Every post is held, from before the campaign on."""
    for number, post in enumerate(campaign.posts, start=1):
        office = "upper-bureau" if post.key == "upper_bureau" else "bureau"
        yield PostHolder(
            post_key=post.key,
            email=f"{post.key.replace('_', '-')}@{office}.example",
            phone=f"0999-002{number:04d}",
            holds_from=campaign.starts_on.replace(month=1, day=1),
        )


def write_workbook(
    path: Path,
    roster: Roster,
    campaign: Campaign,
    form: Form,
    faults: Sequence[tuple[int, Mapping[str, str]]] = (),
) -> None:
    """The roster in the layout of its form; ``faults``: a unit's place (from 0), and the fields spoilt there."""
    workbook = Workbook()
    del workbook["Sheet"]
    rows = [unit.model_dump() | {"kind": unit.kind.zh} for unit in roster.units]
    for place, fields in faults:
        rows[place] |= fields
    _write_sheet(workbook.create_sheet(), form.sheet("units"), rows)
    posts = [
        each.model_dump() | {"post_title": campaign.post(each.post_key).title} for each in roster.holders
    ]
    _write_sheet(workbook.create_sheet(), form.sheet("posts"), posts)
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)


def ordinal(number: int) -> str:
    """1 → 第一, 12 → 第十二, 40 → 第四十, 112 → 第112."""
    if number > 99:
        return f"第{number}"
    tens, ones = divmod(number, 10)
    words = (_ORDINALS[tens - 1] if tens > 1 else "") + ("十" if tens else "")
    return f"第{words}{_ORDINALS[ones - 1] if ones else ''}"


def credit_code(registered_by: str, chance: random.Random) -> str:
    """A credit code with both check characters right (GB 32100-2015, GB 11714)."""
    organisation = f"MA{chance.randrange(10**6):06d}"
    body = f"{registered_by}990000{organisation}{_organisation_check(organisation)}"
    return f"{body}{uscc.calc_check_digit(body)}"


def _unit(kind: UnitKind, number: int, region: str, chance: random.Random) -> Unit:
    code = f"{LETTER_BY_KIND[kind]}{region}{FIRST_SERIAL + number}"
    nth = ordinal(number + 1)
    level, ownership, registered_by, domain = None, "公立", "12", f"{code.lower()}.example"
    match kind:
        case UnitKind.MEDICAL_INSTITUTION:
            words, level, ownership, post = _HOSPITALS[number % len(_HOSPITALS)]
            name = words.format(n=nth)
        case UnitKind.RETAIL_PHARMACY:
            name, post, ownership, registered_by = f"示例{nth}药房", "药房负责人", "民营", "91"
            if number % CHAIN < 2:
                name, post, domain = f"示例大药房连锁{nth}分店", "总部医保专员", "chain.example"
        case UnitKind.HANDLING_AGENCY:
            name, post = f"示例{nth}医保经办中心", "稽核岗"
        case _:
            name, post = f"示例{nth}医保分局", "综合岗"
    return Unit(
        code=code,
        name=name,
        kind=kind,
        uscc=credit_code(registered_by, chance),
        region_code=region,
        level=level,
        ownership=ownership,
        handling_unit="示例医保经办中心（模拟）",
        contact_post=post,
        contact_email=f"yibao@{domain}",
        contact_phone=f"0999-0{'HPJF'.index(code[0])}{code[-5:]}",
    )


def _organisation_check(organisation: str) -> str:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(alphabet.index(char) * weight for char, weight in zip(organisation, weights, strict=True))
    return "0123456789X0"[11 - total % 11]


def _write_sheet(sheet: Worksheet, layout: Sheet, rows: Sequence[Mapping[str, object]]) -> None:
    sheet.title = layout.title
    sheet.append([WARNING])
    sheet["A1"].font = Font(bold=True, color="C00000")
    sheet.append([column.label for column in layout.columns])
    for cell in sheet[2]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
    for row in rows:
        sheet.append([row.get(column.field) for column in layout.columns])
    for number, column in enumerate(layout.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width + 4
    sheet.freeze_panes = "C3"
