"""Mail: what the intake would make of a message, before it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, content_of, day
from include.cli.faults import fail
from include.cli.output import findings, heading, print_json, say
from include.domain.campaign import Campaign
from include.domain.inbound import ClaimBy, MessageKind, Unreadable
from include.settings import Settings
from include.steps import look, receive
from include.steps.check import ANSWERS
from include.steps.collect import end_of
from include.steps.look import Look
from include.steps.ports import Gateways
from include.steps.receive import SentFile, Understood

app = typer.Typer(help="来信识别。", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file of the message and the verdict on it."""

    file: SentFile
    look: Look

    @property
    def answer(self) -> str:
        kind = ANSWERS.get(self.look.verdict)
        return kind.zh if kind else "不答复，待办公室认领" if self.look.unit is None else "不单独答复"


@app.callback()
def _group() -> None:
    """Keep ``read`` a command of its own."""


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="一封邮件的原文（.eml）", metavar="邮件文件")],
    campaign_id: CampaignId,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """识别一封来信：是什么邮件、哪个单位的、依据是什么、有哪些附件、将怎样答复；不登记、不答复。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    raw = content_of(file)
    with at_work() as using:
        try:
            mail = using.mail_reader.read(raw)
        except Unreadable as why:
            raise fail(f"“{file.name}”：{why}") from why
        understood = receive.understand(
            [campaign],
            mail,
            mailbox=Settings().office_mailbox.lower(),
            at=end_of(asked),
            using=using,
        )
        seen = _looked_at(campaign, understood, asked, using)
    if as_json:
        print_json(_facts(understood, seen))
    else:
        _tell(understood, seen)


def _looked_at(campaign: Campaign, found: Understood, on: date, using: Gateways) -> list[_Seen]:
    named = [(each.name, each.content) for each in found.files]
    looks = look.at_files(
        campaign, named, on=on, using=using, sent={each.name: each.claim for each in found.files}
    )
    return [_Seen(each, seen) for each, seen in zip(found.files, looks, strict=True)]


def _facts(found: Understood, seen: list[_Seen]) -> dict[str, object]:
    mail, notice = found.mail, found.notice
    return {
        "kind": found.kind.value,
        "state": found.state.value,
        "from": mail.sender,
        "subject": mail.subject,
        "message_id": mail.message_id,
        "unit": found.unit_code,
        "answers": {"notice": notice.notice_id, "unit": notice.unit_code} if notice else None,
        "bounce": found.bounce,
        "reason": found.reason,
        "answer": found.answer,
        "attachments": [
            {
                "name": each.look.name,
                "kind": each.file.kind.value,
                "unit": each.file.claim.unit_code,
                "by": each.file.claim.by.value,
                "vouched": each.file.claim.is_vouched,
                "verdict": each.look.verdict.value,
                "answer": each.answer,
                "findings": each.look.findings,
            }
            for each in seen
        ],
        "left_out": [{"name": each.name, "why": each.why} for each in mail.left_out],
    }


def _tell(found: Understood, seen: list[_Seen]) -> None:
    mail = found.mail
    heading(f"{found.kind.zh}：{mail.subject or '（无主题）'}")
    say(mail.sender or "（未写明）", lead="  发件人：")
    say(found.state.zh + (f"，{found.reason}" if found.reason else ""), lead="  处理：")
    if found.notice is not None:
        say(f"本系统第{found.notice.notice_id}号通知", lead="  所回复：")
    if found.bounce is not None:
        lasting = "永久退信，将停用该地址" if found.bounce.is_permanent else "不停用该地址"
        say(f"{found.bounce.address or '未写明'} {found.bounce.status}（{lasting}）", lead="  退信地址：")
    for each in seen:
        _tell_file(each)
    for part in mail.left_out:
        say(f"{part.name}（{part.why}）", lead="  不作报送件：")
    if found.answer:
        say(found.answer, lead="  将答复：")
    elif found.kind is not MessageKind.RETURN:
        say("不自动答复", lead="  将答复：")


def _tell_file(seen: _Seen) -> None:
    claim = seen.file.claim
    if claim.by is ClaimBy.NOTHING:
        whose = "无法确定单位"
    else:
        sure = "" if claim.is_vouched else "；发件人未登记，须办公室核实"
        whose = f"{claim.unit_code}（依据：{claim.by.zh}{sure}）"
    say(f"{seen.look.name}：{seen.look.verdict.zh}", lead="  附件：")
    say(whose, lead="    单位：")
    say(seen.answer, lead="    将答复：")
    findings(seen.look.findings)
