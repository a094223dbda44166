"""Units and post holders of a campaign: frozen at its start, adjusted since, reproducible for any day.

The roster as imported is a set of rows that no adjustment touches but for the day they end: the
denominator of coverage is the frozen roster and does not move. An adjustment is entered with its reason
(``roster_change``); a join or a change adds a version of the unit's facts from its day on, and each
version ends where the next event of the unit begins. Days, not the order of entry, decide, so a
correction entered late still falls into its place.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from include.domain.units import NotOnRoster, PostHolder, RosterChange, RosterFrozen, Unit
from include.gateways.ledger import obligations
from include.gateways.ledger.audit import Trail, audited, canonical
from include.gateways.ledger.database import CHUNK, Database, in_chunks, insert_many, insert_new
from include.gateways.ledger.tables import in_force, obligation, post_holder, roster, roster_change, unit

_NAMES = tuple(Unit.model_fields)
_FACTS = [unit.c[name] for name in _NAMES]
_NEWEST = (
    select(*_FACTS)
    .where(unit.c.campaign_id == bindparam("of"), unit.c.code == bindparam("its_code"))
    .order_by(unit.c.joined_on.desc(), unit.c.id.desc())
    .limit(1)
)
"""Made once: every mail runs it, and making it costs more than running it."""


class Roster:
    def __init__(self, database: Database) -> None:
        self._database = database

    def frozen_on(self, campaign_id: str) -> date | None:
        with self._database.reading() as connection:
            return connection.scalar(select(roster.c.frozen_on).where(roster.c.campaign_id == campaign_id))

    def freeze(
        self,
        campaign_id: str,
        units: Sequence[Unit],
        holders: Sequence[PostHolder],
        *,
        on: date,
        actor: str,
        source_sha256: str,
    ) -> None:
        """Raise RosterFrozen when frozen from another file already; the same file changes nothing."""
        facts = {"frozen_on": on, "source_sha256": source_sha256, "unit_count": len(units)}
        with audited(self._database) as (connection, trail):
            if not _is_first(connection, campaign_id, facts):
                return
            insert_many(connection, unit, (_version(campaign_id, each, from_=on) for each in units))
            if holders:
                connection.execute(
                    post_holder.insert(),
                    [{"campaign_id": campaign_id} | each.model_dump() for each in holders],
                )
            trail.note("roster", campaign_id, None, facts, on=on, actor=actor, reason="名册冻结")

    def adjust(self, campaign_id: str, changes: Sequence[RosterChange], *, actor: str) -> int:
        """Enter joins, exits and changes; return how many were new. All or none.

        A leaver's open obligations close, and open again should it rejoin. Raise NotOnRoster when a
        unit that leaves or changes was never on the roster.
        """
        with audited(self._database) as (connection, trail):
            return sum(
                _enter(connection, trail, campaign_id, batch, actor=actor) for batch in _one_each(changes)
            )

    def units(self, campaign_id: str, *, on: date, codes: Collection[str] | None = None) -> list[Unit]:
        """Units in force that day, by code; with ``codes``, those among them."""
        of_the_day = (
            select(*_FACTS)
            .where(unit.c.campaign_id == campaign_id, in_force(on))
            .execution_options(yield_per=CHUNK)
        )
        statements = (
            [of_the_day]
            if codes is None
            else [of_the_day.where(unit.c.code.in_(chunk)) for chunk in in_chunks(sorted(codes))]
        )
        with self._database.reading() as connection:
            found = [_as_unit(row) for statement in statements for row in connection.execute(statement)]
        return sorted(found, key=lambda each: each.code)

    def unit(self, campaign_id: str, code: str, *, on: date | None = None) -> Unit | None:
        """The unit by its newest facts, also when it has left; with ``on``, None unless in force that day."""
        with self._database.reading() as connection:
            return _newest(connection, campaign_id, code, on=on)

    def known(self, campaign_id: str, codes: Collection[str]) -> dict[str, Unit]:
        """Those of the codes the roster has, by code, each with its newest facts."""
        found: dict[str, Unit] = {}
        with self._database.reading() as connection:
            for chunk in in_chunks(sorted(codes)):
                found |= _newest_of(connection, campaign_id, chunk)
        return found

    def holder(self, campaign_id: str, post_key: str, *, on: date) -> PostHolder | None:
        """Who holds the post that day; of two, the one who took it over last."""
        statement = (
            select(*(post_holder.c[name] for name in PostHolder.model_fields))
            .where(
                post_holder.c.campaign_id == campaign_id,
                post_holder.c.post_key == post_key,
                post_holder.c.holds_from <= on,
                or_(post_holder.c.holds_until.is_(None), post_holder.c.holds_until >= on),
            )
            .order_by(post_holder.c.holds_from.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return PostHolder(**row._mapping) if row else None

    def appoint(self, campaign_id: str, holder: PostHolder, *, on: date, actor: str, reason: str) -> None:
        """A post is held by another from a day on; whoever held it before holds it until the day before.

        The same again changes nothing.
        """
        with audited(self._database) as (connection, trail):
            before = connection.execute(
                select(post_holder.c.email, post_holder.c.holds_from)
                .where(post_holder.c.campaign_id == campaign_id, post_holder.c.post_key == holder.post_key)
                .order_by(post_holder.c.holds_from.desc())
                .limit(1)
            ).one_or_none()
            if before is not None and before.email == holder.email and before.holds_from <= holder.holds_from:
                return
            _give_up_post(connection, campaign_id, holder)
            connection.execute(post_holder.insert().values(campaign_id=campaign_id, **holder.model_dump()))
            trail.note(
                "post",
                f"{campaign_id}/{holder.post_key}",
                {"holder": before.email} if before else None,
                {"holder": holder.email, "from": holder.holds_from.isoformat()},
                on=on,
                actor=actor,
                reason=reason,
            )


def _give_up_post(connection: Connection, campaign_id: str, holder: PostHolder) -> None:
    """Who began later never begins; who began before ends the day before."""
    of_post = (post_holder.c.campaign_id == campaign_id, post_holder.c.post_key == holder.post_key)
    connection.execute(post_holder.delete().where(*of_post, post_holder.c.holds_from >= holder.holds_from))
    until = holder.holds_from - timedelta(days=1)
    connection.execute(
        post_holder.update()
        .where(*of_post, or_(post_holder.c.holds_until.is_(None), post_holder.c.holds_until > until))
        .values(holds_until=until)
    )


def _as_unit(row: Row[Any]) -> Unit:
    """Of a row of ``_FACTS`` and nothing else: twice as fast as by names."""
    return Unit(**dict(zip(_NAMES, row, strict=True)))


def _is_first(connection: Connection, campaign_id: str, facts: dict[str, Any]) -> bool:
    entry = insert_new(roster, connection).values(campaign_id=campaign_id, **facts)
    if connection.execute(entry).rowcount:
        return True
    there = connection.execute(select(roster).where(roster.c.campaign_id == campaign_id)).one()
    if there.source_sha256 != facts["source_sha256"]:
        raise RosterFrozen(there.frozen_on)
    return False


def _version(campaign_id: str, facts: Unit, *, from_: date, change_id: int | None = None) -> dict[str, Any]:
    # An empty address is no address: the plan counts such a unit among those to be telephoned.
    email = (facts.contact_email or "").strip() or None
    own = {"campaign_id": campaign_id, "joined_on": from_, "change_id": change_id}
    return dict(facts) | own | {"contact_email": email}


def _newest(connection: Connection, campaign_id: str, code: str, *, on: date | None = None) -> Unit | None:
    statement = _NEWEST if on is None else _NEWEST.where(in_force(on))
    row = connection.execute(statement, {"of": campaign_id, "its_code": code}).one_or_none()
    return _as_unit(row) if row else None


def _one_each(changes: Sequence[RosterChange]) -> Iterator[list[RosterChange]]:
    """The changes in their order, in batches in which no unit comes twice."""
    batch: dict[str, RosterChange] = {}
    for change in changes:
        if change.unit.code in batch or len(batch) == CHUNK:
            yield list(batch.values())
            batch = {}
        batch[change.unit.code] = change
    if batch:
        yield list(batch.values())


def _enter(
    connection: Connection,
    trail: Trail,
    campaign_id: str,
    changes: Sequence[RosterChange],
    *,
    actor: str,
) -> int:
    """Enter changes of different units; return how many are new."""
    codes = [change.unit.code for change in changes]
    newest = _newest_of(connection, campaign_id, codes)
    for change in changes:
        if change.kind != "joined" and change.unit.code not in newest:
            raise NotOnRoster(change.unit.code, change.unit.name)
    ids = _new_changes(connection, campaign_id, changes)
    new = [change for change in changes if change.unit.code in ids]
    insert_many(
        connection,
        unit,
        (
            _version(campaign_id, each.unit, from_=each.effective_on, change_id=ids[each.unit.code])
            for each in new
            if each.kind != "left"
        ),
    )
    _set_ends(connection, campaign_id, list(ids))
    _rename(connection, campaign_id, [each.unit for each in new if each.kind == "changed"])
    for change in new:
        _follow_up(connection, trail, campaign_id, change, newest, ids, actor=actor)
    return len(new)


def _newest_of(connection: Connection, campaign_id: str, codes: Sequence[str]) -> dict[str, Unit]:
    oldest_first = (
        select(*_FACTS)
        .where(unit.c.campaign_id == campaign_id, unit.c.code.in_(codes))
        .order_by(unit.c.joined_on, unit.c.id)
    )
    return {row.code: _as_unit(row) for row in connection.execute(oldest_first)}


def _new_changes(connection: Connection, campaign_id: str, changes: Sequence[RosterChange]) -> dict[str, int]:
    """By unit the number of its change; those entered before are absent."""
    entry = insert_new(roster_change, connection).returning(roster_change.c.unit_code, roster_change.c.id)
    rows = [
        {
            "campaign_id": campaign_id,
            "unit_code": change.unit.code,
            "kind": change.kind,
            "effective_on": change.effective_on,
            "facts_sha256": _facts_sha256(change),
            "reason": change.reason,
        }
        for change in changes
    ]
    return dict(connection.execute(entry, rows).all())


def _facts_sha256(change: RosterChange) -> str:
    facts = "" if change.kind == "left" else canonical(change.unit.model_dump(mode="json"))
    return hashlib.sha256(facts.encode()).hexdigest()


def _rename(connection: Connection, campaign_id: str, units: Sequence[Unit]) -> None:
    """What is owed goes by the unit's name of today."""
    if units:
        named = update(obligation).where(
            obligation.c.campaign_id == campaign_id,
            obligation.c.unit_code == bindparam("its_code"),
            obligation.c.unit_name != bindparam("its_name"),
        )
        connection.execute(
            named.values(unit_name=bindparam("its_name")),
            [{"its_code": each.code, "its_name": each.name} for each in units],
        )


def _follow_up(
    connection: Connection,
    trail: Trail,
    campaign_id: str,
    change: RosterChange,
    newest: Mapping[str, Unit],
    ids: Mapping[str, int],
    *,
    actor: str,
) -> None:
    """Write a change down, and close or reopen what the unit owes."""
    code, day, before = change.unit.code, change.effective_on, newest.get(change.unit.code)
    trail.note(
        "unit",
        f"{campaign_id}/{code}",
        before.model_dump(mode="json") if before else None,
        {"change": change.kind, "effective_on": day, "facts": change.unit.model_dump(mode="json")},
        on=day,
        actor=actor,
        reason=change.reason,
    )
    if change.kind == "left":
        obligations.close(
            connection, trail, campaign_id, code, ids[code], on=day, actor=actor, reason=change.reason
        )
    elif change.kind == "joined":
        obligations.reopen(connection, trail, campaign_id, code, on=day, actor=actor, reason=change.reason)


def _set_ends(connection: Connection, campaign_id: str, codes: Sequence[str]) -> None:
    """Let each version end where its unit's next event begins. A change to a unit that has left is empty."""
    moved = []
    for events in _events(connection, campaign_id, codes).values():
        member, current, ends = False, None, dict[int, date | None]()
        for day, _, kind, version_id, _ in events:
            if current is not None:
                ends[current] = day
            member = kind == "joined" or (member and kind == "changed")
            current = version_id
            if current is not None:
                ends[current] = None if member else day
            if not member:
                current = None
        moved += [
            {"version": version_id, "end": ends[version_id]}
            for *_, version_id, end in events
            if version_id is not None and ends[version_id] != end
        ]
    if moved:
        ended = update(unit).where(unit.c.id == bindparam("version")).values(left_on=bindparam("end"))
        connection.execute(ended, moved)


Event = tuple[date, int, str, int | None, date | None]
"""Day, number of the change, kind, version of the unit and when that ends so far; an exit has none."""


def _events(connection: Connection, campaign_id: str, codes: Sequence[str]) -> dict[str, list[Event]]:
    """By unit everything that ever happened to it, in the order of days."""
    versions = connection.execute(
        select(
            unit.c.code, unit.c.joined_on, unit.c.change_id, roster_change.c.kind, unit.c.id, unit.c.left_on
        )
        .select_from(unit.outerjoin(roster_change, roster_change.c.id == unit.c.change_id))
        .where(unit.c.campaign_id == campaign_id, unit.c.code.in_(codes))
    )
    exits = connection.execute(
        select(roster_change.c.unit_code, roster_change.c.effective_on, roster_change.c.id).where(
            roster_change.c.campaign_id == campaign_id,
            roster_change.c.unit_code.in_(codes),
            roster_change.c.kind == "left",
        )
    )
    events: defaultdict[str, list[Event]] = defaultdict(list)
    for code, day, change, kind, version_id, end in versions:
        events[code].append((day, change or 0, kind or "joined", version_id, end))
    for code, day, change in exits:
        events[code].append((day, change, "left", None, None))
    return {code: sorted(each, key=lambda event: event[:2]) for code, each in events.items()}
