"""Data feeds (数据源): a register filled from a bureau database, and how fresh what it gave was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from include.domain.faults import Fault, refuse
from include.domain.model import Key, Strict, Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
PARAMETERS = ("campaign_id", "region", "starts_on", "on")
"""What a query may ask for, as ``:region``; values are bound, never written into the text."""
_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")
_READS = re.compile(r"\s*(?:--[^\n]*\n\s*)*(?:select|with)\b", re.IGNORECASE)
_TEXT = re.compile(r"'(?:[^']|'')*'|--[^\n]*")


class Feed(Strict):
    """One query of a bureau database whose rows are entered as a workbook's would be."""

    key: Key = Field(description="数据源代号")
    title: Text = Field(description="数据源名称，如“上级下发线索（省平台）”")
    form: Key = Field(description="登记到哪张台账：roster 名册，或台账代号，如 clue、rectification")
    connection: Text = Field(
        pattern=r"^[A-Za-z0-9_.-]{1,200}$", description="Airflow“管理—连接”中的连接编号；账号只给查询权限"
    )
    query: Text | None = Field(
        default=None, description="查询语句（SELECT），列名为台账的字段名或栏目名；与 file 写其中一项"
    )
    file: Text | None = Field(
        default=None, pattern=r"^[\w-]+\.sql$", description="本专项文件夹中的查询语句文件，如 clues.sql"
    )
    loaded_at: Text | None = Field(default=None, description="查询结果中装载时间的列名，用来判断数据是否过时")
    warn_after: int | None = Field(default=None, ge=1, description="装载时间超过多少小时提示")
    error_after: int | None = Field(default=None, ge=1, description="装载时间超过多少小时拒绝导入")

    @model_validator(mode="after")
    def _consistent(self) -> Feed:
        refuse("Feed", self._faults())
        return self

    def _faults(self) -> Iterator[Fault]:
        if (self.query is None) == (self.file is None):
            yield Fault(("query",), "query（查询语句）和 file（语句文件）须写且只写一项", self.query)
        if self.query is not None and (sentence := why_not_run(self.query)):
            yield Fault(("query",), sentence, self.query)
        if self.loaded_at is None and (self.warn_after or self.error_after):
            yield Fault(
                ("loaded_at",), "写了 warn_after 或 error_after，须同时写 loaded_at（装载时间的列名）", None
            )
        if self.warn_after and self.error_after and self.error_after < self.warn_after:
            sentence = (
                f"error_after（{self.error_after}）小于 warn_after（{self.warn_after}），请核对两个小时数"
            )
            yield Fault(("error_after",), sentence, self.error_after)


def why_not_run(query: str) -> str | None:
    """Why a query is not run: it does not only read, is several, or asks for a parameter there is not."""
    bare = _TEXT.sub(" ", query)
    if not _READS.match(query) or ";" in bare.rstrip().rstrip(";"):
        return "查询语句须是一条以 SELECT 或 WITH 开头的语句，不得修改数据"
    unknown = sorted(set(_PARAMETER.findall(bare)) - set(PARAMETERS))
    if unknown:
        known = "、".join(f":{name}" for name in PARAMETERS)
        return f"查询语句中的参数“:{unknown[0]}”不存在，可用{known}"
    return None


def parameters_in(query: str) -> set[str]:
    """The parameters a query asks for."""
    return set(_PARAMETER.findall(_TEXT.sub(" ", query)))


class PullState(StrEnum):
    ENTERED = "entered"  # 已登记(含没有变化)
    REFUSED = "refused"  # 数据过时、有误,没有登记
    BROKEN = "broken"  # 连不上或查询出错

    @property
    def zh(self) -> str:
        return {"entered": "已登记", "refused": "未登记", "broken": "未能读取"}[self.value]


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull of a feed: ``rows`` read (行), the newest ``loaded_at`` among them, records (条) that changed."""

    feed: str
    at: datetime
    state: PullState
    rows: int
    loaded_at: datetime | None
    changed: int
    detail: str


def age(loaded_at: datetime, now: datetime) -> timedelta:
    """How old it is; a time without a zone is Beijing's. Nothing is younger than now."""
    zoned = loaded_at if loaded_at.tzinfo else loaded_at.replace(tzinfo=SHANGHAI)
    return max(now - zoned, timedelta(0))


def too_old(feed: Feed, loaded_at: datetime | None, now: datetime) -> str | None:
    """Why rows that old are refused, in one sentence; None when they are not."""
    if feed.error_after is None:
        return None
    if loaded_at is None:
        return f"“{feed.title}”没有一行带有装载时间（{feed.loaded_at}），无法判断数据是否过时，没有导入"
    if age(loaded_at, now) > timedelta(hours=feed.error_after):
        return f"“{feed.title}”{_how_old(loaded_at, now)}，超过允许的{feed.error_after}小时，没有导入；请与数据提供方核实"
    return None


def getting_old(feed: Feed, loaded_at: datetime | None, now: datetime) -> str | None:
    """What to look at, though the rows are taken."""
    if (
        feed.warn_after is None
        or loaded_at is None
        or age(loaded_at, now) <= timedelta(hours=feed.warn_after)
    ):
        return None
    return f"“{feed.title}”{_how_old(loaded_at, now)}，超过提示的{feed.warn_after}小时"


def stale(feed: Feed, last: Pull | None, now: datetime) -> str | None:
    """Why what the ledger has from a feed must not go into a report; None when it may, or nobody set a limit."""
    if feed.error_after is None:
        return None
    if last is None:
        return f"数据源“{feed.title}”还没有成功导入过"
    return too_old(feed, last.loaded_at, now)


def _how_old(loaded_at: datetime, now: datetime) -> str:
    zoned = loaded_at if loaded_at.tzinfo else loaded_at.replace(tzinfo=SHANGHAI)
    hours = int(age(loaded_at, now).total_seconds() // 3600)
    spent = f"{hours}小时" if hours < 48 else f"{hours // 24}天{hours % 24}小时"
    return f"最近装载于{zoned.astimezone(SHANGHAI):%Y-%m-%d %H:%M}，距今{spent}"
