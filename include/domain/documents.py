"""The written report (书面报告) as facts: its skeleton, what an office adds by hand, and how it leaves.

Elements and their order follow GB/T 9704-2012 (党政机关公文格式).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from include.domain.model import Key, Strict, Text

Gap = Literal["practice", "cases", "problems", "next_steps"]
"""Where an office may add its own words: 主要做法、典型案例、存在问题、下一步打算."""

GAP_ZH: dict[Gap, str] = {
    "practice": "主要做法补充",
    "cases": "典型案例说明",
    "problems": "存在问题",
    "next_steps": "下一步打算",
}

PrintedUnit = Literal["家", "家次", "个", "件", "条", "例", "例次", "人", "人次", "元", "万元", "%"]
"""How a figure is printed: 万元 and 元 with two decimals, % with one, everything else whole."""


@dataclass(frozen=True, slots=True)
class Issue:
    """How an approved document leaves. ``dated`` is 成文日期; an empty ``doc_no`` is left to be filled in.

    ``red_head`` prints the issuing office in red with the red separator (版头); it belongs to a document
    formally issued, not to one sent as a file.
    """

    dated: date
    doc_no: str = ""
    red_head: bool = False


class PartPlan(Strict):
    """（一）; left out with its heading when all its paragraphs come out empty."""

    title: Text = Field(description="标题，不写序号和句号")
    paragraphs: tuple[Text, ...] = Field(min_length=1, description="段落模板；“- ”开头的行编为1．2．3．")


class SectionPlan(Strict):
    """一、; paragraphs first, then parts, then what the office added by hand."""

    title: Text = Field(description="标题，不写序号")
    paragraphs: tuple[Text, ...] = Field(default=(), description="段落模板")
    parts: tuple[PartPlan, ...] = Field(default=(), description="（一）（二）各部分")
    gap: Gap | None = Field(
        default=None,
        description="人工补充接在本节之后：practice 主要做法、cases 典型案例、problems 存在问题、next_steps 下一步打算",
    )
    otherwise: Text | None = Field(default=None, description="本节没有任何内容时的写法；不写则整节略去")


class TableRow(Strict):
    """One line of the table of main figures (主要数据表)."""

    title: Text = Field(description="指标名称")
    indicator: Key = Field(description="指标代号")
    unit: PrintedUnit = Field(description="印出的单位")


class ChartPlan(Strict):
    """A chart on the attached page: one indicator by the members of a dimension, or its milestones."""

    title: Text = Field(description="图题")
    indicator: Key = Field(description="指标代号")
    unit: PrintedUnit = Field(description="印出的单位")
    by: Literal["milestones", "violation_type", "unit_kind", "level"] = Field(
        description="milestones 与各进度节点对照；其余为分组维度"
    )


class Skeleton(Strict):
    """A document without its figures. All texts are Jinja templates; ``|`` in the title allows a line break."""

    title: Text = Field(description="公文标题；“|”处可以换行")
    matter: Text = Field(description="附件页的题名，如“专项整治主要数据”")
    issuer: Text = Field(default="{{ lead }}", description="署名机关")
    addressee: Text = Field(default="{{ addressee }}", description="主送机关")
    opening: tuple[Text, ...] = Field(min_length=1, description="开头：依据、报告如下、主要数据")
    sections: tuple[SectionPlan, ...] = Field(min_length=1, description="一、二、三、各节")
    table: tuple[TableRow, ...] = Field(default=(), description="附件中的主要数据表")
    charts: tuple[ChartPlan, ...] = Field(default=(), description="附件中的图")
    sealed: bool = Field(default=True, description="是否加盖印章")
    reminders: tuple[Text, ...] = Field(default=(), description="起草说明中提醒起草人的事项")


class OwnWords(Strict):
    """One thing an office adds: a heading of its own where it is a point, and the words."""

    title: Text | None = Field(default=None, description="小标题，不写序号；没有则不写")
    text: Text = Field(description="正文，可引用指标")


class HandWritten(Strict):
    """What an office wrote beside the campaign for one document."""

    practice: tuple[OwnWords, ...] = Field(default=(), description="主要做法补充")
    cases: tuple[OwnWords, ...] = Field(default=(), description="典型案例说明")
    problems: tuple[OwnWords, ...] = Field(default=(), description="存在问题")
    next_steps: tuple[OwnWords, ...] = Field(default=(), description="下一步打算")
    copied_to: tuple[Text, ...] = Field(default=(), description="抄送机关")

    def of(self, gap: Gap) -> tuple[OwnWords, ...]:
        return {
            "practice": self.practice,
            "cases": self.cases,
            "problems": self.problems,
            "next_steps": self.next_steps,
        }[gap]
