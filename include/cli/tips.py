"""Who gave a tip: looked up for a reason, on record; its key changed."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.common import AsJson, By, CampaignId, On, Reason, at_work, campaign_of, day
from include.cli.output import heading, listed, print_json, say
from include.steps import tipster as step

app = typer.Typer(help="举报人信息：因办理需要逐件查看（须写明理由并留痕）、更换密钥。", no_args_is_help=True)

ACTOR = "命令行"


@app.command()
def identity(
    campaign_id: CampaignId,
    number: Annotated[str, typer.Option("--number", help="举报登记编号，如 3", metavar="编号")],
    reason: Reason,
    by: By,
    on: On = None,
) -> None:
    """查看一件举报的举报人信息：须写明理由和岗位，先留痕后显示；只显示在屏幕上，不写入任何文件。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = step.identity(campaign, number, reason=reason, by=by, on=asked, using=using)
    heading(f"举报登记编号{number}的举报人信息（本次查看已留痕，不得转发）")
    listed(list(found.items()))


@app.command()
def reseal(on: On = None, as_json: AsJson = False) -> None:
    """更换密钥：DUBAN_TIPSTER_KEY 写成“新密钥,旧密钥”后运行，全部改用新密钥加密；完成后删去旧密钥。"""
    with at_work() as using:
        number = step.reseal(on=day(on), actor=ACTOR, using=using)
    if as_json:
        print_json({"resealed": number})
    else:
        say(f"已用新密钥重新加密{number}条举报人信息，现在可以从 DUBAN_TIPSTER_KEY 中删去旧密钥。")
