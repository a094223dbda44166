"""One campaign, from a county's roster to the nation's, on PostgreSQL: the steps that work on all units at once.

Each size has a database and a process of its own. The server is as PostgreSQL comes: it waits for the disk. What
each part has left behind is compared with what it must be: a hash over every unit and every notice, every line of a list.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, func, select, text

from bench import KEY
from bench.cost import Cost, Costs, peak_mb
from include.assembly import Assembly, looking
from include.campaigns.registry import FOLDER, load_campaign
from include.domain.campaign import Campaign, Phase
from include.domain.glances import Show, UnitsAsked
from include.domain.ladder import step_day
from include.domain.letters import EscalationLetter
from include.domain.model import UnitKind
from include.domain.notices import NoticeKind, SendMode, notice_key
from include.domain.units import PostHolder, Unit
from include.gateways.ledger.database import connect, upgrade
from include.gateways.ledger.tables import in_force, notice, unit
from include.settings import Settings
from include.steps import office_notices, open_phase, plan, roster, show, write
from tests.gateways import postgres

CAMPAIGN, PHASE, RUNG = "wushen_2024", "self_check", "overdue_1"
SIZES = (1_000, 10_000, 100_000, 1_100_000)
ROSTER, LATER_ROSTER, LADDER_DAY = "roster", "roster again, 1 % changed", "ladder day"
MISSING, DIGEST = "missing, count and page", "missing, every line"
BARS = {ROSTER: 30, LATER_ROSTER: 30, LADDER_DAY: 40, MISSING: 3, DIGEST: 3}
"""Seconds by the clock for the nation."""
PAGE = 50
CHANGED = 100
"""In the later roster one unit in so many has changed."""


@dataclass
class Measured:
    """What one size costs by part, and megabytes at the peak of the process that did all of them."""

    size: int
    costs: dict[str, Cost]
    peak_mb: float


def measured(sizes: Sequence[int]) -> list[Measured]:
    with postgres.running(options=postgres.DURABLE) as server:
        return [_in_a_process(server.create(f"nation_{size}"), size) for size in sizes]


def _in_a_process(url: str, size: int) -> Measured:
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_measured, url, size).result()


def _measured(url: str, size: int) -> Measured:
    upgrade(url)
    campaign, costs = load_campaign(FOLDER / CAMPAIGN), Costs(url)
    with tempfile.TemporaryDirectory() as home:
        using = looking(Settings(home=Path(home), token_key=KEY, send_mode="live"), ledger_url=url)
        assert using.forms, "read once, before the clock runs"
        office = Office(campaign, campaign.phase(PHASE), using, url, size, costs)
        for part in (office.roster, office.launch, office.ladder_day, office.missing):
            part()
        using.close()
    return Measured(size, costs.parts, peak_mb())


@dataclass
class Office:
    """A campaign of so many units on a ledger, and what each part of its work costs."""

    campaign: Campaign
    phase: Phase
    using: Assembly
    url: str
    size: int
    costs: Costs

    def roster(self) -> None:
        """The first roster, and a later one in which a hundredth of the units has another telephone."""
        start = self.campaign.starts_on
        posts = [
            PostHolder(post_key=post.key, email=f"{post.key}@bureau.example", holds_from=start)
            for post in self.campaign.posts
        ]
        counts = self._enter(ROSTER, _units(self.size), posts, start)
        assert counts == {"名册基数": self.size, "岗位": len(posts)}
        counts = self._enter(LATER_ROSTER, _units(self.size, is_later=True), [], self._second_day)
        assert counts == {"名册调整": self.size // CHANGED}

    def _enter(
        self, part: str, units: Sequence[Unit], posts: Sequence[PostHolder], on: date
    ) -> dict[str, int]:
        reviewed = roster.Reviewed(tuple(units), tuple(posts), ())
        counts = self.costs.of(
            part,
            lambda: roster.enter(
                self.campaign, part.encode(), reviewed, on=on, actor="bench", using=self.using
            ),
        )
        facts = (f"{each.code} {each.name} {each.contact_email or ''} {each.contact_phone}" for each in units)
        words = (unit.c.code, unit.c.name, func.coalesce(unit.c.contact_email, ""), unit.c.contact_phone)
        assert self._hash(func.concat_ws(" ", *words), in_force(on)) == _hash(facts), part
        return counts

    def launch(self) -> None:
        """Every unit gets its workbook."""
        campaign, on, using = self.campaign, self._second_day, self.using
        opened = self.costs.of(
            "opening", lambda: open_phase.obligations(campaign, self.phase, on=on, using=using)
        )
        assert sum(opened.values()) == self.size
        counts = self.costs.of(
            "launch", lambda: plan.launch(campaign, self.phase, on=on, units=None, using=using)
        )
        assert counts.entered == sum(map(_has_address, range(self.size)))
        self._change()

    def ladder_day(self) -> None:
        """Nobody has reported, so every unit is written to: the most there can be to plan."""
        self.costs.of(LADDER_DAY, lambda: self._plan(self._overdue))
        due = self.phase.due.isoformat()
        keys = [
            notice_key(SendMode.LIVE, CAMPAIGN, PHASE, "self_check", RUNG, due, _code(number))
            for number in range(self.size)
            if _has_address(number)
        ]
        assert self._hash(notice.c.key, notice.c.kind == NoticeKind.OVERDUE) == _hash(keys)

    def _plan(self, on: date) -> None:
        """What the tasks of the day do before anything leaves, in their order; the intake is the province's part."""
        campaign, phase, using = self.campaign, self.phase, self.using
        tasks: dict[str, Callable[[], object]] = {
            "opening again": lambda: open_phase.obligations(campaign, phase, on=on, using=using),
            "office": lambda: office_notices.plan(campaign, phase, on=on, dry_run=False, using=using),
            "launch again": lambda: plan.launch(campaign, phase, on=on, units=None, using=using),
            "overdue notices": lambda: plan.reminders(campaign, phase, on=on, using=using),
            "digests": lambda: plan.escalations(campaign, phase, on=on, using=using),
            "tally": lambda: show.progress(campaign, phase, using=using),
        }
        results = {task: self.costs.of(f"- {task}", work) for task, work in tasks.items()}
        assert results["digests"] == 1

    def missing(self) -> None:
        """A tenth is overdue: the desk's count and pages, and the digest to the post with every line of it."""
        on, using, due = self._overdue, self.using, self.phase.due
        came = f"state = 'accepted', received_on = '{due}', accepted_on = '{due}', return_id = 0"
        self._change(
            f"UPDATE obligation SET {came} WHERE substr(unit_code, 11, 1) <> '3'",
            "UPDATE notice SET state = 'accepted' WHERE kind = 'overdue' AND substr(unit_code, 11, 1) = '3'",
        )
        expected = [code for code in map(_code, range(self.size)) if code[10] == "3"]
        asked = UnitsAsked(CAMPAIGN, on, show=Show.OVERDUE)

        def page(offset: int) -> list[str]:
            return [line.code for line in using.ledger.glances.units(asked, limit=PAGE, offset=offset)]

        count = using.ledger.glances.count_units
        total, first = self.costs.of(MISSING, lambda: (count(asked), page(0)))
        assert (total, first) == (len(expected), expected[:PAGE])
        assert self.costs.of("missing, last page", lambda: page(max(0, total - PAGE))) == expected[-PAGE:]
        claimed = using.ledger.outbox.claim(
            CAMPAIGN, mode=SendMode.LIVE, limit=10, now=using.now(), lease=timedelta(minutes=10)
        )
        digest = next(each for each in claimed if each.kind is NoticeKind.ESCALATION)
        draft = self.costs.of(DIGEST, lambda: write.letter(self.campaign, digest, on=on, using=using))
        assert isinstance(draft, write.Draft)
        assert isinstance(draft.letter, EscalationLetter)
        assert [line.unit_code for line in draft.letter.lines] == expected
        by_phone = sum(not _has_address(int(code[1:])) for code in expected)
        assert draft.letter.unreachable == by_phone
        assert sum(line.notices_sent for line in draft.letter.lines) == len(expected) - by_phone
        assert draft.letter.expected == draft.letter.accepted + len(expected) == self.size

    @property
    def _second_day(self) -> date:
        return self.using.calendar.shift(self.campaign.starts_on, 1)

    @property
    def _overdue(self) -> date:
        return step_day(self.campaign.step(RUNG), self.phase.due, self.using.calendar)

    def _hash(self, written: ColumnElement[str], where: ColumnElement[bool]) -> str:
        engine = connect(self.url)
        with engine.connect() as connection:
            found = _hash(connection.scalars(select(written).where(where)))
        engine.dispose()
        return found

    def _change(self, *statements: str) -> None:
        """What others did meanwhile, and what the server does by itself within minutes of a day's work."""
        engine = connect(self.url)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            for statement in (*statements, "VACUUM ANALYZE"):
                connection.execute(text(statement))
        engine.dispose()


def _units(size: int, *, is_later: bool = False) -> list[Unit]:
    """Synthetic; one in ten without an address."""
    return [
        Unit(
            code=_code(number),
            name=f"示例第{number}医院（样例）",
            kind=UnitKind.MEDICAL_INSTITUTION,
            region_code=f"{110000 + number % 3000}",
            level="二级",
            handling_unit="示例医保中心",
            contact_post="医保办主任",
            contact_phone="0477-7654321" if is_later and number % CHANGED == 0 else "0477-1234567",
            contact_email=f"h{number}@hospital.example" if _has_address(number) else None,
        )
        for number in range(size)
    ]


def _code(number: int) -> str:
    return f"H{number:011d}"


def _has_address(number: int) -> bool:
    return number % 10 != 0


def _hash(facts: Iterable[str]) -> str:
    """Of all of them, in whatever order they come."""
    return hashlib.sha256("\n".join(sorted(facts)).encode()).hexdigest()
