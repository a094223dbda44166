"""Whatever is typed wrongly or not there: one Chinese sentence on standard error, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from include.cli.faults import sentence
from include.domain.errors import GiveUp
from tests.cli.conftest import CAMPAIGN, run
from tests.conftest import ROOT

ASKED = ("--campaign", CAMPAIGN, "--on", "2024-05-24")
DUE = ("reminders", "due", *ASKED)
UNREACHABLE = "postgresql://duban:SECRET@127.0.0.1:1/duban"

WRONG = {
    "unknown campaign": (("reminders", "due", "--campaign", "atlantis", "--on", "2024-05-24"), {}, "没有编号为“atlantis”的专项行动；现有：anhui_2024"),
    "unknown campaign shown": (("campaigns", "show", "atlantis"), {}, "没有编号为“atlantis”的专项行动"),
    "wrong date": (("reminders", "due", "--campaign", CAMPAIGN, "--on", "5月24日"), {}, "日期“5月24日”无法识别，请写成 2024-05-24"),
    "date without hyphens": (("calendar", "20240524"), {}, "日期“20240524”无法识别"),
    "day that does not exist": (("calendar", "2024-02-30"), {}, "日期“2024-02-30”无法识别"),
    "year without holidays": (("calendar", "1999-05-24"), {}, "没有1999年的节假日安排"),
    "missing roster": (("roster", "import", "nowhere.xlsx", *ASKED), {}, "找不到文件“nowhere.xlsx”"),
    "folder for a roster": (("roster", "import", "/", *ASKED), {}, "找不到文件“/”"),
    "missing return": (("returns", "check", "nowhere.xlsx", *ASKED), {}, "找不到文件“nowhere.xlsx”"),
    "unknown unit": (("forms", "build", "self_check", "--campaign", CAMPAIGN, "--unit", "P1", "--out", "x"), {}, "名册中没有编码为“P1”的单位"),
    "unknown report": (("report", "build", "nothing", *ASKED, "--out", "x"), {}, "没有报送事项“nothing”"),
    "no token key": (("returns", "check", __file__, *ASKED), {"DUBAN_TOKEN_KEY": ""}, "DUBAN_TOKEN_KEY 未设置或过短"),
    "short token key": (("returns", "check", __file__, *ASKED), {"DUBAN_TOKEN_KEY": "short"}, "DUBAN_TOKEN_KEY 未设置或过短"),
    "wrong send mode": (DUE, {"DUBAN_SEND_MODE": "maybe"}, "环境变量 DUBAN_SEND_MODE 的值“maybe”不可用"),
    "setting that is no JSON": (DUE, {"DUBAN_APPROVERS": "director"}, "应写成 JSON"),
    "ledger not reachable": (DUE, {"DUBAN_LEDGER_URL": UNREACHABLE}, "台账数据库无法使用，请核对 DUBAN_LEDGER_URL"),
    "upgrade not reachable": (("ledger", "upgrade", "--url", UNREACHABLE), {}, "台账数据库无法使用"),
    "ledger of another make": (DUE, {"DUBAN_LEDGER_URL": "oracle+nothing://a/b"}, "台账数据库地址无法识别"),
    "ledger without an address": (DUE, {"DUBAN_LEDGER_URL": "not an address"}, "台账数据库地址无法识别"),
    "ledger folder missing": (DUE, {"DUBAN_LEDGER_URL": "sqlite:////no/such/folder/l.db"}, "台账数据库无法使用"),
    "home that is a file": (DUE, {"DUBAN_HOME": __file__}, f"无法读写“{__file__}”"),
    "campaigns folder missing": (DUE, {"DUBAN_CAMPAIGNS": "/no/such/folder"}, "现有：没有可运行的专项行动"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_one_chinese_sentence_on_standard_error(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    args, env, said = WRONG[case]
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    told = run(*args, code=1)
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert told.out == ""
    assert "SECRET" not in told.err


def test_a_ledger_without_tables_says_which_command_makes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_LEDGER_URL", f"sqlite:///{tmp_path / 'bare.db'}")
    told = run(*DUE, code=1)
    assert told.err.strip().endswith("请先运行 python -m include.cli ledger upgrade")
    run("ledger", "upgrade")
    assert run(*DUE, "--json").json == []


def test_a_file_that_is_no_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ledger.db").write_bytes(b"this is a letter, not a database" * 50)
    monkeypatch.setenv("DUBAN_LEDGER_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    assert "台账数据库无法使用" in run(*DUE, code=1).err


def test_postgres_without_tables_is_recognised_by_its_own_name_for_it() -> None:
    undefined = type("UndefinedTable", (Exception,), {})('relation "unit" does not exist')
    assert "ledger upgrade" in str(sentence(OperationalError("SELECT 1", {}, undefined)))


@pytest.mark.parametrize(
    "fault", [ValueError("the notice lacks a reference"), KeyError("x"), RuntimeError("x")]
)
def test_a_fault_of_the_program_keeps_its_traceback(fault: Exception) -> None:
    assert sentence(fault) is None


@pytest.mark.parametrize("fault", [GiveUp("第1版统计表勾稽不符"), ValueError("没有设置密钥")])
def test_what_was_written_for_people_is_passed_on(fault: Exception) -> None:
    assert sentence(fault) == str(fault)


@pytest.mark.parametrize(
    "args",
    [
        ("reminders", "due"),
        ("nothing",),
        ("outbox", "state", "--campaign"),
        ("calendar",),
        ("forms", "build", "--x"),
    ],
)
def test_a_command_written_wrongly_ends_with_code_two(args: tuple[str, ...]) -> None:
    assert run(*args, code=2).out == ""


def test_a_command_neither_imports_airflow_nor_what_it_does_not_use() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from include.cli.__main__ import app\n"
        f"result = CliRunner().invoke(app, {list(DUE)!r})\n"
        "assert result.exit_code == 0, result.output\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('airflow', 'great_expectations', 'pandas', 'openpyxl')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_module_runs_as_it_is_documented() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "include.cli", "calendar", "2024-05-24", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert '"working_day": true' in done.stdout
