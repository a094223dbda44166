"""The file in which an office writes down who may use the desk."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from include.domain.access import Access


class BadAccessFile(ValueError):
    """The file cannot be used; the message says where and why, in Chinese."""


class AccessFile:
    """Read again whenever it has changed, so that nobody has to restart anything to give or take a right.

    A file that is not there grants nothing to anybody.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_at: float | None = None
        self._access = Access()

    def access(self) -> Access:
        """Raise BadAccessFile; what was granted before does not outlive a file that has become unreadable."""
        try:
            changed_at = self.path.stat().st_mtime
        except FileNotFoundError:
            return Access()
        if changed_at != self._read_at:
            self._access = self._read()
            self._read_at = changed_at
        return self._access

    def _read(self) -> Access:
        try:
            content = yaml.safe_load(self.path.read_text(encoding="utf-8")) or {}
            return Access.model_validate(content)
        except (yaml.YAMLError, UnicodeDecodeError) as fault:
            raise BadAccessFile(f"权限文件{self.path.name}不是有效的 YAML：{fault}") from fault
        except ValidationError as fault:
            places = "；".join(
                f"{'.'.join(map(str, each['loc']))}（{each['msg']}）" for each in fault.errors()
            )
            raise BadAccessFile(f"权限文件{self.path.name}有误：{places}") from fault
