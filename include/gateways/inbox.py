"""The folder (or object store) in which returns arrive: ``{root}/{campaign}/file``.

A file's time of arrival is its modification time. What has been taken over is moved to
``{root}/{campaign}/taken``, never deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from upath import UPath

from include.domain.returns import InboxFile

TAKEN = "taken"


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
            yield InboxFile(
                name=name,
                content=path.read_bytes(),
                received_at=received_at,
                channel="folder",
                reference=str(path),
            )

    def take(self, file: InboxFile) -> None:
        """Move it to ``taken``; a file moved already by another run is no fault."""
        source = UPath(file.reference)
        target = source.parent / TAKEN / f"{file.received_at:%Y%m%dT%H%M%S}_{file.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.rename(target)
        except FileNotFoundError:
            if not target.exists():
                raise

    def _arrivals(self, campaign_id: str) -> Iterator[tuple[UPath, datetime]]:
        folder = self._root / campaign_id
        if not folder.exists():
            return
        for path in folder.iterdir():
            if (
                path.name.startswith((".", "~$"))
                or path.name.endswith((".part", ".tmp"))
                or not path.is_file()
            ):
                continue
            yield path, datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
