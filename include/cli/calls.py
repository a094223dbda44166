"""Telephone calls: write the list to be called, take back the filled one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, By, CampaignId, On, at_work, campaign_of, content_of, day
from include.cli.output import findings, print_json, say
from include.domain.glances import Show, UnitsAsked
from include.steps import calls as step
from include.steps import named

app = typer.Typer(help="电话催办：电话催办表的下载和交回。", no_args_is_help=True)

ACTOR = "命令行"


@app.command("list")
def to_call(
    campaign_id: CampaignId,
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件", metavar="文件")],
    show: Annotated[
        Show, typer.Option("--show", help="列哪些单位：to_call 电话待联系，overdue 逾期未报，owing 未办结")
    ] = Show.TO_CALL,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """写出电话催办表：单位、电话、催办事项和此前通话已填好，通话后填写右边几栏，用 calls import 交回。"""
    campaign, asked_day = campaign_of(campaign_id), day(on)
    with at_work() as using:
        asked = UnitsAsked(campaign.id, asked_day, show=show, told_since=step.told_since(asked_day, using))
        lines = using.ledger.glances.units(asked, limit=step.MOST_UNITS + 1, offset=0)
        content = step.workbook(campaign, [each.code for each in lines], on=asked_day, using=using)
    out.write_bytes(content)
    if as_json:
        print_json({"units": len(lines), "file": str(out)})
    else:
        say(f"已写出{len(lines)}家：{out}")


@app.command("import")
def import_calls(
    file: Annotated[Path, typer.Argument(help="填好的电话催办表", metavar="文件")],
    campaign_id: CampaignId,
    by: By,
    on: On = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不登记")] = False,
    as_json: AsJson = False,
) -> None:
    """登记填好的电话催办表：一处有误整张不登记并逐格列明，退出码为1；登记过的通话不重复登记。"""
    campaign, asked, content = campaign_of(campaign_id), day(on), content_of(file)
    with at_work() as using:
        reviewed = step.review(campaign, content, by=by, on=asked, using=using)
        entered = 0
        if not dry_run and not reviewed.errors:
            actor = named.signed(named.post(campaign, by), ACTOR)
            entered = step.enter(campaign, reviewed, on=asked, actor=actor, using=using)
    if as_json:
        print_json(
            {
                "calls": len(reviewed.calls),
                "known": reviewed.known,
                "blank": reviewed.blank,
                "findings": reviewed.findings,
                "entered": entered,
            }
        )
    else:
        findings(reviewed.findings)
        told = f"可登记{len(reviewed.calls)}次，已登记过的{reviewed.known}次，没有填写的{reviewed.blank}行。"
        say(told + (f"已登记{entered}次。" if entered else "没有登记。"))
    if reviewed.errors:
        raise typer.Exit(1)
