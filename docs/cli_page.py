"""The reference of the command line, out of the commands themselves."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from include.cli.__main__ import app

INTRODUCTION = """# Command line

`.venv/bin/python -m include.cli COMMAND`, without Airflow. The ledger is the one `DUBAN_LEDGER_URL` names, or the file
in `DUBAN_HOME`; see [settings](settings.md). Nothing here sends mail, whatever
`DUBAN_SEND_MODE` says, but the alarms of `watch`.

`--json` prints JSON instead of text. Exit codes: 0 done, 1 something is wrong (one sentence on standard error, or the
findings asked for), 2 the command was written wrongly.
"""


def cli_page() -> str:
    """Markdown: a section per command, in the order of ``--help``."""
    root = get_command(app)
    return "\n".join([INTRODUCTION, *_sections(root, ())])


def _sections(group: Any, path: tuple[str, ...]) -> list[str]:
    parts = []
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            parts += [f"## {name}", "", command.help, "", *_sections(command, (*path, name))]
        else:
            parts += _command(command, (*path, name))
    return parts


def _command(command: Any, path: tuple[str, ...]) -> list[str]:
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    line = " ".join([*path, *(argument.metavar for argument in arguments)])
    rows = [f"| {_name(parameter)} | {_need(parameter)} | {parameter.help} |" for parameter in command.params]
    level = "#" * (len(path) + 1)
    return [
        f"{level} `{line}`",
        "",
        command.help,
        "",
        "| 参数 | 要求 | 说明 |",
        "|---|---|---|",
        *rows,
        "",
    ]


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`"
    value = "" if parameter.is_flag else f" {parameter.metavar}"
    return f"`{parameter.opts[0]}{value}`"


def _need(parameter: Any) -> str:
    if parameter.required:
        return "必填"
    return f"默认 {parameter.default}" if parameter.default else ""
