"""YAML as text: mappings, lists and words, nothing else. What a word means is the model's business.

So an unquoted 150626 stays a code, 09:30 a time of day and 1.10 keeps its zero; only an empty value or
``null`` is nothing. Anchors and tags are refused: a file of facts says what it means where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from include.campaigns.problems import CampaignError, Place, Problem, field_path
from include.campaigns.yaml_faults import syntax_problem


class _Words(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Resolves null and leaves every other scalar a word."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol


_Words.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])

_NULL = "tag:yaml.org,2002:null"
_PLAIN_TAGS = {_NULL, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}


@dataclass(frozen=True, slots=True)
class YamlText:
    """A file's content and the tree it came from, for looking up lines."""

    file: Path
    data: Any
    root: yaml.Node | None

    def line(self, place: Place) -> int | None:
        """The line of a field, or of the nearest thing around it that is there."""
        node, line = self.root, None
        for part in place:
            entry = _entry(node, part)
            if entry is None:
                break
            line, node = entry
        return line

    def problem(self, place: Place, sentence: str) -> Problem:
        return Problem(field_path(place), sentence, self.line(place))


def read_yaml(file: Path) -> YamlText:
    """Raise CampaignError for a file that is missing, not UTF-8, not YAML, or says a thing twice."""
    text = _read(file)
    problems: list[Problem] = []
    try:
        root = _compose(text)
        data = _plain(root, (), problems, set()) if root else None
    except yaml.YAMLError as error:
        raise CampaignError(file, (syntax_problem(error, text),)) from error
    except RecursionError:
        raise _refused(file, "内容嵌套过深，请检查括号是否配对") from None
    if problems:
        raise CampaignError(file, tuple(problems))
    return YamlText(file, data, root)


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _refused(file, f"找不到 {file.name}，请在文件夹“{file.parent.name}”中补上此文件") from None
    except OSError as error:
        raise _refused(
            file, f"文件无法读取（{error.strerror}），请检查它是不是文件、有没有读取权限"
        ) from error
    except UnicodeDecodeError as error:
        raise _refused(file, "文件不是 UTF-8 编码，请用编辑器另存为 UTF-8（不要存为 GBK 或 ANSI）") from error


def _compose(text: str) -> yaml.Node | None:
    loader = _Words(text)
    try:
        root: yaml.Node | None = loader.get_single_node()
        return root
    finally:
        loader.dispose()


def _refused(file: Path, sentence: str) -> CampaignError:
    return CampaignError(file, (Problem("", sentence),))


def _plain(node: yaml.Node, place: Place, problems: list[Problem], seen: set[int]) -> Any:
    """The node as dict, list, str or None; what may not be there is added to ``problems``."""
    if id(node) in seen or node.tag not in _PLAIN_TAGS:
        sentence = "这里用了 YAML 的引用或标签（& * !），请把内容直接写全；若是文字，请加引号"
        problems.append(Problem(field_path(place), sentence, node.start_mark.line + 1))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, problems, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, number), problems, seen) for number, item in enumerate(node.value)]
    return None if node.tag == _NULL else node.value


def _mapping(node: yaml.MappingNode, place: Place, problems: list[Problem], seen: set[int]) -> Any:
    data: dict[str, Any] = {}
    first_lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in data:
            sentence = f"“{key}”在第 {first_lines[key]} 行已写过一次，请删去多余的一处"
            problems.append(Problem(field_path((*place, key)), sentence, line))
        first_lines.setdefault(key, line)
        data[key] = _plain(value_node, (*place, key), problems, seen)
    return data


def _entry(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    """The line on which a part of the node begins, and the part."""
    for name, line, child in _entries(node):
        if name == part:
            return line, child
    return None


def _entries(node: yaml.Node | None) -> Iterator[tuple[str | int, int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            yield str(key_node.value), key_node.start_mark.line + 1, value_node
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield number, item.start_mark.line + 1, item
