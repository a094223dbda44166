"""The ledger: bring its tables up to date, verify its audit trail."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from include.assembly import Assembly, moment
from include.cli.common import AsJson, CampaignId, On, OutFolder, at_work, campaign_of, day
from include.cli.faults import fail
from include.cli.output import print_json, say
from include.domain.dates import zh_date
from include.domain.run_days import last_day
from include.settings import Settings

YEARS = 10
"""At the least, from the end of the year in which the campaign ended."""

app = typer.Typer(help="台账数据库：升级表结构、核对留痕、归档。", no_args_is_help=True)


@app.command()
def upgrade(
    url: Annotated[
        str,
        typer.Option(
            "--url", help="数据库地址；不写则取 DUBAN_LEDGER_URL，再无则为单机版台账", metavar="地址"
        ),
    ] = "",
) -> None:
    """把台账的表结构升级到当前版本；已是当前版本的不变。"""
    from include.gateways.ledger.database import upgrade as migrate

    settings = Settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    migrate(url or settings.ledger_default_url)
    say("台账表结构已是当前版本")


@app.command("downgrade")
def downgrade(
    revision: Annotated[
        str,
        typer.Option(
            "--to", help="退回到哪一版表结构，如 0016；旧程序的版本见其 include/migrations", metavar="版本"
        ),
    ],
    backup: Annotated[
        Path, typer.Option("--backup", help="刚做好的备份；与台账现状不一致的不退回", metavar="文件夹")
    ],
) -> None:
    """把台账的表结构退回旧版本，供旧程序使用；旧表容纳不下的数据会丢失，所以须先备份。"""
    from include.gateways.backup import verified
    from include.gateways.ledger.database import downgrade as migrate
    from include.gateways.ledger.picture import of

    url = Settings().ledger_default_url
    if verified(backup).picture != of(url):
        raise fail(f"备份“{backup}”之后台账又有变动，请停止全部组件，重新备份后再退回")
    migrate(url, revision)
    say(f"台账表结构已退回版本{revision}；旧程序启动前不要再用本程序打开台账")


@app.command("verify")
def verify(
    backup: Annotated[
        Path | None,
        typer.Option("--backup", help="再与一份备份核对：其后有没有整段被删掉", metavar="文件夹"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核对留痕记录是否被改动过；不完整时退出码为1。"""
    with at_work() as using:
        broken = using.ledger.audit.verify()
        is_cut = backup is not None and not _knows_end_of(backup, using)
    if as_json:
        print_json({"whole": broken is None and not is_cut, "first_broken": broken, "cut_off": is_cut})
    elif broken is None and not is_cut:
        say("留痕记录完整")
    if broken is not None:
        raise fail(f"留痕记录从第{broken}条起与校验值不符，可能被改动过，请立即核查")
    if is_cut:
        raise fail("备份中留痕的末条在台账中已不存在，其后的记录可能被删除过，请立即核查")


@app.command("export")
def export(campaign_id: CampaignId, out: OutFolder, on: On = None, as_json: AsJson = False) -> None:
    """归档一个已结束的专项行动：全部记录（CSV）、原件、上报依据和校验清单，脱离本系统可读，供保存10年以上。"""
    from include.gateways import retention

    settings, campaign = Settings(), campaign_of(campaign_id)
    with at_work() as using:
        ended = last_day(campaign, using.calendar)
    if day(on) <= ended:
        raise fail(f"“{campaign.short_title}”到{zh_date(ended)}才全部结束，请在其后归档")
    subject = retention.Subject(
        campaign.id, campaign.title, settings.campaigns / campaign.id, date(ended.year + YEARS + 1, 1, 1)
    )
    contents = retention.export(
        subject,
        out.absolute(),
        ledger_url=settings.ledger_default_url,
        archive=settings.archive_url,
        at=moment(),
    )
    if as_json:
        print_json(contents)
    else:
        say(
            f"已归档：{out}，记录{sum(contents.rows.values())}条，原件{contents.originals}份，应保存至{zh_date(subject.keep_until)}"
        )
    for name in contents.missing:
        typer.echo(f"原件 {name} 不在档案中或已损坏，没有归档", err=True)


@app.command("check-export")
def check_export(
    folder: Annotated[Path, typer.Argument(help="归档的文件夹", metavar="文件夹")], as_json: AsJson = False
) -> None:
    """核对归档的文件夹：逐个文件的校验值、各表条数和留痕链；不符的退出码为1。"""
    from include.gateways import retention

    contents, wrong = retention.check(folder)
    if as_json:
        print_json({"campaign": contents.campaign_id, "whole": not wrong, "wrong": wrong})
    else:
        for each in wrong:
            say(each)
        say(f"有{len(wrong)}处不符。" if wrong else f"完整：{contents.title}，文件{len(contents.files)}个")
    if wrong:
        raise typer.Exit(1)


def _knows_end_of(backup: Path, using: Assembly) -> bool:
    from include.gateways.backup import read

    end = read(backup).picture.audit_end
    return end is None or using.ledger.audit.knows(end)
