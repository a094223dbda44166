"""What goes up is compiled once, decided by a person, and sent only after a yes."""

from __future__ import annotations

from datetime import date

import pytest

from include.domain.errors import GiveUp
from include.domain.notices import NoticeKind, NoticeState
from include.domain.occasions import on_event
from include.steps import deliver, report
from tests.steps.conftest import Desk

DAY = date(2024, 6, 5)


def compile_it(desk: Desk) -> report.Draft:
    upward = desk.campaign.report("self_check_statistics")
    occasion = report.current_occasion(desk.campaign, upward, on=DAY, using=desk.using)
    return report.compile_edition(desk.campaign, upward, occasion, on=DAY, using=desk.using)


def plan_it(desk: Desk, edition_id: int) -> int:
    upward = desk.campaign.report("self_check_statistics")
    return report.plan_mail(desk.campaign, upward, edition_id, on=DAY, using=desk.using)


def decide(desk: Desk, draft: report.Draft, *, approved: bool) -> bool:
    return report.decide(draft.edition_id, approved=approved, by="director", reason="", using=desk.using)


def test_the_same_data_give_the_same_edition(desk: Desk) -> None:
    assert compile_it(desk).edition_id == compile_it(desk).edition_id


def test_an_undecided_edition_is_never_sent(desk: Desk) -> None:
    draft = compile_it(desk)
    with pytest.raises(GiveUp, match="未经审批"):
        plan_it(desk, draft.edition_id)
    assert desk.notices(NoticeKind.REPORT) == []


def test_a_no_is_final_for_that_edition(desk: Desk) -> None:
    draft = compile_it(desk)
    assert decide(desk, draft, approved=False) is False
    assert compile_it(desk).needs_decision is False
    with pytest.raises(GiveUp):
        plan_it(desk, draft.edition_id)


def test_a_yes_sends_the_workbook_up_once(desk: Desk) -> None:
    draft = compile_it(desk)
    assert draft.needs_decision
    assert decide(desk, draft, approved=True) is True
    assert plan_it(desk, draft.edition_id) == 1
    assert plan_it(desk, draft.edition_id) == 0
    assert deliver.notices(desk.campaign, on=DAY, using=desk.using) == {NoticeState.ACCEPTED: 1}
    sent = desk.mail.sent[0]
    assert sent.to == "upper_bureau@bureau.example"
    assert sent.attachments[0].name == "旗医保局_自查自纠情况统计表_第1版.xlsx"
    report.mark_sent(draft.edition_id, using=desk.using)
    assert compile_it(desk).needs_decision is False


def test_a_report_whose_mail_was_refused_is_not_marked_as_sent(desk: Desk) -> None:
    draft = compile_it(desk)
    decide(desk, draft, approved=True)
    plan_it(desk, draft.edition_id)
    desk.mail.answers["upper_bureau@bureau.example"] = GiveUp("550")
    deliver.notices(desk.campaign, on=DAY, using=desk.using)
    with pytest.raises(GiveUp, match="未被上级邮件服务器接收"):
        report.mark_sent(draft.edition_id, using=desk.using)


def test_the_person_who_decides_sees_the_figures_and_the_file(desk: Desk) -> None:
    text = compile_it(desk).text
    assert "应报单位" in text
    assert "第1版" in text
    assert "鄂尔多斯市医疗保障局" in text


def test_a_report_without_a_layout_says_that_it_is_made_by_hand(desk: Desk) -> None:
    by_hand = next(item for item in desk.campaign.reports if not item.table_layouts)
    occasion = on_event(desk.campaign, by_hand, on=DAY)
    with pytest.raises(GiveUp, match="人工编制"):
        report.compile_edition(desk.campaign, by_hand, occasion, on=DAY, using=desk.using)
