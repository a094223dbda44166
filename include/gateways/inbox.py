"""The folder (or object store) in which returns arrive: ``{root}/{campaign}/file``.

What somebody hands in on the desk is laid into ``{root}/{campaign}/by_hand/{user}/{start of its SHA-256}/file``.
A file's time of arrival is its time of modification. What has been taken over is moved to
``{root}/{campaign}/taken/{time of arrival}/file``, never deleted and never overwritten.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, count
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from upath import UPath

from include.domain.campaign import TIMEZONE
from include.domain.returns import HANDED_IN, UNFINISHED, InboxFile
from include.gateways.places import is_local, rooted

TAKEN, BY_HAND = "taken", "by_hand"
FOLDER = "folder"
"""The channel of what was laid here by whatever way."""
LONGEST_CHANNEL = 64
NOT_RETURNS = (".", "~$")
"""Hidden files, and the lock files Excel and WPS lay beside an open workbook."""


class FolderInbox:
    def __init__(self, root: str) -> None:
        self._root = rooted(root)

    def files(self, campaign_id: str, *, received_until: datetime) -> Iterator[InboxFile]:
        """What arrived by then, oldest first, read one by one. Hidden and unfinished files are left alone."""
        arrived = sorted(
            (received_at, path.name, str(path), channel, path)
            for path, received_at, channel in self._arrivals(campaign_id)
            if received_at <= received_until
        )
        for received_at, name, _, channel, path in arrived:
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # another worker has just taken it
            yield InboxFile(
                name=name, content=content, received_at=received_at, channel=channel, reference=str(path)
            )

    def lay(self, campaign_id: str, name: str, content: bytes, *, by: str) -> None:
        """A file somebody hands in: whole or not at all, the same of the same person once. Its channel names them."""
        digest = hashlib.sha256(content).hexdigest()[:16]
        folder = self._root / campaign_id / BY_HAND / _as_folder(by) / digest
        place = folder / name
        if place.exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        if not is_local(place):
            place.write_bytes(content)
            return
        draft = folder / f".{uuid.uuid4().hex}"
        try:
            draft.write_bytes(content)
            draft.rename(place)
        finally:
            draft.unlink(missing_ok=True)

    def take(self, file: InboxFile) -> None:
        """Move it to ``taken``; a file that is gone was moved by another worker, and that is no fault."""
        source = rooted(file.reference)
        by_hand = file.channel.startswith(HANDED_IN)
        target = _free_place((source.parents[3] if by_hand else source.parent) / TAKEN, file)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _move(source, target)
        except FileNotFoundError:
            return
        if by_hand and is_local(source):
            # One folder a file: an empty one is of no further use, one that is not empty is being written to.
            with suppress(OSError):
                source.parent.rmdir()

    def _arrivals(self, campaign_id: str) -> Iterator[tuple[UPath, datetime, str]]:
        """Each file with its time and its channel."""
        folder = self._root / campaign_id
        yield from ((path, at, FOLDER) for path, at in _files(folder))
        for user in _folders(folder / BY_HAND):
            channel = f"{HANDED_IN}{unquote(user.name)}"[:LONGEST_CHANNEL]
            yield from ((path, at, channel) for each in _folders(user) for path, at in _files(each))


def _folders(folder: UPath) -> Iterator[UPath]:
    if folder.exists():
        yield from (path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())


def _files(folder: UPath) -> Iterator[tuple[UPath, datetime]]:
    if folder.exists():
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
    if is_local(source):
        source.rename(target)
        return
    # By its exact key: to the file system's own move, "a[1].xlsx" and "a?.xlsx" are patterns.
    source.fs.cp_file(source.path, target.path)
    source.fs.rm_file(source.path)


def _as_folder(user: str) -> str:
    """A name that is one folder and never one of those that mean another."""
    return quote(user, safe="").replace(".", "%2E")
