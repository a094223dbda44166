"""What a bounce means for the address it is about: whether ever writing to it again makes sense.

The codes are RFC 3463's. Only a fault of the address itself is permanent: a full mailbox is emptied, a
message taken for spam says nothing against its reader, and a server's bad day passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.domain.inbound import DeliveryStatus, Mail

PERMANENT_CODES = re.compile(r"5\.(1\.(0|1|2|3|6|10)|2\.1|4\.4)")
"""Bad or moved mailbox or domain (X.1.x), mailbox disabled (X.2.1), no such host (X.4.4)."""

UNSAID_CODES = re.compile(r"|[25]\.(0\.0|1\.5|5\.\d+|4\.1)")
"""Codes that say nothing about the address; the words beside them decide. X.1.5 means the address is fine."""

NO_SUCH_ADDRESS = re.compile(
    r"(用户|账号|帐号|账户|帐户|收件人|收信人|地址|邮箱|信箱|域名)(地址)?(不存在|无效|不可用|已?(被)?(停用|注销|禁用|冻结|封停))"
    r"|不存在(该|此|这个)?(用户|邮箱|地址|账号|收件人)|(没有|无)(此|该|这个)(用户|邮箱|账号|帐号|收件人)|查无此"
    r"|(user|recipient|mailbox|address|account|alias)\s+(is\s+)?(unknown|not found|unavailable|disabled|does\s?n[o']t exist|invalid|rejected|suspended|inactive)"
    r"|(unknown|invalid|no such|non-?existent|bad)\s+(local\s+)?(user|recipient|mailbox|address|account|destination)"
    r"|does not exist|doesn't exist|user not exist|mailbox not found|host (or domain name )?not found"
    r"|domain (name )?not found|no mx|account (has been )?(disabled|deactivated)",
    re.IGNORECASE,
)
FULL = re.compile(
    r"(邮箱|信箱|容量|空间|配额)[^，。\n]{0,8}(已满|满了|不足|超限|超出|已用完)|over ?quota|quota exceeded|(mailbox|inbox)[^.\n]{0,12} full"
    r"|insufficient (system )?storage|exceeded? (its |the )?(storage|quota)",
    re.IGNORECASE,
)
POLICY = re.compile(
    r"垃圾邮件|拒收|拒绝接收|黑名单|频率|过于频繁|反垃圾|内容(违规|被拒|不合规)|spam|blacklist|blocklist|block list|policy|frequen"
    r"|rejected by|too many|reputation|SPF|DKIM|DMARC",
    re.IGNORECASE,
)
TOO_LARGE = re.compile(
    r"(邮件|附件|信件)[^，。\n]{0,6}(过大|太大|超过)|message (size|too large)|size limit", re.IGNORECASE
)

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s:-])(?!\s?(KB|MB|封|家|年))")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_STAFF = re.compile(r"^(mailer-daemon|postmaster|abuse|support|service|help)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """One address that did not get a message. ``status`` is RFC 3463's, or SMTP's three digits, or empty."""

    address: str | None
    status: str
    is_permanent: bool
    words: str


def bounce_of(mail: Mail, *, sent_to: str | None, mailbox: str) -> Bounce:
    """Which address bounced and whether for good. ``sent_to`` is where the answered notice went, when known."""
    failed = next((status for status in mail.statuses if status.action in ("failed", "")), None)
    said = failed.diagnostic if failed and failed.diagnostic else _reason(mail.text)
    status = failed.status if failed else _code_in(mail.text)
    address = sent_to or _address(mail, failed, mailbox)
    return Bounce(address, status, _is_permanent(status, said), " ".join(said.split())[:500])


def _is_permanent(status: str, said: str) -> bool:
    """By the code where it says something of the address, otherwise by the server's words."""
    if PERMANENT_CODES.fullmatch(status):
        # Some servers answer spam with "user unknown" codes and say so in words.
        return not (FULL.search(said) or (POLICY.search(said) and not NO_SUCH_ADDRESS.search(said)))
    if not UNSAID_CODES.fullmatch(status) and not re.fullmatch(r"5\d\d", status):
        return False
    return bool(NO_SUCH_ADDRESS.search(said)) and not FULL.search(said)


def _code_in(text: str) -> str:
    found = _CODE.search(text) or _REPLY.search(text)
    return found.group(1) if found else ""


def _reason(text: str) -> str:
    """The lines around the words that matter; the start of the text when none does."""
    for pattern in (NO_SUCH_ADDRESS, FULL, TOO_LARGE, POLICY, _CODE, _REPLY):
        found = pattern.search(text)
        if found:
            return text[max(0, found.start() - 80) : found.end() + 120]
    return text[:200]


def _address(mail: Mail, failed: DeliveryStatus | None, mailbox: str) -> str | None:
    if failed and failed.recipient:
        return failed.recipient
    stated = mail.header("x-failed-recipients") + " " + mail.text
    found = (address.lower() for address in _ADDRESS.findall(stated))
    return next(
        (each for each in found if each not in (mailbox, mail.sender) and not _STAFF.match(each)), None
    )
