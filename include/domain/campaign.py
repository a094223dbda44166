"""One notice being carried out (专项整治), as data: what the notice says, in its own words and as dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, model_validator

from include.domain.faults import Fault, refuse, repeated
from include.domain.feeds import Feed
from include.domain.ladder import Step
from include.domain.model import Day, Key, Strict, Text
from include.domain.schedule import (
    Assessment,
    DataWindow,
    Milestone,
    Owed,
    Phase,
    PhaseKind,
    PhaseStep,
    Recurring,
    UpwardReport,
)
from include.domain.sign_off import Hand, SignOff
from include.domain.workdays import RollRule

__all__ = [
    "TIMEZONE",
    "Assessment",
    "Body",
    "Campaign",
    "CampaignKind",
    "DataWindow",
    "Department",
    "DocumentNumber",
    "Focus",
    "Level",
    "Milestone",
    "NoticeDocument",
    "Owed",
    "Phase",
    "PhaseKind",
    "PhaseStep",
    "Post",
    "PostRole",
    "Recurring",
    "RegionCode",
    "Rules",
    "SignOff",
    "Structure",
    "Subject",
    "UpwardReport",
]

TIMEZONE = "Asia/Shanghai"

DocumentNumber = Annotated[
    str, StringConstraints(pattern=r"^[\u4e00-\u9fa5]{1,12}〔(19|20)\d{2}〕[1-9]\d*号$")
]
"""机关代字〔年份〕序号号, as GB/T 9704-2012 writes it: 〔〕, no leading zero, no 第."""

RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
"""GB/T 2260."""


class CampaignKind(StrEnum):
    SPECIAL_RECTIFICATION = "special_rectification"  # 专项整治
    SPECIAL_GOVERNANCE = "special_governance"  # 专项治理
    LOOK_BACK = "look_back"  # 回头看
    ANNUAL_SUPERVISION = "annual_supervision"  # 年度基金监管


class Structure(StrEnum):
    """How the notice divides its work; every part becomes a phase all the same."""

    PHASES = "phases"  # 分阶段推进
    SINGLE_PUSH = "single_push"  # 不分阶段,集中一段时间
    TASK_LIST = "task_list"  # 年度任务清单


class Level(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"  # 县、旗、县级市


class Subject(StrEnum):
    """Whom the campaign supervises; an insured person is supervised but never owes a return."""

    MEDICAL_INSTITUTION = "medical_institution"
    RETAIL_PHARMACY = "retail_pharmacy"
    HANDLING_AGENCY = "handling_agency"
    INSURED_PERSON = "insured_person"


class PostRole(StrEnum):
    GROUP_HEAD = "group_head"  # 领导小组组长
    GROUP_DEPUTY = "group_deputy"  # 副组长
    OFFICE_DIRECTOR = "office_director"  # 领导小组办公室主任
    OFFICE_STAFF = "office_staff"  # 办公室工作人员
    DEPT_LIAISON = "dept_liaison"  # 成员单位联络岗
    HANDLING_UNIT = "handling_unit"  # 管辖经办机构/分局
    HOTLINE_OFFICER = "hotline_officer"  # 举报电话接听专岗
    UPPER_BUREAU = "upper_bureau"  # 上级医保部门接收岗


SIGNING_ROLES: dict[Hand, tuple[PostRole, ...]] = {
    Hand.PREPARED: (PostRole.OFFICE_STAFF,),
    Hand.REVIEWED: (PostRole.OFFICE_DIRECTOR,),
    Hand.APPROVED: (PostRole.GROUP_DEPUTY, PostRole.GROUP_HEAD),
}
"""Whose post each hand is where the campaign names none; the first role that has a post counts."""


class Body(Strict):
    """An office by its official name."""

    name: Text = Field(description="机关全称")
    short_name: Text = Field(description="机关简称")
    region_code: RegionCode = Field(description="6位行政区划代码（GB/T 2260）")


class NoticeDocument(Strict):
    """The paper itself."""

    title: Text = Field(description="通知或方案标题，照录原件")
    doc_no: DocumentNumber | None = Field(default=None, description="文号；原件未载明时写 null")
    issued_on: Day | None = Field(default=None, description="成文日期；原件未载明时写 null")
    issued_text: str | None = Field(default=None, description="原件中的成文日期字样或未载明的说明")
    issuers: tuple[Text, ...] = Field(min_length=1, description="发文机关")
    addressees: tuple[Text, ...] = Field(min_length=1, description="主送机关")
    copied_to: tuple[Text, ...] = Field(default=(), description="抄送机关")
    upper_documents: tuple[Text, ...] = Field(default=(), description="依据的上级文件（名称或文号）")
    publicity: Literal["public", "not_public", "not_stated"] = Field(
        description="公开方式：public 主动公开、not_public 不公开、not_stated 原件未载明"
    )
    attachments: tuple[Text, ...] = Field(default=(), description="附件名称，照录原件")


class Focus(Strict):
    """What is looked at, per supervised subject."""

    subject: Subject = Field(description="监管对象")
    items: tuple[Text, ...] = Field(min_length=1, description="整治重点，照录通知")


class Department(Strict):
    name: Text = Field(description="部门名称")
    duty: Text = Field(description="职责分工，照录通知")
    is_lead: bool = Field(default=False, description="是否牵头部门")


EVERY_UNIT = "全部"


class Post(Strict):
    """A role in the campaign's organisation; mail goes to its holder of that day (人员变动由相应岗位递补)."""

    key: Key = Field(description="岗位代号，小写英文；催报档次的 to_posts 用它")
    role: PostRole = Field(
        description="group_head 组长、group_deputy 副组长、office_director 办公室主任、office_staff 办公室工作人员、"
        "dept_liaison 成员单位联络岗、handling_unit 管辖经办机构、hotline_officer 举报电话接听专岗、"
        "upper_bureau 上级接收岗"
    )
    title: Text = Field(description="岗位名称，只写岗位，不写姓名")
    unit: Text = Field(description="所在单位")
    handles: tuple[Text, ...] = Field(
        default=(),
        description="管辖经办机构岗位还代表哪些承办单位，按花名册、台账中的写法写名称；写“全部”的代表没有自己岗位的全部承办单位",
    )


class Rules(Strict):
    """What follows from what, as far as the notice says."""

    roll: RollRule = Field(
        default=RollRule.NONE,
        description="截止日遇休息日：none 不顺延、forward 顺延、back 提前、holidays_only 仅法定节假日顺延",
    )
    reapply_ban_years: int | None = Field(default=None, description="解除协议后几年内不得申请定点")
    blacklist: tuple[Subject, ...] = Field(default=(), description="可列入“黑名单”的对象")
    blacklist_staff: bool = Field(default=False, description="参与骗保的医疗机构工作人员是否列入“黑名单”")
    self_check: tuple[Text, ...] = Field(default=(), description="自查结果的运用")
    clues: tuple[Text, ...] = Field(default=(), description="线索核查要求")
    tips: tuple[Text, ...] = Field(default=(), description="举报受理和回复要求")
    sanctions: tuple[Text, ...] = Field(default=(), description="处理措施，由轻到重")
    succession: str | None = Field(default=None, description="领导小组人员变动的递补规定")
    others: tuple[Text, ...] = Field(default=(), description="其他要求")


class Campaign(Strict):
    """A campaign folder's facts. Everything that differs between notices is here and nowhere in code."""

    id: Key = Field(description="专项编号，与文件夹同名")
    title: Text = Field(description="专项全称")
    short_title: Text = Field(description="用于邮件主题的简称")
    kind: CampaignKind = Field(
        description="special_rectification 专项整治、special_governance 专项治理、look_back 回头看、"
        "annual_supervision 年度基金监管"
    )
    structure: Structure = Field(
        description="phases 分阶段推进、single_push 不分阶段集中推进、task_list 年度任务清单"
    )
    level: Level = Field(description="province 省级、prefecture 市级、county 县级（县、旗、县级市）")
    region: RegionCode = Field(description="6位行政区划代码（GB/T 2260）")
    region_name: Text = Field(description="行政区划名称")
    notice: NoticeDocument = Field(description="通知原件")
    lead: Body = Field(description="牵头机关")
    upper: Body | None = Field(default=None, description="接收上报的上级机关；没有则写 null")
    goals: tuple[Text, ...] = Field(min_length=1, description="工作目标，照录通知")
    supervised: tuple[Subject, ...] = Field(
        min_length=1,
        description="监管对象：medical_institution 定点医疗机构、retail_pharmacy 定点零售药店、"
        "handling_agency 医保经办机构、insured_person 参保人员",
    )
    data_window: DataWindow | None = Field(
        default=None, description="自查、检查的数据期间；通知未规定写 null"
    )
    span_text: Text = Field(description="通知对总体时间的表述")
    phases: tuple[Phase, ...] = Field(min_length=1, description="阶段（或任务），每个成为一条流程")
    milestones: tuple[Milestone, ...] = Field(default=(), description="阶段内的进度节点")
    reports: tuple[UpwardReport, ...] = Field(default=(), description="向上报送事项")
    sign_off: SignOff = Field(
        default=SignOff(), description="向上报送的经办、复核、审核岗位，须为三个不同岗位"
    )
    focus: tuple[Focus, ...] = Field(min_length=1, description="整治重点，分监管对象")
    departments: tuple[Department, ...] = Field(min_length=1, description="部门职责")
    posts: tuple[Post, ...] = Field(min_length=1, description="岗位；只写岗位，人员和邮箱在名册中登记")
    rules: Rules = Field(default=Rules(), description="结果运用、线索、举报、处理等规则")
    ladder: tuple[Step, ...] = Field(min_length=1, description="催报档次")
    assessment: Assessment | None = Field(default=None, description="对下级单位的考核评分；通知没有的不写")
    feeds: tuple[Feed, ...] = Field(default=(), description="从本局数据库定时导入台账的数据源；不用的不写")
    inconsistencies: tuple[Text, ...] = Field(default=(), description="原件前后不一致之处，照录并说明取舍")

    @model_validator(mode="after")
    def _consistent(self) -> Campaign:
        refuse(
            "Campaign",
            [
                *self._repetitions(),
                *self._dangling(),
                *self._missigned(),
                *self._misplaced(),
                *self._recurring(),
            ],
        )
        return self

    def _repetitions(self) -> Iterator[Fault]:
        yield from repeated(self.phases, "key", noun="阶段代号", at=("phases",))
        yield from repeated(self.milestones, "key", noun="节点代号", at=("milestones",))
        yield from repeated(self.reports, "key", noun="报送事项代号", at=("reports",))
        yield from repeated(self.posts, "key", noun="岗位代号", at=("posts",))
        yield from repeated(self.feeds, "key", noun="数据源代号", at=("feeds",))
        yield from repeated(self.ladder, "key", noun="催报档次代号", at=("ladder",))
        yield from repeated(self.ladder, "offset", noun="催报档次的工作日数", at=("ladder",))

    def _dangling(self) -> Iterator[Fault]:
        """Everything that names a phase or a post which is not there."""
        phases = {phase.key: None for phase in self.phases}
        for number, milestone in enumerate(self.milestones):
            if milestone.phase not in phases:
                yield _unknown(("milestones", number, "phase"), "阶段", milestone.phase, phases)
        for number, report in enumerate(self.reports):
            if report.phase is not None and report.phase not in phases:
                yield _unknown(("reports", number, "phase"), "阶段", report.phase, phases)
        posts = {post.key: None for post in self.posts}
        for at, key in self._named_posts():
            if key not in posts:
                yield _unknown(at, "岗位", key, posts)

    def _named_posts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for number, step in enumerate(self.ladder):
            for place, key in enumerate(step.to_posts):
                yield ("ladder", number, "to_posts", place), key
        for number, phase in enumerate(self.phases):
            for place, key in enumerate(phase.daily_posts):
                yield ("phases", number, "daily_posts", place), key
            for within, part in enumerate(phase.steps):
                for place, key in enumerate(part.to_posts):
                    yield ("phases", number, "steps", within, "to_posts", place), key

    def _missigned(self) -> Iterator[Fault]:
        """Every hand given to a post which is not there, or to a post that has another hand."""
        posts = {post.key: None for post in self.posts}
        places: list[tuple[tuple[str | int, ...], SignOff]] = [(("sign_off",), self.sign_off)]
        for number, report in enumerate(self.reports):
            if report.sign_off is not None:
                places.append((("reports", number, "sign_off"), report.sign_off))
        for at, sign_off in places:
            named = {hand: key for hand in Hand if (key := sign_off.post_key(hand)) is not None}
            for hand, post_key in named.items():
                if post_key not in posts:
                    yield _unknown((*at, f"{hand}_by"), "岗位", post_key, posts)
            if len(set(named.values())) < len(named):
                yield Fault(at, "经办、复核、审核须为三个不同岗位，请分别指定", None)

    def _misplaced(self) -> Iterator[Fault]:
        """Every milestone and step that lies outside its phase."""
        for number, milestone in enumerate(self.milestones):
            for phase in self.phases:
                if phase.key == milestone.phase and not phase.start <= milestone.due <= phase.due:
                    yield _outside(("milestones", number, "due"), milestone.due, phase)
        for number, phase in enumerate(self.phases):
            for place, step in enumerate(phase.steps):
                if step.start < phase.start:
                    yield _outside(("phases", number, "steps", place, "start"), step.start, phase)
                if step.due > phase.due:
                    yield _outside(("phases", number, "steps", place, "due"), step.due, phase)

    def _recurring(self) -> Iterator[Fault]:
        """Every recurring return without a report, without a date, or due before its period ends."""
        reports = {report.key: report for report in self.reports}
        for number, phase in enumerate(self.phases):
            for place, owed in enumerate(phase.returns):
                at = ("phases", number, "returns", place, "recurring")
                if owed.recurring is None:
                    continue
                report = reports.get(owed.recurring.report)
                if report is None:
                    known = dict.fromkeys(reports)
                    yield _unknown((*at, "report"), "报送事项", owed.recurring.report, known)
                else:
                    yield from _cannot_precede(owed.title, owed.recurring, report, at)

    def phase(self, key: str) -> Phase:
        """Raise KeyError for a phase the campaign does not have."""
        return _named(self.phases, key)

    def report(self, key: str) -> UpwardReport:
        return _named(self.reports, key)

    def post(self, key: str) -> Post:
        return _named(self.posts, key)

    def handling_post(self, unit: str) -> Post | None:
        """The handling agency's own post, else one that names it; None where there is none."""
        posts = [each for each in self.posts if each.role is PostRole.HANDLING_UNIT]
        own = [each for each in posts if each.unit == unit] or [
            each for each in posts if unit in each.handles
        ]
        return own[0] if own else None

    def step(self, key: str) -> Step:
        return _named(self.ladder, key)

    def signing_post(self, report: UpwardReport, hand: Hand) -> Post | None:
        """Whose hand it is: of the report, else of the campaign, else by role; None when there is no such post."""
        for sign_off in (report.sign_off, self.sign_off):
            if sign_off is not None and (key := sign_off.post_key(hand)) is not None:
                return self.post(key)
        return self.first_post(*SIGNING_ROLES[hand])

    def first_post(self, *roles: PostRole) -> Post | None:
        """The first post of the first of these roles that has one."""
        return next((post for role in roles for post in self.posts if post.role is role), None)

    def phases_of(self, kind: PhaseKind) -> tuple[Phase, ...]:
        return tuple(phase for phase in self.phases if phase.kind is kind)

    def dag_id(self, phase: Phase) -> str:
        return f"{self.id}__{phase.key}"

    def report_dag_id(self, report: UpwardReport) -> str:
        return f"{self.id}__report__{report.key}"

    @property
    def starts_on(self) -> date:
        return min(phase.start for phase in self.phases)

    @property
    def is_public(self) -> bool:
        return self.notice.publicity == "public"

    def opens_on(self, phase: Phase) -> date:
        """The first day anybody may be written to: nobody is asked on the basis of a notice not yet issued."""
        return max(phase.start, self.notice.issued_on or phase.start)

    def phase_on(self, on: date) -> Phase:
        """The phase under way that day, the latest begun where they overlap; before the first, the first."""
        begun = [phase for phase in self.phases if phase.start <= on]
        return max(begun, key=lambda phase: phase.start, default=self.phases[0])

    def was_over_when_issued(self, phase: Phase) -> bool:
        """A phase already past when the notice came out is closed on creation and mails nobody."""
        return self.notice.issued_on is not None and phase.due < self.notice.issued_on


_Keyed = TypeVar("_Keyed", Phase, UpwardReport, Post, Step)


def _named(items: tuple[_Keyed, ...], key: str) -> _Keyed:
    for item in items:
        if item.key == key:
            return item
    raise KeyError(key)


def _unknown(at: tuple[str | int, ...], noun: str, key: str, known: dict[str, None]) -> Fault:
    return Fault(at, f"所指的{noun}“{key}”不存在，可选：{'、'.join(known)}", key)


def _cannot_precede(
    title: str, recurring: Recurring, report: UpwardReport, at: tuple[str | int, ...]
) -> Iterator[Fault]:
    """Why a return cannot be collected before that report, if so."""
    if report.cadence == "on_event":
        sentence = f"“{report.title}”遇事即报，没有期次，不能据以定期收取“{title}”"
        yield Fault((*at, "report"), sentence, report.key)
    elif report.cadence != "once" and recurring.lead > report.due_after:
        sentence = (
            f"“{title}”须在上报截止前{recurring.lead}个工作日报送，早于统计期末"
            f"（“{report.title}”在期末后第{report.due_after}个工作日截止），请改小 lead"
        )
        yield Fault((*at, "lead"), sentence, recurring.lead)


def _outside(at: tuple[str | int, ...], day: date, phase: Phase) -> Fault:
    sentence = f"{day} 不在所属阶段“{phase.title}”内（{phase.start} 至 {phase.due}），请核对"
    return Fault(at, sentence, day)
