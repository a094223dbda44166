"""What is out of order outside the flows, told once when it has lasted and once when it is over (一事一报)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something out of order at this moment. ``since`` is None where only this look has found it."""

    key: str
    title: str
    advice: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A trouble from its first sight until somebody has been told of its end."""

    key: str
    title: str
    advice: str
    since: datetime
    is_told: bool = False
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """All that is open, and of it what must be told now: beginnings and ends."""

    open: tuple[Incident, ...]
    begun: tuple[Incident, ...]
    over: tuple[Incident, ...]

    def told(self, incidents: Collection[Incident]) -> tuple[Incident, ...]:
        """What stays open once these have been told: a beginning is kept as told, an end is done with."""
        return tuple(
            replace(each, is_told=True) if each in incidents else each
            for each in self.open
            if not (each in incidents and each.ended)
        )


def reckon(
    before: Sequence[Incident],
    seen: Sequence[Trouble],
    *,
    unseen: Collection[str] = (),
    now: datetime,
    patience: timedelta,
) -> Reckoning:
    """What the look of this moment makes of the incidents before. Of keys ``unseen`` nothing could be found out.

    A trouble shorter than the patience is told to nobody; one that comes back before its end was told goes on.
    """
    earlier = {each.key: each for each in before}
    still = [_going_on(each, earlier.pop(each.key, None), now) for each in seen]
    kept = [each for each in earlier.values() if each.key in unseen]
    ended = [
        replace(each, ended=each.ended or now)
        for each in earlier.values()
        if each.key not in unseen and each.is_told
    ]
    return Reckoning(
        open=(*still, *kept, *ended),
        begun=tuple(each for each in (*still, *kept) if not each.is_told and now - each.since >= patience),
        over=tuple(ended),
    )


def _going_on(trouble: Trouble, earlier: Incident | None, now: datetime) -> Incident:
    if earlier is None:
        return Incident(trouble.key, trouble.title, trouble.advice, trouble.since or now)
    return replace(earlier, title=trouble.title, advice=trouble.advice, ended=None)
