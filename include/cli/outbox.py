"""The outbox: what became of every mail, what is still to come, and the switch that stops it all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, By, CampaignId, On, Reason, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import heading, listed, plain, print_json, say
from include.domain.campaign import Campaign, PhaseKind
from include.domain.obligations import IllegalMove
from include.domain.plans import EVERYTHING, unit_scope
from include.steps import compare_sent as compare_step
from include.steps import forecast, named, stop_sending

app = typer.Typer(help="发件箱：发件记录、发送预测、停止和恢复发送、待核实邮件。", no_args_is_help=True)

Scope = Annotated[str, typer.Option("--campaign", help="专项行动编号；不写则为全部专项行动", metavar="编号")]
Number = Annotated[int, typer.Argument(help="通知编号，见 outbox doubts", metavar="编号")]
UnitCode = Annotated[str, typer.Argument(help="机构编码", metavar="编码")]
Address = Annotated[str, typer.Argument(help="邮箱地址，见 outbox addresses", metavar="邮箱")]


@app.command()
def state(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """发件记录：各类邮件各有多少封处于什么状态，逐封列出。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        rows, stops = using.ledger.outbox.rows(campaign.id), stop_sending.standing(campaign, using)
    if as_json:
        print_json({"stops": stops, "notices": rows})
        return
    for stop in stops:
        say(f"已停止发送（{_scope(stop.scope)}）：{stop.by}，{stop.reason}")
    heading(f"发件记录：{len(rows)}封")
    tally = Counter((row.kind.zh, row.state.zh) for row in rows)
    if tally:
        listed([("类别", "状态", "封数"), *((kind, state, n) for (kind, state), n in tally.items())])
        typer.echo()
        listed(
            [
                ("登记日", "类别", "单位或岗位", "状态", "说明"),
                *((r.planned_on, r.kind.zh, r.unit_code or r.post_key, r.state.zh, r.detail) for r in rows),
            ]
        )


@app.command("forecast")
def forecast_(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """发送预测：以后每一天各拟发多少封（按目前未报送的单位计，报送一家少一家）。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        planned = [
            mail
            for phase in campaign.phases_of(PhaseKind.SELF_CHECK)
            for mail in forecast.mails(campaign, phase, on=asked, using=using)
        ]
    if as_json:
        print_json([plain(mail) for mail in planned])
        return
    heading(f"自{asked}起的发送预测：最多{sum(mail.count for mail in planned)}封")
    if planned:
        listed([("日期", "事项", "封数"), *((mail.day, mail.title, mail.count) for mail in planned)])
    else:
        say("没有尚待发送的通知：报送任务尚未开列，或各档次都已发送。")


@app.command()
def stop(by: By, reason: Reason, campaign_id: Scope = "") -> None:
    """立即停止发送（某一专项行动或全部）；待发的通知保留，恢复后继续。"""
    scope = _scoped(campaign_id)
    with at_work() as using:
        stop_sending.stop(scope, by=by, reason=reason, using=using)
    say(f"{_scope(scope)}已停止发送；正在交付的一封会发完，其余保留")


@app.command()
def resume(by: By, reason: Reason, campaign_id: Scope = "") -> None:
    """恢复发送。从备份恢复台账之后，须先核对备份以来发出的邮件，再执行本命令确认。"""
    scope = _scoped(campaign_id)
    with at_work() as using:
        was_stopped = stop_sending.resume(scope, by=by, reason=reason, using=using)
    if not was_stopped:
        raise fail(f"{_scope(scope)}没有停止发送，无需恢复")
    say(f"{_scope(scope)}已恢复发送")


@app.command("suspend-unit")
def suspend_unit(unit: UnitCode, campaign_id: CampaignId, by: By, reason: Reason, on: On = None) -> None:
    """暂停向一个单位发信（如正在核实联系人）：到发送时拦下，列入“未能通知的单位”并写明理由。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = named.unit(campaign, unit, on=asked, using=using)
        stop_sending.stop(unit_scope(campaign.id, found.code), by=by, reason=reason, using=using)
    say(f"已暂停向{found.code} {found.name}发信")


@app.command("resume-unit")
def resume_unit(unit: UnitCode, campaign_id: CampaignId, by: By, reason: Reason, on: On = None) -> None:
    """恢复向一个单位发信；暂停期间拦下的，仍有必要的重新列入发送。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = named.unit(campaign, unit, on=asked, using=using)
        again = stop_sending.resume_unit(campaign, found.code, by=by, reason=reason, on=asked, using=using)
    say(f"已恢复向{found.code} {found.name}发信，重新列入发送{again}份")


@app.command()
def doubts(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """不能确定是否发出的邮件：请与收件单位或邮箱“已发送”核对，再用 outbox settle 登记。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        rows = using.ledger.outbox.in_doubt(campaign.id)
    if as_json:
        print_json(rows)
        return
    heading(f"待核实的邮件：{len(rows)}封")
    if rows:
        listed(
            [
                ("编号", "登记日", "类别", "单位或岗位", "说明"),
                *(
                    (row.id, row.planned_on, row.kind.zh, row.unit_code or row.post_key, row.detail)
                    for row in rows
                ),
            ]
        )


@app.command()
def settle(
    number: Number,
    by: By,
    reason: Reason,
    sent: Annotated[
        bool, typer.Option("--sent/--resend", help="已核实发出，或没有发出、需要重发", show_default=False)
    ],
) -> None:
    """登记核实结果：确已发出的不再发送，没有发出的重新列入发送。"""
    with at_work() as using:
        try:
            key = using.ledger.outbox.settle(number, was_sent=sent, by=by, reason=reason, at=using.now())
        except IllegalMove as refusal:
            raise fail(str(refusal)) from refusal
        if not sent:
            using.watermark.forget(key)
    say(f"通知{number}已登记为" + ("已发出" if sent else "未发出，将重新发送"))


@app.command("compare-sent")
def compare_sent(
    place: Annotated[
        Path, typer.Argument(help="从邮箱“已发送”导出的邮件：文件夹（.eml）或 .mbox 文件", metavar="位置")
    ],
    campaign_id: CampaignId,
    by: By,
    settle_found: Annotated[
        bool, typer.Option("--settle", help="在“已发送”中找到的，登记为已发出；不写则只核对")
    ] = False,
    resend_rest: Annotated[
        bool,
        typer.Option(
            "--resend-rest", help="没有找到的，登记为未发出、重新发送；导出须包含备份以来全部已发送邮件"
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """把待核实的邮件与邮箱“已发送”成批核对（从备份恢复后用）：先只核对，看清楚后再登记。"""
    from include.gateways.incoming_mail.exported import exported

    campaign = campaign_of(campaign_id)
    with at_work() as using:
        seen = compare_step.compare(campaign, exported(place), using=using)
        if settle_found:
            compare_step.settle(seen.found, was_sent=True, by=by, reason="在邮箱“已发送”中找到", using=using)
        if resend_rest:
            reason = "邮箱“已发送”中没有"
            compare_step.settle(seen.missing, was_sent=False, by=by, reason=reason, using=using)
    if as_json:
        print_json({"mails": seen.mails, "found": seen.found, "missing": seen.missing})
        return
    say(
        f"读取已发送邮件{seen.mails}封；待核实的通知中，找到{len(seen.found)}份，没有找到{len(seen.missing)}份"
    )
    say(f"找到的：{'已登记为已发出' if settle_found else '未登记，加 --settle 登记'}")
    say(f"没有找到的：{'已重新列入发送' if resend_rest else '仍待核实'}")


@app.command()
def addresses(as_json: AsJson = False) -> None:
    """因退信停用的邮箱：不再向其发送，有备用邮箱的单位改发备用邮箱。"""
    with at_work() as using:
        suspended = using.ledger.inbound.suspended()
    if as_json:
        print_json(list(suspended.values()))
        return
    heading(f"停用的邮箱：{len(suspended)}个")
    if suspended:
        rows = ((each.address, each.suspended_since.date(), each.reason) for each in suspended.values())
        listed([("邮箱", "停用日", "原因"), *rows])


@app.command("resume-address")
def resume_address(address: Address, by: By, reason: Reason) -> None:
    """恢复使用一个停用的邮箱（如单位已清理邮箱）。"""
    with at_work() as using:
        try:
            using.ledger.inbound.resume(address.lower(), by=by, reason=reason, at=using.now())
        except KeyError:
            raise fail(f"邮箱“{address}”没有停用，无需恢复") from None
    say(f"邮箱“{address}”已恢复使用")


def _scoped(campaign_id: str) -> str:
    return campaign_of(campaign_id).id if campaign_id else EVERYTHING


def _scope(scope: str) -> str:
    if scope == EVERYTHING:
        return "全部专项行动"
    campaign_id, _, unit = scope.partition("/")
    campaign: Campaign = campaign_of(campaign_id)
    return f"{campaign.short_title}，{unit}" if unit else campaign.short_title
