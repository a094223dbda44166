"""The written report (书面报告) of one edition, built from figures only, in the format of GB/T 9704-2012."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from jinja2.sandbox import SandboxedEnvironment

from include.domain.campaign import Campaign, UpwardReport
from include.domain.documents import ChartPlan, Issue, Skeleton
from include.domain.occasions import Occasion
from include.domain.reports import Event, Figure, Scope, Snapshot
from include.gateways import charts
from include.gateways.documents.drafting import Draft, draft
from include.gateways.documents.faults import BadDocument
from include.gateways.documents.fixed_bytes import saved
from include.gateways.documents.pages import Pages
from include.gateways.documents.pdf import as_pdf
from include.gateways.documents.printed_numbers import Figures, Number
from include.gateways.documents.sentences import Sentences, environment
from include.gateways.documents.skeletons import load_hand_written, load_skeleton

SKELETONS = Path(__file__).resolve().parents[2] / "documents"


class Documents:
    """Documents after the skeletons in one folder; ``campaigns`` holds what offices add by hand."""

    def __init__(self, skeletons: Path = SKELETONS, campaigns: Path | None = None) -> None:
        self._skeletons = skeletons
        self._campaigns = campaigns

    @cached_property
    def _environment(self) -> SandboxedEnvironment:
        return environment(str(self._skeletons / "parts"))

    def build(
        self,
        campaign: Campaign,
        report: UpwardReport,
        occasion: Occasion,
        *,
        edition: int,
        snapshot: Snapshot,
        figures: Sequence[Figure],
        previous: Sequence[Figure] = (),
        issue: Issue | None = None,
        event: Event | None = None,
    ) -> bytes:
        """The .docx, a draft (送审稿) while ``issue`` is None. Same arguments, same bytes.

        Raise BadDocument, in Chinese, for a wrong skeleton and for a figure that does not exist.
        """
        if report.document is None:
            raise BadDocument(f"报送事项“{report.title}”没有写明书面报告（document）")
        skeleton = load_skeleton(self._skeletons, report.document)
        own = load_hand_written(self._campaigns, campaign, report.document, occasion)
        known = Figures(figures, previous)
        sentences = Sentences(campaign, report, occasion, snapshot, known, self._environment)
        written = draft(report, skeleton, own, snapshot, sentences, event)
        rows = _table(skeleton, known, report)
        drawn = list(_pictures(skeleton, sentences, written))
        written.notes.append(
            f"本稿为第{edition}版，数据取自快照{snapshot.id}，文中数字均由台账自动生成，请勿手工改动。"
        )
        pages = Pages(
            written,
            year=snapshot.taken_on.year,
            number_letters=_number_letters(campaign),
            sealed=skeleton.sealed,
            issue=issue,
        )
        pages.add_head()
        pages.add_body()
        pages.add_end()
        pages.add_annex(rows, drawn, written.attachments[0])
        pages.add_imprint()
        if issue is None:
            pages.add_notes()
        return saved(pages.document, title="".join(written.title), by=written.issuer, on=snapshot.taken_on)

    def printed(self, report: UpwardReport) -> frozenset[str]:
        """The indicators its table of main figures prints; none where it has no document."""
        if report.document is None:
            return frozenset()
        return frozenset(row.indicator for row in load_skeleton(self._skeletons, report.document).table)

    def pdf(self, document: bytes) -> bytes | None:
        """The document as pages; None where LibreOffice is not installed."""
        return as_pdf(document)


def _table(skeleton: Skeleton, figures: Figures, report: UpwardReport) -> list[tuple[str, ...]]:
    """The main figures of this period, in all, and of the edition before where there is one."""
    periodic = report.cadence in ("quarterly", "periodic")
    head = [
        "指标",
        "单位",
        *(["本期"] if periodic else []),
        "累计",
        *(["上期累计" if periodic else "上次报告"] if figures.has_previous else []),
    ]
    rows = [tuple(head)]
    for row in skeleton.table:
        numbers: list[Number | None] = [figures.number(row.indicator, row.unit)]
        if periodic:
            numbers.insert(0, figures.number(row.indicator, row.unit, Scope.THIS))
        if figures.has_previous:
            numbers.append(figures.before(row.indicator, row.unit))
        rows.append((row.title, row.unit, *("—" if each is None else each.in_unit for each in numbers)))
    return rows if skeleton.table else []


def _pictures(skeleton: Skeleton, sentences: Sentences, written: Draft) -> Iterator[tuple[str, bytes]]:
    for plan in skeleton.charts:
        bars = _bars(plan, sentences)
        if len(bars) < 2:  # one bar says less than its sentence
            continue
        picture = charts.png(charts.Chart(plan.title, tuple(bars)))
        if picture is None:
            written.notes.append(
                f"本机未安装中文字体，“{plan.title}”图从略；安装中文字体后重新编制即可生成。"
            )
        else:
            yield plan.title, picture


def _bars(plan: ChartPlan, sentences: Sentences) -> list[charts.Bar]:
    if plan.by == "milestones":
        now = sentences.figures.number(plan.indicator, plan.unit)
        bars = [
            charts.Bar(
                f"截至{sentences.until.month}月{sentences.until.day}日", float(now.value), str(now), True
            )
        ]
        return bars + [
            charts.Bar(f"{each.due.month}月底前目标", float(each.target.value), str(each.target))
            for each in sentences.progress()
        ]
    members = sorted(
        sentences.figures.members(plan.indicator, plan.unit, plan.by), key=lambda each: -each[1].value
    )
    return [
        charts.Bar(name, float(number.value), str(number), place == 0)
        for place, (name, number) in enumerate(members[:8])
    ]


def _number_letters(campaign: Campaign) -> str:
    """The office's own letters (机关代字) where the notice, issued by it, shows them; else room for them."""
    number = campaign.notice.doc_no
    if number is None or campaign.lead.name not in campaign.notice.issuers:
        return "　　　"
    return number.partition("〔")[0]
