"""Places and accounts through which returns come in, out of order: nothing is lost, answered twice or kept quiet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster import places
from tests.cluster.office import CAMPAIGN, Office
from tests.cluster.tested import TriedCluster

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]


def test_an_expired_mailbox_password_holds_up_no_return_that_came_by_folder(
    cluster: TriedCluster, office: Office
) -> None:
    if cluster.imap is None:
        pytest.skip("needs Debian's dovecot-imapd, and root to start it (make test-mail installs it)")
    by_mail, by_folder = office.take_units(2)
    office.mail_in(by_mail)
    office.hand_in(by_folder)
    with office.told_once("收取邮箱"):
        cluster.imap.give_password("another")
        states = office.take_in(well=False)
        assert {task for task, state in states.items() if state != "success"} == {"receive_mail", "all_done"}
        assert office.answered([by_mail, by_folder]) == {by_folder: 1}
        office.hears_of("收取邮箱")
        cluster.imap.give_password()
        office.take_in()
    assert office.answered([by_mail, by_folder]) == {by_mail: 1, by_folder: 1}


def test_a_full_archive_takes_nothing_in_and_loses_nothing(
    cluster: TriedCluster, office: Office, tmp_path: Path
) -> None:
    units = office.take_units(2)
    for unit in units:
        office.hand_in(unit)
    folder = Path(cluster.env["DUBAN_ARCHIVE"])
    folder.mkdir(exist_ok=True)
    with (
        office.told_once("原件档案磁盘将满"),
        office.told_once("收取文件夹"),
        places.full(folder, tmp_path) as make_room,
    ):
        states = office.take_in(well=False)
        assert states["collect_folders"] == "failed"
        assert office.answered(units) == {}
        assert office.lying() >= set(units)
        office.hears_of("原件档案磁盘将满", "收取文件夹")
        make_room()
        office.take_in()
    assert office.answered(units) == dict.fromkeys(units, 1)
    assert not office.lying() & set(units)


def test_a_read_only_inbox_is_read_and_answered_once(cluster: TriedCluster, office: Office) -> None:
    units = office.take_units(2)
    for unit in units:
        office.hand_in(unit)
    with office.told_once("收取文件夹"):
        with places.read_only(Path(cluster.env["DUBAN_INBOX"])):
            states = office.take_in(well=False)
            assert states["collect_folders"] == "failed"
            assert office.answered(units) == dict.fromkeys(units, 1)
            assert office.lying() >= set(units)
            office.hears_of("收取文件夹")
        office.take_in()
    assert office.answered(units) == dict.fromkeys(units, 1)
    assert not office.lying() & set(units)
    assert len(list(Path(cluster.env["DUBAN_INBOX"]).glob(f"{CAMPAIGN.id}/taken/*/*.xlsx"))) >= len(units)
