"""A broken campaign file is answered with the field and a sentence that says what to write."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from include.campaigns.registry import FILE_NAME, FOLDER, CampaignError, load_campaign

GOOD = (FOLDER / "wushen_2024" / FILE_NAME).read_text(encoding="utf-8")


def refused(folder: Path, content: str | bytes) -> CampaignError:
    folder.mkdir(exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    (folder / FILE_NAME).write_bytes(data)
    with pytest.raises(CampaignError) as caught:
        load_campaign(folder)
    return caught.value


def damaged(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "wushen_2024"


@pytest.mark.parametrize(
    ("old", "new", "field", "sentence"),
    [
        ("    due: 2024-05-31", "    dua: 2024-05-31", "phases[1].dua", "是否想写“due”？可写：key、title"),
        ("    due: 2024-05-31", "", "phases[1].due", "缺少必填项“due”（满足原文要求的最后一个自然日）"),
        ("    due: 2024-05-31", "    due: 2024-04-30", "phases[1].due", "早于开始日（2024-05-01）"),
        ("    due: 2024-05-31", "    due: 2024-02-30", "phases[1].due", "写的是“2024-02-30”，没有这一天"),
        ("    due: 2024-05-31", "    due: 5月底", "phases[1].due", "写的是“5月底”，应为日期"),
        ("    due: 2024-05-31", "    due: 2024-5-31", "phases[1].due", "请写成 2024-05-31 这样的年-月-日"),
        ("    due: 2024-05-31", "    due: 20240531", "phases[1].due", "写的是“20240531”，应为日期"),
        ("    due: 2024-05-31", "    due:", "phases[1].due", "不能为空，应为日期"),
        ("due: 2024-11-30 #", "due: 2031-11-30 #", "phases[3].due", "没有2031年的节假日安排"),
        ("due: 2024-11-30 #", "due: 2003-11-30 #", "phases[3].due", "早于开始日"),
        ("kind: special_rectification", "kind: special_recti", "kind", "是否想写“special_rectification”？"),
        ("kind: special_rectification", "kind: 专项整治", "kind", "可选：special_rectification、"),
        ("kind: special_rectification", "kind:", "kind", "不能为空。可选：special_rectification、"),
        ("publicity: not_stated", "publicity: 公开", "notice.publicity", "可选：public、not_public、not_stated"),
        ("doc_no: null", "doc_no: 鄂医保发[2024]13号", "notice.doc_no", "年份用六角括号〔〕"),
        ("doc_no: null", "doc_no: 鄂医保发〔2024〕013号", "notice.doc_no", "文号请写成"),
        ('region: "150626"', "region: 15062", "region", "写的是“15062”，行政区划代码是 6 位数字"),
        ("key: mobilization", "key: 动员", "phases[0].key", "代号只能用小写英文字母"),
        ("key: mobilization", "key: " + "a" * 49, "phases[0].key", "最多 48 个字符"),
        ("key: mobilization", "key: self_check", "phases[1].key", "阶段代号“self_check”重复"),
        ("target: 0.80", "target: 80", "milestones[0].target", "写的是“80”，不能大于 1"),
        ("target: 0.80", "target: 0", "milestones[0].target", "应大于 0"),
        ("target: 0.80", "target: 80%", "milestones[0].target", "应为数，如 0.80"),
        ("compile_before: 2", "compile_before: 两天", "reports[0].compile_before", "应为整数"),
        ("compile_before: 2", "compile_before: 0", "reports[0].compile_before", "不能小于 1"),
        ("stamped_scan: true", "stamped_scan: 要", "phases[1].returns[0].stamped_scan", "只能写 true（是）"),
        ("    text: 根据上级", "    run_at: 9点\n    text: 根据上级", "phases[0].run_at", "请写成 09:00 这样"),
        ("supervised: [medical_institution, ", "supervised: [hospital, ", "supervised[0]", "写的是“hospital”"),
        ("supervised: [medical_institution, retail_pharmacy]", "supervised: 医院", "supervised", "应为列表"),
        ("lead:\n", "lead: 旗医保局\nled:\n", "lead", "应为若干行“名称: 内容”"),
        ("goals:\n", "goals: []\naims:\n", "goals", "至少要写 1 项，现有 0 项"),
        ("title: 动员部署阶段", "title: ''", "phases[0].title", "不能为空，应为一段文字"),
        ("title: 动员部署阶段", "title: [动员]", "phases[0].title", "应为一段文字"),
        ("phase: concentrated_rectification", "phase: focus", "milestones[0].phase", "所指的阶段“focus”不存在，可选："),
        ("to_posts: [office_director]", "to_posts: [boss]", "ladder[6].to_posts[0]", "所指的岗位“boss”不存在"),
        ("offset: -5", "offset: -10", "ladder[1].offset", "工作日数“-10”重复"),
        ("due: 2024-08-31", "due: 2024-12-31", "milestones[0].due", "不在所属阶段“集中整治阶段”内"),
        ("    due: 2024-06-07", "    due: null", "reports[0].due", "一次性报送（once），请写明截止日"),
        ("  end: null", "  end: 2020-01-01", "data_window.end", "早于起（2021-05-01）"),
        ("id: wushen_2024", "id: wushen_2025", "id", "与文件夹名“wushen_2024”不一致"),
        ("short_title:", "title:", "title", "“title”在第 10 行已写过一次"),
        ("    due_text: 5月底完成", "    due: 2024-06-01", "phases[1].due", "请删去多余的一处"),
    ],
)  # fmt: skip
def test_field_and_remedy_are_named(folder: Path, old: str, new: str, field: str, sentence: str) -> None:
    problems = {problem.field: problem for problem in refused(folder, damaged((old, new))).problems}
    assert field in problems
    assert sentence in problems[field].sentence
    assert problems[field].line


@pytest.mark.parametrize(
    ("content", "line", "column", "sentence"),
    [
        (damaged(("title: 乌审旗", "title：乌审旗")), 10, 6, "中文冒号“：”"),
        (damaged(("title: 乌审旗", "title:乌审旗")), 10, 7, "冒号后面缺一个空格"),
        (damaged(("  title: 关于", "\ttitle: 关于")), 19, 1, "制表符（Tab）"),
        (damaged(("  title: 关于", '  title: "关于')), 19, 40, "引号没有配对"),
        (damaged(("retail_pharmacy]\n", "retail_pharmacy\n")), 55, 13, "方括号 [ ] 没有配对"),
        (damaged(("title: 乌审旗", "title: 乌审旗: ")), 10, None, "两个英文冒号"),
        (damaged(("title: 乌审旗", "title: @乌审旗")), 10, 8, "不能以 @"),
        (damaged(("title: 乌审旗", "title: 乌审\x07旗")), 10, 10, "控制字符"),
        ("a: 1\n---\nb: 2\n", 2, 1, "一个文件只写一个专项"),
    ],
)  # fmt: skip
def test_bad_yaml_is_shown_by_line_and_column(
    folder: Path, content: str, line: int, column: int | None, sentence: str
) -> None:
    (problem,) = refused(folder, content).problems
    assert sentence in problem.sentence
    assert problem.line == line
    assert problem.column if column is None else problem.column == column


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "不能为空"),
        ("- 一\n- 二\n", "应为若干行“名称: 内容”"),
        (GOOD.encode("gb18030"), "不是 UTF-8 编码"),
        ("a: &x [1]\nb: *x\n", "YAML 的引用或标签"),
        ("a: !!python/object:os.system {}\n", "YAML 的引用或标签"),
    ],
)
def test_file_that_is_no_campaign_at_all_is_answered_too(
    folder: Path, content: str | bytes, sentence: str
) -> None:
    assert sentence in refused(folder, content).problems[0].sentence


def test_several_problems_are_told_at_once_in_the_order_of_the_file(folder: Path) -> None:
    error = refused(
        folder,
        damaged(
            ("target: 0.80", "target: 80"),
            ("kind: special_rectification", "kind: x"),
            ("due: 2024-05-20", "due: x"),
        ),
    )
    assert [problem.field for problem in error.problems] == ["kind", "phases[0].due", "milestones[0].target"]
    assert str(error).startswith(f"{folder / FILE_NAME} 有 3 处需要改正：")


def test_broken_rules_across_fields_are_told_at_once(folder: Path) -> None:
    error = refused(
        folder, damaged(("to_posts: [office_director]", "to_posts: [a, b]"), ("offset: -5", "offset: -10"))
    )
    assert [problem.field for problem in error.problems] == [
        "ladder[1].offset",
        "ladder[6].to_posts[0]",
        "ladder[6].to_posts[1]",
    ]


def test_line_is_the_one_the_field_stands_on(folder: Path) -> None:
    (problem,) = refused(folder, damaged(("target: 0.80", "target: 80"))).problems
    assert GOOD.splitlines()[(problem.line or 0) - 1].strip() == "target: 0.80"


def test_unquoted_codes_and_bare_numbers_are_read_as_written(folder: Path) -> None:
    folder.mkdir()
    (folder / FILE_NAME).write_text(
        damaged(('region: "150626"', "region: 150626"), ("text: 根据", "run_at: 10:30\n    text: 根据")),
        encoding="utf-8",
    )
    campaign = load_campaign(folder)
    assert campaign.region == "150626"
    assert str(campaign.phases[0].run_at) == "10:30:00"


def test_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Path) -> None:
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_campaign(folder) == load_campaign(FOLDER / "wushen_2024")


def test_error_survives_the_way_between_processes(folder: Path) -> None:
    error = refused(folder, damaged(("target: 0.80", "target: 80")))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
