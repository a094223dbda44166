"""What a campaign's page says in numbers, as tables that export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from include.desk.campaign_view import View
from include.desk.tables import Column, Kind, Table
from include.domain.campaign import Phase
from include.domain.codes import region_name
from include.domain.glances import Show
from include.domain.groups import LEVELS, OUTSIDE, member_zh
from include.domain.indicators import BY_KEY
from include.domain.milestones import Standing, shown
from include.domain.model import UnitKind
from include.domain.survey import ANSWERED_WITHIN, BY_TELEPHONE, Cell, Survey, Tally, sum_of
from include.steps.unit_history import form_title

MONEY = (
    "found_amt",
    "found_fund_amt",
    "refunded_amt",
    "outstanding_amt",
    "refund_payable",
    "refund_paid",
    "refund_outstanding",
    "recouped_amt",
)
CLUES = (
    "clues_received",
    "clues_checked",
    "clue_check_rate",
    "clues_closed",
    "clues_confirmed",
    "clues_in_progress",
    "clues_overdue",
)
_COUNTS = (
    Column("owed", "应报（份）", "count", help="不含任务已终止的，含免报的"),
    Column("reminded", "已催（份）", "count", help="至少发出过一次提醒或催报"),
    Column("received", "已收（份）", "count", help="收到过报送件，含退回待重报的"),
    Column("accepted", "已受理（份）", "count", help="校验通过"),
    Column("share", "报送率", "share"),
    Column("overdue", "逾期未完成（份）", "count", link="list"),
    Column("late", "迟报（份）", "count", help="已受理，晚于截止日收到"),
    Column("zero", "零报告（份）", "count"),
    Column("waived", "免报（份）", "count"),
)


WHOLE = "合计"


def standing(phase: Phase, on: date) -> str:
    """Where a day finds a phase, in words."""
    if on < phase.start:
        return "未开始"
    return "进行中" if on <= phase.due else "已结束"


def phases(view: View) -> Table:
    columns = (
        Column("title", "阶段", link="page", width=30),
        Column("start", "开始", "day"),
        Column("due", "截止", "day"),
        Column("due_text", "原文时限", width=24),
        Column("standing", "状态", width=10),
        *(each for each in _COUNTS if each.key in ("owed", "accepted", "share", "overdue")),
        Column("flow", "流程", link="dag", outside=True, width=14),
    )
    return Table("phases", "阶段安排", columns, [_phase(view, each) for each in view.campaign.phases])


def _phase(view: View, phase: Phase) -> dict[str, Any]:
    row = {
        "title": phase.title,
        "page": view.page(phase),
        "start": phase.start,
        "due": phase.due,
        "due_text": phase.due_text,
        "standing": standing(phase, view.on),
        "flow": "查看运行",
        "dag": f"{view.root.rpartition('/')[0]}/dags/{view.campaign.dag_id(phase)}",
        "tone": "total" if phase.key == view.phase.key else "",
    }
    tally = view.survey.tally(phase=phase.key) if view.survey and phase.asks_units else None
    counts = _counts(tally) if tally else {"owed": None, "accepted": None, "share": None, "overdue": None}
    return row | counts | {"list": view.units(Show.OVERDUE, phase=phase.key) if counts["overdue"] else ""}


def milestones(view: View) -> Table:
    columns = (
        Column("title", "进度节点", width=30),
        Column("due", "截止", "day"),
        Column("target", "目标", "count"),
        Column("reached", "已完成", "count"),
        Column("total", "总数", "count"),
        Column("unit", "单位", width=8),
        Column("pace", "近期每个工作日完成", width=14, help="近四周，越近的权重越大"),
        Column("needed", "今后每个工作日须完成", width=14),
        Column("projected_on", "推算完成日", "day", help="按近期进度推算；无法推算的为“—”"),
        Column("standing", "判断", width=30),
    )
    rows = [
        {
            "title": each.milestone.title,
            "due": each.milestone.due,
            "target": each.target,
            "reached": each.reached,
            "total": each.total,
            "unit": each.unit,
            "pace": shown(each.pace),
            "needed": shown(each.needed),
            "projected_on": each.projected_on,
            "standing": each.standing.zh,
            "tone": TONES.get(each.standing, ""),
        }
        for each in view.milestones
    ]
    return Table("milestones", "进度节点", columns, rows, empty="通知没有可以推算的进度节点。")


TONES = {Standing.REACHED: "good", Standing.ENDANGERED: "warn", Standing.MISSED: "bad"}


def returns(view: View, survey: Survey) -> list[Table]:
    """What the phase looked at asks of units: by form, county, kind, and level of the institutions."""
    phase = view.phase.key

    def divided(key: str, title: str, by: Callable[[Cell], str], **named: Any) -> Table:
        tallies = {member: tally for member, tally in survey.tallies(by, phase=phase).items() if member}
        return _divided(view, key, title, tallies, **named)

    return [
        divided("forms", "应报材料", lambda cell: cell.form, name=lambda form: form_title(form, view.who.using), ask="form"),
        divided("regions", "县区", lambda cell: cell.region, name=place, ask="region"),
        divided("kinds", "单位类别", lambda cell: cell.kind.value, name=lambda kind: UnitKind(kind).zh, ask="kind"),
        divided("levels", "医院等级", lambda cell: cell.level, name=lambda level: level, order=LEVELS),
    ]  # fmt: skip


def _divided(
    view: View,
    key: str,
    title: str,
    tallies: Mapping[str, Tally],
    *,
    name: Callable[[str], str],
    ask: str = "",
    order: tuple[str, ...] = (),
) -> Table:
    whole = sum_of(tallies.values())

    def narrowed(member: str) -> dict[str, str]:
        return {"phase": view.phase.key} | ({ask: member} if ask else {})

    members = [each for each in order if each in tallies] if order else sorted(tallies)
    rows = [
        {
            "name": name(member),
            "list": view.units(Show.OVERDUE, **narrowed(member)) if tallies[member].overdue else "",
            "tone": "bad" if tallies[member].overdue and tallies[member].share < whole.share else "",
            **_counts(tallies[member]),
        }
        for member in members
    ]
    if len(rows) > 1:
        rows.append({"name": WHOLE, "list": "", "tone": "total", **_counts(whole)})
    columns = (Column("name", title, width=30), *_COUNTS)
    empty = "本阶段没有由单位报送的材料。"
    return Table(key, f"按{title}", columns, rows, total=len(members), empty=empty)


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "owed": tally.owed,
        "reminded": tally.reminded,
        "received": tally.received,
        "accepted": tally.accepted,
        "share": tally.share if tally.owed else None,
        "overdue": tally.overdue,
        "late": tally.late,
        "zero": tally.zero,
        "waived": tally.waived,
    }


def daily(view: View, survey: Survey) -> Table:
    columns = (
        Column("day", "日期", "day"),
        Column("due", "累计到期（份）", "count"),
        Column("received", "累计收到（份）", "count"),
        Column("accepted", "累计受理（份）", "count"),
    )
    rows = [each._asdict() for each in survey.burn_up(view.phase.key)]
    return Table("daily", "逐日进度", columns, rows, empty="本阶段还没有应报或收到的材料。")


def steps(view: View, survey: Survey) -> Table:
    columns = (
        Column("title", "催报档次", width=30),
        Column("sent", "催报（份）", "count"),
        Column("answered", "其后报来（份）", "count"),
        Column("share", "催报有效率", "share"),
        Column("passed_over", "漏过（份）", "count"),
    )
    answers = survey.answers(phase=view.phase.key)
    passed_over = survey.passed_over_by(phase=view.phase.key)
    rungs = {step.key: step.title for step in view.campaign.ladder} | {BY_TELEPHONE: "电话催办（已告知）"}
    rows = []
    for key, title in rungs.items():
        sent, answered = answers.get(key, (0, 0))
        passed = passed_over.get(key, 0)
        if sent or passed:
            rows.append(
                {
                    "title": title,
                    "sent": sent,
                    "answered": answered,
                    "share": 100 * answered / sent if sent else None,
                    "passed_over": passed,
                    "tone": "warn" if passed else "",
                }
            )
    note = (
        f"“其后报来”指催报当日起{ANSWERED_WITHIN}个工作日内收到报送件；先后两档可能各计一次，不相加。"
        "电话催办按当时未办结的报送件计。"
        "“漏过”指一档的期限内始终未办结、也没有收到任何催报的报送件，多因停机、停发或没有可用邮箱；过期的档次不补发，由下一档或电话催办。"
    )
    return Table("steps", "催报效果", columns, rows, note=note, empty="本阶段还没有发出催报。")


def money(survey: Survey) -> Table:
    return _of_indicators(
        "money", "违规和退费金额（元）", MONEY, survey, "退回医保基金的金额与违约金、罚款分开统计，从不相加。"
    )


def clues(survey: Survey) -> Table:
    return _of_indicators(
        "clues", "线索核查（条）", CLUES, survey, "疑点线索是怀疑，不是违规；查实后才计入违规。"
    )


def _of_indicators(key: str, title: str, keys: tuple[str, ...], survey: Survey, note: str) -> Table:
    """A row per county and the whole; what is 0 everywhere leaves the table empty."""
    columns = (Column("name", "县区", width=24), *(_column(each) for each in keys))
    counted = [each for each in keys if not BY_KEY[each].is_rate]
    rows = [
        {"name": place(region)} | {each: survey.figure(each, region=region) for each in keys}
        for region in survey.regions
        if any(survey.figure(each, region=region) for each in counted)
    ]
    total = len(rows)
    if total > 1:
        rows.append({"name": WHOLE, "tone": "total"} | {each: survey.figure(each) for each in keys})
    return Table(key, title, columns, rows, total=total, note=note, empty="还没有登记。")


def _column(key: str) -> Column:
    indicator = BY_KEY[key]
    kind: Kind = "money" if indicator.unit == "元" else "share" if indicator.unit == "%" else "count"
    return Column(key, indicator.title, kind, help=indicator.definition)


def place(region: str) -> str:
    """A division by name; what lies outside the roster as tables call it."""
    return member_zh("region", OUTSIDE) if region == OUTSIDE else region_name(region)
