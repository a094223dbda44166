"""Why a file is not opened."""

from __future__ import annotations

DAMAGED = "文件已损坏或没有传完整，无法打开，请在电脑上确认能正常打开后重新保存并报送"
ODD = "文件结构异常，无法打开，请用Excel或WPS打开后另存为新文件再报送"
ENCRYPTED = "文件设置了打开密码，无法读取，请取消打开密码后重新保存并报送"
MACROS = "文件含有宏，出于安全不予打开，请另存为不含宏的“Excel工作簿(.xlsx)”后报送"

ERRORS = (
    "文件里有显示为错误的单元格（如 #REF!、#DIV/0!），无法确定在哪里、应填什么，"
    "请改为实际内容后另存为“Excel工作簿(.xlsx)”再报送"
)


class Refused(Exception):
    """The file is not opened; the message is the Chinese sentence for its sender."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
