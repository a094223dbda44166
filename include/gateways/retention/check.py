"""Whether an export is still what it was: every hash, every count, and the audit chain, out of the files alone."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from include.domain.errors import GiveUp
from include.gateways.backup.manifest import digest
from include.gateways.ledger.audit import BEFORE_THE_FIRST, link
from include.gateways.retention import tables
from include.gateways.retention.export import MANIFEST, SUMS, Contents


def check(folder: Path) -> tuple[Contents, list[str]]:
    """The manifest, and what is wrong, in sentences. Raise GiveUp when the folder is no export."""
    try:
        contents = Contents.model_validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValidationError):
        raise GiveUp(f"“{folder}”不是导出的归档：没有可读的清单 {MANIFEST}") from None
    return contents, [
        *_files(folder, contents),
        *_sums(folder),
        *_counts(folder, contents),
        *_chain(folder, contents),
    ]


def _files(folder: Path, contents: Contents) -> list[str]:
    wrong = []
    for name, sha256 in contents.files.items():
        if not (folder / name).is_file():
            wrong.append(f"缺少文件 {name}")
        elif digest(folder / name) != sha256:
            wrong.append(f"文件 {name} 与清单的校验值不符")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return wrong + [
        f"清单中没有文件 {name}" for name in sorted(there - contents.files.keys() - {MANIFEST, SUMS})
    ]


def _sums(folder: Path) -> list[str]:
    line = f"{digest(folder / MANIFEST)}  {MANIFEST}\n"
    listed = (folder / SUMS).read_text(encoding="utf-8") if (folder / SUMS).is_file() else ""
    return [] if line in listed else [f"清单 {MANIFEST} 与 {SUMS} 中的校验值不符"]


def _counts(folder: Path, contents: Contents) -> list[str]:
    return [
        f"{name} 应有{count}条，实有{found}条"
        for name, count in contents.rows.items()
        if (folder / name).is_file() and (found := sum(1 for _ in tables.read(folder / name))) != count
    ]


def _chain(folder: Path, contents: Contents) -> list[str]:
    previous: str | None = None
    file = folder / "tables/audit.csv"
    for row in tables.read(file) if file.is_file() else ():
        entry = {name: value for name, value in row.items() if name not in ("id", "hash")}
        if row["hash"] != link(previous or BEFORE_THE_FIRST, entry):
            return [f"留痕记录从第{row['id']}条起与校验值不符"]
        previous = row["hash"]
    return [] if previous == contents.audit_end else ["留痕记录末尾缺失，与清单的校验值不符"]
