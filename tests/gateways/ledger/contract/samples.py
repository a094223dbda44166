"""Synthetic units, returns and notices for the ledger's contract. No real institution is meant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from include.domain.campaign import Owed
from include.domain.model import UnitKind
from include.domain.notices import NewNotice, NoticeKind, SendMode, notice_key
from include.domain.obligations import Obligation
from include.domain.plans import BulkPlan
from include.domain.returns import FileKind, Judgement, ReturnFile, SelfCheckItem, Verdict
from include.domain.units import PostHolder, RosterChange, Unit
from include.steps.ports import Ledger

BEIJING = ZoneInfo("Asia/Shanghai")
CAMPAIGN = "sample_2026"
PHASE = "self_check"
FORM = "self_check_return"
MONDAY = date(2026, 3, 2)
NEXT_MONDAY = date(2026, 3, 9)
DUE = date(2026, 4, 30)
NINE = datetime(2026, 3, 9, 9, 0, tzinfo=BEIJING)
LEASE = timedelta(minutes=10)
ACTOR = "office_staff"


def make_unit(number: int, **facts: Any) -> Unit:
    """A hospital with an address, unless said otherwise."""
    code = f"H{number:011d}"
    given = {
        "code": code,
        "name": f"示例医院{number}",
        "kind": UnitKind.MEDICAL_INSTITUTION,
        "region_code": "530100",
        "level": "二级",
        "contact_email": f"{code.lower()}@hospital.example",
    }
    return Unit(**(given | facts))


def make_units(count: int) -> list[Unit]:
    return [make_unit(number) for number in range(1, count + 1)]


def make_holder(post: str = "office_director", **facts: Any) -> PostHolder:
    given = {"post_key": post, "email": f"{post}@bureau.example", "holds_from": MONDAY}
    return PostHolder(**(given | facts))


def make_change(kind: str, unit: Unit, on: date, reason: str = "协议变动") -> RosterChange:
    return RosterChange(kind=kind, unit=unit, effective_on=on, reason=reason)  # type: ignore[arg-type]


def make_owed(form: str = FORM, **facts: Any) -> Owed:
    given = {
        "form": form,
        "title": "自查自纠情况表",
        "owed_by": (UnitKind.MEDICAL_INSTITUTION,),
        "text": "各定点医疗机构应当报送自查自纠情况",
    }
    return Owed(**(given | facts))


def freeze(ledger: Ledger, units: Sequence[Unit], *, holders: Sequence[PostHolder] = ()) -> None:
    ledger.roster.freeze(CAMPAIGN, units, holders, on=MONDAY, actor=ACTOR, source_sha256="a" * 64)


def open_obligations(ledger: Ledger, units: Sequence[Unit], owed: Owed | None = None) -> list[Obligation]:
    """Freeze these units and open what they owe; return the obligations by unit code."""
    freeze(ledger, units)
    ledger.obligations.open(CAMPAIGN, PHASE, owed or make_owed(), due_on=DUE, on=MONDAY)
    return ledger.obligations.all(CAMPAIGN, PHASE)


def receive(
    ledger: Ledger,
    name: str = "自查表.xlsx",
    *,
    content: bytes | None = None,
    at: datetime = NINE,
    kind: FileKind = FileKind.WORKBOOK,
) -> ReturnFile:
    return ledger.returns.receive(
        CAMPAIGN,
        name=name,
        sha256=hashlib.sha256(content if content is not None else name.encode()).hexdigest(),
        kind=kind,
        channel="folder",
        received_at=at,
        received_on=at.astimezone(BEIJING).date(),
    )


def make_item(seq: int = 1, **facts: Any) -> SelfCheckItem:
    given = {
        "seq": seq,
        "area": "检查检验",
        "violation_type": "重复收费",
        "description": "示例：同一项目重复计费",
        "visits": 3,
        "occurrences": 5,
        "violation_amt": Decimal("1234.56"),
        "fund_amt": Decimal("1000.01"),
        "refunded_amt": Decimal("1000.00"),
        "rectify_status": "整改中",
    }
    return SelfCheckItem(**(given | facts))


def judgement(
    file: ReturnFile, obligation: Obligation, verdict: Verdict = Verdict.ACCEPTED, **facts: Any
) -> Judgement:
    given = {"unit_code": obligation.unit_code, "obligation_id": obligation.id}
    return Judgement(file.id, verdict, **(given | facts))


def judge(
    ledger: Ledger,
    judgements: Iterable[Judgement],
    notices: Sequence[NewNotice] = (),
    *,
    on: date = NEXT_MONDAY,
) -> None:
    ledger.returns.judge(list(judgements), notices, on=on, actor="check_returns")


def accept(ledger: Ledger, obligation: Obligation, *, on: date = NEXT_MONDAY, **facts: Any) -> ReturnFile:
    """The unit's workbook came in and was accepted."""
    file = receive(ledger, f"{obligation.unit_code}.xlsx")
    judge(ledger, [judgement(file, obligation, **facts)], on=on)
    return file


def make_notice(name: str = "one", **facts: Any) -> NewNotice:
    given = {
        "key": notice_key(SendMode.LIVE, CAMPAIGN, name),
        "mode": SendMode.LIVE,
        "campaign_id": CAMPAIGN,
        "kind": NoticeKind.ANNOUNCEMENT,
        "planned_on": MONDAY,
    }
    return NewNotice(**(given | facts))


def make_plan(step: str = "launch", **facts: Any) -> BulkPlan:
    given = {
        "campaign_id": CAMPAIGN,
        "phase_key": PHASE,
        "form": FORM,
        "kind": NoticeKind.LAUNCH if step == "launch" else NoticeKind.REMINDER,
        "step_key": step,
        "mode": SendMode.LIVE,
        "on": NEXT_MONDAY,
    }
    return BulkPlan(**(given | facts))


def claim_one(ledger: Ledger, *, now: datetime = NINE) -> int:
    """Claim the next notice and return its id."""
    claimed = ledger.outbox.claim(CAMPAIGN, mode=SendMode.LIVE, limit=1, now=now, lease=LEASE)
    assert len(claimed) == 1
    return claimed[0].id
