"""Table layouts from their YAML files; what is wrong with one is said in Chinese, file and field first."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from include.domain.errors import GiveUp
from include.domain.faults import FAULT
from include.domain.tables import IndicatorTable, ListTable, Table, TableLayout


class BadLayout(GiveUp):
    """A table layout that does not exist or cannot be printed."""


_FORMS = ("matrix", "indicators", "problem_list")
_TABLE: TypeAdapter[TableLayout | IndicatorTable | ListTable] = TypeAdapter(Table)


def load_layout(folder: Path, key: str) -> TableLayout | IndicatorTable | ListTable:
    """The layout in ``key``.yaml. Raise BadLayout naming the file, each broken field and what to write."""
    path = folder / f"{key}.yaml"
    if not path.is_file():
        known = "、".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "（目录为空）"
        raise BadLayout(
            f"没有名为“{key}”的统计表（应有文件 {path.name}），请更正 table_layouts，可选：{known}"
        )
    try:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise BadLayout(f"{path.name} 不是有效的 YAML 文件（须为 UTF-8 编码）：{fault}") from fault
    try:
        if not isinstance(facts, dict):
            return TableLayout.model_validate(facts)
        return _TABLE.validate_python({"form": "matrix"} | facts)
    except ValidationError as fault:
        raise BadLayout("\n".join(sentences(path.name, fault.errors()))) from fault


def sentences(file: str, errors: Iterable[ErrorDetails]) -> list[str]:
    return [f"{file} 的 {_field(error['loc'])}：{_sentence(error)}" for error in errors]


def _field(place: tuple[int | str, ...]) -> str:
    place = place[1:] if place and place[0] in _FORMS else place
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return path.lstrip(".") or "整个文件"


def _sentence(error: ErrorDetails) -> str:
    if error["type"] == FAULT:
        return error["msg"]
    found: Any = error["input"]
    return {
        "union_tag_invalid": f"form 不能写“{found.get('form') if isinstance(found, dict) else found}”，可选：{'、'.join(_FORMS)}",
        "missing": "缺少此项，请补充",
        "extra_forbidden": "没有这一项，请删去或核对拼写",
        "literal_error": f"不能写“{found}”，可选：{error.get('ctx', {}).get('expected', '')}",
    }.get(error["type"], f"“{found}”不符合要求，请对照已有的统计表文件填写")
