"""Expected faults, whatever the command: one Chinese sentence on standard error and exit code 1."""

from __future__ import annotations

from typing import Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from typer.core import TyperGroup

from include.campaigns.problems import CampaignError
from include.domain.errors import GiveUp, TryAgain
from include.settings import Settings

UPGRADE = "python -m include.cli ledger upgrade"


class Commands(TyperGroup):
    """The commands under one roof: none of them shows a traceback for what people do wrong."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # `| head` has seen enough
        except Exception as fault:
            said = sentence(fault)
            if said is None:
                raise
            raise fail(said) from fault


def fail(said: str) -> typer.Exit:
    """Say what is wrong on standard error; exit code 1."""
    typer.echo(said, err=True)
    return typer.Exit(1)


def sentence(fault: Exception) -> str | None:
    """What a person is told; None for a fault of ours, whose traceback is wanted."""
    if isinstance(fault, ValidationError):
        return _settings(fault) if fault.title == Settings.__name__ else None
    if isinstance(fault, GiveUp | TryAgain | CampaignError):
        return str(fault)
    if isinstance(fault, SettingsError):
        return f'环境变量的值无法读取，应写成 JSON，如 {{"office_director": "director"}}（{fault}）'
    if isinstance(fault, OSError) and fault.filename is not None:
        return f"无法读写“{fault.filename}”：{_REASONS.get(type(fault), fault.strerror)}"
    return _database(fault) or (str(fault) if _is_chinese(fault) else None)


_REASONS: dict[type[OSError], str] = {
    FileNotFoundError: "没有这个文件或文件夹",
    FileExistsError: "已有同名的文件",
    IsADirectoryError: "这是一个文件夹，请写文件名",
    NotADirectoryError: "路径中有一部分不是文件夹",
    PermissionError: "没有读写权限",
}


def _settings(fault: ValidationError) -> str:
    found = [
        f"环境变量 DUBAN_{str(error['loc'][0]).upper()} 的值“{error['input']}”不可用："
        f"应填写的是“{Settings.model_fields[str(error['loc'][0])].description}”"
        for error in fault.errors(include_url=False)
    ]
    return "；".join(found)


def _database(fault: Exception) -> str | None:
    from alembic.util import CommandError
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    if isinstance(fault, CommandError):
        return "台账的表结构比本程序新，请使用与台账相同或更新的程序版本"
    if isinstance(fault, ArgumentError | NoSuchModuleError):
        return (
            "台账数据库地址无法识别，请写成 sqlite:////数据目录/ledger.db 或 postgresql://用户:密码@主机/库名"
        )
    if not isinstance(fault, DBAPIError):
        return None
    said = str(fault.orig).strip().splitlines()[0]
    if type(fault.orig).__name__ in _WITHOUT_TABLES or said.startswith(("no such table", "no such column")):
        return f"台账还没有建表，或表结构不是当前版本，请先运行 {UPGRADE}"
    return f"台账数据库无法使用，请核对 DUBAN_LEDGER_URL 并确认数据库已启动（{said}）"


_WITHOUT_TABLES = frozenset({"UndefinedTable", "UndefinedColumn"})
"""psycopg's names for SQLSTATE 42P01 and 42703."""


def _is_chinese(fault: Exception) -> bool:
    """Sentences for people are in Chinese; one in English is a fault of the program."""
    return isinstance(fault, ValueError | OSError) and any(
        "\u4e00" <= char <= "\u9fff" for char in str(fault)
    )
