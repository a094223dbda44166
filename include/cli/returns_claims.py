"""Files nobody could be found for: list them, give them to a unit, set them aside. Nothing is sent from here."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.common import AsJson, By, CampaignId, On, Reason, at_work, campaign_of, day
from include.cli.output import heading, print_json, say
from include.steps import claim as step
from include.steps.claim import Unclaimed

ReturnId = Annotated[int, typer.Argument(help="文件编号，见 returns unclaimed", metavar="编号")]


def unclaimed(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """列出待认领的文件，以及每个文件可能是哪个单位的、依据是什么；不改动任何东西。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        waiting = step.waiting(campaign, on=asked, using=using)
    if as_json:
        print_json([_facts(each) for each in waiting])
        return
    say(f"待认领文件{len(waiting)}份" if waiting else "没有待认领的文件")
    for each in waiting:
        _tell(each)


def claim(
    return_id: ReturnId,
    campaign_id: CampaignId,
    unit: Annotated[str, typer.Option("--unit", help="认领给哪个单位，写机构编码", metavar="编码")],
    by: By,
    reason: Reason,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """把一份待认领的文件归到一个单位，下一次校验按该单位的报送件办理；本命令不校验、不发信。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        claimed = step.assign(campaign, return_id, unit, by=by, reason=reason, on=asked, using=using)
    if as_json:
        print_json(
            {
                "return": claimed.file.id,
                "file": claimed.file.name,
                "unit": claimed.unit.code,
                "unit_name": claimed.unit.name,
                "note": claimed.note,
            }
        )
        return
    say(f"已将{return_id}号文件归到{claimed.unit.code} {claimed.unit.name}，下一次校验时办理")
    say(claimed.note or "该单位此前没有校验通过的报送件", lead="  ")


def set_aside(
    return_id: ReturnId,
    campaign_id: CampaignId,
    by: By,
    reason: Reason,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """搁置一份不是报送件的文件（广告、问候等）：原件留存，不再校验，不答复。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        file = step.set_aside(campaign, return_id, by=by, reason=reason, on=asked, using=using)
    if as_json:
        print_json({"return": file.id, "file": file.name, "verdict": file.verdict})
    else:
        say(f"已搁置{return_id}号文件“{file.name}”，原件留存")


def _facts(each: Unclaimed) -> dict[str, object]:
    file = each.file
    return {
        "return": file.id,
        "file": file.name,
        "kind": file.kind,
        "received_on": file.received_on,
        "findings": file.findings,
        "suggestions": [
            {"unit": found.unit_code, "unit_name": found.unit_name, "reasons": found.reasons}
            for found in each.suggestions
        ],
    }


def _tell(each: Unclaimed) -> None:
    heading(f"{each.file.id}号 {each.file.name}（{each.file.received_on}收到）")
    for found in each.file.findings:
        say(found.message, lead="  原因：")
    for suggested in each.suggestions:
        say(f"{suggested.unit_code} {suggested.unit_name}：{suggested.why}", lead="  可能是：")
    if not each.suggestions:
        say("看不出是哪个单位的，请打开原件核对", lead="  可能是：")
