"""What a mail server's refusal means: its enhanced status code, else its words, else its reply code."""

from __future__ import annotations

import re

from include.domain.errors import Refusal

STATUS = re.compile(r"(?<![\d.])[245]\.(\d{1,3}\.\d{1,3})(?![\d.])")

BY_STATUS = {
    # RFC 3463 §3 and the IANA registry of enhanced status codes; the class digit is left out.
    "1.1": Refusal.ADDRESS_UNKNOWN,
    "1.2": Refusal.ADDRESS_UNKNOWN,
    "1.3": Refusal.ADDRESS_UNKNOWN,
    "1.6": Refusal.ADDRESS_UNKNOWN,
    "1.10": Refusal.ADDRESS_UNKNOWN,
    "2.1": Refusal.ADDRESS_UNKNOWN,
    "2.2": Refusal.MAILBOX_FULL,
    "2.3": Refusal.TOO_LARGE,
    "3.4": Refusal.TOO_LARGE,
    "7.1": Refusal.POLICY,
    "7.8": Refusal.ACCOUNT,
    "7.9": Refusal.ACCOUNT,
    "7.20": Refusal.POLICY,
    "7.23": Refusal.POLICY,
    "7.25": Refusal.POLICY,
    "7.26": Refusal.POLICY,
    "7.27": Refusal.POLICY,
}

BY_WORDS = (
    # Read before the codes: Chinese providers put these under 550 without a status code, or under a misleading one.
    (
        r"frequen|too (many|much) (mail|message|connection|recipient|error)|rate.?limit|throttl|频率|频繁|过快",
        Refusal.TOO_FREQUENT,
    ),
    (
        r"(mailbox|inbox|storage|quota|account)[^,;.]{0,20}\b(full|exceeded|exceeds)|over ?quota"
        r"|邮箱(空间|容量)?[^，。]{0,4}(已满|不足)|容量不足",
        Refusal.MAILBOX_FULL,
    ),
    (
        r"(user|mailbox|recipient|account|address)\b[^,;]{0,40}\b(unknown|not found|not exist|doesn'?t exist|disabled|"
        r"suspended|invalid)"
        r"|(unknown|no such|invalid) (user|mailbox|recipient|account|address)"
        r"|(用户|邮箱|账号|帐号|收件人|地址)[^，。]{0,4}(不存在|无效|已停用|被禁用|已注销)",
        Refusal.ADDRESS_UNKNOWN,
    ),
    (
        r"(message|mail|size)[^,;.]{0,20}(too (large|big)|exceeds)|邮件[^，。]{0,4}(过大|太大)|超过[^，。]{0,6}大小",
        Refusal.TOO_LARGE,
    ),
    (
        r"\bspam|:SPM\b|blacklist|block ?list|blocked|\b[DS]?RBL\b|\bpolicy|reputation|垃圾邮件|黑名单|策略|内容违规",
        Refusal.POLICY,
    ),
)
_WORDS = tuple((re.compile(pattern, re.IGNORECASE), refusal) for pattern, refusal in BY_WORDS)

BY_CODE = {
    452: Refusal.MAILBOX_FULL,
    551: Refusal.ADDRESS_UNKNOWN,
    552: Refusal.TOO_LARGE,
}
"""RFC 5321 §4.2.3, for replies that say nothing more."""

NOT_LOGGED_IN = frozenset({530, 534, 535, 538})
"""RFC 4954 §6."""

PASSES = frozenset({Refusal.MAILBOX_FULL, Refusal.TOO_FREQUENT})
"""What a 4xx reply may mean beyond "later": a greylisting server speaks of policy and unknown addresses too."""


def refusal_of(code: int, words: str) -> Refusal:
    """The kind of a 4xx or 5xx reply, or of a bounce's status and diagnostic text."""
    found = _by_words(words) or _by_status(code, words)
    if code >= 500:
        return found or Refusal.PERMANENT
    return found if found is not None and found in PASSES else Refusal.TEMPORARY


def _by_words(words: str) -> Refusal | None:
    return next((refusal for pattern, refusal in _WORDS if pattern.search(words)), None)


def _by_status(code: int, words: str) -> Refusal | None:
    """A status code says more than the reply code, also when it says nothing known here."""
    if code in NOT_LOGGED_IN:
        return Refusal.ACCOUNT
    status = STATUS.search(words)
    return BY_STATUS.get(status.group(1)) if status else BY_CODE.get(code)
