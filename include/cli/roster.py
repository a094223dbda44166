"""The roster: check a workbook, import it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, content_of, day
from include.cli.faults import fail
from include.cli.output import findings, listed, print_json, say
from include.steps import roster as step

app = typer.Typer(help="定点医药机构名册。", no_args_is_help=True)

ACTOR = "命令行"


@app.command()
def hotlines(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """举报电话受理单位一览：单位、岗位、号码；号码在名册“岗位联系表”中登记，没有登记的逐个标明。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = step.hotlines(campaign, on=asked, using=using)
    if as_json:
        print_json([{"unit": unit, "post": post, "phone": phone} for unit, post, phone in found])
        return
    listed([(unit, post, phone or "号码未登记") for unit, post, phone in found])
    if not found:
        say("本专项行动没有举报电话接听岗位")


@app.command("import")
def import_roster(
    file: Annotated[Path, typer.Argument(help="名册工作簿", metavar="文件")],
    campaign_id: CampaignId,
    on: On = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不导入")] = False,
    as_json: AsJson = False,
) -> None:
    """导入名册：首次导入锁定为基数，以后作为调整；有错的行不导入并逐行列明，退出码为1。"""
    campaign, asked, content = campaign_of(campaign_id), day(on), content_of(file)
    with at_work() as using:
        reviewed = step.review(campaign, content, on=asked, using=using)
        entered = {}
        if reviewed.units and not dry_run:
            entered = step.enter(campaign, content, reviewed, on=asked, actor=ACTOR, using=using)
    if as_json:
        print_json(
            {
                "units": len(reviewed.units),
                "holders": len(reviewed.holders),
                "errors": len(reviewed.errors),
                "findings": reviewed.findings,
                "entered": entered,
            }
        )
    else:
        findings(reviewed.findings)
        say(
            f"可导入单位{len(reviewed.units)}家、岗位{len(reviewed.holders)}个；须改正{len(reviewed.errors)}处。"
        )
        done = "，".join(f"{name}{number}" for name, number in entered.items())
        say(f"已导入：{done}。" if entered else "只检查，未导入。" if dry_run else "未导入。")
    if not reviewed.units:
        raise fail("名册中没有可以导入的单位，请按列出的问题修改后重新导入")
    if reviewed.errors:
        raise typer.Exit(1)
