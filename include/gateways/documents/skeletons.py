"""Skeletons and hand-written parts from their YAML files; what is wrong with one is said in Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from include.domain.campaign import Campaign
from include.domain.documents import HandWritten, Skeleton
from include.domain.faults import FAULT
from include.domain.model import Strict
from include.domain.occasions import Occasion
from include.gateways.documents.faults import BadDocument

_Read = TypeVar("_Read", bound=Strict)


def load_skeleton(folder: Path, key: str) -> Skeleton:
    """Raise BadDocument naming the file, each broken field and what to write."""
    path = folder / f"{key}.yaml"
    if not path.is_file():
        known = "、".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "（目录为空）"
        raise BadDocument(
            f"没有名为“{key}”的书面报告（应有文件 {path.name}），请更正 document，可选：{known}"
        )
    return _read(path, Skeleton)


def load_hand_written(
    campaigns: Path | None, campaign: Campaign, key: str, occasion: Occasion
) -> HandWritten:
    """What the office wrote for this occasion, else for every occasion of the document, else nothing.

    ``<campaign>/documents/<key>.<occasion>.yaml`` comes before ``<campaign>/documents/<key>.yaml``.
    """
    if campaigns is not None:
        for name in (f"{key}.{occasion.key}.yaml", f"{key}.yaml"):
            path = campaigns / campaign.id / "documents" / name
            if path.is_file():
                return _read(path, HandWritten)
    return HandWritten()


def _read(path: Path, model: type[_Read]) -> _Read:
    try:
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise BadDocument(f"{path.name} 不是有效的 YAML 文件（须为 UTF-8 编码）：{fault}") from fault
    try:
        return model.model_validate(facts or {})
    except ValidationError as fault:
        raise BadDocument("\n".join(_sentences(path.name, fault.errors()))) from fault


def _sentences(file: str, errors: Iterable[ErrorDetails]) -> list[str]:
    return [f"{file} 的 {_field(error['loc'])}：{_sentence(error)}" for error in errors]


def _field(place: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return path.lstrip(".") or "整个文件"


def _sentence(error: ErrorDetails) -> str:
    if error["type"] == FAULT:
        return error["msg"]
    return {
        "missing": "缺少此项，请补充",
        "extra_forbidden": "没有这一项，请删去或核对拼写",
        "literal_error": f"不能写“{error['input']}”，可选：{error.get('ctx', {}).get('expected', '')}",
    }.get(error["type"], f"“{error['input']}”不符合要求，请对照已有的书面报告文件填写")
