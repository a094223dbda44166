"""What the commands share: options, the day, the campaign asked for, the gateways."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from include.assembly import Assembly, looking, today
from include.campaigns.registry import load_campaigns
from include.cli.faults import fail
from include.domain.campaign import Campaign
from include.settings import Settings

CampaignId = Annotated[str, typer.Option("--campaign", help="专项行动编号，如 wushen_2024", metavar="编号")]
On = Annotated[
    str | None, typer.Option("--on", help="按哪一天办理，如 2024-05-24；不写则为今天", metavar="日期")
]
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出，供程序读取")]
By = Annotated[str, typer.Option("--by", help="由哪个岗位办理，写岗位代号或名称，不写姓名", metavar="岗位")]
Reason = Annotated[str, typer.Option("--reason", help="理由，记入留痕", metavar="理由")]
OutFolder = Annotated[Path, typer.Option("--out", help="写到哪个文件夹，没有则新建", metavar="文件夹")]


def day(text: str | None) -> date:
    """The day asked for, today's in Shanghai when none is."""
    if text is None:
        return today()
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        asked = None
    # Python reads 20240524 and 2024-W21-5 too; a date is written in one way here.
    if asked is None or str(asked) != text:
        raise fail(f"日期“{text}”无法识别，请写成 2024-05-24 这样的格式")
    return asked


def campaign_of(campaign_id: str) -> Campaign:
    registry = load_campaigns(Settings().campaigns)
    for campaign in registry.campaigns:
        if campaign.id == campaign_id:
            return campaign
    if any(error.file.parent.name == campaign_id for error in registry.broken):
        raise fail(f"专项行动“{campaign_id}”的配置有误，请运行 campaigns check 查看并改正")
    known = "、".join(campaign.id for campaign in registry.campaigns) or "没有可运行的专项行动"
    raise fail(f"没有编号为“{campaign_id}”的专项行动；现有：{known}")


def content_of(file: Path) -> bytes:
    """The bytes of a file named on the command line; a missing one is told before any work is done."""
    if not file.is_file():
        raise fail(f"找不到文件“{file}”，请核对路径和文件名")
    return file.read_bytes()


@contextmanager
def at_work(*, archive: str = "") -> Iterator[Assembly]:
    """The gateways of this machine's settings. ``archive`` replaces theirs where nothing is to be kept."""
    from include.gateways.ledger.database import upgrade

    settings = Settings()
    if not settings.ledger_url:
        settings.home.mkdir(parents=True, exist_ok=True)
        upgrade(settings.ledger_default_url)
    if archive:
        settings = settings.model_copy(update={"archive": archive})
    using = looking(settings, ledger_url=settings.ledger_default_url)
    try:
        yield using
    finally:
        using.close()
