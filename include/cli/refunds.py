"""Refunds to the fund: the account, and who is still to pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, at_work, campaign_of, day
from include.cli.output import heading, listed, print_json, say
from include.domain.refunds import Balance, Refund
from include.steps import refund_account as step

app = typer.Typer(help="退回医保基金：应退、已退、未退（元）；不含罚款和违约金。", no_args_is_help=True)

UnitCode = Annotated[str | None, typer.Option("--unit", help="只看这个机构，写机构编码", metavar="编码")]


@app.command()
def account(campaign_id: CampaignId, unit: UnitCode = None, as_json: AsJson = False) -> None:
    """应退、已退、未退：合计，及按机构、险种、来源（自查、检查、案件）；各项分计之和等于合计。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        found = step.account(campaign, unit_code=unit, using=using)
    if as_json:
        print_json(
            {
                "total": _facts(found.total),
                "by_unit": _each(found.by_unit),
                "by_account": _each(found.by_account),
                "by_source": _each(found.by_source),
                "disagreements": [
                    {
                        "case_no": each.case_no,
                        "ordered": _facts(each.ordered),
                        "registered": _facts(each.registered),
                    }
                    for each in found.disagreements
                ],
            }
        )
        return
    heading(f"合计：{_words(found.total)}")
    for title, balances in (
        ("按机构", found.by_unit),
        ("按险种", found.by_account),
        ("按来源", found.by_source),
    ):
        say(title)
        listed([(*key, _words(balance)) for key, balance in balances.items()])
    for each in found.disagreements:
        say(
            f"案件{each.case_no}与整改台账不一致：案件台账{_words(each.ordered)}；"
            f"整改台账{_words(each.registered)}，请核对。"
        )


@app.command()
def due(campaign_id: CampaignId, unit: UnitCode = None, on: On = None, as_json: AsJson = False) -> None:
    """未退清的逐笔清单，按期限先后排列，供催退；只列出，不发送。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = step.account(campaign, unit_code=unit, using=using).outstanding
    if as_json:
        print_json({"on": asked, "outstanding": [_line(each, step.days_late(each, asked)) for each in found]})
        return
    heading(f"未退清：{len(found)}笔")
    listed(
        [
            (
                each.due_on or "未定期限",
                f"超期{late}日" if (late := step.days_late(each, asked)) else "",
                each.unit_code,
                each.unit_name,
                each.number,
                f"未退{each.balance.outstanding:.2f}元",
            )
            for each in found
        ]
    )


def _facts(balance: Balance) -> dict[str, str]:
    return {
        "payable": f"{balance.payable:.2f}",
        "paid": f"{balance.paid:.2f}",
        "outstanding": f"{balance.outstanding:.2f}",
    }


def _each(balances: Mapping[tuple[str, ...], Balance]) -> dict[str, dict[str, str]]:
    return {" ".join(key): _facts(balance) for key, balance in balances.items()}


def _line(refund: Refund, days_late: int) -> dict[str, object]:
    return {
        "number": refund.number,
        "unit_code": refund.unit_code,
        "unit_name": refund.unit_name,
        "account": refund.account,
        "source": refund.source,
        "due_on": refund.due_on,
        "days_late": days_late,
        **_facts(refund.balance),
    }


def _words(balance: Balance) -> str:
    return f"应退{balance.payable:.2f}元，已退{balance.paid:.2f}元，未退{balance.outstanding:.2f}元"
