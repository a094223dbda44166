"""Simulated units answering the mails of one phase, each in its own way.

Who behaves how is fixed by a seed; what they send is made from the workbook each one was sent.
"""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from include.campaigns.registry import load_calendar
from include.domain.campaign import TIMEZONE, Campaign, Owed, Phase, PhaseKind
from include.domain.units import Unit
from include.rehearsal.behaviours import CAST, SECOND_THOUGHTS, Behaviour, shares
from include.rehearsal.clerks import MISTAKES, SINCE, Answers, fill, in_own_words, make_items, with_mistakes
from include.rehearsal.rosters import Roster
from include.rehearsal.scans import stamped_scan

SHANGHAI = ZoneInfo(TIMEZONE)
RETURNED = "退回说明"
"""In the name of the annotated workbook that a correction mail carries."""


@dataclass(frozen=True, slots=True)
class Player:
    """A unit in its role; ``day`` is its first sending day, ``at`` its time of day."""

    unit: Unit
    behaviour: Behaviour
    day: date
    at: time


Send = Callable[[Player, date, date], bool]
"""Of a player, the day it was meant for, and today; False while it cannot be done yet."""


@dataclass(order=True, slots=True)
class Errand:
    """One thing one unit sends."""

    day: date
    code: str
    player: Player = field(compare=False)
    send: Send = field(compare=False)


class Cast:
    """Writes into ``inbox/<campaign>/`` what the units send, with the day's time of arrival.

    ``mails`` is the folder of the local mail server. ``fetch`` gives the workbook of a unit that no mail
    reaches, as the office would hand it over after a telephone call. Unless told, the cast answers what units
    owe in the self-check.
    """

    def __init__(
        self,
        roster: Roster,
        campaign: Campaign,
        *,
        mails: Path,
        inbox: Path,
        fetch: Callable[[str], bytes],
        seed: int = 20240506,
        asked: tuple[Phase, Owed] | None = None,
    ) -> None:
        self._mails = mails
        self._inbox = inbox / campaign.id
        self._fetch = fetch
        self._seed = seed
        self._calendar = load_calendar()
        phase, owed = asked or _self_check(campaign)
        self._due = phase.due
        self._first = self._calendar.shift(self._calendar.on_or_after(campaign.opens_on(phase)), 1)
        self._title = owed.title
        self._window = campaign.data_window
        self._unreachable = {unit.code for unit in (*roster.phone_only, *roster.refused)}
        self._sent: dict[str, bytes] = {}
        self.players = tuple(self._players([unit for unit in roster.units if unit.kind in owed.owed_by]))
        self._errands = sorted(errand for player in self.players for errand in self._errands_of(player))

    def drops(
        self, day: date, watch: Callable[[int, int], None] = lambda done, total: None
    ) -> Counter[Behaviour]:
        """Send everything meant for that day or earlier and not yet sent; return how many units (家) sent,
        by behaviour. Arrival times are those of the day meant, so a skipped day changes nothing.
        Filling workbooks takes a while: ``watch`` is told how far it has come.
        """
        self._inbox.mkdir(parents=True, exist_ok=True)
        waiting: dict[str, list[Errand]] = defaultdict(list)
        sent: dict[str, Behaviour] = {}
        due = sum(errand.day <= day for errand in self._errands)
        for number, errand in enumerate(self._errands):
            watch(min(number, due), due)
            # Nobody sends a second thing before the first.
            is_next = errand.day <= day and errand.code not in waiting
            if is_next and errand.send(errand.player, errand.day, day):
                sent[errand.code] = errand.player.behaviour
            else:
                waiting[errand.code].append(errand)
        self._errands = sorted(errand for errands in waiting.values() for errand in errands)
        return Counter(sent.values())

    def _players(self, units: Sequence[Unit]) -> Iterator[Player]:
        """Only units that mail reaches can answer a correction mail; otherwise chance decides."""
        chance = random.Random(self._seed)
        counts = shares(len(units))
        reachable = [unit for unit in units if unit.code not in self._unreachable]
        corrections = min(len(reachable), counts.pop(Behaviour.CORRECTED))
        correcting = {unit.code for unit in chance.sample(reachable, corrections)}
        roles = [role for role, count in counts.items() for _ in range(count)]
        roles += [Behaviour.ON_TIME] * (len(units) - corrections - len(roles))
        chance.shuffle(roles)
        for unit in units:
            behaviour = Behaviour.CORRECTED if unit.code in correcting else roles.pop()
            part = CAST[behaviour]
            day = self._calendar.shift(
                self._calendar.on_or_before(self._due), chance.randint(part.first, part.last)
            )
            yield Player(
                unit, behaviour, max(day, self._first), time(chance.randrange(8, 18), chance.randrange(60))
            )

    def _errands_of(self, player: Player) -> Iterator[Errand]:
        scripts: dict[Behaviour, tuple[Send, ...]] = {
            Behaviour.EARLY: (self._good,),
            Behaviour.ON_TIME: (self._good,),
            Behaviour.ZERO: (self._zero,),
            Behaviour.WRONG: (self._wrong,),
            Behaviour.CORRECTED: (self._wrong, self._correction),
            Behaviour.SCAN_LATER: (self._workbook_only, self._scan),
            Behaviour.TWICE: (self._good, self._again),
            Behaviour.BETTER: (self._zero, self._good),
            Behaviour.FOREIGN: (self._foreign,),
            Behaviour.DAMAGED: (self._damaged,),
            Behaviour.LATE: (self._good,),
            Behaviour.NEVER: (),
        }
        days = (player.day, self._calendar.shift(player.day, SECOND_THOUGHTS))
        for day, send in zip(days, scripts[player.behaviour], strict=False):
            yield Errand(day, player.unit.code, player, send)

    def _good(self, player: Player, day: date, today: date) -> bool:
        return self._workbook_only(player, day, today) and self._scan(player, day, today)

    def _workbook_only(self, player: Player, day: date, _today: date) -> bool:
        return self._return(player, self._items(player), day)

    def _zero(self, player: Player, day: date, today: date) -> bool:
        return self._return(player, [], day) and self._scan(player, day, today)

    def _wrong(self, player: Player, day: date, today: date) -> bool:
        chance = self._chance(player, "mistakes")
        mistakes = chance.sample(MISTAKES, chance.randint(2, len(MISTAKES)))
        items = with_mistakes(self._items(player), mistakes)
        return self._return(player, items, day) and self._scan(player, day, today)

    def _correction(self, player: Player, _day: date, today: date) -> bool:
        """The annotated workbook itself is put right; it can come no earlier than the mail that asks for it."""
        annotated = self._mailed(player.unit, returned=True)
        if annotated is None:
            return False
        self._drop_workbook(player, self._filled(annotated, player, self._items(player), today), today)
        return True

    def _again(self, player: Player, day: date, _today: date) -> bool:
        self._drop_workbook(player, self._sent[player.unit.code], day)
        return True

    def _foreign(self, player: Player, day: date, today: date) -> bool:
        place = self.players.index(player)
        issued = self._issued(self.players[place - 1].unit)
        if issued is None:
            return False
        self._drop_workbook(player, self._filled(issued, player, self._items(player), day), day)
        return self._scan(player, day, today)

    def _damaged(self, player: Player, day: date, _today: date) -> bool:
        issued = self._issued(player.unit)
        if issued is None:
            return False
        self._drop_workbook(player, issued[: len(issued) // 2], day)
        return True

    def _scan(self, player: Player, day: date, _today: date) -> bool:
        name = f"{player.unit.code}_{player.unit.name}_自查报告_盖章.pdf"
        self._drop(name, stamped_scan(player.unit.code, day), day, player.at)
        return True

    def _return(self, player: Player, items: list[Answers], day: date) -> bool:
        issued = self._issued(player.unit)
        if issued is None:
            return False
        self._drop_workbook(player, self._filled(issued, player, items, day), day)
        return True

    def _filled(self, workbook: bytes, player: Player, items: list[Answers], on: date) -> bytes:
        until = self._window.end if self._window else None
        return fill(workbook, items, on, phone=str(player.unit.contact_phone), until=until)

    def _items(self, player: Player) -> list[Answers]:
        """The unit's problems: the same every time it is asked, so a correction has the same figures."""
        chance = self._chance(player, "items")
        count = 1 if player.behaviour is Behaviour.EARLY else chance.randint(1, 4)
        since, until = (self._window.start, self._window.end) if self._window else (SINCE, None)
        items = make_items(player.unit.kind, count, player.day, chance, since=since, until=until)
        types_words = player.behaviour is Behaviour.ON_TIME and chance.random() < 0.25
        return in_own_words(items) if types_words else items

    def _chance(self, player: Player, what: str) -> random.Random:
        return random.Random(f"{self._seed}/{player.unit.code}/{what}")

    def _issued(self, unit: Unit) -> bytes | None:
        """The unit's own workbook as sent to it; None while it has not been sent."""
        return (
            self._fetch(unit.code) if unit.code in self._unreachable else self._mailed(unit, returned=False)
        )

    def _mailed(self, unit: Unit, *, returned: bool) -> bytes | None:
        """The newest workbook the unit got by mail: the empty one, or the one sent back with marks."""
        found = [
            file
            for file in (self._mails / str(unit.contact_email).lower()).glob(f"*/{unit.code}_*.xlsx")
            if (RETURNED in file.name) is returned
        ]
        newest = max(found, key=lambda file: file.stat().st_mtime_ns, default=None)
        return newest.read_bytes() if newest else None

    def _drop_workbook(self, player: Player, content: bytes, day: date) -> None:
        self._sent[player.unit.code] = content
        name = f"{player.unit.code}_{player.unit.name}_{self._title}_{day:%Y%m%d}.xlsx"
        self._drop(name, content, day, player.at)

    def _drop(self, name: str, content: bytes, day: date, at: time) -> None:
        """Whole or not at all, and never without its time of arrival."""
        arrived = datetime.combine(day, at, tzinfo=SHANGHAI).timestamp()
        draft = self._inbox / f".{name}.part"
        draft.write_bytes(content)
        os.utime(draft, (arrived, arrived))
        draft.replace(self._inbox / name)


def _self_check(campaign: Campaign) -> tuple[Phase, Owed]:
    """The first return units owe in a self-check. Raise StopIteration when there is none."""
    return next(
        (phase, owed)
        for phase in campaign.phases_of(PhaseKind.SELF_CHECK)
        for owed in phase.returns
        if owed.filled_by == "unit"
    )
