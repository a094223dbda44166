"""Every link to an act names an act there is, and fields its form has: a wrong one would be ignored without a word."""

from __future__ import annotations

import re
from typing import Any

import pytest

from include.desk.pages.acts import SHARED
from tests.conftest import ROOT

LINK = re.compile(r'act_link\(who, root, "(?P<act>\w+)"(?P<rest>[^}]*)\)')
FIELD = re.compile(r"(\w+)=")
TEMPLATES = ROOT / "include" / "desk" / "templates"
LINKS = [
    (file.name, found["act"], FIELD.findall(re.sub(r'"[^"]*"', "", found["rest"]).replace("==", "")))
    for file in sorted(TEMPLATES.glob("*.j2"))
    for found in LINK.finditer(file.read_text(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def acts() -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    found: dict[str, Any] = {}
    files = [*(ROOT / "dags").glob("desk_*.py"), *(ROOT / "dags" / f"{each}.py" for each in SHARED)]
    for file in files:
        found |= DagBag(str(file)).dags
    return found


def test_there_are_links() -> None:
    assert len(LINKS) > 5


@pytest.mark.parametrize(("file", "act", "fields"), LINKS)
def test_a_link_leads_to_a_form_with_its_fields(
    acts: dict[str, Any], file: str, act: str, fields: list[str]
) -> None:
    assert act in acts, file
    assert set(fields) - {"tone"} <= set(acts[act].params), file
