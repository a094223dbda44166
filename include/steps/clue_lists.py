"""What the clue rules say, as lists a person hands on; and how far each handling unit is, month by month.

To the director: overdue unverified clues. To the upper level, which decides: proposals for flying inspections and
cross-checks. To the inspection team: whom to inspect more often. Nothing here is sent or entered by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from include.domain.bans import masked
from include.domain.campaign import Campaign
from include.domain.clues import Proposal, Rule, proposals
from include.domain.codes import kind_of
from include.domain.forms import Form
from include.domain.registers import parts
from include.domain.time_limits import FOLLOWED, is_final
from include.steps import follow
from include.steps.follow import Followed
from include.steps.ports import Gateways

UNSTATED = "未填承办单位"
_FOR_NAMES = re.compile(r'[\\/:*?"<>|\s]+')
_GOES_TO = {
    Rule.UNVERIFIED: "报办公室主任",
    Rule.FLYING: "报上级医保部门研究",
    Rule.CROSS_CHECK: "报上级医保部门研究",
    Rule.WATCH: "交检查组安排",
    Rule.FEED_BACK: "交承办岗位反馈",
}
_TITLES = {
    Rule.UNVERIFIED: "逾期未核查",
    Rule.FLYING: "建议飞行检查",
    Rule.CROSS_CHECK: "建议交叉检查",
    Rule.WATCH: "加密检查频次",
    Rule.FEED_BACK: "应向上级反馈",
}
FORM = Form.model_validate(
    {
        "key": "clue_lists",
        "title": "疑点线索督办清单",
        "version": "2026.1",
        "identified": False,
        "purpose": "按线索规则列出的建议和依据，由人决定；疑点不等于违规。",
        "sheets": [
            {
                "key": rule.value,
                "title": _TITLES[rule],
                "layout": "table",
                "rows": 1,
                "note": f"{rule.zh}；{_GOES_TO[rule]}。疑点不等于违规，是否采纳由人决定。",
                "columns": [
                    {"field": "numbers", "header": "线索编号", "type": "text", "width": 40},
                    {"field": "subject", "header": "涉及对象", "type": "text", "width": 20},
                    {"field": "why", "header": "理由", "type": "text", "width": 60},
                    {"field": "decision", "header": "研究意见", "type": "text", "width": 24},
                ],
            }
            for rule in _TITLES
        ],
    }
)
DIGEST = Form.model_validate(
    {
        "key": "monthly_digest",
        "title": "台账办理月度情况",
        "version": "2026.1",
        "identified": False,
        "purpose": "承办单位各类台账的办理情况和未办结明细，每月末由办公室发承办单位核对。",
        "sheets": [
            {
                "key": "counts",
                "title": "办理情况",
                "layout": "table",
                "rows": 1,
                "columns": [
                    {"field": "register", "header": "台账", "type": "text", "width": 28},
                    {"field": "closed", "header": "已办结", "type": "count", "unit": "件", "width": 10},
                    {"field": "open", "header": "未办结", "type": "count", "unit": "件", "width": 10},
                    {"field": "overdue", "header": "其中逾期", "type": "count", "unit": "件", "width": 10},
                ],
            },
            {
                "key": "open",
                "title": "未办结明细",
                "layout": "table",
                "rows": 1,
                "columns": [
                    {"field": "register", "header": "台账", "type": "text", "width": 22},
                    {"field": "number", "header": "编号", "type": "text", "width": 28},
                    {"field": "state", "header": "目前", "type": "text", "width": 12},
                    {"field": "what", "header": "待办事项", "type": "text", "width": 24},
                    {"field": "due_on", "header": "期限", "type": "date", "width": 13},
                    {"field": "left", "header": "说明", "type": "text", "width": 30},
                ],
            },
        ],
    }
)


@dataclass(slots=True)
class Digest:
    """How far a handling unit (承办单位) is: closed records (件) by register, and those that are open."""

    unit: str
    closed: dict[str, int]
    open: list[Followed]

    def overdue(self, register: str) -> int:
        return sum(each.register == register and _is_overdue(each) for each in self.open)


def lists(campaign: Campaign, *, on: date, using: Gateways) -> dict[Rule, list[Proposal]]:
    """Every list by its rule, empty ones included."""
    found = proposals(follow.clues(campaign, using=using), on, using.calendar)
    return {rule: [each for each in found if each.rule is rule] for rule in _TITLES}


def workbook(found: dict[Rule, list[Proposal]], using: Gateways) -> bytes:
    """One sheet per list; an insured person's number is hidden in the middle."""
    return using.workbooks.register(
        FORM,
        {
            rule.value: [
                {"numbers": "、".join(each.numbers), "subject": _subject(each), "why": each.why}
                for each in here
            ]
            for rule, here in found.items()
        },
    )


def digests(campaign: Campaign, *, on: date, using: Gateways) -> list[Digest]:
    """Every handling unit with a record in a followed register, in the order of names."""
    found: dict[str, Digest] = {}
    still = {(each.register, each.number): each for each in follow.standing(campaign, on=on, using=using)}
    for key in FOLLOWED:
        form = using.forms[key]
        for record in using.ledger.registers.records(campaign.id, form)[parts(form)[0].table].values():
            unit = str(record.values.get("unit") or UNSTATED)
            digest = found.setdefault(unit, Digest(unit, defaultdict(int), []))
            if is_final(key, record.values):
                digest.closed[key] += 1
            else:
                digest.open.append(still[key, record.number])
    return [found[unit] for unit in sorted(found)]


def digest_workbooks(found: Sequence[Digest], on: date, using: Gateways) -> list[tuple[str, bytes]]:
    """File name and workbook of each unit; overdue ones first."""
    return [
        (
            f"{_FOR_NAMES.sub('-', each.unit)}_{on.year}年{on.month}月_{DIGEST.title}.xlsx",
            using.workbooks.register(DIGEST, {"counts": _counts(each, using), "open": _open(each)}),
        )
        for each in found
    ]


def _counts(digest: Digest, using: Gateways) -> list[dict[str, str | int]]:
    keys = [key for key in FOLLOWED if digest.closed.get(key) or any(o.register == key for o in digest.open)]
    return [
        {
            "register": using.forms[key].title,
            "closed": digest.closed.get(key, 0),
            "open": sum(each.register == key for each in digest.open),
            "overdue": digest.overdue(key),
        }
        for key in keys
    ]


def _open(digest: Digest) -> list[dict[str, str | date | None]]:
    return [
        {
            "register": each.title,
            "number": each.number,
            "state": each.state,
            "what": each.limit.what if each.limit else "",
            "due_on": each.due_on,
            "left": each.note or _left(each),
        }
        for each in sorted(digest.open, key=lambda each: (each.due_on is None, each.due_on or date.max))
    ]


def _left(each: Followed) -> str:
    left = each.working_days_left or 0
    return f"逾期{-left}个工作日" if left < 0 else f"还有{left}个工作日"


def _is_overdue(each: Followed) -> bool:
    return each.working_days_left is not None and each.working_days_left < 0


def _subject(each: Proposal) -> str:
    return each.subject if kind_of(each.subject) else masked(each.subject)
