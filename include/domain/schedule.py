"""Everything in a campaign that has a date: phases and their steps, milestones, reports.

Dates stand beside the notice's own words (``due_text``): a resolved date without its text cannot be
checked by a person, a text without a date cannot be scheduled.
"""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from include.domain.faults import Fault, refuse, repeated
from include.domain.model import Day, Key, Strict, Text, UnitKind
from include.domain.sign_off import SignOff

_APPROX = "原文时限不精确（如“5月中旬”）或未明确，日期由规则换算"


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


class DataWindow(Strict):
    """The period whose services and fees are checked; an open end means the day of the self-check."""

    start: Day = Field(description="数据期间起")
    end: Day | None = Field(default=None, description="数据期间止；null 表示至自查之日")
    text: Text = Field(description="通知对数据期间的表述")

    @model_validator(mode="after")
    def _in_order(self) -> DataWindow:
        if self.end is not None and self.end < self.start:
            refuse(
                "DataWindow",
                [
                    Fault(
                        ("end",),
                        f"数据期间止（{self.end}）早于起（{self.start}），请核对 start 和 end",
                        self.end,
                    )
                ],
            )
        return self


class Recurring(Strict):
    """A return owed again before each occasion of a report upward."""

    report: Key = Field(description="每期报送前须收齐的报送事项，reports 中的 key")
    lead: int = Field(default=3, ge=0, le=20, description="上报截止前几个工作日截止")
    open_before: int = Field(
        default=5, ge=1, le=20, description="本次报送截止前几个工作日发启动通知，开始收件"
    )


class Owed(Strict):
    """One kind of return owed in a phase, and by whom."""

    form: Key = Field(description="报送表，include/forms 下的文件名")
    title: Text = Field(description="报送表的名称")
    owed_by: tuple[UnitKind, ...] = Field(
        min_length=1,
        description="由哪类单位报送：medical_institution 定点医疗机构、retail_pharmacy 定点零售药店、"
        "handling_agency 医保经办机构、county_branch 医保分局、member_department 成员单位",
    )
    filled_by: Literal["unit", "office"] = Field(
        default="unit",
        description="unit：单位自行报送并催报；office：办公室逐家办理（如现场检查），不向单位催报",
    )
    stamped_scan: bool = Field(default=False, description="是否须附盖章扫描件")
    recurring: Recurring | None = Field(
        default=None, description="按上报期次反复报送；只报一次的不写，截止日即阶段截止日"
    )
    text: Text = Field(description="通知原文依据")

    @model_validator(mode="after")
    def _recurs_without_paper(self) -> Owed:
        if self.recurring is None:
            return self
        faults = []
        if self.filled_by == "office":
            faults.append(Fault(("recurring",), f"“{self.title}”由办公室办理，不能按期次向单位催报", None))
        if self.stamped_scan:
            sentence = f"“{self.title}”按期次报送，不能要求盖章扫描件：收到的扫描件无法区分属于哪一期"
            faults.append(Fault(("stamped_scan",), sentence, self.stamped_scan))
        refuse("Owed", faults)
        return self


class PhaseStep(Strict):
    """A dated step inside a phase that the notice names (鹤山的分级复查、配合抽查)."""

    key: Key = Field(max_length=32, description="步骤代号，小写英文")
    title: Text = Field(description="步骤名称")
    start: Day = Field(description="开始日")
    due: Day = Field(description="满足原文要求的最后一个自然日")
    due_text: Text = Field(description="通知原文中的时限字样")
    approx: bool = Field(default=False, description=_APPROX)
    text: str | None = Field(default=None, description="通知原文要求")
    to_posts: tuple[Key, ...] = Field(
        default=(), description="开始前、截止前提醒哪些岗位（posts 中的 key）；不写则提醒办公室"
    )
    announce_before: int = Field(default=5, ge=0, le=40, description="开始前几个工作日提醒，0 为开始当日")
    remind_before: int = Field(default=3, ge=0, le=40, description="截止前几个工作日提醒，0 为截止当日")

    @model_validator(mode="after")
    def _in_order(self) -> PhaseStep:
        refuse("PhaseStep", _ends_before_it_starts(self, "步骤"))
        return self


class Phase(Strict):
    """A dated part of the campaign; becomes one DAG, ``{campaign}__{phase}``."""

    key: Key = Field(description="阶段代号，小写英文，用于流程编号")
    title: Text = Field(description="阶段名称，照录通知")
    kind: PhaseKind = Field(
        description="mobilization 动员部署、self_check 自查自纠、inspection 集中整治（检查、复查）、conclusion 全面总结"
    )
    start: Day = Field(description="开始日")
    start_text: str | None = Field(default=None, description="通知对开始时间的表述，或未载明时的取定依据")
    due: Day = Field(description="满足原文要求的最后一个自然日")
    due_text: Text = Field(description="通知原文中的时限字样")
    approx: bool = Field(default=False, description=_APPROX)
    text: Text = Field(description="通知原文对本阶段的要求")
    returns: tuple[Owed, ...] = Field(default=(), description="本阶段应收的报送件")
    steps: tuple[PhaseStep, ...] = Field(default=(), description="通知在本阶段内列出的分步安排")
    daily_posts: tuple[Key, ...] = Field(
        default=(), description="本阶段每个工作日提醒登记举报、巡查情况的岗位（posts 中的 key）；没有则不写"
    )
    run_at: time = Field(default=time(9, 0), description="工作日运行时刻（北京时间）")

    @model_validator(mode="after")
    def _consistent(self) -> Phase:
        refuse(
            "Phase",
            [
                *_ends_before_it_starts(self, "阶段"),
                *repeated(self.returns, "form", noun="报送表", at=("returns",)),
                *repeated(self.steps, "key", noun="步骤代号", at=("steps",)),
            ],
        )
        return self

    @property
    def asks_units(self) -> bool:
        """Whether units themselves owe a return in it, and are chased for it."""
        return any(owed.filled_by == "unit" for owed in self.returns)


class Milestone(Strict):
    """A target inside a phase (8月底前完成80%)."""

    key: Key = Field(description="节点代号，小写英文")
    phase: Key = Field(description="所属阶段的 key")
    title: Text = Field(description="节点名称")
    indicator: Key = Field(description="指标，如 inspection_coverage 检查覆盖率")
    target: Decimal = Field(gt=0, le=1, description="目标值，写成小数：80% 写 0.80")
    due: Day = Field(description="满足原文要求的最后一个自然日")
    due_text: Text = Field(description="通知原文中的时限字样")
    approx: bool = Field(default=False, description=_APPROX)


class AssessmentLine(Strict):
    """One line of an assessment: a rate and the most points it can bring."""

    measure: Literal[
        "inspection_coverage", "self_check_return", "returns_on_time", "clues_closed", "rectified"
    ] = Field(
        description="inspection_coverage 检查覆盖率、self_check_return 辖区自查报送率、returns_on_time 本单位报表按时率、"
        "clues_closed 线索办结率、rectified 整改销号率"
    )
    title: Text = Field(description="评分项目名称")
    points: int = Field(ge=1, le=100, description="满分")


class Assessment(Strict):
    """How branches or lower bureaus are scored at the end (年底考核)."""

    text: Text = Field(description="通知原文依据")
    proposal: bool = Field(
        default=True, description="评分项目和分值是否只是建议；通知写明或者办公室正式采用后写 false"
    )
    scored: tuple[UnitKind, ...] = Field(min_length=1, description="对哪类单位评分，如 county_branch")
    lines: tuple[AssessmentLine, ...] = Field(min_length=1, description="评分项目，满分合计100分")

    @model_validator(mode="after")
    def _makes_a_hundred(self) -> Assessment:
        total = sum(line.points for line in self.lines)
        faults = [*repeated(self.lines, "measure", noun="评分项目", at=("lines",))]
        if total != 100:
            faults.append(Fault(("lines",), f"各项满分合计{total}分，应为100分，请核对 points", total))
        refuse("Assessment", faults)
        return self


class UpwardReport(Strict):
    """What the bureau owes upward. ``due`` is empty for a report made on an event."""

    key: Key = Field(description="报送事项代号，小写英文")
    title: Text = Field(description="报送事项名称")
    to: Text = Field(description="报送给哪个机关")
    cadence: Literal["once", "quarterly", "periodic", "on_event"] = Field(
        description="once 一次、quarterly 按季度、periodic 定期、on_event 遇事即报"
    )
    rhythm: Literal["monthly", "half_monthly", "weekly"] = Field(
        default="monthly", description="定期报送的周期：monthly 按月、half_monthly 按半月、weekly 按周"
    )
    due_after: int = Field(
        default=5, ge=0, le=20, description="按季、定期报送的，期末后第几个工作日截止；0 即期末当日"
    )
    due: Day | None = Field(default=None, description="截止日；按季、定期和遇事即报的写 null")
    due_text: Text = Field(description="通知原文中的时限字样")
    approx: bool = Field(default=False, description=_APPROX)
    phase: Key | None = Field(default=None, description="所总结的阶段")
    tables: tuple[Text, ...] = Field(default=(), description="随附的统计表，照录通知中的表名")
    table_layouts: tuple[Key, ...] = Field(
        default=(), description="已能自动编制的表，include/tables 下的文件名"
    )
    document: Key | None = Field(
        default=None, description="随附的书面报告，include/documents 下的文件名；没有则不写"
    )
    event: Literal["major_case"] | None = Field(
        default=None,
        description="遇事即报的，何事：major_case 案件台账出现可能属于重大案件的，当日提醒办公室；没有则不写",
    )
    compile_before: int = Field(default=2, ge=1, le=20, description="截止前几个工作日开始编制")
    sign_off: SignOff | None = Field(
        default=None, description="本事项的经办、复核、审核岗位；不写则按专项行动的 sign_off"
    )
    text: str | None = Field(default=None, description="通知原文要求")

    @property
    def is_compiled(self) -> bool:
        """Whether the system makes it: by layout, as a document, or of what the office writes on an event."""
        return bool(self.table_layouts or self.document) or self.cadence == "on_event"

    @model_validator(mode="after")
    def _has_a_date(self) -> UpwardReport:
        if self.cadence == "once" and self.due is None:
            sentence = f"报送事项“{self.title}”是一次性报送（once），请写明截止日，如 2024-11-30"
            refuse("UpwardReport", [Fault(("due",), sentence, self.due)])
        return self


def _ends_before_it_starts(part: Phase | PhaseStep, noun: str) -> list[Fault]:
    if part.due >= part.start:
        return []
    sentence = f"{noun}“{part.title}”的截止日（{part.due}）早于开始日（{part.start}），请核对 start 和 due"
    return [Fault(("due",), sentence, part.due)]
