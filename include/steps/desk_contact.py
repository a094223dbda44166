"""Contacts with units signed at the desk: a telephone call."""

from __future__ import annotations

from include.domain.calls import CallResult, PhoneCall, time_of_day
from include.domain.desk import Outcome
from include.steps import calls
from include.steps.slips import Slip


def call(slip: Slip) -> Outcome:
    """Enter one telephone call; the same one again changes nothing."""
    made = PhoneCall(
        unit_code=slip["unit"],
        called_on=slip.day("called_on") or slip.on,
        result=CallResult(slip["result"]),
        post=slip["post"],
        called_at=time_of_day(slip["called_at"]),
        spoken_to=slip["spoken_to"],
        next_on=slip.day("next_on"),
        note=slip["note"],
    )
    unit, kept, is_new = calls.record(
        slip.campaign,
        made,
        signed_by=slip.by,
        reason=slip.reason,
        dry_run=slip.dry_run,
        on=slip.on,
        using=slip.using,
    )
    what = f"电话催办 {unit.code} {unit.name}"
    if not is_new:
        return Outcome(what, (), (f"{kept.when}的这次通话已经登记，没有再登记",))
    # The words of the note stay in the ledger: what is told here ends in a log.
    said = [f"接听岗位：{kept.spoken_to}" if kept.spoken_to else "", "另记通话内容" if kept.note else ""]
    change = "，".join(each for each in (f"{kept.when} {kept.zh}", *said) if each)
    return Outcome(what, (change,), tuple(_notes(slip, kept)))


def _notes(slip: Slip, kept: PhoneCall) -> list[str]:
    notes = []
    owed = slip.using.ledger.obligations.owed_by(slip.campaign.id, [kept.unit_code], list(slip.using.forms))
    if all(each.is_settled for debts in owed.values() for each in debts):
        notes.append("该单位目前没有未办结的报送")
    if kept.result is CallResult.WRONG_NUMBER:
        notes.append("名册中的联系电话有误，请问清后用名册变更登记新的号码；此前列入“电话待联系”")
    if kept.next_on is not None:
        notes.append(f"{kept.next_on}起仍未办结的，列入“今日”的“电话待联系”")
    notes.append("通话只作记录，不改变报送状态；催报档次照常进行")
    return notes
