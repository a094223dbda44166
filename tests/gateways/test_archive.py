"""What any archive promises: the very bytes, once, whole, and never another file's."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from upath import UPath

from include.domain.errors import TryAgain
from include.gateways.archive import Archive
from include.steps import ports
from tests.fakes import FakeArchive

WORKBOOK = b"PK\x03\x04" + bytes(range(256)) * 64
UNKNOWN = "0" * 64


@pytest.fixture
def bucket() -> Iterator[str]:
    yield "memory://duban/archive"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture(params=["folder", "file url", "object store", "fake"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> ports.Archive:
    if request.param == "fake":
        return FakeArchive()
    if request.param == "object store":
        return Archive(request.getfixturevalue("bucket"))
    return Archive(f"file://{tmp_path}/a" if request.param == "file url" else str(tmp_path / "a"))


@pytest.mark.parametrize("content", [WORKBOOK, b"", b"\r\n\x1a\x00", "零报告".encode()])
def test_what_was_put_comes_back_byte_for_byte_under_its_sha256(
    archive: ports.Archive, content: bytes
) -> None:
    digest = archive.put(content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert archive.get(digest) == content


def test_putting_the_same_bytes_again_changes_nothing(archive: ports.Archive) -> None:
    assert archive.put(WORKBOOK) == archive.put(WORKBOOK)
    assert archive.get(archive.put(WORKBOOK)) == WORKBOOK


def test_what_was_never_put_is_not_found(archive: ports.Archive) -> None:
    archive.put(WORKBOOK)
    with pytest.raises(FileNotFoundError):
        archive.get(UNKNOWN)


# The real one alone: what happens on a disk and in a bucket.


@pytest.fixture(params=["folder", "object store"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> UPath:
    """Where a real archive lies."""
    if request.param == "object store":
        return UPath(request.getfixturevalue("bucket"))
    return UPath(tmp_path / "archive")


def kept(root: UPath) -> list[UPath]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_file_lies_under_its_digest_and_nothing_else_lies_beside_it(root: UPath) -> None:
    archive = Archive(str(root))
    digest = archive.put(WORKBOOK)
    archive.put(WORKBOOK)
    [file] = kept(root)
    assert (file.parent.name, file.name) == (digest[:2], digest)


@pytest.mark.parametrize(
    "damage",
    [lambda content: content[:-1], lambda content: b"", lambda content: content[:-1] + b"?"],
    ids=["cut short", "emptied", "altered"],
)
def test_changed_bytes_are_never_handed_out_and_heal_when_the_original_is_put_again(
    root: UPath, damage: Callable[[bytes], bytes]
) -> None:
    archive = Archive(str(root))
    digest = archive.put(WORKBOOK)
    [file] = kept(root)
    file.write_bytes(damage(WORKBOOK))
    with pytest.raises(ValueError, match="从备份恢复"):
        archive.get(digest)
    archive.put(WORKBOOK)
    assert archive.get(digest) == WORKBOOK


def test_a_crash_before_the_rename_leaves_nothing_that_looks_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = UPath(tmp_path / "archive")
    archive = Archive(str(root))

    def crash(*_: Any, **__: Any) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(type(root), "rename", crash)
        with pytest.raises(TryAgain, match="power cut"):
            archive.put(WORKBOOK)
    assert kept(root) == []
    with pytest.raises(FileNotFoundError):
        archive.get(hashlib.sha256(WORKBOOK).hexdigest())
    assert archive.get(archive.put(WORKBOOK)) == WORKBOOK


def test_a_draft_left_by_a_killed_worker_is_never_taken_for_the_file(root: UPath) -> None:
    archive = Archive(str(root))
    digest = hashlib.sha256(WORKBOOK).hexdigest()
    folder = root / digest[:2]
    folder.mkdir(parents=True)
    (folder / ".draft").write_bytes(WORKBOOK[:100])
    assert archive.get(archive.put(WORKBOOK)) == WORKBOOK


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "..", ""])
def test_a_name_that_is_no_digest_shows_no_file_of_another_place(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    archive = Archive(str(tmp_path / "archive"))
    archive.put(WORKBOOK)
    with pytest.raises((OSError, ValueError)):
        archive.get(name)


@pytest.mark.parametrize("moment", ["mkdir", "fsync"])
def test_a_full_disk_is_a_passing_fault_with_a_sentence_and_leaves_no_half_file(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    archive = Archive(str(tmp_path))
    monkeypatch.setattr(*{"mkdir": (Path, "mkdir"), "fsync": (os, "fsync")}[moment], full)
    with pytest.raises(TryAgain, match="磁盘是否已满"):
        archive.put(WORKBOOK)
    monkeypatch.undo()
    assert kept(UPath(tmp_path)) == []
    assert archive.get(archive.put(WORKBOOK)) == WORKBOOK
