"""Which of Airflow's processes this one is, and where the API server's pages are."""

from __future__ import annotations

import sys

from airflow.sdk.configuration import conf

DESK = "/duban"
"""Below which path of the API server the desk is."""


def desk_page(path: str) -> str:
    """The address of a page of the desk for a mail; empty when nobody has said where the API server is."""
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    return f"{base}{DESK}{path}" if base else ""


def serves_pages() -> bool:
    """Whether this process is the API server or one of its workers."""
    words = " ".join(sys.argv)
    return "api-server" in words or "fastapi-api" in words or "airflow.api_fastapi" in words
