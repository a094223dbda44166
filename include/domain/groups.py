"""The dimensions (维度) figures are divided by and their members, and the units that are expected to report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from include.domain.conduct_headings import ACTION, GOVERNANCE, heading_zh, in_heading_order
from include.domain.model import UnitKind
from include.domain.obligations import REPORTED, ObligationState
from include.domain.reports import Snapshot, SnapshotItem, SnapshotUnit
from include.domain.self_check import SELF_CHECK_FORMS
from include.domain.violations import in_article_order, violation_zh

TOTAL = ""
UNIT_KIND = "unit_kind"
LEVEL = "level"
OWNERSHIP = "ownership"
REGION = "region"
BRANCH = "branch"
OBJECT = "object"
VIOLATION_TYPE = "violation_type"
ACTION_HEADING = ACTION
GOVERNANCE_HEADING = GOVERNANCE
CLUE_SOURCE = "clue_source"
BATCH = "batch"
MODEL = "model"
SOURCE = "source"

UNIT_DIMENSIONS = (TOTAL, UNIT_KIND, LEVEL, OWNERSHIP, REGION, BRANCH, OBJECT)
CONDUCT_DIMENSIONS = (VIOLATION_TYPE, ACTION_HEADING, GOVERNANCE_HEADING)
ITEM_DIMENSIONS = (*UNIT_DIMENSIONS, *CONDUCT_DIMENSIONS)
DIMENSIONS = (*UNIT_DIMENSIONS, *CONDUCT_DIMENSIONS, CLUE_SOURCE, BATCH, MODEL, SOURCE)
"""In the order in which figures stand."""

LEVELS = ("三级", "二级", "一级及以下")
"""How statistics tables divide medical institutions; 未定级 counts with the last."""

OWNERSHIPS = ("公立", "民营")
UNSTATED = "未注明"
OUTSIDE = "outside"
"""Where a record belongs whose unit the frozen roster does not have: a person, or a unit that joined later."""

UNITEMISED = "UNITEMISED"
"""The violation type of an inspection's amounts that its list of problems does not break down."""

OBJECTS = {
    "medical_institution": "定点医疗机构",
    "retail_pharmacy": "定点零售药店",
    "insured_person": "参保人员",
    "handling_agency": "经办机构",
    "staff": "医疗机构工作人员",
    "other": "其他",
}
"""Whom a record is about (对象类别)."""

CLUE_SOURCES = {
    "NHSA": "国家局下发",
    "PROVINCE": "省局下发",
    "CITY": "市局下发",
    "LOCAL_MODEL": "本地大数据筛查",
    "SMART_REVIEW": "智能审核",
    "TIP": "举报",
    "SELF_CHECK": "自查",
    "INSPECTION": "检查发现",
    "FLYING": "飞行检查",
    "TRANSFER_IN": "部门移送",
    "AUDIT": "审计",
    "MEDIA": "媒体舆情",
}

REFUND_SOURCES = ("自查", "检查", "案件")
"""Where a refund was ordered, as the refund register divides it."""

DIMENSIONS_ZH = {
    TOTAL: "合计",
    UNIT_KIND: "单位类别",
    LEVEL: "医院等级",
    OWNERSHIP: "经济性质",
    REGION: "辖区",
    BRANCH: "管辖经办机构",
    OBJECT: "对象类别",
    VIOLATION_TYPE: "违规类型",
    ACTION_HEADING: "违规行为",
    GOVERNANCE_HEADING: "违法违规行为",
    CLUE_SOURCE: "线索来源",
    BATCH: "批次",
    MODEL: "筛查模型",
    SOURCE: "来源",
}

_OPEN, _RECEIVED, _RETURNED, _PARTIAL, _ACCEPTED, _REVIEWED, _WAIVED, _CLOSED = ObligationState
_LEAST_DONE_FIRST = (_OPEN, _RETURNED, _PARTIAL, _RECEIVED, _ACCEPTED, _REVIEWED, _WAIVED, _CLOSED)

NOT_REPORTED = (_OPEN, _RETURNED, _PARTIAL)
"""What the office goes after by name: nothing came, it was sent back, or the stamped scan is missing."""


def standings(snapshot: Snapshot) -> list[SnapshotUnit]:
    """Units expected to report, one entry each, by code.

    Where there are self-checks only those are asked for. A unit that owes several forms counts as one 家 and
    stands where its least finished return stands, with its earliest unmet due date; closed obligations are not
    expected.
    """
    has_self_checks = any(obligation.form in SELF_CHECK_FORMS for obligation in snapshot.units)
    by_unit: defaultdict[str, list[SnapshotUnit]] = defaultdict(list)
    for obligation in snapshot.units:
        if obligation.state is not _CLOSED and (not has_self_checks or obligation.form in SELF_CHECK_FORMS):
            by_unit[obligation.unit_code].append(obligation)
    return [_standing(by_unit[code]) for code in sorted(by_unit)]


def _standing(obligations: Sequence[SnapshotUnit]) -> SnapshotUnit:
    if len(obligations) == 1:
        return obligations[0]
    least_done = min(obligations, key=lambda each: (_LEAST_DONE_FIRST.index(each.state), each.form))
    return replace(
        least_done,
        is_zero=all(each.is_zero for each in obligations),
        days_late=max(each.days_late for each in obligations),
        due_on=min(
            (each.due_on for each in obligations if each.state in NOT_REPORTED), default=least_done.due_on
        ),
    )


def counted_items(snapshot: Snapshot) -> list[SnapshotItem]:
    """Self-check problems behind the figures: those of units whose return is accepted (已报)."""
    reported = {unit.unit_code for unit in standings(snapshot) if unit.state in REPORTED}
    return [item for item in snapshot.items if item.unit_code in reported]


def level_of(kind: UnitKind, level: str) -> str | None:
    """Which of ``LEVELS`` a medical institution belongs to; None for other units."""
    if kind is not UnitKind.MEDICAL_INSTITUTION:
        return None
    return next((each for each in LEVELS if level.startswith(each)), LEVELS[-1])


def ownership_of(kind: UnitKind, ownership: str) -> str | None:
    """公立, 民营 or 未注明 for a medical institution; None for other units."""
    if kind is not UnitKind.MEDICAL_INSTITUTION:
        return None
    return ownership if ownership in OWNERSHIPS else UNSTATED


@lru_cache(maxsize=4096)
def member_zh(dimension: str, member: str) -> str:
    """A member by the name people read; a region by its code of GB/T 2260; the total is 合计."""
    if member == OUTSIDE:
        return "名册外（含个人）"
    if member == UNITEMISED:
        return "未列明细"
    match dimension:
        case "unit_kind":
            return UnitKind(member).zh
        case "violation_type":
            return violation_zh(member)
        case "action_heading" | "governance_heading":
            return heading_zh(member)
        case "object":
            return OBJECTS.get(member, member)
        case "clue_source":
            return CLUE_SOURCES.get(member, member)
        case "region":
            return f"区划{member}"
    return member or "合计"


def in_official_order(dimension: str, members: Iterable[str]) -> list[str]:
    """Kinds, levels and sources as tables list them, violation types by article, regions by code."""
    if dimension == VIOLATION_TYPE:
        return in_article_order(members)
    if dimension in (ACTION_HEADING, GOVERNANCE_HEADING):
        return in_heading_order(dimension, members)
    order = _ORDERS.get(dimension, {})
    return sorted(members, key=lambda member: (order.get(member, len(order)), member))


_ORDERS = {
    dimension: {member: place for place, member in enumerate(members)}
    for dimension, members in {
        UNIT_KIND: [kind.value for kind in UnitKind],
        LEVEL: list(LEVELS),
        OWNERSHIP: list(OWNERSHIPS),
        OBJECT: list(OBJECTS),
        CLUE_SOURCE: list(CLUE_SOURCES),
        SOURCE: list(REFUND_SOURCES),
    }.items()
}
