"""A skeleton filled in: the document's words in their order, and what a person should still add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from include.domain.campaign import Campaign, UpwardReport
from include.domain.documents import GAP_ZH, Gap, HandWritten, OwnWords, SectionPlan, Skeleton
from include.domain.reports import Event, Snapshot
from include.gateways.documents.cases import typical_cases
from include.gateways.documents.sentences import Sentences


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    paragraphs: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything a document says. ``notes`` are for the drafter and leave with the approval."""

    title: tuple[str, ...]
    issuer: str
    addressee: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    attachments: tuple[str, ...]
    annotation: str
    copied_to: tuple[str, ...]
    printer: str
    notes: list[str] = field(default_factory=list)


def draft(
    report: UpwardReport,
    skeleton: Skeleton,
    own: HandWritten,
    snapshot: Snapshot,
    sentences: Sentences,
    event: Event | None = None,
) -> Draft:
    """``event`` is what the office says happened. Raise BadDocument, in Chinese, where a figure is missing or a template is wrong."""
    campaign = sentences.campaign
    made = Draft(
        title=tuple(sentences.line(skeleton.title, "标题").split("|")),
        issuer=sentences.line(skeleton.issuer, "署名"),
        addressee=sentences.line(skeleton.addressee, "主送机关"),
        opening=tuple(line for each in skeleton.opening for line in sentences.render(each, "开头")),
        sections=tuple(_sections(skeleton, report, own, snapshot, sentences, event)),
        attachments=_attachments(report, sentences.line(skeleton.matter, "附件")),
        annotation=_annotation(campaign),
        copied_to=own.copied_to,
        printer=f"{campaign.lead.name}办公室",
    )
    made.notes.extend(_missing(report, skeleton, own, made, campaign))
    made.notes.extend(sentences.line(each, "起草说明") for each in skeleton.reminders)
    if not sentences.figures.has_previous:
        made.notes.append("本期没有可比的上期数据，文中未写与上期的比较。")
    return made


def _sections(
    skeleton: Skeleton,
    report: UpwardReport,
    own: HandWritten,
    snapshot: Snapshot,
    sentences: Sentences,
    event: Event | None,
) -> Iterator[Section]:
    for plan in skeleton.sections:
        paragraphs = [line for each in plan.paragraphs for line in sentences.render(each, plan.title)]
        parts = [
            Part(sentences.line(part.title, plan.title), tuple(lines))
            for part in plan.parts
            if (lines := [line for each in part.paragraphs for line in sentences.render(each, plan.title)])
        ]
        if plan.gap == "cases":
            paragraphs += _happened(event)
            told = typical_cases(sentences.campaign, snapshot, major=report.cadence == "on_event")
            parts += [Part(title, (text,)) for title, text in told]
        for words in own.of(plan.gap) if plan.gap else ():
            lines = sentences.render(words.text, plan.title)
            _add(paragraphs, parts, words, lines)
        if not parts and not paragraphs and plan.otherwise:
            paragraphs = sentences.render(plan.otherwise, plan.title)
        if parts or paragraphs:
            yield Section(sentences.line(plan.title, plan.title), tuple(paragraphs), tuple(parts))


def _happened(event: Event | None) -> list[str]:
    """The office's own words, one paragraph a line."""
    if event is None:
        return []
    number = [f"相关案件、线索编号：{event.number}。"] if event.number else []
    return [line.strip() for line in event.facts.splitlines() if line.strip()] + number


def _add(paragraphs: list[str], parts: list[Part], words: OwnWords, lines: list[str]) -> None:
    if words.title is not None:
        parts.append(Part(words.title, tuple(lines)))
    elif parts:
        parts[-1] = Part(parts[-1].title, (*parts[-1].paragraphs, *lines))
    else:
        paragraphs += lines


def _attachments(report: UpwardReport, matter: str) -> tuple[str, ...]:
    """The page of main figures first, then the statistics tables, which travel as files of their own."""
    return (matter, *report.tables)


def _annotation(campaign: Campaign) -> str:
    return {"public": "（此件主动公开）", "not_public": "（此件不公开）", "not_stated": ""}[
        campaign.notice.publicity
    ]


def _missing(
    report: UpwardReport, skeleton: Skeleton, own: HandWritten, made: Draft, campaign: Campaign
) -> Iterator[str]:
    gaps: list[Gap] = [plan.gap for plan in skeleton.sections if plan.gap and not own.of(plan.gap)]
    if gaps:
        yield f"请补充：{'、'.join(GAP_ZH[gap] for gap in gaps)}。写入本专项文件夹的 documents/{report.document}.yaml 后重新编制。"
    if not _has_cases(skeleton.sections, made):
        yield "本期没有可写入的典型案例，“典型案例”一节从略。"
    if campaign.notice.publicity == "not_stated":
        yield "通知未载明公开方式，请确定后加注“（此件主动公开）”或“（此件不公开）”。"
    yield "请填写发文字号、签发人、成文日期和印发日期。"
    if len(made.attachments) > 1:
        yield "第2项起的附件另附统计表文件，报送时请一并装订。"


def _has_cases(plans: tuple[SectionPlan, ...], made: Draft) -> bool:
    planned = [plan.title for plan in plans if plan.gap == "cases"]
    return not planned or any(section.title in planned for section in made.sections)
