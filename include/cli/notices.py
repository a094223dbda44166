"""Reminders: who would be written to, and how the mails would look."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, OutFolder, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import heading, listed, plain, print_json, say
from include.domain.campaign import PhaseKind
from include.domain.notices import Message
from include.domain.plans import PlanLine, Reason
from include.steps import plan, rehearse
from include.steps.show import sentence

reminders = typer.Typer(help="催报：某一天该发给谁、为什么。", no_args_is_help=True)
app = typer.Typer(help="邮件样件。", no_args_is_help=True)


@reminders.callback()
def _reminders() -> None:
    """Keep ``due`` a command of its own."""


@app.callback()
def _notices() -> None:
    """Keep ``preview`` a command of its own."""


@reminders.command()
def due(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """列出某一天拟发给谁、为什么，谁不发、为什么；不登记、不发送。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        planned = [
            (phase, line)
            for phase in campaign.phases_of(PhaseKind.SELF_CHECK)
            for line in plan.preview(campaign, phase, on=asked, using=using)
        ]
    if as_json:
        print_json(
            [plain(line) | {"phase": phase.key, "why": sentence(campaign, line)} for phase, line in planned]
        )
        return
    by_why: dict[str, list[PlanLine]] = {}
    for _, line in sorted(planned, key=lambda item: item[1].reason is not Reason.SEND):
        by_why.setdefault(sentence(campaign, line), []).append(line)
    sent = sum(line.reason is Reason.SEND for _, line in planned)
    heading(f"{asked} 催报预演：拟发送{sent}家，不发送{len(planned) - sent}家")
    for why, lines in by_why.items():
        say(f"{why}：{len(lines)}家")
        listed([(line.unit_code, line.unit_name) for line in lines])
    if not planned:
        say("没有可以列出的单位：自查自纠阶段尚未开始，或名册尚未导入、报送任务尚未开列。")


@app.command()
def preview(
    campaign_id: CampaignId,
    out: OutFolder,
    on: On = None,
    limit: Annotated[int, typer.Option("--limit", help="最多生成几封", min=1, metavar="封数")] = 20,
    as_json: AsJson = False,
) -> None:
    """把某一天拟发的邮件生成到文件夹，逐封查看；不登记、不发送。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    written = []
    with TemporaryDirectory() as scratch, at_work(archive=scratch) as using:
        mails: Iterator[Message] = (
            message
            for phase in campaign.phases_of(PhaseKind.SELF_CHECK)
            for message in rehearse.mails(campaign, phase, on=asked, using=using)
        )
        for number, message in enumerate(islice(mails, limit), start=1):
            folder = out / f"{number:03d}"
            _write(folder, message)
            written.append({"folder": folder, "to": message.to, "subject": message.subject})
    if as_json:
        print_json(written)
    elif written:
        say(f"已生成{len(written)}封样件：{out}")
    if not written:
        raise fail(f"{asked} 没有拟发的邮件；原因可用 reminders due 查看")


def _write(folder: Path, message: Message) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "主题.txt").write_text(f"{message.subject}\n", encoding="utf-8")
    (folder / "正文.html").write_text(message.html, encoding="utf-8")
    (folder / "正文.txt").write_text(message.text, encoding="utf-8")
    for attachment in message.attachments:
        (folder / attachment.name).write_bytes(attachment.content)
