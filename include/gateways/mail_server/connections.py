"""Connections to the mail server: encrypted as asked or not at all, no more of them than allowed."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yagmail

from include.domain.errors import Refusal, TryAgain
from include.domain.smtp_replies import refusal_of
from include.gateways.mail_server.account import SmtpAccount

REST = 30.0
"""Seconds for which one failure to connect speaks for all threads."""

X509 = {
    # OpenSSL's X509_V_ERR_ codes.
    9: "证书尚未生效",
    10: "证书已过期",
    18: "证书是自签名的，不受信任",
    19: "证书链含不受信任的自签名证书",
    20: "证书的签发机构不受信任",
    62: "证书上的主机名与所填主机不符",
    64: "证书上的IP地址与所填主机不符",
}


class Connections:
    """As many at once as the quota allows.

    A refused log-in speaks for all: every thread and message trying in its turn would lock the account. So the first
    log-in goes alone, and after a refusal there is no second one in this process.
    """

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        self._places = threading.BoundedSemaphore(account.quota.connections)
        self._first = threading.Lock()
        self._works = False
        self._failure: TryAgain | None = None
        self._rests_until = 0.0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for one of the places; it is free again afterwards."""
        with self._places:
            yield

    def open(self) -> yagmail.SMTP:
        """A connection, logged in. Raise TryAgain when it cannot be had."""
        if self._works:
            return self._open()
        with self._first:
            return self._open()

    def _open(self) -> yagmail.SMTP:
        if self._failure is not None and time.monotonic() < self._rests_until:
            raise TryAgain(str(self._failure), refusal=self._failure.refusal, code=self._failure.code)
        try:
            client = connect(self._account)
        except TryAgain as failure:
            self._works, self._failure = False, failure
            is_final = failure.refusal is Refusal.ACCOUNT
            self._rests_until = float("inf") if is_final else time.monotonic() + REST
            raise
        self._works, self._failure = True, None
        return client


def connect(account: SmtpAccount) -> yagmail.SMTP:
    """A new connection, logged in. Raise TryAgain, with the connection's name and never the password."""
    client = _client(account)
    try:
        client.login()
        client.smtp.ehlo_or_helo_if_needed()
        # Over TLS a message leaves in two pieces; waiting to fill packets costs 40 ms on each mail.
        client.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (smtplib.SMTPException, OSError, UnicodeEncodeError) as fault:
        hang_up(client)
        why, refusal, code = _reason(fault)
        if account.password:
            why = why.replace(account.password, "******")
        raise TryAgain(
            f"无法连接邮件服务器 {account.host}:{account.port}：{why}。"
            f"请检查 Airflow 连接 {account.connection} 的主机、端口、加密方式、账号和密码",
            refusal=refusal,
            code=code,
        ) from None
    return client


def hang_up(client: yagmail.SMTP) -> None:
    """Close without QUIT, and keep yagmail's destructor from sending one on a dead connection."""
    client.is_closed = True
    if client.smtp is not None:
        client.smtp.close()


def reply_text(code: int, words: bytes | str) -> str:
    """The server's reply on one line; some Chinese servers answer in GBK."""
    text = words if isinstance(words, str) else _decoded(words)
    return " ".join([str(code), *text.split()])


def _decoded(words: bytes) -> str:
    try:
        return words.decode("utf-8")
    except UnicodeDecodeError:
        return words.decode("gb18030", errors="replace")


def _reason(fault: Exception) -> tuple[str, Refusal, int | None]:
    """Why there is no connection: in words, as a kind, and the server's code."""
    if isinstance(fault, UnicodeEncodeError):
        return "账号或密码含有邮件服务器不支持的字符", Refusal.ACCOUNT, None
    if isinstance(fault, smtplib.SMTPResponseException):
        return _refused(fault)
    if isinstance(fault, ssl.SSLCertVerificationError):
        known = X509.get(fault.verify_code, "证书未通过验证")
        return f"服务器{known}，未发送账号、密码和邮件（{fault}）", Refusal.ACCOUNT, None
    if isinstance(fault, ssl.SSLError):
        return f"未能建立加密连接，加密方式可能与端口不符（{fault}）", Refusal.ACCOUNT, None
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        return f"服务器不提供所要求的加密或登录方式，不会改用明文（{fault}）", Refusal.ACCOUNT, None
    return str(fault), Refusal.UNREACHABLE, None


def _refused(fault: smtplib.SMTPResponseException) -> tuple[str, Refusal, int]:
    reply = reply_text(fault.smtp_code, fault.smtp_error)
    kind = refusal_of(fault.smtp_code, reply)
    if kind is Refusal.TOO_FREQUENT:
        return f"登录或连接过于频繁（{reply}）", kind, fault.smtp_code
    if not isinstance(fault, smtplib.SMTPAuthenticationError):
        return reply, Refusal.UNREACHABLE, fault.smtp_code
    if fault.smtp_code < 500:
        return f"服务器暂时不能验证账号（{reply}）", Refusal.TEMPORARY, fault.smtp_code
    return f"账号或密码未通过验证（{reply}）", Refusal.ACCOUNT, fault.smtp_code


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
