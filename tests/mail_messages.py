"""Messages as Chinese offices, providers and programs write them, made here and nowhere kept; all synthetic."""

from __future__ import annotations

import base64
import hashlib
import io
import quopri
import struct
import zipfile
from collections.abc import Sequence
from email.header import Header

OFFICE = "office@bureau.example"
DOMAIN = "bureau.example"
STRANGER = "someone@elsewhere.example"
CONTACT = "p15062600001@unit.example"
NOTICE_ID = f"<{'0123456789abcdef' * 2}@{DOMAIN}>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCAN = b"%PDF-1.4 stamped"
LOGO = b"\x89PNG\r\n\x1a\n" + b"." * 2_000
PHOTO = b"\xff\xd8\xff" + b"." * 60_000
NAME = "P15062600001_示例单位1_自查自纠情况表.xlsx"


def raw(headers: Sequence[tuple[str, str | bytes]], body: bytes = b"") -> bytes:
    """The bytes on the wire: headers as given, raw bytes included."""
    lines = [
        name.encode() + b": " + (value if isinstance(value, bytes) else value.encode("utf-8"))
        for name, value in headers
    ]
    return b"\r\n".join([*lines, b"", body])


def text(
    words: str = "请查收。", *, kind: str = "plain", charset: str = "utf-8", label: str | None = None
) -> bytes:
    """A body part; ``label`` is the charset it claims."""
    packed = base64.encodebytes(words.encode(charset))
    return (
        f'Content-Type: text/{kind}; charset="{label or charset}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    ).encode() + packed


def file(
    content: bytes,
    disposition: str | bytes = f'attachment; filename="{NAME}"',
    *,
    kind: str | bytes = "application/octet-stream",
    more: str = "",
) -> bytes:
    """An attachment whose name is written exactly as told."""
    head = [
        b"Content-Type: " + (kind if isinstance(kind, bytes) else kind.encode()),
        b"Content-Transfer-Encoding: base64",
    ]
    if disposition:
        shown = disposition if isinstance(disposition, bytes) else disposition.encode()
        head.append(b"Content-Disposition: " + shown)
    if more:
        head.append(more.encode())
    return b"\r\n".join([*head, b"", base64.encodebytes(content)])


def named(name: str) -> str:
    """A name as RFC 2231 has it."""
    percent = "".join(f"%{byte:02X}" for byte in name.encode())
    return f"attachment; filename*=utf-8''{percent}"


def word(name: str, charset: str = "gb18030") -> str:
    return f"=?{charset}?B?{base64.b64encode(name.encode(charset)).decode()}?="


def mail(
    *parts: bytes,
    sender: str = CONTACT,
    subject: str | bytes = "报送自查表",
    kind: str = "mixed",
    more: Sequence[tuple[str, str | bytes]] = (),
    message_id: str = "<1@unit.example>",
) -> bytes:
    """A multipart message to the office."""
    shown = subject if isinstance(subject, bytes) else Header(subject, "utf-8").encode()
    # A message within a message needs a boundary of its own; the same parts give the same bytes.
    boundary = f"=_{hashlib.sha256(b''.join(parts)).hexdigest()[:16]}".encode()
    body = (
        b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    )
    headers = [
        ("From", sender),
        ("To", OFFICE),
        ("Subject", shown),
        ("Message-ID", message_id),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/{kind}; boundary="{boundary.decode()}"'),
        *more,
    ]
    return raw([(name, value) for name, value in headers if value], body)


def plain(
    words: str,
    *,
    sender: str = CONTACT,
    subject: str = "请教",
    more: Sequence[tuple[str, str | bytes]] = (),
    kind: str = "plain",
) -> bytes:
    """A message of text alone."""
    return raw(
        [
            ("From", sender),
            ("To", OFFICE),
            ("Subject", Header(subject, "utf-8").encode()),
            ("Message-ID", "<2@unit.example>"),
            ("MIME-Version", "1.0"),
            *more,
            ("Content-Type", f"text/{kind}; charset=utf-8"),
            ("Content-Transfer-Encoding", "quoted-printable"),
        ],
        quopri.encodestring(words.encode()),
    )


def forwarded(message: bytes) -> bytes:
    return b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + message


def zipped(*files: tuple[str, bytes]) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return package.getvalue()


def winmail(name: str, content: bytes) -> bytes:
    """MS-OXTNEF with one attachment, its long name in the MAPI properties."""

    def attribute(level: int, key: int, data: bytes) -> bytes:
        return struct.pack("<BII", level, key, len(data)) + data + struct.pack("<H", sum(data) % 65536)

    wide = name.encode("utf-16-le") + b"\0\0"
    padded = wide + b"\0" * (-len(wide) % 4)
    mapi = struct.pack("<IHHII", 1, 0x001F, 0x3707, 1, len(wide)) + padded
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
        + attribute(2, 0x00069002, b"\x01\x00" + b"\0" * 12)
        + attribute(2, 0x00018010, b"file\0")
        + attribute(2, 0x0006800F, content)
        + attribute(2, 0x00069005, mapi)
    )


def report(
    action: str,
    status: str,
    diagnostic: str,
    *,
    recipient: str = CONTACT,
    original: bytes | None = b"",
    subject: str = "Delivery Status Notification",
) -> bytes:
    """A delivery status notification (RFC 3464) about our notice; ``original`` None leaves the headers out."""
    fields = (
        f"Reporting-MTA: dns; mx.unit.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {diagnostic}\r\n"
    )
    parts = [
        text("您的邮件未能送达。"),
        b"Content-Type: message/delivery-status\r\n\r\n" + fields.encode(),
    ]
    if original is not None:
        parts.append(
            b"Content-Type: text/rfc822-headers\r\n\r\n" + f"Message-ID: {NOTICE_ID}\r\n".encode()
            if not original
            else b"Content-Type: message/rfc822\r\n\r\n" + original
        )
    return mail(
        *parts,
        sender="MAILER-DAEMON@mx.unit.example",
        subject=subject,
        kind="report; report-type=delivery-status",
        more=[("Return-Path", "<>"), ("Auto-Submitted", "auto-replied")],
    )


def ours() -> bytes:
    """One of our own notices, with the unit's workbook."""
    return mail(
        text("请于5月31日前报送。"),
        file(b"xlsx:genuine:P15062600001", named(NAME), kind=XLSX),
        sender=OFFICE,
        subject="【医保自查】报送提醒",
        message_id=NOTICE_ID,
        more=[("Auto-Submitted", "auto-generated")],
    )
