"""The backup job of docker-compose.yml: it tries again after a failure, and says so until one has succeeded."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# In place of Python: fails the first time, succeeds the second, ends the job the third.
BACKUP = """#!/bin/bash
echo "$@" >> "$NOTES"
[ -e "$DUBAN_HOME/backups/.failed" ] && echo failed >> "$NOTES"
case $(grep -c include.cli "$NOTES") in
    1) exit 1 ;;
    2) exit 0 ;;
    *) kill $PPID ;;
esac
"""


def test_a_failed_backup_is_tried_again_and_the_mark_of_it_removed(tmp_path: Path) -> None:
    (tmp_path / "duban" / "backups").mkdir(parents=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("python", BACKUP), ("sleep", "#!/bin/bash\n")):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    notes = tmp_path / "notes"
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "DUBAN_HOME": str(tmp_path / "duban"),
        "NOTES": str(notes),
        "BACKUP_AT": "02:30",
        "BACKUP_KEEP": "14",
    }
    subprocess.run(
        ["bash", str(ROOT / "deploy" / "nightly-backup.sh")], env=environment, check=False, timeout=30
    )
    call = "-m include.cli backup --keep 14"
    assert notes.read_text().splitlines() == [call, call, "failed", call]
    assert not (tmp_path / "duban" / "backups" / ".failed").exists()
