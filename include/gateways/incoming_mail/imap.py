"""The mailbox over IMAP (RFC 3501): messages by UID, their bytes as they are, and moved when they are done with.

Nothing is deleted: a message leaves the inbox for the done or the failed folder, by MOVE (RFC 6851), or where
the server has none by COPY and an expunge of that one UID (RFC 4315). A server with neither keeps the copy
marked as deleted, which is not fetched again. Fetching marks nothing as read.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NoReturn

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from include.domain.errors import TryAgain
from include.domain.inbound import Arrival

CHUNK = 500
"""Messages whose time of arrival is asked for at once."""


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """The office's mailbox at its server. ``timeout`` in seconds, for connecting and for every answer.

    ``address`` is the mailbox's own address; ``connection`` the Airflow connection these settings came from,
    which sentences about faults name.
    """

    host: str
    port: int
    login: str
    password: str = field(repr=False)
    address: str = ""
    security: Literal["none", "starttls", "ssl"] = "ssl"
    folder: str = "INBOX"
    done_folder: str = "督办已办理"
    failed_folder: str = "督办无法解析"
    timeout: float = 60.0
    connection: str = "duban_imap"


class ImapMailbox:
    """Fits the port ``Mailbox``."""

    def __init__(self, account: ImapAccount) -> None:
        self._account = account

    @property
    def address(self) -> str:
        return (self._account.address or self._account.login).strip().lower()

    @contextmanager
    def session(self) -> Iterator[ImapSession]:
        """One connection with the inbox open. Raise TryAgain when it cannot be had, or is lost meanwhile."""
        client = self._connected()
        try:
            with self._told():
                yield self._opened(client)
        finally:
            # After a fault the server may never answer; saying goodbye is not worth waiting for.
            with suppress(IMAPClientError, OSError):
                client.shutdown()

    def _connected(self) -> IMAPClient:
        account = self._account
        verified = ssl.create_default_context() if account.security != "none" else None
        with self._told():
            client = IMAPClient(
                account.host,
                account.port,
                ssl=account.security == "ssl",
                ssl_context=verified,
                timeout=SocketTimeout(account.timeout, account.timeout),
            )
            try:
                client.normalise_times = False  # times keep their zone
                if account.security == "starttls":
                    client.starttls(verified)
                client.login(account.login, account.password)
                if client.has_capability("ID"):
                    # NetEase refuses to open a folder to a client that has not introduced itself.
                    client.id_({"name": "duban", "version": "1"})
            except BaseException:
                with suppress(IMAPClientError, OSError):
                    client.shutdown()
                raise
        return client

    def _opened(self, client: IMAPClient) -> ImapSession:
        """Open the inbox, and make the folders for what is done."""
        account = self._account
        prefix = _prefix(client)
        done, failed = (
            name if name.startswith(prefix) else prefix + name
            for name in (account.done_folder, account.failed_folder)
        )
        for folder in (done, failed):
            if not client.folder_exists(folder):
                with suppress(IMAPClientError):  # another worker may just have made it
                    client.create_folder(folder)
        uidvalidity = int(client.select_folder(account.folder)[b"UIDVALIDITY"])
        return ImapSession(client, self.address, uidvalidity, done=done, failed=failed)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults of the connection as one sentence, without the password."""
        try:
            yield
        except LoginError as refusal:
            self._cannot("账号或密码（授权码）未通过验证", refusal)
        except ssl.SSLCertVerificationError as fault:
            self._cannot(f"服务器证书未通过验证（{fault.verify_message}），未发送账号和密码", fault)
        except TimeoutError as fault:
            self._cannot(f"服务器在{self._account.timeout:g}秒内没有应答", fault)
        except UnicodeEncodeError as fault:
            self._cannot("账号或密码含有邮件服务器不支持的字符", fault)
        except (IMAPClientError, OSError) as fault:
            self._cannot(f"连接中断或被拒绝（{str(fault)[:200]}）", fault)

    def _cannot(self, why: str, fault: Exception) -> NoReturn:
        account = self._account
        raise TryAgain(
            f"收取邮件未完成，邮箱服务器 {account.host}:{account.port}：{why}；未办理的邮件都还在收件箱，将重试。"
            f"请检查 Airflow 连接 {account.connection} 的主机、端口、加密方式、账号和密码"
        ) from (None if isinstance(fault, LoginError | UnicodeEncodeError) else fault)


class ImapSession:
    """The open inbox. Not for use by two threads."""

    def __init__(self, client: IMAPClient, address: str, uidvalidity: int, *, done: str, failed: str) -> None:
        self._client = client
        self._address = address
        self._uidvalidity = uidvalidity
        self._done = done
        self._failed = failed

    def arrivals(self, *, received_until: datetime) -> Iterator[Arrival]:
        """What lies there and arrived by then, oldest first, fetched one by one.

        One that has gone since the search was taken by another worker and is passed over.
        """
        for received_at, uid in sorted(self._times()):
            if received_at > received_until:
                continue
            fetched = self._client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {})
            content = fetched.get(b"BODY[]")
            if content is not None:
                yield Arrival(self._address, self._uidvalidity, uid, received_at, content)

    def file_away(self, arrival: Arrival) -> None:
        """Move it to the done folder; one that is gone was moved by another worker, and that is no fault."""
        self._move(arrival.uid, self._done)

    def set_aside(self, arrival: Arrival) -> None:
        """Move it to the folder of what could not be read."""
        self._move(arrival.uid, self._failed)

    def _times(self) -> Iterator[tuple[datetime, int]]:
        uids: list[int] = self._client.search(["UNDELETED"])
        for first in range(0, len(uids), CHUNK):
            answers: dict[int, Any] = self._client.fetch(uids[first : first + CHUNK], ["INTERNALDATE"])
            yield from (
                (answer[b"INTERNALDATE"], uid) for uid, answer in answers.items() if b"INTERNALDATE" in answer
            )

    def _move(self, uid: int, folder: str) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move([uid], folder)
            return
        if not self._client.search(["UNDELETED", "UID", str(uid)]):
            return
        self._client.copy([uid], folder)
        self._client.add_flags([uid], [rb"\Deleted"], silent=True)
        if self._client.has_capability("UIDPLUS"):
            # Never a plain EXPUNGE: it would take everything staff have marked as well.
            self._client.uid_expunge([uid])


def _prefix(client: IMAPClient) -> str:
    """What the names of one's own folders begin with (``INBOX.`` on many servers; RFC 2342), usually nothing."""
    if not client.has_capability("NAMESPACE"):
        return ""
    personal = client.namespace().personal
    return str(personal[0][0]) if personal else ""
