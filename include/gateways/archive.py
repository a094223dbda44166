"""Original files by their SHA-256, on a folder or an object store. Written once, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Iterator

from upath import UPath

from include.domain.errors import TryAgain
from include.gateways.places import is_local, rooted

_NAME = re.compile(r"[0-9a-f]{64}")


class Archive:
    def __init__(self, root: str) -> None:
        self._root = rooted(root)

    def put(self, content: bytes) -> str:
        """Keep the bytes; return their SHA-256. Putting the same bytes again changes nothing.

        If what is kept under that name has been damaged since, the bytes take its place.
        Raise TryAgain, with nothing left behind, when there is no room or no right to write.
        """
        digest = _digest(content)
        place = self._place(digest)
        if place.exists() and _digest(place.read_bytes()) == digest:
            return digest
        try:
            self._write(place, content)
        except OSError as fault:
            raise TryAgain(
                f"原件不能存入档案（{fault.strerror or fault}）；请检查档案所在磁盘是否已满、是否可写，恢复后自动补办"
            ) from fault
        return digest

    def get(self, sha256: str) -> bytes:
        """Raise FileNotFoundError when it was never put, ValueError when the bytes have changed since."""
        content = self._place(sha256).read_bytes()
        if _digest(content) != sha256:
            raise ValueError(f"档案文件 {sha256} 的内容与其校验值不符，请从备份恢复")
        return content

    def names(self) -> Iterator[str]:
        """SHA-256 of everything that is kept."""
        if self._root.exists():
            yield from (file.name for file in self._root.glob("*/*") if _NAME.fullmatch(file.name))

    @staticmethod
    def _write(place: UPath, content: bytes) -> None:
        """A crash must leave either the whole file or none."""
        if not is_local(place):
            # An object is whole or not there, and nobody needs the right to delete one.
            place.write_bytes(content)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{uuid.uuid4().hex}")
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(place)
            _sync_folder(place.parent)
        finally:
            draft.unlink(missing_ok=True)

    def _place(self, sha256: str) -> UPath:
        return self._root / sha256[:2] / sha256


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sync_folder(folder: UPath) -> None:
    """A new name outlives a power failure only when its folder is on the disk as well."""
    handle = os.open(folder.path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
