"""Reports upward: compile an edition to look at, write a note about one of its figures."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from include.cli.common import AsJson, By, CampaignId, On, OutFolder, Reason, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import plain, print_json, say
from include.domain.campaign import Campaign, UpwardReport
from include.domain.indicators import BY_KEY
from include.domain.reports import Scope
from include.steps import annotate
from include.steps import report as step

app = typer.Typer(help="上报统计表。", no_args_is_help=True)


ReportKey = Annotated[str, typer.Argument(help="报送事项，如 self_check_statistics", metavar="报送事项")]


def _report(campaign: Campaign, key: str) -> UpwardReport:
    try:
        return campaign.report(key)
    except KeyError:
        known = "、".join(item.key for item in campaign.reports) or "无"
        raise fail(f"“{campaign.short_title}”没有报送事项“{key}”，可选：{known}") from None


@app.command()
def build(
    report: ReportKey,
    campaign_id: CampaignId,
    out: OutFolder,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """编制一版统计表写到文件夹；不送审、不报送。"""
    campaign = campaign_of(campaign_id)
    asked = _report(campaign, report)
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


@app.command()
def note(
    report: ReportKey,
    campaign_id: CampaignId,
    indicator: Annotated[str, typer.Option("--indicator", help="指标，如 tips_received", metavar="指标")],
    reason: Reason,
    by: By,
    value: Annotated[
        str | None, typer.Option("--value", help="改印的数（元、家等），不写则只作说明", metavar="数")
    ] = None,
    dimension: Annotated[
        str, typer.Option("--dimension", help="分组，如 object；合计不写", metavar="分组")
    ] = "",
    member: Annotated[str, typer.Option("--member", help="分组的成员；合计不写", metavar="成员")] = "",
    this: Annotated[bool, typer.Option("--this", help="说明本期数；不写则为累计数")] = False,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """登记对一个指标数值的说明或人工调整，下一版统计表印出并列入“人工调整”表。"""
    campaign = campaign_of(campaign_id)
    asked = _report(campaign, report)
    try:
        number = None if value is None else Decimal(value.replace(",", ""))
    except InvalidOperation:
        raise fail(f"--value 填写的是“{value}”，应为数字，如 12 或 1234.50") from None
    with at_work() as using:
        entered = annotate.figure(
            campaign,
            asked,
            step.current_occasion(campaign, asked, on=day(on), using=using),
            indicator,
            note=reason,
            by=by,
            on=day(on),
            using=using,
            dimension=dimension,
            member=member,
            scope=Scope.THIS if this else Scope.CUMULATIVE,
            value=number,
        )
    if as_json:
        print_json(plain(entered))
    else:
        printed = "只作说明" if entered.value is None else f"改印为{entered.value:,}"
        say(f"已登记：{BY_KEY[entered.indicator].title}（{entered.scope.zh}），{printed}")
