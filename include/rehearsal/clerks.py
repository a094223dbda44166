"""How a clerk fills in the workbook of a return: by the words of its headers, well or badly."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from include.domain.forms import bare_header
from include.domain.model import UnitKind

COVER, ITEMS = "封面", "自查问题明细"
Cell = str | int | Decimal | date | None
Answers = dict[str, Cell]
"""Header → what is written beside or below it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A thing found in a self-check; ``costs`` is False for a matter of management without money."""

    area: str
    violation: str
    description: str
    cause: str
    measure: str
    costs: bool = True


HOSPITAL_PROBLEMS = (
    Problem(
        "骨科",
        "重复收费",
        "手术类项目收费时同时收取已包含在内的一次性材料费用（模拟）",
        "收费系统未设置互斥规则",
        "已在收费系统中增加互斥提示，并对收费人员进行培训",
    ),
    Problem(
        "临床检验",
        "过度检查",
        "未结合病情为住院患者套餐式开展多项化验检查（模拟）",
        "组套医嘱设置过宽",
        "已拆分组套医嘱，由科室逐项审核",
    ),
    Problem(
        "康复",
        "超标准收费",
        "同一康复项目的计费时长超过实际治疗时长（模拟）",
        "治疗记录与计费未核对",
        "已要求治疗记录与计费逐日核对",
    ),
    Problem(
        "医学影像",
        "分解项目收费",
        "将一次多部位成像检查拆分为多个项目收费（模拟）",
        "对项目内涵理解有误",
        "已按项目内涵调整收费目录",
    ),
    Problem(
        "重点药品耗材",
        "将不属于医保基金支付范围的医药费用纳入结算",
        "限定适应症的药品超出支付范围使用并纳入结算（模拟）",
        "限定支付条件未嵌入系统",
        "已将限定支付条件嵌入开方提示",
    ),
    Problem(
        "其他",
        "未按规定保管财务、病历、进销存等资料",
        "部分门诊病历记录不完整，未按规定归档保管（模拟）",
        "归档制度执行不严",
        "已补齐病历并按月检查归档情况",
        costs=False,
    ),
)
PHARMACY_PROBLEMS = (
    Problem(
        "零售药店",
        "串换药品、医用耗材、诊疗项目和服务设施",
        "将目录外商品串换为目录内药品进行医保结算（模拟）",
        "收银人员未按实际商品扫码",
        "已停用手工录码，按实际商品扫码结算",
    ),
    Problem(
        "零售药店",
        "超量开药",
        "单次结算药品数量超过规定的用药天数（模拟）",
        "系统未设置数量上限",
        "已在系统中设置单次购药数量上限",
    ),
    Problem(
        "零售药店",
        "未按规定保管财务、病历、进销存等资料",
        "部分药品购进票据与销售记录未按规定对应保管（模拟）",
        "票据交接不及时",
        "已补齐票据并指定专岗保管",
        costs=False,
    ),
)

AGENCY_PROBLEMS = (
    Problem(
        "基金稽核",
        "基金稽核不全面",
        "年度稽核没有覆盖全部定点医疗机构（模拟）",
        "稽核力量不足",
        "已补充稽核并修订年度稽核计划",
    ),
    Problem(
        "协议管理",
        "履约检查不到位",
        "部分定点医疗机构的履约检查没有按季度开展（模拟）",
        "检查计划未分解到月",
        "已按季度补做检查并明确专岗",
    ),
    Problem(
        "待遇审核",
        "违规支付医保费用",
        "个别零星报销重复支付了同一张票据的费用（模拟）",
        "票据没有联网核验",
        "已追回并启用票据联网核验",
    ),
    Problem(
        "内部控制",
        "内审制度不健全",
        "内部审计制度没有规定复核和轮岗要求（模拟）",
        "制度修订滞后",
        "已修订内审制度并按月复核",
        costs=False,
    ),
)
PROBLEMS = {
    UnitKind.RETAIL_PHARMACY: PHARMACY_PROBLEMS,
    UnitKind.HANDLING_AGENCY: AGENCY_PROBLEMS,
}

UNREADABLE_AMOUNT, OVER_REFUND, NO_MEASURE, OUTSIDE_WINDOW = MISTAKES = (
    "金额写成文字",
    "退回大于应退",
    "漏填整改措施",
    "日期早于自查期间",
)


AGENCY_WORDS = {
    "领域": "业务环节",
    "违规类型": "问题类型",
    "涉及例次": "发现问题数",
    "违规金额": "涉及金额",
    "其中医保基金支付金额": "其中应退回医保基金金额",
    "已退回金额": "已退回追回金额",
}
"""What the agencies' form calls the same things."""
SINCE = date(2021, 5, 1)
"""The first day of the period checked, unless the notice has another."""


def make_items(
    kind: UnitKind,
    count: int,
    on: date,
    chance: random.Random,
    *,
    since: date = SINCE,
    until: date | None = None,
) -> list[Answers]:
    """So many problems a unit of that kind finds between two days, one row each, right in every respect."""
    known = PROBLEMS.get(kind, HOSPITAL_PROBLEMS)
    span = since, min(until or on, on)
    return [_item(problem, on, span, chance) for problem in chance.sample(known, min(count, len(known)))]


def with_mistakes(items: Sequence[Answers], mistakes: Iterable[str]) -> list[Answers]:
    """The same rows, the first of them spoilt."""
    spoilt: Answers = {}
    for mistake in mistakes:
        spoilt |= _spoil(mistake, items[0])
    return [items[0] | spoilt, *items[1:]]


def in_own_words(items: Iterable[Answers]) -> list[Answers]:
    """The same rows as many a clerk types them: amounts with commas and 元, days in Chinese."""
    return [{header: _typed(answer) for header, answer in item.items()} for item in items]


def _typed(answer: Cell) -> Cell:
    if isinstance(answer, Decimal):
        return f"{answer:,}元"
    if isinstance(answer, date):
        return f"{answer.year}年{answer.month}月{answer.day}日"
    return answer


def fill(
    workbook: bytes, items: Sequence[Answers], on: date, *, phone: str, until: date | None = None
) -> bytes:
    """The workbook with cover and problems written in; what stood there before in those cells is gone.

    ``until`` is the last day of the period checked where the notice sets one. A form without a list of problems
    gets its cover alone.
    """
    book = load_workbook(BytesIO(workbook))
    _fill_card(book[COVER], _cover(items, on, phone) | {"自查期间止": until or on})
    if ITEMS in book.sheetnames:
        _fill_table(book[ITEMS], items)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def _cover(items: Sequence[Answers], on: date, phone: str) -> Answers:
    return {
        "是否发现问题": "是" if items else "否",
        "自查方式": "自行自查",
        "问题清单版本": "2024版六领域（模拟）",
        "主要负责人": "主要负责人（模拟）",
        "填报人": "医保专员（模拟）",
        "联系电话": phone,
        "填报日期": on,
        "报告标题": "关于专项整治工作情况的报告（模拟）",
        "应检查机构数": 12,
        "已检查机构数": 12,
        "检查家次": 14,
        "发现问题机构数": len(items),
        "违规金额": Decimal("35600.00") * bool(items),
        "追回医保基金金额": Decimal("29800.00") * bool(items),
        "移送案件数": 0,
        "签发人": "主要负责人（模拟）",
    }


def _item(problem: Problem, on: date, span: tuple[date, date], chance: random.Random) -> Answers:
    half = max(2, (span[1] - span[0]).days // 2)
    began = span[0] + timedelta(days=chance.randrange(half))
    occurrences = chance.randrange(3, 90)
    amount = Decimal(occurrences * chance.randrange(800, 9000)).scaleb(-2) * problem.costs
    fund = (amount * chance.randrange(60, 101) / 100).quantize(Decimal("0.01"))
    refunded = fund if chance.random() < 0.7 else Decimal(0)
    finished = on - timedelta(days=2)
    return {
        "领域": problem.area,
        "问题清单编号": f"MN-{chance.randrange(1, 200):03d}",
        "违规类型": problem.violation,
        "问题描述": problem.description,
        "发生期间起": began,
        "发生期间止": began + timedelta(days=chance.randrange(1, half)),
        "涉及人次": occurrences - chance.randrange(3),
        "涉及例次": occurrences,
        "违规金额": amount,
        "其中医保基金支付金额": fund,
        "涉及异地": "否",
        "原因分析": problem.cause,
        "整改措施": problem.measure,
        "整改状态": "已整改" if refunded == fund else "整改中",
        "整改完成日期": finished if refunded == fund else None,
        "责任部门": "医保办",
        "责任人岗位": "医保专员",
        "已退回金额": refunded,
        "退回日期": finished if refunded else None,
        "退回凭证号": f"MN{on:%Y%m%d}{chance.randrange(1000):03d}" if refunded else None,
    }


def _spoil(mistake: str, item: Mapping[str, Cell]) -> Answers:
    if mistake == UNREADABLE_AMOUNT:
        return {"违规金额": "约三千元左右"}
    if mistake == OVER_REFUND:
        return {
            "已退回金额": Decimal(str(item["其中医保基金支付金额"])) + 5000,
            "退回日期": item["退回日期"] or item["发生期间止"],
            "退回凭证号": item["退回凭证号"] or "MN00000001",
        }
    if mistake == NO_MEASURE:
        return {"整改措施": None}
    return {"发生期间起": date(2016, 11, 3)}


def _fill_card(sheet: Worksheet, answers: Answers) -> None:
    for row in sheet.iter_rows(max_col=2):
        header = bare_header(str(row[0].value or ""))
        if header in answers:
            row[1].value = answers[header]


def _fill_table(sheet: Worksheet, items: Sequence[Answers]) -> None:
    header_row, columns = _headers(sheet)
    for number, item in enumerate(items, start=header_row + 1):
        for header, answer in item.items():
            place = columns.get(header) or columns.get(AGENCY_WORDS.get(header, ""))
            if place is not None:
                sheet.cell(number, place).value = answer


def _headers(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """The row the headers stand in, and the column of each; raise LookupError when there are none."""
    for number, row in enumerate(sheet.iter_rows(max_row=20, values_only=True), start=1):
        columns = {
            bare_header(str(words)): place for place, words in enumerate(row, start=1) if words is not None
        }
        if "整改状态" in columns and "序号" in columns:
            return number, columns
    raise LookupError(f"工作表“{sheet.title}”中没有找到表头")
