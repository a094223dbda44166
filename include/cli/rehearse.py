"""A whole campaign played against synthetic units, before anybody real is written to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from include.assembly import moment
from include.cli.common import AsJson, campaign_of
from include.cli.faults import fail
from include.cli.output import heading, listed, say
from include.rehearsal import SEED, UNITS
from include.settings import ROOT, Settings

if TYPE_CHECKING:
    from include.rehearsal.play import Outcome
    from include.rehearsal.timeline import Day

RESULTS = ROOT / ".airflow" / "rehearsals"


def whole_campaign(
    campaign_id: Annotated[str, typer.Argument(help="专项行动编号，如 wushen_2024", metavar="编号")],
    seed: Annotated[
        int, typer.Option("--seed", help="种子，同一种子每次演练结果相同", metavar="整数")
    ] = SEED,
    units: Annotated[
        int, typer.Option("--units", min=4, max=2000, help="模拟多少家单位", metavar="家数")
    ] = UNITS,
    out: Annotated[
        Path | None, typer.Option("--out", help="结果写到哪个空文件夹，不写则自动新建", metavar="文件夹")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """全程演练一个专项行动：从第一天到最后一天，单位、日历和台账登记全部模拟，不发给任何真实单位。"""
    # Mail server, workbooks and validation take a second to import: only who rehearses waits for them.
    from include.rehearsal.play import rehearse
    from include.rehearsal.report import as_dict, keep

    campaign = campaign_of(campaign_id)
    home = out or RESULTS / campaign.id / f"{moment():%Y%m%d-%H%M%S}"
    if home.exists() and any(home.iterdir()):
        raise fail(f"文件夹“{home}”不是空的，演练须写到空文件夹，请换一个或先清空")
    if not as_json:
        heading(f"{campaign.title}：全程演练（模拟单位{units}家，种子{seed}，全部为模拟数据）")
    outcome = rehearse(
        campaign,
        home,
        deployed=Settings(),
        seed=seed,
        units=units,
        watch=(lambda day: None) if as_json else _tell,
    )
    keep(outcome, home)
    if as_json:
        typer.echo(json.dumps(as_dict(outcome), ensure_ascii=False, indent=2))
    else:
        _close(outcome, home)
    if outcome.problems:
        raise typer.Exit(1)


def _tell(day: Day) -> None:
    say(day.text)


def _close(outcome: Outcome, home: Path) -> None:
    from include.rehearsal.report import closing

    for title, rows in closing(outcome):
        heading(title)
        listed(rows)
    heading("结果")
    listed(
        [
            ("过程", home / "timeline.txt"),
            ("报告", home / "reports"),
            ("邮件", home / "mails" / "index.html"),
            ("台账", home / "ledger.db"),
        ]
    )
    for problem in outcome.problems:
        say(problem, lead="✗ ")
    if by_hand := outcome.by_hand:
        say(f"另有{len(by_hand)}项报告系统尚不能自动编制，须人工编制：{'、'.join(by_hand)}。")
    if not outcome.problems:
        say("演练完成：通知逐份有结果、邮件无重复，线索举报件件有结果，退费逐分相符，上报的报告均在时限内。")
