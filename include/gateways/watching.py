"""Airflow's health page, this machine's disk, and a file in which incidents are remembered."""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from include.domain.errors import GiveUp
from include.domain.incidents import Incident

HEALTH = "/api/v2/monitor/health"
PARTS = ("scheduler", "dag_processor")
TIMEOUT = 10
"""Seconds for each thing that is asked."""
_INCIDENTS = TypeAdapter(list[Incident])


class AirflowHealth:
    """The page every API server shows without a log-in."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise GiveUp(f"Airflow 地址“{url}”无法识别，请写成 http://主机:8080")
        self._url = url.rstrip("/") + HEALTH

    def heartbeats(self) -> dict[str, datetime | None]:
        """Raise ConnectionError, in a sentence, when there is no answer that says how the parts are."""
        try:
            with urllib.request.urlopen(self._url, timeout=TIMEOUT) as answer:  # noqa: S310 (checked above)
                facts = json.load(answer)
            has_database = facts["metadatabase"]["status"] == "healthy"
            beats = {part: _beat(facts[part], part) for part in PARTS} if has_database else {}
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise ConnectionError(f"{self._url} 没有给出可读的答复（{fault}）") from fault
        if not has_database:
            raise ConnectionError("Airflow 的元数据库无法访问")
        return beats


class Machine:
    """The folder of the data, with the backups below it, and the ledger."""

    def __init__(self, home: Path, ledger_url: str) -> None:
        self._home = home
        self._ledger_url = ledger_url

    def free_share(self) -> float:
        usage = shutil.disk_usage(self._home)
        return usage.free / usage.total

    def last_backup(self) -> datetime | None:
        from include.gateways.backup import read

        made = []
        for manifest in self._home.glob("backups/[!.]*/manifest.json"):
            with suppress(GiveUp):
                made.append(read(manifest.parent).made_at)
        return max(made, default=None)

    def ledger_fault(self) -> str | None:
        from include.gateways.ledger import Ledger

        ledger = Ledger(_hasty(self._ledger_url))
        try:
            ledger.outbox.attempts_made()
        except (SQLAlchemyError, OSError) as fault:
            return str(getattr(fault, "orig", fault)).strip().splitlines()[0]
        except GiveUp as fault:
            return str(fault)
        finally:
            ledger.close()
        return None


class IncidentFile:
    """Whole or as it was before; one that cannot be read is an empty one: better told twice than never."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> list[Incident]:
        with suppress(FileNotFoundError, ValidationError):
            return _INCIDENTS.validate_json(self._file.read_bytes())
        return []

    def write(self, incidents: Sequence[Incident]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        draft.write_bytes(_INCIDENTS.dump_json(list(incidents), indent=1))
        draft.replace(self._file)


def _beat(facts: dict[str, str | None], part: str) -> datetime | None:
    beat = facts.get(f"latest_{part}_heartbeat")
    return datetime.fromisoformat(beat) if beat else None


def _hasty(url: str) -> str:
    """Give up on a server that does not answer; a watch that waits watches nothing."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return url
    return address.update_query_dict({"connect_timeout": str(TIMEOUT)}).render_as_string(hide_password=False)
