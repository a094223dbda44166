"""The form an admin fills in before starting a DAG by hand."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param

from include.campaigns.registry import load_calendar
from include.domain.campaign import Campaign, UpwardReport
from include.domain.occasions import occasions

AUTO_STEP = "auto"
SECTION = "办理选项"
DIALECT = "http://json-schema.org/draft-07/schema#"
"""Airflow checks the schema of every parameter anew for every DAG; by the rules of the newest dialect, its default,
that takes four times as long."""


def day_params() -> dict[str, Param]:
    """The day a run by hand is for."""
    return {
        "on": param(
            None,
            type=["null", "string"],
            format="date",
            title="按哪一天办理",
            description="留空即按运行当天（北京时间）。补办某一天时填写，如 2024-05-24。",
        )
    }


def dry_run_param(description: str) -> dict[str, Param]:
    """Whether a run by hand only shows what it would do."""
    return {"dry_run": param(True, type="boolean", title="只预演，不登记", description=description)}


def phase_params(campaign: Campaign) -> dict[str, Param]:
    """The form an admin sees before starting a phase by hand. Looking is the default, not sending."""
    steps = {step.key: step.title for step in campaign.ladder}
    return day_params() | {
        "dry_run": param(
            True,
            type="boolean",
            title="只预演，不发送",
            description="开启时只列出拟发给谁、为什么，不登记也不发送任何邮件。确认名单无误后关闭再运行。",
        ),
        "units": param(
            None,
            type=["null", "array"],
            items={"type": "string"},
            title="只办理这些单位",
            description="每行一个机构编码；留空即全部单位。",
        ),
        "step": param(
            AUTO_STEP,
            type="string",
            enum=[AUTO_STEP, *steps],
            values_display={AUTO_STEP: "按日期自动确定", **steps},
            title="催报档次",
            description="通常保持自动：发送已到而未发的最高一档。任何一档对同一单位只发一次。",
        ),
    }


def report_params(campaign: Campaign, report: UpwardReport) -> dict[str, Param]:
    """The form before a report is compiled by hand: which occasion, or what happened."""
    of_report = _event_params() if report.cadence == "on_event" else _occasion_params(campaign, report)
    return (
        day_params()
        | {
            "dry_run": param(
                True,
                type="boolean",
                title="只预演，不送签",
                description="开启时只显示将编制的数据，不登记、不送签、不发送。核对无误后关闭再运行。",
            )
        }
        | of_report
        | {
            "again": param(
                "",
                type="string",
                format="multiline",
                title="更正或重新送签的理由",
                description="通常留空。被退回后数据未变而须重新送签，或已报送的材料须更正的，写明理由；已报送的编为更正版。",
            ),
            "action": param(
                "compile",
                type="string",
                enum=["compile", "receipt"],
                values_display={"compile": "编制并送签", "receipt": "登记上级签收"},
                title="办理事项",
            ),
            "note": param(
                "",
                type="string",
                title="签收依据",
                description="登记上级签收时填写，如“上级接收岗来电确认”；上级回复上报邮件的，系统自动登记。",
            ),
        }
    )


def _occasion_params(campaign: Campaign, report: UpwardReport) -> dict[str, Param]:
    titles = {each.key: each.title for each in occasions(campaign, report, load_calendar())}
    return {
        "occasion": param(
            AUTO_STEP,
            type="string",
            enum=[AUTO_STEP, *titles],
            values_display={AUTO_STEP: "按日期自动确定", **titles},
            title="报送期次",
            description="通常保持自动：运行当天所在编制期的一期。",
        )
    }


def _event_params() -> dict[str, Param]:
    return {
        "title": param(
            "", type="string", maxLength=100, title="事项标题", description="如“某定点医疗机构涉嫌骗保案”。"
        ),
        "facts": param(
            "",
            type="string",
            format="multiline",
            maxLength=5000,
            title="基本情况",
            description="时间、经过、涉及金额、已采取的措施。不得填写患者、举报人的姓名、身份证号、电话等个人信息。",
        ),
        "number": param(
            "",
            type="string",
            maxLength=64,
            title="相关案件、线索编号",
            description="台账中的编号；没有的留空。",
        ),
    }


def param(default: object, *, section: str = SECTION, **schema: Any) -> Param:
    """A field of the form, described by JSON Schema and the words Airflow's form adds to it."""
    return Param(default, section=section, **schema, **{"$schema": DIALECT})
