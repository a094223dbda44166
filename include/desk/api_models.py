"""What the JSON API answers. Amounts are exact: strings with a decimal point, never binary fractions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

Number = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value:f}", return_type=str, when_used="json"),
    Field(description="十进制数，写成字符串"),
]


class Answer(BaseModel):
    """Built from our own dataclasses; a field's name is the ledger's."""

    model_config = ConfigDict(from_attributes=True)


class PhaseAnswer(Answer):
    key: str
    title: str
    kind: str
    start: date
    due: date
    due_text: str = Field(description="原文时限")


class Taken(Answer):
    """When the figures were counted."""

    on: date = Field(description="按哪一天清点")
    taken_at: datetime = Field(description="清点的时刻")
    is_stale: bool = Field(description="是否超过2小时未更新")


class CampaignAnswer(Answer):
    id: str
    title: str
    short_title: str
    region: str = Field(description="行政区划代码（GB/T 2260）")
    document: str | None = Field(description="文号")
    phases: list[PhaseAnswer]
    survey: Taken | None = Field(description="还没有看板数据的为空")


class FigureAnswer(Answer):
    indicator: str
    title: str
    unit: str
    definition: str = Field(description="指标口径")
    region: str = Field(description="行政区划代码；合计为空")
    dimension: str = Field(description="unit_kind 单位类别、level 医院等级；全体为空")
    member: str
    value: Number


class FiguresAnswer(Taken):
    figures: list[FigureAnswer]


class TallyAnswer(Answer):
    """Returns in 份."""

    member: str = Field(description="按 by 分组的成员")
    owed: int = Field(description="应报，不含任务已终止的，含免报的")
    reminded: int = Field(description="至少催过一次")
    received: int = Field(description="收到过报送件")
    accepted: int = Field(description="已受理（校验通过）")
    overdue: int = Field(description="逾期未完成")
    late: int = Field(description="已受理而迟报")
    zero: int = Field(description="零报告")
    waived: int = Field(description="免报")


class TalliesAnswer(Taken):
    tallies: list[TallyAnswer]


class MilestoneAnswer(Answer):
    key: str
    phase: str
    title: str
    due: date
    target: int
    reached: int
    total: int
    unit: str
    standing: str = Field(description="reached、on_track、too_early、endangered、missed、nothing_to_count")
    pace: Number | None = Field(description="近期每个工作日完成")
    needed: Number | None = Field(description="今后每个工作日须完成")
    projected_on: date | None = Field(description="推算完成日")


class MilestonesAnswer(Taken):
    milestones: list[MilestoneAnswer]


class ObligationAnswer(Answer):
    """No address and no telephone: those are for the office's own work."""

    id: int
    phase_key: str
    form: str
    occasion: str = Field(description="once 为只报一次")
    unit_code: str
    unit_name: str
    unit_kind: str
    region_code: str = Field(description="当日在册的行政区划代码；已退出的为空")
    filled_by: str = Field(description="unit 单位自行报送、office 办公室办理")
    state: str = Field(description="open、received、returned、partial、accepted、reviewed、waived、closed")
    due_on: date
    received_on: date | None
    accepted_on: date | None
    days_late: int = Field(description="迟报的工作日数")
    is_zero: bool = Field(description="零报告")


class ObligationsAnswer(Answer):
    obligations: list[ObligationAnswer]
    next: int | None = Field(description="下一页的 after；没有下一页的为空")


class EditionAnswer(Answer):
    """One compiled edition of a report upward; its files are on the page of reports."""

    report_key: str
    title: str
    occasion: str
    number: int
    correction: int = Field(description="更正版的号数；首次报送为 0")
    state: str
    compiled_on: date
    sent_at: datetime | None
    received_on: date | None = Field(description="上级签收日")


class ReportsAnswer(Answer):
    editions: list[EditionAnswer]


class CluesAnswer(Taken):
    """Clue counts in 条, in all and by county; a clue is a suspicion and no violation."""

    total: dict[str, Number] = Field(description="指标 → 数值")
    regions: dict[str, dict[str, Number]] = Field(description="行政区划代码 → 指标 → 数值")
