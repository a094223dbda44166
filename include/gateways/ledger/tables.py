"""The ledger's tables. The migrations create them; a test fails when the two differ."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    or_,
    text,
)

from include.domain.calls import CallResult
from include.domain.feeds import PullState
from include.domain.model import Severity, UnitKind
from include.domain.notices import NoticeKind, NoticeState, SendMode
from include.domain.obligations import UNSETTLED, ObligationState
from include.domain.reports import EditionState, FileRole, Scope
from include.domain.returns import FileKind, Verdict
from include.domain.sign_off import Hand
from include.gateways.ledger.columns import Instant, Money, Number, word


def shaped(table: Table, record: type[Any]) -> list[Column[Any]]:
    """The columns named as the dataclass's fields, so that ``record(**row._mapping)`` works."""
    return [table.c[field.name] for field in fields(record) if field.name in table.c]


def in_force(on: date) -> ColumnElement[bool]:
    """The version of a unit that holds on that day; at most one per unit."""
    return and_(unit.c.joined_on <= on, or_(unit.c.left_on.is_(None), unit.c.left_on > on))


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _campaign() -> Column[str]:
    return Column("campaign_id", String(48), nullable=False)


def _index_where_set(name: str, first: str, *others: str) -> Index:
    """An index of the rows in which its first column is not null."""
    return _index_where(name, f"{first} IS NOT NULL", first, *others)


def _index_where(name: str, condition: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


_UNSETTLED = f"state IN ({', '.join(repr(str(state)) for state in sorted(UNSETTLED))})"
_UNIT_LIST = (
    *("campaign_id", "code", "joined_on", "left_on", "kind", "region_code", "name"),
    *("contact_email", "backup_email"),
)
_OWING = ("campaign_id", "due_on", "phase_key", "form", "occasion", "filled_by", "state", "unit_code")


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

roster = Table(
    "roster",
    metadata,
    Column("campaign_id", String(48), primary_key=True),
    Column("frozen_on", Date, nullable=False),
    Column("source_sha256", String(64), nullable=False),
    Column("unit_count", Integer, nullable=False),
)

roster_change = Table(
    "roster_change",
    metadata,
    _id(),
    _campaign(),
    Column("unit_code", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("facts_sha256", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint(
        "campaign_id", "unit_code", "kind", "effective_on", "facts_sha256", name="uq_roster_change_once"
    ),
    CheckConstraint("kind IN ('joined', 'left', 'changed')", name="change_kind"),
)

unit = Table(
    "unit",
    metadata,
    _id(),
    _campaign(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", word(UnitKind, "unit_kind"), nullable=False),
    Column("uscc", Text),
    Column("region_code", Text, nullable=False),
    Column("level", Text),
    Column("ownership", Text),
    Column("handling_unit", Text),
    Column("agreement_status", Text, nullable=False),
    Column("contact_post", Text),
    Column("contact_email", Text),
    Column("contact_phone", Text),
    Column("backup_email", Text),
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date),
    Column("change_id", ForeignKey("roster_change.id")),
    # With all a list is narrowed down by, so that a campaign's units are counted without a look at the rows.
    Index("ix_unit_list", *_UNIT_LIST),
)
"""One row per version of a unit's facts, in force from ``joined_on`` until the day before ``left_on``.

Rows without ``change_id`` are the frozen roster.
"""

post_holder = Table(
    "post_holder",
    metadata,
    _id(),
    _campaign(),
    Column("post_key", String(48), nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text),
    Column("holds_from", Date, nullable=False),
    Column("holds_until", Date),
    UniqueConstraint("campaign_id", "post_key", "holds_from"),
)

obligation = Table(
    "obligation",
    metadata,
    _id(),
    _campaign(),
    Column("phase_key", String(48), nullable=False),
    Column("form", String(48), nullable=False),
    Column("occasion", String(32), nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_name", Text, nullable=False),
    Column("unit_kind", word(UnitKind, "unit_kind"), nullable=False),
    Column("state", word(ObligationState, "state"), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("scan_required", Boolean, nullable=False),
    Column("filled_by", String(16), nullable=False),
    Column("is_zero", Boolean, nullable=False, default=False),
    Column("received_on", Date),
    Column("accepted_on", Date),
    Column("days_late", Integer, nullable=False, default=0),
    # The newest accepted return. No foreign key: return_file has one to here, and a circle cannot be created.
    Column("return_id", Integer),
    Column("closed_by", ForeignKey("roster_change.id")),
    UniqueConstraint("campaign_id", "phase_key", "form", "occasion", "unit_code"),
    Index("ix_obligation_campaign_id_unit_code", "campaign_id", "unit_code"),
    # With all that is asked of it, so that what is still owed is counted without a look at the rows.
    _index_where("ix_obligation_unsettled", _UNSETTLED, *_OWING),
    CheckConstraint("filled_by IN ('unit', 'office')", name="filled_by"),
)

extension = Table(
    "extension",
    metadata,
    _id(),
    Column("obligation_id", ForeignKey("obligation.id"), nullable=False, index=True),
    Column("old_due_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("granted_on", Date, nullable=False),
    UniqueConstraint("obligation_id", "due_on"),
)

return_file = Table(
    "return_file",
    metadata,
    _id(),
    _campaign(),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("kind", word(FileKind, "kind"), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("unit_code", Text),
    Column("obligation_id", ForeignKey("obligation.id"), index=True),
    Column("verdict", word(Verdict, "verdict")),
    Column("receipt_no", Text, unique=True),
    Column("judged_on", Date),
    Column("message_row_id", ForeignKey("inbound_message.id"), index=True),
    Column("sender", Text),
    Column("hint_unit_code", Text),
    Column("is_vouched", Boolean),
    UniqueConstraint("campaign_id", "name", "sha256"),
    Index("ix_return_file_campaign_id_sha256", "campaign_id", "sha256"),
    Index("ix_return_file_campaign_id_unit_code", "campaign_id", "unit_code"),
)

finding = Table(
    "finding",
    metadata,
    _id(),
    Column("return_id", ForeignKey("return_file.id"), nullable=False, index=True),
    Column("rule", String(128), nullable=False),
    Column("message", Text, nullable=False),
    Column("severity", word(Severity, "severity"), nullable=False),
    Column("sheet", Text, nullable=False),
    Column("cell", Text, nullable=False),
    Column("header", Text, nullable=False),
    Column("value", Text, nullable=False),
)

self_check_item = Table(
    "self_check_item",
    metadata,
    _id(),
    Column("return_id", ForeignKey("return_file.id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("area", Text, nullable=False),
    Column("violation_type", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("occurrences", Integer, nullable=False),
    Column("violation_amt", Money, nullable=False),
    Column("fund_amt", Money, nullable=False),
    Column("refunded_amt", Money, nullable=False),
    Column("rectify_status", Text, nullable=False),
)

snapshot = Table(
    "snapshot",
    metadata,
    _id(),
    _campaign(),
    Column("report_key", String(48), nullable=False),
    Column("phase_key", String(48), nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("taken_on", Date, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("campaign_id", "report_key", "phase_key", "period_start", "period_end", "sha256"),
)

figure = Table(
    "figure",
    metadata,
    _id(),
    Column("snapshot_id", ForeignKey("snapshot.id"), nullable=False),
    Column("indicator", String(128), nullable=False),
    Column("dimension", String(48), nullable=False),
    Column("member", Text, nullable=False),
    Column("value", Number, nullable=False),
    Column("scope", word(Scope, "scope"), nullable=False),
    Column("computed", Number),
    UniqueConstraint("snapshot_id", "indicator", "dimension", "member", "scope"),
)

figure_note = Table(
    "figure_note",
    metadata,
    _id(),
    _campaign(),
    Column("report_key", String(48), nullable=False),
    Column("period_end", Date, nullable=False),
    Column("indicator", String(128), nullable=False),
    Column("dimension", String(48), nullable=False),
    Column("member", Text, nullable=False),
    Column("scope", word(Scope, "scope"), nullable=False),
    Column("value", Number),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    UniqueConstraint(
        "campaign_id",
        "report_key",
        "period_end",
        "indicator",
        "dimension",
        "member",
        "scope",
        name="uq_figure_note_once",
    ),
)
"""Why a figure fell, or what is printed instead of it; the last word on each figure, older ones are in the audit."""

report_edition = Table(
    "report_edition",
    metadata,
    _id(),
    _campaign(),
    Column("report_key", String(48), nullable=False),
    Column("occasion", String(32), nullable=False),
    Column("number", Integer, nullable=False),
    Column("snapshot_id", ForeignKey("snapshot.id"), nullable=False),
    Column("state", word(EditionState, "state"), nullable=False),
    Column("compiled_on", Date, nullable=False),
    Column("correction", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("event", JSON(none_as_null=True)),
    Column("sent_at", Instant),
    Column("received_on", Date),
    Column("receipt", Text, nullable=False),
    UniqueConstraint("campaign_id", "report_key", "occasion", "number"),
)

edition_file = Table(
    "edition_file",
    metadata,
    _id(),
    Column("edition_id", ForeignKey("report_edition.id"), nullable=False),
    Column("role", word(FileRole, "role"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    UniqueConstraint("edition_id", "name"),
)

approval = Table(
    "approval",
    metadata,
    _id(),
    Column("edition_id", ForeignKey("report_edition.id"), nullable=False),
    Column("hand", word(Hand, "hand"), nullable=False),
    Column("post_key", String(48), nullable=False),
    Column("run", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("until", Instant),
    Column("approved", Boolean),
    Column("by", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant),
    UniqueConstraint("edition_id", "hand"),
)
"""One row per hand that an edition was laid before; ``approved`` once it has decided."""

waiver = Table(
    "waiver",
    metadata,
    _id(),
    _campaign(),
    Column("unit_code", String(48), nullable=False),
    Column("form", String(48), nullable=False),
    Column("rule", String(96), nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_by", String(100), nullable=False),
    Column("granted_on", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    UniqueConstraint("campaign_id", "form", "unit_code", "rule", "granted_on"),
)

phone_call = Table(
    "phone_call",
    metadata,
    _id(),
    _campaign(),
    Column("unit_code", Text, nullable=False),
    Column("called_on", Date, nullable=False),
    Column("called_at", String(5), nullable=False),
    Column("result", word(CallResult, "result"), nullable=False),
    Column("post", String(100), nullable=False),
    Column("spoken_to", Text, nullable=False),
    Column("next_on", Date),
    Column("note", Text, nullable=False),
    Column("number", Text, nullable=False),
    UniqueConstraint("campaign_id", "unit_code", "called_on", "called_at"),
)

dispatch = Table(
    "dispatch",
    metadata,
    _id(),
    Column("mode", word(SendMode, "mode"), nullable=False),
    _campaign(),
    Column("phase_key", String(48)),
    Column("form", String(48)),
    Column("kind", word(NoticeKind, "kind", checked=False), nullable=False),
    Column("step_key", String(48)),
    Column("due_on", Date),
    Column("occasion", String(32), nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("entered", Integer, nullable=False),
    Column("needs_approval", Boolean, nullable=False),
    Column("approved", Boolean),
    Column("decided_by", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Index("ix_dispatch_campaign_id", "campaign_id"),
)
"""One row per planning run that entered notices: how many there must be, and whether they may leave."""

sending_stop = Table(
    "sending_stop",
    metadata,
    Column("scope", String(96), primary_key=True),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""While a row is here nothing of its scope can be claimed: a campaign, or ``*`` for all. Of a unit
(``campaign/unit``) what is claimed is kept back."""

notice = Table(
    "notice",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    Column("mode", word(SendMode, "mode"), nullable=False),
    _campaign(),
    Column("phase_key", String(48)),
    Column("kind", word(NoticeKind, "kind", checked=False), nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("step_key", String(48)),
    Column("obligation_id", ForeignKey("obligation.id"), index=True),
    Column("return_id", ForeignKey("return_file.id")),
    Column("edition_id", ForeignKey("report_edition.id")),
    Column("unit_code", Text),
    Column("post_key", String(48)),
    Column("due_on", Date),
    Column("attachments", JSON(none_as_null=True)),
    Column("thread_key", Text),
    Column("dispatch_id", ForeignKey("dispatch.id"), index=True),
    Column("about_id", ForeignKey("dispatch.id")),
    Column("message_row_id", ForeignKey("inbound_message.id")),
    Column("group_key", Text),
    Column("useful_until", Date),
    Column("state", word(NoticeState, "state"), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Instant),
    Column("lease_until", Instant),
    Column("recipient", Text),
    Column("message_id", Text),
    Column("detail", Text, nullable=False, default=""),
    # With the id, so that the next one to send is found without a look at those already sent.
    Index("ix_notice_campaign_id_state_id", "campaign_id", "state", "id"),
    # All that a page of the outbox is narrowed down by, newest first, without a look at the rows themselves.
    Index("ix_notice_list", "campaign_id", "id", "kind", "planned_on", "state", "unit_code"),
    # Of the rows that have one: planning enters a hundred thousand that have neither.
    _index_where_set("ix_notice_group_key_state", "group_key", "state"),
    _index_where_set("ix_notice_message_id", "message_id"),
    _index_where_set("ix_notice_unit_code_campaign_id", "unit_code", "campaign_id"),
)
"""The outbox. The recipient is looked up when sending and written down when handed over.

``group_key`` only remembers who shared a contact when they were planned.
"""

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    _id(),
    Column("notice_id", ForeignKey("notice.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", word(NoticeState, "state"), nullable=False),
    Column("recipient", Text),
    Column("message_id", Text),
    Column("detail", Text, nullable=False),
)

sent_mail = Table(
    "sent_mail",
    metadata,
    _id(),
    Column("message_id", Text, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""A mail as it was handed over, with the attempts of the same ``message_id`` and ``at``: see ``letter_book``."""

feed_pull = Table(
    "feed_pull",
    metadata,
    _id(),
    _campaign(),
    Column("feed", String(48), nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", word(PullState, "state", checked=False), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("loaded_at", Instant),
    Column("changed", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_feed_pull_campaign_id_feed", "campaign_id", "feed"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("entity", String(48), nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Append-only. ``old`` and ``new`` are JSON; each hash covers the one before it."""
