"""What branches and departments reported for one occasion, as one table. Nothing is changed and nothing is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import heading, listed, print_json, say
from include.domain.campaign import Campaign, Phase
from include.domain.cumulative import items
from include.steps import assess as assess_step
from include.steps import consolidate as step


def consolidate(
    campaign_id: CampaignId,
    form: Annotated[str, typer.Option("--form", help="按期次报送的表，如 branch_progress", metavar="表名")],
    occasion: Annotated[str, typer.Option("--occasion", help="期次，如 202407、2024Q3", metavar="期次")],
    out: Annotated[
        Path | None, typer.Option("--out", help="把汇总工作簿写到哪个文件夹", metavar="文件夹")
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """汇总下级单位和成员单位一期所报的数据：合计、未报单位、与台账不一致之处；未报的不按零计入。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    phase = _phase(campaign, form)
    with at_work() as using:
        found = step.table(campaign, phase, form, occasion, on=asked, using=using)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            file = out / f"{found.form.title}汇总_{found.call.title}.xlsx"
            file.write_bytes(step.workbook(found, using))
    if as_json:
        print_json(_facts(found))
        return
    say(found.sentence)
    titles = {item.key: item for item in items(found.form)}
    heading("合计")
    listed([(titles[key].title, f"{total:,f}{titles[key].unit}") for key, total in found.totals.items()])
    if found.differences:
        heading(f"与台账不一致{len(found.differences)}处")
        listed(
            [
                (
                    each.unit_name,
                    each.title,
                    f"所报{each.reported:,f}{each.unit}",
                    f"台账{each.own:,f}{each.unit}",
                )
                for each in found.differences
            ]
        )


def assess(
    campaign_id: CampaignId,
    out: Annotated[
        Path | None, typer.Option("--out", help="把评分表写到哪个文件夹", metavar="文件夹")
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """对下级单位任务完成情况评分（年底考核参考）：逐家逐项列明应办、已办和得分；分值见专项配置，注明建议的须经办公室采用。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = assess_step.scores(campaign, on=asked, using=using)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"任务完成情况评分表_{asked}.xlsx").write_bytes(assess_step.workbook(found, using))
    if as_json:
        print_json(
            [
                {
                    "unit_code": each.unit_code,
                    "unit_name": each.unit_name,
                    "total": each.total,
                    "lines": [line.sentence for line in each.lines],
                }
                for each in found
            ]
        )
        return
    if campaign.assessment is not None and campaign.assessment.proposal:
        say("评分项目和分值为建议方案，以正式考核办法为准。")
    for each in found:
        heading(f"{each.unit_name}：{f'{each.total}分' if each.total is not None else '没有可以评分的事项'}")
        for line in each.lines:
            say(line.sentence, lead="  ")
    if not found:
        say("名册中没有需要评分的单位")


def _phase(campaign: Campaign, form: str) -> Phase:
    for phase in campaign.phases:
        if any(owed.form == form for owed in step.recurring(phase)):
            return phase
    known = [f"{owed.form}（{owed.title}）" for phase in campaign.phases for owed in step.recurring(phase)]
    raise fail(f"“{campaign.short_title}”没有按期次报送的表“{form}”；可选：{'、'.join(known) or '无'}")


def _facts(found: step.Table) -> dict[str, object]:
    return {
        "form": found.form.key,
        "occasion": found.call.occasion,
        "due": found.call.due,
        "reported": [each.unit_code for each in found.parts],
        "missing": [
            {"unit_code": each.unit_code, "unit_name": each.unit_name, "state": each.state}
            for each in found.missing
        ],
        "totals": dict(found.totals),
        "differences": [
            {
                "unit_code": each.unit_code,
                "title": each.title,
                "reported": each.reported,
                "own": each.own,
            }
            for each in found.differences
        ],
    }
