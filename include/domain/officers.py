"""Officers (执法人员) by certificate number: who may act on a day, and whether enough are left after recusal."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from include.domain.returns import Value

LEAST = 2
RULE = "《医疗保障行政处罚程序暂行规定》：执法人员不少于2人并持有效执法证件，回避后仍不少于2人"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate number and its first and last valid day."""

    number: str
    valid_from: date
    valid_until: date

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on <= self.valid_until


def certificates(register: Iterable[Mapping[str, Value]]) -> list[Certificate]:
    """The certificates in a register; a row without its days gives none."""
    return [
        Certificate(str(values["number"]), first, last)
        for values in register
        if isinstance(first := values.get("valid_from"), date)
        and isinstance(last := values.get("valid_until"), date)
    ]


def numbers_in(text: str) -> tuple[str, ...]:
    """“SL0001、SL0002” → each number once, in order."""
    return tuple(dict.fromkeys(filter(None, re.split(r"[、；;，,\s]+", text))))


def too_few(officers: str, recused: str, known: Collection[Certificate], on: date) -> str | None:
    """Why the officers named may not act that day; None when they may.

    While no certificate is registered at all their validity cannot be judged, and only recusal counts.
    """
    named, away = numbers_in(officers), numbers_in(recused)
    acting = [number for number in named if number not in away]
    bad = invalid(acting, known, on)
    left = [number for number in acting if number not in bad]
    if len(left) >= LEAST and not bad:
        return None
    reasons = [f"{number}{why}" for number, why in bad.items()]
    if away:
        reasons.append(f"{'、'.join(away)}已回避")
    if not reasons:
        return None  # fewer than two were named: the form says so
    if len(left) >= LEAST:
        return f"{'；'.join(reasons)}，请换为持有效证件的人员，或在执法人员名录中更新有效期（{RULE}）"
    return f"{'；'.join(reasons)}，只剩{len(left)}人，不足{LEAST}人，请补足（{RULE}）"


def invalid(numbers: Iterable[str], known: Collection[Certificate], on: date) -> dict[str, str]:
    """Number → what is wrong with it that day; none is wrong while the register is empty."""
    if not known:
        return {}
    found = {}
    for number in numbers:
        own = [each for each in known if each.number == number]
        if not own:
            found[number] = "不在执法人员名录中"
        elif not any(each.is_valid(on) for each in own):
            last = max(own, key=lambda each: each.valid_until)
            found[number] = f"的证件有效期为{last.valid_from}至{last.valid_until}，{on}无效"
    return found
