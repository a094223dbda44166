"""Write the folder: rows, snapshots, originals, the campaign's own facts, what it all means, and the hash of each file."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import Connection, select

from include.domain.errors import GiveUp
from include.gateways.archive import Archive
from include.gateways.backup.manifest import digest
from include.gateways.ledger.database import Database
from include.gateways.ledger.inbound_tables import inbound_message
from include.gateways.ledger.picture import picture
from include.gateways.ledger.tables import (
    edition_file,
    notice,
    report_edition,
    return_file,
    sent_mail,
    snapshot,
)
from include.gateways.retention import tables
from include.gateways.retention.words import READ_ME

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is exported: a campaign, its folder of facts, and the day until which it must at least be kept."""

    campaign_id: str
    title: str
    facts: Path
    keep_until: date


class Contents(BaseModel, frozen=True):
    """The manifest. ``rows`` are counted per file (条); ``missing`` originals are named in the ledger and nowhere else."""

    format: int = 1
    campaign_id: str
    title: str
    made_at: datetime
    keep_until: date
    revision: str | None
    audit_end: str | None
    rows: dict[str, int]
    originals: int
    missing: tuple[str, ...]
    files: dict[str, str]


def export(subject: Subject, folder: Path, *, ledger_url: str, archive: str, at: datetime) -> Contents:
    """Return what was written. Raise GiveUp when the folder is not empty; what fails leaves nothing behind."""
    if folder.exists() and any(folder.iterdir()):
        raise GiveUp(f"文件夹“{folder}”不是空的，请写一个新文件夹")
    draft = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    database = Database(ledger_url)
    try:
        for part in ("tables", "snapshots", "mails", "originals"):
            (draft / part).mkdir(parents=True, mode=0o700)
        with database.reading() as connection:
            contents = _written(subject, draft, connection, Archive(archive), at)
        _seal(draft, contents)
        draft.replace(folder)
    finally:
        database.close()
        shutil.rmtree(draft, ignore_errors=True)
    return contents


def _written(
    subject: Subject, draft: Path, connection: Connection, archive: Archive, at: datetime
) -> Contents:
    rows = {
        name: tables.write(table, subject.campaign_id, draft / name, connection)
        for table, name in tables.tables()
    }
    _snapshots(subject.campaign_id, draft, connection)
    _mails(subject.campaign_id, draft, connection)
    originals, missing = _originals(subject.campaign_id, draft, connection, archive)
    shutil.copytree(subject.facts, draft / "campaign", ignore=shutil.ignore_patterns(".*"))
    _put(draft / "tables.json", json.dumps(tables.described(), ensure_ascii=False, indent=1))
    _put(draft / "说明.txt", READ_ME.format(title=subject.title, keep_until=subject.keep_until))
    seen = picture(connection)
    return Contents(
        campaign_id=subject.campaign_id,
        title=subject.title,
        made_at=at,
        keep_until=subject.keep_until,
        revision=seen.revision,
        audit_end=seen.audit_end,
        rows=rows,
        originals=originals,
        missing=tuple(missing),
        files=_digests(draft),
    )


def _snapshots(campaign_id: str, draft: Path, connection: Connection) -> None:
    """What each report counted, as JSON whose SHA-256 is its name and stands in tables/snapshot.csv."""
    wanted = select(snapshot.c.sha256, snapshot.c.content).where(snapshot.c.campaign_id == campaign_id)
    for sha256, content in connection.execute(wanted):
        (draft / "snapshots" / f"{sha256}.json").write_bytes(gzip.decompress(content))


def _mails(campaign_id: str, draft: Path, connection: Connection) -> None:
    """The words of every mail as it was handed over, as JSON under its id in tables/sent_mail.csv."""
    wanted = tables.of(sent_mail, campaign_id)
    assert wanted is not None
    for row in connection.execute(wanted.execution_options(yield_per=500)):
        (draft / "mails" / f"{row.id}.json").write_bytes(zlib.decompress(row.content))


def _originals(
    campaign_id: str, draft: Path, connection: Connection, archive: Archive
) -> tuple[int, list[str]]:
    """Files received, answered and reported, under their SHA-256; their names stand in ``originals.csv``."""
    named = _named(campaign_id, connection)
    missing = []
    for sha256 in sorted({each for each, *_ in named}):
        try:
            (draft / "originals" / sha256).write_bytes(archive.get(sha256))
        except (FileNotFoundError, ValueError):
            missing.append(sha256)
    with (draft / "originals.csv").open("w", encoding=tables.ENCODING, newline="") as text:
        out = csv.writer(text, lineterminator="\n")
        out.writerow(("sha256", "table", "id", "name"))
        out.writerows(named)
    return len({each for each, *_ in named}) - len(missing), missing


def _named(campaign_id: str, connection: Connection) -> list[tuple[str, str, int, str]]:
    """SHA-256, table, id and name of every file the campaign's rows refer to."""
    of = (
        (return_file, return_file.c.name, return_file.c.campaign_id),
        (inbound_message, inbound_message.c.subject, inbound_message.c.campaign_id),
        (edition_file.join(report_edition), edition_file.c.name, report_edition.c.campaign_id),
    )
    found = []
    for source, name, campaign in of:
        table = name.table
        columns = (table.c.sha256, table.c.id, name)
        wanted = select(*columns).select_from(source).where(campaign == campaign_id).order_by(table.c.id)
        found += [(sha256, table.name, key, text) for sha256, key, text in connection.execute(wanted)]
    sent = select(notice.c.id, notice.c.attachments).where(
        notice.c.campaign_id == campaign_id, notice.c.attachments.is_not(None)
    )
    for key, attachments in connection.execute(sent.order_by(notice.c.id)):
        found += [(each["sha256"], notice.name, key, each["name"]) for each in attachments]
    return found


def _digests(draft: Path) -> dict[str, str]:
    files = sorted(path for path in draft.rglob("*") if path.is_file())
    return {path.relative_to(draft).as_posix(): digest(path) for path in files}


def _seal(draft: Path, contents: Contents) -> None:
    """The manifest, and the list that ``sha256sum --check`` reads: of the manifest too."""
    _put(draft / MANIFEST, contents.model_dump_json(indent=1))
    sums = contents.files | {MANIFEST: digest(draft / MANIFEST)}
    _put(draft / SUMS, "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items())))


def _put(file: Path, words: str) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as text:
        text.write(words)
        text.flush()
        os.fsync(text.fileno())
