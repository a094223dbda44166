"""The evidence annex of a clue batch as a workbook: what is suspected, why, and which visits to look at."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from include.domain.dates import zh_date
from include.domain.screening import Precision, RuleRun, Scored
from include.gateways.office_sheets import fill

CLUES = ("线索编号", "风险", "模型", "机构编码", "人员代号", "期间", "疑点金额（元）", "疑点说明")
CLUE_WIDTHS = (27, 6, 20, 16, 16, 24, 15, 66)
VISITS = (
    "线索编号",
    "就诊ID",
    "机构编码",
    "医疗类别",
    "开始日期",
    "结束日期",
    "结算时间",
    "主诊断",
    "总费用（元）",
    "基金支付（元）",
)
VISIT_WIDTHS = (27, 24, 16, 10, 13, 13, 19, 10, 15, 15)
RULES = ("规则", "版本", "本次参数", "疑点（条）", "以往核查情况")
RULE_WIDTHS = (26, 8, 60, 11, 60)
WARNING = "内部资料：疑点不等于违规，须逐条核查；不得外传，不得发给被核查单位。"
HIDDEN = "人员以代号表示，同一代号为同一人。"
SHOWN = "含参保人员编号，按规定审批后提供。"


def pseudonym(person: str, key: str) -> str:
    """The same person has the same name under one key; without the key nobody comes back to the person."""
    if not person:
        return ""
    return "R" + hmac.new(key.encode(), person.encode(), hashlib.sha256).hexdigest()[:12].upper()


def workbook(
    title: str,
    on: date,
    found: Sequence[tuple[str, Scored]],
    evidence: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    key: str,
    rules: Sequence[RuleRun],
    verified: Sequence[Precision] = (),
    shows_persons: bool = False,
) -> bytes:
    """Three sheets: the clues by their numbers in the order given, the visits of each, and the rules that found them.

    A rule stands with its frozen version and parameters, and with what verification has said of it so far.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "疑点线索"
    titles = {each.number: f"{each.number} {each.title}".strip() for each in rules}
    note = f"{WARNING}{SHOWN if shows_persons else HIDDEN}"
    clues = [
        (
            number,
            each.risk,
            titles.get(each.hit.number, each.hit.number),
            each.hit.fixmedins_code,
            each.hit.psn_no if shows_persons else pseudonym(each.hit.psn_no, key),
            f"{each.hit.window_start}至{each.hit.window_end}",
            each.hit.amount,
            each.hit.sentence,
        )
        for number, each in found
    ]
    fill(sheet, f"{title}（{zh_date(on)}）", note, CLUES, CLUE_WIDTHS, clues)
    visits = [
        (number, visit, *(_shown(row[name]) for name in _COLUMNS))
        for number, each in found
        for visit in each.hit.visits
        for row in evidence.get(visit, ())
    ]
    fill(book.create_sheet("就诊明细"), f"{title}：就诊明细", note, VISITS, VISIT_WIDTHS, visits)
    counts = Counter(each.hit.number for _, each in found)
    behind = [
        (
            titles[each.number],
            each.version,
            _parameters(each) or "（无）",
            counts[each.number],
            _said_of(each, verified),
        )
        for each in rules
        if counts[each.number]
    ]
    fill(book.create_sheet("筛查规则"), f"{title}：筛查规则", WARNING, RULES, RULE_WIDTHS, behind)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def _parameters(run: RuleRun) -> str:
    from include.screening.registry import rule

    known = {each.name: each for each in rule(run.number).parameters}
    return "；".join(
        f"{known[name].title} {value:f}{known[name].unit}" if name in known else f"{name} {value:f}"
        for name, value in run.parameters.items()
    )


def _said_of(run: RuleRun, verified: Sequence[Precision]) -> str:
    same = [each for each in verified if (each.number, each.version) == (run.number, run.version)]
    return same[0].sentence if same else "尚无核查结论"


_COLUMNS = (
    "fixmedins_code",
    "med_type",
    "begndate",
    "enddate",
    "setl_time",
    "diag_code",
    "medfee_sumamt",
    "fund_pay_sumamt",
)


def _shown(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value
