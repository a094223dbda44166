"""Screening settlement data: the rules, a run over a folder, what verification said of each rule."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, CampaignId, On, OutFolder, at_work, campaign_of, day
from include.cli.output import heading, listed, print_json, say
from include.domain.screening import by_institution
from include.settings import Settings
from include.steps import screen as step
from include.steps import screened_clues

app = typer.Typer(help="结算数据筛查：规则、运行、查实率；疑点不等于违规。", no_args_is_help=True)

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
        str, typer.Option("--engine", help="duckdb（默认）或 spark", metavar="引擎")
    ] = "duckdb",
    region: Annotated[str, typer.Option("--region", help="只筛查这个区划", metavar="区划")] = "",
    month: Annotated[str, typer.Option("--month", help="只筛查这个月，如 2025-03", metavar="月份")] = "",
    lists: Annotated[str, typer.Option("--lists", help="本局清单（CSV）所在目录", metavar="目录")] = "",
    only: Annotated[
        list[str] | None, typer.Option("--rule", help="只运行这条规则，可重复", metavar="编号")
    ] = None,
    memory: Annotated[str, typer.Option("--memory", help="内存上限，用完写磁盘", metavar="大小")] = "6GB",
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """筛查一个目录的结算数据，写出佐证附件（人员以代号表示）；不登记线索。"""
    from include.gateways.screening_annex import workbook
    from include.gateways.warehouse import Warehouse, connect
    from include.screening.registry import evidence, rule

    asked = day(on)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".screening_") as scratch:
        warehouse = Warehouse(Path(scratch) / "prepared", memory=memory)
        taken = warehouse.take_in(data, region=region, month=month)
        connection = connect(engine, scratch=Path(scratch), memory=memory)
        prepared = warehouse.data(connection, lists)
        found = step.find(prepared, on=asked, only=only or ())
        hits = [each.hit for each in found.hits]
        key = Settings().token_key.get_secret_value() or str(asked)
        content = workbook(
            TITLE,
            asked,
            found.hits,
            evidence(prepared, hits),
            key=key,
            titles={each.number: rule(each.number).title for each in found.rules},
        )
        connection.disconnect()
    (out / "佐证附件.xlsx").write_bytes(content)
    ranked = by_institution(hits)
    if as_json:
        print_json(
            {
                "settlements": taken.settlements,
                "lines": taken.lines,
                "refused": [{"region": k.region, "month": k.month, "why": why} for k, why in taken.refused],
                "refused_lists": list(prepared.refused.values()),
                "rules": found.rules,
                "hits": len(hits),
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
    for one in ranked[:10]:
        say(f"{one.code}：{one.hits}条、{one.models}个模型、疑点金额{one.amount:,.2f}元", lead="  ")


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
