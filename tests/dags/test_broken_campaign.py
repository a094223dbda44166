"""One broken campaign folder takes down nothing but itself, and says in Airflow what to write."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from include.campaigns.registry import FOLDER
from tests.conftest import ROOT


@pytest.fixture
def broken_bag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    shutil.copytree(FOLDER, tmp_path / "campaigns", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "campaigns" / "zhuoni_2019" / "campaign.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("short_title:", "short_titel:"), encoding="utf-8"
    )
    monkeypatch.setenv("DUBAN_CAMPAIGNS", str(tmp_path / "campaigns"))
    return DagBag(str(ROOT / "dags"))


def test_the_other_campaigns_keep_their_dags(broken_bag: Any) -> None:
    assert "wushen_2024__self_check" in broken_bag.dags
    assert not [dag_id for dag_id in broken_bag.dags if dag_id.startswith("zhuoni_2019")]


def test_the_import_error_names_file_field_and_what_to_write(broken_bag: Any) -> None:
    [(file, text)] = broken_bag.import_errors.items()
    assert file.endswith("broken_campaigns.py")
    assert "zhuoni_2019" in text
    assert "short_titel" in text
    assert "short_title" in text
