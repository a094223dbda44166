"""Form files (include/forms/*.yaml): loading and checking them, with problems a form's author can act on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from include.domain.forms import Choice, Form
from include.domain.model import NOT_A_DAY

FORMS = Path(__file__).resolve().parent.parent / "forms"
LISTS = "lists.yaml"

_LISTS: TypeAdapter[dict[str, tuple[Choice, ...]]] = TypeAdapter(dict[str, tuple[Choice, ...]])
_WORDS = {
    "missing": "缺少这一项，请补上",
    "extra_forbidden": "不认识这个字段，请检查是否写错",
    "string_type": "应为文字，请加引号",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "string_too_short": "不能为空",
    "too_short": "至少写一项",
    "string_pattern_mismatch": "格式不符，只能用小写英文字母、数字和下划线",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "union_tag_invalid": "没有这种规则（kind），请检查是否写错",
    "union_tag_not_found": "缺少规则种类 kind",
}
_DAY_WORDS = {
    NOT_A_DAY: "应为 2024-05-31 这样的日期",
    "date_from_datetime_parsing": "没有这一天，请核对月份和日期",
    "date_parsing": "没有这一天，请核对月份和日期",
}


class _WordsAsWritten(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Days stay words: YAML would stop at 2024-02-30 without saying where it stands."""


_WordsAsWritten.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class FormFilesBroken(ValueError):
    """Some form files cannot be used; ``problems`` has one Chinese sentence each, with file and field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = tuple(problems)


def load_forms(root: Path = FORMS) -> dict[str, Form]:
    """Every form by its key. Raise FormFilesBroken naming all problems of all files at once."""
    problems: list[str] = []
    lists = _lists(root / LISTS, problems)
    forms: dict[str, Form] = {}
    for path in sorted(root.glob("*.yaml")):
        if path.name != LISTS:
            form = _form(path, lists, problems)
            if form is not None:
                forms[form.key] = form
    if problems:
        raise FormFilesBroken(problems)
    return forms


def _lists(path: Path, problems: list[str]) -> dict[str, tuple[Choice, ...]]:
    content = _yaml(path, problems) if path.exists() else {}
    try:
        return _LISTS.validate_python(content or {})
    except ValidationError as wrong:
        problems += _sentences(path, wrong)
        return {}


def _form(path: Path, lists: dict[str, tuple[Choice, ...]], problems: list[str]) -> Form | None:
    content = _yaml(path, problems)
    if content is None:
        return None
    if "lists" in content:
        problems.append(f"{path.name} 的 lists：清单统一写在 {LISTS} 中，请移过去")
        return None
    try:
        form = Form.model_validate(content | {"lists": _used(content, lists)})
    except ValidationError as wrong:
        problems += _sentences(path, wrong)
        return None
    if form.key != path.stem:
        problems.append(f"{path.name} 的 key：写的是“{form.key}”，须与文件名一致，应为“{path.stem}”")
    return form


def _yaml(path: Path, problems: list[str]) -> dict[str, Any] | None:
    try:
        content = _WordsAsWritten(path.read_text(encoding="utf-8")).get_single_data()
    except UnicodeDecodeError:
        problems.append(f"{path.name}：文件不是 UTF-8 编码，请另存为 UTF-8")
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        place = f"第{mark.line + 1}行" if mark else ""
        problems.append(f"{path.name}{place}：YAML 格式有误，请检查缩进、冒号和引号")
    else:
        if isinstance(content, dict):
            return content
        problems.append(f"{path.name}：内容应为“字段: 值”的形式")
    return None


def _used(content: Any, lists: dict[str, tuple[Choice, ...]]) -> dict[str, tuple[Choice, ...]]:
    """The named lists a form mentions, so that a form is complete in itself."""
    names = set(_values_of("choice_list", content))
    return {name: choices for name, choices in lists.items() if name in names}


def _values_of(key: str, content: Any) -> Iterator[Any]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name == key:
                yield value
            else:
                yield from _values_of(key, value)
    elif isinstance(content, list):
        for value in content:
            yield from _values_of(key, value)


def _sentences(path: Path, wrong: ValidationError) -> list[str]:
    errors = wrong.errors()
    # A list all of whose members are wrong is reported as too short as well; that would only mislead.
    inner = {error["loc"][:depth] for error in errors for depth in range(len(error["loc"]))}
    return [
        f"{path.name} 的 {_place(error)}：{_words(error)}" for error in errors if error["loc"] not in inner
    ]


def _place(error: ErrorDetails) -> str:
    place = ""
    for part in error["loc"]:
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return place or "整个文件"


def _words(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind in {"enum", "literal_error"}:
        return f"写的是“{error['input']}”，只能写 {error['ctx']['expected']}"
    if kind in _DAY_WORDS:
        return f"写的是“{error['input']}”，{_DAY_WORDS[kind]}"
    return _WORDS.get(kind, f"写的是“{error['input']}”，{error['msg']}")
