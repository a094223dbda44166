"""Reports upward: compile an edition to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, OutFolder, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import plain, print_json, say
from include.steps import report as step

app = typer.Typer(help="上报统计表。", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``build`` a command of its own."""


@app.command()
def build(
    report: Annotated[str, typer.Argument(help="报送事项，如 self_check_statistics", metavar="报送事项")],
    campaign_id: CampaignId,
    out: OutFolder,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """编制一版统计表写到文件夹；不送审、不报送。"""
    campaign = campaign_of(campaign_id)
    try:
        asked = campaign.report(report)
    except KeyError:
        known = "、".join(item.key for item in campaign.reports) or "无"
        raise fail(f"“{campaign.short_title}”没有报送事项“{report}”，可选：{known}") from None
    with at_work() as using:
        occasion = step.current_occasion(campaign, asked, on=day(on), using=using)
        draft = step.compile_edition(campaign, asked, occasion, on=day(on), using=using)
        edition = using.ledger.editions.get(draft.edition_id)
        content = using.archive.get(edition.sha256)
    out.mkdir(parents=True, exist_ok=True)
    file = out / edition.file_name
    file.write_bytes(content)
    if as_json:
        print_json(plain(edition) | {"file": file})
    else:
        say(f"已编制：{file}")
