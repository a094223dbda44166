"""Telephone calls to units (电话催办): what came of one, what of a slip is wrong, and what a call still asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from include.domain.desk import personal_data_in


class CallResult(StrEnum):
    """What came of a call."""

    TOLD = "told"
    PROMISED = "promised"
    CALL_BACK = "call_back"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"

    @property
    def zh(self) -> str:
        return {
            "told": "已接通并告知",
            "promised": "承诺报送",
            "call_back": "约定回电",
            "refused": "拒绝报送",
            "no_answer": "无人接听",
            "wrong_number": "号码有误",
        }[self.value]

    @property
    def has_told(self) -> bool:
        """Whether somebody of the unit now knows what is asked of it."""
        return self in TELLING

    @property
    def needs_day(self) -> bool:
        return self in _AGREED


TELLING = frozenset({CallResult.TOLD, CallResult.PROMISED, CallResult.REFUSED})
_AGREED = frozenset({CallResult.PROMISED, CallResult.CALL_BACK})
_MAY_AGREE = _AGREED | {CallResult.NO_ANSWER}
BY_WORDS = {each.zh: each for each in CallResult}
LONGEST_NOTE = 200
_TIME = re.compile(r"(\d{1,2})[:：时](\d{1,2})(?:[:：分]\d{0,2})?")


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """One call: on which day at what time (``9:05`` is ``09:05``; empty when not written down), by which post.

    ``spoken_to`` is the post that answered; ``next_on`` the day promised or agreed. ``number`` is what was dialled, by
    which a wrong one is known once it has been mended.
    """

    unit_code: str
    called_on: date
    result: CallResult
    post: str
    called_at: str = ""
    spoken_to: str = ""
    next_on: date | None = None
    note: str = ""
    number: str = ""

    @property
    def when(self) -> str:
        return f"{self.called_on} {self.called_at}".strip()

    @property
    def zh(self) -> str:
        """What came of it, with the day agreed."""
        if self.next_on is None:
            return self.result.zh
        agreed = "再次联系" if self.result is CallResult.NO_ANSWER else ""
        return f"{self.result.zh}（{self.next_on}{agreed}）"


@dataclass(frozen=True, slots=True)
class CallFault:
    """What is wrong with one field, and what to write instead."""

    field: str
    sentence: str


def time_of_day(text: str) -> str:
    """A time as it is kept, ``09:05``; empty for none. Raise ValueError for what is no time."""
    if not text.strip():
        return ""
    found = _TIME.fullmatch(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"通话时间“{text.strip()}”无法识别，请写成 9:30 这样的格式")
    return f"{int(found[1]):02d}:{int(found[2]):02d}"


def faults(call: PhoneCall, *, on: date) -> Iterator[CallFault]:
    """What stands against entering the call on that day."""
    result = call.result
    if call.called_on > on:
        yield CallFault("called_on", f"通话日期（{call.called_on}）晚于办理当天（{on}），请核对")
    if result.needs_day and call.next_on is None:
        yield CallFault("next_on", f"通话结果是“{result.zh}”，请填写约定日期")
    if call.next_on is not None and result not in _MAY_AGREE:
        yield CallFault(
            "next_on",
            f"通话结果是“{result.zh}”，不填约定日期；对方约定了日期的，结果选“承诺报送”或“约定回电”",
        )
    elif call.next_on is not None and call.next_on < call.called_on:
        yield CallFault("next_on", f"约定日期（{call.next_on}）早于通话日期（{call.called_on}），请核对")
    if result is CallResult.REFUSED and not call.note:
        yield CallFault("note", "通话结果是“拒绝报送”，请在通话内容中写明对方所述理由")
    if len(call.note) > LONGEST_NOTE:
        yield CallFault("note", f"通话内容超过{LONGEST_NOTE}字，请摘要填写")
    for field in personal_data_in({"spoken_to": call.spoken_to, "note": call.note}):
        yield CallFault(field, "不得填写身份证号、手机号，接听人只写岗位，请改写")


def contradiction(call: PhoneCall, known: PhoneCall) -> str:
    """Why two calls at one time to one unit cannot both be, in a sentence; empty when they are the same."""
    facts = ("result", "post", "spoken_to", "next_on", "note")
    if all(getattr(call, fact) == getattr(known, fact) for fact in facts):
        return ""
    return (
        f"该单位{known.when}已登记一次通话（{known.zh}，{known.post}），内容与此不同；"
        "确是另一次通话的请写明不同的通话时间，登记有误的请另登记一次更正"
    )


def last_said(calls: Sequence[PhoneCall]) -> str:
    """When the last of them was made and what came of it; empty for none."""
    return f"{calls[-1].when} {calls[-1].zh}" if calls else ""


def has_wrong_number(latest: PhoneCall | None, number: str | None) -> bool:
    """Whether the number on the roster is the one that turned out wrong."""
    if latest is None or not number:
        return False
    return latest.result is CallResult.WRONG_NUMBER and latest.number == number
