"""Give the users of the play their passwords, after the set-up has entered them: ``python -m demo.users``."""

from __future__ import annotations

import json
import os
from pathlib import Path

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder


def main() -> None:
    passwords = json.loads((Path(os.environ["AIRFLOW_HOME"]) / "passwords.json").read_text(encoding="utf-8"))
    with get_application_builder() as builder:
        for name, password in passwords.items():
            builder.sm.reset_password(builder.sm.find_user(name).id, password)


if __name__ == "__main__":
    main()
