"""Every kind of letter in every situation it may be written in: complete, safe, and the same in text and HTML."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from include.domain.errors import TryAgain
from include.domain.letters import Deadline, Letter, Office
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind, Rendered
from include.domain.obligations import ObligationState
from include.gateways.letters import DEFAULTS, Letters, book_title, quoted, time_left
from tests.gateways import letter_builders as build
from tests.gateways import letter_snapshots
from tests.gateways.letter_situations import DATA_FREE, EXTENDED, SATURDAY, SITUATIONS, STEP

K = NoticeKind
LETTERS = Letters()


@cache
def mail_in(situation: str) -> Rendered:
    return LETTERS.render(*SITUATIONS[situation])


@pytest.fixture(params=SITUATIONS)
def rendered(request: pytest.FixtureRequest) -> Rendered:
    return mail_in(request.param)


def test_every_kind_of_notice_is_covered() -> None:
    assert {kind for kind, _ in SITUATIONS.values()} == set(NoticeKind)


def test_every_text_is_as_its_snapshot_has_it() -> None:
    wanted = letter_snapshots.snapshots()
    kept = {path: path.read_text(encoding="utf-8") for path in letter_snapshots.FOLDER.rglob("*.txt")}
    assert sorted(wanted) == sorted(kept), f"run {letter_snapshots.COMMAND}"
    changed = {path.name: content for path, content in wanted.items() if content != kept[path]}
    assert changed == {}, f"texts changed; if on purpose, run {letter_snapshots.COMMAND}"


def test_no_snapshot_knows_the_machine_it_was_written_on() -> None:
    for path in letter_snapshots.FOLDER.rglob("*.txt"):
        assert not re.search(r"/(work|home|root|tmp|Users)/", path.read_text(encoding="utf-8")), path.name


def test_nothing_of_the_template_and_no_blank_value_reaches_the_reader(rendered: Rendered) -> None:
    salutation, _, body = rendered.text.partition("：\n")
    for words in (rendered.subject, salutation, body, rendered.html):
        assert not re.search(r"\{\{|\}\}|\{%|%\}|\{#", words)
        assert not re.search(r"None|\bnan\b|Undefined|object at", words)
        assert not re.search(r"（）|《》|“”|，[，。；]|。。|[；，]\n\n|：\n\n(?! )", words)
        assert not re.search(r"(?<!\d)0项|-\d+个工作日|剩余0个", words)


def test_the_subject_says_what_to_do_first_and_ends_with_the_campaign(rendered: Rendered) -> None:
    assert len(rendered.subject.splitlines()) == 1
    assert rendered.subject == rendered.subject.strip()
    assert re.match(r"【医保(自查|督办)】(请|自查|应通知)", rendered.subject)
    assert rendered.subject.endswith("—2024年医保基金专项整治")


def test_what_is_to_be_done_fits_the_twenty_characters_a_phone_shows() -> None:
    for title, (kind, letter) in SITUATIONS.items():
        if kind not in (K.ANNOUNCEMENT, K.ESCALATION, K.DELIVERY_ALARM, K.APPROVAL_REQUEST, K.NOT_NOTIFIED):
            asked = re.split("（|—", LETTERS.render(kind, letter).subject)[0]
            assert len(asked) <= 26, (title, asked)


def test_text_and_html_say_the_same(rendered: Rendered) -> None:
    visible = _squeezed(_visible(rendered.html))
    for line in rendered.text.splitlines():
        assert _squeezed(re.sub(r"^[—]+$", "", line)) in visible, line
    text = _squeezed(rendered.text)
    body = rendered.html[rendered.html.index("：</p>") :]
    for piece in re.split(r"<(?!/?b>)[^>]+>", re.sub(r"<th .*?</th>", "", body)):
        assert _squeezed(_visible(piece)) in text, piece


def test_lines_of_the_plain_text_are_no_wider_than_38_characters(rendered: Rendered) -> None:
    for line in rendered.text.splitlines():
        columns = sum(2 if ord(sign) > 0x2000 else 1 for sign in line)
        unbroken = max(map(len, re.findall(r"[!-~]+", line)), default=0)
        assert columns <= 80 or unbroken > 60, line


def test_html_needs_nothing_from_outside(rendered: Rendered) -> None:
    links = re.findall(r'<a href="([^"]+)"', rendered.html)
    assert set(links) <= {
        "https://desk.office.example/dags/sample_2024__self_check",
        "https://desk.office.example/dags/sample__report__quarterly/runs/x/tasks/sign_reviewed",
    }
    rest = rendered.html
    for link in links:
        rest = rest.replace(link, "")
    assert not re.search(r"https?:|src=|url\(|background=|<script|<link|<style|<img|<form|@import", rest)


def test_html_is_laid_out_as_outlook_qq_163_and_phones_can_show_it(rendered: Rendered) -> None:
    assert not re.search(r"flex|grid|position:|float:|class=|rgba|calc\(", rendered.html)
    assert '<!--[if mso]><table role="presentation" width="640"' in rendered.html
    assert "max-width:640px" in rendered.html
    assert all(
        int(width) <= 76
        for width in re.findall(r"(?<!-)width[=:]\"?(\d+)px", rendered.html)
        if width != "640"
    )
    assert "Microsoft YaHei" in rendered.html
    for style in re.findall(r'<t[dh][^>]* style="([^"]*)"', rendered.html):
        # A dark mode that turns only one of the two leaves black on black.
        assert ("background-color" in style) == bool(re.search(r"(?<!-)color:", style)), style


def test_a_list_of_mails_shows_what_the_subject_does_not_say(rendered: Rendered) -> None:
    found = re.search(
        r'<body[^>]*>\n<div style="display:none[^"]*mso-hide:all;">([^<]+)</div>', rendered.html
    )
    assert found is not None
    preheader = html.unescape(found[1])
    assert 8 <= len(preheader) <= 130
    assert preheader not in rendered.subject


def test_no_mail_is_so_long_that_a_client_cuts_it(rendered: Rendered) -> None:
    assert len(rendered.html.encode()) < 102_000


def test_the_letter_ends_with_the_office_and_the_date_in_official_style(rendered: Rendered) -> None:
    assert re.search(r"\n示例旗医疗保障局\n2024年[1-9]\d?月[1-9]\d?日\n", rendered.text)
    assert "本邮件由医保基金监管督办系统自动发送" in rendered.text
    assert "ybj@office.example" in rendered.text


def test_every_letter_says_whom_to_call_and_why_it_came(rendered: Rendered) -> None:
    text = _unwrapped(rendered.text)
    assert re.search("示例旗医疗保障局基金监管岗(，电话)?0000-0000000", text)
    why = text.rpartition("————")[2]
    assert "您收到本邮件，是因为" in why
    assert "《关于印发〈2024年示例旗医保基金违法违规问题专项整治工作方案〉的通知》" in why


@pytest.mark.parametrize(
    ("kind", "letter", "due"),
    [
        (kind, letter, "2024年5月31日（星期五）")
        for kind, letter in build.EVERY_KIND.items()
        if kind not in (K.REPORT, K.SIGN_OFF, K.NOT_NOTIFIED, K.DELIVERY_ALARM, K.MILESTONE)
    ]
    + [(K.REPORT, build.report(), "2024年7月5日（星期五）")]
    + [(K.SIGN_OFF, build.sign_off(), "2024年7月5日（星期五）")]
    + [(K.MILESTONE, build.milestone(), "2024年8月31日（星期六）")],
)
def test_the_due_date_stands_with_its_weekday_in_both_parts(
    kind: NoticeKind, letter: Letter, due: str
) -> None:
    rendered = LETTERS.render(kind, letter)
    assert due in rendered.text
    assert due in _visible(rendered.html)


@pytest.mark.parametrize(
    ("left", "on", "due_on", "words"),
    [
        (3, date(2024, 5, 28), build.FRIDAY, "剩余3个工作日"),
        (1, date(2024, 5, 30), build.FRIDAY, "剩余1个工作日"),
        (0, build.FRIDAY, build.FRIDAY, "今日截止"),
        (0, build.FRIDAY, SATURDAY, "截止前已无其他工作日"),
        (0, SATURDAY, build.FRIDAY, "已逾期1个工作日"),
        (-1, date(2024, 6, 3), build.FRIDAY, "已逾期1个工作日"),
        (-2, date(2024, 6, 4), build.FRIDAY, "已逾期2个工作日"),
    ],
)
def test_days_left_are_worded_for_the_day_of_writing(left: int, on: date, due_on: date, words: str) -> None:
    assert time_left(Deadline(due_on, "5月底完成", left), on) == words


@pytest.mark.parametrize(
    ("kind", "letter", "subject"),
    [
        (K.LAUNCH, build.launch(), "请于5月31日前报送自查报告（启动通知，附专用表）—示例旗人民医院"),
        (K.REMINDER, build.unit_letter(), "请于5月31日前报送自查报告（剩余3个工作日）—示例旗人民医院"),
        (
            K.REMINDER,
            build.unit_letter(state=ObligationState.PARTIAL.zh),
            "请于5月31日前补报盖章扫描件（剩余3个工作日）—示例旗人民医院",
        ),
        (
            K.REMINDER,
            build.unit_letter(on=build.FRIDAY, deadline=build.deadline(0)),
            "请今日报送自查报告（今日截止）—示例旗人民医院",
        ),
        (K.OVERDUE, build.overdue(), "请立即报送自查报告（已逾期2个工作日）—示例旗人民医院"),
        (
            K.OVERDUE,
            build.overdue(state=ObligationState.RETURNED.zh),
            "请立即改正重报自查报告（已逾期2个工作日）—示例旗人民医院",
        ),
        (K.RETURNED, build.returned(), "请于5月31日前改正重报自查报告（3项问题）—示例旗人民医院"),
        (K.RECEIPT, build.receipt(), "自查报告已收妥，无需再报（收件回执）—示例旗人民医院"),
        (K.ESCALATION, build.escalation(12), "请督促12家逾期单位报送自查自纠情况表（5月31日截止）"),
        (
            K.ESCALATION,
            build.escalation(2, on=build.TUESDAY),
            "请督促2家待报单位报送自查自纠情况表（5月31日截止）",
        ),
        (K.DIGEST, build.digest(40), "请于5月31日前办理40家单位的报送（剩余3个工作日）—示例第1大药房等"),
        (K.NOT_NOTIFIED, build.not_notified(3), "请电话通知3家单位（截止前3个工作日提醒）"),
        (
            K.DELIVERY_ALARM,
            build.delivery_alarm(),
            "请立即核查发件：计划与结果相差2封，2封结果不明（截止前3个工作日提醒）",
        ),
        (
            K.APPROVAL_REQUEST,
            build.approval_request(),
            "请于5月30日09时00分前审批：拟发送312封（截止前3个工作日提醒）",
        ),
    ],
)
def test_the_subject_follows_the_office_style(kind: NoticeKind, letter: Letter, subject: str) -> None:
    rendered = LETTERS.render(kind, letter).subject
    assert rendered.removesuffix("—2024年医保基金专项整治").partition("】")[2] == subject


@pytest.mark.parametrize(
    ("facts", "says", "never"),
    [
        (
            {"state": ObligationState.OPEN.zh},
            "还缺材料：《自查自纠情况表》；加盖单位公章的自查报告扫描件目前状态",
            "退回",
        ),
        (
            {"state": ObligationState.OPEN.zh, "has_scan": True},
            "还缺材料：《自查自纠情况表》目前状态",
            "加盖单位公章",
        ),
        (
            {"state": ObligationState.OPEN.zh, "scan_required": False},
            "还缺材料：《自查自纠情况表》目前状态",
            "公章",
        ),
        (
            {"state": ObligationState.RETURNED.zh, "errors": build.findings(4)},
            "还缺材料：改正后的《自查自纠情况表》（4项问题待改正）；加盖单位公章的自查报告扫描件目前状态",
            "尚未收到贵单位报送的",
        ),
        ({"state": ObligationState.RETURNED.zh}, "经校验未通过，已退回", "0项"),
        (
            {"state": ObligationState.PARTIAL.zh},
            "还缺材料：加盖单位公章的自查报告扫描件目前状态",
            "尚未收到",
        ),
        (
            {"state": ObligationState.RECEIVED.zh, "has_scan": True},
            "还缺材料：暂无，《自查自纠情况表》正在校验目前状态",
            "尚未收到贵单位",
        ),
    ],
)
@pytest.mark.parametrize(("kind", "letter"), [(K.REMINDER, build.unit_letter), (K.OVERDUE, build.overdue)])
def test_a_reminder_says_what_is_missing_and_nothing_else(
    kind: NoticeKind, letter: Any, facts: dict[str, Any], says: str, never: str
) -> None:
    text = _unwrapped(LETTERS.render(kind, letter(**facts)).text)
    assert says in text
    assert never not in text


def test_a_reminder_of_a_returned_table_shows_the_first_errors_with_their_cells() -> None:
    letter = build.unit_letter(state=ObligationState.RETURNED.zh, errors=build.findings(5))
    text = LETTERS.render(K.REMINDER, letter).text
    assert [cell for cell in ("K7", "K8", "K9", "K10", "K11") if f"单元格{cell}\n" in text] == [
        "K7",
        "K8",
        "K9",
    ]
    assert "以上为前3项，其余2项" in text


def test_a_date_that_was_moved_is_said_with_the_old_one() -> None:
    text = _unwrapped(LETTERS.render(K.REMINDER, build.unit_letter(deadline=EXTENDED)).text)
    assert "截止日期：2024年6月7日（星期五），剩余8个工作日（原为2024年5月31日，已调整）" in text


def test_a_reminder_of_a_partial_return_does_not_ask_for_the_table_again() -> None:
    letter = build.unit_letter(state=ObligationState.PARTIAL.zh)
    text = _unwrapped(LETTERS.render(K.REMINDER, letter).text)
    assert "无需重复报送" in text
    assert "请填写" not in text


def test_a_consequence_is_named_once_and_only_when_the_rung_has_one() -> None:
    with_one = LETTERS.render(K.OVERDUE, build.overdue(step=STEP)).text
    without = LETTERS.render(K.OVERDUE, build.overdue(step=build.step())).text
    assert with_one.count("将列为重点检查对象。") == 1
    assert "有关后果" not in without


@pytest.mark.parametrize(("count", "listed", "rest"), [(1, 1, None), (5, 5, None), (6, 5, 1), (15, 5, 10)])
def test_the_first_five_findings_are_listed_and_the_rest_counted(
    count: int, listed: int, rest: int | None
) -> None:
    rendered = LETTERS.render(K.RETURNED, build.returned(errors=build.findings(count)))
    assert rendered.text.count("应改为：") == listed
    assert rendered.html.count("应填数字，不带单位") == listed + 1  # once more in the preheader
    assert f"发现{count}项问题" in _unwrapped(rendered.text)
    assert ("其余" in rendered.text) == (rest is not None)
    if rest:
        assert f"其余{rest}项见附件中的标注" in rendered.text


def test_a_returned_table_may_be_put_right_in_two_ways_if_it_came_back_marked() -> None:
    marked = _unwrapped(LETTERS.render(K.RETURNED, build.returned()).text)
    assert "两种办法任选一种" in marked
    assert "仅错误行" in marked
    unmarked = LETTERS.render(K.RETURNED, build.returned(attachments=())).text
    assert "仅错误行" not in unmarked
    assert "附件" not in unmarked


def test_a_finding_about_the_whole_file_or_an_empty_cell_is_not_shown_blank() -> None:
    whole = replace(build.findings(1)[0], sheet="", cell="", value="")
    empty = replace(build.findings(1)[0], value=" ")
    text = LETTERS.render(K.RETURNED, build.returned(errors=(whole, empty))).text
    assert "1. 整个文件\n   应改为：" in text
    assert "单元格K7\n   现填：（空）\n" in text


def test_a_long_cell_value_is_cut_and_kept_on_one_line() -> None:
    finding = replace(build.findings(1)[0], value="甲\n乙" + "长" * 200)
    text = LETTERS.render(K.RETURNED, build.returned(errors=(finding,))).text
    assert "现填：甲 乙" + "长" * 37 + "……应改为" in _unwrapped(text)


def test_a_receipt_states_number_file_hash_and_arrival_in_beijing_time() -> None:
    late_evening_in_utc = datetime(2024, 5, 27, 17, 5, tzinfo=UTC)
    text = _unwrapped(LETTERS.render(K.RECEIPT, build.receipt(received_at=late_evening_in_utc)).text)
    for fact in (
        "HZ-SAMPLE2024-20240528-000012",
        "5f3c5f3c5f3c5f3c（",
        "校验结论：通过",
        "；盖章扫描件",
        "收到时间：2024年5月28日01时05分",
        "按时报送",
    ):
        assert fact in text
    assert "迟报" not in text
    assert "零报告" not in text


def test_a_late_zero_return_is_marked_so_and_still_complete() -> None:
    text = LETTERS.render(K.RECEIPT, build.receipt(is_zero=True, days_late=2)).text
    assert "迟报2个工作日（零报告）" in text
    assert "本次报送完成" in text


def test_no_letter_but_the_receipt_calls_a_return_complete() -> None:
    for kind in (K.RETURNED, K.INCOMPLETE, K.REMINDER, K.OVERDUE):
        assert "本次报送完成" not in LETTERS.render(kind, build.EVERY_KIND[kind]).text


@pytest.mark.parametrize(("count", "rows", "rest"), [(0, 0, None), (1, 1, None), (50, 50, None), (51, 50, 1)])
def test_a_summary_lists_at_most_fifty_units_and_counts_all(count: int, rows: int, rest: int | None) -> None:
    text = LETTERS.render(K.ESCALATION, build.escalation(count)).text
    assert len(re.findall("；已催[0-9]次", text)) == rows
    assert ("其余" in text) == (rest is not None)
    assert (f"逾期未完成{count}家" in _unwrapped(text)) == (count > 0)


def test_a_summary_before_the_due_date_calls_nobody_overdue() -> None:
    rendered = LETTERS.render(K.ESCALATION, build.escalation(3, on=build.TUESDAY))
    assert "逾期未完成" not in rendered.text
    assert "逾期情况汇总" not in rendered.subject + rendered.html


def test_the_announcement_shows_a_unit_the_focus_of_its_own_kind_only() -> None:
    text = LETTERS.render(
        K.ANNOUNCEMENT, build.announcement(unit=build.unit(kind=UnitKind.RETAIL_PHARMACY))
    ).text
    assert "串换药品" in text
    assert "血液净化" not in text


def test_a_notice_without_number_is_cited_by_title_alone() -> None:
    text = _unwrapped(LETTERS.render(K.REMINDER, build.unit_letter(campaign=DATA_FREE)).text)
    assert "根据《关于印发〈2024年示例旗医保基金违法违规问题专项整治工作方案〉的通知》要求" in text


def test_an_office_without_a_name_of_its_own_signs_as_the_lead_body() -> None:
    text = LETTERS.render(
        K.REMINDER, build.unit_letter(office=Office(name="", mailbox="ybj@office.example"))
    ).text
    assert "\n示例旗医疗保障局\n2024年5月28日\n" in text
    assert "致电" not in text


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if hasattr(build.EVERY_KIND[kind], "unit")])
def test_a_unit_name_is_never_taken_for_markup(kind: NoticeKind) -> None:
    rendered = LETTERS.render(kind, replace(build.EVERY_KIND[kind], unit=build.unit(name="示例<b>&门诊部")))
    assert "示例<b>" not in rendered.html
    assert "示例&lt;b&gt;&amp;门诊部" in rendered.html
    assert "&amp;amp;" not in rendered.html
    assert "示例<b>&门诊部" in rendered.text
    assert "示例<b>&门诊部" in rendered.subject


NASTY = "<script>alert(1)</script>&amp;\"'{{ 7 * 7 }}{% raw %}"


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_no_fact_of_any_letter_is_taken_for_markup_or_template(kind: NoticeKind) -> None:
    letter = _with_every_text(build.EVERY_KIND[kind], NASTY)
    rendered = LETTERS.render(kind, letter)
    assert "<script" not in rendered.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#34;&#39;{{ 7 * 7 }}" in rendered.html
    assert _squeezed(NASTY) in _squeezed(rendered.text)


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\u2028", "\x85", "\x00", "\u202e", "\u200b"])
def test_nothing_in_a_name_breaks_the_subject_or_hides_in_it(sign: str) -> None:
    subject = LETTERS.render(
        K.REMINDER, build.unit_letter(unit=build.unit(name=f"示例{sign}Bcc: x@y.example"))
    ).subject
    assert sign not in subject
    assert subject.isprintable()
    assert re.search(r"—示例 ?Bcc: x@y.example—", subject)


def test_only_a_web_address_becomes_a_link() -> None:
    letter = build.approval_request(link="javascript:alert(1)")
    rendered = LETTERS.render(K.APPROVAL_REQUEST, letter)
    assert "javascript" not in rendered.html + rendered.text
    assert "请登录督办系统" in rendered.text


def test_a_campaign_may_say_it_in_its_own_words_and_only_that_campaign(tmp_path: Path) -> None:
    own = tmp_path / "sample_2024" / "notices"
    _file(own / "reminder" / "subject.j2", "【提醒】{{ letter.unit.name }}")
    _file(own / "overdue" / "text.j2", "请{{ letter.unit.name }}尽快报送。")
    letters = Letters(overrides=tmp_path)
    assert letters.render(K.REMINDER, build.unit_letter()).subject == "【提醒】示例旗人民医院"
    assert "【医保自查】" in letters.render(K.RECEIPT, build.receipt()).subject
    overdue = letters.render(K.OVERDUE, build.overdue())
    assert overdue.text == "请示例旗人民医院尽快报送。\n"
    assert "逾期仍须报送" in overdue.html
    other = build.unit_letter(campaign=build.campaign(id="other_2024"))
    assert letters.render(K.REMINDER, other).subject.startswith("【医保自查】")


def test_a_campaign_may_change_one_paragraph_and_keeps_the_rest(tmp_path: Path) -> None:
    _file(
        tmp_path / "sample_2024" / "notices" / "overdue" / "body.j2",
        '{% extends "default/overdue/body.j2" %}\n'
        "{% block consequence %}{% call part.para() %}请与{{ say.office(letter) }}联系。{% endcall %}{% endblock %}\n",
    )
    letters = Letters(overrides=tmp_path)
    own, default = letters.render(K.OVERDUE, build.overdue()), LETTERS.render(K.OVERDUE, build.overdue())
    assert "有关后果" in default.text
    consequence = "　　有关后果：对敷衍了事、隐瞒不报的，将责令整改并列为重点检查对象。"
    assert own.text == default.text.replace(consequence, "　　请与示例旗医疗保障局联系。")
    assert ">请与示例旗医疗保障局联系。</p>" in own.html
    assert own.subject == default.subject
    other = build.overdue(campaign=build.campaign(id="other_2024"))
    assert letters.render(K.OVERDUE, other) == LETTERS.render(K.OVERDUE, other)


def test_every_body_can_be_changed_paragraph_by_paragraph() -> None:
    for kind in NoticeKind:
        body = (DEFAULTS / kind.value / "body.j2").read_text(encoding="utf-8")
        assert "{% block opening %}" in body, kind
        assert len(re.findall(r"{% block", body)) >= 3, kind


@pytest.mark.parametrize(
    "mistake", ["{{ letter.unit.shoe_size }}", "{{ letter.step }}", "{% if %}", "{{ letter.on | no_such }}"]
)
def test_a_faulty_text_keeps_the_notice_waiting_and_names_the_kind(tmp_path: Path, mistake: str) -> None:
    _file(tmp_path / "sample_2024" / "notices" / "reminder" / "body.j2", mistake)
    with pytest.raises(TryAgain, match=r"报送提醒.*模板有误"):
        Letters(overrides=tmp_path).render(K.REMINDER, build.unit_letter())


def test_a_phase_named_like_its_campaign_is_not_said_twice() -> None:
    one_push = build.campaign(short_title="医保专项行动自查自纠阶段")
    assert (
        "医保专项行动自查自纠阶段现已启动" in LETTERS.render(K.LAUNCH, build.launch(campaign=one_push)).text
    )


@pytest.mark.parametrize("ends", ["对隐瞒不报的从严处理", "对隐瞒不报的从严处理。"])
def test_a_point_of_the_notice_ends_with_one_full_stop(ends: str) -> None:
    campaign = build.campaign(goals=[ends])
    text = LETTERS.render(K.ANNOUNCEMENT, build.announcement(campaign=campaign)).text
    assert "1. 对隐瞒不报的从严处理。\n" in text


@pytest.mark.parametrize(
    ("title", "cited"),
    [
        ("关于印发《工作方案》的通知", "《关于印发〈工作方案〉的通知》"),
        ("《2024年工作方案》", "《〈2024年工作方案〉》"),
        ("关于转发工作方案的通知", "《关于转发工作方案的通知》"),
    ],
)
def test_book_title_marks_nest_as_the_standard_has_it(title: str, cited: str) -> None:
    assert book_title(title) == cited


def test_quotation_marks_nest_as_the_standard_has_it() -> None:
    assert quoted("开展“回头看”") == "“开展‘回头看’”"


def _visible(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def _squeezed(words: str) -> str:
    """Without blanks and the signs that stand in plain text for the lines of a table."""
    return re.sub(r"[\s：；]", "", words)


def _unwrapped(text: str) -> str:
    """As it was before its lines were broken."""
    return re.sub(r"\n *", "", text)


def _with_every_text(letter: Any, text: str) -> Any:
    """The letter with that text in place of the first free text a sender or the roster gives it."""
    if hasattr(letter, "unit"):
        return replace(letter, unit=build.unit(name=text))
    if hasattr(letter, "projection"):
        return replace(letter, branches=((text, 1), *letter.branches[1:]))
    if hasattr(letter, "matter"):
        return replace(letter, text=text)
    if getattr(letter, "lines", ()):
        field = "unit_name" if hasattr(letter.lines[0], "unit_name") else "number"
        return replace(letter, lines=(replace(letter.lines[0], **{field: text}), *letter.lines[1:]))
    if hasattr(letter, "in_doubt"):
        return replace(letter, in_doubt=(replace(letter.in_doubt[0], detail=text),))
    return replace(letter, figures=(replace(letter.figures[0], title=text),))


def _file(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
