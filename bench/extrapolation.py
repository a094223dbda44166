"""A slow way measured on a sample: its time per file times the size, and never without saying so."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of both ways, in seconds for the whole size; ``slow`` is extrapolated from the sample."""

    slow: float
    fast: float

    @property
    def ratio(self) -> float:
        return self.slow / self.fast


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turn(
    name: str,
    slow: Callable[[], object],
    fast: Callable[[], object],
    *,
    sample: int,
    size: int,
    rounds: int,
) -> list[Round]:
    """Both ways in turn: ``slow`` over ``sample`` files, ``fast`` over all ``size`` of them."""
    done = []
    for turn in range(1, rounds + 1):
        done.append(Round(extrapolated(seconds(slow), sample, size), seconds(fast)))
        tell(turn, name, done[-1], sample, size)
    return done


def extrapolated(taken: float, sample: int, size: int) -> float:
    return taken / sample * size


def tell(turn: int, name: str, one: Round, sample: int, size: int) -> None:
    print(
        f"round {turn}: {name}, file by file {one.slow:.1f} s (from {sample} files, extrapolated to {size}),"
        f" together {one.fast:.2f} s, x{one.ratio:.0f}"
    )


def medians(rounds: Sequence[Round]) -> tuple[float, float]:
    """How many times faster, and the seconds of the fast way."""
    return statistics.median(each.ratio for each in rounds), statistics.median(each.fast for each in rounds)
