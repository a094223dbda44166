"""Due dates as a calendar file (.ics, RFC 5545): what a phone or Outlook puts into its owner's calendar.

The same facts give the same bytes. A date that was moved has the same UID and a higher SEQUENCE, so that the
calendar moves its entry instead of keeping two (RFC 5546, section 2.1.5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from include.domain.campaign import TIMEZONE
from include.domain.letters import DueDate

SHANGHAI = ZoneInfo(TIMEZONE)
MORNING = time(9)
PRODUCT = "-//Duban//Medical insurance supervision//ZH"


def calendar_file(entries: Iterable[DueDate]) -> bytes:
    """One all-day event per due date, as a UTF-8 calendar to be published (METHOD:PUBLISH)."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-timezone", TIMEZONE)
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _event(entry: DueDate) -> Event:
    event = Event()
    event.add("uid", _uid(entry))
    event.add("sequence", entry.revision)
    event.add("dtstamp", datetime.combine(entry.written_on, MORNING, SHANGHAI).astimezone(UTC))
    event.add("dtstart", entry.due_on)
    event.add("dtend", entry.due_on + timedelta(days=1))  # the day after: the end is not part of it (3.6.1)
    event.add("summary", f"报送截止：{entry.title}（{entry.unit_name}）")
    event.add("description", entry.text)
    event.add("organizer", _office(entry))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if entry.remind_on is not None:
        event.add_component(_alarm(entry, datetime.combine(entry.remind_on, MORNING)))
    return event


def _alarm(entry: DueDate, at: datetime) -> Alarm:
    """Relative to the start of the due date: an absolute time is ignored by several calendars."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", at - datetime.combine(entry.due_on, time.min))
    alarm.add("description", f"即将截止：{entry.title}（{entry.unit_name}）")
    return alarm


def _office(entry: DueDate) -> vCalAddress:
    address = vCalAddress(f"MAILTO:{entry.office.mailbox}")
    if entry.office.name:
        address.params["CN"] = vText(entry.office.name)
    return address


def _uid(entry: DueDate) -> str:
    """Of the obligation, never of the day: the same for ever, and nobody can read the unit from it."""
    domain = entry.office.mailbox.rpartition("@")[2]
    return f"{hashlib.sha256(entry.key.encode()).hexdigest()[:32]}@{domain}"
