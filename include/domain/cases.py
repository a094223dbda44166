"""Cases (案件): the order of their steps, what each kind of penalty requires, time limits, points, referral.

Steps and limits follow 《医疗保障行政处罚程序暂行规定》 (NHSA Order 4) and 行政处罚法; the figures are data in
``penalties.Procedure``. Values are those of a ledger record, by ledger name; amounts are 元.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from include.domain.bans import three_years_from
from include.domain.model import Severity
from include.domain.penalties import Article, Law, Procedure
from include.domain.registers import DUE, MACHINES, STATE
from include.domain.returns import Value

Values = Mapping[str, Value]

STEPS: Mapping[str, tuple[str, str]] = {
    "立案": ("filed_on", "立案日期"),
    "告知": ("notice_on", "事先告知日期"),
    "听证": ("hearing_on", "听证日期"),
    "法制审核": ("legal_on", "法制审核日期"),
    "集体讨论": ("meeting_on", "集体讨论日期"),
    "决定": ("decided_on", "决定日期"),
    "送达": ("served_on", "送达日期"),
    "结案": ("closed_on", "结案日期"),
}
"""The dated steps in their order: state → field and header of its day."""

ENDED = frozenset({"结案", "终止"})
PERSONS = frozenset({"参保人员", "医疗机构工作人员"})
MITIGATED = "减轻"
_STATES = tuple(state for state in MACHINES["case"].moves if state not in {"中止", "终止"})
_SHARE = re.compile(r"(?P<who>[^；;，,、\d]*?)[，,、：:]?\s*(?:记|扣)?(?P<points>\d+)分")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a record: the ledger column it stands in, the rule, the sentence."""

    name: str
    rule: str
    sentence: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Points:
    """Points (支付资格记分) given to one person, who is known by post only."""

    who: str
    points: int


def faults(values: Values, law: Law) -> Iterator[Fault]:
    """What the law has against a case as it is written, the gravest first within each cell."""
    yield from _order(values)
    yield from _required(values, law.procedure)
    yield from _fine(values, law)
    yield from _time(values, law.procedure)
    yield from _exit(values)
    yield from _points(values)


def next_step(values: Values, procedure: Procedure) -> str:
    """The step a case takes next; empty when it has ended."""
    state = _text(values, STATE)
    if state in ENDED or state not in MACHINES["case"].moves:
        return ""
    if state == "中止":
        return "恢复办理或终止"
    if state == "告知":
        return "听证" if values.get("hearing_told_on") and _hears(values, procedure) else "法制审核"
    if state == "法制审核":
        return "集体讨论" if _discusses(values, procedure) else "决定"
    return MACHINES["case"].moves[state][0]


def due_on(values: Values, procedure: Procedure) -> date | None:
    """The day by which a case must be decided, or once served, paid; None when no limit runs."""
    if _day(values, "decided_on") is None:
        return _day(values, DUE)
    served = _day(values, "served_on")
    return served + timedelta(days=procedure.payment_days) if served else None


def missing(values: Values, procedure: Procedure) -> list[str]:
    """What must be there by the present step, or for the next one, and is not (headers and clauses)."""
    reached = _reached(values)
    lacking = [
        header
        for state, (name, header) in STEPS.items()
        if state not in {"听证", "集体讨论", "结案"} and _is_past(reached, state) and not values.get(name)
    ]
    if _hears(values, procedure) and not values.get("hearing_told_on"):
        lacking.append("听证告知日期")
    if _discusses(values, procedure) and _is_past(reached, "决定") and not values.get("meeting_on"):
        lacking.append("集体讨论日期")
    for paid, owed, words in (
        ("recoup_paid", "recoup_due", "医保基金未退清"),
        ("fine_paid", "fine_amt", "罚款未缴清"),
    ):
        short = _money(values, owed) - _money(values, paid)
        if _is_past(reached, "送达") and short > 0:
            lacking.append(f"{words}（{short:.2f}元）")
    return lacking


def points_in(text: str) -> tuple[Points, ...]:
    """“血液净化室主管医师，记3分；护士长，记1分” → two people's points."""
    return tuple(
        Points(found["who"].strip("，,、：: "), int(found["points"])) for found in _SHARE.finditer(text)
    )


def points_mean(in_one_go: int, in_the_year: int) -> str:
    """What points lead to (医保发〔2024〕23号): counted per natural year, cleared at its end."""
    if in_one_go >= 12:
        return "一次记满12分，终止医保支付资格，3年内不得恢复"
    if in_the_year >= 12:
        return "一个自然年度内记满12分，终止医保支付资格"
    if in_the_year >= 9:
        return "一个自然年度内记分达到9分，暂停医保支付资格"
    return "年度末清零"


def points_by_person(cases: Iterable[Values]) -> dict[tuple[str, str, int], tuple[int, int]]:
    """(institution, post, year) → the most points in one go and all points of the year."""
    found: dict[tuple[str, str, int], tuple[int, int]] = {}
    for values in cases:
        day = _day(values, "decided_on") or _day(values, "filed_on")
        for each in points_in(_text(values, "points")) if day else ():
            assert day is not None
            key = (_text(values, "unit_code") or _text(values, "party_name"), each.who, day.year)
            most, total = found.get(key, (0, 0))
            found[key] = (max(most, each.points), total + each.points)
    return found


REFERRAL_MATERIALS = ("移送书", "案件调查报告", "涉案物品清单")
"""What goes with a suspected crime (医保发〔2021〕49号); appraisals only where there are any."""


def referral_faults(values: Values) -> Iterator[Fault]:
    """What is wrong with a referral, out or in. A suspected crime is not settled by a fine."""
    out = values.get("direction") == "移出"
    ours, theirs = ("from_org", "to_org") if out else ("to_org", "from_org")
    headers = {"from_org": "移出单位", "to_org": "接收单位"}
    if values.get("direction") and (values.get(ours) != "医保部门" or values.get(theirs) == "医保部门"):
        name = ours if values.get(ours) != "医保部门" else theirs
        yield Fault(
            name,
            "referral_direction",
            f"移送方向是“{_text(values, 'direction')}”，{headers[ours]}应为“医保部门”，{headers[theirs]}应为其他部门，请改正移送方向或单位",
        )
    if out:
        yield from _handed_over(values)
    if (
        out
        and values.get("decision") == "不予立案"
        and not (values.get("review") or values.get("returned_on"))
    ):
        yield Fault(
            "decision",
            "referral_next",
            "接收单位不予立案，请提请复议或立案监督，并填写“复议或立案监督”；不再提请的，转为行政处理并填写退回行政处理日期",
            Severity.WARNING,
        )


def referral_next(values: Values) -> str:
    """What the office does next about a referral; empty when nothing is left to do."""
    if values.get("direction") == "移入":
        return (
            ""
            if values.get("case_no") or values.get("outcome")
            else "核查并决定是否立案，填写案件编号或反馈结果"
        )
    if values.get("returned_on") or values.get("decision") == "退回":
        return "" if values.get("outcome") else "作行政处理，处理完毕填写反馈结果"
    if values.get("decision") == "不予立案":
        return "" if values.get("outcome") else "提请复议或立案监督，或转为行政处理"
    if values.get("decision") == "立案":
        return "" if values.get("outcome") else "跟踪起诉、判决结果，继续追回医保基金"
    return "等待接收单位决定" if values.get("receipt_on") else "取得回执并填写回执日期"


def _handed_over(values: Values) -> Iterator[Fault]:
    materials = _text(values, "materials")
    if not materials:
        yield Fault(
            "materials",
            "referral_materials",
            "移送须附材料，请填写材料清单（移送书、案件调查报告、涉案物品清单等）；没有材料的不得移送",
        )
    if values.get("kind") != "涉嫌犯罪":
        return
    lacking = [each for each in REFERRAL_MATERIALS if each not in materials]
    if materials and lacking:
        yield Fault(
            "materials",
            "referral_materials",
            f"依医保发〔2021〕49号，移送涉嫌犯罪案件的材料清单还缺“{'、'.join(lacking)}”，请补齐后移送；没有涉案物品的写“涉案物品清单（无）”",
        )
    if not values.get("approved_on"):
        yield Fault(
            "approved_on",
            "referral_approved",
            "依医保发〔2021〕49号，移送涉嫌犯罪案件须经负责人批准（自接到书面报告之日起3日内决定，批准后24小时内移送），请填写批准日期",
        )


def _order(values: Values) -> Iterator[Fault]:
    """Each dated step against the last dated one before it, however many lie between."""
    before: tuple[str, date] | None = None
    for name, header in STEPS.values():
        day = _day(values, name)
        if day is None:
            continue
        if before is not None and day < before[1]:
            yield Fault(
                name,
                "case_order",
                f"{header}（{day}）早于{before[0]}（{before[1]}），办案须依次立案、告知、听证、法制审核、集体讨论、决定、送达、结案，请核对两个日期",
            )
        else:
            before = (header, day)


def _required(values: Values, procedure: Procedure) -> Iterator[Fault]:
    fine = _money(values, "fine_amt")
    decided = _day(values, "decided_on") is not None
    if decided and fine > 0 and not _is_summary(values, procedure) and not values.get("legal_on"):
        yield Fault(
            "decided_on",
            "legal_review_first",
            "已作出处罚决定，但没有法制审核日期；依行政处罚法第五十八条，未经法制审核或者审核未通过的，不得作出决定，请先填写法制审核日期",
        )
    if decided and _hears(values, procedure) and not values.get("hearing_told_on"):
        yield Fault(
            "hearing_told_on",
            "hearing_offered",
            f"{_why_heard(values, procedure)}，依行政处罚法第六十三条应告知当事人有要求听证的权利，请填写听证告知日期",
        )
    if decided and _discusses(values, procedure) and not values.get("meeting_on"):
        yield Fault(
            "meeting_on",
            "discussion_held",
            f"罚款{fine:.2f}元，达到{procedure.discussion:f}元，依行政处罚法第五十七条，须经负责人集体讨论决定，请填写集体讨论日期",
        )
    told, heard = _day(values, "notice_on"), _day(values, "hearing_on")
    if told and heard and 0 <= (heard - told).days < procedure.hearing_notice_days:
        yield Fault(
            "hearing_on",
            "hearing_notice",
            f"听证日期（{heard}）距事先告知（{told}）不足{procedure.hearing_notice_days}日，依行政处罚法第六十四条应在听证{procedure.hearing_notice_days}日前通知当事人，请核对日期",
            Severity.WARNING,
        )


def _fine(values: Values, law: Law) -> Iterator[Fault]:
    fine, cited = _money(values, "fine_amt"), _text(values, "legal_basis")
    if fine <= 0 or not cited:
        return
    articles = law.cited_in(cited)
    if not articles:
        yield Fault(
            "legal_basis",
            "article_unknown",
            f"处罚依据填写的是“{cited}”，其中没有条例或实施细则的罚款条款，请写到条、款、项，如“条例第三十八条第（四）项”",
        )
        return
    day = _day(values, "occur_end") or _day(values, "occur_start")
    if day is None:
        yield Fault(
            "occur_end",
            "conduct_dated",
            "已处罚款，请填写违法行为起、止日期，以便按行为发生时的规定核对罚款幅度",
        )
        return
    applicable = [article for article in articles if article.in_force_on(day)]
    if not applicable:
        since = min(article.effective_from for article in articles)
        yield Fault(
            "legal_basis",
            "article_in_force",
            f"{articles[0].name}自{since}起施行，违法行为终了于{day}，不能适用，请改为行为发生时施行的规定",
        )
        return
    yield from _party(values, applicable)
    yield from _amount(values, applicable, fine)


def _party(values: Values, articles: list[Article]) -> Iterator[Fault]:
    party, nature = _text(values, "party_type"), _text(values, "nature")
    if party not in {"", "其他"} and not any(party in article.parties for article in articles):
        of = "、".join(dict.fromkeys(each for article in articles for each in article.parties))
        yield Fault(
            "legal_basis",
            "article_party",
            f"当事人类型是“{party}”，{articles[0].name}适用于{of}，请核对处罚依据条款",
        )
    natures = {each for article in articles for each in article.natures}
    if nature and natures and nature not in natures:
        yield Fault(
            "legal_basis",
            "article_nature",
            f"问题性质是“{nature}”，与{articles[0].name}不符，请核对问题性质或处罚依据条款",
            Severity.WARNING,
        )


def _amount(values: Values, articles: list[Article], fine: Decimal) -> Iterator[Fault]:
    """A fine within the spans of the articles cited together; below them only by mitigation, which is written down."""
    spans = [(article, span) for article in articles if (span := article.fine(_base(values, article)))]
    if not spans:
        yield Fault(
            "fine_amt",
            "fine_range",
            f"罚款金额填写的是{fine:.2f}元，但{articles[0].name}没有规定罚款，请核对处罚依据条款或把罚款金额改为0",
        )
        return
    least, most = min(span.least for _, span in spans), sum(span.most for _, span in spans)
    if least <= fine <= most:
        return
    allowed = "；".join(
        f"{article.name}为{article.fine_words(_base(values, article))}" for article, _ in spans
    )
    is_mitigated = fine < least and MITIGATED in _text(values, "memo")
    yield Fault(
        "fine_amt",
        "fine_range",
        f"罚款金额填写的是{fine:.2f}元，不在规定幅度内：{allowed}，请核对；依法减轻处罚的，请在备注中写明“减轻处罚”及其依据",
        Severity.WARNING if is_mitigated else Severity.ERROR,
    )


def _time(values: Values, procedure: Procedure) -> Iterator[Fault]:
    filed, due, decided = (_day(values, name) for name in ("filed_on", DUE, "decided_on"))
    if filed is None or due is None:
        return
    once = filed + timedelta(days=procedure.decide_days + procedure.extension_days)
    if due > once and not values.get("meeting_on"):
        yield Fault(
            DUE,
            "second_extension",
            f"办案期限（{due}）超过立案后{procedure.decide_days + procedure.extension_days}日，再次延长{procedure.extension_days}日须经集体讨论，请填写集体讨论日期或核对办案期限",
        )
    if decided and decided > due:
        yield Fault(
            "decided_on",
            "decided_late",
            f"决定日期（{decided}）晚于办案期限（{due}），应自立案之日起{procedure.decide_days}日内决定；经批准延长的请改办案期限，听证、鉴定等不计入的期间请在备注中说明",
            Severity.WARNING,
        )


def _exit(values: Values) -> Iterator[Fault]:
    """A fraud that ends the agreement bars the party for three years; the last day follows from the first."""
    ended = _day(values, "terminated_on")
    if "解除协议" in _text(values, "dispositions") and _day(values, "decided_on") and ended is None:
        yield Fault(
            "terminated_on",
            "termination_dated",
            "处理方式有“解除协议”，请填写解除协议日期；禁止申请至由此满3年",
        )
    if ended is not None and values.get("ban_until") is None:
        yield Fault(
            "ban_until",
            "ban_computed",
            f"已于{ended}解除协议，禁止申请至应为{three_years_from(ended)}，请填写",
        )


def _points(values: Values) -> Iterator[Fault]:
    text = _text(values, "points")
    given = points_in(text)
    if text and not given:
        yield Fault(
            "points",
            "points_written",
            f"支付资格记分情况填写的是“{text}”，请写明人员岗位和分数，如“血液净化室主管医师，记3分”",
        )
    for each in given:
        if not 1 <= each.points <= 12:
            yield Fault(
                "points", "points_range", f"支付资格记分填写的是{each.points}分，一次记分应为1至12分，请改正"
            )


def _hears(values: Values, procedure: Procedure) -> bool:
    return bool(_why_heard(values, procedure))


def _why_heard(values: Values, procedure: Procedure) -> str:
    """Why a hearing is offered; empty when it need not be."""
    fine = max(_money(values, "fine_amt"), _money(values, "told_fine_amt"))
    is_person = values.get("party_type") in PERSONS
    threshold = procedure.hearing_person if is_person else procedure.hearing_organisation
    if fine >= threshold:
        return f"罚款{fine:.2f}元，达到听证标准（{'个人' if is_person else '单位'}{threshold:f}元）"
    heavy = [
        each for each in ("暂停相关责任部门服务", "吊销执业资格") if each in _text(values, "dispositions")
    ]
    return f"处理方式有“{heavy[0]}”" if heavy else ""


def _discusses(values: Values, procedure: Procedure) -> bool:
    return max(_money(values, "fine_amt"), _money(values, "told_fine_amt")) >= procedure.discussion


def _is_summary(values: Values, procedure: Procedure) -> bool:
    is_person = values.get("party_type") in PERSONS
    most = procedure.summary_person if is_person else procedure.summary_organisation
    return _money(values, "fine_amt") <= most


def _base(values: Values, article: Article) -> Decimal:
    return _money(values, article.base) if article.base else Decimal(0)


def _reached(values: Values) -> str:
    """The furthest step by the state; of a paused case, by its days."""
    state = _text(values, STATE)
    if state in _STATES:
        return state
    return next((step for step in reversed(list(STEPS)) if values.get(STEPS[step][0])), "立案")


def _is_past(reached: str, state: str) -> bool:
    return _STATES.index(reached) >= _STATES.index(state)


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def _day(values: Values, name: str) -> date | None:
    value = values.get(name)
    return value if isinstance(value, date) else None


def _money(values: Values, name: str) -> Decimal:
    value = values.get(name)
    return value if isinstance(value, Decimal) else Decimal(0)
