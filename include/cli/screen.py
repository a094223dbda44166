"""Screening settlement data: the rules, a run over a folder, what verification said of each rule."""

from __future__ import annotations

import secrets
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, OutFolder, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import heading, listed, print_json, say
from include.domain.errors import GiveUp
from include.domain.screening import Precision, by_institution
from include.settings import Settings
from include.steps import screen as step
from include.steps import screened_clues, screened_persons, screening_thresholds

app = typer.Typer(help="结算数据筛查：规则、运行、查实率；疑点不等于违规。", no_args_is_help=True)

TRENDS = "重点药品耗材使用趋势"
TITLE = "大数据筛查疑点线索佐证附件"


@app.command("rules")
def rules_(as_json: AsJson = False) -> None:
    """列出筛查规则：编号、名称、版本、参数及可调范围。"""
    from include.screening.registry import screens

    found = [screen.RULE for screen in screens()]
    if as_json:
        print_json(found)
        return
    for rule in found:
        heading(f"{rule.number} {rule.title}（{rule.result}，版本{rule.version}）")
        say(rule.logic, lead="  ")
        for each in rule.parameters:
            say(f"{each.title} {each.default}{each.unit}（{each.least}—{each.most}）", lead="  参数：")
        if rule.inputs:
            say("、".join(rule.inputs), lead="  所需清单：")
        say("、".join(rule.caveats), lead="  排除或注意：")


@app.command()
def run(
    data: Annotated[str, typer.Argument(help="结算数据所在目录或对象存储地址", metavar="数据")],
    out: OutFolder,
    engine: Annotated[
        str, typer.Option("--engine", help="duckdb、spark，或 Spark 集群的地址", metavar="引擎")
    ] = "duckdb",
    region: Annotated[str, typer.Option("--region", help="只筛查这个区划", metavar="区划")] = "",
    month: Annotated[str, typer.Option("--month", help="只筛查这个月，如 2025-03", metavar="月份")] = "",
    lists: Annotated[str, typer.Option("--lists", help="本局清单（CSV）所在目录", metavar="目录")] = "",
    only: Annotated[
        list[str] | None, typer.Option("--rule", help="只运行这条规则，可重复", metavar="编号")
    ] = None,
    memory: Annotated[str, typer.Option("--memory", help="内存上限，用完写磁盘", metavar="大小")] = "6GB",
    campaign_id: Annotated[
        str,
        typer.Option(
            "--campaign", help="按哪个专项行动批准的参数筛查，并列出其核查得出的各规则查实率", metavar="编号"
        ),
    ] = "",
    persons_for: Annotated[
        str,
        typer.Option(
            "--persons-for",
            help="附件写出人员编号，供这个岗位使用：只限办公室主任、管辖经办机构岗位；不写则以代号表示",
            metavar="岗位",
        ),
    ] = "",
    reason: Annotated[
        str,
        typer.Option(
            "--reason", help="查看人员编号的理由，写 --persons-for 的必填，记入留痕", metavar="理由"
        ),
    ] = "",
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """筛查一个目录的结算数据，写出佐证附件（人员以代号表示）和重点品种趋势；不登记线索。"""
    from include.gateways.key_item_trends import workbook as trend_workbook
    from include.gateways.screening_annex import workbook
    from include.gateways.warehouse import Warehouse, connect
    from include.screening.key_items import trends
    from include.screening.registry import evidence

    asked = day(on)
    shows_persons = bool(persons_for)
    if shows_persons:
        _put_on_record(campaign_id, persons_for, reason, data, asked)
    said, parameters = _of_campaign(campaign_id, asked)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".screening_") as scratch:
        warehouse = Warehouse(Path(scratch) / "prepared", memory=memory)
        taken = warehouse.take_in(data, region=region, month=month)
        connection = connect(engine, scratch=Path(scratch), memory=memory)
        prepared = warehouse.data(connection, lists)
        found = step.find(prepared, on=asked, only=only or (), parameters=parameters)
        hits = [each.hit for each in found.hits]
        content = workbook(
            TITLE,
            asked,
            [(str(number), each) for number, each in enumerate(found.hits, start=1)],
            evidence(prepared, hits),
            # A key that can be guessed would lead back to the person.
            key=Settings().token_key.get_secret_value() or secrets.token_hex(32),
            rules=found.rules,
            verified=said,
            shows_persons=shows_persons,
        )
        key_items = trends(prepared)
        connection.disconnect()
    (out / "佐证附件.xlsx").write_bytes(content)
    if key_items:
        (out / "重点品种趋势.xlsx").write_bytes(trend_workbook(TRENDS, asked, key_items, {}))
    ranked = by_institution(hits)
    doubtful = step.doubtful(found.rules, said)
    if as_json:
        print_json(
            {
                "settlements": taken.settlements,
                "lines": taken.lines,
                "refused": [{"region": k.region, "month": k.month, "why": why} for k, why in taken.refused],
                "refused_lists": list(prepared.refused.values()),
                "rules": found.rules,
                "hits": len(hits),
                "doubtful": doubtful,
                "institutions": ranked[:50],
            }
        )
        return
    heading(f"结算{taken.settlements}条、明细{taken.lines}条，疑点{len(hits)}条")
    for place, why in taken.refused:
        say(f"{place.zh}：{why}", lead="  拒收 ")
    for why in prepared.refused.values():
        say(why, lead="  ")
    listed([(each.number, f"版本{each.version}", each.left_out or f"{each.hits}条") for each in found.rules])
    for sentence in doubtful:
        say(sentence, lead="  注意 ")
    for one in ranked[:10]:
        say(f"{one.code}：{one.hits}条、{one.models}个模型、疑点金额{one.amount:,.2f}元", lead="  ")


def _of_campaign(campaign_id: str, on: date) -> tuple[list[Precision], dict[str, dict[str, Decimal]]]:
    """What verification has said of each rule, and the parameters the campaign has approved."""
    if not campaign_id:
        return [], {}
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        said = screened_clues.verified(campaign, using=using)
        return said, screening_thresholds.in_force(campaign, on=on, using=using)


def _put_on_record(campaign_id: str, post: str, reason: str, data: str, on: date) -> None:
    """Who sees persons by number, and why, before any is shown. Stop the command for a post that may not."""
    if not campaign_id:
        raise fail("写 --persons-for 的，须同时用 --campaign 写明专项行动")
    with at_work() as using:
        try:
            screened_persons.put_on_record(
                campaign_of(campaign_id), post, reason=reason, source=data, on=on, using=using
            )
        except GiveUp as fault:
            raise fail(str(fault)) from fault


@app.command()
def precision(campaign_id: CampaignId, as_json: AsJson = False) -> None:
    """各规则的查实率：核查结论按线索汇总；多数不属实的予以提示。"""
    campaign = campaign_of(campaign_id)
    with at_work() as using:
        found = screened_clues.verified(campaign, using=using)
    if as_json:
        print_json(
            [
                {
                    "number": e.number,
                    "version": e.version,
                    "confirmed": e.confirmed,
                    "wrong": e.wrong,
                    "undecided": e.undecided,
                    "share": e.share,
                    "sentence": e.sentence,
                }
                for e in found
            ]
        )
        return
    for each in found:
        say(each.sentence)
    if not found:
        say("还没有本地筛查的线索")
