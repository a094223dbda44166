"""Units and post holders of a campaign: frozen at its start, adjusted since, reproducible for any day.

The roster as imported is a set of rows that no adjustment touches but for the day they end: the
denominator of coverage is the frozen roster and does not move. An adjustment is entered with its reason
(``roster_change``); a join or a change adds a version of the unit's facts from its day on, and each
version ends where the next event of the unit begins. Days, not the order of entry, decide, so a
correction entered late still falls into its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from include.domain.units import NotOnRoster, PostHolder, RosterChange, RosterFrozen, Unit
from include.gateways.ledger import obligations
from include.gateways.ledger.audit import Trail, audited, canonical
from include.gateways.ledger.database import Database, in_chunks, insert_new
from include.gateways.ledger.tables import in_force, obligation, post_holder, roster, roster_change, unit

FACTS = [unit.c[name] for name in Unit.model_fields]
_NEWEST = (
    select(*FACTS)
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
            if units:
                connection.execute(unit.insert(), [_version(campaign_id, each, from_=on) for each in units])
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
            return sum(_enter(connection, trail, campaign_id, change, actor=actor) for change in changes)

    def units(self, campaign_id: str, *, on: date) -> list[Unit]:
        """Units in force that day, by code."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(*FACTS).where(unit.c.campaign_id == campaign_id, in_force(on))
            ).all()
        return sorted((as_unit(row._mapping) for row in rows), key=lambda each: each.code)

    def unit(self, campaign_id: str, code: str, *, on: date | None = None) -> Unit | None:
        """The unit by its newest facts, also when it has left; with ``on``, None unless in force that day."""
        with self._database.reading() as connection:
            return _newest(connection, campaign_id, code, on=on)

    def known(self, campaign_id: str, codes: Collection[str]) -> dict[str, Unit]:
        """Those of the codes the roster has, by code, each with its newest facts."""
        found: dict[str, Unit] = {}
        with self._database.reading() as connection:
            for chunk in in_chunks(sorted(codes)):
                oldest_first = (
                    select(*FACTS)
                    .where(unit.c.campaign_id == campaign_id, unit.c.code.in_(chunk))
                    .order_by(unit.c.joined_on, unit.c.id)
                )
                for row in connection.execute(oldest_first):
                    found[row.code] = as_unit(row._mapping)
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


def as_unit(facts: Any) -> Unit:
    return Unit(**{name: facts[name] for name in Unit.model_fields})


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
    return facts.model_dump() | own | {"contact_email": email}


def _newest(connection: Connection, campaign_id: str, code: str, *, on: date | None = None) -> Unit | None:
    statement = _NEWEST if on is None else _NEWEST.where(in_force(on))
    row = connection.execute(statement, {"of": campaign_id, "its_code": code}).one_or_none()
    return as_unit(row._mapping) if row else None


def _enter(
    connection: Connection, trail: Trail, campaign_id: str, change: RosterChange, *, actor: str
) -> bool:
    code, day = change.unit.code, change.effective_on
    before = _newest(connection, campaign_id, code)
    if before is None and change.kind != "joined":
        raise NotOnRoster(code, change.unit.name)
    change_id = _new_change(connection, campaign_id, change)
    if change_id is None:
        return False
    if change.kind != "left":
        version = _version(campaign_id, change.unit, from_=day, change_id=change_id)
        connection.execute(unit.insert().values(version))
    _set_ends(connection, campaign_id, code)
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
            connection, trail, campaign_id, code, change_id, on=day, actor=actor, reason=change.reason
        )
    elif change.kind == "joined":
        obligations.reopen(connection, trail, campaign_id, code, on=day, actor=actor, reason=change.reason)
    else:
        connection.execute(
            update(obligation)
            .where(obligation.c.campaign_id == campaign_id, obligation.c.unit_code == code)
            .values(unit_name=change.unit.name)
        )
    return True


def _new_change(connection: Connection, campaign_id: str, change: RosterChange) -> int | None:
    facts = "" if change.kind == "left" else canonical(change.unit.model_dump(mode="json"))
    entry = (
        insert_new(roster_change, connection)
        .values(
            campaign_id=campaign_id,
            unit_code=change.unit.code,
            kind=change.kind,
            effective_on=change.effective_on,
            facts_sha256=hashlib.sha256(facts.encode()).hexdigest(),
            reason=change.reason,
        )
        .returning(roster_change.c.id)
    )
    change_id: int | None = connection.scalar(entry)
    return change_id


def _set_ends(connection: Connection, campaign_id: str, code: str) -> None:
    """Let each version end where the unit's next event begins. A change to a unit that has left is empty."""
    member, current, ends = False, None, dict[int, date | None]()
    for day, kind, version_id in _events(connection, campaign_id, code):
        if current is not None:
            ends[current] = day
        member = kind == "joined" or (member and kind == "changed")
        current = version_id
        if current is not None:
            ends[current] = None if member else day
        if not member:
            current = None
    for version_id, end in ends.items():
        connection.execute(update(unit).where(unit.c.id == version_id).values(left_on=end))


def _events(connection: Connection, campaign_id: str, code: str) -> list[tuple[date, str, int | None]]:
    """Day, kind and version of everything that ever happened to the unit, in the order of days."""
    versions = connection.execute(
        select(unit.c.joined_on, unit.c.change_id, roster_change.c.kind, unit.c.id)
        .select_from(unit.outerjoin(roster_change, roster_change.c.id == unit.c.change_id))
        .where(unit.c.campaign_id == campaign_id, unit.c.code == code)
    )
    exits = connection.execute(
        select(roster_change.c.effective_on, roster_change.c.id).where(
            roster_change.c.campaign_id == campaign_id,
            roster_change.c.unit_code == code,
            roster_change.c.kind == "left",
        )
    )
    events: list[tuple[date, int, str, int | None]] = [
        (day, change or 0, kind or "joined", id_) for day, change, kind, id_ in versions
    ]
    events += [(day, change, "left", None) for day, change in exits]
    return [(day, kind, version) for day, _, kind, version in sorted(events, key=lambda event: event[:2])]
