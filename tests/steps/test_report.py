"""What goes up is compiled once, signed by three hands, sent once, corrected and receipted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from include.domain.campaign import UpwardReport
from include.domain.errors import GiveUp
from include.domain.feeds import Feed
from include.domain.notices import NoticeKind, NoticeState
from include.domain.reports import CrossCheck, EditionState, Event, FileRole
from include.domain.sign_off import Hand
from include.steps import deliver, report, report_mail, report_run, sign_off
from tests import factories
from tests.steps.conftest import Desk

DAY, NEXT_DAY = date(2024, 6, 5), date(2024, 6, 6)
USERS = {"office_staff": "staff", "office_director": "director", "deputy_bureau": "deputy"}
SIGNERS = dict(zip(Hand, USERS.items(), strict=True))
FIRST, SECOND, THIRD = Hand
EVENT = {"title": "某机构涉嫌骗保（模拟）", "facts": "6月5日现场检查发现。", "number": "AJ-1"}


@pytest.fixture(autouse=True)
def in_june(desk: Desk) -> None:
    desk.clock[0] = factories.at("2024-06-05", "10:00")


def upward(desk: Desk, **changes: Any) -> UpwardReport:
    return desk.campaign.report("self_check_statistics").model_copy(update=changes)


def compile_it(desk: Desk, on: date = DAY, of: UpwardReport | None = None, **options: Any) -> report.Draft:
    occasion = report.occasion_of_day(desk.campaign, upward(desk), on=on, using=desk.using)
    assert occasion is not None
    return report.compile_edition(
        desk.campaign, of or upward(desk), occasion, on=on, using=desk.using, **options
    )


def number_of(draft: report.Draft) -> int:
    assert draft.edition_id is not None
    return draft.edition_id


@pytest.fixture
def new_data(desk: Desk) -> Callable[[], None]:
    """A unit is given more time: one less is overdue."""

    def _change() -> None:
        obligation = desk.obligation(desk.units.pop())
        desk.using.ledger.obligations.extend(
            obligation.id, due_on=date(2024, 6, 28), reason="延期", approved_by="office_director", on=DAY
        )

    return _change


def ask(
    desk: Desk, edition_id: int, hand: Hand, *, run: str = "run1", on: date = DAY, **options: Any
) -> sign_off.Asked | None:
    return sign_off.ask(
        desk.campaign,
        upward(desk),
        edition_id,
        hand,
        run=run,
        page=f"https://desk.example/{run}/{hand}",
        users=options.get("users", USERS),
        on=on,
        using=desk.using,
    )


def answer(
    desk: Desk,
    edition_id: int,
    hand: Hand,
    *,
    approved: bool = True,
    user: str | None = None,
    reason: str = "",
    run: str = "run1",
    on: date = DAY,
) -> bool:
    who = SIGNERS[hand][1] if user is None else user
    return sign_off.record(
        desk.campaign,
        upward(desk),
        edition_id,
        hand,
        run=run,
        approved=approved,
        by=who,
        user=who,
        reason=reason,
        on=on,
        using=desk.using,
    )


def sign(desk: Desk, edition_id: int, *hands: Hand, run: str = "run1", on: date = DAY) -> None:
    for hand in hands or tuple(Hand):
        assert ask(desk, edition_id, hand, run=run, on=on) is not None
        assert answer(desk, edition_id, hand, run=run, on=on)


def plan_it(desk: Desk, edition_id: int, on: date = DAY) -> int:
    return report_mail.plan_mail(desk.campaign, upward(desk), edition_id, on=on, using=desk.using)


def send(desk: Desk, edition_id: int, on: date = DAY) -> None:
    plan_it(desk, edition_id, on)
    deliver.notices(desk.campaign, on=on, using=desk.using)
    report_mail.mark_sent(edition_id, using=desk.using)


def state(desk: Desk, edition_id: int) -> EditionState:
    return desk.using.ledger.editions.get(edition_id).state


def mails(desk: Desk, on: date = DAY) -> list[tuple[str, str]]:
    """Address and purpose of the mails about signing that leave now."""
    before = len(desk.mail.sent)
    deliver.notices(desk.campaign, on=on, using=desk.using)
    rows = {row.message_id: row for row in desk.using.ledger.outbox.rows(desk.campaign.id)}
    return [
        (sent.to.partition("@")[0], str(rows[sent.message_id].step_key)) for sent in desk.mail.sent[before:]
    ]


# Compiling


def test_the_same_data_give_the_same_edition(desk: Desk) -> None:
    assert compile_it(desk).edition_id == compile_it(desk, NEXT_DAY).edition_id


def test_new_data_before_signing_replace_the_edition(desk: Desk, new_data: Callable[[], None]) -> None:
    old = number_of(compile_it(desk))
    new_data()
    new = number_of(compile_it(desk, NEXT_DAY))
    assert new != old
    assert (state(desk, old), state(desk, new)) == (EditionState.SUPERSEDED, EditionState.DRAFTED)


def test_a_report_brings_its_tables_and_its_document_also_as_pages(desk: Desk) -> None:
    edition = desk.using.ledger.editions.get(number_of(compile_it(desk, of=upward(desk, document="summary"))))
    assert [(file.role, file.name) for file in edition.files] == [
        (FileRole.TABLES, "旗医保局_自查自纠情况统计表_第1版.xlsx"),
        (FileRole.DOCUMENT, "旗医保局_自查自纠情况统计表_第1版.docx"),
        (FileRole.PDF, "旗医保局_自查自纠情况统计表_第1版.pdf"),
    ]


def test_a_document_is_enough_where_pages_cannot_be_made(desk: Desk) -> None:
    desk.using.documents.pages = False
    only = upward(desk, table_layouts=(), document="summary")
    edition = desk.using.ledger.editions.get(number_of(compile_it(desk, of=only)))
    assert [file.role for file in edition.files] == [FileRole.DOCUMENT]


def test_an_edition_can_be_made_again_out_of_its_snapshot(desk: Desk, new_data: Callable[[], None]) -> None:
    old = number_of(compile_it(desk))
    new_data()
    compile_it(desk, NEXT_DAY)
    edition = desk.using.ledger.editions.get(old)
    assert report.rebuild(desk.campaign, upward(desk), edition, desk.using) == []
    damaged = replace(edition, files=(replace(edition.files[0], sha256="f" * 64),))
    assert report.rebuild(desk.campaign, upward(desk), damaged, desk.using) == list(damaged.files)


def test_a_preview_enters_nothing_and_replaces_nothing(desk: Desk, new_data: Callable[[], None]) -> None:
    old = number_of(compile_it(desk))
    new_data()
    occasion = report.nearest_occasion(desk.campaign, upward(desk), on=NEXT_DAY, using=desk.using)
    text, built = report.preview(desk.campaign, upward(desk), occasion, on=NEXT_DAY, using=desk.using)
    assert "第2版" in text
    assert built.files[0][1].endswith("_第2版.xlsx")
    assert state(desk, old) is EditionState.DRAFTED
    assert len(desk.using.ledger.editions.all(desk.campaign.id)) == 1


def test_contradictions_are_laid_before_nobody_and_told_the_office_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.steps.report_page.failed", lambda checks: ("已报：3 应= 4",))
    draft = compile_it(desk)
    again = compile_it(desk, NEXT_DAY)
    assert (draft.goes_on, again.edition_id) == (False, draft.edition_id)
    assert state(desk, number_of(draft)) is EditionState.CONTRADICTORY
    assert mails(desk) == [("office_staff", "contradictory.prepared")]
    with pytest.raises(GiveUp, match="勾稽不符，未送签。已报：3 应= 4"):
        report_run.refuse_trouble(again)
    assert ask(desk, number_of(draft), FIRST) is None
    monkeypatch.setattr("include.steps.report_page.failed", lambda checks: ("已报：2 应= 4",))
    compile_it(desk, NEXT_DAY)
    assert mails(desk, NEXT_DAY) == [("office_staff", "contradictory.prepared")]


@pytest.mark.parametrize(
    ("asked", "of", "wrong", "goes_on"),
    [
        (EVENT, "refunded_amt", True, True),  # its document does not print it
        (EVENT, "cases_filed", True, False),
        (EVENT, "cases_filed", False, True),
        ({}, "refunded_amt", True, False),  # the campaign's tables print everything
    ],
)
def test_one_event_is_held_to_the_numbers_it_prints_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], of: str, wrong: bool, goes_on: bool
) -> None:
    check = CrossCheck(
        "k", "甲≤乙（元）", Decimal(2), "≤", Decimal(1), not wrong, frozenset({of, "units_expected"})
    )
    monkeypatch.setattr("include.steps.report.cross_checks", lambda *_: [check])
    monkeypatch.setattr("include.steps.report_page.cross_checks", lambda *_: [check])
    desk.using.documents.prints = frozenset({"cases_filed", "major_cases"})
    assert run_it(desk, asked).goes_on is goes_on


def test_stale_data_are_not_compiled(desk: Desk) -> None:
    feed = Feed(
        key="settled",
        title="结算数据",
        form="clue",
        connection="bureau",
        query="SELECT 1",
        loaded_at="loaded_at",
        error_after=24,
    )
    fed = replace(desk, campaign=desk.campaign.model_copy(update={"feeds": (feed,)}))
    with pytest.raises(GiveUp, match=r"数据已过时，不能编制统计表：.*结算数据"):
        compile_it(fed)
    assert desk.using.ledger.editions.all(desk.campaign.id) == []


def test_a_report_without_layout_or_document_says_that_it_is_made_by_hand(desk: Desk) -> None:
    by_hand = upward(desk, table_layouts=(), document=None)
    occasion = report.nearest_occasion(desk.campaign, by_hand, on=DAY, using=desk.using)
    with pytest.raises(GiveUp, match="人工编制"):
        report.compile_edition(desk.campaign, by_hand, occasion, on=DAY, using=desk.using)


@pytest.mark.parametrize(
    ("on", "found"),
    [
        (date(2024, 6, 4), False),
        (date(2024, 6, 5), True),
        (date(2024, 6, 7), True),
        (date(2024, 6, 17), True),  # five working days after, 端午节 between
        (date(2024, 6, 18), False),
    ],
)
def test_a_report_is_compiled_some_days_before_it_is_due_and_some_after(
    desk: Desk, on: date, found: bool
) -> None:
    occasion = report.occasion_of_day(desk.campaign, upward(desk), on=on, using=desk.using)
    assert (occasion is not None) is found


def test_between_two_occasions_a_run_says_so_and_does_nothing(desk: Desk) -> None:
    draft = run_it(desk, {}, on=date(2024, 6, 4))
    assert (draft.edition_id, draft.goes_on) == (None, False)
    assert "不在“自查自纠情况统计表”任何一期的编制期内" in draft.text


# Three hands


def test_an_edition_short_of_a_hand_is_never_sent(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    for hand in Hand:
        with pytest.raises(GiveUp, match="未经经办、复核、审核同意"):
            plan_it(desk, edition)
        sign(desk, edition, hand)
    assert plan_it(desk, edition) == 1


def test_each_hand_is_written_to_in_turn_with_the_page_to_sign_on(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    told = []
    for hand in Hand:
        asked = ask(desk, edition, hand)
        assert asked is not None
        assert asked.users == (SIGNERS[hand][1],)
        told += mails(desk)
        answer(desk, edition, hand)
    assert told == [
        ("office_staff", "ask.prepared"),
        ("office_director", "ask.reviewed"),
        ("deputy_bureau", "ask.approved"),
    ]


@pytest.mark.parametrize("hand", [SECOND, THIRD])
def test_no_hand_comes_before_the_ones_before_it(desk: Desk, hand: Hand) -> None:
    edition = number_of(compile_it(desk))
    ask(desk, edition, hand)
    with pytest.raises(GiveUp, match="尚未经经办签批"):
        answer(desk, edition, hand)


@pytest.mark.parametrize("hand", [SECOND, THIRD])
def test_whoever_signed_one_hand_is_refused_for_the_next(desk: Desk, hand: Hand) -> None:
    edition = number_of(compile_it(desk))
    sign(desk, edition, *hand.before)
    ask(desk, edition, hand)
    with pytest.raises(GiveUp, match=f"“staff”已在经办环节签批本版，不能再作{hand.zh}"):
        answer(desk, edition, hand, user="staff")
    assert state(desk, edition) is EditionState.DRAFTED
    assert ask(desk, edition, hand, run="run2", on=NEXT_DAY) is not None, "the next run asks anew at once"
    assert answer(desk, edition, hand, run="run2")


def test_one_user_of_two_posts_is_found_before_anybody_is_asked(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    with pytest.raises(GiveUp, match="对应同一用户“staff”"):
        ask(desk, edition, FIRST, users=USERS | {"office_director": "staff"})
    assert mails(desk) == []


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_return_without_a_reason_is_refused(desk: Desk, reason: str) -> None:
    edition = number_of(compile_it(desk))
    ask(desk, edition, FIRST)
    with pytest.raises(GiveUp, match="退回须写明理由"):
        answer(desk, edition, FIRST, approved=False, reason=reason)
    assert state(desk, edition) is EditionState.DRAFTED


def test_a_return_ends_the_edition_and_is_told_the_drafter_alone(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    sign(desk, edition, FIRST)
    ask(desk, edition, SECOND)
    mails(desk)
    assert answer(desk, edition, SECOND, approved=False, reason="第3项待核") is False
    assert mails(desk) == [("office_staff", "returned.reviewed")]
    assert state(desk, edition) is EditionState.REJECTED
    assert compile_it(desk, NEXT_DAY).goes_on is False, "the same data are not laid before anybody again"
    assert ask(desk, edition, SECOND, run="run2", on=NEXT_DAY) is None
    with pytest.raises(GiveUp):
        plan_it(desk, edition)


def test_after_a_return_all_hands_sign_anew(desk: Desk, new_data: Callable[[], None]) -> None:
    old = number_of(compile_it(desk))
    sign(desk, old, FIRST)
    ask(desk, old, SECOND)
    answer(desk, old, SECOND, approved=False, reason="待核")
    new_data()
    new = number_of(compile_it(desk, NEXT_DAY))
    assert desk.using.ledger.editions.signings(new) == []
    sign(desk, new, run="run2", on=NEXT_DAY)
    assert state(desk, new) is EditionState.APPROVED


def test_unchanged_data_are_laid_before_them_again_only_for_a_reason(desk: Desk) -> None:
    old = number_of(compile_it(desk))
    ask(desk, old, FIRST)
    answer(desk, old, FIRST, approved=False, reason="说明不清")
    again = compile_it(desk, NEXT_DAY, again="已补充说明")
    assert (again.edition_id != old, again.goes_on) == (True, True)
    assert compile_it(desk, NEXT_DAY, again="已补充说明").edition_id == again.edition_id


def test_time_running_out_decides_nothing_and_sends_nothing(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    ask(desk, edition, FIRST)
    mails(desk)
    assert answer(desk, edition, FIRST, user="", approved=False) is False
    assert state(desk, edition) is EditionState.DRAFTED
    with pytest.raises(GiveUp):
        plan_it(desk, edition)
    assert ask(desk, edition, FIRST, run="run2", on=NEXT_DAY) is not None
    assert mails(desk, NEXT_DAY) == [("office_staff", "remind.prepared")]


def test_while_one_run_waits_another_reminds_once_a_day_and_asks_nobody(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    ask(desk, edition, FIRST)
    mails(desk)
    assert ask(desk, edition, FIRST, run="run2", on=NEXT_DAY) is None
    assert ask(desk, edition, FIRST, run="run3", on=NEXT_DAY) is None
    assert mails(desk, NEXT_DAY) == [("office_staff", "remind.prepared")]


def test_a_run_that_died_is_taken_over_when_its_time_is_up(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    ask(desk, edition, FIRST)
    desk.clock[0] = factories.at("2024-06-07", "10:01")
    assert ask(desk, edition, FIRST, run="run2", on=date(2024, 6, 7)) is not None


def test_a_hand_that_has_signed_is_not_asked_again(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    sign(desk, edition, FIRST)
    mails(desk)
    for run in ("run1", "run2"):
        asked = ask(desk, edition, FIRST, run=run, on=NEXT_DAY)
        assert asked is not None
        assert not asked.needed
        assert answer(desk, edition, FIRST, user="", approved=False, run=run), (
            "a task run again keeps the yes"
        )
    assert mails(desk, NEXT_DAY) == []


def test_an_edition_replaced_while_the_second_hand_is_asked_is_signed_by_nobody_more(
    desk: Desk, new_data: Callable[[], None]
) -> None:
    old = number_of(compile_it(desk))
    sign(desk, old, FIRST)
    ask(desk, old, SECOND)
    mails(desk)
    new_data()
    new = number_of(compile_it(desk, NEXT_DAY))
    assert mails(desk, NEXT_DAY) == [("office_staff", "replaced.prepared")], "only who had signed is told"
    assert answer(desk, old, SECOND) is False, "the answer on the old page counts for nothing"
    assert state(desk, old) is EditionState.SUPERSEDED
    assert desk.using.ledger.editions.signings(new) == []
    sign(desk, new, run="run2", on=NEXT_DAY)
    send(desk, new, NEXT_DAY)
    assert [sent.attachments[0].name for sent in desk.mail.sent if sent.attachments] == [
        "旗医保局_自查自纠情况统计表_第2版.xlsx"
    ]


def test_a_mail_planned_for_a_hand_is_dropped_when_there_is_nothing_to_sign_any_more(
    desk: Desk, new_data: Callable[[], None]
) -> None:
    old = number_of(compile_it(desk))
    ask(desk, old, FIRST)
    new_data()
    compile_it(desk, NEXT_DAY)
    assert mails(desk, NEXT_DAY) == []


# Who signs


def vacate(desk: Desk, *posts: str) -> None:
    """Nobody holds these posts from the start."""
    held = [factories.make_holder(post.key) for post in desk.campaign.posts if post.key not in posts]
    desk.using.ledger.roster.holder = lambda campaign_id, post_key, *, on: next(  # type: ignore[method-assign]
        (each for each in held if each.post_key == post_key), None
    )


def test_the_director_stands_in_for_a_vacant_post_where_nobody_signs_twice(desk: Desk) -> None:
    signs = {"prepared_by": "office_staff", "reviewed_by": "deputy_bureau", "approved_by": "group_head"}
    of = upward(desk).model_validate(upward(desk).model_dump() | {"sign_off": signs})
    vacate(desk, "group_head")
    found = sign_off.signers(desk.campaign, of, on=DAY, using=desk.using)
    assert {hand: (signer.post.key, bool(signer.instead_of)) for hand, signer in found.items()} == {
        FIRST: ("office_staff", False),
        SECOND: ("deputy_bureau", False),
        THIRD: ("office_director", True),
    }


@pytest.mark.parametrize(
    ("vacant", "said"),
    [
        ({"office_staff"}, "“.*”当日无人在岗.*同一人不得签批两道.*确定“.*”的人员"),
        ({"deputy_bureau"}, "同一人不得签批两道"),
        ({"office_director"}, "复核岗位“.*”当日无人在岗"),
        ({"office_staff", "office_director"}, "经办岗位“.*”当日无人在岗"),
    ],
)
def test_a_vacancy_that_would_make_one_person_sign_twice_says_whom_to_appoint(
    desk: Desk, vacant: set[str], said: str
) -> None:
    edition = number_of(compile_it(desk))
    vacate(desk, *vacant)
    with pytest.raises(GiveUp, match=said):
        ask(desk, edition, FIRST)


# Sending, receipt, correction


def test_three_yeses_send_everything_up_once(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    sign(desk, edition)
    assert plan_it(desk, edition) == 1
    assert plan_it(desk, edition) == 0
    outcome = deliver.notices(desk.campaign, on=DAY, using=desk.using)
    assert outcome[NoticeState.ACCEPTED] == 1
    [sent] = [mail for mail in desk.mail.sent if mail.attachments]
    assert sent.to == "upper_bureau@bureau.example"
    assert sent.attachments[0].name == "旗医保局_自查自纠情况统计表_第1版.xlsx"
    report_mail.mark_sent(edition, using=desk.using)
    assert compile_it(desk).goes_on is False


def test_what_is_run_again_after_sending_sends_nothing_twice(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    sign(desk, edition)
    send(desk, edition)
    before = len(desk.mail.sent)
    for hand in Hand:
        asked = ask(desk, edition, hand)
        assert asked is not None
        assert not asked.needed
    assert plan_it(desk, edition) == 0
    send(desk, edition)
    assert len(desk.mail.sent) == before


def test_what_is_signed_goes_up_before_anything_newer_is_compiled(
    desk: Desk, new_data: Callable[[], None]
) -> None:
    edition = number_of(compile_it(desk))
    sign(desk, edition)
    new_data()
    draft = compile_it(desk, NEXT_DAY)
    assert (draft.edition_id, draft.goes_on) == (edition, True)


def test_a_report_whose_mail_was_refused_is_not_marked_as_sent(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    sign(desk, edition)
    plan_it(desk, edition)
    desk.mail.answers["upper_bureau@bureau.example"] = GiveUp("550")
    deliver.notices(desk.campaign, on=DAY, using=desk.using)
    with pytest.raises(GiveUp, match="未被上级邮件服务器接收"):
        report_mail.mark_sent(edition, using=desk.using)


def test_new_data_after_sending_make_a_correction_in_the_same_thread(
    desk: Desk, new_data: Callable[[], None]
) -> None:
    first = number_of(compile_it(desk))
    sign(desk, first)
    send(desk, first)
    new_data()
    second = number_of(compile_it(desk, NEXT_DAY))
    edition = desk.using.ledger.editions.get(second)
    assert (edition.correction, edition.title) == (1, "更正版第1号（第2版）")
    assert edition.files[0].name == "旗医保局_自查自纠情况统计表_更正版第1号_第2版.xlsx"
    assert state(desk, first) is EditionState.SENT
    sign(desk, second, run="run2", on=NEXT_DAY)
    send(desk, second, NEXT_DAY)
    original, correction = [mail for mail in desk.mail.sent if mail.attachments]
    assert correction.in_reply_to == original.message_id


def test_what_was_sent_is_corrected_without_new_data_only_for_a_reason(desk: Desk) -> None:
    first = number_of(compile_it(desk))
    sign(desk, first)
    send(desk, first)
    assert compile_it(desk, NEXT_DAY).edition_id == first
    draft = compile_it(desk, NEXT_DAY, again="表头有误")
    edition = desk.using.ledger.editions.get(number_of(draft))
    assert (edition.correction, edition.reason) == (1, "表头有误")


def receive(desk: Desk, note: str = "来电确认") -> bool:
    occasion = report.occasion_of_day(desk.campaign, upward(desk), on=DAY, using=desk.using)
    assert occasion is not None
    editions = desk.using.ledger.editions.all(desk.campaign.id, upward(desk).key, occasion=occasion.key)
    sent = next((each for each in reversed(editions) if each.went_up), None)
    return report_mail.receive(
        desk.campaign, upward(desk), sent, on=NEXT_DAY, note=note, by="office_staff", using=desk.using
    )


def test_the_receipt_is_noted_once_for_what_went_up(desk: Desk) -> None:
    with pytest.raises(GiveUp, match="没有已报送的版本"):
        receive(desk)
    edition = number_of(compile_it(desk))
    sign(desk, edition)
    send(desk, edition)
    with pytest.raises(GiveUp, match="签收依据"):
        receive(desk, note=" ")
    assert receive(desk)
    assert not receive(desk)
    received = desk.using.ledger.editions.get(edition)
    assert (received.state, received.received_on, received.receipt) == (
        EditionState.RECEIVED,
        NEXT_DAY,
        "来电确认",
    )


# What the signers see


def test_the_page_shows_figures_changes_signatures_and_files(
    desk: Desk, new_data: Callable[[], None]
) -> None:
    compile_it(desk)
    new_data()
    edition = number_of(compile_it(desk, NEXT_DAY))
    sign(desk, edition, FIRST, run="run2", on=NEXT_DAY)
    asked = ask(desk, edition, SECOND, run="run2", on=NEXT_DAY)
    assert asked is not None
    for words in (
        "《自查自纠情况统计表》第2版",
        "鄂尔多斯市医疗保障局",
        "| 应报单位 |",
        "与第1版相比",
        "| 经办 | ",
        "同意（staff，2024年6月5日）",
        "_第2版.xlsx",
        "退回的，须在“意见”栏写明理由",
    ):
        assert words in asked.text
    assert "已逾期" not in asked.text


def test_an_overdue_report_is_marked_as_such(desk: Desk) -> None:
    edition = number_of(compile_it(desk, date(2024, 6, 11)))
    asked = ask(desk, edition, FIRST, on=date(2024, 6, 11))
    assert asked is not None
    assert "已逾期1个工作日" in asked.text


# What happened


def run_it(desk: Desk, asked: dict[str, str], *, rehearsal: bool = False, on: date = DAY) -> report.Draft:
    key = "major_cases" if "title" in asked else "self_check_statistics"
    return report_run.compile_edition(
        desk.campaign,
        desk.campaign.report(key),
        asked=asked,
        rehearsal=rehearsal,
        on=on,
        using=desk.using,
    )


def test_what_happened_is_signed_in_the_words_of_the_office(desk: Desk) -> None:
    draft = run_it(desk, EVENT)
    assert draft.goes_on
    edition = desk.using.ledger.editions.get(number_of(draft))
    assert edition.event == Event(**EVENT)
    assert {file.role for file in edition.files} == {FileRole.DOCUMENT, FileRole.PDF}
    for words in EVENT.values():
        assert words in draft.text
    assert run_it(desk, EVENT).edition_id == draft.edition_id


def test_another_matter_of_the_day_is_another_report_and_other_facts_another_edition(desk: Desk) -> None:
    first = number_of(run_it(desk, EVENT))
    other = number_of(run_it(desk, EVENT | {"title": "另一机构（模拟）"}))
    again = number_of(run_it(desk, EVENT | {"facts": "金额更正为12万元。"}))
    assert state(desk, other) is EditionState.DRAFTED
    assert (state(desk, first), state(desk, again)) == (EditionState.SUPERSEDED, EditionState.DRAFTED)


@pytest.mark.parametrize("missing", ["title", "facts"])
def test_what_happened_needs_title_and_facts(desk: Desk, missing: str) -> None:
    with pytest.raises(GiveUp, match="请写明事项标题和基本情况"):
        run_it(desk, EVENT | {missing: " "})


# A run by hand


def test_a_rehearsal_shows_and_enters_nothing(desk: Desk) -> None:
    for asked in ({}, EVENT):
        draft = run_it(desk, asked, rehearsal=True)
        assert draft.text.startswith("预演")
        assert not draft.goes_on
    assert desk.using.ledger.editions.all(desk.campaign.id) == []
    assert desk.notices(NoticeKind.SIGN_OFF) == []


def test_an_occasion_may_be_asked_for_by_name(desk: Desk) -> None:
    assert run_it(desk, {"occasion": "once"}, on=date(2024, 7, 1)).goes_on
    with pytest.raises(GiveUp, match="没有报送期次“2024Q9”"):
        run_it(desk, {"occasion": "2024Q9"})


def test_a_receipt_may_be_noted_by_form(desk: Desk) -> None:
    edition = number_of(compile_it(desk))
    sign(desk, edition)
    send(desk, edition)
    draft = run_it(desk, {"action": "receipt", "note": "来电确认"}, on=NEXT_DAY)
    assert draft.text == "已登记上级签收：“自查自纠情况统计表”第1版，2024年6月6日"
    assert state(desk, edition) is EditionState.RECEIVED
