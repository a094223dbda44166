"""Mail servers that send nothing: mails become files, or are not handed over at all."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from include.domain.errors import GiveUp, Refusal, TryAgain
from include.domain.notices import Handed, Message, NoticeState, SendMode
from include.domain.quota import Quota
from include.gateways.mail_server.account import SENDER_NAME
from include.gateways.mail_server.compose import check_address, compose


class FolderMailServer:
    """Send mode off: every mail becomes an ``.eml`` file and no socket is ever opened."""

    quota = Quota()

    def __init__(self, folder: Path, *, from_address: str = "office@duban.example") -> None:
        self._folder = folder
        self._from_address = from_address

    @property
    def mode(self) -> SendMode:
        return SendMode.OFF

    @contextmanager
    def session(self, *, sent_today: int = 0) -> Iterator[FolderMailServer]:
        self._folder.mkdir(parents=True, exist_ok=True)
        yield self

    def ready(self, *, at_most: float) -> bool:
        return True

    def send(self, message: Message) -> Handed:
        """Write the mail; the same message written twice is one file. Raise GiveUp as a server would, TryAgain when the folder takes no file."""
        check_address(message.to)
        text = compose(message, self._from_address, f"{SENDER_NAME}（样件，未发送）")
        name = (
            f"{_file_name(message.subject)}_{hashlib.sha256(message.message_id.encode()).hexdigest()[:8]}.eml"
        )
        draft = self._folder / f".{name}.{os.getpid()}"
        try:
            draft.write_bytes(text)
            draft.replace(self._folder / name)
        except OSError as fault:
            raise TryAgain(
                f"样件无法写入文件夹 {self._folder}：{fault}", refusal=Refusal.UNREACHABLE
            ) from fault
        return Handed(NoticeState.RENDERED, f"未开启发送，样件：{name}")


class NoMailServer:
    """For looking: knows the deployment's send mode, so that plans agree with it, and hands over nothing."""

    quota = Quota()

    def __init__(self, mode: SendMode) -> None:
        self._mode = mode

    @property
    def mode(self) -> SendMode:
        return self._mode

    def session(self, *, sent_today: int = 0) -> NoReturn:
        raise GiveUp("命令行只查看和预演，不发送邮件；发送由 Airflow 的任务办理")


def _file_name(subject: str) -> str:
    """The subject without what a file system refuses, short enough for 255 bytes in Chinese."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", subject)[:70]
