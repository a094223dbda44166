"""Cases and referrals one by one, fines by article, points, and what goes to the social credit system."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import heading, listed, print_json, say
from include.domain.penalties import Article
from include.steps import ban_check, case_review, publish_cases

app = typer.Typer(help="案件、移送、处罚幅度、支付资格记分、黑名单推送。", no_args_is_help=True)


@app.command()
def check(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """逐件列出未结的案件和移送：在哪一步、下一步、期限、还缺什么。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = case_review.open_ones(campaign, on=asked, using=using)
    if as_json:
        print_json({"on": asked, "open": found})
        return
    heading(f"未结案件和移送：{len(found)}件")
    for each in found:
        due = f"，期限{each.due_on}（{_left(each.days_left)}）" if each.due_on else ""
        say(f"{each.number} {each.name}：{each.step} → {each.next_step}{due}")
        if each.missing:
            say("；".join(each.missing), lead="    尚缺：")


@app.command()
def penalty(
    article: Annotated[
        str, typer.Argument(help="条款，如 38、第四十条、条例第四十一条第二款", metavar="条款")
    ],
    on: Annotated[str, typer.Option("--on", help="违法行为发生（终了）的日期", metavar="日期")],
    amount: Annotated[
        str, typer.Option("--amount", help="罚款基数，单位元：基金损失或骗取的金额", metavar="金额")
    ] = "0",
    as_json: AsJson = False,
) -> None:
    """某条款在某一天的罚款幅度、暂停期限和退出；当天没有施行的，退出码为1。"""
    asked, base = day(on), _amount(amount)
    with at_work() as using:
        cited = using.law.cited_in(article)
    if not cited:
        raise fail(f"没有登记条款“{article}”，请写成“38”“第四十条”或“条例第四十一条第二款”")
    found = [each for each in cited if each.in_force_on(asked)]
    if not found:
        raise fail(f"{cited[0].name}自{cited[0].effective_from}起施行，{asked}没有施行，不能适用")
    if as_json:
        print_json({"on": asked, "amount": base, "articles": [_facts(each, base) for each in found]})
        return
    for each in found:
        heading(f"{each.name}（{each.law}，自{each.effective_from}起施行）")
        say(f"适用于{'、'.join(each.parties)}：{each.punishes}", lead="  ")
        say(each.consequence, lead="  ")
        say(f"罚款：{each.fine_words(base)}", lead="  ")
        if each.suspension_months:
            months = each.suspension_months
            say(f"暂停：{months.least:f}至{months.most:f}个月", lead="  ")
        if each.exit:
            say(f"退出：{each.exit}", lead="  ")


@app.command()
def points(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """支付资格记分：按机构、岗位、自然年度合计，及其后果。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        found = case_review.points(campaign, using=using)
    if as_json:
        print_json({"points": found})
        return
    heading(f"支付资格记分：{len(found)}人")
    listed(
        [
            (each["unit"], each["post"], f"{each['year']}年", f"{each['points']}分", each["means"])
            for each in found
        ]
    )


@app.command()
def pushes(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """应推送社会征信系统而尚未推送的黑名单；个人不显示姓名和证件号，未公开、未经两个岗位审批的不得推送。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = ban_check.push_list(campaign, on=asked, using=using)
    ready = [each for each in found if not each.hindrance]
    held = [each for each in found if each.hindrance]
    if as_json:
        print_json({"on": asked, "ready": ready, "held": held})
        return
    heading(f"可以推送：{len(ready)}个")
    listed([(each.name, each.identifier, each.reason, f"至{each.until or '移出'}") for each in ready])
    heading(f"不得推送：{len(held)}个")
    listed([(each.name, each.identifier, each.hindrance) for each in held])


@app.command()
def publish(
    campaign_id: CampaignId,
    out: Annotated[Path, typer.Option("--out", help="典型案例写到哪个 .xlsx 文件", metavar="文件")],
    as_json: AsJson = False,
) -> None:
    """导出可以对外曝光的典型案例：须主动公开、已决定并送达、经2个不同岗位审批；个人只写姓氏，不含证件号和案情细节。"""
    campaign = campaign_of(campaign_id)
    if out.suffix.lower() != ".xlsx":
        raise fail("典型案例导出为 .xlsx 文件，请把 --out 写成以 .xlsx 结尾的文件名")
    with at_work() as using:
        found = publish_cases.cases(campaign, using=using)
        held = [each for each in found if each.hindrance]
        if not as_json:
            for each in held:
                say(f"{each.number} 不得曝光：{each.hindrance}")
        content = publish_cases.workbook(found, using)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    if as_json:
        print_json({"file": out, "published": len(found) - len(held), "held": held})
    else:
        say(f"已导出{len(found) - len(held)}个典型案例：{out}；登报、上网前仍须按信息发布规定办理。")


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise fail(f"金额“{text}”无法识别，请写成 6000 或 6000.00，单位是元")
    return amount


def _facts(article: Article, base: Decimal) -> dict[str, object]:
    fine = article.fine(base)
    return article.model_dump(mode="json") | {
        "name": article.name,
        "fine": {"least": f"{fine.least:.2f}", "most": f"{fine.most:.2f}"} if fine else None,
    }


def _left(days: int | None) -> str:
    return f"超期{-days}日" if days is not None and days < 0 else f"还有{days}日"
