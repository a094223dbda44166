"""Each campaign of the repository, from the roster to the report that goes up, with the real gateways.

One pass over the self-check of a campaign is played day by day and kept; every test looks at it and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from include.assembly import sending
from include.campaigns.registry import load_campaigns
from include.domain.campaign import Campaign, Phase, PhaseKind, UpwardReport
from include.domain.ladder import step_day
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind
from include.domain.obligations import ObligationState
from include.domain.plans import Reason
from include.domain.reports import EditionState, FileRole
from include.domain.returns import Verdict
from include.domain.sign_off import Hand
from include.domain.units import Unit
from include.gateways.ledger.database import upgrade
from include.rehearsal.scans import stamped_scan
from include.settings import Settings
from include.steps import inspection_coverage, plan, report, report_mail, show, sign_off
from tests.integration.clerk import Answers, filled
from tests.integration.office import Mail, Office, make_unit

CAMPAIGNS = {campaign.id: campaign for campaign in load_campaigns().campaigns}
WITH_SELF_CHECK = [id_ for id_, campaign in CAMPAIGNS.items() if campaign.phases_of(PhaseKind.SELF_CHECK)]
CHASING = {NoticeKind.REMINDER, NoticeKind.OVERDUE}

VIOLATION, FUND = Decimal("12600.50"), Decimal("9800.25")
UNTIL_REPORTED = 2
"""Working days after the launch on which the units answer."""


def roster(campaign: Campaign) -> dict[str, Unit]:
    """One unit for each way of answering, and one of every kind that can owe."""
    hospital, pharmacy = UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY
    return {
        "zero": make_unit(campaign, hospital, 1),
        "problems": make_unit(campaign, hospital, 2),
        "wrong": make_unit(campaign, hospital, 3),
        "scan_later": make_unit(campaign, hospital, 4),
        "silent": make_unit(campaign, hospital, 5),
        "unreachable": make_unit(campaign, hospital, 6, email=False),
        "pharmacy": make_unit(campaign, pharmacy, 1),
        "agency": make_unit(campaign, UnitKind.HANDLING_AGENCY, 1),
        "branch": make_unit(campaign, UnitKind.COUNTY_BRANCH, 1),
    }


@dataclass
class Played:
    """What happened in a campaign's self-check, by day."""

    office: Office
    phase: Phase
    launch_day: date
    verdicts: dict[date, dict[Verdict, int]] = field(default_factory=dict)
    mails: dict[date, list[Mail]] = field(default_factory=dict)

    @property
    def campaign(self) -> Campaign:
        return self.office.campaign

    @property
    def report(self) -> UpwardReport:
        return self.campaign.report("self_check_statistics")

    @property
    def answer_day(self) -> date:
        return self.office.working_day(self.launch_day, UNTIL_REPORTED)

    @property
    def owing(self) -> dict[str, Unit]:
        kinds = {kind for owed in self.phase.returns for kind in owed.owed_by}
        return {name: unit for name, unit in self.office.units.items() if unit.kind in kinds}

    @property
    def reported(self) -> list[str]:
        return [name for name in self.owing if name not in ("wrong", "silent", "unreachable")]

    @property
    def all_mails(self) -> list[Mail]:
        return [mail for mails in self.mails.values() for mail in mails]

    def to(self, name: str, *kinds: NoticeKind) -> list[tuple[date, Mail]]:
        """Mails of these kinds (of all, when none is named) to a unit, in order of days."""
        address = self.office.units[name].contact_email
        return [
            (day, mail)
            for day, mails in self.mails.items()
            for mail in mails
            if mail.to == address and (not kinds or mail.kind in kinds)
        ]

    def state(self, name: str) -> ObligationState:
        unit = self.office.units[name]
        [state] = {
            obligation.state
            for obligation in self.office.using.ledger.obligations.all(self.campaign.id, self.phase.key)
            if obligation.unit_code == unit.code
        }
        return state


@pytest.fixture(scope="module")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("ledger") / "ledger.db"
    upgrade(f"sqlite:///{file}")
    return file.read_bytes()


def opened(campaign: Campaign, folder: Path, ledger: bytes) -> Office:
    """An office with its roster frozen on the campaign's first day."""
    (folder / "ledger.db").write_bytes(ledger)
    settings = Settings(home=folder, send_mode="off", token_key="0123456789abcdef" * 4)
    using = sending(settings, ledger_url=settings.ledger_default_url, smtp=None)
    office = Office(campaign, using, folder)
    office.freeze_roster(roster(campaign), on=campaign.starts_on)
    return office


@pytest.fixture(scope="module", params=WITH_SELF_CHECK)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, empty_ledger: bytes
) -> Iterator[Played]:
    campaign = CAMPAIGNS[request.param]
    office = opened(campaign, tmp_path_factory.mktemp(campaign.id), empty_ledger)
    [phase] = campaign.phases_of(PhaseKind.SELF_CHECK)
    # Nobody can be written to on the strength of a notice that does not exist yet.
    first = max(phase.start, campaign.notice.issued_on or phase.start)
    played = Played(office, phase, launch_day=office.working_day(first))
    office.open(phase, played.launch_day)
    last = max(step_day(step, phase.due, office.using.calendar) for step in campaign.ladder)
    for day in office.working_days(played.launch_day, last + timedelta(days=3)):
        if day == played.answer_day:
            answer(played)
        if day == office.working_day(played.answer_day, 1):
            send_scan(played, "scan_later", day)
        played.verdicts[day], played.mails[day] = office.work(phase, day)
    yield played
    office.using.close()


def answer(played: Played) -> None:
    """Every unit that answers fills in the workbook it was sent."""
    answers = {
        "zero": (),
        "problems": (problem(played, "self_check"),),
        "wrong": (problem(played, "self_check") | {"其中医保基金支付金额": VIOLATION + 1, "整改措施": None},),
        "scan_later": (problem(played, "self_check"),),
        "pharmacy": (),
        "agency": (problem(played, "agency_self_check"),),
    }
    for name, items in answers.items():
        if name not in played.owing:
            continue
        [(_, mail)] = played.to(name, NoticeKind.LAUNCH)
        [(file_name, workbook)] = mail.workbooks.items()
        content = filled(workbook, cover(played, name, has_problem=bool(items)), items)
        played.office.drop(file_name, content, played.answer_day)
        if name != "scan_later":
            send_scan(played, name, played.answer_day)


def send_scan(played: Played, name: str, on: date) -> None:
    unit = played.office.units[name]
    played.office.drop(f"{unit.code}_{unit.name}_自查报告_盖章.pdf", stamped_scan(unit.code, on), on)


def cover(played: Played, name: str, *, has_problem: bool) -> Answers:
    day, window = played.answer_day, played.campaign.data_window
    assert window is not None
    return {
        "是否发现问题": "是" if has_problem else "否",
        "自查方式": "自行自查",
        "主要负责人": "主要负责人（模拟）",
        "填报人": "医保专员（模拟）",
        "联系电话": "0999-1234567",
        "填报日期": day,
        **({"自查期间止": day} if window.end is None else {}),
        **({} if name == "agency" else {"问题清单版本": "2024版六领域（模拟）"}),
    }


def problem(played: Played, form: str) -> dict[str, str | int | Decimal | date | None]:
    """One thing found in a self-check, right in every respect."""
    window, done = played.campaign.data_window, played.answer_day - timedelta(days=1)
    assert window is not None
    of_both: dict[str, str | int | Decimal | date | None] = {
        "发生期间起": window.start + timedelta(days=90),
        "发生期间止": window.start + timedelta(days=120),
        "涉及人次": 30,
        "整改状态": "已整改",
        "整改完成日期": done,
        "责任部门": "医保办",
        "退回日期": done,
    }
    if form == "agency_self_check":
        return of_both | {
            "业务环节": "基金稽核",
            "问题类型": "基金稽核不全面",
            "问题描述": "年度稽核未覆盖全部定点医疗机构（模拟）",
            "发现问题数": 3,
            "涉及金额": VIOLATION,
            "其中应退回医保基金金额": FUND,
            "整改措施": "已补充稽核并修订年度稽核计划",
            "已退回追回金额": FUND,
        }
    return of_both | {
        "领域": "骨科",
        "违规类型": "重复收费",
        "问题描述": "手术类项目收费时同时收取已包含的一次性材料费用（模拟）",
        "涉及例次": 35,
        "违规金额": VIOLATION,
        "其中医保基金支付金额": FUND,
        "涉及异地": "否",
        "整改措施": "已在收费系统中增加互斥提示",
        "已退回金额": FUND,
        "退回凭证号": "MN20240001",
    }


# Launch


def test_every_unit_that_owes_and_can_be_reached_gets_its_own_workbook_on_the_first_day(
    played: Played,
) -> None:
    launched = {mail.to: mail for mail in played.mails[played.launch_day] if mail.kind is NoticeKind.LAUNCH}
    reachable = {unit.contact_email: unit for unit in played.owing.values() if unit.contact_email}
    assert launched.keys() == reachable.keys()
    for address, mail in launched.items():
        [name] = mail.workbooks
        assert name.startswith(reachable[address].code)
    assert len(played.mails[played.launch_day]) == len(launched), "a launch is not reminded of at once"


def test_who_owes_nothing_is_never_written_to(played: Played) -> None:
    others = played.office.units.keys() - played.owing.keys()
    assert others
    assert [mail for name in others for mail in played.to(name)] == []


# Answers


def test_returns_are_judged_by_what_they_say(played: Played) -> None:
    scans = len(played.reported) - 1
    assert played.verdicts[played.answer_day] == {
        Verdict.ACCEPTED: len(played.reported) - 1,
        Verdict.RETURNED: 1,
        Verdict.PARTIAL: 1,
        Verdict.KEPT: scans + 1,
    }
    assert {name: played.state(name) for name in played.owing} == {
        **dict.fromkeys(played.reported, ObligationState.ACCEPTED),
        "wrong": ObligationState.RETURNED,
        "silent": ObligationState.OPEN,
        "unreachable": ObligationState.OPEN,
    }


def test_an_accepted_return_gets_one_receipt_with_a_number(played: Played) -> None:
    for name in played.reported:
        [(day, mail)] = played.to(name, NoticeKind.RECEIPT)
        later = 1 if name == "scan_later" else 0
        assert day == played.office.working_day(played.answer_day, later)
        assert f"HZ-{played.campaign.id.upper().replace('_', '')}-{day:%Y%m%d}-" in mail.unbroken


def test_a_wrong_return_comes_back_marked_with_what_to_write(played: Played) -> None:
    [(day, mail)] = played.to("wrong", NoticeKind.RETURNED)
    assert day == played.answer_day
    [(name, workbook)] = mail.workbooks.items()
    assert name.endswith("_退回说明.xlsx")
    first = load_workbook(BytesIO(workbook)).worksheets[0]
    listed = "\n".join(str(cell) for row in first.iter_rows(values_only=True) for cell in row if cell)
    for words in ("违规金额", "整改措施"):
        assert words in mail.unbroken
        assert words in listed
    assert played.to("wrong", NoticeKind.RECEIPT) == []


def test_a_return_without_its_scan_is_asked_for_the_scan_and_nothing_else(played: Played) -> None:
    [(day, mail)] = played.to("scan_later", NoticeKind.INCOMPLETE)
    assert day == played.answer_day
    assert "扫描件" in mail.unbroken
    assert played.to("scan_later", NoticeKind.RETURNED) == []


# The ladder


@pytest.mark.parametrize("name", ["silent", "wrong"])
def test_who_still_owes_is_reminded_once_on_the_day_of_every_rung(played: Played, name: str) -> None:
    rungs = sorted(
        step_day(step, played.phase.due, played.office.using.calendar) for step in played.campaign.ladder
    )
    assert [day for day, _ in played.to(name, *CHASING)] == [day for day in rungs if day > played.launch_day]


def test_nobody_is_reminded_after_acceptance(played: Played) -> None:
    for name in played.reported:
        assert [day for day, _ in played.to(name, *CHASING) if day >= played.answer_day] == []


def test_reminding_ends_where_being_overdue_begins(played: Played) -> None:
    days = {kind: [day for day, _ in played.to("silent", kind)] for kind in CHASING}
    assert max(days[NoticeKind.REMINDER]) <= played.phase.due < min(days[NoticeKind.OVERDUE])


TURNS = {
    "wushen_2024": (date(2024, 5, 31), date(2024, 6, 3)),
    "quanzhou_2024": (date(2024, 6, 28), date(2024, 7, 1)),  # due on a Sunday
    "heshan_2020": (date(2020, 6, 24), date(2020, 6, 28)),  # due at 端午节; Sunday the 28th is a make-up day
    "anhui_2024": (date(2024, 6, 28), date(2024, 7, 1)),
}
"""The last reminder and the first overdue notice."""


def test_a_due_date_on_a_free_day_is_reminded_of_before_it(played: Played) -> None:
    last_reminder = played.to("silent", NoticeKind.REMINDER)[-1]
    first_overdue = played.to("silent", NoticeKind.OVERDUE)[0]
    assert (last_reminder[0], first_overdue[0]) == TURNS[played.campaign.id]


def test_an_overdue_rung_is_reported_to_its_posts_with_who_owes_and_nobody_else(played: Played) -> None:
    calendar, office = played.office.using.calendar, played.office
    expected = [
        (step_day(step, played.phase.due, calendar), office.mailbox(post))
        for step in played.campaign.ladder
        for post in step.to_posts
    ]
    digests = [
        (day, mail)
        for day, mails in played.mails.items()
        for mail in mails
        if mail.kind is NoticeKind.ESCALATION
    ]
    assert [(day, mail.to) for day, mail in digests] == expected
    assert expected
    for _, mail in digests:
        assert "3家逾期" in mail.subject
        for name, unit in played.owing.items():
            assert (unit.name in mail.unbroken) is (name not in played.reported), name


# What every mail is

CITING = {NoticeKind.LAUNCH, NoticeKind.REMINDER, NoticeKind.OVERDUE}
"""What asks something of a unit says on the strength of which notice; answers and digests need not."""


def test_every_mail_stands_on_its_own_notice_and_on_no_other(played: Played) -> None:
    own = played.campaign
    mine = "\n".join((*own_words(own), own.region_name))
    for mail in played.all_mails:
        if mail.kind in CITING:
            assert cited(own) in mail.unbroken, mail.subject
            assert own.notice.doc_no is None or own.notice.doc_no in mail.unbroken, mail.subject
        assert own.short_title in mail.subject
        assert own.lead.name in mail.unbroken
        for other in CAMPAIGNS.values():
            for words in own_words(other):
                assert words in mine or words not in mail.words, (mail.subject, words)


def cited(campaign: Campaign) -> str:
    """The notice's title inside 《》, in which a title of its own stands in 〈〉 (GB/T 15834-2011)."""
    return f"《{campaign.notice.title.translate(str.maketrans('《》', '〈〉'))}》"


def own_words(campaign: Campaign) -> list[str]:
    words = (campaign.id, campaign.title, campaign.notice.title, campaign.notice.doc_no, campaign.lead.name)
    return [word for word in words if word]


def test_a_unit_reads_nothing_about_another_unit(played: Played) -> None:
    units = played.office.units.values()
    for mail in played.all_mails:
        if mail.kind is not NoticeKind.ESCALATION:
            [reader] = [unit for unit in units if unit.contact_email == mail.to]
            assert [u.name for u in units if u is not reader and u.name in mail.words] == [], mail.subject


# The report that goes up


def test_the_report_goes_up_once_after_a_person_s_yes(played: Played) -> None:
    campaign, upward, office = played.campaign, played.report, played.office
    assert upward.due is not None
    using, on = office.using, upward.due
    occasion = report.occasion_of_day(campaign, upward, on=on, using=using)
    assert occasion is not None
    draft = report.compile_edition(campaign, upward, occasion, on=on, using=using)
    assert draft.goes_on
    assert draft.edition_id is not None
    edition = using.ledger.editions.get(draft.edition_id)
    figures = {
        figure.indicator: figure.value
        for figure in using.ledger.snapshots.figures(edition.snapshot_id)
        if figure.dimension == ""
    }
    with_problems = [name for name in played.reported if name in ("problems", "scan_later", "agency")]
    assert (
        figures
        | {
            "units_expected": len(played.owing),
            "units_accepted": len(played.reported),
            "units_with_problems": len(with_problems),
            "zero_returns": len(played.reported) - len(with_problems),
            "units_overdue": 3,
            "violation_amt": VIOLATION * len(with_problems),
            "fund_amt": FUND * len(with_problems),
        }
        == figures
    )
    tables = next(file for file in edition.files if file.role is FileRole.TABLES)
    book = load_workbook(BytesIO(using.archive.get(tables.sha256)))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert any(campaign.title in cell for cell in cells)

    told = [mail for hand in Hand for mail in sign(office, upward, edition.id, hand, on)]
    assert [mail.kind for mail in told] == [NoticeKind.SIGN_OFF] * 3
    assert [mail.to for mail in told] == [
        office.mailbox(post.key) for hand in Hand if (post := campaign.signing_post(upward, hand))
    ]
    for mail in told:
        assert tables.name in mail.unbroken
        assert "https://desk.example/sign" in mail.unbroken
    assert report_mail.plan_mail(campaign, upward, draft.edition_id, on=on, using=using) == 1
    assert report_mail.plan_mail(campaign, upward, draft.edition_id, on=on, using=using) == 0
    [mail] = office.send(on)
    assert (mail.kind, mail.to) == (NoticeKind.REPORT, office.mailbox("upper_bureau"))
    assert list(mail.workbooks) == [tables.name]
    assert cited(campaign) in mail.unbroken
    report_mail.mark_sent(draft.edition_id, using=using)
    assert using.ledger.editions.get(draft.edition_id).state is EditionState.SENT
    again = report.compile_edition(campaign, upward, occasion, on=on, using=using)
    assert (again.edition_id, again.goes_on) == (draft.edition_id, False)
    assert report.rebuild(campaign, upward, edition, using) == [], (
        "made anew out of the snapshot, byte for byte"
    )


def sign(office: Office, upward: UpwardReport, edition_id: int, hand: Hand, on: date) -> list[Mail]:
    """One hand is asked and signs; the mails that came out."""
    facts: dict[str, Any] = {"run": "run", "on": on, "using": office.using}
    asked = sign_off.ask(
        office.campaign, upward, edition_id, hand, page="https://desk.example/sign", users={}, **facts
    )
    assert asked is not None
    assert asked.needed
    mails = office.send(on)
    said: dict[str, Any] = {"approved": True, "by": hand.value, "user": hand.value, "reason": ""}
    assert sign_off.record(office.campaign, upward, edition_id, hand, **said, **facts)
    return mails


# The other phases, of all five campaigns

OTHERS = [
    (campaign.id, phase.key)
    for campaign in CAMPAIGNS.values()
    for phase in campaign.phases
    if phase.kind in (PhaseKind.INSPECTION, PhaseKind.CONCLUSION)
]


@pytest.fixture
def office(request: pytest.FixtureRequest, tmp_path: Path, empty_ledger: bytes) -> Iterator[Office]:
    office = opened(CAMPAIGNS[request.param], tmp_path, empty_ledger)
    yield office
    office.using.close()


@pytest.mark.parametrize(("office", "key"), OTHERS, indirect=["office"])
def test_an_inspection_or_conclusion_opens_what_the_notice_asks_for_and_mails_nobody(
    office: Office, key: str
) -> None:
    phase = office.campaign.phase(key)
    on = office.working_day(phase.start)
    expected = {
        # What recurs is asked for before each report, not when the phase opens.
        owed.form: 0 if owed.recurring else sum(unit.kind in owed.owed_by for unit in office.units.values())
        for owed in phase.returns
    }
    assert all(expected[owed.form] for owed in phase.returns if not owed.recurring), "nobody would owe it"
    assert office.open(phase, on) == expected
    assert office.open(phase, on) == dict.fromkeys(expected, 0)
    total = sum(expected.values())
    if phase.kind is PhaseKind.INSPECTION:
        progress = inspection_coverage.progress(office.campaign, phase, on=on, using=office.using)
        assert progress == {"应检查": total, "已检查": 0, "尚未检查": total}
    else:
        progress = show.progress(office.campaign, phase, using=office.using)
        assert progress == ({"应报": total, "待报": total} if total else {"应报": 0})
    assert office.send(on) == []


@pytest.mark.parametrize(
    ("office", "mailed"), [("wushen_2024", True), ("quanzhou_2024", False)], indirect=["office"]
)
def test_a_mobilisation_that_was_over_when_the_notice_came_out_mails_nobody(
    office: Office, mailed: bool
) -> None:
    [phase] = office.campaign.phases_of(PhaseKind.MOBILIZATION)
    on = office.working_day(max(phase.start, office.campaign.notice.issued_on or phase.start))
    office.open(phase, on)
    planned = plan.announcements(office.campaign, phase, on=on, units=None, using=office.using)
    mails = office.send(on)
    if not mailed:
        assert planned.left_out == {Reason.CLOSED: len(office.units)}
        assert mails == []
        return
    reachable = {unit.contact_email for unit in office.units.values()} - {None}
    assert {mail.to for mail in mails} == reachable
    assert len(mails) == len(reachable)
    for mail in mails:
        assert mail.kind is NoticeKind.ANNOUNCEMENT
        assert cited(office.campaign) in mail.unbroken
