"""Enter the users of the play in the FAB auth manager, under fixed numbers: ``python -m demo.users``, after the set-up."""

from __future__ import annotations

import json
import os
from pathlib import Path

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

from demo.environment import ADMIN, ROLES

LEADER = "Leader"


def main() -> None:
    """Raise SystemExit when a user got another number than the approvers are known by."""
    passwords = json.loads((Path(os.environ["AIRFLOW_HOME"]) / "passwords.json").read_text(encoding="utf-8"))
    with get_application_builder() as builder:
        manager = builder.sm
        for number, name in enumerate(ROLES, start=1):
            user = manager.find_user(name)
            if user is None:
                role = manager.find_role("Admin" if name == ADMIN else LEADER)
                user = manager.add_user(
                    name, name, "（模拟）", f"{name}@duban.example", role, passwords[name]
                )
            if user.id != number:
                raise SystemExit(f"用户 {name} 的编号是{user.id}，应为{number}")


if __name__ == "__main__":
    main()
