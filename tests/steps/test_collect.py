"""What cannot be moved out of the inbox has come in all the same, once."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.errors import TryAgain
from include.domain.returns import InboxFile
from include.steps import collect
from tests import factories
from tests.steps.conftest import Desk

ON = date(2024, 5, 20)
PDF = b"%PDF-1.7 synthetic"


def test_a_read_only_inbox_holds_up_no_return_and_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        desk.inbox.drop(desk.campaign.id, f"{number}.pdf", PDF + bytes([number]), factories.at("2024-05-20"))

    def stay(file: InboxFile) -> None:
        raise OSError(30, "Read-only file system", file.reference)

    with monkeypatch.context() as read_only:
        read_only.setattr(desk.inbox, "take", stay)
        for _ in range(2):
            with pytest.raises(TryAgain, match="3份文件已登记，但不能移出收件箱文件夹"):
                collect.returns(desk.campaign, on=ON, using=desk.using)
            assert len(pending(desk)) == 3, "each once, however often it is tried"
    assert collect.returns(desk.campaign, on=ON, using=desk.using) == 3
    assert desk.inbox.lying[desk.campaign.id] == []
    assert len(pending(desk)) == 3


def pending(desk: Desk) -> list[str]:
    files = desk.using.ledger.returns.pending(desk.campaign.id, received_until=ON)
    return sorted(file.name for file in files)
