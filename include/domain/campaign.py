"""One notice being carried out (专项整治), as data: what the notice says, in its own words and as dates.

Dates stand beside the notice's own words (``due_text``): a resolved date without its text cannot be
checked by a person, a text without a date cannot be scheduled.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, model_validator

from include.domain.ladder import Step
from include.domain.model import Key, Strict, Text, UnitKind
from include.domain.workdays import RollRule

TIMEZONE = "Asia/Shanghai"

DocumentNumber = Annotated[str, StringConstraints(pattern=r"^[\u4e00-\u9fa5]{1,12}〔(19|20)\d{2}〕[1-9]\d*号$")]
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


class PhaseKind(StrEnum):
    MOBILIZATION = "mobilization"
    SELF_CHECK = "self_check"
    INSPECTION = "inspection"
    CONCLUSION = "conclusion"

    @property
    def zh(self) -> str:
        return {
            PhaseKind.MOBILIZATION: "动员部署",
            PhaseKind.SELF_CHECK: "自查自纠",
            PhaseKind.INSPECTION: "集中整治",
            PhaseKind.CONCLUSION: "全面总结",
        }[self]


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


class Body(Strict):
    """An office by its official name."""

    name: Text
    short_name: Text
    region_code: RegionCode


class NoticeDocument(Strict):
    """The paper itself."""

    title: Text
    doc_no: DocumentNumber | None = Field(default=None, description="文号；原件未载明时写 null")
    issued_on: date | None = Field(default=None, description="成文日期；原件未载明时写 null")
    issued_text: str | None = Field(default=None, description="原件中的成文日期字样或未载明的说明")
    issuers: tuple[Text, ...] = Field(min_length=1)
    addressees: tuple[Text, ...] = Field(min_length=1)
    copied_to: tuple[Text, ...] = ()
    upper_documents: tuple[Text, ...] = Field(default=(), description="依据的上级文件（名称或文号）")
    publicity: Literal["public", "not_public", "not_stated"] = Field(description="公开方式")
    attachments: tuple[Text, ...] = ()


class DataWindow(Strict):
    """The period whose services and fees are checked; an open end means the day of the self-check."""

    start: date
    end: date | None = None
    text: Text

    @model_validator(mode="after")
    def _in_order(self) -> DataWindow:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"数据期间止（{self.end}）早于起（{self.start}），请核对 start 和 end")
        return self


class Owed(Strict):
    """One kind of return owed in a phase, and by whom."""

    form: Key = Field(description="报送表，include/forms 下的文件名")
    title: Text
    owed_by: tuple[UnitKind, ...] = Field(min_length=1)
    filled_by: Literal["unit", "office"] = Field(
        default="unit", description="unit：单位自行报送并催报；office：办公室逐家办理（如现场检查），不向单位催报"
    )
    stamped_scan: bool = Field(default=False, description="是否须附盖章扫描件")
    text: Text = Field(description="通知原文依据")


class PhaseStep(Strict):
    """A dated step inside a phase that the notice names (鹤山的分级复查、配合抽查)."""

    key: Key
    title: Text
    start: date
    due: date
    due_text: Text
    text: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> PhaseStep:
        return _ordered(self, f"步骤“{self.title}”")


class Phase(Strict):
    """A dated part of the campaign; becomes one DAG, ``{campaign}__{phase}``."""

    key: Key
    title: Text
    kind: PhaseKind
    start: date
    start_text: str | None = None
    due: date = Field(description="满足原文要求的最后一个自然日")
    due_text: Text = Field(description="通知原文中的时限字样")
    approx: bool = Field(default=False, description="原文时限不精确（如“5月中旬”），由规则换算")
    text: Text = Field(description="通知原文对本阶段的要求")
    returns: tuple[Owed, ...] = ()
    steps: tuple[PhaseStep, ...] = ()
    run_at: time = Field(default=time(9, 0), description="工作日运行时刻（北京时间）")

    @model_validator(mode="after")
    def _in_order(self) -> Phase:
        return _ordered(self, f"阶段“{self.title}”")


class Milestone(Strict):
    """A target inside a phase (8月底前完成80%)."""

    key: Key
    phase: Key
    title: Text
    indicator: Key
    target: Decimal = Field(gt=0, le=1)
    due: date
    due_text: Text


class UpwardReport(Strict):
    """What the bureau owes upward. ``due`` is empty for a report made on an event."""

    key: Key
    title: Text
    to: Text
    cadence: Literal["once", "quarterly", "periodic", "on_event"]
    due: date | None = None
    due_text: Text
    phase: Key | None = Field(default=None, description="所总结的阶段")
    tables: tuple[Text, ...] = ()
    table_layouts: tuple[Key, ...] = Field(default=(), description="已能自动编制的表，include/tables 下的文件名")
    compile_before: int = Field(default=2, ge=1, le=20, description="截止前几个工作日开始编制")
    text: str | None = None

    @model_validator(mode="after")
    def _has_a_date(self) -> UpwardReport:
        if self.cadence == "once" and self.due is None:
            raise ValueError(f"报送事项“{self.title}”是一次性报送（once），请写明 due 日期")
        return self


class Focus(Strict):
    """What is looked at, per supervised subject."""

    subject: Subject
    items: tuple[Text, ...] = Field(min_length=1)


class Department(Strict):
    name: Text
    duty: Text
    is_lead: bool = False


class Post(Strict):
    """A role in the campaign's organisation; mail goes to its holder of that day (人员变动由相应岗位递补)."""

    key: Key
    role: PostRole
    title: Text
    unit: Text


class Rules(Strict):
    """What follows from what, as far as the notice says."""

    roll: RollRule = RollRule.NONE
    reapply_ban_years: int | None = Field(default=None, description="解除协议后几年内不得申请定点")
    blacklist: tuple[Subject, ...] = Field(default=(), description="可列入“黑名单”的对象")
    blacklist_staff: bool = Field(default=False, description="参与骗保的医疗机构工作人员是否列入“黑名单”")
    self_check: tuple[Text, ...] = Field(default=(), description="自查结果的运用")
    clues: tuple[Text, ...] = ()
    tips: tuple[Text, ...] = ()
    sanctions: tuple[Text, ...] = ()
    succession: str | None = None
    others: tuple[Text, ...] = ()


class Campaign(Strict):
    """A campaign folder's facts. Everything that differs between notices is here and nowhere in code."""

    id: Key
    title: Text
    short_title: Text = Field(description="用于邮件主题的简称")
    kind: CampaignKind
    structure: Structure
    level: Level
    region: RegionCode
    region_name: Text
    notice: NoticeDocument
    lead: Body
    upper: Body | None = None
    goals: tuple[Text, ...] = Field(min_length=1)
    supervised: tuple[Subject, ...] = Field(min_length=1)
    data_window: DataWindow | None = None
    span_text: Text = Field(description="通知对总体时间的表述")
    phases: tuple[Phase, ...] = Field(min_length=1)
    milestones: tuple[Milestone, ...] = ()
    reports: tuple[UpwardReport, ...] = ()
    focus: tuple[Focus, ...] = Field(min_length=1)
    departments: tuple[Department, ...] = Field(min_length=1)
    posts: tuple[Post, ...] = Field(min_length=1)
    rules: Rules = Rules()
    ladder: tuple[Step, ...] = Field(min_length=1)
    inconsistencies: tuple[Text, ...] = Field(default=(), description="原件前后不一致之处，照录并说明取舍")

    @model_validator(mode="after")
    def _consistent(self) -> Campaign:
        _unique("阶段 phases", (phase.key for phase in self.phases))
        _unique("节点 milestones", (milestone.key for milestone in self.milestones))
        _unique("报送事项 reports", (report.key for report in self.reports))
        _unique("岗位 posts", (post.key for post in self.posts))
        _unique("催报档次 ladder", (step.key for step in self.ladder))
        _unique("催报档次的工作日数 ladder.offset", (str(step.offset) for step in self.ladder))
        phases = {phase.key for phase in self.phases}
        for name, wanted in [(f"节点“{item.title}”", item.phase) for item in self.milestones] + [
            (f"报送事项“{item.title}”", item.phase) for item in self.reports if item.phase
        ]:
            if wanted not in phases:
                raise ValueError(f"{name}所指的阶段“{wanted}”不存在，可选：{'、'.join(sorted(phases))}")
        posts = {post.key for post in self.posts}
        for step in self.ladder:
            for key in step.to_posts:
                if key not in posts:
                    raise ValueError(
                        f"催报档次“{step.title}”抄报的岗位“{key}”不存在，可选：{'、'.join(sorted(posts))}"
                    )
        return self

    def phase(self, key: str) -> Phase:
        """Raise KeyError for a phase the campaign does not have."""
        return _named(self.phases, key)

    def report(self, key: str) -> UpwardReport:
        return _named(self.reports, key)

    def post(self, key: str) -> Post:
        return _named(self.posts, key)

    def step(self, key: str) -> Step:
        return _named(self.ladder, key)

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

    def was_over_when_issued(self, phase: Phase) -> bool:
        """A phase already past when the notice came out is closed on creation and mails nobody."""
        return self.notice.issued_on is not None and phase.due < self.notice.issued_on


_Dated = TypeVar("_Dated", Phase, PhaseStep)
_Keyed = TypeVar("_Keyed", Phase, UpwardReport, Post, Step)


def _ordered(part: _Dated, name: str) -> _Dated:
    if part.due < part.start:
        raise ValueError(f"{name}的截止日（{part.due}）早于开始日（{part.start}），请核对 start 和 due")
    return part


def _unique(name: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{name}中“{key}”重复，请改为不同的值")
        seen.add(key)


def _named(items: tuple[_Keyed, ...], key: str) -> _Keyed:
    for item in items:
        if item.key == key:
            return item
    raise KeyError(key)
