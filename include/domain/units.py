"""Who owes returns, and which post answers for what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal

from include.domain.dates import zh_date
from include.domain.model import Key, Strict, Text, UnitKind


class RosterFrozen(ValueError):
    """The roster is fixed from another file; what changes since goes through adjustments."""

    def __init__(self, frozen_on: date) -> None:
        super().__init__(
            f"名册已于{zh_date(frozen_on)}冻结，不能用另一份文件替换；单位新增、退出或信息变更请作名册调整并写明原因"
        )


class NotOnRoster(ValueError):
    """A change names a unit the roster has never had."""

    def __init__(self, code: str, name: str) -> None:
        super().__init__(
            f"名册中没有编码为“{code}”的单位（{name}），不能登记退出或变更；请核对编码，新增单位请登记为“新增”"
        )


class Unit(Strict):
    """One reporting unit (报送单位) as the roster has it. ``email`` is the unit's general mailbox."""

    code: Text
    name: Text
    kind: UnitKind
    uscc: str | None = None
    region_code: str
    level: str | None = None  # 医院等级,药店为空
    ownership: str | None = None  # 公立 / 民营
    handling_unit: str | None = None  # 管辖经办机构
    agreement_status: str = "有效"
    contact_post: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    backup_email: str | None = None

    def address(self, suspended: Collection[str] = ()) -> str | None:
        """Where mail goes: the contact's mailbox, else the second one; none that mail came back from."""
        usable = (mail for mail in (self.contact_email, self.backup_email) if mail)
        return next((mail for mail in usable if mail.lower() not in suspended), None)


class PostHolder(Strict):
    """Who holds an office post in a span of days; only the mailbox and telephone are kept, no name."""

    post_key: Key
    email: str
    phone: str | None = None
    holds_from: date
    holds_until: date | None = None

    def holds(self, on: date) -> bool:
        return self.holds_from <= on and (self.holds_until is None or on <= self.holds_until)


class RosterChange(Strict):
    """A unit that joined or left after the roster was frozen (名册调整)."""

    kind: Literal["joined", "left", "changed"]
    unit: Unit
    effective_on: date
    reason: Text
