"""The watch: outside Airflow, so that it can say when Airflow is silent."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import Annotated

import typer

from include.assembly import mail_server, moment
from include.cli.common import AsJson
from include.cli.output import plain, print_json, say
from include.settings import Settings
from include.steps.watch import SHANGHAI, Look, Watch, look

OWN_CONNECTION, CONNECTION = "AIRFLOW_CONN_DUBAN_WATCH_SMTP", "AIRFLOW_CONN_DUBAN_SMTP"
"""An account of the watch's own can tell of the office's that has expired."""
DATABASE, QUEUE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CELERY__BROKER_URL"


def watch(
    airflow: Annotated[
        str, typer.Option("--airflow", help="Airflow 接口服务的地址", metavar="地址")
    ] = "http://localhost:8080",
    silent: Annotated[
        int, typer.Option("--silent", min=0, help="异常持续多少分钟才发邮件", metavar="分钟")
    ] = 5,
    every: Annotated[
        int, typer.Option("--every", min=0, help="每隔多少秒看一次，一直运行；0为只看一次", metavar="秒")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """值守：在 Airflow 之外查看调度器、接口服务、worker、失败的任务、台账、磁盘和备份，异常持续一段时间发一封邮件，恢复后再发一封。只看一次时，有异常的退出码为1。"""
    watched = _watch(Settings(), airflow, timedelta(minutes=silent))
    while True:
        found = look(watched, now=moment())
        _tell(found, as_json)
        if not every:
            break
        time.sleep(every)
    if found.open or found.fault:
        raise typer.Exit(1)


def _watch(settings: Settings, airflow: str, patience: timedelta) -> Watch:
    """Raise ValueError when mails are to be sent and no account is in the environment."""
    from include.gateways.mail_server import SmtpAccount
    from include.gateways.watching import AirflowHealth, CeleryWorkers, IncidentFile, Machine

    account = None
    name = OWN_CONNECTION if os.environ.get(OWN_CONNECTION) else CONNECTION
    if settings.send_mode != "off" and (text := os.environ.get(name)):
        account = SmtpAccount.of_json(text, office=settings.office_mailbox, connection=name)
    settings.home.mkdir(parents=True, exist_ok=True)
    folders = {"数据": str(settings.home), "原件档案": settings.archive_url, "收件箱": settings.inbox_url}
    return Watch(
        airflow=AirflowHealth(airflow, database_url=os.environ.get(DATABASE, "")),
        workers=CeleryWorkers(os.environ.get(QUEUE, "")),
        machine=Machine(folders, settings.ledger_default_url),
        incidents=IncidentFile(settings.home / "watch" / "incidents.json"),
        mail_server=mail_server(settings, account),
        mailbox=settings.watch_mailbox or settings.office_mailbox,
        mail_domain=settings.mail_domain,
        patience=patience,
    )


def _tell(found: Look, as_json: bool) -> None:
    if as_json:
        print_json(plain(found))
        return
    for each in found.open:
        say(
            f"{each.title}（{each.since.astimezone(SHANGHAI):%m-%d %H:%M}起{'，已告警' if each.is_told else ''}）：{each.advice}"
        )
    for each in found.told:
        if each.ended:
            say(f"已恢复：{each.title}")
    if found.fault:
        typer.echo(f"告警邮件没有发出，下次再试：{found.fault}", err=True)
    if not found.open:
        say("一切正常")
