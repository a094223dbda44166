"""Every kind of letter in every situation it may be written in: complete, safe, and the same in text and HTML."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from include.domain.errors import TryAgain
from include.domain.letters import Deadline, Letter, Office
from include.domain.model import Severity, UnitKind
from include.domain.notices import NoticeKind, Rendered
from include.domain.obligations import ObligationState
from include.gateways.letters import Letters, book_title, quoted, time_left
from tests.gateways import letter_builders as build

K = NoticeKind
SATURDAY = date(2024, 6, 1)
LONG_NAME = "示例自治区示例市示例旗嘎鲁图镇城镇社区综合门诊部中医蒙医康复理疗服务中心（第二分院）有限责任公司"
DATA_FREE = build.campaign(
    data_window=None, notice=build.CAMPAIGN_FACTS["notice"] | {"doc_no": None}, rules={}
)
WARNINGS = build.findings(2, Severity.WARNING)
STEP = build.step(consequence="将列为重点检查对象。")

SITUATIONS: dict[str, tuple[NoticeKind, Letter]] = {
    "announcement": (K.ANNOUNCEMENT, build.announcement()),
    "announcement to a pharmacy": (
        K.ANNOUNCEMENT,
        build.announcement(unit=build.unit(kind=UnitKind.RETAIL_PHARMACY)),
    ),
    "announcement to a branch": (
        K.ANNOUNCEMENT,
        build.announcement(unit=build.unit(kind=UnitKind.COUNTY_BRANCH)),
    ),
    "announcement, few facts": (K.ANNOUNCEMENT, build.announcement(campaign=DATA_FREE)),
    "launch": (K.LAUNCH, build.launch()),
    "launch without workbook": (K.LAUNCH, build.launch(attachments=())),
    "launch without scan": (K.LAUNCH, build.launch(scan_required=False)),
    "launch, few facts": (K.LAUNCH, build.launch(campaign=DATA_FREE)),
    "launch of an inspection": (
        K.LAUNCH,
        build.launch(phase=build.campaign().phase("inspection"), form_title="检查情况表"),
    ),
    "launch, long name": (K.LAUNCH, build.launch(unit=build.unit(name=LONG_NAME))),
    **{
        f"{kind.value}, {state.value}, {errors} errors, {len(files)} files": (
            kind,
            letter(state=state.zh, open_findings=errors, step=STEP, attachments=files),
        )
        for kind, letter in ((K.REMINDER, build.unit_letter), (K.OVERDUE, build.overdue))
        for state, errors in (
            (ObligationState.OPEN, 0),
            (ObligationState.RECEIVED, 0),
            (ObligationState.RETURNED, 0),
            (ObligationState.RETURNED, 1),
            (ObligationState.PARTIAL, 0),
        )
        for files in ((), ("H15062600001_示例旗人民医院_自查自纠情况表.xlsx",))
    },
    "reminder on the last day": (K.REMINDER, build.unit_letter(on=build.FRIDAY, deadline=build.deadline(0))),
    "reminder before a free due day": (
        K.REMINDER,
        build.unit_letter(on=build.FRIDAY, deadline=build.deadline(0, due_on=SATURDAY)),
    ),
    "overdue over a weekend": (K.OVERDUE, build.overdue(on=SATURDAY, deadline=build.deadline(0), step=None)),
    **{
        f"escalation of {count}": (K.ESCALATION, build.digest(count, unreachable=count % 3))
        for count in (0, 1, 3, 50, 51)
    },
    "escalation before the due date": (K.ESCALATION, build.digest(3, on=build.TUESDAY)),
    "escalation of nobody expected": (K.ESCALATION, build.digest(0, expected=0, accepted=0)),
    "receipt": (K.RECEIPT, build.receipt()),
    "receipt, late zero return": (K.RECEIPT, build.receipt(is_zero=True, days_late=1)),
    "receipt with warnings": (K.RECEIPT, build.receipt(warnings=WARNINGS)),
    "receipt without number": (K.RECEIPT, build.receipt(receipt_no="")),
    **{
        f"returned with {count} and {len(warnings)} warnings": (
            K.RETURNED,
            build.returned(errors=build.findings(count), warnings=warnings),
        )
        for count in (0, 1, 10, 11, 15)
        for warnings in ((), WARNINGS)
    },
    "returned, overdue, no workbook": (
        K.RETURNED,
        build.returned(on=build.NEXT_TUESDAY, deadline=build.deadline(-2), attachments=()),
    ),
    "incomplete": (K.INCOMPLETE, build.return_letter()),
    "incomplete, overdue": (
        K.INCOMPLETE,
        build.return_letter(on=build.NEXT_TUESDAY, deadline=build.deadline(-2)),
    ),
    "incomplete zero return": (K.INCOMPLETE, build.return_letter(is_zero=True, warnings=WARNINGS)),
    "report": (K.REPORT, build.report()),
    "report, second edition": (K.REPORT, build.report(edition=2)),
    "report without figures": (K.REPORT, build.report(figures=(), attachments=())),
}

LETTERS = Letters()


@pytest.fixture(params=SITUATIONS.values(), ids=SITUATIONS.keys())
def rendered(request: pytest.FixtureRequest) -> Rendered:
    return LETTERS.render(*request.param)


def test_every_kind_of_notice_is_covered() -> None:
    assert {kind for kind, _ in SITUATIONS.values()} == set(NoticeKind)


def test_nothing_of_the_template_and_no_blank_value_reaches_the_reader(rendered: Rendered) -> None:
    salutation, _, body = rendered.text.partition("：\n")
    for words in (rendered.subject, salutation, body, rendered.html):
        assert not re.search(r"\{\{|\}\}|\{%|%\}|\{#", words)
        assert not re.search(r"None|\bnan\b|Undefined|object at", words)
        assert not re.search(r"（）|《》|“”|，[，。；]|。。|[：；，]$", words, re.MULTILINE)
        assert not re.search(r"(?<!\d)0项|-\d+个工作日|剩余0个", words)


def test_the_subject_is_one_line_that_names_the_campaign(rendered: Rendered) -> None:
    assert len(rendered.subject.splitlines()) == 1
    assert rendered.subject == rendered.subject.strip()
    assert re.match(r"【医保(自查|督办)】2024年医保基金专项整治—", rendered.subject)


def test_text_and_html_say_the_same(rendered: Rendered) -> None:
    shown = _squeezed(_visible(rendered.html))
    for line in rendered.text.splitlines():
        if "　" in line.strip("　"):  # a table row, whose headings the text repeats
            continue
        assert _squeezed(re.sub(r"^[—]+$", "", line)) in shown, line


def test_html_needs_nothing_from_outside_and_fits_a_mail_window(rendered: Rendered) -> None:
    assert not re.search(r"https?:|src=|url\(|<script|<link|<style|<img|@import", rendered.html)
    assert all(int(width) <= 680 for width in re.findall(r"width[=:]\"?(\d+)(?:px|\")", rendered.html))
    assert "Microsoft YaHei" in rendered.html


def test_the_letter_ends_with_the_office_and_the_date_in_official_style(rendered: Rendered) -> None:
    assert re.search(r"\n示例旗医疗保障局\n2024年[1-9]\d?月[1-9]\d?日\n", rendered.text)
    assert "本邮件由医保基金监管督办系统自动发送" in rendered.text
    assert "ybj@office.example" in rendered.text


@pytest.mark.parametrize(
    ("kind", "letter", "due"),
    [
        (kind, letter, "2024年5月31日（星期五）")
        for kind, letter in build.EVERY_KIND.items()
        if kind not in (K.REPORT,)
    ]
    + [(K.REPORT, build.report(), "2024年6月30日（星期日）")],
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
        (
            K.REMINDER,
            build.unit_letter(),
            "【医保自查】2024年医保基金专项整治—示例旗人民医院—自查报告报送提醒（剩余3个工作日）",
        ),
        (
            K.OVERDUE,
            build.overdue(),
            "【医保自查】2024年医保基金专项整治—示例旗人民医院—自查报告逾期催报（已逾期2个工作日）",
        ),
        (
            K.RETURNED,
            build.returned(),
            "【医保自查】2024年医保基金专项整治—示例旗人民医院—自查报告退回重报（3项问题待改正）",
        ),
        (
            K.ESCALATION,
            build.digest(12),
            "【医保督办】2024年医保基金专项整治—自查自纠情况表逾期情况汇总（2024年6月4日，12家逾期）",
        ),
        (
            K.ESCALATION,
            build.digest(2, on=build.TUESDAY),
            "【医保督办】2024年医保基金专项整治—自查自纠情况表报送进度汇总（2024年5月28日，2家待报）",
        ),
    ],
)
def test_the_subject_follows_the_office_style(kind: NoticeKind, letter: Letter, subject: str) -> None:
    assert LETTERS.render(kind, letter).subject == subject


@pytest.mark.parametrize(
    ("state", "errors", "says", "never"),
    [
        (
            ObligationState.OPEN,
            0,
            "目前尚未收到贵单位报送的《自查自纠情况表》及加盖单位公章的自查报告扫描件",
            "退回",
        ),
        (ObligationState.RETURNED, 4, "待改正问题4项", "尚未收到贵单位报送的"),
        (ObligationState.RETURNED, 0, "经校验未通过，已退回", "0项"),
        (ObligationState.PARTIAL, 0, "已通过校验，尚缺加盖单位公章的自查报告扫描件", "尚未收到"),
        (ObligationState.RECEIVED, 0, "正在校验", "尚未收到贵单位"),
    ],
)
@pytest.mark.parametrize(("kind", "letter"), [(K.REMINDER, build.unit_letter), (K.OVERDUE, build.overdue)])
def test_a_reminder_says_what_is_missing_and_nothing_else(
    kind: NoticeKind, letter: Any, state: ObligationState, errors: int, says: str, never: str
) -> None:
    text = LETTERS.render(kind, letter(state=state.zh, open_findings=errors)).text
    assert says in text
    assert never not in text


def test_a_reminder_of_a_partial_return_does_not_ask_for_the_table_again() -> None:
    text = LETTERS.render(K.REMINDER, build.unit_letter(state=ObligationState.PARTIAL.zh)).text
    assert "无需重复报送" in text
    assert "请填写" not in text


def test_a_consequence_is_named_once_and_only_when_the_rung_has_one() -> None:
    with_one = LETTERS.render(K.OVERDUE, build.overdue(step=STEP)).text
    without = LETTERS.render(K.OVERDUE, build.overdue(step=build.step())).text
    assert with_one.count("将列为重点检查对象。") == 1
    assert "有关后果" not in without


@pytest.mark.parametrize(
    ("count", "listed", "rest"), [(1, 1, None), (10, 10, None), (11, 10, 1), (15, 10, 5)]
)
def test_the_first_ten_findings_are_listed_and_the_rest_counted(
    count: int, listed: int, rest: int | None
) -> None:
    rendered = LETTERS.render(K.RETURNED, build.returned(errors=build.findings(count)))
    assert rendered.text.count("应如何改正：") == listed
    assert rendered.html.count("应填数字，不带单位") == listed
    assert f"发现{count}项问题" in rendered.text
    assert ("其余" in rendered.text) == (rest is not None)
    if rest:
        assert f"其余{rest}项见附件中的标注" in rendered.text


def test_a_finding_about_the_whole_file_or_an_empty_cell_is_not_shown_blank() -> None:
    whole = replace(build.findings(1)[0], sheet="", cell="", value="")
    empty = replace(build.findings(1)[0], value=" ")
    text = LETTERS.render(K.RETURNED, build.returned(errors=(whole, empty))).text
    assert "1. 整个文件　单元格：—；填写内容：—；" in text
    assert "单元格：K7；填写内容：（空）；" in text


def test_a_long_cell_value_is_cut_and_kept_on_one_line() -> None:
    finding = replace(build.findings(1)[0], value="甲\n乙" + "长" * 200)
    text = LETTERS.render(K.RETURNED, build.returned(errors=(finding,))).text
    assert "填写内容：甲 乙" + "长" * 37 + "……；" in text


def test_a_receipt_states_number_file_hash_and_arrival_in_beijing_time() -> None:
    late_evening_in_utc = datetime(2024, 5, 27, 17, 5, tzinfo=UTC)
    text = LETTERS.render(K.RECEIPT, build.receipt(received_at=late_evening_in_utc)).text
    for fact in (
        "HZ-SAMPLE2024-20240528-000012",
        build.SHA256,
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
def test_a_digest_lists_at_most_fifty_units_and_counts_all(count: int, rows: int, rest: int | None) -> None:
    text = LETTERS.render(K.ESCALATION, build.digest(count)).text
    assert text.count("已催次数：") == rows
    assert ("其余" in text) == (rest is not None)
    assert (f"逾期未完成{count}家" in text) == (count > 0)


def test_a_digest_before_the_due_date_calls_nobody_overdue() -> None:
    rendered = LETTERS.render(K.ESCALATION, build.digest(3, on=build.TUESDAY))
    assert "逾期未完成" not in rendered.text
    assert "逾期情况汇总" not in rendered.subject + rendered.html


def test_the_announcement_shows_a_unit_the_focus_of_its_own_kind_only() -> None:
    text = LETTERS.render(
        K.ANNOUNCEMENT, build.announcement(unit=build.unit(kind=UnitKind.RETAIL_PHARMACY))
    ).text
    assert "串换药品" in text
    assert "血液净化" not in text


def test_a_notice_without_number_is_cited_by_title_alone() -> None:
    text = LETTERS.render(K.REMINDER, build.unit_letter(campaign=DATA_FREE)).text
    assert "根据《关于印发〈2024年示例旗医保基金违法违规问题专项整治工作方案〉的通知》要求" in text


def test_an_office_without_a_name_of_its_own_signs_as_the_lead_body() -> None:
    text = LETTERS.render(
        K.REMINDER, build.unit_letter(office=Office(name="", mailbox="ybj@office.example"))
    ).text
    assert "\n示例旗医疗保障局\n2024年5月28日\n" in text
    assert "致电" not in text


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind not in (K.ESCALATION, K.REPORT)])
def test_a_unit_name_is_never_taken_for_markup(kind: NoticeKind) -> None:
    rendered = LETTERS.render(kind, replace(build.EVERY_KIND[kind], unit=build.unit(name="示例<b>&门诊部")))
    assert "示例<b>" not in rendered.html
    assert "示例&lt;b&gt;&amp;门诊部" in rendered.html
    assert "&amp;amp;" not in rendered.html
    assert "示例<b>&门诊部" in rendered.text
    assert "示例<b>&门诊部" in rendered.subject


def test_a_line_break_in_a_name_cannot_break_the_subject() -> None:
    subject = LETTERS.render(
        K.REMINDER, build.unit_letter(unit=build.unit(name="示例\r\nBcc: x@y.example"))
    ).subject
    assert "\n" not in subject
    assert "\r" not in subject


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
    """Without blanks and without the colon that stands for a table's column line in plain text."""
    return re.sub(r"[\s：]", "", words)


def _file(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
