"""The mail server that really sends, to everyone or to the team."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from include.domain.notices import SendMode
from include.domain.quota import Quota
from include.gateways.mail_server.account import SmtpAccount
from include.gateways.mail_server.connections import Connections
from include.gateways.mail_server.pace import Pace
from include.gateways.mail_server.session import SmtpSession


class SmtpMailServer:
    """Send modes live and team. In team mode only listed addresses and domains ever reach the server.

    One object serves all threads of a process: they share its quota and its places for connections.
    """

    def __init__(self, account: SmtpAccount, *, mode: SendMode, allow_list: Iterable[str] = ()) -> None:
        if mode is SendMode.OFF:
            raise ValueError("发送模式为 off 时不连接邮件服务器，请使用 FolderMailServer")
        self._account = account
        self._mode = mode
        self._allowed = frozenset(entry.strip().lower().removeprefix("@") for entry in allow_list) - {""}
        if mode is SendMode.TEAM and not self._allowed:
            raise ValueError(
                "发送模式为 team 时须在 DUBAN_TEAM_ADDRESSES 写明允许的邮箱或域名；现为空，不发送"
            )
        self._connections = Connections(account)
        self._pace = Pace(account.quota)

    @property
    def mode(self) -> SendMode:
        return self._mode

    @property
    def quota(self) -> Quota:
        return self._account.quota

    @contextmanager
    def session(self, *, sent_today: int = 0) -> Iterator[SmtpSession]:
        """One connection for many messages, when one of the places is free. Raise TryAgain when it cannot be had."""
        self._pace.count_from(sent_today)
        with self._connections.place():
            session = SmtpSession(self._account, self._connections, self._pace, self._may_receive)
            session.open()
            try:
                yield session
            finally:
                session.close()

    def _may_receive(self, address: str) -> bool:
        address = address.lower()
        domain = address.rpartition("@")[2]
        return self._mode is SendMode.LIVE or address in self._allowed or domain in self._allowed
