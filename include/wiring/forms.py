"""The form an admin fills in before starting a DAG by hand."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param

from include.domain.campaign import Campaign

AUTO_STEP = "auto"
SECTION = "办理选项"
DIALECT = "http://json-schema.org/draft-07/schema#"
"""Airflow checks the schema of every parameter anew for every task of a DAG; by the rules of the newest
dialect, its default, that takes four times as long and is most of what reading hundreds of DAGs costs."""


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


def param(default: object, *, section: str = SECTION, **schema: Any) -> Param:
    """A field of the form, described by JSON Schema and the words Airflow's form adds to it."""
    return Param(default, section=section, **schema, **{"$schema": DIALECT})
