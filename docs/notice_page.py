"""Every sentence of the notices that sets a task, date, table, rule or duty, and where it is carried out.

The sentences are written by hand (docs/notices, one file per campaign). What they point to is checked here, and so is
that no fact of a campaign stands without a sentence of its notice behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from include.domain.campaign import Campaign
from include.settings import ROOT

FOLDER = ROOT / "docs" / "notices"
INTRODUCTION = (
    "# 通知逐句对照\n\n"
    "五份通知中设定任务、时限、表格、规则、分工的每一句，记在 `campaign.yaml` 的哪一项、由哪个文件办理；"
    "由人办理的，写明系统记录什么。原文省略处用“……”表示，姓名、电话、邮箱一律不录。\n"
)


class Sentence(BaseModel):
    """One sentence of a notice. ``facts`` are paths in the campaign, ``by`` are files of the project."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: str = Field(min_length=4)
    sets: Literal["任务", "时限", "表格", "规则", "分工"]
    facts: tuple[str, ...] = Field(min_length=1)
    by: tuple[str, ...] = ()
    people: str | None = None


def sentences(campaign_id: str) -> tuple[Sentence, ...]:
    """In the order of the notice."""
    text = (FOLDER / f"{campaign_id}.yaml").read_text(encoding="utf-8")
    return tuple(Sentence.model_validate(each) for each in yaml.safe_load(text))


def notice_page(campaigns: tuple[Campaign, ...]) -> str:
    parts = [INTRODUCTION]
    for campaign in campaigns:
        title = campaign.notice.title + (f"（{campaign.notice.doc_no}）" if campaign.notice.doc_no else "")
        parts += [f"## {title}", "", "| 通知原文 | 设定 | 记在 | 由什么办理 |", "|---|---|---|---|"]
        parts += [_line(sentence) for sentence in sentences(campaign.id)]
        parts.append("")
    return "\n".join(parts)


def facts_of(campaign: Campaign) -> Iterator[str]:
    """The path of every fact that a sentence of the notice must stand behind."""
    yield "goals"
    if campaign.data_window is not None:
        yield "data_window"
    for phase in campaign.phases:
        yield f"phases.{phase.key}"
        yield from (f"phases.{phase.key}.returns.{owed.form}" for owed in phase.returns)
        yield from (f"phases.{phase.key}.steps.{step.key}" for step in phase.steps)
    yield from (f"milestones.{milestone.key}" for milestone in campaign.milestones)
    for report in campaign.reports:
        yield f"reports.{report.key}"
        yield from (f"reports.{report.key}.tables.{table}" for table in report.tables)
    yield from (f"focus.{focus.subject.value}" for focus in campaign.focus)
    yield from (f"departments.{department.name}" for department in campaign.departments)
    yield from (f"rules.{name}" for name, value in campaign.rules if value and name != "roll")


def named_facts(campaign: Campaign) -> frozenset[str]:
    """Every path a sentence may name."""
    others = (f"posts.{post.key}" for post in campaign.posts)
    notice = (f"notice.{name}" for name, value in campaign.notice if value)
    return frozenset({*facts_of(campaign), *others, *notice, "span_text", "ladder"})


def _line(sentence: Sentence) -> str:
    facts = "、".join(f"`{fact}`" for fact in sentence.facts)
    files = [f"[`{file}`](../../{file})" for file in sentence.by]
    done = "；".join([*files, *([f"由人办理：{sentence.people}"] if sentence.people else [])])
    return f"| {sentence.says} | {sentence.sets} | {facts} | {done} |"


def without_a_sentence(campaign: Campaign) -> list[str]:
    """Facts of the campaign that no sentence of its notice names."""
    said = {fact for sentence in sentences(campaign.id) for fact in sentence.facts}
    return [fact for fact in facts_of(campaign) if fact not in said]


def broken_references(campaign: Campaign) -> dict[str, list[str]]:
    """Sentence → the facts and files it names that are not there; one nobody carries out names nothing."""
    known = named_facts(campaign)
    found: dict[str, list[str]] = {}
    for sentence in sentences(campaign.id):
        wrong = [fact for fact in sentence.facts if fact not in known]
        wrong += [file for file in sentence.by if not (ROOT / file).is_file()]
        if not sentence.by and not sentence.people:
            wrong.append("by")
        if wrong:
            found[sentence.says] = wrong
    return found
