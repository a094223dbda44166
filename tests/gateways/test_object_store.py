"""Archive and inbox on an object store that is asked over the network, as S3 is (moto's server on a socket)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import fsspec.config
import pytest

from include.gateways.archive import Archive
from include.gateways.inbox import FolderInbox
from tests.gateways.test_inbox import BROWSER, CAMPAIGN, CHINESE, LONGEST, ODD

boto3 = pytest.importorskip("boto3", reason="pip install -r requirements-dev.txt")
pytest.importorskip("s3fs", reason="pip install -r requirements-dev.txt")
moto = pytest.importorskip("moto.server", reason="pip install -r requirements-dev.txt")

ARCHIVE, INBOX = "duban-archive", "duban-inbox"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = moto.ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def store(address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody else's way into the store; the product is told of it as docs/how-to/deploy.md says."""
    # What FSSPEC_S3_KEY and its like become, which are read when fsspec is first imported.
    account = {"key": "made-up", "secret": "made-up", "endpoint_url": address}
    monkeypatch.setitem(fsspec.config.conf, "s3", account)
    store = boto3.client(
        "s3",
        endpoint_url=address,
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up",
        region_name="us-east-1",
    )
    for bucket in (ARCHIVE, INBOX):
        store.create_bucket(Bucket=bucket)
        store.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield store
    for bucket in (ARCHIVE, INBOX):
        found = store.list_object_versions(Bucket=bucket)
        for each in (*found.get("Versions", ()), *found.get("DeleteMarkers", ())):
            store.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
        store.delete_bucket(Bucket=bucket)


def names(store: Any, bucket: str) -> list[str]:
    return sorted(each["Key"] for each in store.list_objects_v2(Bucket=bucket).get("Contents", ()))


def an_hour_from_now() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def test_the_archive_keeps_whole_files_and_never_needs_to_delete(store: Any) -> None:
    archive = Archive(f"s3://{ARCHIVE}")
    contents = [b"", "自查自纠".encode(), b"x" * 6_000_000]
    kept = [archive.put(each) for each in (*contents, contents[1])]
    assert kept[:3] == [hashlib.sha256(each).hexdigest() for each in contents]
    assert [archive.get(each) for each in kept[:3]] == contents
    assert sorted(archive.names()) == sorted(kept[:3])
    versions = store.list_object_versions(Bucket=ARCHIVE)
    assert sorted(each["Key"] for each in versions["Versions"]) == sorted(f"{d[:2]}/{d}" for d in kept[:3])
    assert "DeleteMarkers" not in versions


def test_damaged_bytes_are_refused_and_heal(store: Any) -> None:
    archive = Archive(f"s3://{ARCHIVE}")
    digest = archive.put(b"whole")
    store.put_object(Bucket=ARCHIVE, Key=f"{digest[:2]}/{digest}", Body=b"half")
    with pytest.raises(ValueError, match="请从备份恢复"):
        archive.get(digest)
    assert archive.put(b"whole") == digest
    assert archive.get(digest) == b"whole"
    with pytest.raises(FileNotFoundError):
        archive.get("0" * 64)


def test_what_others_put_there_is_seen_at_once_and_taken_once(store: Any) -> None:
    inbox = FolderInbox(f"s3://{INBOX}")
    assert list(inbox.files(CAMPAIGN, received_until=an_hour_from_now())) == []
    for number, name in enumerate((CHINESE, LONGEST, ODD, BROWSER)):
        store.put_object(Bucket=INBOX, Key=f"{CAMPAIGN}/{name}", Body=str(number).encode())
    store.put_object(Bucket=INBOX, Key=f"{CAMPAIGN}/~${CHINESE}", Body=b"")
    store.put_object(Bucket=INBOX, Key=f"other/{CHINESE}", Body=b"not ours")
    found = list(inbox.files(CAMPAIGN, received_until=an_hour_from_now()))
    assert {each.name: each.content for each in found} == {
        CHINESE: b"0",
        LONGEST: b"1",
        ODD: b"2",
        BROWSER: b"3",
    }
    for each in (*found, found[0]):
        inbox.take(each)
    assert list(inbox.files(CAMPAIGN, received_until=an_hour_from_now())) == []
    taken = [name for name in names(store, INBOX) if "/taken/" in name]
    assert sorted(name.rsplit("/", 1)[1] for name in taken) == sorted((CHINESE, LONGEST, ODD, BROWSER))
    assert f"other/{CHINESE}" in names(store, INBOX)


def test_the_same_name_again_overwrites_nothing(store: Any) -> None:
    inbox = FolderInbox(f"s3://{INBOX}")
    for content in (b"first", b"second"):
        store.put_object(Bucket=INBOX, Key=f"{CAMPAIGN}/{CHINESE}", Body=content)
        [found] = inbox.files(CAMPAIGN, received_until=an_hour_from_now())
        inbox.take(found)
    taken = [name for name in names(store, INBOX) if "/taken/" in name]
    bodies = {store.get_object(Bucket=INBOX, Key=name)["Body"].read() for name in taken}
    assert bodies == {b"first", b"second"}


def test_what_is_handed_in_lies_there_whole_under_its_user(store: Any) -> None:
    inbox = FolderInbox(f"s3://{INBOX}")
    for _ in range(2):
        inbox.lay(CAMPAIGN, CHINESE, b"by hand", by="staff")
    [found] = inbox.files(CAMPAIGN, received_until=an_hour_from_now())
    assert (found.name, found.content, found.channel.endswith("staff")) == (CHINESE, b"by hand", True)
    inbox.take(found)
    assert list(inbox.files(CAMPAIGN, received_until=an_hour_from_now())) == []
