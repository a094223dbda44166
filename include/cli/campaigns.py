"""Campaign folders: check them, show them, start a new one; and the working-day calendar."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from include.campaigns.registry import CampaignError, load_calendar, load_campaign, load_campaigns
from include.cli import campaign_facts
from include.cli.common import AsJson, On, at_work, campaign_of, day
from include.cli.output import plain, print_json, say
from include.settings import Settings

app = typer.Typer(help="专项行动配置：检查、查看、新建。", no_args_is_help=True)


@app.command()
def check(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="要检查的专项行动文件夹；不写则检查全部", metavar="[文件夹]..."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """检查专项行动配置，逐项说明哪个文件、哪个字段、应写什么；有误时退出码为1。"""
    sound, broken = _loaded(folders)
    if as_json:
        print_json(
            {
                "ok": sound,
                "broken": [{"file": error.file, "problems": error.problems} for error in broken],
            }
        )
    else:
        for name in sound:
            say(name, lead="√ ")
        for error in broken:
            say(str(error), lead="× ")
    if broken:
        raise typer.Exit(1)


def _loaded(folders: list[Path] | None) -> tuple[list[str], list[CampaignError]]:
    if not folders:
        registry = load_campaigns(Settings().campaigns)
        return [campaign.id for campaign in registry.campaigns], list(registry.broken)
    sound, broken = [], []
    for folder in folders:
        try:
            sound.append(load_campaign(folder.resolve(), load_calendar()).id)
        except CampaignError as error:
            broken.append(error)
    return sound, broken


@app.command("show")
def show_campaign(
    campaign_id: Annotated[str, typer.Argument(help="专项行动编号，如 wushen_2024", metavar="编号")],
    as_json: AsJson = False,
) -> None:
    """查看一个专项行动的全部事实和各档催报日期。"""
    campaign, days = campaign_of(campaign_id), load_calendar()
    if as_json:
        reminders = {
            phase.key: {step.key: on for step, on in campaign_facts.reminder_days(campaign, phase, days)}
            for phase in campaign_facts.chased(campaign)
        }
        print_json(campaign.model_dump(mode="json") | {"reminder_days": reminders})
    else:
        campaign_facts.tell(campaign, days)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="编号，如 example_2026", metavar="编号")],
    start: Annotated[
        str | None, typer.Option("--start", help="开始日期，如 2026-03-02；不写则为今天", metavar="日期")
    ] = None,
    root: Annotated[
        Path | None, typer.Option("--root", help="存放各专项行动的文件夹", metavar="文件夹")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """新建一个专项行动文件夹，内容完整、带注释，改成通知的内容即可。"""
    from include.campaigns.scaffold import new_campaign

    folder = new_campaign(name, root or Settings().campaigns, start=day(start))
    written = load_campaign(folder)
    if as_json:
        print_json({"id": written.id, "folder": folder, "starts_on": written.starts_on})
        return
    say(f"已新建：{folder}")
    say("请把“请填写”处和示例日期改成通知的内容，再运行 campaigns check 检查。")
    last = load_calendar().last_known
    if max(phase.due for phase in written.phases) == last:
        say(f"工作日历中的节假日安排到{last.year}年止，示例日期没有写到以后；跨年的专项请先补充工作日历。")


@app.command("amend")
def amend(
    campaign_id: Annotated[str, typer.Argument(help="专项行动编号，如 wushen_2024", metavar="编号")],
    enter: Annotated[bool, typer.Option("--apply", help="登记上述调整；不写则只列出")] = False,
    reason: Annotated[str, typer.Option("--reason", help="调整的依据，记入留痕", metavar="依据")] = "",
    approved_by: Annotated[
        str, typer.Option("--approved-by", help="批准岗位，写岗位代号或名称", metavar="岗位")
    ] = "",
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """通知有调整时：先把 campaign.yaml 改成新的内容，再用本命令列出对已开列报送任务的影响，经批准后登记。"""
    from include.steps import amend as step

    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        if enter:
            found = step.apply(campaign, reason=reason, approved_by=approved_by, on=asked, using=using)
        else:
            found = step.pending(campaign, using=using)
    if as_json:
        print_json({"applied": enter, "differences": [plain(each) for each in found]})
        return
    if not found:
        say("已开列的报送任务与通知一致，没有需要调整的。")
        return
    say("已登记：" if enter else "通知与已开列的报送任务不一致，登记后将：")
    for each in found:
        say(each.sentence, lead="- ")
    if not enter:
        say(
            "已发出的通知不变，未发的按新的截止日重新安排。确认后加 --apply --reason 依据 --approved-by 岗位。"
        )


def calendar(
    on: Annotated[str, typer.Argument(help="日期，如 2024-06-10", metavar="日期")],
    campaign_id: Annotated[
        str | None,
        typer.Option("--campaign", help="再按该专项行动的顺延规则说明截止日应为哪天", metavar="编号"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """某一天是不是工作日，前后最近的工作日是哪天。"""
    asked, days = day(on), load_calendar()
    facts: dict[str, date | bool] = {
        "date": asked,
        "working_day": days.is_working_day(asked),
        "previous": days.shift(asked, -1),
        "next": days.shift(asked, 1),
    }
    if campaign_id is not None:
        facts["due_stands_for"] = days.roll(asked, campaign_of(campaign_id).rules.roll)
    if as_json:
        print_json(facts)
        return
    kind = "工作日" if facts["working_day"] else "非工作日"
    say(f"{asked}：{kind}；上一个工作日 {facts['previous']}，下一个工作日 {facts['next']}")
    if campaign_id is not None:
        say(f"截止日定在这一天的，按“{campaign_id}”的规则办理到 {facts['due_stands_for']} 为止")
