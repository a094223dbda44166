"""Letters for tests: synthetic facts of a small campaign, every field replaceable by keyword."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from include.domain.campaign import Campaign, Milestone
from include.domain.inbound import SEND_AS_ATTACHMENT
from include.domain.ladder import Step
from include.domain.letters import (
    ApprovalRequestLetter,
    ChangeLine,
    Deadline,
    DeliveryAlarmLetter,
    DigestLetter,
    DoubtfulMail,
    EscalationLetter,
    FigureLine,
    Letter,
    MilestoneLetter,
    NotNotifiedLetter,
    Office,
    OfficeMatter,
    OfficeTaskLetter,
    OverdueLine,
    OwingLine,
    QuotaUse,
    RecordDueLetter,
    RecordLine,
    ReportLetter,
    ReturnLetter,
    SampleMail,
    SignOffLetter,
    SignOffPurpose,
    SuspendedAddress,
    UnitLetter,
    Unreached,
    UnusableLetter,
)
from include.domain.milestones import Projection, Standing
from include.domain.model import Severity, UnitKind
from include.domain.notices import NoticeKind
from include.domain.reports import Event
from include.domain.returns import SENT_BACK_BY_HAND, Finding
from include.domain.units import Unit

FRIDAY = date(2024, 5, 31)
"""The due date of the self-check."""
TUESDAY = date(2024, 5, 28)
NEXT_TUESDAY = date(2024, 6, 4)
FORM = "自查自纠情况表"
SHA256 = "5f3c" * 16
WORKBOOK = f"H15062600001_示例旗人民医院_{FORM}.xlsx"
CALENDAR_FILE = "报送截止日期.ics"

OFFICE = Office(
    name="示例旗医疗保障局", mailbox="ybj@office.example", phone="0000-0000000", post="基金监管岗"
)

CAMPAIGN_FACTS: dict[str, Any] = {
    "id": "sample_2024",
    "title": "2024年示例旗医保基金违法违规问题专项整治",
    "short_title": "2024年医保基金专项整治",
    "kind": "special_rectification",
    "structure": "phases",
    "level": "county",
    "region": "150626",
    "region_name": "示例旗",
    "notice": {
        "title": "关于印发《2024年示例旗医保基金违法违规问题专项整治工作方案》的通知",
        "doc_no": "示医保发〔2024〕8号",
        "issued_on": "2024-05-06",
        "issuers": ["示例旗医疗保障局"],
        "addressees": ["各定点医药机构"],
        "publicity": "not_stated",
    },
    "lead": {"name": "示例旗医疗保障局", "short_name": "旗医保局", "region_code": "150626"},
    "upper": {"name": "示例市医疗保障局", "short_name": "市医保局", "region_code": "150600"},
    "goals": ["坚持监督检查全覆盖与突出重点相结合。", "严厉打击虚假诊疗、虚假购药、倒卖医保药品等行为。"],
    "supervised": ["medical_institution", "retail_pharmacy"],
    "data_window": {"start": "2021-05-01", "text": "自《条例》实施以来"},
    "span_text": "自2024年5月至12月",
    "phases": [
        {
            "key": "mobilization",
            "title": "动员部署阶段",
            "kind": "mobilization",
            "start": "2024-05-01",
            "due": "2024-05-20",
            "due_text": "5月中旬完成",
            "text": "成立专项整治领导小组，明确职责分工。",
        },
        {
            "key": "self_check",
            "title": "自查自纠阶段",
            "kind": "self_check",
            "start": "2024-05-01",
            "due": "2024-05-31",
            "due_text": "5月底完成",
            "text": "各定点医药机构对照问题清单开展自查自纠，举一反三，立即整改。",
            "returns": [
                {
                    "form": "self_check_return",
                    "title": FORM,
                    "owed_by": ["medical_institution", "retail_pharmacy"],
                    "stamped_scan": True,
                    "text": "各定点医药机构对照问题清单开展自查自纠",
                }
            ],
        },
        {
            "key": "inspection",
            "title": "集中整治阶段",
            "kind": "inspection",
            "start": "2024-06-01",
            "due": "2024-10-31",
            "due_text": "10月底完成",
            "text": "检查覆盖面8月底前完成80%，10月底前完成100%。",
        },
    ],
    "reports": [
        {
            "key": "quarterly",
            "title": "医保基金工作情况统计表",
            "to": "示例市医疗保障局",
            "cadence": "once",
            "due": "2024-06-30",
            "due_text": "按季度上报市医保局",
            "tables": ["医保基金工作情况统计表"],
        }
    ],
    "focus": [
        {"subject": "medical_institution", "items": ["骨科、血液净化等重点领域整改情况", "药品耗材网采情况"]},
        {"subject": "retail_pharmacy", "items": ["虚假购药", "串换药品"]},
    ],
    "departments": [{"name": "医保部门", "duty": "负责牵头开展专项整治", "is_lead": True}],
    "posts": [
        {
            "key": "office_director",
            "role": "office_director",
            "title": "专项整治领导小组办公室主任",
            "unit": "示例旗医疗保障局",
        }
    ],
    "rules": {"self_check": ["自查不认真、隐瞒不报的，责令整改并依法依规严肃处理。"]},
    "ladder": [
        {"key": "before_3", "offset": -3, "title": "截止前3个工作日提醒"},
        {
            "key": "after_2",
            "offset": 2,
            "title": "逾期2个工作日催报",
            "to_posts": ["office_director"],
            "consequence": "对敷衍了事、隐瞒不报的，将责令整改并列为重点检查对象",
        },
    ],
}


def campaign(**changes: Any) -> Campaign:
    return Campaign.model_validate(CAMPAIGN_FACTS | changes)


def unit(**changes: Any) -> Unit:
    facts: dict[str, Any] = {
        "code": "H15062600001",
        "name": "示例旗人民医院",
        "kind": UnitKind.MEDICAL_INSTITUTION,
        "region_code": "150626",
    }
    return Unit.model_validate(facts | changes)


def deadline(working_days_left: int = 3, due_on: date = FRIDAY) -> Deadline:
    return Deadline(due_on=due_on, due_text="5月底完成", working_days_left=working_days_left)


def unit_letter(**changes: Any) -> UnitLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": TUESDAY,
        "unit": unit(),
        "phase": campaign().phase("self_check"),
        "form_title": FORM,
        "deadline": deadline(),
        "scan_required": True,
        "state": "待报",
    }
    return UnitLetter(**(facts | changes))


def announcement(**changes: Any) -> UnitLetter:
    facts: dict[str, Any] = {
        "phase": campaign().phase("mobilization"),
        "deadline": None,
        "state": "",
        "scan_required": False,
        "form_title": "",
    }
    return unit_letter(**(facts | changes))


def launch(**changes: Any) -> UnitLetter:
    facts: dict[str, Any] = {
        "on": date(2024, 5, 20),
        "deadline": deadline(9),
        "attachments": (WORKBOOK, CALENDAR_FILE),
    }
    return unit_letter(**(facts | changes))


def overdue(**changes: Any) -> UnitLetter:
    facts: dict[str, Any] = {
        "on": NEXT_TUESDAY,
        "deadline": deadline(-2),
        "step": campaign().step("after_2"),
    }
    return unit_letter(**(facts | changes))


def return_letter(**changes: Any) -> ReturnLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": TUESDAY,
        "unit": unit(),
        "phase": campaign().phase("self_check"),
        "form_title": FORM,
        "deadline": deadline(),
        "file_name": f"H15062600001_示例旗人民医院_{FORM}_20240528.xlsx",
        "sha256": SHA256,
        "received_at": datetime(2024, 5, 28, 1, 5, tzinfo=UTC),
        "scan_required": True,
    }
    return ReturnLetter(**(facts | changes))


def receipt(**changes: Any) -> ReturnLetter:
    facts: dict[str, Any] = {"receipt_no": "HZ-SAMPLE2024-20240528-000012", "has_scan": True}
    return return_letter(**(facts | changes))


def returned(**changes: Any) -> ReturnLetter:
    facts: dict[str, Any] = {
        "errors": findings(3),
        "attachments": (f"H15062600001_示例旗人民医院_{FORM}_20240528_退回说明.xlsx",),
    }
    return return_letter(**(facts | changes))


def findings(count: int, severity: Severity = Severity.ERROR) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            rule="amount_is_number",
            message=f"第{row}行“违规金额(元)”应填数字，不带单位；请将“{row}万元”改为以元为单位的数字",
            severity=severity,
            sheet="自查问题明细",
            cell=f"K{row}",
            header="违规金额(元)",
            value=f"{row}万元",
        )
        for row in range(7, 7 + count)
    )


def review_finding() -> Finding:
    """Why the office sends an accepted return back."""
    reason = "5月份门诊药品费与申报结算数不符，请逐条核对后重报"
    return Finding(SENT_BACK_BY_HAND, f"2024年5月28日复核退回（旗医保局经办岗）：{reason}。")


def overdue_lines(count: int) -> tuple[OverdueLine, ...]:
    return tuple(
        OverdueLine(
            unit_code=f"P150626{number:05d}",
            unit_name=f"示例第{number}大药房",
            kind="定点零售药店",
            state="待报" if number % 3 else "已退回待重报",
            due_on=FRIDAY,
            days_overdue=2,
            notices_sent=number % 4,
            phone="0000-0000000" if number % 2 else "",
            calls=number % 2,
            last_call="2024-05-31 09:30 承诺报送（2024-06-03）" if number % 2 else "",
        )
        for number in range(1, count + 1)
    )


def escalation(count: int = 3, **changes: Any) -> EscalationLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": NEXT_TUESDAY,
        "form_title": FORM,
        "due_on": FRIDAY,
        "expected": 144,
        "accepted": 144 - count,
        "lines": overdue_lines(count),
        "unreachable": 0,
        "phase": campaign().phase("self_check"),
        "post": campaign().post("office_director"),
        "step": campaign().step("after_2"),
    }
    return EscalationLetter(**(facts | changes))


def owing_lines(count: int, **changes: Any) -> tuple[OwingLine, ...]:
    """Pharmacies that have sent nothing, only the table, or one with errors, in turn."""
    situations: tuple[dict[str, Any], ...] = (
        {"state": "待报"},
        {"state": "材料不全"},
        {"state": "已退回待重报", "errors": 4},
    )
    return tuple(
        OwingLine(
            **{
                "unit_code": f"P150626{number:05d}",
                "unit_name": f"示例第{number}大药房",
                "form_title": FORM,
                "deadline": deadline(),
                "scan_required": True,
                "workbook": f"P150626{number:05d}_示例第{number}大药房_{FORM}.xlsx",
                **situations[number % 3],
                **changes,
            }
        )
        for number in range(1, count + 1)
    )


def digest(count: int = 3, **changes: Any) -> DigestLetter:
    lines = changes.pop("lines", owing_lines(count))
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": TUESDAY,
        "phase": campaign().phase("self_check"),
        "lines": lines,
        "attachments": tuple(line.workbook for line in lines if line.workbook),
    }
    return DigestLetter(**(facts | changes))


REASONS = ("名册没有登记邮箱", "邮箱不存在，已停用", "被对方邮件服务器拒收：552 超过大小限制")


def unreached(count: int) -> tuple[Unreached, ...]:
    return tuple(
        Unreached(
            unit_code=f"P150626{number:05d}",
            unit_name=f"示例第{number}大药房",
            reason=REASONS[number % 3],
            phone="0000-0000000" if number % 4 else "",
            last_call="" if number % 3 else "2024-05-31 09:30 无人接听",
        )
        for number in range(1, count + 1)
    )


def _to_staff(**changes: Any) -> dict[str, Any]:
    return {
        "campaign": campaign(),
        "office": OFFICE,
        "on": TUESDAY,
        "phase": campaign().phase("self_check"),
        "post": campaign().post("office_director"),
        "step_title": "截止前3个工作日提醒",
    } | changes


def not_notified(count: int = 3, **changes: Any) -> NotNotifiedLetter:
    facts = _to_staff(
        expected=144,
        sent=120,
        not_needed=(("已校验通过", 144 - 120 - 1 - count), ("免报", 1)),
        lines=unreached(count),
    )
    return NotNotifiedLetter(**(facts | changes))


def delivery_alarm(**changes: Any) -> DeliveryAlarmLetter:
    facts = _to_staff(planned=144, sent=120, skipped=20, failed=2, in_doubt=doubtful(2))
    return DeliveryAlarmLetter(**(facts | changes))


def doubtful(count: int) -> tuple[DoubtfulMail, ...]:
    return tuple(
        DoubtfulMail(
            recipient=f"示例第{number}大药房（P150626{number:05d}）",
            kind="报送提醒",
            handed_at=datetime(2024, 5, 28, 1, number % 60, tzinfo=UTC) if number % 2 else None,
            detail="邮件正文已开始发送，但未得到服务器答复" if number % 2 else "",
        )
        for number in range(1, count + 1)
    )


def quota(**changes: Any) -> QuotaUse:
    facts: dict[str, Any] = {"allowed": 100, "used": 100, "waiting": 44, "finished_on": date(2024, 5, 29)}
    return QuotaUse(**(facts | changes))


def suspended(count: int) -> tuple[SuspendedAddress, ...]:
    return tuple(
        SuspendedAddress(
            unit_code=f"P150626{number:05d}",
            unit_name=f"示例第{number}大药房",
            address=f"p{number}@unit.example",
            since=TUESDAY,
            detail="550 5.1.1 用户不存在",
            phone="0000-0000000" if number % 2 else "",
        )
        for number in range(1, count + 1)
    )


def approval_request(count: int = 3, **changes: Any) -> ApprovalRequestLetter:
    facts = _to_staff(
        count=312,
        decide_by=datetime(2024, 5, 30, 1, 0, tzinfo=UTC),
        samples=tuple(
            SampleMail(
                recipient=f"示例第{number}大药房",
                subject=f"【医保自查】请于5月31日前报送自查报告（剩余3个工作日）—示例第{number}大药房",
                text=f"示例第{number}大药房：\n\n　　目前尚未收到贵单位报送的《{FORM}》。\n",
            )
            for number in (1, 2, 3)
        ),
        lines=unreached(count),
        link="https://desk.office.example/dags/sample_2024__self_check",
        due_on=FRIDAY,
    )
    return ApprovalRequestLetter(**(facts | changes))


def report(**changes: Any) -> ReportLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": date(2024, 6, 28),
        "report": campaign().report("quarterly"),
        "edition": 1,
        "figures": (
            FigureLine("应报单位", "144", "家"),
            FigureLine("已报单位", "141", "家"),
            FigureLine("违规金额", "123.45", "万元"),
        ),
        "attachments": ("医保基金工作情况统计表_第1版.xlsx",),
        "occasion_title": "2024年第二季度",
        "due_on": date(2024, 7, 5),
    }
    return ReportLetter(**(facts | changes))


CHANGES = (
    ChangeLine("违规金额（元）", "123.45", "223.45", "+100.00"),
    ChangeLine("违规金额：重复收费（元）", "", "100.00", "+100.00"),
)
EVENT = Event(
    "某定点医疗机构涉嫌伪造住院资料（模拟）",
    "2024年6月20日现场检查发现疑似伪造住院资料，涉及医保基金126,000.00元。\n已立案，资料已先行登记保存。",
    "AJ-2024-0003",
)


def sign_off(purpose: str = "ask", **changes: Any) -> SignOffLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": date(2024, 7, 3),
        "post": campaign().post("office_director"),
        "upward": campaign().report("quarterly"),
        "purpose": SignOffPurpose(purpose),
        "hand": "复核",
        "edition": "第2版",
        "occasion_title": "2024年第二季度",
        "due_on": date(2024, 7, 5),
        "figures": report().figures,
        "changes": CHANGES,
        "changes_against": "第1版",
        "files": ("示例_第2版.xlsx", "示例_第2版.docx"),
        "decide_by": datetime(2024, 7, 5, 2, 0, tzinfo=UTC) if purpose in ("ask", "remind") else None,
        "link": "https://desk.office.example/dags/sample__report__quarterly/runs/x/tasks/sign_reviewed"
        if purpose in ("ask", "remind")
        else "",
    }
    return SignOffLetter(**(facts | changes))


def unusable(**changes: Any) -> UnusableLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": TUESDAY,
        "unit": unit(),
        "phase": campaign().phase("self_check"),
        "subject": "自查报告",
        "received_at": datetime(2024, 5, 28, 1, 30, tzinfo=UTC),
        "advice": SEND_AS_ATTACHMENT,
        "deadline": deadline(3),
    }
    return UnusableLetter(**(facts | changes))


def record_lines(count: int, **changes: Any) -> tuple[RecordLine, ...]:
    facts: dict[str, Any] = {
        "what": "核查并办结",
        "due_on": FRIDAY,
        "working_days_left": 3,
        "state": "核查中",
        "source": "线索下发时确定的核查期限",
    }
    return tuple(
        RecordLine(number=f"XS-150626-20240510-{number:04d}", **(facts | changes))
        for number in range(1, count + 1)
    )


def record_due(count: int = 3, **changes: Any) -> RecordDueLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": TUESDAY,
        "post": campaign().post("office_director"),
        "register_title": "疑点线索台账",
        "lines": record_lines(count),
    }
    return RecordDueLetter(**(facts | changes))


def projection(**changes: Any) -> Projection:
    facts: dict[str, Any] = {
        "milestone": Milestone.model_validate(
            {
                "key": "coverage_80",
                "phase": "inspection",
                "title": "定点医药机构检查完成80%",
                "indicator": "inspection_coverage",
                "target": "0.80",
                "due": "2024-08-31",
                "due_text": "8月底前完成80%",
            }
        ),
        "standing": Standing.ENDANGERED,
        "total": 144,
        "target": 116,
        "reached": 30,
        "unit": "家",
        "days_left": 44,
        "pace": Decimal("1.2"),
        "average": Decimal("1.5"),
        "needed": Decimal("1.95"),
        "projected_on": date(2024, 10, 18),
        "level": 2,
    }
    return Projection(**(facts | changes))


def milestone(**changes: Any) -> MilestoneLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": date(2024, 7, 1),
        "phase": campaign().phase("inspection"),
        "post": campaign().post("office_director"),
        "projection": projection(),
        "branches": (("示例旗医保中心", 60), ("示例镇医保所", 54)),
        "teams": (("未排入检查计划", 90), ("第一检查组", 14), ("第二检查组", 10)),
        "attachments": ("未完成清单_定点医药机构检查完成80%_20240701.xlsx",),
    }
    return MilestoneLetter(**(facts | changes))


def office_task(**changes: Any) -> OfficeTaskLetter:
    facts: dict[str, Any] = {
        "campaign": campaign(),
        "office": OFFICE,
        "on": TUESDAY,
        "phase": campaign().phase("self_check"),
        "post": campaign().post("office_director"),
        "matter": OfficeMatter.STEP_ENDS,
        "title": "分级复查",
        "due_on": FRIDAY,
        "due_text": "5月底完成",
        "working_days_left": 3,
        "starts_on": date(2024, 5, 6),
        "text": "邀请财政、审计、卫生健康等部门共同参与，开展抽查复查",
    }
    return OfficeTaskLetter(**(facts | changes))


def step(**changes: Any) -> Step:
    return Step.model_validate({"key": "sample", "offset": -3, "title": "示例档次"} | changes)


EVERY_KIND: dict[NoticeKind, Letter] = {
    NoticeKind.ANNOUNCEMENT: announcement(),
    NoticeKind.LAUNCH: launch(),
    NoticeKind.REMINDER: unit_letter(),
    NoticeKind.OVERDUE: overdue(),
    NoticeKind.ESCALATION: escalation(),
    NoticeKind.RECEIPT: receipt(),
    NoticeKind.RETURNED: returned(),
    NoticeKind.INCOMPLETE: return_letter(),
    NoticeKind.UNUSABLE: unusable(),
    NoticeKind.REPORT: report(),
    NoticeKind.DIGEST: digest(),
    NoticeKind.NOT_NOTIFIED: not_notified(),
    NoticeKind.DELIVERY_ALARM: delivery_alarm(),
    NoticeKind.APPROVAL_REQUEST: approval_request(),
    NoticeKind.RECORD_DUE: record_due(),
    NoticeKind.SIGN_OFF: sign_off(),
    NoticeKind.MILESTONE: milestone(),
    NoticeKind.OFFICE_TASK: office_task(),
}
