"""Folders as a disk can be: full, or not to be written to. Root alone may make them so; its own rights bind it to nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOM = 1024 * 1024
"""Bytes beside what the folder holds."""


@contextmanager
def full(folder: Path, beside: Path) -> Iterator[Callable[[], None]]:
    """The folder on a disk of its own without a byte free, until what the block is given makes room.

    What it held is on that disk too, and comes back with what was added.
    """
    kept = beside / "kept"
    shutil.copytree(folder, kept)
    size = ROOM + sum(file.stat().st_blocks * 512 for file in kept.rglob("*"))
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    ballast = folder / ".ballast"
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        _fill(ballast)
        yield lambda: ballast.unlink(missing_ok=True)
        ballast.unlink(missing_ok=True)
        shutil.copytree(folder, kept, dirs_exist_ok=True)
    finally:
        _unmount(folder)
    shutil.copytree(kept, folder, dirs_exist_ok=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write there, root included."""
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,ro,bind", str(folder))
        yield
    finally:
        _unmount(folder)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs root and the right to mount: {done.stderr.strip()}")


def _unmount(folder: Path) -> None:
    """Even while a process stands in it."""
    os.sync()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
