"""``python -m include.cli``."""

from __future__ import annotations

import typer

from include.cli import (
    backup,
    calls,
    campaigns,
    cases,
    follow,
    forms,
    inspections,
    ledger,
    mail,
    notices,
    outbox,
    refunds,
    registers,
    rehearse,
    report,
    returns,
    roster,
    screen,
    tips,
    waivers,
    watch,
)
from include.cli.faults import Commands

app = typer.Typer(
    cls=Commands,
    help="督办 Duban 命令行：查看、校验、预演，不需要启动 Airflow；除值守（watch）的告警外不发送邮件。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(campaigns.app, name="campaigns")
app.command("calendar")(campaigns.calendar)
app.add_typer(forms.app, name="forms")
app.add_typer(roster.app, name="roster")
app.add_typer(returns.app, name="returns")
app.add_typer(calls.app, name="calls")
app.add_typer(waivers.app, name="waivers")
app.add_typer(registers.app, name="registers")
app.add_typer(tips.app, name="tips")
app.add_typer(cases.app, name="cases")
app.add_typer(refunds.app, name="refunds")
app.add_typer(follow.app, name="follow")
app.add_typer(inspections.app, name="inspections")
app.add_typer(screen.app, name="screen")
app.add_typer(mail.app, name="mail")
app.add_typer(notices.reminders, name="reminders")
app.add_typer(notices.app, name="notices")
app.add_typer(outbox.app, name="outbox")
app.add_typer(report.app, name="report")
app.command("rehearse")(rehearse.whole_campaign)
app.add_typer(ledger.app, name="ledger")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("watch")(watch.watch)

if __name__ == "__main__":
    app(prog_name="python -m include.cli")
