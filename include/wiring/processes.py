"""Which of Airflow's processes this one is."""

from __future__ import annotations

import sys


def serves_pages() -> bool:
    """Whether this process is the API server or one of its workers."""
    words = " ".join(sys.argv)
    return "api-server" in words or "fastapi-api" in words or "airflow.api_fastapi" in words
