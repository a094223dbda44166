"""The roster: check a workbook, import it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, day, show, show_table
from include.steps import roster as step

app = typer.Typer(help="定点医药机构名册。", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``import`` a command of its own."""


@app.command("import")
def import_roster(
    file: Annotated[Path, typer.Argument(help="名册工作簿", exists=True, dir_okay=False)],
    campaign_id: CampaignId,
    on: On,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不导入")] = False,
    as_json: AsJson = False,
) -> None:
    """导入名册：首次导入锁定为基数，以后作为调整；有错的行不导入并逐行列明。"""
    campaign, content = campaign_of(campaign_id), file.read_bytes()
    with at_work() as using:
        reviewed = step.review(campaign, content, on=day(on), using=using)
        entered = (
            {}
            if dry_run
            else step.enter(campaign, content, reviewed, on=day(on), actor="命令行", using=using)
        )
    result = {
        "units": len(reviewed.units),
        "holders": len(reviewed.holders),
        "errors": len(reviewed.errors),
        "findings": reviewed.findings,
        "entered": entered,
    }
    if not as_json and reviewed.findings:
        show_table(
            "名册问题",
            ["位置", "处理", "填写内容", "问题与改正方法"],
            [[f.place, f.severity.zh, f.value, f.message] for f in reviewed.findings],
        )
    done = "，".join(f"{name}{number}" for name, number in entered.items()) or "未导入（只检查）"
    text = f"可导入单位{len(reviewed.units)}家、岗位{len(reviewed.holders)}个；错误{len(reviewed.errors)}处。{done}"
    show(result, as_json=as_json, text=text)
    if reviewed.errors:
        raise typer.Exit(1)
