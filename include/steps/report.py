"""Compile what the bureau owes upward: frozen figures, tables and documents, an edition for three hands to sign."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from include.domain.campaign import Campaign, PostRole, UpwardReport
from include.domain.dates import zh_date
from include.domain.errors import GiveUp
from include.domain.indicators import compute, cross_checks, figure_lines, with_late_entries
from include.domain.letters import SignOffPurpose
from include.domain.occasions import Occasion, occasions, on_event, open_on
from include.domain.reports import (
    Edition,
    EditionFile,
    EditionState,
    Event,
    Figure,
    FileRole,
    Snapshot,
)
from include.steps import pull, report_page, sign_off
from include.steps.ports import Gateways


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition as the run found or made it.

    ``goes_on`` while it is to be signed or sent; ``trouble`` is why it may not be. ``text`` is Markdown.
    """

    edition_id: int | None
    goes_on: bool
    text: str
    trouble: str = ""

    def as_dict(self) -> dict[str, int | bool | str | None]:
        """As it travels between tasks."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Built:
    """The files of an edition before it is one, and what contradicts itself in them."""

    files: tuple[tuple[FileRole, str, bytes], ...]
    contradictions: tuple[str, ...]


def occasion_of_day(
    campaign: Campaign, report: UpwardReport, *, on: date, using: Gateways
) -> Occasion | None:
    """The occasion a day's run works on; None between two occasions.

    Of those whose days overlap the first that has not gone up yet, else the last: a later change of its
    data makes a correction.
    """
    open_ = open_on(campaign, report, using.calendar, on=on)
    for each in open_:
        editions = using.ledger.editions.all(campaign.id, report.key, occasion=each.key)
        if not any(edition.went_up for edition in editions):
            return each
    return open_[-1] if open_ else None


def occasion_named(campaign: Campaign, report: UpwardReport, key: str, using: Gateways) -> Occasion:
    """Raise GiveUp for one the report does not have."""
    dated = occasions(campaign, report, using.calendar)
    for each in dated:
        if each.key == key:
            return each
    known = "、".join(f"{each.key}（{each.title}）" for each in dated) or "无固定期次"
    raise GiveUp(f"“{report.title}”没有报送期次“{key}”，可选：{known}")


def nearest_occasion(campaign: Campaign, report: UpwardReport, *, on: date, using: Gateways) -> Occasion:
    """To look at on any day: the one under way, else the first not yet past due, else the last.

    Raise GiveUp for a report made on an event, which has no date of its own.
    """
    dated = occasions(campaign, report, using.calendar)
    if not dated:
        raise GiveUp(f"“{report.title}”遇事即报，没有固定期次，请写明事项和日期")
    under_way = occasion_of_day(campaign, report, on=on, using=using)
    return under_way or next((each for each in dated if on <= each.due), dated[-1])


def occasion_of_event(
    campaign: Campaign, report: UpwardReport, event: Event, *, on: date, using: Gateways
) -> Occasion:
    """The occasion of what happened: the same matter reported the same day is the same, another is a new one.

    Raise GiveUp when title or facts are missing.
    """
    if not event.title.strip() or not event.facts.strip():
        raise GiveUp(f"“{report.title}”遇事即报，请写明事项标题和基本情况")
    number = 1
    while True:
        occasion = on_event(campaign, report, on=on, number=number)
        latest = using.ledger.editions.latest(campaign.id, report.key, occasion=occasion.key)
        if latest is None or (latest.event is not None and latest.event.title == event.title):
            return occasion
        number += 1


def compile_edition(
    campaign: Campaign,
    report: UpwardReport,
    occasion: Occasion,
    *,
    on: date,
    again: str = "",
    event: Event | None = None,
    using: Gateways,
) -> Draft:
    """Freeze the figures, fill the tables, keep the files; enter the edition for sign-off.

    The same data give the same edition. New data replace what is still being signed, and whoever had signed
    it is told; once sent, they make a correction. ``again`` is why unchanged data are compiled anew, after a
    return or to correct what was sent. Figures that contradict one another (勾稽不符) are kept to look at and
    laid before nobody; the office is told once. Raise GiveUp when a source of data is stale, or the report is
    not one the system makes.
    """
    _refuse_by_hand(report)
    pull.refuse_stale(campaign, using=using)
    earlier = using.ledger.editions.all(campaign.id, report.key, occasion=occasion.key)
    latest = earlier[-1] if earlier else None
    if latest is not None and latest.state is EditionState.APPROVED:
        return _draft(campaign, report, latest, on=on, using=using)
    snapshot, figures = _freeze(campaign, report, occasion, on=on, using=using)
    if latest is not None and not _is_new(latest, snapshot, event, again):
        return _draft(campaign, report, latest, on=on, using=using)
    number = latest.number + 1 if latest else 1
    correction = _next_correction(earlier)
    built = build(
        campaign,
        report,
        occasion,
        number=number,
        correction=correction,
        snapshot=snapshot,
        figures=figures,
        event=event,
        on=on,
        using=using,
    )
    edition = using.ledger.editions.add(
        campaign.id,
        report.key,
        snapshot.id,
        occasion=occasion.key,
        number=number,
        files=[EditionFile(role, name, using.archive.put(content)) for role, name, content in built.files],
        state=EditionState.CONTRADICTORY if built.contradictions else EditionState.DRAFTED,
        correction=correction,
        reason=again.strip() or ("已报送的情况有变化" if correction else ""),
        event=event,
        on=on,
    )
    if latest is not None and latest.state is EditionState.DRAFTED:
        _tell_replaced(campaign, edition, latest, on=on, using=using)
    return _draft(campaign, report, edition, on=on, using=using)


def preview(
    campaign: Campaign, report: UpwardReport, occasion: Occasion, *, on: date, using: Gateways
) -> tuple[str, Built]:
    """What would be compiled that day: its figures in Markdown, and its files. Enters no edition, asks nobody."""
    _refuse_by_hand(report)
    snapshot, figures = _freeze(campaign, report, occasion, on=on, using=using)
    earlier = using.ledger.editions.all(campaign.id, report.key, occasion=occasion.key)
    latest = earlier[-1] if earlier else None
    same = latest is not None and latest.snapshot_id == snapshot.id
    number = latest.number + (0 if same else 1) if latest else 1
    correction = latest.correction if latest and same else _next_correction(earlier)
    built = build(
        campaign,
        report,
        occasion,
        number=number,
        correction=correction,
        snapshot=snapshot,
        figures=figures,
        on=on,
        using=using,
    )
    lines = "\n".join(f"| {line.title} | {line.value} | {line.unit} |" for line in figure_lines(figures))
    text = (
        f"预演：{report_page.name_of(report, occasion)}第{number}版（数据截至{zh_date(on)}），未登记、未送签。\n\n"
        f"| 指标 | 数值 | 单位 |\n|---|---:|---|\n{lines}"
    )
    if built.contradictions:
        text += "\n\n勾稽不符：" + "；".join(built.contradictions)
    return text, built


def rebuild(campaign: Campaign, report: UpwardReport, edition: Edition, using: Gateways) -> list[EditionFile]:
    """Make an edition's files once more out of its snapshot; return those whose bytes differ from what was kept.

    The page image (PDF) is compared by its document: converting it depends on the machine.
    """
    occasion = report_page.occasion_of(campaign, report, edition, using)
    built = build(
        campaign,
        report,
        occasion,
        number=edition.number,
        correction=edition.correction,
        snapshot=using.ledger.snapshots.get(edition.snapshot_id),
        figures=using.ledger.snapshots.figures(edition.snapshot_id),
        event=edition.event,
        on=edition.compiled_on,
        using=using,
    )
    made = {name: hashlib.sha256(content).hexdigest() for _, name, content in built.files}
    return [
        file for file in edition.files if file.role is not FileRole.PDF and made.get(file.name) != file.sha256
    ]


def build(
    campaign: Campaign,
    report: UpwardReport,
    occasion: Occasion,
    *,
    number: int,
    correction: int = 0,
    snapshot: Snapshot,
    figures: Sequence[Figure],
    event: Event | None = None,
    on: date,
    using: Gateways,
) -> Built:
    """The files of an edition compiled that day: the same arguments give the same bytes."""
    stem = _stem(campaign, report, occasion, number=number, correction=correction)
    previous = report_page.figures_before(campaign, report, occasion, on=on, using=using)
    figures = with_late_entries(figures, previous)
    checks = report_page.concerning(report, cross_checks(figures, previous, snapshot.notes), using)
    files: list[tuple[FileRole, str, bytes]] = []
    if report.table_layouts:
        tables = using.statistics.build(
            campaign,
            report,
            edition=number,
            snapshot=snapshot,
            figures=figures,
            checks=checks,
            previous=previous,
        )
        files.append((FileRole.TABLES, f"{stem}.xlsx", tables))
        own = using.statistics.filled_templates(
            campaign, report, snapshot=snapshot, figures=figures, previous=previous
        )
        files += [(FileRole.TEMPLATE, f"{stem}_{title}.xlsx", content) for title, content in own]
    if report.document:
        document = using.documents.build(
            campaign,
            report,
            occasion,
            edition=number,
            snapshot=snapshot,
            figures=figures,
            previous=previous,
            event=event,
        )
        files.append((FileRole.DOCUMENT, f"{stem}.docx", document))
        if (pdf := using.documents.pdf(document)) is not None:
            files.append((FileRole.PDF, f"{stem}.pdf", pdf))
    return Built(tuple(files), report_page.failed(checks))


def _is_new(latest: Edition, snapshot: Snapshot, event: Event | None, again: str) -> bool:
    """Whether there is something to compile that the latest edition does not say already."""
    if latest.snapshot_id != snapshot.id and event is None:
        return True
    if latest.event != event:
        return True
    has_ended = latest.state is EditionState.REJECTED or latest.went_up
    return has_ended and bool(again.strip()) and again.strip() != latest.reason


def _next_correction(earlier: Sequence[Edition]) -> int:
    sent = [each for each in earlier if each.went_up]
    return sent[-1].correction + 1 if sent else 0


def _freeze(
    campaign: Campaign, report: UpwardReport, occasion: Occasion, *, on: date, using: Gateways
) -> tuple[Snapshot, list[Figure]]:
    phase_key = report.phase or campaign.phase_on(on).key
    snapshot = using.ledger.snapshots.take(campaign.id, report.key, phase_key, period=occasion.period, on=on)
    using.ledger.snapshots.save_figures(snapshot.id, compute(snapshot))
    return snapshot, using.ledger.snapshots.figures(snapshot.id)


def _refuse_by_hand(report: UpwardReport) -> None:
    if not report.is_compiled:
        raise GiveUp(f"“{report.title}”还没有可自动编制的统计表或报告（table_layouts、document），请人工编制")


def _draft(campaign: Campaign, report: UpwardReport, edition: Edition, *, on: date, using: Gateways) -> Draft:
    trouble = ""
    if edition.state is EditionState.CONTRADICTORY:
        listed = report_page.contradictions(campaign, report, edition, using)
        trouble = f"{edition.title}勾稽不符，未送签。{'；'.join(listed)}"
        _tell_contradictory(campaign, edition, listed, on=on, using=using)
    return Draft(
        edition_id=edition.id,
        goes_on=edition.state in (EditionState.DRAFTED, EditionState.APPROVED),
        text=report_page.page(campaign, report, edition, on=on, using=using),
        trouble=trouble,
    )


def _tell_contradictory(
    campaign: Campaign, edition: Edition, listed: Sequence[str], *, on: date, using: Gateways
) -> None:
    """The office hears of the same contradiction once."""
    post = campaign.first_post(PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)
    if post is None:
        return
    failure = hashlib.sha256("\n".join(listed).encode()).hexdigest()[:16]
    about = ("contradictory", edition.report_key, edition.occasion, failure)
    notice = sign_off.notice_about(
        campaign, edition, SignOffPurpose.CONTRADICTORY, "prepared", post.key, *about, on=on, using=using
    )
    using.ledger.outbox.plan([notice])


def _tell_replaced(campaign: Campaign, edition: Edition, old: Edition, *, on: date, using: Gateways) -> None:
    """Whoever had signed the old edition hears why it comes again."""
    signed = [each for each in using.ledger.editions.signings(old.id) if each.approved]
    using.ledger.outbox.plan(
        [
            sign_off.notice_about(
                campaign,
                edition,
                SignOffPurpose.REPLACED,
                each.hand.value,
                each.post_key,
                "replaced",
                str(edition.id),
                each.hand.value,
                on=on,
                using=using,
            )
            for each in signed
        ]
    )


def _stem(
    campaign: Campaign, report: UpwardReport, occasion: Occasion, *, number: int, correction: int
) -> str:
    parts = [campaign.lead.short_name, report.title]
    if report.cadence != "once":
        parts.append(occasion.title)
    if correction:
        parts.append(f"更正版第{correction}号")
    return "_".join([*parts, f"第{number}版"])
