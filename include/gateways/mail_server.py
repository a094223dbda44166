"""The mail server: yagmail composes each message and opens the connection; this module hands it over once.

``yagmail.send`` logs in for every mail and repeats a message whose connection broke after the server
had it, so it is never called. Here a session is one connection, each message is tried once, and what a
failure means is decided by how far the conversation had come: only the reply after the closing dot says
whether the server took the message over (RFC 5321 §4.2.5 and §6.1).
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from pathlib import Path, PurePath
from typing import Any, Literal, NoReturn

import yagmail
from yagmail.message import prepare_message

from include.domain.errors import GiveUp, InDoubt, TryAgain
from include.domain.notices import Handed, Message, MessageAttachment, NoticeState, SendMode

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""One plain ASCII address (RFC 5321 §4.1.2, without quoted local parts); never a list of them."""

CONTENT_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".zip": "application/zip",
}
"""Stated here because a slim server image has no mime.types, and yagmail would then write ``None/None``."""

AUTOMATIC = {
    # RFC 3834 §5, and Exchange's own header: no auto-reply may answer these mails, so no loop can start.
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
}

TOO_FREQUENT = re.compile(r"frequen|too many (connections|messages)", re.IGNORECASE)
"""Chinese providers refuse a hurried sender with 550 ("Connection frequency limited"); that passes."""

SENDER_NAME = "医保基金监管督办系统"
SEND_DATA = 354
CLOSING = 421
TOO_LARGE = 552
LINE_OF_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """An account at a mail server; without a login the server is used as a relay. ``timeout`` in seconds.

    ``connection`` is the Airflow connection these settings came from; sentences about faults name it.
    """

    host: str
    port: int
    from_address: str
    from_name: str = SENDER_NAME
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Literal["none", "starttls", "ssl"] = "ssl"
    timeout: float = 30.0
    connection: str = "duban_smtp"


class SmtpMailServer:
    """Send modes live and team. In team mode only listed addresses and domains ever reach the server."""

    def __init__(self, account: SmtpAccount, *, mode: SendMode, allow_list: Iterable[str] = ()) -> None:
        if mode is SendMode.OFF:
            raise ValueError("发送模式为 off 时不连接邮件服务器，请使用 FolderMailServer")
        self._account = account
        self._mode = mode
        self._allowed = frozenset(entry.strip().lower().removeprefix("@") for entry in allow_list)

    @property
    def mode(self) -> SendMode:
        return self._mode

    @contextmanager
    def session(self) -> Iterator[SmtpSession]:
        """One connection for many messages. Raise TryAgain when it cannot be had."""
        session = SmtpSession(self._account, self._may_receive)
        session.open()
        try:
            yield session
        finally:
            session.close()

    def _may_receive(self, address: str) -> bool:
        address = address.lower()
        domain = address.rpartition("@")[2]
        return self._mode is SendMode.LIVE or address in self._allowed or domain in self._allowed


class SmtpSession:
    """One connection, opened anew for the next message after it was lost. Not for use by two threads."""

    def __init__(self, account: SmtpAccount, may_receive: Callable[[str], bool]) -> None:
        self._account = account
        self._may_receive = may_receive
        self._client: yagmail.SMTP | None = None
        self._unreachable: str | None = None

    def open(self) -> None:
        """Connect and log in. Raise TryAgain when that fails; the password is never in the sentence."""
        client = _client(self._account)
        try:
            client.login()
            client.smtp.ehlo_or_helo_if_needed()
            # Over TLS a message leaves in two pieces; waiting to fill packets costs 40 ms on each mail.
            client.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except UnicodeEncodeError:
            _hang_up(client)
            self._cannot_connect("账号或密码含有邮件服务器不支持的字符")
        except smtplib.SMTPAuthenticationError as refusal:
            _hang_up(client)
            self._cannot_connect(f"账号或密码未通过验证（{_reply(refusal.smtp_code, refusal.smtp_error)}）")
        except (smtplib.SMTPException, OSError) as fault:
            _hang_up(client)
            self._cannot_connect(str(fault))
        self._client = client

    def close(self) -> None:
        if self._client is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._client.smtp.quit()
            self._lose_connection()

    def send(self, message: Message) -> Handed:
        """Hand over one message; return the server's words.

        Raise GiveUp for a lasting refusal, TryAgain when nothing was taken over, InDoubt when the
        connection broke after the text had begun to be sent.
        """
        _check_address(message.to)
        if not self._may_receive(message.to):
            return Handed(NoticeState.HELD, "收件地址不在团队模式的允许名单内，邮件未发出")
        text = compose(message, self._account.from_address, self._account.from_name)
        smtp = self._connected()
        try:
            self._announce(smtp, message.to, len(text))
        except (smtplib.SMTPException, OSError) as lost:
            self._lose_connection()
            raise TryAgain(f"邮件服务器连接中断，邮件尚未交付：{lost}") from lost
        try:
            smtp.send(LINE_OF_DOT.sub(b"..", text) + b".\r\n")
            code, words = smtp.getreply()
        except (smtplib.SMTPException, OSError) as lost:
            self._lose_connection()
            raise InDoubt(f"邮件正文已开始发送，但未得到服务器答复，不能确定是否送达：{lost}") from lost
        if code not in range(200, 600):
            self._lose_connection()
            raise InDoubt(f"邮件正文已发送，但服务器的答复无法识别：{_reply(code, words)}")
        self._expect(range(200, 300), code, words, smtp)
        return Handed(NoticeState.ACCEPTED, _reply(code, words))

    def _announce(self, smtp: smtplib.SMTP, to: str, size: int) -> None:
        """Everything up to the server's leave to send the text: until then nothing can be delivered."""
        options = [f"SIZE={size}"] if smtp.has_extn("size") else []
        code, words = smtp.mail(self._account.from_address, options)
        # A sender refused is no fault of this message, except that it may be too large for the server.
        self._expect([250], code, words, smtp, lasting=code == TOO_LARGE)
        self._expect([250, 251], *smtp.rcpt(to), smtp)
        self._expect([SEND_DATA], *smtp.docmd("DATA"), smtp)

    def _expect(
        self,
        wanted: Iterable[int],
        code: int,
        words: bytes,
        smtp: smtplib.SMTP,
        *,
        lasting: bool = True,
    ) -> None:
        """Raise GiveUp or TryAgain for any other reply, leaving the connection fit for the next message."""
        if code in wanted:
            return
        self._start_over(code, smtp)
        reply = _reply(code, words)
        if lasting and 500 <= code < 600 and not TOO_FREQUENT.search(reply):
            raise GiveUp(f"邮件服务器拒收：{reply}")
        raise TryAgain(f"邮件服务器暂不接收：{reply}")

    def _start_over(self, code: int, smtp: smtplib.SMTP) -> None:
        """RSET, without which the next MAIL is answered 503; after 421 the server hangs up by itself."""
        if code == CLOSING:
            self._lose_connection()
            return
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            self._lose_connection()

    def _connected(self) -> smtplib.SMTP:
        if self._client is None:
            if self._unreachable:
                # One failed log-in says it for all that follow: hundreds of them would lock the account.
                raise TryAgain(self._unreachable)
            self.open()
        assert self._client is not None
        smtp: smtplib.SMTP = self._client.smtp
        return smtp

    def _lose_connection(self) -> None:
        if self._client is not None:
            _hang_up(self._client)
            self._client = None

    def _cannot_connect(self, why: str) -> NoReturn:
        account = self._account
        self._unreachable = (
            f"无法连接邮件服务器 {account.host}:{account.port}：{why}。"
            f"请检查 Airflow 连接 {account.connection} 的主机、端口、加密方式、账号和密码"
        )
        raise TryAgain(self._unreachable) from None


class FolderMailServer:
    """Send mode off: every mail becomes an ``.eml`` file and no socket is ever opened."""

    def __init__(self, folder: Path, *, from_address: str = "office@duban.example") -> None:
        self._folder = folder
        self._from_address = from_address

    @property
    def mode(self) -> SendMode:
        return SendMode.OFF

    @contextmanager
    def session(self) -> Iterator[FolderMailServer]:
        self._folder.mkdir(parents=True, exist_ok=True)
        yield self

    def send(self, message: Message) -> Handed:
        """Write the mail; the same message written twice is one file. Raise GiveUp as a server would."""
        _check_address(message.to)
        text = compose(message, self._from_address, f"{SENDER_NAME}（样件，未发送）")
        name = (
            f"{_file_name(message.subject)}_{hashlib.sha256(message.message_id.encode()).hexdigest()[:8]}.eml"
        )
        draft = self._folder / f".{name}.{os.getpid()}"
        draft.write_bytes(text)
        draft.replace(self._folder / name)
        return Handed(NoticeState.RENDERED, f"未开启发送，样件：{name}")


def compose(message: Message, from_address: str, from_name: str) -> bytes:
    """The mail as it goes over the wire. Raise GiveUp when it cannot be written as one."""
    try:
        mail = prepare_message(
            user=from_address,
            useralias=from_name,
            addresses={"To": message.to, "recipients": [message.to]},
            subject=message.subject,
            contents=None,
            attachments=[_stream(attachment) for attachment in message.attachments],
            headers={**AUTOMATIC, **_thread(message), **message.headers},
            encoding="utf-8",
            prettify_html=False,
            message_id=message.message_id,
        )
        body, *files = mail.get_payload()
        # yagmail gives the HTML source as the plain text and turns its line ends into <br>; ours stand as they are.
        body.set_payload([MIMEText(message.text, "plain", "utf-8"), MIMEText(message.html, "html", "utf-8")])
        for part, attachment in zip(files, message.attachments, strict=True):
            _label(part, attachment.name)
        return bytes(mail.as_bytes(policy=compat32.clone(linesep="\r\n")))
    except (ValueError, MessageError) as fault:
        raise GiveUp(f"邮件无法生成，请检查主题、地址和附件名称：{fault}") from fault


def _client(account: SmtpAccount) -> yagmail.SMTP:
    verified = ssl.create_default_context() if account.security != "none" else None
    options: dict[str, Any] = {"timeout": account.timeout}
    if account.security == "ssl":
        options["context"] = verified
    client = yagmail.SMTP(
        user=account.from_address,
        password=account.password or "",
        host=account.host,
        port=account.port,
        smtp_ssl=account.security == "ssl",
        smtp_starttls={"context": verified} if account.security == "starttls" else False,
        smtp_skip_login=not account.login,
        soft_email_validation=False,
        **options,
    )
    if account.login:
        # Set here because yagmail's constructor makes "office" into office@gmail.com.
        client.user = account.login
    return client


def _hang_up(client: yagmail.SMTP) -> None:
    """Close without QUIT, and keep yagmail's destructor from sending one on a dead connection."""
    client.is_closed = True
    if client.smtp is not None:
        client.smtp.close()


def _check_address(address: str) -> None:
    if not ADDRESS.fullmatch(address):
        raise GiveUp("收件地址不是一个可用的邮箱地址，请在名册中更正（只写一个地址，不含空格和中文字符）")


def _thread(message: Message) -> dict[str, str]:
    if message.in_reply_to is None:
        return {}
    return {"In-Reply-To": message.in_reply_to, "References": message.in_reply_to}


def _stream(attachment: MessageAttachment) -> io.BytesIO:
    stream = io.BytesIO(attachment.content)
    stream.name = attachment.name
    return stream


def _label(part: MIMEMultipart, name: str) -> None:
    """Type and name of an attachment, a Chinese name as RFC 2231 has it."""
    del part["Content-Type"]
    del part["Content-Disposition"]
    kind = CONTENT_TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")
    part.add_header("Content-Type", kind, name=name)
    part.add_header("Content-Disposition", "attachment", filename=name)


def _reply(code: int, words: bytes | str) -> str:
    """The server's reply as text; some Chinese servers answer in GBK."""
    if isinstance(words, str):
        return f"{code} {words}"
    try:
        return f"{code} {words.decode('utf-8')}"
    except UnicodeDecodeError:
        return f"{code} {words.decode('gb18030', errors='replace')}"


def _file_name(subject: str) -> str:
    """The subject without what a file system refuses, short enough for 255 bytes in Chinese."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", subject)[:70]


class NoMailServer:
    """For looking: knows the deployment's send mode, so that plans agree with it, and hands over nothing."""

    def __init__(self, mode: SendMode) -> None:
        self._mode = mode

    @property
    def mode(self) -> SendMode:
        return self._mode

    def session(self) -> NoReturn:
        raise GiveUp("命令行只查看和预演，不发送邮件；发送由 Airflow 的任务办理")
