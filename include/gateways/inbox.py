"""The folder (or object store) in which returns arrive: ``{root}/{campaign}/file``.

A file's time of arrival is its time of modification. What has been taken over is moved to
``{root}/{campaign}/taken/{time of arrival}/file``, never deleted and never overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, count
from zoneinfo import ZoneInfo

from upath import UPath

from include.domain.campaign import TIMEZONE
from include.domain.returns import InboxFile

TAKEN = "taken"
NOT_RETURNS = (".", "~$")
"""Hidden files, and the lock files Excel and WPS lay beside an open workbook."""
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
"""What browsers and file transfers call a file until it is whole."""


class FolderInbox:
    def __init__(self, root: str) -> None:
        self._root = UPath(root)

    def files(self, campaign_id: str, *, received_until: datetime) -> Iterator[InboxFile]:
        """What arrived by then, oldest first, read one by one. Hidden and unfinished files are left alone."""
        arrived = sorted(
            (received_at, path.name, path)
            for path, received_at in self._arrivals(campaign_id)
            if received_at <= received_until
        )
        for received_at, name, path in arrived:
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # another worker has just taken it
            yield InboxFile(
                name=name, content=content, received_at=received_at, channel="folder", reference=str(path)
            )

    def take(self, file: InboxFile) -> None:
        """Move it to ``taken``; a file that is gone was moved by another worker, and that is no fault."""
        source = UPath(file.reference)
        target = _free_place(source.parent / TAKEN, file)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _move(source, target)
        except FileNotFoundError:
            return

    def _arrivals(self, campaign_id: str) -> Iterator[tuple[UPath, datetime]]:
        folder = self._root / campaign_id
        if not folder.exists():
            return
        for path in folder.iterdir():
            if path.name.startswith(NOT_RETURNS) or path.name.lower().endswith(UNFINISHED):
                continue
            # A link could make a worker read, and file away, what its sender may not.
            if path.is_symlink() or not path.is_file():
                continue
            try:
                yield path, path.fs.modified(path.path).astimezone(UTC)
            except FileNotFoundError:
                continue


def _free_place(taken: UPath, file: InboxFile) -> UPath:
    """In a folder named after the arrival, so that the longest name a disk can hold stays as it is."""
    arrival = f"{file.received_at.astimezone(ZoneInfo(TIMEZONE)):%Y%m%dT%H%M%S}"
    folders = chain([arrival], (f"{arrival}_{number}" for number in count(2)))
    return next(place for folder in folders if not (place := taken / folder / file.name).exists())


def _move(source: UPath, target: UPath) -> None:
    if source.protocol in ("", "file"):
        source.rename(target)
        return
    # By its exact key: to the file system's own move, "a[1].xlsx" and "a?.xlsx" are patterns.
    source.fs.cp_file(source.path, target.path)
    source.fs.rm_file(source.path)
