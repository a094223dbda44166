"""What any inbox promises: oldest first, nothing too early, nothing twice, nothing lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from upath import UPath

from include.domain.returns import InboxFile
from include.gateways.inbox import FolderInbox
from include.steps import ports
from tests.factories import at
from tests.fakes import FakeInbox

CAMPAIGN, OTHER = "wushen_2024", "anhui_2024"
EVENING = at("2024-05-24", "23:59")
CHINESE = "H15062600001_示例旗蒙医综合医院_自查自纠情况表（盖章）.xlsx"
LONGEST = "长" * 83 + "a.xlsx"  # 255 bytes, all a disk takes
ODD = "a b'c\"&；%20#?.xlsx"
BROWSER = "a[1].xlsx"


class Mailroom(Protocol):
    """An inbox and the side of it on which files arrive."""

    inbox: ports.Inbox

    def drop(self, campaign_id: str, name: str, content: bytes, received_at: datetime) -> None: ...


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox = FolderInbox(str(root))

    def drop(self, campaign_id: str, name: str, content: bytes, received_at: datetime) -> None:
        file = self.root / campaign_id / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        os.utime(file, (received_at.timestamp(),) * 2)


class Bucket:
    """An object store; what it says about a file's time is what its system wrote down."""

    def __init__(self) -> None:
        self.root = UPath("memory://duban/inbox")
        self.inbox = FolderInbox(str(self.root))

    def drop(self, campaign_id: str, name: str, content: bytes, received_at: datetime) -> None:
        file = self.root / campaign_id / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        MemoryFileSystem.store[file.path].modified = received_at


class Fake:
    def __init__(self) -> None:
        self.inbox = FakeInbox()

    def drop(self, campaign_id: str, name: str, content: bytes, received_at: datetime) -> None:
        self.inbox.drop(campaign_id, name, content, received_at)


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    yield Bucket()
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "inbox")


@pytest.fixture(params=["folder", "bucket", "fake"])
def mailroom(request: pytest.FixtureRequest) -> Mailroom:
    room: Mailroom = Fake() if request.param == "fake" else request.getfixturevalue(request.param)
    return room


def lying(room: Mailroom, campaign_id: str = CAMPAIGN, until: datetime = EVENING) -> list[InboxFile]:
    return list(room.inbox.files(campaign_id, received_until=until))


def names(room: Mailroom, campaign_id: str = CAMPAIGN) -> list[str]:
    return [file.name for file in lying(room, campaign_id)]


@pytest.mark.parametrize("name", ["a.xlsx", CHINESE, LONGEST, ODD, BROWSER])
def test_a_file_is_what_was_dropped_and_once_taken_is_never_read_again(mailroom: Mailroom, name: str) -> None:
    mailroom.drop(CAMPAIGN, name, b"PK\x03\x04\r\n", at("2024-05-24"))
    [file] = lying(mailroom)
    assert (file.name, file.content, file.channel) == (name, b"PK\x03\x04\r\n", "folder")
    assert file.received_at == at("2024-05-24")
    assert file.received_at.tzinfo is not None
    mailroom.inbox.take(file)
    assert lying(mailroom) == []


def test_an_inbox_nobody_has_written_to_is_empty(mailroom: Mailroom) -> None:
    assert lying(mailroom) == []


def test_files_come_oldest_first_and_by_name_within_an_instant(mailroom: Mailroom) -> None:
    for name, time in (("c.xlsx", "09:00"), ("b.xlsx", "10:00"), ("a.xlsx", "10:00"), ("d.xlsx", "08:00")):
        mailroom.drop(CAMPAIGN, name, b"x", at("2024-05-24", time))
    assert names(mailroom) == ["d.xlsx", "c.xlsx", "a.xlsx", "b.xlsx"]


def test_what_arrives_after_the_day_waits_for_the_next_run(mailroom: Mailroom) -> None:
    mailroom.drop(CAMPAIGN, "late.xlsx", b"x", at("2024-05-25", "00:00"))
    mailroom.drop(CAMPAIGN, "on_time.xlsx", b"x", at("2024-05-24", "23:58"))
    assert names(mailroom) == ["on_time.xlsx"]
    assert [file.name for file in lying(mailroom, until=at("2024-05-25", "00:00"))][1:] == ["late.xlsx"]


def test_one_campaign_never_sees_the_returns_of_another(mailroom: Mailroom) -> None:
    mailroom.drop(OTHER, "a.xlsx", b"x", at("2024-05-24"))
    assert names(mailroom) == []
    assert names(mailroom, OTHER) == ["a.xlsx"]


def test_what_is_handed_in_lies_there_once_and_says_by_whom(mailroom: Mailroom) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    for _ in range(2):
        mailroom.inbox.lay(CAMPAIGN, CHINESE, b"whole", by="officer")
    [file] = lying(mailroom, until=now)
    assert (file.name, file.content, file.channel) == (CHINESE, b"whole", "desk:officer")
    assert lying(mailroom, OTHER, until=now) == []
    mailroom.inbox.take(file)
    assert lying(mailroom, until=now) == []


def test_a_name_may_be_handed_in_again_with_other_content(mailroom: Mailroom) -> None:
    for content in (b"first", b"second"):
        mailroom.inbox.lay(CAMPAIGN, "a.xlsx", content, by="officer")
    files = lying(mailroom, until=datetime.now(UTC) + timedelta(minutes=1))
    assert {file.content for file in files} == {b"first", b"second"}
    for file in files:
        mailroom.inbox.take(file)
        mailroom.inbox.take(file)


def test_two_workers_taking_the_same_file_is_no_fault(mailroom: Mailroom) -> None:
    mailroom.drop(CAMPAIGN, "a.xlsx", b"x", at("2024-05-24"))
    [mine], [theirs] = lying(mailroom), lying(mailroom)
    mailroom.inbox.take(mine)
    mailroom.inbox.take(theirs)
    assert lying(mailroom) == []


def test_a_name_may_come_again_with_other_content(mailroom: Mailroom) -> None:
    for content in (b"first", b"second"):
        mailroom.drop(CAMPAIGN, CHINESE, content, at("2024-05-24"))
        [file] = lying(mailroom)
        assert file.content == content
        mailroom.inbox.take(file)


# The real one alone: what lies about in a folder people and programs write to.


@pytest.fixture(params=["folder", "bucket"])
def real(request: pytest.FixtureRequest) -> Folder | Bucket:
    room: Folder | Bucket = request.getfixturevalue(request.param)
    return room


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.xlsx",
        ".~lock.a.xlsx#",
        "~$自查自纠情况表.xlsx",
        "a.xlsx.part",
        "a.xlsx.PART",
        "a.tmp",
        "a.xlsx.crdownload",
        "a.xlsx.filepart",
    ],
)
def test_hidden_lock_and_unfinished_files_are_left_where_they_are(real: Folder | Bucket, name: str) -> None:
    real.drop(CAMPAIGN, name, b"x", at("2024-05-24"))
    real.drop(CAMPAIGN, "a.xlsx", b"x", at("2024-05-24"))
    assert names(real) == ["a.xlsx"]
    assert (real.root / CAMPAIGN / name).exists()


def test_a_file_that_is_renamed_when_whole_is_read_then(folder: Folder) -> None:
    folder.drop(CAMPAIGN, "a.xlsx.part", b"half", at("2024-05-24"))
    assert names(folder) == []
    draft = folder.root / CAMPAIGN / "a.xlsx.part"
    draft.write_bytes(b"whole")
    os.utime(draft, (at("2024-05-24").timestamp(),) * 2)
    draft.rename(folder.root / CAMPAIGN / "a.xlsx")
    assert [file.content for file in lying(folder)] == [b"whole"]


@pytest.mark.parametrize("user", ["..", ".", "../../other", "a/b", "张三@bureau", "taken", "a.b", "x" * 80])
def test_a_user_is_never_a_way_out_of_the_folder(real: Folder | Bucket, user: str) -> None:
    real.inbox.lay(CAMPAIGN, BROWSER, b"x", by=user)
    [file] = lying(real, until=datetime.now(UTC) + timedelta(minutes=1))
    assert file.channel == f"desk:{user}"[:64]
    assert file.reference.startswith(str(real.root / CAMPAIGN / "by_hand"))
    real.inbox.take(file)
    [kept] = (real.root / CAMPAIGN / "taken").glob("*/*")
    assert kept.read_bytes() == b"x"


def test_folders_of_files_handed_in_are_cleared_away(folder: Folder) -> None:
    folder.inbox.lay(CAMPAIGN, "a.xlsx", b"x", by="officer")
    [file] = lying(folder, until=datetime.now(UTC) + timedelta(minutes=1))
    folder.inbox.take(file)
    assert list((folder.root / CAMPAIGN / "by_hand" / "officer").iterdir()) == []


def test_folders_inside_are_not_returns(real: Folder | Bucket) -> None:
    real.drop(f"{CAMPAIGN}/roster", "名册.xlsx", b"x", at("2024-05-24"))
    real.drop(f"{CAMPAIGN}/taken", "a.xlsx", b"x", at("2024-05-24"))
    assert names(real) == []
    assert names(real, f"{CAMPAIGN}/roster") == ["名册.xlsx"]


@pytest.mark.parametrize("name", ["a.xlsx", CHINESE, LONGEST, ODD, BROWSER])
def test_what_is_taken_is_kept_by_the_hour_of_its_arrival_in_beijing(
    real: Folder | Bucket, name: str
) -> None:
    real.drop(CAMPAIGN, name, b"x", at("2024-05-24", "07:30"))
    real.inbox.take(lying(real)[0])
    assert (real.root / CAMPAIGN / "taken" / "20240524T073000" / name).read_bytes() == b"x"


def test_nothing_taken_is_ever_overwritten(real: Folder | Bucket) -> None:
    for content in (b"first", b"second", b"third"):
        real.drop(CAMPAIGN, "a.xlsx", content, at("2024-05-24"))
        real.inbox.take(lying(real)[0])
    kept = [path.read_bytes() for path in (real.root / CAMPAIGN / "taken").rglob("a.xlsx")]
    assert sorted(kept) == [b"first", b"second", b"third"]


def test_a_file_taken_by_another_worker_in_mid_reading_does_not_stop_the_rest(real: Folder | Bucket) -> None:
    for name in ("a.xlsx", "b.xlsx", "c.xlsx"):
        real.drop(CAMPAIGN, name, b"x", at("2024-05-24"))
    reading = real.inbox.files(CAMPAIGN, received_until=EVENING)
    assert next(reading).name == "a.xlsx"
    real.inbox.take(lying(real)[1])
    assert [file.name for file in reading] == ["c.xlsx"]


def test_a_link_lends_nobody_the_worker_s_eyes(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret.xlsx").write_bytes(b"secret")
    os.utime(tmp_path / "secret.xlsx", (at("2024-05-24").timestamp(),) * 2)
    folder.drop(CAMPAIGN, "a.xlsx", b"x", at("2024-05-24"))
    (folder.root / CAMPAIGN / "b.xlsx").symlink_to(tmp_path / "secret.xlsx")
    (folder.root / CAMPAIGN / "c.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
    assert names(folder) == ["a.xlsx"]


@pytest.mark.parametrize("name", ["..\\..\\b.xlsx", "..xlsx", "-rf.xlsx"])
def test_no_name_leads_out_of_the_folder(folder: Folder, tmp_path: Path, name: str) -> None:
    folder.drop(CAMPAIGN, "a.xlsx", b"x", at("2024-05-24"))
    (folder.root / CAMPAIGN / "a.xlsx").rename(folder.root / CAMPAIGN / name)
    for file in lying(folder):
        folder.inbox.take(file)
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(folder.root / CAMPAIGN) for path in everything)
    assert len(everything) == 1
