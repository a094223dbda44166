"""What the commands share: options, output as text or JSON, the campaign asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from include.assembly import Assembly, looking
from include.campaigns.registry import load_campaigns
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, TryAgain
from include.settings import Settings

CampaignId = Annotated[str, typer.Option("--campaign", help="专项行动编号，如 wushen_2024")]
On = Annotated[str, typer.Option("--on", help="按哪一天办理，如 2024-05-24", metavar="日期")]
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出，供程序读取")]
Out = Annotated[Path, typer.Option("--out", help="写到哪个文件或文件夹")]

console = Console(highlight=False, soft_wrap=True)


def fail(sentence: str) -> typer.Exit:
    """Say what is wrong on standard error; exit code 1."""
    typer.echo(sentence, err=True)
    return typer.Exit(1)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise fail(f"日期“{text}”无法识别，请写成 2024-05-24 这样的格式") from None


def campaign_of(campaign_id: str) -> Campaign:
    registry = load_campaigns(Settings().campaigns)
    for campaign in registry.campaigns:
        if campaign.id == campaign_id:
            return campaign
    known = "、".join(campaign.id for campaign in registry.campaigns)
    raise fail(f"没有可运行的专项行动“{campaign_id}”；现有：{known}。配置是否有误可用 campaigns check 检查")


@contextmanager
def at_work() -> Iterator[Assembly]:
    """The gateways of this machine's settings; faults become one sentence and exit code 1."""
    from include.gateways.ledger.database import upgrade

    settings = Settings()
    try:
        if not settings.ledger_url:
            settings.home.mkdir(parents=True, exist_ok=True)
            upgrade(settings.ledger_default_url)
        using = looking(settings, ledger_url=settings.ledger_default_url)
    except ValueError as fault:
        raise fail(str(fault)) from fault
    try:
        yield using
    except (GiveUp, TryAgain, ValueError) as fault:
        raise fail(str(fault)) from fault
    finally:
        using.close()


def show(value: Any, *, as_json: bool, text: str | None = None) -> None:
    """Print a result as JSON or as text."""
    if as_json:
        typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))
    elif text is not None:
        console.print(text, markup=False)


def show_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(title=title)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table, soft_wrap=False)


def plain(value: Any) -> Any:
    """Anything of ours as JSON knows it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Decimal | date | Path):
        return str(value)
    return value
