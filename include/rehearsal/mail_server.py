"""The mail server of demo and rehearsal: takes every mail and delivers it into a folder a person can open.

    python -m include.rehearsal.mail_server --port 2525 --folder .demo/mails

``FOLDER/index.html`` lists all mails, newest first. Each recipient has a folder with the mail as it
came (``3_主题.eml``), a page to read it (``3_主题.html``) and its attachments (``3_附件/``).

Two kinds of address are refused, to show what a bounce looks like: ``full@…`` (mailbox full) and
``unknown@…`` (no such user). Nothing ever leaves this machine.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

REFUSED = {
    "full": "550 5.2.2 mailbox is full (demo)",
    "unknown": "550 5.1.1 user unknown (demo)",
}
LARGEST = 50 * 1024 * 1024  # bytes; larger than any workbook the office sends

LONGEST_NAME = 70  # characters; with three bytes each a file system still takes it

STYLE = """
body { font-family: 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif; color: #1f2933;
       background: #eef1f5; margin: 0; padding: 24px; font-size: 15px; line-height: 1.7; }
main { max-width: 1000px; margin: 0 auto; background: #fff; border: 1px solid #d5dbe3; padding: 20px 28px; }
h1 { font-size: 19px; color: #1f3f66; margin: 0 0 12px; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #d5dbe3; padding: 6px 10px; text-align: left; vertical-align: top; word-break: break-all; }
td.when, td.whom { white-space: nowrap; }
th { background: #f3f6fa; color: #44546a; font-weight: normal; white-space: nowrap; }
iframe { width: 100%; height: 75vh; border: 1px solid #d5dbe3; margin-top: 14px; }
a { color: #1f5fa8; } .none { color: #66727f; }
"""


@dataclass(frozen=True)
class Delivered:
    """One mail in the folder, as the index shows it; paths are relative to the folder."""

    number: int
    recipient: str
    subject: str
    date: str
    page: Path
    attachments: tuple[str, ...]


class Mailroom:
    """Puts mails into the folder. Files appear whole or not at all."""

    def __init__(self, folder: Path, *, lists_each: bool = True) -> None:
        """``lists_each``: the list is brought up to date with every mail, not only by ``write_index``."""
        self._folder = folder
        self._lists_each = lists_each
        folder.mkdir(parents=True, exist_ok=True)
        found = sorted(folder.glob("*/*.eml"), key=_number)
        self._delivered = [self._delivered_as(file) for file in found]
        self.write_index()

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = REFUSED.get(address.partition("@")[0].lower())
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        numbers = [self._deliver(recipient, content) for recipient in envelope.rcpt_tos]
        if self._lists_each:
            self.write_index()
        return f"250 OK delivered as {numbers}"

    def _deliver(self, recipient: str, content: bytes) -> int:
        mail = _parsed(content)
        number = self._delivered[-1].number + 1 if self._delivered else 1
        name = f"{number}_{_safe(_header(mail, 'Subject') or '无主题')}"
        folder = self._folder / _safe(recipient.lower())
        folder.mkdir(exist_ok=True)
        for label, attachment in _attachments(mail):
            _write(folder / f"{number}_附件" / label, attachment)
        _write(folder / f"{name}.html", _page(mail, recipient, number).encode())
        _write(folder / f"{name}.eml", content)
        self._delivered.append(self._delivered_as(folder / f"{name}.eml"))
        return number

    def _delivered_as(self, file: Path) -> Delivered:
        mail = _parsed(file.read_bytes())
        return Delivered(
            number=_number(file),
            recipient=file.parent.name,
            subject=_header(mail, "Subject") or "（无主题）",
            date=_sent_at(mail),
            page=file.with_suffix(".html").relative_to(self._folder),
            attachments=tuple(label for label, _ in _attachments(mail)),
        )

    def write_index(self) -> None:
        """The page that lists all mails, newest first."""
        rows = "".join(
            f"<tr><td>{mail.number}</td><td><a href='{_href(mail.page)}'>{escape(mail.subject)}</a></td>"
            f"<td class='whom'>{escape(mail.recipient)}</td><td>{'<br>'.join(map(escape, mail.attachments))}</td>"
            f"<td class='when'>{escape(mail.date)}</td></tr>"
            for mail in reversed(self._delivered)
        )
        table = (
            "<table><tr><th>序号</th><th>主题</th><th>收件人</th><th>附件</th><th>发出时间</th></tr>"
            f"{rows}</table>"
        )
        body = table if self._delivered else "<p class='none'>还没有收到邮件。</p>"
        heading = f"<h1>演示邮件（共{len(self._delivered)}封，最新在前）</h1>"
        _write(self._folder / "index.html", _html("演示邮件", heading + body).encode())


def serve(
    folder: Path, port: int, host: str = "127.0.0.1", *, mailroom: Mailroom | None = None
) -> Controller:
    """A started server in a thread of its own; the caller stops it."""
    controller = Controller(
        mailroom or Mailroom(folder), hostname=host, port=port, data_size_limit=LARGEST, ident="duban demo"
    )
    controller.start()
    return controller


def _page(mail: EmailMessage, recipient: str, number: int) -> str:
    headers = "".join(
        f"<tr><th>{label}</th><td>{escape(value)}</td></tr>"
        for label, value in (
            ("主题", _header(mail, "Subject")),
            ("发件人", _header(mail, "From")),
            ("收件人", recipient),
            ("回复至", _header(mail, "Reply-To")),
            ("发出时间", _sent_at(mail)),
            ("Message-ID", _header(mail, "Message-ID")),
            ("In-Reply-To", _header(mail, "In-Reply-To")),
        )
        if value
    )
    links = "<br>".join(
        f"<a href='{_href(Path(f'{number}_附件') / label)}'>{escape(label)}</a>（{len(content):,} 字节）"
        for label, content in _attachments(mail)
    )
    listed = f"<tr><th>附件</th><td>{links or '<span class=none>无</span>'}</td></tr>"
    # The frame shows the mail as sent; scripts stay off, and its markup cannot touch this page.
    shown = escape(_text(mail, "html") or _as_html(mail))
    body = f"<iframe sandbox='allow-same-origin' srcdoc='{shown}'></iframe>"
    plain = f"<details><summary>纯文本正文</summary><pre style='white-space:pre-wrap'>{escape(_text(mail, 'plain'))}</pre></details>"
    back = "<p><a href='../index.html'>返回全部邮件</a></p>"
    return _html(_header(mail, "Subject"), f"{back}<table>{headers}{listed}</table>{body}{plain}")


def _html(title: str, body: str) -> str:
    return (
        f"<!DOCTYPE html><html lang='zh-CN'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def _header(mail: EmailMessage, name: str) -> str:
    return " ".join(str(mail.get(name, "")).split())


def _sent_at(mail: EmailMessage) -> str:
    """The Date header in Beijing time."""
    date = mail["Date"]
    if date is None or date.datetime is None:
        return ""
    return f"{date.datetime.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M:%S}"


def _text(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""


def _as_html(mail: EmailMessage) -> str:
    return f"<pre>{escape(_text(mail, 'plain'))}</pre>"


def _attachments(mail: EmailMessage) -> list[tuple[str, bytes]]:
    """Safe, distinct file names and contents."""
    found: dict[str, bytes] = {}
    for count, part in enumerate(mail.iter_attachments(), start=1):
        label = _safe(part.get_filename() or f"附件{count}")
        content = part.get_payload(decode=True)
        found[f"{count}_{label}" if label in found else label] = (
            content if isinstance(content, bytes) else b""
        )
    return list(found.items())


def _safe(name: str) -> str:
    """A file name that stays in its folder, whatever the sender wrote."""
    cleaned = re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]', "_", name).strip(". ")
    if len(cleaned) <= LONGEST_NAME:
        return cleaned or "_"
    suffix = Path(cleaned).suffix[:10]
    return cleaned[: LONGEST_NAME - len(suffix)] + suffix


def _number(file: Path) -> int:
    head = file.name.partition("_")[0]
    return int(head) if head.isdigit() else 0


def _href(path: Path) -> str:
    return quote(path.as_posix())


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{os.getpid()}.part")
    draft.write_bytes(content)
    draft.replace(file)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description="演示用本地邮件服务器：邮件写入文件夹，不发往任何地方")
    parser.add_argument("--port", type=int, default=2525, help="监听端口")
    parser.add_argument("--folder", type=Path, required=True, help="邮件写入的文件夹")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址")
    chosen = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    controller = serve(chosen.folder, chosen.port, chosen.host)
    print(f"邮件服务器已启动：{chosen.host}:{chosen.port}，邮件见 {chosen.folder / 'index.html'}", flush=True)
    stopped.wait()
    controller.stop()


if __name__ == "__main__":
    main()
