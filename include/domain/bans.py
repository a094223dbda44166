"""Bans (禁止申请医保定点) and the blacklist: who is barred on a day, and what may leave the office about them.

Nothing here is published without two different posts having approved it, and never for a campaign that is not
public. Whoever leaves is named as the law allows: an institution in full, a person never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from include.domain.returns import Value

Values = Mapping[str, Value]

PERSONS = frozenset({"参保人员", "医疗机构工作人员"})
BAN_YEARS = 3
APPROVERS = 2


class Person(NamedTuple):
    """A person as far as the office knows one: surname, and the first six and last four signs of the certificate.

    Nobody's full name or number is asked for or kept; two people may agree in all of it, so a person checks.
    """

    surname: str
    head: str
    tail: str

    @classmethod
    def of(cls, name: str, certificate: str) -> Person | None:
        """None unless both are there and enough of the number is shown."""
        head, tail = certificate[:6], certificate[-4:]
        if not name or len(certificate) < 10 or "*" in head + tail:
            return None
        return cls(name[0], head.upper(), tail.upper())


@dataclass(frozen=True, slots=True)
class Ban:
    """A party barred from a designation; ``until`` is the last day, None until it is removed by decision."""

    name: str
    unit_code: str
    uscc: str
    since: date
    until: date | None
    removed_on: date | None
    basis: str
    persons: frozenset[Person] = frozenset()
    """Whom it binds besides the party itself: the banned person, or the institution's legal representative."""

    def is_in_force(self, on: date) -> bool:
        lifted = self.removed_on is not None and self.removed_on <= on
        return self.since <= on and not lifted and (self.until is None or on <= self.until)

    @property
    def span(self) -> str:
        """As a sentence has it."""
        return f"禁止申请期{self.since}至{self.until}" if self.until else f"自{self.since}起，至移出为止"


@dataclass(frozen=True, slots=True)
class Push:
    """A line of the list for the social credit system; ``hindrance`` says why it may not go, if it may not."""

    name: str
    identifier: str
    reason: str
    basis: str
    listed_on: date | None
    until: date | None
    hindrance: str


def three_years_from(first: date) -> date:
    """The last day of three full years from that day: 2024-08-10 → 2027-08-09."""
    if (first.month, first.day) == (2, 29):
        return date(first.year + BAN_YEARS, 2, 28)
    return first.replace(year=first.year + BAN_YEARS) - timedelta(days=1)


def bans_of(blacklist: Iterable[Values], cases: Iterable[Values]) -> Iterator[Ban]:
    """Bans by the blacklist, and those of decided cases that nobody has entered there yet."""
    for values in blacklist:
        since = values.get("ban_start") or values.get("terminated_on") or values.get("listed_on")
        if isinstance(since, date):
            yield Ban(
                name=_text(values, "subject_name"),
                unit_code=_text(values, "unit_code"),
                uscc=_text(values, "uscc"),
                since=since,
                until=_day(values, "ban_until"),
                removed_on=_day(values, "removed_on"),
                basis=_text(values, "basis_doc_no"),
                persons=_persons(values),
            )
    for values in cases:
        ended, until = _day(values, "terminated_on"), _day(values, "ban_until")
        if ended is not None and until is not None:
            yield Ban(
                name=_text(values, "party_name"),
                unit_code=_text(values, "unit_code"),
                uscc="",
                since=ended,
                until=until,
                removed_on=None,
                basis=_text(values, "decision_no")
                or _text(values, "agreement_doc_no")
                or _text(values, "number"),
            )


def ban_against(
    bans: Iterable[Ban], *, unit_code: str, uscc: str, person: Person | None = None, on: date
) -> tuple[Ban, str] | None:
    """The ban in force against a party, and what tells: its ``uscc``, its ``code``, or its ``legal_rep``."""
    in_force = [ban for ban in bans if ban.is_in_force(on)]
    for ban in in_force:
        if uscc and ban.uscc == uscc:
            return ban, "uscc"
    for ban in in_force:
        if unit_code and ban.unit_code == unit_code:
            return ban, "code"
    return next(((ban, "legal_rep") for ban in in_force if person in ban.persons), None)


def pushes(blacklist: Iterable[Values], *, is_public: bool, on: date) -> list[Push]:
    """Who is to be reported to the social credit system and has not been; persons without name and number."""
    return [
        _push(values, is_public)
        for values in blacklist
        if values.get("pushed_credit") is not True and _is_listed(values, on)
    ]


def approvers(values: Values) -> frozenset[str]:
    """The posts that approved publication."""
    return frozenset(filter(None, re.split(r"[、；;，,\s]+", _text(values, "approvers"))))


def masked(identifier: str) -> str:
    """First six and last four signs, stars between; of a short or masked number what is still shown."""
    if "*" in identifier:
        return identifier
    if len(identifier) <= 10:
        return "*" * len(identifier)
    return f"{identifier[:6]}{'*' * (len(identifier) - 10)}{identifier[-4:]}"


def _push(values: Values, is_public: bool) -> Push:
    is_person = values.get("subject_type") in PERSONS
    return Push(
        name=f"{_text(values, 'subject_name')[:1]}某" if is_person else _text(values, "subject_name"),
        identifier=masked(_text(values, "subject_cert"))
        if is_person
        else _text(values, "uscc") or _text(values, "unit_code"),
        reason="" if is_person else _text(values, "reason"),
        basis=_text(values, "basis_doc_no"),
        listed_on=_day(values, "listed_on"),
        until=_day(values, "ban_until"),
        hindrance=_hindrance(values, is_public),
    )


def _hindrance(values: Values, is_public: bool) -> str:
    if not is_public:
        return "本专项行动不是主动公开，不得推送"
    missing = APPROVERS - len(approvers(values))
    return f"还差{missing}个不同岗位审批，请在“审批岗位”填写" if missing > 0 else ""


def _is_listed(values: Values, on: date) -> bool:
    listed, removed, until = (_day(values, name) for name in ("listed_on", "removed_on", "ban_until"))
    return (
        listed is not None
        and listed <= on
        and not (removed is not None and removed <= on)
        and not (until is not None and until < on)
    )


def _persons(values: Values) -> frozenset[Person]:
    found = (
        Person.of(_text(values, "subject_name"), _text(values, "subject_cert")),
        Person.of(_text(values, "legal_rep"), _text(values, "legal_rep_cert")),
    )
    return frozenset(filter(None, found))


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def _day(values: Values, name: str) -> date | None:
    value = values.get(name)
    return value if isinstance(value, date) else None
