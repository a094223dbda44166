"""YAML's own complaints, put so that someone who has never heard of YAML can mend the file."""

from __future__ import annotations

import re

import yaml

from include.campaigns.problems import Problem, shown

_KEY = r"^\s*(?:- )?[a-z_][a-z0-9_]*"

_SUSPECTS = (
    (re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"), "这里有看不见的控制字符，请删去后重新输入"),
    (re.compile(r"^ *\t"), "缩进里有制表符（Tab），请改用空格"),
    (re.compile(_KEY + "："), "这里用了中文冒号“：”，请改为英文冒号加一个空格“: ”"),
    (re.compile(_KEY + r":[^\s]"), "冒号后面缺一个空格，请写成“名称: 内容”"),
    (re.compile(r"""[:-]\s+(?:"[^"]*|'[^']*)$"""), "英文引号没有配对，请在这段文字末尾补上引号"),
)
"""Slips that make the parser stumble some lines later; they are looked for first."""

_SENTENCES = {
    "mapping values are not allowed in this context": (
        "缩进不对，或一行里有两个英文冒号；文字中含“: ”的请给整句加引号"
    ),
    "could not find expected ':'": "这一行缺英文冒号，请写成“名称: 内容”",
    "did not find expected key": "缩进与上文不一致，或引号后面还有文字，请与同级各行对齐",
    "did not find expected '-' indicator": "列表各项应以“- ”开头并左对齐，请检查这一行",
    "did not find expected ',' or ']'": "方括号 [ ] 没有配对，或各项之间缺英文逗号",
    "did not find expected ',' or '}'": "花括号 { } 没有配对，或各项之间缺英文逗号",
    "did not find expected node content": "方括号 [ ] 或花括号 { } 没有配对，或括号里缺内容",
    "found unexpected end of stream": "引号没有配对，请在这段文字末尾补上引号",
    "found character that cannot start any token": ("内容不能以 @、%、` 或制表符开头，请给整句加引号"),
    "found undefined alias": "以 * 开头的文字请加引号",
    "did not find expected alphabetic or numeric character": "以 & 或 * 开头的文字请加引号",
    "mapping keys are not allowed in this context": "以“? ”开头的文字请加引号",
    "block sequence entries are not allowed in this context": "以“- ”开头的列表请另起一行",
    "did not find expected <document start>": "这一行与上一行接不上，请检查缩进和名称后的冒号",
    "found unknown escape character": "双引号里的反斜杠 \\ 有特殊含义，请改用单引号",
    "but found another document": "一个文件只写一个专项，请删去“---”及其后的内容",
}

_BEGUN_EARLIER = {
    "found unexpected end of stream",
    "could not find expected ':'",
    "did not find expected ',' or ']'",
    "did not find expected ',' or '}'",
    "did not find expected node content",
}
"""Complaints about something left open: where it begins says more than where the parser noticed."""


def syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    """Where the text stops being YAML, and what to do about it."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        for slip, sentence in _SUSPECTS:
            if found := slip.search(line):
                return _problem(sentence, line, number, found.end())
    complaint = getattr(error, "problem", None) or str(error)
    sentence = _SENTENCES.get(complaint, f"不符合 YAML 格式（{complaint}），请检查缩进、冒号和引号")
    mark = _mark(error, complaint)
    if mark is None:
        return Problem("", sentence)
    line = lines[mark.line] if mark.line < len(lines) else ""
    return _problem(sentence, line, mark.line + 1, mark.column + 1)


def _mark(error: yaml.YAMLError, complaint: str) -> yaml.Mark | None:
    begun: yaml.Mark | None = getattr(error, "context_mark", None)
    noticed: yaml.Mark | None = getattr(error, "problem_mark", None)
    return begun if begun and complaint in _BEGUN_EARLIER else noticed


def _problem(sentence: str, line: str, number: int, column: int) -> Problem:
    return Problem("", f"{sentence}；此行为：{shown(line) or '（空行）'}", number, column)
