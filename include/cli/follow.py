"""Records followed one by one: what is due by when, what the clue rules propose; pause, resume, extend."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, OutFolder, Reason, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import heading, listed, plain, print_json, say
from include.domain import clues as clue_rules
from include.domain.time_limits import PAUSE_GROUNDS, ChangeKind
from include.steps import clue_lists
from include.steps import follow as step

app = typer.Typer(
    help="逐条督办：线索、举报、整改、案件、移送、检查、黑名单的办理期限，一条一条办到底。",
    no_args_is_help=True,
)

Register = Annotated[str, typer.Option("--form", help="台账，如 tip、clue、case", metavar="台账")]
Number = Annotated[str, typer.Option("--number", help="台账中的编号", metavar="编号")]
ApprovedBy = Annotated[str, typer.Option("--approved-by", help="批准岗位，写岗位代号或名称", metavar="岗位")]
Since = Annotated[
    str | None, typer.Option("--since", help="自哪一天起，如 2024-06-05；不写则为办理当天", metavar="日期")
]


@app.command("due")
def due_(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """列出未办结的每一条：期限、剩余工作日、依据；只查看，不催办、不销号。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = step.standing(campaign, on=asked, using=using)
    if as_json:
        print_json([_facts(each) for each in found])
        return
    heading(f"{asked}未办结的台账事项：{len(found)}件")
    if found:
        listed(
            [
                ("台账", "编号", "目前", "事项", "期限", "剩余工作日", "承办岗位", "说明"),
                *((*_cells(each), each.note or each.rung) for each in found),
            ]
        )


@app.command()
def clues(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """线索规则：应反馈的、建议飞行检查的、加密检查频次的、逾期未核查的、建议交叉检查的，逐条说明理由。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        known = step.clues(campaign, using=using)
        proposals = clue_rules.proposals(known, asked, using.calendar)
    batches = clue_rules.batches(known, asked)
    if as_json:
        print_json({"batches": plain(batches), "proposals": plain(proposals)})
        return
    heading(f"疑点线索：{len(known)}条")
    if batches:
        header = ("批次", "下发", "已核查", "已反馈", "逾期")
        listed([header, *((b.batch, b.issued, b.verified, b.fed_back, b.overdue) for b in batches)])
    for rule in clue_rules.Rule:
        here = [each for each in proposals if each.rule is rule]
        heading(f"{rule.zh}：{len(here)}项")
        if here:
            listed([("、".join(each.numbers), each.subject, each.why) for each in here])


@app.command()
def lists(
    campaign_id: CampaignId,
    out: Annotated[Path, typer.Option("--out", help="清单写到哪个 .xlsx 文件", metavar="文件")],
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """线索督办清单：逾期未核查报主任，建议飞行检查、交叉检查报上级，加密检查频次交检查组，应反馈的交承办岗位。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    if out.suffix.lower() != ".xlsx":
        raise fail("清单导出为 .xlsx 文件，请把 --out 写成以 .xlsx 结尾的文件名")
    with at_work() as using:
        found = clue_lists.lists(campaign, on=asked, using=using)
        content = clue_lists.workbook(found, using)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(content)
    if as_json:
        print_json({"file": out, "lists": {rule.value: len(here) for rule, here in found.items()}})
        return
    listed([(rule.zh, f"{len(here)}项") for rule, here in found.items()])
    say(f"已导出：{out}")


@app.command()
def digest(campaign_id: CampaignId, out: OutFolder, on: On = None, as_json: AsJson = False) -> None:
    """月度情况：每个承办单位一个工作簿，各类台账已办结、未办结、逾期件数和未办结明细；只生成，不发送。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        found = clue_lists.digests(campaign, on=asked, using=using)
        files = clue_lists.digest_workbooks(found, asked, using)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files:
        (out / name).write_bytes(content)
    if as_json:
        print_json(
            [
                {"unit": each.unit, "closed": sum(each.closed.values()), "open": len(each.open), "file": name}
                for each, (name, _) in zip(found, files, strict=True)
            ]
        )
        return
    heading(f"{asked}承办单位{len(found)}个")
    listed(
        [(each.unit, f"已办结{sum(each.closed.values())}件", f"未办结{len(each.open)}件") for each in found]
    )


@app.command()
def pause(
    campaign_id: CampaignId,
    form: Register,
    number: Number,
    ground: Annotated[
        str, typer.Option("--ground", help=f"暂停事由：{'、'.join(PAUSE_GROUNDS)}", metavar="事由")
    ],
    reason: Reason,
    approved_by: ApprovedBy,
    since: Since = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """暂停计算一条记录的期限：鉴定、听证等所需时间不计入。"""
    _change(
        campaign_id, form, number, ChangeKind.PAUSE, reason, approved_by, since, on, as_json, ground=ground
    )


@app.command()
def resume(
    campaign_id: CampaignId,
    form: Register,
    number: Number,
    reason: Reason,
    approved_by: ApprovedBy,
    since: Since = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """恢复计算一条记录的期限，所写日期当天重新计入。"""
    _change(campaign_id, form, number, ChangeKind.RESUME, reason, approved_by, since, on, as_json)


@app.command()
def extend(
    campaign_id: CampaignId,
    form: Register,
    number: Number,
    reason: Reason,
    approved_by: ApprovedBy,
    days: Annotated[
        int | None, typer.Option("--days", help="延长多少天；不写则为规定的天数", metavar="天数")
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """延长一条记录的期限；超过规定次数或天数的，说明依据并拒绝。"""
    _change(campaign_id, form, number, ChangeKind.EXTEND, reason, approved_by, None, on, as_json, days=days)


def _change(
    campaign_id: str,
    form: str,
    number: str,
    kind: ChangeKind,
    reason: str,
    approved_by: str,
    since: str | None,
    on: str | None,
    as_json: bool,
    *,
    days: int | None = None,
    ground: str = "",
) -> None:
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        now = step.change(
            campaign,
            form,
            number,
            kind,
            reason=reason,
            approved_by=approved_by,
            starts_on=day(since) if since else None,
            days=days,
            ground=ground,
            on=asked,
            using=using,
        )
    if as_json:
        print_json(_facts(now))
    else:
        say(f"已登记{kind.zh}：{now.number}，" + (f"期限为{now.due_on}" if now.due_on else now.note))


def _cells(each: step.Followed) -> tuple[object, ...]:
    what = each.limit.what if each.limit else ""
    return (each.title, each.number, each.state, what, each.due_on, each.working_days_left, each.post.title)


def _facts(each: step.Followed) -> dict[str, object]:
    return {
        "register": each.register,
        "number": each.number,
        "state": each.state,
        "post": each.post.key,
        "what": each.limit.what if each.limit else None,
        "source": each.limit.source if each.limit else None,
        "due_on": each.due_on,
        "working_days_left": each.working_days_left,
        "rung": each.rung or None,
        "paused_since": each.paused_since,
        "extended": each.extended,
        "note": each.note or None,
    }
