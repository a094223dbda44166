"""Reports upward: compile to look at, what was compiled and signed, what changed, what the bureau above has."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from include.assembly import Assembly
from include.cli.common import AsJson, By, CampaignId, On, OutFolder, Reason, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import plain, print_json, say
from include.domain.campaign import Campaign, UpwardReport
from include.domain.differences import differences
from include.domain.indicators import BY_KEY, figure_lines
from include.domain.reports import Edition, Scope
from include.steps import annotate, named, report_mail, report_page
from include.steps import report as step

app = typer.Typer(help="上报材料：编制、版本、比较、签收。", no_args_is_help=True)

ReportKey = Annotated[str, typer.Argument(help="报送事项，如 self_check_statistics", metavar="报送事项")]
OccasionKey = Annotated[
    str | None, typer.Option("--occasion", help="报送期次，如 2024Q3；不写则按日期确定", metavar="期次")
]
Number = Annotated[int | None, typer.Option("--edition", help="第几版；不写则为最近一版", metavar="版次")]


@app.command()
def build(
    report: ReportKey,
    campaign_id: CampaignId,
    out: OutFolder,
    occasion: OccasionKey = None,
    edition: Number = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """编制到文件夹查看，不登记、不送签、不报送；--edition 取出已编制的一版，并按快照重新编制、核对校验值。"""
    campaign, asked = _asked(campaign_id, report)
    with at_work() as using:
        if edition is not None:
            files = _again(campaign, asked, occasion, edition, using)
        else:
            when = day(on)
            of = (
                step.occasion_named(campaign, asked, occasion, using)
                if occasion
                else step.nearest_occasion(campaign, asked, on=when, using=using)
            )
            built = step.preview(campaign, asked, of, on=when, using=using)[1]
            files = {name: content for _, name, content in built.files}
            for each in built.contradictions:
                say(f"勾稽不符：{each}")
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    if as_json:
        print_json({"files": [out / name for name in files]})
        return
    for name in files:
        say(f"已编制：{out / name}")


@app.command("list")
def list_(
    campaign_id: CampaignId,
    report: Annotated[str | None, typer.Option("--report", help="只列该报送事项", metavar="报送事项")] = None,
    as_json: AsJson = False,
) -> None:
    """列出已编制的各版：期次、版次、状态、编制和报送日期。"""
    campaign = campaign_of(campaign_id)
    if report is not None:
        _asked(campaign_id, report)
    with at_work() as using:
        editions = using.ledger.editions.all(campaign.id, report)
    if as_json:
        print_json([plain(each) for each in editions])
        return
    for each in editions:
        sent = f"，{each.sent_at.date()}报送" if each.sent_at else ""
        received = f"，{each.received_on}签收" if each.received_on else ""
        say(
            f"{each.report_key} {each.occasion} {each.title}：{each.state.zh}，{each.compiled_on}编制{sent}{received}"
        )
    if not editions:
        say("还没有编制过")


@app.command()
def show(
    report: ReportKey,
    campaign_id: CampaignId,
    occasion: OccasionKey = None,
    edition: Number = None,
    as_json: AsJson = False,
) -> None:
    """看一版：主要数据、勾稽、签批意见、文件和校验值。"""
    campaign, asked = _asked(campaign_id, report)
    with at_work() as using:
        one = _edition(campaign, asked, occasion, edition, using)
        signings = using.ledger.editions.signings(one.id)
        figures = using.ledger.snapshots.figures(one.snapshot_id)
        wrong = report_page.contradictions(campaign, asked, one, using)
    if as_json:
        print_json(
            {"edition": plain(one), "signings": [plain(each) for each in signings], "contradictions": wrong}
        )
        return
    say(f"{asked.title} {one.occasion} {one.title}：{one.state.zh}（{one.compiled_on}编制）")
    for line in figure_lines(figures):
        say(f"  {line.title} {line.value}{line.unit}")
    for each in wrong:
        say(f"  勾稽不符：{each}")
    for signing in signings:
        word = {None: "待签批", True: "同意", False: "退回"}[signing.approved]
        said = f"{word}，{signing.by}" if signing.by else word
        say(
            f"  {signing.hand.zh}（{signing.post_key}）：{said}{'，' + signing.reason if signing.reason else ''}"
        )
    for file in one.files:
        say(f"  {file.name} {file.sha256}")
    if one.received_on:
        say(f"  上级签收：{one.received_on}，{one.receipt}")


@app.command()
def diff(
    report: ReportKey,
    campaign_id: CampaignId,
    first: Annotated[int, typer.Option("--from", help="原版次", metavar="版次")],
    second: Annotated[int, typer.Option("--to", help="现版次", metavar="版次")],
    occasion: OccasionKey = None,
    as_json: AsJson = False,
) -> None:
    """比较两版：指标、原数、现数、增减，变化大的在前。"""
    campaign, asked = _asked(campaign_id, report)
    with at_work() as using:
        figures = [
            using.ledger.snapshots.figures(_edition(campaign, asked, occasion, number, using).snapshot_id)
            for number in (first, second)
        ]
    lines = differences(*figures)
    if as_json:
        print_json([asdict(line) for line in lines])
        return
    for line in lines:
        say(f"{line.title}：{line.last or '—'} → {line.now or '—'}（{line.change}）")
    if not lines:
        say(f"第{first}版与第{second}版的指标没有变化")


@app.command()
def receipt(
    report: ReportKey,
    campaign_id: CampaignId,
    by: By,
    note: Annotated[str, typer.Option("--note", help="签收依据，如“上级接收岗来电确认”", metavar="依据")],
    occasion: OccasionKey = None,
    edition: Number = None,
    on: On = None,
) -> None:
    """登记上级签收；上级回复上报邮件的，系统自动登记，不必再登。"""
    campaign, asked = _asked(campaign_id, report)
    with at_work() as using:
        one = _edition(campaign, asked, occasion, edition, using, sent=edition is None)
        is_news = report_mail.receive(
            campaign,
            asked,
            one,
            on=day(on),
            note=note,
            by=named.post(campaign, by),
            using=using,
        )
    say(
        f"已登记：{asked.title}{one.title}上级已签收"
        if is_news
        else f"{asked.title}{one.title}此前已登记签收"
    )


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
    campaign, asked = _asked(campaign_id, report)
    try:
        number = None if value is None else Decimal(value.replace(",", ""))
    except InvalidOperation:
        raise fail(f"--value 填写的是“{value}”，应为数字，如 12 或 1234.50") from None
    with at_work() as using:
        entered = annotate.figure(
            campaign,
            asked,
            step.nearest_occasion(campaign, asked, on=day(on), using=using),
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


def _asked(campaign_id: str, key: str) -> tuple[Campaign, UpwardReport]:
    campaign = campaign_of(campaign_id)
    try:
        return campaign, campaign.report(key)
    except KeyError:
        known = "、".join(item.key for item in campaign.reports) or "无"
        raise fail(f"“{campaign.short_title}”没有报送事项“{key}”，可选：{known}") from None


def _edition(
    campaign: Campaign,
    report: UpwardReport,
    occasion: str | None,
    number: int | None,
    using: Assembly,
    *,
    sent: bool = False,
) -> Edition:
    """The one asked for; of the newest occasion and the newest number where none is named, with ``sent`` that went up."""
    found = [
        e
        for e in using.ledger.editions.all(campaign.id, report.key, occasion=occasion)
        if e.went_up or not sent
    ]
    if found and occasion is None:
        newest = max(found, key=lambda each: each.id).occasion
        found = [each for each in found if each.occasion == newest]
    found = [each for each in found if number in (None, each.number)]
    if not found:
        asked = f"第{number}版" if number else "已报送的版本" if sent else "已编制的版本"
        raise fail(f"“{report.title}”没有{asked}，可用 report list 查看")
    return found[-1]


def _again(
    campaign: Campaign, report: UpwardReport, occasion: str | None, number: int, using: Assembly
) -> dict[str, bytes]:
    """The files as kept, after making them once more out of the snapshot and finding the same bytes."""
    one = _edition(campaign, report, occasion, number, using)
    if changed := step.rebuild(campaign, report, one, using):
        names = "、".join(file.name for file in changed)
        raise fail(f"按快照重新编制的{names}与存档不一致，请核对表样或程序在{one.compiled_on}之后是否有改动")
    return {file.name: using.archive.get(file.sha256) for file in one.files}
