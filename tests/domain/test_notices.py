"""Rules of the outbox's words: identity of a notice, identity of a message, and where a notice may go."""

from __future__ import annotations

import re

import pytest

from include.domain.notices import ALLOWED, NoticeKind, NoticeState, SendMode, message_id, notice_key


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_has_a_chinese_name(kind: NoticeKind) -> None:
    assert re.fullmatch(r"[\u4e00-\u9fa5]+", kind.zh)


@pytest.mark.parametrize("state", NoticeState)
def test_every_state_has_a_chinese_name_and_its_moves(state: NoticeState) -> None:
    assert re.fullmatch(r"[\u4e00-\u9fa5]+", state.zh)
    assert state in ALLOWED


def test_a_rehearsal_never_uses_up_the_real_notice() -> None:
    keys = {notice_key(mode, "sample_2024", "H15062600001", "before_3") for mode in SendMode}
    assert len(keys) == len(SendMode)


def test_the_same_notice_has_the_same_message_id_on_every_try() -> None:
    key = notice_key(SendMode.LIVE, "sample_2024", "H15062600001", "before_3")
    assert message_id(key, "office.example") == message_id(key, "office.example")


def test_two_notices_never_share_a_message_id() -> None:
    ids = {
        message_id(notice_key(SendMode.LIVE, "sample_2024", unit, step), "office.example")
        for unit in ("H15062600001", "H15062600002")
        for step in ("before_5", "before_3", "before_1")
    }
    assert len(ids) == 6


def test_a_message_id_is_one_plain_ascii_token_whatever_the_key() -> None:
    assert re.fullmatch(
        r"<[0-9a-f]{32}@office\.example>", message_id("live/专项/含 空格\n", "office.example")
    )


@pytest.mark.parametrize(
    "state",
    [NoticeState.RENDERED, NoticeState.REFUSED, NoticeState.SKIPPED, NoticeState.HELD, NoticeState.BOUNCED],
)
def test_nothing_leaves_a_final_state(state: NoticeState) -> None:
    assert ALLOWED[state] == frozenset()


def test_what_the_server_took_over_can_only_come_back() -> None:
    assert ALLOWED[NoticeState.ACCEPTED] == {NoticeState.BOUNCED}


def test_a_notice_is_not_accepted_without_having_been_claimed() -> None:
    assert NoticeState.ACCEPTED not in ALLOWED[NoticeState.PLANNED]


def test_a_notice_in_doubt_never_goes_straight_back_to_sending() -> None:
    assert NoticeState.SENDING not in ALLOWED[NoticeState.IN_DOUBT]
