"""Everything about one unit in one campaign, in the order it happened."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from include.domain.calls import PhoneCall
from include.domain.campaign import TIMEZONE, Campaign
from include.domain.forms import ColumnType, Form
from include.domain.glances import MailLine
from include.domain.inbound import InboundMessage
from include.domain.obligations import Extension, Obligation
from include.domain.registers import DUE, NUMBER, STATE, UNIT, Record, parts, written
from include.domain.returns import HANDED_IN, ReturnFile
from include.domain.units import Unit
from include.domain.waivers import Waiver
from include.steps.ports import Gateways


class EventKind(StrEnum):
    ROSTER = "roster"
    OWED = "owed"
    MAIL = "mail"
    MESSAGE = "message"
    FILE = "file"
    EXTENSION = "extension"
    WAIVER = "waiver"
    CALL = "call"
    RECORD = "record"

    @property
    def zh(self) -> str:
        return {
            "roster": "名册",
            "owed": "报送任务",
            "mail": "发出邮件",
            "message": "来信",
            "file": "收到文件",
            "extension": "延期",
            "waiver": "规则豁免",
            "call": "电话催办",
            "record": "台账",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. ``number`` names the mail, file or record it is about, if one."""

    day: date
    kind: EventKind
    what: str
    detail: str = ""
    at: datetime | None = None
    number: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A unit with what it owes, what the registers have on it, and what happened, the oldest first."""

    unit: Unit
    obligations: tuple[Obligation, ...]
    records: Mapping[str, tuple[Record, ...]]
    events: tuple[Event, ...]


SHANGHAI = ZoneInfo(TIMEZONE)
_TELLING = (ColumnType.CHOICE, ColumnType.MONEY)
MOST_WORDS = 5
MOST_FINDINGS = 20
"""Findings of one return that are listed; the whole list is in the answer to the unit."""


def find(
    campaign: Campaign, unit: Unit, *, on: date, using: Gateways, without: Collection[str] = ()
) -> History:
    """What is known of the unit; nothing later than that day, nothing of the registers left out."""
    ledger = using.ledger
    owed = tuple(
        each
        for owed in ledger.obligations.owed_by(campaign.id, [unit.code], list(using.forms)).values()
        for each in owed
    )
    entered = {
        form.key: ledger.registers.of_unit(campaign.id, form, unit.code)
        for form in _registers(using)
        if form.key not in without
    }
    events = [
        *_roster(campaign, unit, using),
        *(event for each in owed for event in _obligation(campaign, each, using)),
        *(_mail(campaign, each) for each in ledger.glances.mails(campaign.id, unit.code)),
        *(_message(each) for each in ledger.glances.messages(campaign.id, unit.code)),
        *(_file(each) for each in ledger.returns.all_of_unit(campaign.id, unit.code)),
        *(_waiver(each, using) for each in ledger.waivers.of_unit(campaign.id, unit.code)),
        *(_call(each) for each in ledger.calls.of_unit(campaign.id, unit.code)),
        *(_record(using.forms[key], *each) for key, found in entered.items() for each in found),
    ]
    return History(
        unit,
        tuple(sorted(owed, key=lambda each: (each.due_on, each.id))),
        {key: tuple(record for _, record in found) for key, found in entered.items() if found},
        tuple(sorted((each for each in events if each.day <= on), key=_in_time)),
    )


def summary(form: Form, record: Record) -> str:
    """What a record says in one line: choices and amounts (元), never free words, which may name a person."""
    said = [
        (kept.column.header, record.values.get(kept.name))
        for kept in parts(form)[0].kept
        if kept.name not in (NUMBER, UNIT, STATE, DUE) and kept.column.type in _TELLING
    ]
    return "，".join([f"{header}：{written(value)}" for header, value in said if value][:MOST_WORDS])


def _registers(using: Gateways) -> Iterator[Form]:
    for form in using.forms.values():
        if form.office_register and any(kept.name == UNIT for kept in parts(form)[0].kept):
            yield form


def _in_time(event: Event) -> tuple[date, bool, str]:
    """What has no time of its own begins the day, a mail that left on a later one ends it."""
    if event.at is None or event.at.date() == event.day:
        return event.day, False, event.at.isoformat() if event.at else ""
    return event.day, True, event.at.isoformat()


def _roster(campaign: Campaign, unit: Unit, using: Gateways) -> Iterator[Event]:
    moves = using.ledger.glances.roster_moves(campaign.id, unit.code)
    frozen_on = using.ledger.roster.frozen_on(campaign.id)
    if frozen_on is not None and not any(each.kind == "joined" for each in moves):
        yield Event(frozen_on, EventKind.ROSTER, "列入本次名册")
    for each in moves:
        yield Event(each.effective_on, EventKind.ROSTER, each.zh, each.reason)


def _obligation(campaign: Campaign, owed: Obligation, using: Gateways) -> Iterator[Event]:
    title = form_title(owed.form, using)
    for each in using.ledger.obligations.extensions(owed.id):
        yield _extension(title, each)
    if owed.accepted_on is not None:
        late = f"，逾期{owed.days_late}个工作日" if owed.days_late else "，按期"
        zero = "，零报告" if owed.is_zero else ""
        yield Event(owed.accepted_on, EventKind.OWED, f"《{title}》报送完成", owed.state.zh + late + zero)
    elif not owed.is_settled:
        phase = campaign.phase(owed.phase_key).title
        yield Event(owed.due_on, EventKind.OWED, f"《{title}》截止", f"{phase}，{owed.state.zh}")


def form_title(key: str, using: Gateways) -> str:
    return using.forms[key].title if key in using.forms else key


def _extension(title: str, each: Extension) -> Event:
    detail = f"批准岗位：{each.approved_by}；理由：{each.reason}"
    return Event(
        each.granted_on, EventKind.EXTENSION, f"《{title}》由{each.old_due_on}延至{each.due_on}", detail
    )


def _mail(campaign: Campaign, mail: MailLine) -> Event:
    steps = {step.key: step.title for step in campaign.ladder}
    step = steps.get(mail.step_key or "", "")
    said = [mail.state.zh, f"收件人：{mail.recipient}" if mail.recipient else "", mail.detail]
    return Event(
        mail.planned_on,
        EventKind.MAIL,
        f"{mail.kind.zh}（{step}）" if step else mail.kind.zh,
        "；".join(each for each in said if each),
        mail.at,
        str(mail.id),
    )


def _message(message: InboundMessage) -> Event:
    kind = message.kind.zh if message.kind else "来信"
    said = [message.subject, f"发件人：{message.sender}" if message.sender else "", message.state.zh]
    return Event(
        _day(message.received_at),
        EventKind.MESSAGE,
        kind,
        "；".join(each for each in (*said, message.reason) if each),
        message.received_at,
    )


def _file(file: ReturnFile) -> Event:
    said = [
        file.verdict.zh if file.verdict else "待校验",
        f"回执编号：{file.receipt_no}" if file.receipt_no else "",
        f"发件人：{file.sender}" if file.sender else "",
        f"由{file.channel.removeprefix(HANDED_IN)}代为上传" if file.channel.startswith(HANDED_IN) else "",
    ]
    return Event(
        file.received_on,
        EventKind.FILE,
        file.name,
        "；".join(each for each in said if each),
        file.received_at,
        str(file.id),
        tuple(f"{each.place}：{each.message}" for each in file.findings)[:MOST_FINDINGS],
    )


def _waiver(waiver: Waiver, using: Gateways) -> Event:
    what = f"《{form_title(waiver.form, using)}》规则“{waiver.rule}”豁免至{waiver.expires_on}"
    return Event(
        waiver.granted_on, EventKind.WAIVER, what, f"批准岗位：{waiver.approved_by}；理由：{waiver.reason}"
    )


def _call(call: PhoneCall) -> Event:
    said = [f"接听岗位：{call.spoken_to}" if call.spoken_to else "", call.note, f"由{call.post}拨打"]
    at = datetime.fromisoformat(f"{call.called_on}T{call.called_at}") if call.called_at else None
    return Event(
        call.called_on,
        EventKind.CALL,
        call.zh,
        "；".join(each for each in said if each),
        at.replace(tzinfo=SHANGHAI) if at else None,
    )


def _record(form: Form, entered_on: date, record: Record) -> Event:
    state = written(record.values.get(STATE))
    detail = "；".join(each for each in (f"现状态：{state}" if state else "", summary(form, record)) if each)
    return Event(
        entered_on, EventKind.RECORD, f"登记《{form.title}》{record.number}", detail, number=record.number
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
