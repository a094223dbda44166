"""Whose a file without a known sender probably is: clues weighed, each with its reason. Staff decide."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from include.domain.units import Unit
from include.domain.values import normalise

MOST = 3
"""Units suggested for one file at most."""

NEARLY = 0.85
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]\d[A-Za-z0-9]{7,13}(?![A-Za-z0-9])")
_USCC = re.compile(r"(?<![A-Za-z0-9])[0-9A-Za-z]{18}(?![A-Za-z0-9])")
_DIGITS = re.compile(r"(?<![A-Za-z0-9])\d{5,11}(?![A-Za-z0-9])")
_DAY = re.compile(r"20\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")


@dataclass(frozen=True, slots=True)
class Clues:
    """What a file says of its sender; empty where it says nothing.

    ``sender`` is the mail address it came from, ``mail_code`` the unit its subject or thread names.
    """

    file_name: str
    cover_code: str = ""
    cover_name: str = ""
    cover_words: str = ""
    sender: str = ""
    mail_code: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    unit_code: str
    unit_name: str
    weight: int
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        return "；".join(self.reasons)


Reason = tuple[str, int, str]
"""Unit code, weight, sentence."""


class Suggestions:
    """The roster, looked up by everything a file may say."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._units = {unit.code: unit for unit in units}
        self._by_name = _grouped((_bare(unit.name), unit.code) for unit in units)
        self._by_uscc = _grouped((unit.uscc, unit.code) for unit in units if unit.uscc)
        self._by_email = _grouped(
            (unit.contact_email.casefold(), unit.code) for unit in units if unit.contact_email
        )

    def about(self, clues: Clues) -> list[Suggestion]:
        """At most three units, the likeliest first; none when nothing speaks for any."""
        found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for code, weight, why in self._reasons(clues):
            found[code].append((weight, why))
        suggestions = [
            Suggestion(
                code,
                self._units[code].name,
                sum(weight for weight, _ in reasons),
                tuple(why for _, why in sorted(reasons, reverse=True)),
            )
            for code, reasons in found.items()
        ]
        return sorted(suggestions, key=lambda each: (-each.weight, each.unit_code))[:MOST]

    def _reasons(self, clues: Clues) -> Iterator[Reason]:
        yield from self._by_codes("封面", clues.cover_code)
        yield from self._by_codes("文件名", clues.file_name)
        yield from self._by_uscc_in(f"{clues.file_name} {clues.cover_words}")
        yield from self._by_name_in("封面", clues.cover_name)
        yield from self._by_name_in("文件名", clues.file_name)
        yield from self._by_sender(clues.sender)
        if clues.mail_code in self._units:
            yield clues.mail_code, 6, "邮件主题或所回复的通知是该单位的"

    def _by_codes(self, where: str, text: str) -> Iterator[Reason]:
        for written in dict.fromkeys(_CODE.findall(normalise(text))):
            if written.upper() in self._units:
                yield written.upper(), 10, f"{where}中写的是其编码{written.upper()}"
                continue
            for code in get_close_matches(written.upper(), self._units, n=MOST, cutoff=NEARLY):
                yield code, 5, f"{where}中的“{written}”与其编码{code}相近"
        for written in dict.fromkeys(_DIGITS.findall(normalise(text))):
            ending = [code for code in self._units if code.endswith(written)]
            if len(ending) == 1 and not _DAY.fullmatch(written):
                yield ending[0], 4, f"{where}中的“{written}”是其编码的后{len(written)}位"

    def _by_uscc_in(self, text: str) -> Iterator[Reason]:
        for written in dict.fromkeys(_USCC.findall(normalise(text))):
            for code in self._by_uscc.get(written.upper(), ()):
                yield code, 9, f"文件中有其统一社会信用代码{written.upper()}"

    def _by_name_in(self, where: str, text: str) -> Iterator[Reason]:
        words = _bare(text)
        named = [name for name in self._by_name if name and name in words]
        # 示例医院 stands in 示例医院分院 too: the longest name is meant.
        whole = [name for name in named if not any(name != other and name in other for other in named)]
        for name in whole:
            for code in self._by_name[name]:
                yield code, 8, f"{where}中有单位名称“{self._units[code].name}”"
        if where == "封面" and words and not whole:
            for name in get_close_matches(words, self._by_name, n=1, cutoff=NEARLY):
                for code in self._by_name[name]:
                    yield code, 3, f"{where}填报单位“{text}”与其名称“{self._units[code].name}”相近"

    def _by_sender(self, sender: str) -> Iterator[Reason]:
        sharing = self._by_email.get(sender.strip().casefold(), ())
        for code in sharing:
            others = f"（{len(sharing)}家共用）" if len(sharing) > 1 else ""
            yield code, 2 if others else 6, f"发件邮箱{sender.strip()}是其登记的联系邮箱{others}"


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for key, code in pairs:
        groups[key] = (*groups.get(key, ()), code)
    return groups


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", normalise(text)).casefold()
