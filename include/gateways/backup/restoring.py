"""Put an office back as a backup has it, once the backup is known to be whole. Nothing there is deleted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from include.domain.errors import GiveUp
from include.gateways.archive import Archive
from include.gateways.backup import databases
from include.gateways.backup.making import ACCESS, ARCHIVE, CAMPAIGNS
from include.gateways.backup.manifest import Manifest, Place, digest, verified
from include.gateways.ledger import Ledger
from include.gateways.ledger.database import connect, upgrade
from include.gateways.ledger.picture import archived, of
from include.gateways.ledger.versions import refuse_unknown


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and how it fits together (核对表).

    ``aside`` are the databases that were there before, under their new names; ``missing`` are originals the ledger
    names and nobody has; ``unknown`` those in the archive the ledger does not name: they came after the backup.
    ``different`` are campaign and access files that were left as they are: they differ, or cannot be written here.
    """

    manifest: Manifest
    has_airflow: bool
    aside: tuple[str, ...]
    originals: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    different: tuple[str, ...]


def put_back(place: Place, folder: Path, *, at: datetime, lock: Callable[[Manifest], None]) -> Restored:
    """Restore everything the folder holds; ``lock`` must stop all sending of the restored ledger.

    Raise GiveUp, and leave everything as it was, when the backup is damaged, made by a newer program or of another
    kind of database, when somebody is still connected, or when the restored ledger is not what was backed up.
    """
    manifest = verified(folder)
    refuse_unknown(manifest.picture.revision)
    parts = _databases(place, manifest)
    for url, _ in parts:
        databases.refuse_while_used(url)
    originals = _originals(place.archive, folder, manifest)
    aside = _replace(
        parts, folder, f"{at:%Y%m%d_%H%M%S_%f}", lambda: _ready(place.ledger_url, manifest, lock)
    )
    different = _settings(place, folder, manifest)
    named, kept = _named(place.ledger_url), set(Archive(place.archive).names())
    return Restored(
        manifest,
        len(parts) > 1,
        tuple(aside),
        originals,
        tuple(sorted(named - kept)),
        tuple(sorted(kept - named - {path.name for path in manifest.below(ARCHIVE)})),
        tuple(different),
    )


def _databases(place: Place, manifest: Manifest) -> list[tuple[str, str]]:
    """Each database with its file, the ledger first."""
    pairs = [(place.ledger_url, "ledger", manifest.ledger)]
    if manifest.airflow is not None and place.airflow_url:
        pairs.append((place.airflow_url, "airflow", manifest.airflow))
    for url, name, file in pairs:
        if databases.file_name(name, url) != file:
            raise GiveUp(f"备份中的 {file} 与现在的数据库种类不同，不能恢复；请把地址改为同一种数据库")
    return [(url, file) for url, _, file in pairs]


def _replace(parts: list[tuple[str, str]], folder: Path, stamp: str, ready: Callable[[], None]) -> list[str]:
    """All databases or none: the ledger is made ready while the old ones can still be taken back."""
    if not parts:
        ready()
        return []
    (url, file), *others = parts
    with databases.replaced(url, folder / file, stamp=stamp) as aside:
        return [*([aside] if aside else []), *_replace(others, folder, stamp, ready)]


def _ready(url: str, manifest: Manifest, lock: Callable[[Manifest], None]) -> None:
    _compare(url, manifest)
    upgrade(url)
    lock(manifest)


def _compare(url: str, manifest: Manifest) -> None:
    """Raise GiveUp when the restored ledger is not the one that was copied, or its audit trail is not whole."""
    if of(url) != manifest.picture:
        raise GiveUp("恢复出的台账与备份清单不一致（记录数或留痕校验值不同），已撤销恢复，请选择另一份备份")
    ledger = Ledger(url)
    try:
        broken = ledger.audit.verify()
    finally:
        ledger.close()
    if broken is not None:
        raise GiveUp(f"备份中的留痕记录从第{broken}条起与校验值不符，已撤销恢复，请选择另一份备份并核查")


def _originals(archive: str, folder: Path, manifest: Manifest) -> int:
    """Put into the archive what it lacks; what is there stays, also what came after the backup."""
    kept = Archive(archive)
    paths = manifest.below(ARCHIVE)
    for path in paths:
        kept.put((folder / path).read_bytes())
    return len(paths)


def _settings(place: Place, folder: Path, manifest: Manifest) -> list[str]:
    """Bring back files that are gone; return those that differ or cannot be written: a person decides."""
    wanted = {path: place.campaigns / path.relative_to(CAMPAIGNS) for path in manifest.below(CAMPAIGNS)}
    if ACCESS in manifest.files:
        wanted[PurePosixPath(ACCESS)] = place.access
    different = []
    for path, target in wanted.items():
        if not target.exists():
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / path, target)
            except OSError:  # mounted read-only, as in containers
                different.append(str(path))
        elif digest(target) != manifest.files[str(path)].sha256:
            different.append(str(path))
    return different


def _named(url: str) -> set[str]:
    engine = connect(url)
    try:
        with engine.connect() as connection:
            return archived(connection)
    finally:
        engine.dispose()
