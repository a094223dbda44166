"""Three hands, three posts, three persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from include.domain.campaign import Campaign
from include.domain.reports import EDITION_MOVES, EditionState
from include.domain.sign_off import Hand, Signing, refusal
from tests.factories import at, campaign

WUSHEN = campaign("wushen_2024")
REPORT = WUSHEN.report("self_check_statistics")
FIRST, SECOND, THIRD = Hand
NINE = at("2024-06-05")


def signed(hand: Hand, user: str, *, approved: bool | None = True) -> Signing:
    until = NINE + timedelta(hours=1)
    return Signing(hand, hand.value, "run1", "", NINE, until, approved=approved, by=user, user=user)


@pytest.mark.parametrize(
    ("before", "hand", "answer", "said"),
    [
        ((), FIRST, {}, ""),
        ((), SECOND, {}, "尚未经经办签批"),
        ((), THIRD, {}, "尚未经经办签批"),
        ((signed(FIRST, "a"),), THIRD, {}, "尚未经复核签批"),
        ((signed(FIRST, "a", approved=None),), SECOND, {}, "尚未经经办签批"),
        ((signed(FIRST, "a"),), SECOND, {"user": "b"}, ""),
        ((signed(FIRST, "a"),), SECOND, {"user": "a"}, "已在经办环节签批本版"),
        ((signed(FIRST, "a"), signed(SECOND, "b")), THIRD, {"user": "a"}, "已在经办环节签批本版"),
        ((signed(FIRST, "a"), signed(SECOND, "b")), THIRD, {"user": "b"}, "已在复核环节签批本版"),
        ((signed(FIRST, "a"),), SECOND, {"user": "a", "approved": False, "reason": "x"}, "已在经办环节"),
        ((), FIRST, {"approved": False}, "退回须写明理由"),
        ((), FIRST, {"approved": False, "reason": " \n"}, "退回须写明理由"),
        ((), FIRST, {"approved": False, "reason": "金额待核"}, ""),
    ],
)
def test_an_answer_stands_or_is_refused_in_a_sentence(
    before: tuple[Signing, ...], hand: Hand, answer: dict[str, Any], said: str
) -> None:
    facts = {"approved": True, "user": "c", "by": "c", "reason": ""} | answer
    sentence = refusal(before, hand, **facts)
    assert (said in sentence) if said else sentence == ""


def changed(**changes: Any) -> Campaign:
    return Campaign.model_validate(WUSHEN.model_dump() | changes)


def test_staff_director_and_deputy_sign_where_nobody_else_is_named() -> None:
    found = [WUSHEN.signing_post(REPORT, hand) for hand in Hand]
    assert [post and post.key for post in found] == ["office_staff", "office_director", "deputy_bureau"]


def test_a_report_s_own_posts_come_before_the_campaign_s_and_these_before_the_roles() -> None:
    reports = [report.model_dump() for report in WUSHEN.reports]
    reports[0]["sign_off"] = {"approved_by": "group_head"}
    own = changed(
        reports=reports, sign_off={"reviewed_by": "deputy_health", "approved_by": "office_director"}
    )
    found = [own.signing_post(own.reports[0], hand) for hand in Hand]
    assert [post and post.key for post in found] == ["office_staff", "deputy_health", "group_head"]


def test_without_a_deputy_the_head_approves_and_without_both_nobody() -> None:
    posts = [post for post in WUSHEN.model_dump()["posts"] if post["role"] != "group_deputy"]
    ladder = [step | {"to_posts": ()} for step in WUSHEN.model_dump()["ladder"]]
    headed = changed(posts=posts, ladder=ladder)
    post = headed.signing_post(REPORT, THIRD)
    assert post is not None
    assert post.key == "group_head"
    bare = changed(posts=[post for post in posts if post["role"] != "group_head"], ladder=ladder)
    assert bare.signing_post(REPORT, THIRD) is None


@pytest.mark.parametrize(
    ("sign_off", "at_place"),
    [
        ({"prepared_by": "nobody"}, ("sign_off", "prepared_by")),
        ({"prepared_by": "group_head", "approved_by": "group_head"}, ("sign_off",)),
    ],
)
def test_an_unknown_post_and_one_post_for_two_hands_are_refused(
    sign_off: dict[str, str], at_place: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        changed(sign_off=sign_off)
    assert at_place in [found["loc"] for found in caught.value.errors()]
    reports = [report.model_dump() for report in WUSHEN.reports]
    reports[1]["sign_off"] = sign_off
    with pytest.raises(ValidationError) as caught:
        changed(reports=reports)
    assert ("reports", 1, *at_place) in [found["loc"] for found in caught.value.errors()]


def test_an_edition_s_states_lead_forward_only() -> None:
    order = list(EditionState)
    assert set(EDITION_MOVES) == set(EditionState)
    for state, following in EDITION_MOVES.items():
        assert all(order.index(after) > order.index(state) for after in following), state
    ends = {state for state, following in EDITION_MOVES.items() if not following}
    assert ends == {EditionState.REJECTED, EditionState.SUPERSEDED, EditionState.RECEIVED}
