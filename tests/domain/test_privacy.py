"""What is hidden in a log line, and what is left because it names nobody."""

from __future__ import annotations

import pytest

from include.domain.privacy import without_persons


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("550 <zhang.san@hospital.example> no such user", "550 <***@hospital.example> no such user"),
        ("发给a_b+c@x.gov.cn。", "发给***@x.gov.cn。"),
        ("{'a@b.example': (550, b'x')}", "{'***@b.example': (550, b'x')}"),
        ("联系电话13900001234，", "联系电话139***1234，"),
        ("身份证150626199001011234、15062619900101123X", "身份证150626***1234、150626***123X"),
        ("无可用邮箱 0477-7580014", "无可用邮箱 0477-***0014"),
        ("两个：13900001234、15900005678", "两个：139***1234、159***5678"),
    ],
)
def test_persons_are_hidden(text: str, shown: str) -> None:
    assert without_persons(text) == shown
    assert without_persons(shown) == shown, "once is enough"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H15062600001 示例旗人民医院：已发出",
        "P15062600001",
        "统一社会信用代码911506260000000017",
        "2024-05-24 09:00，金额1,390,000.12元",
        "<213407ef577703bdba2cd2480de9c4f9>",
        "编号2024-0477-7580000、日期2024-05-24",
        "task@worker-1",
    ],
)
def test_what_names_nobody_is_left(text: str) -> None:
    assert without_persons(text) == text
