"""Documentation that fails the build when it goes stale."""

from __future__ import annotations

import re
import sys

import pytest

from docs.generate import REFERENCE, pages
from tests.conftest import ROOT


@pytest.mark.parametrize("name", pages())
def test_a_generated_page_is_fresh(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name], "run `make docs`"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_folder_and_command_the_readme_names_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    targets = set(re.findall(r"`?make ([a-z-]+)(?=`|  | NAME)", text))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {target for target in targets if f"\n{target}:" not in makefile} == set()
    for path in re.findall(r"^(?:├|└)── ([\w./-]+)", text, flags=re.MULTILINE):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("folder", ["include", "plugins", "demo"])
def test_no_module_bears_a_standard_library_name(folder: str) -> None:
    modules = {path.stem for path in (ROOT / folder).rglob("*.py")}
    packages = {path.parent.name for path in (ROOT / folder).rglob("__init__.py")}
    assert (modules | packages) & set(sys.stdlib_module_names) - {"__init__", "__main__"} == set()


def test_plugins_holds_registration_files_only() -> None:
    names = {path.name for path in (ROOT / "plugins").glob("*.py")} - {"__init__.py"}
    assert all(name.endswith("_plugin.py") for name in names)


def test_nothing_sends_with_raw_smtplib() -> None:
    sources = [path for folder in ("dags", "plugins", "include") for path in (ROOT / folder).rglob("*.py")]
    opened = re.compile(r"smtplib\.(SMTP|SMTP_SSL|LMTP)\(|from smtplib import")
    assert [path.name for path in sources if opened.search(path.read_text(encoding="utf-8"))] == []
