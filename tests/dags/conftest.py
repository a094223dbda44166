from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ROOT
from tests.steps.conftest import bare, desk, empty_ledger

__all__ = ["bare", "desk", "empty_ledger"]


@pytest.fixture(scope="session")
def dag_bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags"))
