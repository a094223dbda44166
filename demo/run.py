"""``make demo``: a whole self-check on this machine, through the real scheduler, real SMTP and real files."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from demo.cluster import HOME as CLUSTER_HOME
from demo.cluster import Cluster
from demo.environment import ADMIN, DEPUTY, DIRECTOR, ROLES, ROOT, STAFF
from demo.outcome import Outcome
from demo.play import DAYS, Act, Play
from demo.registers import CHASED_ON, CLOSED_ON, ENTERED_ON, Lives, RegisterRefused
from demo.roster import write_workbook
from demo.runs import RunFailed, Runs
from demo.settlements import SCREENED_ON, Screening
from demo.settlements import make as make_settlements
from demo.stack import HOME, NotStarted, Stack
from include.assembly import looking
from include.campaigns.registry import FOLDER, load_campaign
from include.domain.reports import FileRole
from include.settings import Settings

CAMPAIGN = "wushen_2024"
console = Console(highlight=False)


def main(stack: Stack) -> int:
    """Play the demo on that stack; 0 only when everything in the closing table really happened."""
    began = time.monotonic()
    console.rule("督办 Duban 演示：乌审旗2024年医保基金专项整治 · 自查自纠（全部为模拟数据）")
    try:
        with console.status("启动 Airflow（调度器、接口服务、流程解析器）和本机邮件服务器……"):
            stack.start()
            stack.wait_until_healthy(180)
        os.environ.update({name: value for name, value in stack.env.items() if name.startswith("DUBAN_")})
        _show_damaged_roster(stack)
        outcome = _perform(stack)
    except (NotStarted, RunFailed, RegisterRefused) as fault:
        console.print(str(fault), style="red", markup=False)
        return 1
    _show(outcome, stack, time.monotonic() - began)
    return 1 if outcome.problems else 0


def _perform(stack: Stack) -> Outcome:
    settings = Settings()
    campaign = load_campaign(FOLDER / CAMPAIGN)
    using = looking(settings, ledger_url=settings.ledger_default_url)
    with (
        _bars() as bars,
        stack.api(ADMIN) as admin,
        stack.api(STAFF) as staff,
        stack.api(DIRECTOR) as director,
        stack.api(DEPUTY) as deputy,
    ):
        tasks = bars.add_task("", total=1)
        runs = Runs(admin, watch=lambda done, total: bars.update(tasks, completed=done, total=total))
        lives = Lives(campaign, runs, using, say=_line_above(bars))
        play = Play(
            campaign,
            runs,
            using,
            signers={"prepared": staff, "reviewed": director, "approved": deputy},
            inbox=Path(settings.inbox_url),
            mails=stack.mails,
            say=_line_above(bars),
        )
        screening = Screening(campaign, runs, using, say=_line_above(bars))
        acts = [
            *([] if play.is_over() else play.acts()),
            *([] if lives.is_over() else _lives(lives)),
            *([] if screening.is_over() else [Act(f"{SCREENED_ON} 筛查结算数据", screening.perform)]),
        ]
        if not acts:
            bars.console.print(
                "演示已经完成过，以下是现有结果。要重新演示：make stop，删除 .airflow 文件夹，再 make demo。"
            )
        for number, act in enumerate(acts, start=1):
            bars.update(tasks, description=f"{number}/{len(acts)} {act.title}", completed=0)
            bars.console.print(f"[bold]{number}/{len(acts)} {act.title}[/bold]")
            act.perform()
    outcome = Outcome.of(campaign, using, stack.mails)
    if outcome.edition is not None and (tables := outcome.edition.file(FileRole.TABLES)) is not None:
        outcome.report = stack.home / tables.name
        outcome.report.write_bytes(using.archive.get(tables.sha256))
    using.close()
    return outcome


def _lives(lives: Lives) -> list[Act]:
    return [
        Act(f"{ENTERED_ON} 登记各类台账", lives.enter),
        Act(f"{CHASED_ON} 台账逐条督办", lives.chase),
        Act(f"{CLOSED_ON} 逐件办结", lives.end),
    ]


def _line_above(bars: Progress) -> Callable[[str], None]:
    return lambda text: bars.console.print(f"    {text}", markup=False, soft_wrap=True)


def _show_damaged_roster(stack: Stack) -> None:
    """A roster with faults, checked but not imported: what an office sees before it imports."""
    file = stack.home / "名册（有错示例）.xlsx"
    write_workbook(file, damage=True)
    command = ("roster", "import", str(file), "--campaign", CAMPAIGN, "--on", "2024-05-06", "--dry-run")
    console.print("[bold]导入前先检查一份有错的名册（只检查，不导入）[/bold]")
    subprocess.run([sys.executable, "-m", "include.cli", *command], cwd=ROOT, env=stack.env, check=False)


def _bars() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} 步"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def _show(outcome: Outcome, stack: Stack, seconds: float) -> None:
    console.print(
        _table(
            f"发出的通知（份，合并为{outcome.mails}封邮件）",
            {kind.zh: number for kind, number in outcome.notices.items()},
        )
    )
    if outcome.not_sent:
        console.print(_table("未发出的通知（份）", {state.zh: n for state, n in outcome.not_sent.items()}))
    console.print(_table("报送情况（家）", {state.zh: n for state, n in outcome.units.items() if n}))
    lives = Table(title="台账逐条办到底")
    for header in ("台账", "编号", "状态"):
        lives.add_column(header)
    for each in outcome.endings:
        lives.add_row(each.title, each.number, each.state)
    console.print(lives)
    places = Table(show_header=False)
    places.add_row("统计表", str(outcome.report))
    places.add_row("全部邮件", f"{stack.mails / 'index.html'}（用浏览器打开）")
    places.add_row("督办台", f"{stack.ports.api_url}/duban/?on={DAYS[-1].on}（按演示的日期查看）")
    places.add_row("结算数据筛查", f"{stack.ports.api_url}/duban/screening")
    places.add_row("Airflow 界面", stack.ports.api_url)
    for user in ROLES:
        places.add_row(f"登录：{user}", stack.password(user))
    places.add_row("停止", "make stop")
    console.print(places)
    for problem in outcome.problems:
        console.print(f"✗ {problem}", style="red", markup=False)
    if not outcome.problems:
        console.print(f"演示完成，用时{seconds:.0f}秒；台账与收件箱逐封相符，无重复、无遗漏。", style="green")


def _table(title: str, counts: dict[str, int]) -> Table:
    table = Table(title=title, min_width=36)
    table.add_column("类别")
    table.add_column("数量", justify="right")
    for name, number in counts.items():
        table.add_row(name, str(number))
    table.add_row("合计", str(sum(counts.values())), style="bold")
    return table


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="督办 Duban 演示")
    arguments.add_argument("--home", type=Path, help="演示数据所在文件夹")
    arguments.add_argument("--cluster", action="store_true", help="在生产部署的各组件上演示，而不是单机")
    asked = arguments.parse_args()
    home, kind = (CLUSTER_HOME, Cluster) if asked.cluster else (HOME, Stack)
    home = (asked.home or home).resolve()
    sys.exit(main(kind(home, extra=make_settlements(home / "duban" / "settlements"))))
