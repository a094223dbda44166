"""The ledger: bring its tables up to date, verify its audit trail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from include.cli.common import AsJson, at_work
from include.cli.faults import fail
from include.cli.output import print_json, say
from include.settings import Settings

app = typer.Typer(help="台账数据库：升级表结构、核对留痕。", no_args_is_help=True)


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
def verify(as_json: AsJson = False) -> None:
    """核对留痕记录是否被改动过；不完整时退出码为1。"""
    with at_work() as using:
        broken = using.ledger.audit.verify()
    if as_json:
        print_json({"whole": broken is None, "first_broken": broken})
    elif broken is None:
        say("留痕记录完整")
    if broken is not None:
        raise fail(f"留痕记录从第{broken}条起与校验值不符，可能被改动过，请立即核查")
