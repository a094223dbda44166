"""The main job through the real scheduler, a real mail server and real files, as a person runs it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from demo.outcome import PLAYED
from demo.registers import ENDS
from demo.settlements import SCREENED_ON
from demo.stack import Stack
from include.domain.notices import NoticeKind, NoticeState
from include.domain.obligations import ObligationState
from include.domain.privacy import without_persons
from include.domain.registers import NUMBER
from include.domain.sign_off import Hand
from include.gateways.form_files import load_forms
from include.gateways.ledger import Ledger
from tests.conftest import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

CHAIN, BRANCHES = "yibao@caoyuan.example", 15
COMMAND = [sys.executable, "-m", "demo.run", "--home"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("demo")
    done = subprocess.run([*COMMAND, str(home)], cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
        yield home
    finally:
        Stack(home).stop()


@pytest.fixture(scope="module")
def ledger(home: Path) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{home / 'duban' / 'ledger.db'}")
    yield ledger
    ledger.close()


@pytest.fixture(scope="module")
def mails(home: Path) -> list[EmailMessage]:
    files = sorted((home / "mails").glob("*/*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def test_every_kind_of_mail_arrived_and_none_twice(ledger: Ledger, mails: list[EmailMessage]) -> None:
    rows = ledger.outbox.rows("wushen_2024")
    sent = [row for row in rows if row.state is NoticeState.ACCEPTED]
    assert {row.kind for row in sent} == PLAYED
    arrived = Counter(str(mail["Message-ID"]) for mail in mails)
    assert set(arrived) == {str(row.message_id) for row in sent}
    assert max(arrived.values()) == 1


def test_nothing_is_left_half_sent(ledger: Ledger) -> None:
    states = {row.state for row in ledger.outbox.rows("wushen_2024")}
    assert states <= {NoticeState.ACCEPTED, NoticeState.REFUSED, NoticeState.SKIPPED}


def test_every_unit_stands_where_its_behaviour_puts_it(ledger: Ledger) -> None:
    counts = ledger.obligations.counts("wushen_2024", "self_check")
    assert sum(counts.values()) == 144
    assert counts[ObligationState.ACCEPTED] == 125
    assert counts[ObligationState.RETURNED] == 10
    assert counts[ObligationState.OPEN] == 9


def test_nobody_is_chased_after_acceptance(ledger: Ledger) -> None:
    chasing = {NoticeKind.REMINDER, NoticeKind.OVERDUE}
    accepted = {
        item.unit_code: item.accepted_on
        for item in ledger.obligations.all("wushen_2024", "self_check")
        if item.state is ObligationState.ACCEPTED
    }
    late = [
        row
        for row in ledger.outbox.rows("wushen_2024")
        if row.kind in chasing
        and row.state is NoticeState.ACCEPTED
        and accepted.get(str(row.unit_code)) is not None
        and row.planned_on > accepted[str(row.unit_code)]
    ]
    assert late == []


def test_a_unit_gets_only_its_own_workbook(mails: list[EmailMessage], ledger: Ledger) -> None:
    codes = defaultdict(set)
    for row in ledger.outbox.rows("wushen_2024"):
        if row.unit_code:
            codes[str(row.message_id)].add(str(row.unit_code))
    for mail in mails:
        own = codes[str(mail["Message-ID"])]
        workbooks = [
            name for part in mail.iter_attachments() if (name := str(part.get_filename())).endswith("xlsx")
        ]
        for name in workbooks:
            assert not own or name.split("_")[0] in own


def test_the_head_office_of_a_chain_gets_one_mail_for_all_its_branches(
    mails: list[EmailMessage], ledger: Ledger
) -> None:
    rows = ledger.outbox.rows("wushen_2024")
    launched = {row.message_id for row in rows if row.kind is NoticeKind.LAUNCH and row.recipient == CHAIN}
    assert len(launched) == 1
    [launch] = [mail for mail in mails if str(mail["Message-ID"]) in launched]
    names = [str(part.get_filename()) for part in launch.iter_attachments()]
    assert sum(name.endswith(".xlsx") for name in names) == BRANCHES
    reminders = {
        (row.message_id, row.step_key)
        for row in rows
        if row.kind is NoticeKind.REMINDER and row.recipient == CHAIN
    }
    assert len({step for _, step in reminders}) == len(reminders)


def test_the_report_went_up_as_three_persons_signed_it(
    ledger: Ledger, mails: list[EmailMessage], home: Path
) -> None:
    edition = ledger.editions.latest("wushen_2024", "self_check_statistics", occasion="once")
    assert edition is not None
    signings = ledger.editions.signings(edition.id)
    assert [(each.hand, each.user, each.approved) for each in signings] == [
        (Hand.PREPARED, "staff", True),
        (Hand.REVIEWED, "director", True),
        (Hand.APPROVED, "deputy", True),
    ]
    rows = ledger.outbox.rows("wushen_2024")
    [row] = [row for row in rows if row.kind is NoticeKind.REPORT]
    [upward] = [mail for mail in mails if str(mail["Message-ID"]) == row.message_id]
    [attachment] = list(upward.iter_attachments())
    [tables] = edition.files
    assert attachment.get_content() == (home / tables.name).read_bytes()


def test_each_signer_got_a_mail_that_leads_to_the_page(ledger: Ledger, mails: list[EmailMessage]) -> None:
    rows = ledger.outbox.rows("wushen_2024")
    asked = {row.message_id: row.post_key for row in rows if row.kind is NoticeKind.SIGN_OFF}
    assert list(asked.values()) == ["office_staff", "office_director", "deputy_bureau"]
    for mail in mails:
        if str(mail["Message-ID"]) in asked:
            text = mail.get_body(("plain",))
            assert text is not None
            assert "/duban/approvals/1" in text.get_content().replace("\n", "")


def test_one_record_of_each_register_came_to_its_end(ledger: Ledger) -> None:
    forms = load_forms()
    for key, (number, name, end) in ENDS.items():
        assert ledger.registers.records("wushen_2024", forms[key])[key][number].values[name] == end
    assert [each.values["number"] for each in ledger.registers.of_all_campaigns(forms["officer"])] == [
        "MN0001",
        "MN0002",
    ]


def test_the_trail_is_whole(ledger: Ledger) -> None:
    assert ledger.audit.verify() is None


def test_a_second_demo_is_quick_and_sends_nothing(home: Path, mails: list[EmailMessage]) -> None:
    done = subprocess.run(
        [*COMMAND, str(home)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert len(list((home / "mails").glob("*/*.eml"))) == len(mails)


def test_no_log_of_a_task_names_a_person(home: Path) -> None:
    """Read by everybody who may look at a run: no mailbox, no telephone, no identity number."""
    logs = [file for file in (home / "logs").rglob("*.log") if "dag_id=" in str(file)]
    assert len(logs) > 100
    shown = {
        (file.parent.name, line)
        for file in logs
        for line in file.read_text(encoding="utf-8").splitlines()
        if without_persons(line) != line or "--- Logging error" in line
    }
    assert shown == set()


def test_settlement_data_became_clues_and_one_mail_with_their_evidence(
    ledger: Ledger, mails: list[EmailMessage]
) -> None:
    [run] = ledger.screenings.runs("wushen_2024")
    assert (run.ran_on, run.hits) == (SCREENED_ON, run.entered)
    assert run.entered
    kept = ledger.registers.records("wushen_2024", load_forms()["clue"])["clue"].values()
    own = [each.values for each in kept if each.values.get("source") == "本地大数据筛查"]
    assert len(own) == run.entered
    persons = {str(each["psn_no"]) for each in own if each.get("psn_no")}
    [batch] = [mail for mail in mails if f"疑点线索{run.entered}条" in str(mail["Subject"])]
    [annex] = list(batch.iter_attachments())
    book = load_workbook(BytesIO(annex.get_content()))
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {str(each[NUMBER]) for each in own} <= cells
    assert not persons & cells, "persons are under pseudonyms"
    assert run.trends
