"""Pydantic's findings as sentences an office understands: what was found, and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from include.campaigns.problems import Place, shown
from include.domain.campaign import DocumentNumber, RegionCode
from include.domain.faults import FAULT
from include.domain.model import NOT_A_DAY, Key

_LOOK_AT_OTHERS = "请对照其他专项的同一项书写"
_DAY_EXAMPLE = "请写成 2024-05-31 这样的年-月-日"

_PATTERNS = {
    get_args(kind)[1].pattern: advice
    for kind, advice in (
        (Key, "代号只能用小写英文字母、数字和单个下划线，以字母开头，如 self_check"),
        (DocumentNumber, "文号请写成“机关代字〔年份〕序号号”，如 鄂医保发〔2024〕13号，年份用六角括号〔〕"),
        (RegionCode, "行政区划代码是 6 位数字，如 150626"),
    )
}

_LIMITS = {
    "greater_than": ("gt", "应大于 {}"),
    "greater_than_equal": ("ge", "不能小于 {}"),
    "less_than": ("lt", "应小于 {}"),
    "less_than_equal": ("le", "不能大于 {}"),
}

_LIST = "应为列表，每项一行，以“- ”开头"
_GROUP = "应为若干行“名称: 内容”"

_ADVICE = {
    "string": "应为一段文字",
    "int": "应为整数，如 5 或 -3",
    "decimal": "应为数，如 0.80",
    "bool": "只能写 true（是）或 false（否）",
    "time": "应为时刻，请写成 09:00 这样的时:分",
    "date": f"没有这一天，{_DAY_EXAMPLE}",
    "tuple": _LIST,
    "frozen": _LIST,
    "model": _GROUP,
    "dict": _GROUP,
    NOT_A_DAY: f"应为日期，{_DAY_EXAMPLE}",
}
"""By error type, or by its first word (``int_parsing`` → ``int``)."""


def sentence(error: ErrorDetails, root: Any) -> str:
    """A Chinese sentence for one finding of ``root``'s validation."""
    kind, value = error["type"], error["input"]
    if kind == FAULT:
        return error["msg"]
    if kind in _SPECIAL:
        return _SPECIAL[kind](error, root)
    if value is None or value == "":
        return f"不能为空，{_advice(kind)}"
    if kind in _LIMITS:
        name, limit = _LIMITS[kind]
        return f"写的是“{shown(value)}”，{limit.format(error['ctx'][name])}"
    return f"写的是“{shown(value)}”，{_advice(kind)}"


def _advice(kind: str) -> str:
    return _ADVICE.get(kind) or _ADVICE.get(kind.split("_")[0]) or _LOOK_AT_OTHERS


def _missing(error: ErrorDetails, root: Any) -> str:
    name = str(error["loc"][-1])
    described = _description(root, error["loc"])
    return f"缺少必填项“{name}”" + (f"（{described}），请补上" if described else "，请补上")


def _unknown_key(error: ErrorDetails, root: Any) -> str:
    name = str(error["loc"][-1])
    model = model_at(root, error["loc"][:-1])
    allowed = list(model.model_fields) if model else []
    return f"没有“{shown(name)}”这一项。{_did_you_mean(name, allowed)}可写：{'、'.join(allowed)}"


def _not_a_choice(error: ErrorDetails, root: Any) -> str:
    choices = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    value = shown(error["input"] or "")
    found = f"写的是“{value}”，不在可选范围内" if value else "不能为空"
    return f"{found}。{_did_you_mean(value, choices)}可选：{'、'.join(choices)}"


def _pattern(error: ErrorDetails, root: Any) -> str:
    return f"写的是“{shown(error['input'])}”，{_PATTERNS.get(error['ctx']['pattern'], _LOOK_AT_OTHERS)}"


def _too_long(error: ErrorDetails, root: Any) -> str:
    return f"写的是“{shown(error['input'])}”，太长，最多 {error['ctx']['max_length']} 个字符"


def _too_few(error: ErrorDetails, root: Any) -> str:
    return f"至少要写 {error['ctx']['min_length']} 项，现有 {error['ctx']['actual_length']} 项"


_SPECIAL: dict[str, Callable[[ErrorDetails, Any], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "enum": _not_a_choice,
    "literal_error": _not_a_choice,
    "string_pattern_mismatch": _pattern,
    "string_too_long": _too_long,
    "too_short": _too_few,
}


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"是否想写“{close[0]}”？" if close else ""


def model_at(root: Any, place: Place) -> type[BaseModel] | None:
    """The model a place in ``root`` is an instance of, None when it is not a model."""
    kind = root
    for part in place:
        if get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif isinstance(part, str):
            model = _model_in(kind)
            if model is None or part not in model.model_fields:
                return None
            kind = model.model_fields[part].annotation
    return _model_in(kind)


def _model_in(kind: Any) -> type[BaseModel] | None:
    """The model in an annotation: ``tuple[Phase, ...]`` and ``Body | None`` hold one each."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((model for part in get_args(kind) if (model := _model_in(part))), None)


def _description(root: Any, place: Place) -> str | None:
    model, name = model_at(root, place[:-1]), str(place[-1])
    return model.model_fields[name].description if model and name in model.model_fields else None
