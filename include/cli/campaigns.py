"""Campaign folders: check them, show them, start a new one; and the working-day calendar."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from include.assembly import today
from include.campaigns.registry import CampaignError, load_calendar, load_campaign, load_campaigns
from include.cli.common import AsJson, campaign_of, console, day, fail, show, show_table
from include.domain.ladder import step_day
from include.domain.workdays import UnknownYear
from include.settings import Settings

app = typer.Typer(help="专项行动配置：检查、查看、新建。", no_args_is_help=True)


@app.command()
def check(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="要检查的专项行动文件夹；不写则检查全部")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """检查专项行动配置，逐项说明哪个文件、哪个字段、应写什么。"""
    sound, broken = _loaded(folders)
    result = {"ok": sound, "broken": [str(error) for error in broken]}
    lines = [f"✓ {name}" for name in sound] + [f"✗ {error}" for error in broken]
    show(result, as_json=as_json, text="\n".join(lines))
    if broken:
        raise typer.Exit(1)


def _loaded(folders: list[Path] | None) -> tuple[list[str], list[CampaignError]]:
    if not folders:
        registry = load_campaigns(Settings().campaigns)
        return [campaign.id for campaign in registry.campaigns], list(registry.broken)
    sound, broken = [], []
    for folder in folders:
        try:
            sound.append(load_campaign(folder, load_calendar()).id)
        except CampaignError as error:
            broken.append(error)
    return sound, broken


@app.command("show")
def show_campaign(
    campaign_id: Annotated[str, typer.Argument(help="专项行动编号")], as_json: AsJson = False
) -> None:
    """查看一个专项行动的全部事实和各档催报日期。"""
    campaign = campaign_of(campaign_id)
    if as_json:
        show(campaign, as_json=True)
        return
    calendar = load_calendar()
    console.print(f"[bold]{campaign.title}[/bold]（{campaign.id}）")
    console.print(f"依据：{campaign.notice.doc_no or '《' + campaign.notice.title + '》'}", markup=False)
    show_table(
        "阶段",
        ["阶段", "类型", "开始", "截止", "原文时限", "报送"],
        [
            [
                phase.title,
                phase.kind.zh,
                phase.start,
                phase.due,
                phase.due_text,
                "、".join(owed.title for owed in phase.returns),
            ]
            for phase in campaign.phases
        ],
    )
    show_table(
        "催报档次",
        ["阶段", *(step.title for step in campaign.ladder)],
        [
            [phase.title, *(step_day(step, phase.due, calendar) for step in campaign.ladder)]
            for phase in campaign.phases
            if any(owed.filled_by == "unit" for owed in phase.returns)
        ],
    )
    show_table(
        "上报事项",
        ["事项", "报送", "时限", "原文"],
        [
            [report.title, report.to, report.due or report.cadence, report.due_text]
            for report in campaign.reports
        ],
    )


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="编号，如 example_2026")],
    start: Annotated[
        str | None, typer.Option("--start", help="开始日期，如 2026-03-02；不写则为今天")
    ] = None,
    root: Annotated[Path | None, typer.Option("--root", help="专项行动文件夹所在目录")] = None,
) -> None:
    """新建一个专项行动文件夹，内容完整、带注释，改成通知的内容即可。"""
    from include.campaigns.scaffold import new_campaign

    try:
        folder = new_campaign(name, root or Settings().campaigns, start=day(start) if start else today())
    except (ValueError, FileExistsError) as fault:
        raise fail(str(fault)) from fault
    console.print(f"已新建：{folder}。请按通知填写后运行 campaigns check 检查。", markup=False)


def calendar(
    on: Annotated[str, typer.Argument(help="日期，如 2024-06-10", metavar="日期")],
    campaign_id: Annotated[
        str | None, typer.Option("--campaign", help="按该专项行动的节假日规则顺延")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """某一天是不是工作日，前后最近的工作日是哪天。"""
    asked, days = day(on), load_calendar()
    try:
        facts: dict[str, date | bool | str] = {
            "date": asked,
            "working_day": days.is_working_day(asked),
            "previous": days.shift(asked, -1),
            "next": days.shift(asked, 1),
        }
        if campaign_id is not None:
            facts["due_stands_for"] = days.roll(asked, campaign_of(campaign_id).rules.roll)
    except UnknownYear as fault:
        raise fail(str(fault)) from fault
    kind = "工作日" if facts["working_day"] else "非工作日"
    text = f"{asked}：{kind}；上一个工作日 {facts['previous']}，下一个工作日 {facts['next']}"
    show(facts, as_json=as_json, text=text)
