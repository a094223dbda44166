"""Judge everything that has arrived: whose it is, whether it is right, and what answer it gets.

Files are judged a batch at a time: memory does not grow with their number, each batch is validated and asked of
the ledger at once, and what it decides is committed with its answers. A crash loses the batch under way and
nothing else; the next run finds it pending. Verdicts do not depend on where a batch ends: scans are taken in
before the workbooks they belong to, pages of corrections and files that came before wait until every whole
workbook is judged, and returns that wait for their scan come last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from include.domain.campaign import Campaign
from include.domain.collecting import answered
from include.domain.dates import zh_date
from include.domain.forms import Form
from include.domain.model import Severity
from include.domain.obligations import Obligation, days_late
from include.domain.returns import (
    CheckContext,
    FileKind,
    Finding,
    Judgement,
    Reading,
    ReturnFile,
    Verdict,
    receipt_number,
)
from include.domain.self_check import is_zero_return, self_check_items
from include.domain.units import Unit
from include.domain.waivers import applied
from include.steps import cumulative, owner
from include.steps.answers import ANSWERS, Answered, answer
from include.steps.ports import Gateways

ACTOR = "check_returns"
AT_ONCE = 100
"""Files judged together: some 60 MB of readings, while a validation costs a fixed half second whatever it judges."""

_RECEIVED_AS: dict[Verdict | None, str] = {
    Verdict.ACCEPTED: "校验通过",
    Verdict.ACCEPTED_WITH_WARNINGS: "校验通过",
    Verdict.PARTIAL: "通过表格校验（尚缺盖章扫描件）",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case:
    """One workbook on the desk: the file, what was read, and to whom it was found to belong."""

    file: ReturnFile
    reading: Reading
    unit: Unit
    obligation: Obligation
    form: Form
    findings: tuple[Finding, ...]

    @property
    def is_judgeable(self) -> bool:
        return self.reading.is_readable and not errors(self.findings)


@dataclass(slots=True)
class Desk:
    """One run over the arrivals of a campaign, and what it has decided so far."""

    campaign: Campaign
    on: date
    using: Gateways
    verdicts: Counter[Verdict] = field(default_factory=Counter)

    def enter(self, kept: Sequence[Judgement], answered: Sequence[Answered] = ()) -> None:
        """Commit what was decided together with the answers: never one without the other."""
        judgements = [*kept, *(each.judgement for each in answered)]
        answers = [answer(self.campaign, each, self.on, self.using) for each in answered]
        self.using.ledger.returns.judge(judgements, answers, on=self.on, actor=ACTOR)
        self.verdicts.update(judgement.verdict for judgement in judgements)


def returns(campaign: Campaign, *, on: date, using: Gateways, at_once: int = AT_ONCE) -> dict[Verdict, int]:
    """Judge every arrival without a verdict, so many at once; return how many files (份) got which.

    Verdicts, obligation moves and the answers to the senders are written together: a return is never
    judged without its answer being in the outbox.
    """
    desk = Desk(campaign, on, using)
    pending = using.ledger.returns.pending(campaign.id, received_until=on)
    workbooks = [file for file in pending if file.kind is FileKind.WORKBOOK]
    for batch in _batches([file for file in pending if file.kind is not FileKind.WORKBOOK], at_once):
        units = owner.known(campaign, [(file.name, None, owner.sent_by(file)) for file in batch], using)
        desk.enter([keep(file, units) for file in batch])
    pages: list[Case] = []
    again: list[ReturnFile] = []
    while workbooks or pages:
        for batch in _batches(workbooks, at_once):
            earlier = using.ledger.returns.same_content(batch)
            again += [file for file in batch if file.id in earlier]
            pages += _judge(desk, [file for file in batch if file.id not in earlier])
        # One page of a return at a time: the second is about a return that is no longer the newest.
        now = {page.obligation.id: page for page in reversed(pages)}
        pages = [page for page in pages if now[page.obligation.id] is not page]
        workbooks = _put_together(desk, list(now.values()), at_once)
    for batch in _batches(again, at_once):
        earlier = using.ledger.returns.same_content(batch)
        desk.enter([_seen(file, earlier[file.id]) for file in batch if file.id in earlier])
        # The first of them could not be assigned to anybody; the next one may be named better.
        _judge(desk, [file for file in batch if file.id not in earlier])
    for waiting in _batches(using.ledger.returns.completed(campaign.id), at_once):
        _complete(desk, waiting)
    return dict(desk.verdicts)


def keep(file: ReturnFile, units: Mapping[str, Unit]) -> Judgement:
    """A scan belongs to the unit its name or its mail names (one of ``units``); anything else waits for staff."""
    unit, doubts = owner.of_scan(file.name, units, sent=owner.sent_by(file))
    if file.kind is FileKind.SCAN and unit is not None:
        return Judgement(file.id, Verdict.KEPT, unit_code=unit.code)
    if file.kind is FileKind.SCAN and doubts:
        return Judgement(file.id, Verdict.UNCLAIMED, findings=tuple(doubts))
    message = (
        "文件名中没有本次名册内的机构编码，无法确认是哪个单位的扫描件；请按“机构编码_机构名称_自查报告_盖章”命名后重报"
        if file.kind is FileKind.SCAN
        else "既不是Excel表格，也不是PDF、JPG、PNG格式的扫描件，无法处理；请报送Excel表格和盖章扫描件"
    )
    return Judgement(file.id, Verdict.UNCLAIMED, findings=(Finding("file.unclaimed", message),))


def _judge(desk: Desk, files: Sequence[ReturnFile]) -> list[Case]:
    """Judge one batch of workbooks; hand back the pages of corrections among them, which are none."""
    campaign, using = desk.campaign, desk.using
    opened = _opened(campaign, files, using)
    cases = [case for case in opened if isinstance(case, Case)]
    pages = [case for case in cases if _is_page(case)]
    whole = _with_content(campaign, [case for case in cases if not _is_page(case)], desk.on, using)
    scanned = using.ledger.returns.scanned(campaign.id, {case.unit.code for case in whole})
    desk.enter(
        [judgement for judgement in opened if isinstance(judgement, Judgement)],
        [
            Answered(_judgement(campaign, case, case.unit.code in scanned, using), case.file, case.obligation)
            for case in whole
        ],
    )
    return pages


def _is_page(case: Case) -> bool:
    """Whether it is 仅错误行 alone, and nothing speaks against its sender."""
    return bool(case.reading.corrects) and case.findings == case.reading.findings


def _opened(campaign: Campaign, files: Sequence[ReturnFile], using: Gateways) -> list[Case | Judgement]:
    """What is in each file and whose it is; one without owner or debt is judged by that."""
    read = [(file, using.workbooks.read(using.archive.get(file.sha256), using.forms)) for file in files]
    units = owner.known(
        campaign, [(file.name, reading.identity, owner.sent_by(file)) for file, reading in read], using
    )
    owned = [
        (
            file,
            reading,
            *owner.of_workbook(campaign, file.name, reading, units, using, sent=owner.sent_by(file)),
        )
        for file, reading in read
    ]
    debts = debts_of(campaign, {unit.code for _, _, unit, _ in owned if unit is not None}, using)
    opened: list[Case | Judgement] = []
    for file, reading, unit, said in owned:
        findings = (*reading.findings, *said)
        debt = owed_by(campaign, unit, reading, debts, using) if unit else None
        if unit is None:
            opened.append(Judgement(file.id, Verdict.UNCLAIMED, findings=findings))
        elif debt is None:
            message = f"{unit.name}在本次专项行动中没有需要报送的表格，请办公室核对"
            findings += (Finding("unit.owes_nothing", message),)
            opened.append(Judgement(file.id, Verdict.UNCLAIMED, unit_code=unit.code, findings=findings))
        else:
            opened.append(Case(file, reading, unit, debt, using.forms[debt.form], findings))
    return opened


def _seen(file: ReturnFile, earlier: ReturnFile) -> Judgement:
    note = f"与{zh_date(earlier.received_on)}收到的“{earlier.name}”内容完全相同，以先收到的为准"
    return Judgement(
        file.id,
        Verdict.DUPLICATE,
        unit_code=earlier.unit_code,
        findings=(Finding("file.duplicate", note, Severity.INFO),),
    )


def debts_of(
    campaign: Campaign, unit_codes: Collection[str], using: Gateways
) -> dict[tuple[str, str], tuple[Obligation, ...]]:
    """What these units owe in the campaign, by unit code and form, each in the order of due dates."""
    return using.ledger.obligations.owed_by(campaign.id, unit_codes, _own_forms(campaign))


def owed_by(
    campaign: Campaign,
    unit: Unit,
    reading: Reading,
    debts: Mapping[tuple[str, str], tuple[Obligation, ...]],
    using: Gateways,
) -> Obligation | None:
    """The obligation a workbook answers: by its own form, else by what the unit owes at all."""
    keys = _own_forms(campaign)
    if reading.identity is not None and reading.identity.form in keys:
        keys.insert(0, reading.identity.form)
    owed = next((debts[unit.code, key] for key in keys if (unit.code, key) in debts), None)
    if owed is None:
        return None
    return answered(owed, cumulative.period_end(reading), cumulative.ends(campaign, owed, using))


def _own_forms(campaign: Campaign) -> list[str]:
    """Keys of the forms units fill in themselves, in the order of the phases."""
    return [owed.form for phase in campaign.phases for owed in phase.returns if owed.filled_by == "unit"]


def _put_together(desk: Desk, pages: Sequence[Case], at_once: int) -> list[ReturnFile]:
    """Enter the workbooks made of pages of corrections and the returns they put right; refuse the others.

    A page counts only for the newest return of its obligation, and only if that was sent back.
    """
    made: list[ReturnFile] = []
    for batch in _batches(pages, at_once):
        newest = desk.using.ledger.returns.newest(
            {page.obligation.id for page in batch}, verdicts=ANSWERS.keys()
        )
        refused: list[Answered] = []
        for page in batch:
            workbook, findings = _put_right(page, newest.get(page.obligation.id), desk.using)
            if workbook is None:
                # Not a return of its own: the obligation stays as it is.
                judgement = Judgement(page.file.id, Verdict.RETURNED, page.unit.code, findings=findings)
                refused.append(Answered(judgement, page.file, page.obligation))
                continue
            judgement = Judgement(page.file.id, Verdict.KEPT, page.unit.code, findings=findings)
            made.append(
                desk.using.ledger.returns.put_together(
                    judgement,
                    name=page.file.name,
                    sha256=desk.using.archive.put(workbook),
                    on=desk.on,
                    actor=ACTOR,
                )
            )
            desk.verdicts[judgement.verdict] += 1
        desk.enter([], refused)
    return made


def _put_right(
    page: Case, newest: ReturnFile | None, using: Gateways
) -> tuple[bytes | None, tuple[Finding, ...]]:
    """The workbook with the page's rows in it, or why there is none."""
    sheet = "仅错误行"
    if newest is None:
        message = f"没有找到“{sheet}”所依据的退回文件，无法合并；请报送填好的整个专用表"
        return None, (Finding("corrections.no_return", message, sheet=sheet),)
    when = f"{zh_date(newest.received_on)}报送的“{newest.name}”"
    if newest.verdict is not Verdict.RETURNED:
        message = (
            f"贵单位{when}已经{_RECEIVED_AS[newest.verdict]}，比“{sheet}”所依据的文件新，本次没有合并，已报内容未作改动；"
            "如需更正，请在该文件上改好后报送整个文件"
        )
        return None, (Finding("corrections.stale", message, sheet=sheet),)
    if newest.sha256 != page.reading.corrects:
        message = (
            f"“{sheet}”不是取自最近一次退回的文件，本次没有合并；最近一次退回的是贵单位{when}，"
            "请在该文件的退回件中改正后报送"
        )
        return None, (Finding("corrections.stale", message, sheet=sheet),)
    try:
        workbook, findings = using.workbooks.put_right(
            using.archive.get(newest.sha256), using.archive.get(page.file.sha256), page.form
        )
    except (ValueError, FileNotFoundError):
        message = f"{when}已无法打开，“{sheet}”不能并入；请报送填好的整个专用表"
        return None, (Finding("corrections.no_return", message, sheet=sheet),)
    if errors(findings):
        return None, findings
    note = f"已将“{sheet}”并入{when}，按合并后的整个文件校验"
    return workbook, (*findings, Finding("corrections.merged", note, Severity.INFO, sheet))


def _with_content(campaign: Campaign, cases: Sequence[Case], on: date, using: Gateways) -> list[Case]:
    judged = content(
        campaign,
        {
            case.file.id: (case.form, case.reading, context(campaign, case.unit.code, case.unit.name, on))
            for case in cases
            if case.is_judgeable
        },
        using,
    )
    return [
        replace(
            case,
            findings=case.findings
            + judged.get(case.file.id, ())
            + (
                cumulative.findings(campaign, case.obligation, case.reading, using)
                if case.is_judgeable
                else ()
            ),
        )
        for case in cases
    ]


def content(
    campaign: Campaign, asked: Mapping[int, tuple[Form, Reading, CheckContext]], using: Gateways
) -> dict[int, tuple[Finding, ...]]:
    """Findings about what the workbooks say, one validation batch per form over all of them.

    A rule waived for a unit is still found there, as information.
    """
    judged: dict[int, tuple[Finding, ...]] = {}
    for form in {form.key: form for form, _, _ in asked.values()}.values():
        batch = {key: one for key, one in asked.items() if one[0].key == form.key}
        known = {key: context for key, (_, _, context) in batch.items()}
        found = using.quality.judge(form, {key: reading for key, (_, reading, _) in batch.items()}, known)
        on = max(each.on for each in known.values())
        waivers = using.ledger.waivers.in_force(campaign.id, form.key, on=on)
        for key, findings in found.items():
            judged[key] = applied(findings, waivers.get(known[key].unit_code, ()), on=on)
    return judged


def context(campaign: Campaign, unit_code: str, unit_name: str, on: date) -> CheckContext:
    """What a return of that unit is judged against on that day."""
    window = campaign.data_window
    return CheckContext(
        unit_code=unit_code,
        unit_name=unit_name,
        campaign_start=campaign.starts_on,
        window_start=window.start if window else None,
        window_end=window.end if window else None,
        on=on,
    )


def _judgement(campaign: Campaign, case: Case, is_scanned: bool, using: Gateways) -> Judgement:
    received_on = case.file.received_on
    judgement = Judgement(
        return_id=case.file.id,
        verdict=Verdict.RETURNED,
        unit_code=case.unit.code,
        obligation_id=case.obligation.id,
        findings=case.findings,
        days_late=days_late(case.obligation.due_on, received_on, using.calendar),
    )
    if errors(case.findings):
        return judgement
    items = self_check_items(case.form, case.reading)
    judgement = replace(judgement, items=items, is_zero=is_zero_return(case.reading))
    if case.obligation.scan_required and not is_scanned:
        return replace(judgement, verdict=Verdict.PARTIAL)
    return _accepted(campaign, judgement, received_on)


def _accepted(campaign: Campaign, judgement: Judgement, received_on: date) -> Judgement:
    return replace(
        judgement,
        verdict=Verdict.ACCEPTED_WITH_WARNINGS if judgement.findings else Verdict.ACCEPTED,
        receipt_no=receipt_number(campaign.id, received_on, judgement.return_id),
    )


def _complete(desk: Desk, waiting: Sequence[tuple[Obligation, ReturnFile]]) -> None:
    """A scan that arrives after its workbook completes the return that was waiting for it."""
    files = desk.using.ledger.returns.newest(
        {obligation.id for obligation, _ in waiting}, verdicts=[Verdict.PARTIAL]
    )
    answered = []
    for obligation, scan in waiting:
        file = files[obligation.id]
        complete_on = max(file.received_on, scan.received_on)
        judgement = Judgement(
            return_id=file.id,
            verdict=Verdict.ACCEPTED,
            unit_code=obligation.unit_code,
            obligation_id=obligation.id,
            findings=file.findings,
            is_zero=obligation.is_zero,
            days_late=days_late(obligation.due_on, complete_on, desk.using.calendar),
        )
        answered.append(Answered(_accepted(desk.campaign, judgement, complete_on), file, obligation))
    desk.enter([], answered)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that send a return back."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def _batches(many: Sequence[T], at_once: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(many), at_once):
        yield many[start : start + at_once]
