"""Every kind of letter in every situation it may be written in. Each has a snapshot of its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from include.domain.inbound import ATTACHMENT_FORGOTTEN
from include.domain.letters import Letter, OfficeMatter, OwingLine
from include.domain.model import Severity, UnitKind
from include.domain.notices import NoticeKind
from include.domain.obligations import ObligationState
from tests.gateways import letter_builders as build

K = NoticeKind
SATURDAY = date(2024, 6, 1)
LONG_NAME = "示例自治区示例市示例旗嘎鲁图镇城镇社区综合门诊部中医蒙医康复理疗服务中心（第二分院）有限责任公司"
DATA_FREE = build.campaign(
    data_window=None, notice=build.CAMPAIGN_FACTS["notice"] | {"doc_no": None}, rules={}
)
WARNINGS = build.findings(2, Severity.WARNING)
STEP = build.step(consequence="将列为重点检查对象。")
EXTENDED = replace(build.deadline(8, due_on=date(2024, 6, 7)), moved_from=build.FRIDAY)

RUNGS_BEFORE = {5: date(2024, 5, 24), 3: build.TUESDAY, 1: date(2024, 5, 30), 0: build.FRIDAY}
RUNGS_AFTER = {
    1: (date(2024, 6, 3), "已通知管辖经办机构督促报送"),
    3: (date(2024, 6, 5), "已报领导小组办公室主任，责令限期报送"),
    5: (date(2024, 6, 7), "列入约谈名单，并作为现场检查的重点对象"),
    10: (date(2024, 6, 17), "在全旗定点医药机构范围内通报批评，并责令整改"),
}
"""Working days from the due date → the day, and the consequence named on that rung."""

STANDINGS = {
    "nothing came": {"state": ObligationState.OPEN.zh},
    "only the scan came": {"state": ObligationState.OPEN.zh, "has_scan": True},
    "the scan is missing": {"state": ObligationState.PARTIAL.zh},
    "sent back": {"state": ObligationState.RETURNED.zh},
    "sent back with 1 error": {"state": ObligationState.RETURNED.zh, "errors": build.findings(1)},
    "sent back with 12 errors": {
        "state": ObligationState.RETURNED.zh,
        "errors": build.findings(12),
        "has_scan": True,
    },
    "being checked": {"state": ObligationState.RECEIVED.zh},
    "no scan asked for": {"state": ObligationState.OPEN.zh, "scan_required": False},
}

SITUATIONS: dict[str, tuple[NoticeKind, Letter]] = {
    "announcement": (K.ANNOUNCEMENT, build.announcement()),
    "announcement to a pharmacy": (
        K.ANNOUNCEMENT,
        build.announcement(unit=build.unit(kind=UnitKind.RETAIL_PHARMACY)),
    ),
    "announcement to a branch": (
        K.ANNOUNCEMENT,
        build.announcement(unit=build.unit(kind=UnitKind.COUNTY_BRANCH)),
    ),
    "announcement, few facts": (K.ANNOUNCEMENT, build.announcement(campaign=DATA_FREE)),
    "launch": (K.LAUNCH, build.launch()),
    "launch without workbook": (K.LAUNCH, build.launch(attachments=())),
    "launch without scan": (K.LAUNCH, build.launch(scan_required=False)),
    "launch, few facts": (K.LAUNCH, build.launch(campaign=DATA_FREE)),
    "launch of an inspection": (
        K.LAUNCH,
        build.launch(phase=build.campaign().phase("inspection"), form_title="检查情况表"),
    ),
    "launch of a return owed each month": (
        K.LAUNCH,
        build.launch(
            unit=build.unit(name="示例县医保分局", kind=UnitKind.COUNTY_BRANCH),
            phase=build.campaign().phase("inspection"),
            form_title="专项行动进展情况表（2024年5月）",
            scan_required=False,
            again="及时梳理专项整治进展情况，定期报送专项整治工作数据",
        ),
    ),
    "launch, long name": (K.LAUNCH, build.launch(unit=build.unit(name=LONG_NAME))),
    **{
        f"reminder, T-{left}": (
            K.REMINDER,
            build.unit_letter(on=on, deadline=build.deadline(left), attachments=(build.WORKBOOK,), step=STEP),
        )
        for left, on in RUNGS_BEFORE.items()
    },
    **{f"reminder, {title}": (K.REMINDER, build.unit_letter(**facts)) for title, facts in STANDINGS.items()},
    "reminder before a free due day": (
        K.REMINDER,
        build.unit_letter(on=build.FRIDAY, deadline=build.deadline(0, due_on=SATURDAY)),
    ),
    "reminder after an extension": (
        K.REMINDER,
        build.unit_letter(deadline=EXTENDED, attachments=(build.WORKBOOK, build.CALENDAR_FILE)),
    ),
    **{
        f"overdue, T+{late}": (
            K.OVERDUE,
            build.overdue(
                on=on,
                deadline=build.deadline(-late),
                step=build.step(offset=late, consequence=consequence),
                attachments=(build.WORKBOOK,),
            ),
        )
        for late, (on, consequence) in RUNGS_AFTER.items()
    },
    **{f"overdue, {title}": (K.OVERDUE, build.overdue(**facts)) for title, facts in STANDINGS.items()},
    "overdue over a weekend": (K.OVERDUE, build.overdue(on=SATURDAY, deadline=build.deadline(0), step=None)),
    **{
        f"escalation of {count}": (K.ESCALATION, build.escalation(count, unreachable=count % 3))
        for count in (0, 1, 3, 50, 51)
    },
    "escalation before the due date": (K.ESCALATION, build.escalation(3, on=build.TUESDAY)),
    "escalation of nobody expected": (K.ESCALATION, build.escalation(0, expected=0, accepted=0)),
    "receipt": (K.RECEIPT, build.receipt()),
    "receipt, zero return": (K.RECEIPT, build.receipt(is_zero=True)),
    "receipt, late": (K.RECEIPT, build.receipt(days_late=2)),
    "receipt, late zero return": (K.RECEIPT, build.receipt(is_zero=True, days_late=1)),
    "receipt with warnings": (K.RECEIPT, build.receipt(warnings=WARNINGS)),
    "receipt without number": (K.RECEIPT, build.receipt(receipt_no="")),
    **{
        f"returned with {count} errors and {len(warnings)} warnings": (
            K.RETURNED,
            build.returned(errors=build.findings(count), warnings=warnings),
        )
        for count in (0, 1, 5, 6, 15)
        for warnings in ((), WARNINGS)
    },
    "returned after a review": (
        K.RETURNED,
        build.returned(
            errors=(build.review_finding(),), receipt_no="HZ-SAMPLE2024-20240528-000012", has_scan=True
        ),
    ),
    "returned, overdue, no workbook": (
        K.RETURNED,
        build.returned(on=build.NEXT_TUESDAY, deadline=build.deadline(-2), attachments=()),
    ),
    "incomplete": (K.INCOMPLETE, build.return_letter()),
    "a link instead of a file": (K.UNUSABLE, build.unusable()),
    "no attachment": (K.UNUSABLE, build.unusable(subject="", advice=ATTACHMENT_FORGOTTEN)),
    "incomplete, overdue": (
        K.INCOMPLETE,
        build.return_letter(on=build.NEXT_TUESDAY, deadline=build.deadline(-2)),
    ),
    "incomplete zero return": (K.INCOMPLETE, build.return_letter(is_zero=True, warnings=WARNINGS)),
    "report": (K.REPORT, build.report()),
    "report, second edition": (K.REPORT, build.report(edition=2)),
    "report without figures": (K.REPORT, build.report(figures=(), attachments=())),
    "report, correction": (
        K.REPORT,
        build.report(edition=3, correction=1, reason="自查数据补报", changes=build.CHANGES),
    ),
    "report of an event": (
        K.REPORT,
        build.report(
            event=build.EVENT, figures=(), attachments=(), due_on=None, occasion_title="2024年6月28日"
        ),
    ),
    "sign off": (K.SIGN_OFF, build.sign_off()),
    "sign off for a vacant post": (K.SIGN_OFF, build.sign_off(instead_of="办公室工作人员", link="")),
    "sign off again, overdue": (K.SIGN_OFF, build.sign_off("remind", days_overdue=2)),
    "sign off of an event": (
        K.SIGN_OFF,
        build.sign_off(event=build.EVENT, figures=(), changes=(), files=(), due_on=None),
    ),
    "sign off returned": (K.SIGN_OFF, build.sign_off("returned", reason="第3项金额与台账不符，请核对")),
    "sign off replaced": (K.SIGN_OFF, build.sign_off("replaced", more_changes=7)),
    "sign off contradictory": (
        K.SIGN_OFF,
        build.sign_off("contradictory", contradictions=("已报＋未报＝应报：140 应= 144",), changes=()),
    ),
    "digest of 1": (K.DIGEST, build.digest(1)),
    "digest of 3, overdue": (
        K.DIGEST,
        build.digest(
            lines=build.owing_lines(3, deadline=build.deadline(-2)),
            on=build.NEXT_TUESDAY,
            step=build.step(offset=2, consequence="将列为重点检查对象"),
        ),
    ),
    "digest of 40": (K.DIGEST, build.digest(40)),
    "digest of 60 with a list": (
        K.DIGEST,
        build.digest(60, full_list="待办单位清单.csv", attachments=("待办单位清单.csv",)),
    ),
    "digest, launch": (
        K.DIGEST,
        build.digest(lines=build.owing_lines(3, state=ObligationState.OPEN.zh, errors=0), launch=True),
    ),
    "digest of different due dates, no files": (
        K.DIGEST,
        build.digest(
            lines=(
                OwingLine("P15062600001", "示例第1大药房", build.FORM, build.deadline(), "待报"),
                OwingLine("P15062600002", "示例第2大药房", build.FORM, EXTENDED, "待报"),
            ),
        ),
    ),
    "not notified: nobody": (K.NOT_NOTIFIED, build.not_notified(0)),
    "not notified: 3": (K.NOT_NOTIFIED, build.not_notified(3)),
    "not notified: 120": (
        K.NOT_NOTIFIED,
        build.not_notified(120, expected=144, sent=24, not_needed=()),
    ),
    "not notified: sums differ": (K.NOT_NOTIFIED, build.not_notified(3, sent=119)),
    "delivery alarm": (K.DELIVERY_ALARM, build.delivery_alarm()),
    "delivery alarm, quota": (
        K.DELIVERY_ALARM,
        build.delivery_alarm(planned=164, sent=142, in_doubt=(), quota=build.quota()),
    ),
    "delivery alarm, everything": (
        K.DELIVERY_ALARM,
        build.delivery_alarm(
            in_doubt=build.doubtful(51), quota=build.quota(late=12), suspended=build.suspended(51)
        ),
    ),
    "delivery alarm, addresses": (
        K.DELIVERY_ALARM,
        build.delivery_alarm(sent=122, in_doubt=(), suspended=build.suspended(2)),
    ),
    "record due": (K.RECORD_DUE, build.record_due()),
    "record due, overdue, to the director": (
        K.RECORD_DUE,
        build.record_due(
            lines=build.record_lines(2, working_days_left=-3),
            on=build.NEXT_TUESDAY,
            post=build.campaign().post("office_director"),
            is_escalation=True,
        ),
    ),
    "record due, 120 records": (K.RECORD_DUE, build.record_due(120)),
    "milestone in danger": (K.MILESTONE, build.milestone()),
    "milestone, nothing done, last time": (
        K.MILESTONE,
        build.milestone(
            projection=build.projection(
                reached=0,
                pace=Decimal(0),
                average=Decimal(0),
                needed=Decimal("23.2"),
                days_left=5,
                projected_on=None,
                level=4,
            ),
            on=date(2024, 8, 23),
            is_last=True,
        ),
    ),
    "milestone, many branches": (
        K.MILESTONE,
        build.milestone(branches=tuple((f"示例{number}分局", 60 - number) for number in range(1, 31))),
    ),
    "milestone of clues": (
        K.MILESTONE,
        build.milestone(projection=build.projection(unit="条"), teams=(("—", 86),)),
    ),
    "office task, step begins": (
        K.OFFICE_TASK,
        build.office_task(matter=OfficeMatter.STEP_BEGINS, on=date(2024, 4, 26), working_days_left=20),
    ),
    "office task, step ends": (K.OFFICE_TASK, build.office_task()),
    "office task, vacant posts": (
        K.OFFICE_TASK,
        build.office_task(
            matter=OfficeMatter.VACANT_POSTS,
            title="动员部署阶段",
            starts_on=None,
            text="人员如有变动，由成员单位相应岗位人员自行递补并报领导小组办公室备案，不再另行发文。",
            lines=(("专项整治领导小组副组长", "示例旗公安局"), ("联络岗", "示例旗财政局")),
        ),
    ),
    "office task, sums of returns": (
        K.OFFICE_TASK,
        build.office_task(
            matter=OfficeMatter.SUMMED_UP,
            title="专项行动进展情况表（2024年5月）",
            starts_on=None,
            due_text="上报“专项整治工作数据”（2024年5月）截止前3个工作日",
            text="专项行动进展情况表（2024年5月）已报10家，未报2家（甲分局、乙分局），其数据未计入合计。与台账不一致3处，见附件。",
            lines=(("甲分局", "待报"), ("乙分局", "已退回待重报")),
            attachments=("专项行动进展情况表汇总_2024年5月_20240528.xlsx",),
        ),
    ),
    "office task, major case": (
        K.OFFICE_TASK,
        build.office_task(
            matter=OfficeMatter.MAJOR_CASE,
            title="重大案件上报",
            starts_on=None,
            due_on=build.TUESDAY,
            working_days_left=0,
            due_text="如遇查处的重大案件及时上报市医疗保障局",
            text="如遇查处的重大案件及时上报市医疗保障局",
            lines=(("AJ-150626-2024-0001", "经集体讨论，涉及骗取医保基金"),),
        ),
    ),
    "office task, batch of clues": (
        K.OFFICE_TASK,
        build.office_task(
            matter=OfficeMatter.CLUE_BATCH,
            title="疑点线索7条（2024年05月筛查）",
            starts_on=None,
            due_text="自接收之日起15个工作日内核查完毕",
            text="逐条开展核查，有线索必核查；查实的依法依规处理，不属实的写明理由",
            lines=(
                ("S05 分解住院", "5条，疑点金额12,000.00元"),
                ("S09 死亡后结算", "2条，疑点金额800.00元"),
            ),
            attachments=("大数据筛查疑点线索佐证附件_150626_20240506.xlsx",),
        ),
    ),
    "office task, daily": (
        K.OFFICE_TASK,
        build.office_task(
            matter=OfficeMatter.DAILY,
            title="专项行动“回头看”",
            starts_on=None,
            lines=(("登记举报", "6件"), ("已核实", "4件，尚有2件"), ("已回复", "3件，尚有3件")),
        ),
    ),
    "approval request": (K.APPROVAL_REQUEST, build.approval_request()),
    "approval request, all reached": (K.APPROVAL_REQUEST, build.approval_request(0, due_on=None)),
    "approval request without link": (K.APPROVAL_REQUEST, build.approval_request(link="", samples=())),
}
