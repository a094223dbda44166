"""What a report comes to, for those who sign it: figures, what changed since the last edition, files, signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from include.domain.campaign import Campaign, UpwardReport
from include.domain.dates import zh_date
from include.domain.differences import SHOWN, differences
from include.domain.indicators import cross_checks, figure_lines, with_late_entries
from include.domain.letters import ChangeLine
from include.domain.occasions import Occasion, occasions, on_event
from include.domain.reports import CrossCheck, Edition, Figure, FigureNote
from include.domain.sign_off import Hand, Signing
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Signature:
    """A hand's place under an edition: the post, and what it decided, once it was asked."""

    hand: Hand
    post: str
    signing: Signing | None

    @property
    def opinion(self) -> str:
        return {None: "待签批", True: "同意", False: "退回"}[self.signing.approved if self.signing else None]


def occasion_of(campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways) -> Occasion:
    """What an edition was made for."""
    dated = occasions(campaign, report, using.calendar)
    return next(
        (each for each in dated if each.key == edition.occasion),
        on_event(campaign, report, on=edition.compiled_on),
    )


def compared_with(
    campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways
) -> Edition | None:
    """The edition whose figures an edition's are held against.

    For a correction what was sent; else the edition before it of the same occasion, else what was sent on the
    last occasion. None for the first, and for what happened once.
    """
    if report.cadence == "on_event":
        return None
    earlier = [e for e in using.ledger.editions.all(campaign.id, report.key) if e.id < edition.id]
    same = [each for each in earlier if each.occasion == edition.occasion]
    if edition.correction:
        same = [each for each in same if each.went_up]
    candidates = same or [each for each in earlier if each.went_up]
    return candidates[-1] if candidates else None


def changes(
    campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways
) -> tuple[Edition | None, tuple[ChangeLine, ...]]:
    """What an edition is compared with, and every figure that differs, the most important first."""
    last = compared_with(campaign, report, edition, using)
    if last is None:
        return None, ()
    figures = using.ledger.snapshots.figures
    return last, differences(figures(last.snapshot_id), figures(edition.snapshot_id))


def figures_before(
    campaign: Campaign, report: UpwardReport, occasion: Occasion, *, on: date, using: Gateways
) -> list[Figure]:
    """What had gone up by that day for the occasion before; empty for the first, and where that one was left out."""
    dated = [each.key for each in occasions(campaign, report, using.calendar)]
    place = dated.index(occasion.key) if occasion.key in dated else 0
    if place == 0:
        return []
    sent = [
        each
        for each in using.ledger.editions.all(campaign.id, report.key, occasion=dated[place - 1])
        if each.sent_at is not None and each.sent_at.date() <= on
    ]
    return using.ledger.snapshots.figures(sent[-1].snapshot_id) if sent else []


def contradictions(
    campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways
) -> tuple[str, ...]:
    """One sentence per 勾稽关系 of an edition that does not hold, with both numbers."""
    return failed(checks(campaign, report, edition, using))


def checks(
    campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways
) -> tuple[CrossCheck, ...]:
    """Every 勾稽关系 an edition must keep, held or not."""
    occasion = occasion_of(campaign, report, edition, using)
    previous = figures_before(campaign, report, occasion, on=edition.compiled_on, using=using)
    figures = with_late_entries(using.ledger.snapshots.figures(edition.snapshot_id), previous)
    found = cross_checks(figures, previous, _notes(campaign, report, edition, occasion, using))
    return concerning(report, found, using)


def concerning(report: UpwardReport, found: Sequence[CrossCheck], using: Gateways) -> tuple[CrossCheck, ...]:
    """Those a report must keep: all; of one about a single event, told in words, those of the numbers it prints."""
    if report.cadence != "on_event" or report.table_layouts:
        return tuple(found)
    printed = using.documents.printed(report)
    return tuple(check for check in found if check.indicators & printed)


def _notes(
    campaign: Campaign, report: UpwardReport, edition: Edition, occasion: Occasion, using: Gateways
) -> tuple[FigureNote, ...]:
    """As they were frozen. No note is ever withdrawn: where there is none now, none was, and the snapshot,
    as large as the campaign, need not be read.
    """
    if not using.ledger.snapshots.notes(campaign.id, report.key, occasion.period):
        return ()
    return using.ledger.snapshots.get(edition.snapshot_id).notes


def failed(found: Sequence[CrossCheck]) -> tuple[str, ...]:
    """The sentences of those that do not hold."""
    return tuple(_contradiction(check) for check in found if not check.holds)


def _contradiction(check: CrossCheck) -> str:
    return f"{check.title}：{check.left} 应{check.relation} {check.right}"


def name_of(report: UpwardReport, occasion: Occasion) -> str:
    """《自查自纠情况统计表》, of a report owed more than once with its occasion."""
    return f"《{report.title}》" + ("" if report.cadence == "once" else f"（{occasion.title}）")


def against(edition: Edition, last: Edition) -> str:
    """第1版, or 上期第1版 of another occasion."""
    return ("" if last.occasion == edition.occasion else "上期") + last.title


def days_overdue(occasion: Occasion, *, on: date, using: Gateways) -> int:
    """Working days past due; 0 while there is time."""
    return max(0, -using.calendar.between(on, occasion.due))


def page(campaign: Campaign, report: UpwardReport, edition: Edition, *, on: date, using: Gateways) -> str:
    """The page on which an edition is signed, in Markdown."""
    occasion = occasion_of(campaign, report, edition, using)
    overdue = days_overdue(occasion, on=on, using=using) if report.cadence != "on_event" else 0
    parts = [
        f"**{campaign.title}**",
        f"拟向{report.to}报送{name_of(report, occasion)}{edition.title}"
        f"（{'情况' if edition.event else '数据'}截至{zh_date(edition.compiled_on)}，{_due(report, occasion)}）。",
        f"**已逾期{overdue}个工作日，请尽快办理。**" if overdue else "",
        f"编制说明：{edition.reason}" if edition.reason else "",
        _event(edition),
        _hands(campaign, report, edition, using),
        _figures(edition, using) if report.cadence != "on_event" else "",
        _changed(campaign, report, edition, using),
        _files(edition),
    ]
    return "\n\n".join(part for part in parts if part)


def signatures(
    campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways
) -> list[Signature]:
    """The three hands in their order, those that have not been asked yet as well."""
    signed = {each.hand: each for each in using.ledger.editions.signings(edition.id)}
    posts = {hand: campaign.signing_post(report, hand) for hand in Hand}
    return [
        Signature(hand, post.title if post else "未设岗位", signed.get(hand)) for hand, post in posts.items()
    ]


def _due(report: UpwardReport, occasion: Occasion) -> str:
    if report.cadence == "once" or report.cadence == "on_event":
        return f"报送时限：{report.due_text}"
    return f"报送时限：{zh_date(occasion.due)}"


def _event(edition: Edition) -> str:
    if edition.event is None:
        return ""
    number = f"\n\n相关案件、线索编号：{edition.event.number}" if edition.event.number else ""
    return f"**{edition.event.title}**\n\n{edition.event.facts}{number}"


def _hands(campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways) -> str:
    rows = []
    for each in signatures(campaign, report, edition, using):
        said, signing = each.opinion, each.signing
        if signing is not None and signing.at is not None:
            said += f"（{signing.by}，{zh_date(signing.at.date())}）"
        rows.append(f"| {each.hand.zh} | {each.post} | {said} |")
    return "\n".join(["| 环节 | 岗位 | 意见 |", "|---|---|---|", *rows])


def _figures(edition: Edition, using: Gateways) -> str:
    lines = figure_lines(using.ledger.snapshots.figures(edition.snapshot_id))
    rows = [f"| {line.title} | {line.value} | {line.unit} |" for line in lines]
    return "\n".join(["| 指标 | 数值 | 单位 |", "|---|---:|---|", *rows])


def _changed(campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways) -> str:
    last, changed = changes(campaign, report, edition, using)
    if last is None:
        return ""
    if not changed:
        return f"与{against(edition, last)}相比，指标没有变化。"
    shown = f"，先列变化最大的{SHOWN}项" if len(changed) > SHOWN else ""
    head = f"与{against(edition, last)}相比，{len(changed)}项指标有变化{shown}："
    parts = [head, _table(changed[:SHOWN])]
    if len(changed) > SHOWN:
        parts += ["其余变化：", _table(changed[SHOWN:])]
    return "\n\n".join(parts)


def _table(lines: Sequence[ChangeLine]) -> str:
    rows = [f"| {c.title} | {c.last or '—'} | {c.now or '—'} | {c.change} |" for c in lines]
    return "\n".join(["| 指标 | 原数 | 现数 | 增减 |", "|---|---:|---:|---:|", *rows])


def _files(edition: Edition) -> str:
    if not edition.files:
        return ""
    return "\n".join(
        ["附件：", "", *(f"- {each.name}（校验值 {each.sha256[:12]}）" for each in edition.files)]
    )
