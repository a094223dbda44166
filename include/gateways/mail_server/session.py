"""One connection and the conversation on it: each message is tried once."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import yagmail

from include.domain.errors import GiveUp, InDoubt, Refusal, TryAgain
from include.domain.notices import Handed, Message, NoticeState
from include.domain.smtp_replies import refusal_of
from include.gateways.mail_server.account import SmtpAccount
from include.gateways.mail_server.compose import check_address, check_size, compose
from include.gateways.mail_server.connections import Connections, hang_up, reply_text
from include.gateways.mail_server.pace import Pace

SEND_DATA = 354
CLOSING = 421
BUSY = 450

ALWAYS_LASTING = frozenset({Refusal.TOO_LARGE})
"""A sender refused at MAIL is no fault of this message, except that it may be too large for the server."""


class SmtpSession:
    """One connection, opened anew for the next message after it was lost or worn out. Not for use by two threads."""

    def __init__(
        self, account: SmtpAccount, connections: Connections, pace: Pace, may_receive: Callable[[str], bool]
    ) -> None:
        self._account = account
        self._connections = connections
        self._pace = pace
        self._may_receive = may_receive
        self._client: yagmail.SMTP | None = None
        self._turn: float | None = None
        self._sent = 0
        self._used_at = 0.0

    def open(self) -> None:
        """Connect and log in. Raise TryAgain when that fails; the password is never in the sentence."""
        self._client = self._connections.open()
        self._sent, self._used_at = 0, time.monotonic()

    def close(self) -> None:
        if self._client is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._client.smtp.quit()
            self._lose_connection()

    def ready(self, *, at_most: float) -> bool:
        """Whether the mailbox's quota lets this session send, after at most so many seconds.

        Raise TryAgain when the day's quota is used up.
        """
        if self._turn is None:
            self._turn = self._pace.take()
        return self._pace.wait(self._turn, at_most)

    def send(self, message: Message) -> Handed:
        """Hand over one message, when the quota lets it; return the server's words.

        Raise GiveUp for a lasting refusal, TryAgain when nothing was taken over, InDoubt when the
        connection broke after the text had begun to be sent.
        """
        check_address(message.to)
        if not self._may_receive(message.to):
            return Handed(NoticeState.HELD, "收件地址不在团队模式的允许名单内，邮件未发出")
        text = compose(message, self._account.from_address, self._account.from_name)
        check_size(message, len(text), self._account.largest)
        self._take_turn()
        smtp = self._connected()
        check_size(message, len(text), _size_limit(smtp))
        self._sent += 1
        handed = self._hand_over(smtp, message.to, text)
        self._used_at = time.monotonic()
        self._pace.ease()
        return handed

    def _hand_over(self, smtp: smtplib.SMTP, to: str, text: bytes) -> Handed:
        try:
            self._announce(smtp, to, len(text))
        except (smtplib.SMTPException, OSError) as lost:
            self._lose_connection()
            raise TryAgain(f"邮件服务器连接中断，邮件尚未交付：{lost}", refusal=Refusal.UNREACHABLE) from lost
        try:
            smtp.send(text.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            code, words = smtp.getreply()
        except (smtplib.SMTPException, OSError) as lost:
            self._lose_connection()
            raise InDoubt(f"邮件正文已开始发送，但未得到服务器答复，不能确定是否送达：{lost}") from lost
        if code not in range(200, 600):
            self._lose_connection()
            raise InDoubt(f"邮件正文已发送，但服务器的答复无法识别：{reply_text(code, words)}", code=code)
        self._expect(range(200, 300), code, words, smtp)
        return Handed(NoticeState.ACCEPTED, reply_text(code, words))

    def _announce(self, smtp: smtplib.SMTP, to: str, size: int) -> None:
        """Everything up to the server's leave to send the text: until then nothing can be delivered."""
        options = [f"SIZE={size}"] if smtp.has_extn("size") else []
        code, words = smtp.mail(self._account.from_address, options)
        self._expect([250], code, words, smtp, lasting=ALWAYS_LASTING)
        self._expect([250, 251], *smtp.rcpt(to), smtp)
        self._expect([SEND_DATA], *smtp.docmd("DATA"), smtp)

    def _expect(
        self,
        wanted: Iterable[int],
        code: int,
        words: bytes,
        smtp: smtplib.SMTP,
        *,
        lasting: frozenset[Refusal] = frozenset(Refusal) - {Refusal.TOO_FREQUENT, Refusal.ACCOUNT},
    ) -> None:
        """Raise GiveUp or TryAgain for any other reply, leaving the connection fit for the next message.

        Of the 5xx replies only those of a kind in ``lasting`` concern this message for good.
        """
        if code in wanted:
            return
        self._start_over(code, smtp)
        reply = reply_text(code, words)
        refusal = refusal_of(code, reply)
        if code in (CLOSING, BUSY) or refusal is Refusal.TOO_FREQUENT:
            self._pace.slow_down()
        if 500 <= code < 600 and refusal in lasting:
            raise GiveUp(f"邮件服务器拒收：{reply}", refusal=refusal, code=code)
        raise TryAgain(f"邮件服务器暂不接收：{reply}", refusal=refusal, code=code)

    def _start_over(self, code: int, smtp: smtplib.SMTP) -> None:
        """RSET, without which the next MAIL is answered 503; after 421 the server hangs up by itself."""
        if code == CLOSING:
            self._lose_connection()
            return
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            self._lose_connection()

    def _take_turn(self) -> None:
        turn, self._turn = self._turn, None
        self._pace.wait(self._pace.take() if turn is None else self._pace.renewed(turn))

    def _connected(self) -> smtplib.SMTP:
        if self._is_worn_out():
            self.close()
        if self._client is None:
            self.open()
        assert self._client is not None
        smtp: smtplib.SMTP = self._client.smtp
        return smtp

    def _is_worn_out(self) -> bool:
        return (
            self._sent >= self._account.mails_per_connection
            or time.monotonic() - self._used_at > self._account.idle
        )

    def _lose_connection(self) -> None:
        if self._client is not None:
            hang_up(self._client)
            self._client = None


def _size_limit(smtp: smtplib.SMTP) -> int | None:
    """The largest message (bytes) the server announced (RFC 1870 §4); 0 or nothing means it named none."""
    announced = smtp.esmtp_features.get("size", "")
    return int(announced) or None if announced.isdecimal() else None
