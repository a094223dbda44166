"""A synthetic roster of 乌审旗: 24 medical institutions and 120 pharmacies, none of which exists.

Every name says 示例 or 模拟, serial numbers start where no real ones are, credit codes lie in region 99
(which GB/T 2260 does not have), mail domains end in ``.example`` and telephone numbers cannot be dialled.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from include.campaigns.registry import FOLDER, load_campaign
from include.domain.campaign import Campaign
from include.domain.codes import LETTER_BY_KIND
from include.domain.model import UnitKind
from include.domain.units import Unit
from include.gateways.form_files import load_forms
from include.rehearsal import rosters
from include.rehearsal.rosters import FIRST_SERIAL, REFUSED_MAILBOX, Roster, credit_code, ordinal

CAMPAIGN = "wushen_2024"
REGION = "150626"
HANDLING_UNIT = "乌审旗医保经办中心（模拟）"

PHONE_ONLY = 7
REFUSED = 3

_HOSPITAL, _PHARMACY = UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one sort; ``post`` is whom the office deals with there."""

    name: str  # {n} is replaced by 第一、第二 … or by a branch number
    count: int
    kind: UnitKind
    level: str | None
    ownership: str
    post: str
    registered_by: str = "12"  # 12 事业单位, 91 企业, 92 个体; empty: has no credit code
    domain: str = ""  # a chain's own mail domain
    one_mailbox: bool = False  # the chain's head office answers for all branches


GROUPS: tuple[Group, ...] = (
    Group("乌审旗示例人民医院", 1, _HOSPITAL, "二级甲等", "公立", "医保办主任"),
    Group("乌审旗示例蒙医综合医院", 1, _HOSPITAL, "二级乙等", "公立", "医保办主任"),
    Group("乌审旗示例妇幼保健院", 1, _HOSPITAL, "二级", "公立", "医保办主任"),
    Group("乌审旗示例{n}苏木镇中心卫生院", 6, _HOSPITAL, "一级甲等", "公立", "医保办负责人"),
    Group("乌审旗示例{n}社区卫生服务中心", 3, _HOSPITAL, "一级", "公立", "医保办负责人"),
    Group("乌审旗示例{n}嘎查卫生室", 6, _HOSPITAL, "未定级", "公立", "卫生室负责人", registered_by=""),
    Group("乌审旗模拟康复医院", 1, _HOSPITAL, "二级", "民营", "医保科科长", registered_by="91"),
    Group("乌审旗模拟{n}中医蒙医诊所", 3, _HOSPITAL, "未定级", "民营", "诊所负责人", registered_by="92"),
    Group("乌审旗模拟{n}口腔诊所", 2, _HOSPITAL, "未定级", "民营", "诊所负责人", registered_by="92"),
    Group("乌审旗示例大药房连锁{n}分店", 40, _PHARMACY, None, "民营", "门店医保负责人", "91", "dayaofang"),
    Group("乌审旗示例康民医药连锁{n}分店", 25, _PHARMACY, None, "民营", "门店医保负责人", "91", "kangmin"),
    Group(
        "乌审旗示例草原药业连锁{n}分店", 15, _PHARMACY, None, "民营", "总部医保专员", "91", "caoyuan", True
    ),
    Group("乌审旗模拟平价药房连锁{n}分店", 20, _PHARMACY, None, "民营", "门店医保负责人", "91", "pingjia"),
    Group("乌审旗示例{n}药房", 20, _PHARMACY, None, "民营", "药房负责人", registered_by="92"),
)


@dataclass(frozen=True, slots=True)
class Damage:
    """A fault put into the damaged workbook: the row's number among the units (from 0), field, text."""

    unit: int
    fields: Mapping[str, str]
    why: str


def make_roster(seed: int = 20240506) -> Roster:
    """The same roster for the same seed."""
    chance = random.Random(seed)
    units = list(_units(chance))
    small = [place for place, unit in enumerate(units) if _is_small(unit)]
    chosen = chance.sample(small, PHONE_ONLY + REFUSED)
    for place in chosen[:PHONE_ONLY]:
        units[place] = units[place].model_copy(update={"contact_email": None})
    for place in chosen[PHONE_ONLY:]:
        domain = str(units[place].contact_email).partition("@")[2]
        units[place] = units[place].model_copy(update={"contact_email": f"{REFUSED_MAILBOX}@{domain}"})
    return Roster(tuple(units), tuple(rosters.holders(demo_campaign())))


def demo_campaign() -> Campaign:
    return load_campaign(FOLDER / CAMPAIGN)


def damages(units: Sequence[Unit]) -> tuple[Damage, ...]:
    """What is wrong with the damaged workbook; the units named are those of ``make_roster``."""
    hospital, other = units[0], units[1]
    return (
        Damage(0, {"code": hospital.code.replace("0", "O", 1)}, "编码中的数字0写成了字母O"),
        Damage(4, {"code": units[3].code}, "编码与上一家重复"),
        Damage(1, {"uscc": _mistyped(str(other.uscc))}, "统一社会信用代码校验位不符"),
        Damage(30, {"contact_email": "", "contact_phone": ""}, "没有任何联系方式"),
        Damage(40, {"contact_email": "yibao＠dayaofang。example"}, "邮箱用了全角符号和中文句号"),
        Damage(50, {"kind": "定点医疗机构"}, "药店编码填成了医疗机构"),
        Damage(60, {"region_code": "15O626"}, "区划中的数字0写成了字母O"),
    )


def write_workbook(path: Path, damage: bool = False, *, seed: int = 20240506) -> Roster:
    """Write the roster workbook in the layout of the roster form; return what is in it when undamaged."""
    roster = make_roster(seed)
    faults = [(fault.unit, fault.fields) for fault in damages(roster.units)] if damage else []
    rosters.write_workbook(path, roster, demo_campaign(), load_forms()["roster"], faults)
    return roster


def _units(chance: random.Random) -> Iterator[Unit]:
    serial = dict.fromkeys(UnitKind, FIRST_SERIAL)
    for group in GROUPS:
        for number in range(1, group.count + 1):
            code = f"{LETTER_BY_KIND[group.kind]}{REGION}{serial[group.kind]}"
            serial[group.kind] += 1
            domain = f"{group.domain}.example" if group.domain else f"{code.lower()}.example"
            yield Unit(
                code=code,
                name=group.name.format(n=ordinal(number)),
                kind=group.kind,
                uscc=credit_code(group.registered_by, chance) if group.registered_by else None,
                region_code=REGION,
                level=group.level,
                ownership=group.ownership,
                handling_unit=HANDLING_UNIT,
                contact_post=group.post,
                contact_email=f"yibao@{domain}" if group.one_mailbox else f"yibao{number:02d}@{domain}",
                contact_phone=f"0477-00{code[0] == 'P':d}{code[-4:]}",
            )


def _is_small(unit: Unit) -> bool:
    """A village clinic, a practice or a pharmacy of its own: where mail fails in real life."""
    return unit.level in (None, "未定级") and unit.code.lower() in str(unit.contact_email)


def _mistyped(code: str) -> str:
    """The code with two different neighbours exchanged, as a hurried clerk does."""
    for place in range(len(code) - 1, 8, -1):
        if code[place] != code[place - 1]:
            return code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]
    raise ValueError(f"{code} 没有可对调的相邻字符")
