"""Reminders and the outbox: who would be written to, how the mails would look, what has become of them."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, Out, at_work, campaign_of, day, fail, show, show_table
from include.domain.campaign import PhaseKind
from include.domain.plans import Reason
from include.steps import plan, rehearse
from include.steps.show import sentence

reminders = typer.Typer(help="催报：今天该发给谁、为什么。", no_args_is_help=True)
app = typer.Typer(help="邮件样件。", no_args_is_help=True)


@reminders.callback()
def _reminders() -> None:
    """Keep ``due`` a command of its own."""


@app.callback()
def _notices() -> None:
    """Keep ``preview`` a command of its own."""


@reminders.command()
def due(campaign_id: CampaignId, on: On, as_json: AsJson = False) -> None:
    """列出某一天拟发给谁、为什么，谁不发、为什么；不登记、不发送。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        lines = [
            line
            for phase in campaign.phases_of(PhaseKind.SELF_CHECK)
            for line in plan.preview(campaign, phase, on=day(on), using=using)
        ]
    if not as_json:
        show_table(
            f"{on} 催报预演：拟发送{sum(line.reason is Reason.SEND for line in lines)}家",
            ["机构编码", "机构名称", "结论"],
            [[line.unit_code, line.unit_name, sentence(campaign, line)] for line in lines],
        )
    show(lines, as_json=as_json)


@app.command()
def preview(
    campaign_id: CampaignId,
    on: On,
    out: Out,
    limit: Annotated[int, typer.Option("--limit", help="最多生成几封")] = 20,
) -> None:
    """把某一天拟发的邮件生成到文件夹，逐封查看；不登记、不发送。"""
    campaign = campaign_of(campaign_id)
    out.mkdir(parents=True, exist_ok=True)
    written = 0
    with at_work() as using:
        for phase in campaign.phases_of(PhaseKind.SELF_CHECK):
            for message in rehearse.mails(campaign, phase, on=day(on), using=using):
                if written >= limit:
                    break
                written += 1
                folder = out / f"{written:03d}"
                folder.mkdir(exist_ok=True)
                (folder / "主题.txt").write_text(f"{message.subject}\n", encoding="utf-8")
                (folder / "正文.html").write_text(message.html, encoding="utf-8")
                (folder / "正文.txt").write_text(message.text, encoding="utf-8")
                for attachment in message.attachments:
                    (folder / attachment.name).write_bytes(attachment.content)
    if not written:
        raise fail(f"{on} 没有拟发的邮件")
    typer.echo(f"已生成{written}封样件：{out}")


def outbox(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """发件记录：各类邮件各有多少封处于什么状态，逐封列出。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        rows = using.ledger.outbox.rows(campaign.id)
    if not as_json:
        show_table(
            f"发件记录（{len(rows)}封）",
            ["类别", "单位或岗位", "登记日", "状态", "说明"],
            [[r.kind.zh, r.unit_code or r.post_key, r.planned_on, r.state.zh, r.detail] for r in rows],
        )
    show(rows, as_json=as_json)
