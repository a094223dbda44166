"""Sending mail: ``yagmail.send`` for each one, and sessions that keep their connection.

python -m bench.mail [--size N] [--rounds R]

The server is a local process with STARTTLS and AUTH that counts every Message-ID; each must have come exactly once.

1. One sender after the other, each mail composed by yagmail on both sides, no latency.
2. The same with 10 ms before every reply of the server, ours with as many connections as the quota allows.
3. The whole reminder: the first version builds the workbook with openpyxl, renders the letter, sends with yagmail.send
   and commits one mark for each, its facts being given; ours is the step that delivers notices, with ledger, letters
   and workbooks.

yagmail.send as it comes waits 40 ms in each long mail for an acknowledgement (Nagle's algorithm); a reader must not take
that for our work, so the first version is spared it. What it is with the wait is printed beside it.

The slow sides work on a sample; both are compared per mail, by the clock and by the processor time of this process.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import socket
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import yagmail

from bench import KEY
from bench.mail_sink import LOGIN, PASSWORD, Sink, sink
from bench.templates import built
from include.assembly import Assembly
from include.campaigns.registry import FOLDER, load_campaign
from include.domain.campaign import Campaign
from include.domain.ladder import step_day
from include.domain.letters import Letter
from include.domain.model import UnitKind
from include.domain.notices import Handed, Message, NoticeKind, NoticeState, SendMode
from include.domain.plans import BulkPlan
from include.domain.quota import Quota
from include.domain.units import Unit
from include.gateways.form_files import load_forms
from include.gateways.letters import Letters
from include.gateways.mail_server import SmtpAccount, SmtpMailServer
from include.settings import Settings
from include.steps import deliver, ports, write
from tests.mail_peers.certificates import self_signed

CAMPAIGN, FORM = "wushen_2024", "self_check"
LATENCY = 0.010
CONNECTIONS = 32
PER_MINUTE = 60_000
SAMPLE = 30
REMINDERS = 1000
PEAK_SIZES = (300, 1200)


def unit(number: int) -> Unit:
    return Unit(
        code=f"H150626{number:05d}",
        name=f"示例医院{number}（样例）",
        kind=UnitKind.MEDICAL_INSTITUTION,
        region_code="150626",
        contact_email=f"h{number}@hospital.example",
    )


class Collected:
    """In the place of a mail server and its session: keeps the messages."""

    mode = SendMode.LIVE
    quota = Quota()

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @contextmanager
    def session(self, *, sent_today: int = 0) -> Iterator[Collected]:
        yield self

    def ready(self, *, at_most: float) -> bool:
        return True

    def send(self, message: Message) -> Handed:
        self.messages.append(message)
        return Handed(NoticeState.ACCEPTED, "250 ok")


class Office:
    """A ledger in which every unit of a campaign is to be reminded."""

    def __init__(self, folder: Path, server: ports.MailServer, size: int) -> None:
        from include.gateways.ledger.database import upgrade

        folder.mkdir()
        settings = Settings(home=folder, token_key=KEY, sending_hours="", approve_above=1_000_000)
        upgrade(settings.ledger_default_url)
        self.using = Assembly(settings, settings.ledger_default_url, server)
        self.campaign: Campaign = load_campaign(FOLDER / CAMPAIGN)
        self.phase = self.campaign.phase("self_check")
        self.step = self.campaign.ladder[0]
        self.on = step_day(self.step, self.phase.due, self.using.calendar)
        self.form = self.using.forms[FORM]
        self.units = [unit(number) for number in range(1, size + 1)]
        self._plan()

    def _plan(self) -> None:
        ledger = self.using.ledger
        ledger.roster.freeze(
            CAMPAIGN, self.units, [], on=self.campaign.starts_on, actor="bench", source_sha256="0" * 64
        )
        owed = self.phase.returns[0]
        ledger.obligations.open(
            CAMPAIGN, self.phase.key, owed, due_on=self.phase.due, on=self.campaign.starts_on
        )
        ledger.outbox.plan_units(
            BulkPlan(
                CAMPAIGN,
                self.phase.key,
                owed.form,
                NoticeKind.REMINDER,
                self.step.key,
                SendMode.LIVE,
                on=self.on,
                due_on=self.phase.due,
            )
        )

    def letters(self) -> Iterator[Letter]:
        [batch] = self.using.ledger.outbox.dispatches(CAMPAIGN)
        for notice in self.using.ledger.outbox.samples(batch.id, limit=len(self.units)):
            draft = write.letter(self.campaign, notice, on=self.on, using=self.using)
            assert isinstance(draft, write.Draft)
            yield draft.letter


def reminders(folder: Path, size: int) -> tuple[list[Message], list[Letter]]:
    """The reminders of an office as they would be sent, and what they say."""
    kept = Collected()
    office = Office(folder, kept, size)
    letters = list(office.letters())
    delivered(office)
    office.using.close()
    return kept.messages, letters


def office_server(port: int, **changes: object) -> SmtpMailServer:
    account = SmtpAccount(
        host="127.0.0.1", port=port, from_address=LOGIN, login=LOGIN, password=PASSWORD, security="starttls"
    )
    return SmtpMailServer(replace(account, **changes), mode=SendMode.LIVE)  # type: ignore[arg-type]


class Prompt(yagmail.SMTP):  # type: ignore[misc]
    """Without the wait for an acknowledgement."""

    def login(self) -> None:
        super().login()
        self.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def naive_client(port: int, kind: type[yagmail.SMTP] = Prompt) -> yagmail.SMTP:
    return kind(LOGIN, PASSWORD, host="127.0.0.1", port=port, smtp_ssl=False, smtp_starttls=True, timeout=30)


def naive(port: int, messages: Sequence[Message], files: Path, kind: type[yagmail.SMTP] = Prompt) -> None:
    """As its manual shows it, but for the HTML, which is not rewritten: neither is ours."""
    client = naive_client(port, kind)
    for message in messages:
        client.send(
            to=message.to,
            subject=message.subject,
            contents=message.html,
            attachments=str(files / message.attachments[0].name),
            message_id=message.message_id,
            prettify_html=False,
        )
    client.close()


def alone(port: int, messages: Sequence[Message]) -> None:
    with office_server(port).session() as session:
        for message in messages:
            session.send(message)


def together(port: int, messages: Sequence[Message]) -> None:
    server = office_server(port, quota=Quota(per_minute=PER_MINUTE, connections=CONNECTIONS))

    def work(share: int) -> None:
        with server.session() as session:
            for message in messages[share::CONNECTIONS]:
                session.send(message)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(work, range(CONNECTIONS)))


def each_once(server: Sink, expected: Sequence[str]) -> None:
    taken = server.taken()
    assert taken == Counter(expected), f"not each exactly once: {(taken - Counter(expected)).most_common(3)}"


def seconds_each(work: Callable[[], object], count: int) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / count


def one_by_one(messages: Sequence[Message], letters: Sequence[Letter], port: int, scratch: Path) -> None:
    """The whole reminder of a first version; it gets its facts for nothing."""
    campaign, form = load_campaign(FOLDER / CAMPAIGN), load_forms()[FORM]
    phase, client, words = campaign.phase("self_check"), naive_client(port), Letters()
    marks = sqlite3.connect(scratch / "marks.db")
    marks.execute("CREATE TABLE sent (code TEXT PRIMARY KEY, message_id TEXT NOT NULL)")
    for number, (message, letter) in enumerate(zip(messages, letters, strict=True), start=1):
        file = scratch / f"{unit(number).code}.xlsx"
        file.write_bytes(built(form, campaign, phase, unit(number), {}))
        said = words.render(NoticeKind.REMINDER, letter)
        client.send(
            to=message.to,
            subject=said.subject,
            contents=said.html,
            attachments=str(file),
            message_id=message.message_id,
            prettify_html=False,
        )
        with marks:
            marks.execute("INSERT INTO sent VALUES (?, ?)", (unit(number).code, message.message_id))
    client.close()
    marks.close()


def delivered(office: Office) -> None:
    outcomes = deliver.notices(office.campaign, on=office.on, using=office.using)
    assert outcomes[NoticeState.ACCEPTED] == len(office.units), outcomes


def compared_sending(server: Sink, folder: Path, size: int, rounds: int) -> tuple[float, float, float]:
    """How many times faster, alone and with latency, and seconds per mail alone; medians over the rounds."""
    messages, _ = reminders(folder / "sending", size)
    files = folder / "files"
    files.mkdir()
    for message in messages:
        (files / message.attachments[0].name).write_bytes(message.attachments[0].content)
    sample, few = messages[: max(1, size // 3)], messages[:SAMPLE]
    waiting = seconds_each(partial(naive, server.port, few, files, yagmail.SMTP), len(few))
    each_once(server, [message.message_id for message in few])
    print(f"yagmail.send as it comes, with the wait: {waiting * 1000:.1f} ms")
    ratios, late_ratios, times = [], [], []
    for turn in range(1, rounds + 1):
        slow = seconds_each(partial(naive, server.port, sample, files), len(sample))
        each_once(server, [message.message_id for message in sample])
        times.append(seconds_each(partial(alone, server.port, messages), size))
        each_once(server, [message.message_id for message in messages])
        ratios.append(slow / times[-1])
        server.latency(LATENCY)
        late_slow = seconds_each(partial(naive, server.port, few, files), len(few))
        each_once(server, [message.message_id for message in few])
        late_fast = seconds_each(partial(together, server.port, messages), size)
        each_once(server, [message.message_id for message in messages])
        server.latency(0.0)
        late_ratios.append(late_slow / late_fast)
        print(
            f"round {turn}: yagmail.send {slow * 1000:.2f} ms, one session {times[-1] * 1000:.2f} ms, x{ratios[-1]:.1f};"
            f" at {LATENCY * 1000:.0f} ms latency {late_slow * 1000:.1f} ms, {CONNECTIONS} sessions"
            f" {late_fast * 1000:.2f} ms, x{late_ratios[-1]:.1f}"
        )
    return statistics.median(ratios), statistics.median(late_ratios), statistics.median(times)


def compared_reminders(server: Sink, folder: Path, size: int, rounds: int) -> tuple[float, float, float]:
    """How many times faster the whole reminder is by the clock and by the processor, and its seconds; medians."""
    ratios, processor_ratios, times = [], [], []
    few, letters = reminders(folder / "few", min(SAMPLE, size))
    for turn in range(1, rounds + 1):
        scratch = folder / f"first_{turn}"
        scratch.mkdir()
        busy = time.process_time()
        slow = seconds_each(partial(one_by_one, few, letters, server.port, scratch), len(few))
        slow_busy = (time.process_time() - busy) / len(few)
        each_once(server, [message.message_id for message in few])
        ours = Office(folder / f"ours_{turn}", office_server(server.port, quota=Quota(connections=2)), size)
        busy = time.process_time()
        times.append(seconds_each(partial(delivered, ours), size))
        fast_busy = (time.process_time() - busy) / size
        ours.using.close()
        taken = server.taken()
        assert len(taken) == size, "each reminder exactly once"
        assert set(taken.values()) == {1}, "each reminder exactly once"
        ratios.append(slow / times[-1])
        processor_ratios.append(slow_busy / fast_busy)
        print(
            f"round {turn}: whole reminder one by one {slow * 1000:.1f} ms, ours {times[-1] * 1000:.2f} ms,"
            f" x{ratios[-1]:.0f}; of the processor {slow_busy * 1000:.1f} ms, {fast_busy * 1000:.2f} ms,"
            f" x{processor_ratios[-1]:.0f}"
        )
    return statistics.median(ratios), statistics.median(processor_ratios), statistics.median(times)


def peak_mb(folder: Path, port: int, size: int) -> float:
    """The peak of a process of its own that delivers so many reminders."""
    process = multiprocessing.get_context("spawn")
    with process.Pool(1) as pool:
        return pool.apply(_peak, (folder, port, size))


def _peak(folder: Path, port: int, size: int) -> float:
    office = Office(folder / f"peak_{size}", office_server(port), size)
    delivered(office)
    office.using.close()
    # Not ru_maxrss: a new process begins with that of the one that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=300, help="mails (default: %(default)s)")
    parser.add_argument(
        "--reminders", type=int, default=REMINDERS, help="whole reminders (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = self_signed(folder / "mail.pem")
        os.environ["SSL_CERT_FILE"] = str(certificate)
        with sink(certificate) as server:
            speedup, late, taken = compared_sending(server, folder, asked.size, asked.rounds)
            whole, processor, whole_taken = compared_reminders(server, folder, asked.reminders, asked.rounds)
            small, large = (peak_mb(folder, server.port, size) for size in PEAK_SIZES)
    print(f"peak {small:.0f} MB for {PEAK_SIZES[0]} reminders, {large:.0f} MB for {PEAK_SIZES[1]}")
    result = {
        "bench": "mail",
        "size": asked.size,
        "speedup": round(speedup, 1),
        "seconds": round(taken * asked.size, 3),
        "peak_mb": round(large, 1),
        "latency_speedup": round(late, 1),
        "reminder_speedup": round(whole, 1),
        "reminder_processor_speedup": round(processor, 1),
        "reminder_ms": round(whole_taken * 1000, 2),
        "peak_mb_of_quarter": round(small, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
