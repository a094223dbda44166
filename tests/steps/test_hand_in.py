"""A return handed in by the office goes the way of any other, whole, once, and under a name that leads nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from include.domain.errors import GiveUp
from include.steps import collect, hand_in
from tests import factories
from tests.steps.conftest import LAUNCH_DAY, Desk

UNIT = factories.make_unit(1)


@pytest.mark.parametrize(
    ("given", "of_unit", "laid"),
    [
        ("自查表.xlsx", False, "自查表.xlsx"),
        ("扫描.pdf", True, f"{UNIT.code}_扫描.pdf"),
        (f"{UNIT.code.lower()}_扫描.pdf", True, f"{UNIT.code.lower()}_扫描.pdf"),
        ("../../etc/passwd", False, "passwd"),
        ("C:\\\\fakepath\\\\自查表.xlsx", False, "自查表.xlsx"),
        (".hidden.xlsx", False, "hidden.xlsx"),
        ("~$自查表.xlsx", False, "自查表.xlsx"),
        ('a<b>:"|?*\x00\n.xlsx', False, "ab.xlsx"),
        ("  自查表.xlsx ", False, "自查表.xlsx"),
    ],
)
def test_a_name_is_one_name(given: str, of_unit: bool, laid: str) -> None:
    assert hand_in.named(given, UNIT if of_unit else None) == laid


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "没有名称"),
        ("..", "没有名称"),
        ("/", "没有名称"),
        ("长" * 81, "过长"),
        ("a.xlsx.part", "没有下载完整"),
    ],
)
def test_a_name_that_is_none_is_refused(given: str, why: str) -> None:
    with pytest.raises(GiveUp, match=why):
        hand_in.named(given, None)


@pytest.mark.parametrize(("content", "why"), [(b"", "空的"), (b"x" * (hand_in.LARGEST + 1), "超过20MB")])
def test_what_cannot_be_a_return_is_not_laid_in(desk: Desk, content: bytes, why: str) -> None:
    for act in (
        lambda: hand_in.file(desk.campaign, "a.xlsx", content, by="officer", using=desk.using),
        lambda: hand_in.at_first(desk.campaign, "a.xlsx", content, on=LAUNCH_DAY, using=desk.using),
    ):
        with pytest.raises(GiveUp, match=why):
            act()
    assert desk.inbox.lying == {}


def test_what_is_handed_in_is_collected_with_who_handed_it_in(desk: Desk) -> None:
    for _ in range(2):
        hand_in.file(desk.campaign, "a.xlsx", b"content", by="officer", using=desk.using)
    [file] = desk.inbox.lying[desk.campaign.id]
    today = (file.received_at + timedelta(days=1)).date()
    assert collect.returns(desk.campaign, on=today, using=desk.using) == 1
    [received] = desk.using.ledger.returns.pending(desk.campaign.id, received_until=today)
    assert (received.name, received.channel) == ("a.xlsx", "desk:officer")


def test_a_look_lays_nothing_in(desk: Desk) -> None:
    [seen] = hand_in.at_first(desk.campaign, "a.pdf", b"%PDF-1", on=LAUNCH_DAY, using=desk.using)
    assert seen.name == "a.pdf"
    assert desk.inbox.lying == {}
