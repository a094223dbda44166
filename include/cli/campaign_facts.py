"""Every fact of a campaign, section by section, for a person to compare with the notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import typer

from include.cli.output import heading, listed, say
from include.domain.campaign import (
    Assessment,
    Campaign,
    CampaignKind,
    DataWindow,
    Level,
    NoticeDocument,
    Phase,
    Post,
    PostRole,
    Rules,
    Structure,
    Subject,
    UpwardReport,
)
from include.domain.collecting import calls
from include.domain.ladder import Step, step_day
from include.domain.sign_off import Hand
from include.domain.workdays import RollRule, WorkdayCalendar

NONE_STATED = "（无）"

KINDS = {
    CampaignKind.SPECIAL_RECTIFICATION: "专项整治",
    CampaignKind.SPECIAL_GOVERNANCE: "专项治理",
    CampaignKind.LOOK_BACK: "“回头看”",
    CampaignKind.ANNUAL_SUPERVISION: "年度基金监管",
}
STRUCTURES = {
    Structure.PHASES: "分阶段推进",
    Structure.SINGLE_PUSH: "不分阶段，集中推进",
    Structure.TASK_LIST: "年度任务清单",
}
LEVELS = {Level.PROVINCE: "省级", Level.PREFECTURE: "市级", Level.COUNTY: "县级"}
SUBJECTS = {
    Subject.MEDICAL_INSTITUTION: "定点医疗机构",
    Subject.RETAIL_PHARMACY: "定点零售药店",
    Subject.HANDLING_AGENCY: "医保经办机构",
    Subject.INSURED_PERSON: "参保人员",
}
ROLES = {
    PostRole.GROUP_HEAD: "领导小组组长",
    PostRole.GROUP_DEPUTY: "领导小组副组长",
    PostRole.OFFICE_DIRECTOR: "办公室主任",
    PostRole.OFFICE_STAFF: "办公室工作人员",
    PostRole.DEPT_LIAISON: "成员单位联络岗",
    PostRole.HANDLING_UNIT: "管辖经办机构",
    PostRole.HOTLINE_OFFICER: "举报电话接听专岗",
    PostRole.UPPER_BUREAU: "上级接收岗",
}
ROLLS = {
    RollRule.NONE: "截止日遇休息日不顺延",
    RollRule.FORWARD: "截止日遇休息日顺延到下一个工作日",
    RollRule.BACK: "截止日遇休息日提前到上一个工作日",
    RollRule.HOLIDAYS_ONLY: "截止日遇法定节假日顺延，遇普通周末不顺延",
}
PUBLICITY = {"public": "主动公开", "not_public": "不公开", "not_stated": "原件未载明"}
CADENCES = {"once": "一次", "quarterly": "按季度", "periodic": "定期", "on_event": "遇事即报"}
RHYTHMS = {"monthly": "按月", "half_monthly": "按半月", "weekly": "按周"}
EVENTS = {"major_case": "案件台账出现可能属于重大案件的，当日提醒办公室研究"}
FILLED_BY = {"unit": "单位自行报送", "office": "办公室逐家办理"}

Pairs = Iterator[tuple[str, str]]


def tell(campaign: Campaign, calendar: WorkdayCalendar) -> None:
    """Print all of it: what the notice says, in its own words, and the dates worked out from them."""
    heading(campaign.title)
    _section("基本情况", _basics(campaign))
    _section("通知原件", _notice(campaign.notice))
    _numbered("工作目标", campaign.goals)
    for phase in campaign.phases:
        _section(f"阶段：{phase.title}", _phase(campaign, phase, calendar))
    _section("进度节点", _milestones(campaign))
    if campaign.assessment is not None:
        _section("考核评分", _assessment(campaign.assessment))
    for report in campaign.reports:
        _section(f"上报事项：{report.title}", _report(campaign, report))
    for focus in campaign.focus:
        _numbered(f"整治重点：{SUBJECTS[focus.subject]}", focus.items)
    _section("部门职责", ((d.name + ("（牵头）" if d.is_lead else ""), d.duty) for d in campaign.departments))
    _title("岗位")
    listed([(post.key, ROLES[post.role], _placed(post)) for post in campaign.posts])
    _section("规则", _rules(campaign.rules))
    _section("催报档次", ((step.title, _step(campaign, step)) for step in campaign.ladder))
    _section("数据源", _feeds(campaign))
    _numbered("原件前后不一致之处", campaign.inconsistencies)


def _placed(post: Post) -> str:
    """Where the post stands, and for which other units."""
    handles = f"，代表{'、'.join(post.handles)}承办单位" if post.handles else ""
    return f"{post.title}（{post.unit}{handles}）"


def chased(campaign: Campaign) -> list[Phase]:
    """Phases with whose end units themselves owe something, and are reminded of it."""
    return [
        phase
        for phase in campaign.phases
        if any(owed.filled_by == "unit" and owed.recurring is None for owed in phase.returns)
    ]


def reminder_days(campaign: Campaign, phase: Phase, calendar: WorkdayCalendar) -> list[tuple[Step, date]]:
    """Each rung of the ladder with its day, for the due date the phase's units have."""
    due = calendar.roll(phase.due, campaign.rules.roll)
    return [(step, step_day(step, due, calendar)) for step in campaign.ladder]


def _title(text: str) -> None:
    typer.echo()
    heading(f"【{text}】")


def _section(title: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Label and text side by side; labels too long for that stand on a line of their own."""
    _title(title)
    shown = list(pairs) or [(NONE_STATED, "")]
    if all(len(label) <= 8 for label, _ in shown):
        listed(shown)
        return
    for label, text in shown:
        say(label, lead="  ")
        say(text, lead="    ")


def _numbered(title: str, items: Sequence[str]) -> None:
    _title(title)
    for number, item in enumerate(items, start=1):
        say(item, lead=f"  {number}. ")
    if not items:
        say(NONE_STATED, lead="  ")


def _basics(campaign: Campaign) -> Pairs:
    yield "编号", campaign.id
    yield "简称", campaign.short_title
    yield "类型", f"{KINDS[campaign.kind]}，{STRUCTURES[campaign.structure]}"
    yield "区划", f"{LEVELS[campaign.level]}　{campaign.region} {campaign.region_name}"
    for label, body in (("牵头机关", campaign.lead), ("上级机关", campaign.upper)):
        yield label, f"{body.name}（{body.short_name}，{body.region_code}）" if body else NONE_STATED
    yield "监管对象", "、".join(SUBJECTS[subject] for subject in campaign.supervised)
    yield "总体时间", campaign.span_text
    yield "数据期间", _window(campaign.data_window)


def _window(window: DataWindow | None) -> str:
    if window is None:
        return "通知未规定"
    return f"{window.start} 至 {window.end or '自查之日'}（原文：{window.text}）"


def _notice(notice: NoticeDocument) -> Pairs:
    yield "标题", notice.title
    yield "文号", notice.doc_no or "原件未载明"
    issued = [str(day) for day in (notice.issued_on, notice.issued_text) if day is not None]
    yield "成文日期", "　".join(issued) or "原件未载明"
    yield "发文机关", "、".join(notice.issuers)
    yield "主送", "、".join(notice.addressees)
    yield "抄送", "、".join(notice.copied_to) or NONE_STATED
    yield from _each("依据", notice.upper_documents)
    yield "公开方式", PUBLICITY[notice.publicity]
    yield from _each("附件", notice.attachments)


def _phase(campaign: Campaign, phase: Phase, calendar: WorkdayCalendar) -> Pairs:
    yield "类型", f"{phase.kind.zh}（{phase.key}），流程编号 {campaign.dag_id(phase)}"
    yield "时间", f"{phase.start} 至 {phase.due}{_approx(phase.approx)}，工作日{phase.run_at:%H:%M}运行"
    yield "开始依据", phase.start_text or NONE_STATED
    yield "原文时限", phase.due_text
    yield "原文要求", phase.text
    for part in phase.steps:
        dates = f"{part.start} 至 {part.due}{_approx(part.approx)}（原文：{part.due_text}）"
        yield "分步安排", f"{part.title}（{part.key}）：{dates}{part.text or ''}"
        told = "、".join(campaign.post(key).title for key in part.to_posts) or "办公室"
        yield "提醒", f"开始前{part.announce_before}个、截止前{part.remind_before}个工作日提醒{told}"
    if phase.daily_posts:
        yield "每日提醒", "、".join(campaign.post(key).title for key in phase.daily_posts)
    for owed in phase.returns:
        who = "、".join(kind.zh for kind in owed.owed_by)
        scan = "，须附盖章扫描件" if owed.stamped_scan else ""
        yield "应收", f"{owed.title}（{owed.form}）：{who}，{FILLED_BY[owed.filled_by]}{scan}"
        yield "依据", owed.text
        if owed.recurring is not None:
            each = calls(campaign, phase, owed, calendar)
            yield from _each("每期截止", [f"{call.due}　{call.title}，{call.opens}起收件" for call in each])
    if phase in chased(campaign):
        days = reminder_days(campaign, phase, calendar)
        yield from _each("催报", [f"{on}　{step.title}" for step, on in days])


def _milestones(campaign: Campaign) -> Pairs:
    for item in campaign.milestones:
        yield "节点", f"{item.title}（{item.key}），{campaign.phase(item.phase).title}"
        yield "时间", f"{item.due}{_approx(item.approx)}"
        yield "原文时限", item.due_text
        yield "目标", f"{item.indicator} 达到 {item.target}"


def _assessment(by: Assessment) -> Pairs:
    yield "依据", by.text
    yield "对象", "、".join(kind.zh for kind in by.scored)
    yield from _each("项目", [f"{line.title}{line.points}分" for line in by.lines])
    yield "说明", "项目和分值为建议方案，以正式考核办法为准" if by.proposal else "按正式考核办法"


def _report(campaign: Campaign, report: UpwardReport) -> Pairs:
    yield "编号", report.key
    rhythm = f"（{RHYTHMS[report.rhythm]}）" if report.cadence == "periodic" else ""
    yield "报送", f"{report.to}，{CADENCES[report.cadence]}{rhythm}"
    if report.event is not None:
        yield "何事", EVENTS[report.event]
    yield "时限", f"{report.due}{_approx(report.approx)}" if report.due else "未定具体日期"
    yield "原文时限", report.due_text
    if report.phase is not None:
        yield "所属阶段", campaign.phase(report.phase).title
    yield "统计表", "、".join(report.tables) or NONE_STATED
    if made := [*report.table_layouts, *([report.document] if report.document else [])]:
        yield "自动编制", f"{'、'.join(made)}，截止前{report.compile_before}个工作日开始编制"
    if report.is_compiled:
        posts = ((hand, campaign.signing_post(report, hand)) for hand in Hand)
        yield "签批", "，".join(f"{hand.zh}：{post.title if post else '未设岗位'}" for hand, post in posts)
    if report.text is not None:
        yield "原文要求", report.text


def _rules(rules: Rules) -> Pairs:
    yield "顺延", ROLLS[rules.roll]
    years = rules.reapply_ban_years
    yield "再申请", f"解除协议后{years}年内不得申请定点" if years else "通知未规定"
    listed_subjects = [SUBJECTS[subject] for subject in rules.blacklist]
    staff = ["参与骗保的医疗机构工作人员"] if rules.blacklist_staff else []
    yield "黑名单", "、".join(listed_subjects + staff) or "通知未规定"
    yield from _each("自查结果", rules.self_check)
    yield from _each("线索", rules.clues)
    yield from _each("举报", rules.tips)
    yield from _each("处理措施", rules.sanctions)
    yield "人员递补", rules.succession or "通知未规定"
    yield from _each("其他", rules.others)


def _feeds(campaign: Campaign) -> Pairs:
    for feed in campaign.feeds:
        limits = [
            f"超过{hours}小时{what}"
            for hours, what in ((feed.warn_after, "提示"), (feed.error_after, "拒绝"))
            if hours
        ]
        fresh = f"，装载时间列 {feed.loaded_at}，{'、'.join(limits) or '不设时限'}" if feed.loaded_at else ""
        yield feed.title, f"{feed.key}：登记到 {feed.form}，连接 {feed.connection}{fresh}"


def _step(campaign: Campaign, step: Step) -> str:
    to = [*(["报送单位"] if step.to_unit else []), *(campaign.post(key).title for key in step.to_posts)]
    return f"发给{'、'.join(to)}；后果：{step.consequence or NONE_STATED}"


def _each(label: str, items: Sequence[str]) -> Pairs:
    """The label beside the first of them."""
    for number, item in enumerate(items or (NONE_STATED,)):
        yield "" if number else label, item


def _approx(is_approx: bool) -> str:
    return "（由规则换算）" if is_approx else ""
