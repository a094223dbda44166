"""Who behaves how: the table behind the simulated units."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Behaviour(StrEnum):
    EARLY = "early"
    ON_TIME = "on_time"
    ZERO = "zero"
    WRONG = "wrong"
    CORRECTED = "corrected"
    SCAN_LATER = "scan_later"
    TWICE = "twice"
    BETTER = "better"
    FOREIGN = "foreign"
    DAMAGED = "damaged"
    LATE = "late"
    NEVER = "never"

    @property
    def zh(self) -> str:
        return _ZH[self]


_ZH = {
    Behaviour.EARLY: "提前报送，一次通过",
    Behaviour.ON_TIME: "按时报送，有问题有金额",
    Behaviour.ZERO: "零报告",
    Behaviour.WRONG: "填报有误，未再补正",
    Behaviour.CORRECTED: "填报有误，按退回说明改正后重报",
    Behaviour.SCAN_LATER: "先报表格，后补盖章扫描件",
    Behaviour.TWICE: "同一文件报送两次",
    Behaviour.BETTER: "主动补报更完整的一版",
    Behaviour.FOREIGN: "误用其他单位的专用表",
    Behaviour.DAMAGED: "文件损坏，无法打开",
    Behaviour.LATE: "逾期报送",
    Behaviour.NEVER: "始终未报送",
}


@dataclass(frozen=True, slots=True)
class Part:
    """How many units (家) behave so, and when: working days relative to the due date."""

    count: int
    first: int
    last: int


CAST: dict[Behaviour, Part] = {
    Behaviour.EARLY: Part(30, -14, -10),
    Behaviour.ON_TIME: Part(38, -9, 0),
    Behaviour.ZERO: Part(22, -12, -1),
    Behaviour.WRONG: Part(6, -9, -1),
    Behaviour.CORRECTED: Part(14, -13, -5),
    Behaviour.SCAN_LATER: Part(6, -9, -4),
    Behaviour.TWICE: Part(4, -9, -3),
    Behaviour.BETTER: Part(4, -12, -6),
    Behaviour.FOREIGN: Part(2, -8, -2),
    Behaviour.DAMAGED: Part(2, -8, -2),
    Behaviour.LATE: Part(8, 1, 4),
    Behaviour.NEVER: Part(8, 0, 0),
}
SECOND_THOUGHTS = 3
"""Working days until a unit sends what it forgot."""


def shares(units: int) -> dict[Behaviour, int]:
    """How many of so many units (家) play which part, in the proportions of the cast."""
    whole = sum(part.count for part in CAST.values())
    exact = {role: Fraction(part.count * units, whole) for role, part in CAST.items()}
    counts = {role: int(share) for role, share in exact.items()}
    # What rounding left over goes to the largest remainders; of equal ones to the earlier in the table.
    neediest = sorted(exact, key=lambda role: counts[role] - exact[role])
    for role in neediest[: units - sum(counts.values())]:
        counts[role] += 1
    return counts
