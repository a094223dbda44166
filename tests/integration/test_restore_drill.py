"""The office is destroyed in the middle of sending and put back from the backup made a moment before: nothing is lost,
nothing goes out twice, and nothing at all goes out before a person has said so.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text
from typer.testing import CliRunner

from demo.servers import postgres_installations
from include.cli.__main__ import app
from include.domain.notices import Handed, Message, NoticeState
from include.domain.plans import EVERYTHING
from include.gateways.archive import Archive
from include.gateways.ledger.database import connect
from include.gateways.mail_server import compose
from include.gateways.watermark import Watermark
from include.steps import deliver, plan, stop_sending
from tests.fakes import FakeMailServer
from tests.integration.sending import CAMPAIGN, MORNING, PHASE, gateways, opened, pharmacies, states
from tests.steps.conftest import LAUNCH_DAY, FakeGateways

UNITS = 30
BACKUP_BEFORE, DIE_AFTER = 10, 17
ROSTER = pharmacies(UNITS, sharing=0)
ON_SQLITE = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
"""What is the same for any database."""
WHO = {"by": "办公室", "reason": "已与邮箱核对"}


@pytest.fixture
def home(ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of an office on that ledger; the client programs of the server that holds it."""
    binaries = next(postgres_installations(), None)
    if binaries is not None:
        monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "duban"
    folder.mkdir()
    (folder / "access.yaml").write_text("users: {}\n", encoding="utf-8")
    campaigns = tmp_path / "campaigns"
    shutil.copytree(Path("include/campaigns/wushen_2024"), campaigns / "wushen_2024")
    monkeypatch.setenv("DUBAN_HOME", str(folder))
    monkeypatch.setenv("DUBAN_LEDGER_URL", ledger_url)
    monkeypatch.setenv("DUBAN_CAMPAIGNS", str(campaigns))
    monkeypatch.setenv("DUBAN_MAIL_DOMAIN", "bureau.example")
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", raising=False)
    return folder


def command(*words: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, [*map(str, words), "--json"] if code == 0 else [*map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if code == 0 else result.stderr


class Post(FakeMailServer):
    """Has a backup made before one mail, and falls dead when another has been taken over, before that is recorded."""

    backup: Path

    def send(self, message: Message) -> Handed:
        if len(self.sent) == BACKUP_BEFORE and not self.backup.exists():
            command("backup", "--to", self.backup)
        handed = super().send(message)
        if len(self.sent) == DIE_AFTER:
            raise SystemExit
        return handed


def destroy(ledger_url: str, home: Path, *, with_marks: bool) -> None:
    """The ledger and the archive are gone; ``with_marks`` so is everything else on the machine's disk."""
    if ledger_url.startswith("sqlite"):
        file = Path(str(make_url(ledger_url).database))
        for each in file.parent.glob(f"{file.name}*"):
            each.write_bytes(b"\0" * 100)
    else:
        engine = connect(ledger_url)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
    shutil.rmtree(home / "archive")
    if with_marks:
        shutil.rmtree(home)


def office(ledger_url: str, home: Path, mail: FakeMailServer) -> FakeGateways:
    return gateways(
        ledger_url,
        mail_server=mail,
        archive=Archive(str(home / "archive")),
        watermark=Watermark(home / "marks" / "sending_mark"),
    )


def recipients(mail: FakeMailServer) -> Counter[str]:
    return Counter(message.to for message in mail.sent)


@pytest.fixture
def died(ledger_url: str, home: Path, tmp_path: Path) -> Post:
    """What had been sent when the office died, and where its last backup is."""
    mail = Post()
    mail.backup = tmp_path / "backups" / "one"
    using = office(ledger_url, home, mail)
    opened(using, ROSTER)
    using.archive.put("名册".encode())
    plan.launch(CAMPAIGN, PHASE, on=LAUNCH_DAY, units=None, using=using)
    with pytest.raises(SystemExit):
        deliver.notices(CAMPAIGN, on=LAUNCH_DAY, using=using)
    assert len(mail.sent) == DIE_AFTER
    using.ledger.close()
    return mail


@pytest.mark.parametrize("with_marks", [False, True], ids=["marks kept", "marks lost"])
def test_an_office_destroyed_while_sending_comes_back_and_writes_to_nobody_twice(
    died: Post, ledger_url: str, home: Path, with_marks: bool
) -> None:
    before = {path.name: path.read_bytes() for path in (home / "archive").rglob("*") if path.is_file()}
    destroy(ledger_url, home, with_marks=with_marks)

    outcome = command("restore", "--from", died.backup)
    assert (outcome["missing"], outcome["sending"], outcome["different"]) == ([], "stopped", [])
    assert {p.name: p.read_bytes() for p in (home / "archive").rglob("*") if p.is_file()} == before
    assert (home / "access.yaml").is_file()
    assert command("ledger", "verify")["whole"]

    using = office(ledger_url, home, FakeMailServer())
    assert deliver.notices(CAMPAIGN, on=LAUNCH_DAY, using=using) == {}
    [stop] = using.ledger.outbox.stops()
    assert (stop.scope, stop.by) == (EVERYTHING, stop_sending.SYSTEM)
    assert "备份恢复" in stop.reason
    assert using.mail_server.sent == []

    assert stop_sending.resume(EVERYTHING, using=using, **WHO)
    later = gateways(
        ledger_url,
        now=lambda: MORNING + deliver.LEASE + deliver.LEASE,
        mail_server=using.mail_server,
        archive=using.archive,
        watermark=Watermark(home / "marks" / "sending_mark"),
    )
    deliver.notices(CAMPAIGN, on=LAUNCH_DAY, using=later)
    assert not recipients(died) & recipients(using.mail_server), "nobody is written to twice"
    doubtful = {row.unit_code for row in later.ledger.outbox.in_doubt(CAMPAIGN.id)}
    assert states(later)[NoticeState.ACCEPTED] + len(doubtful) == UNITS, "nobody is forgotten"
    if with_marks:
        assert using.mail_server.sent == [], "what may have left is not sent blindly"
        assert len(doubtful) == UNITS - BACKUP_BEFORE
    else:
        assert len(doubtful) == DIE_AFTER - BACKUP_BEFORE
        assert len(using.mail_server.sent) == UNITS - DIE_AFTER
    using.ledger.close()
    later.ledger.close()

    _export_sent(died, home / "sent")
    asked = ("outbox", "compare-sent", home / "sent", "--campaign", CAMPAIGN.id, "--by", "办公室")
    seen = command(*asked)
    assert len(seen["found"]) == DIE_AFTER - BACKUP_BEFORE
    assert len(seen["missing"]) == len(doubtful) - len(seen["found"])
    command(*asked, "--settle", "--resend-rest")
    final = gateways(
        ledger_url,
        now=lambda: MORNING + 3 * deliver.LEASE,
        mail_server=using.mail_server,
        archive=using.archive,
        watermark=Watermark(home / "marks" / "sending_mark"),
    )
    deliver.notices(CAMPAIGN, on=LAUNCH_DAY, using=final)
    assert states(final) == {NoticeState.ACCEPTED: UNITS}
    assert recipients(died) + recipients(using.mail_server) == Counter(unit.contact_email for unit in ROSTER)
    final.ledger.close()


def _export_sent(mail: Post, folder: Path) -> None:
    """What a mail program saves of the folder of sent mail; some providers write their own Message-ID."""
    folder.mkdir()
    for number, message in enumerate(mail.sent):
        own = replace(message, message_id=f"<{number}@provider.example>") if number % 2 else message
        (folder / f"{number}.eml").write_bytes(compose(own, "office@bureau.example", "医保局"))


@ON_SQLITE
def test_a_stop_of_before_the_backup_does_not_stand_for_the_restore(
    died: Post, ledger_url: str, home: Path, tmp_path: Path
) -> None:
    command_ = ("outbox", "stop", "--by", "办公室", "--reason", "名册有误")
    CliRunner().invoke(app, command_)
    command("backup", "--to", tmp_path / "backups" / "two")
    destroy(ledger_url, home, with_marks=True)
    command("restore", "--from", tmp_path / "backups" / "two")
    using = office(ledger_url, home, FakeMailServer())
    [stop] = using.ledger.outbox.stops()
    assert stop.by == stop_sending.SYSTEM
    assert "备份时已停止发送（办公室：名册有误）" in stop.reason
    using.ledger.close()


@ON_SQLITE
@pytest.mark.parametrize("victim", ["ledger", "archive", "access.yaml", "manifest.json"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    died: Post, ledger_url: str, home: Path, victim: str
) -> None:
    file = next(
        path
        for path in sorted(died.backup.rglob("*"))
        if path.is_file() and victim in str(path.relative_to(died.backup))
    )
    file.write_bytes(file.read_bytes()[:-1])
    archive = sorted((home / "archive").rglob("*"))
    using = office(ledger_url, home, FakeMailServer())
    before = states(using)
    using.ledger.close()
    said = command("restore", "--from", died.backup, code=1)
    assert "请选择另一份备份" in said
    using = office(ledger_url, home, FakeMailServer())
    assert states(using) == before
    assert using.ledger.outbox.stops() == []
    assert sorted((home / "archive").rglob("*")) == archive
    using.ledger.close()


def test_a_ledger_in_use_is_not_replaced(died: Post, ledger_url: str, home: Path) -> None:
    using = office(ledger_url, home, FakeMailServer())
    before = states(using)
    assert "请先停止全部组件" in command("restore", "--from", died.backup, code=1)
    assert states(using) == before
    using.ledger.close()


@ON_SQLITE
def test_a_backup_of_a_newer_program_is_refused(died: Post, ledger_url: str) -> None:
    manifest = died.backup / "manifest.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    facts["picture"]["revision"] = "9999"
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    assert "比本程序支持的" in command("restore", "--from", died.backup, code=1)


def test_a_restored_ledger_that_is_not_the_one_copied_is_taken_back(
    died: Post, ledger_url: str, home: Path
) -> None:
    manifest = died.backup / "manifest.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    facts["picture"]["rows"]["notice"] += 1
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    using = office(ledger_url, home, FakeMailServer())
    before = states(using)
    using.ledger.close()
    assert "已撤销恢复" in command("restore", "--from", died.backup, code=1)
    using = office(ledger_url, home, FakeMailServer())
    assert states(using) == before
    using.ledger.close()


def test_the_old_database_is_kept_under_another_name_and_can_be_backed_up_beside(
    died: Post, ledger_url: str, home: Path, tmp_path: Path
) -> None:
    outcome = command("restore", "--from", died.backup)
    assert len(outcome["aside"]) == 1
    command("backup", "--to", tmp_path / "backups" / "two")
    assert len(command("restore", "--from", tmp_path / "backups" / "two")["aside"]) == 1


@ON_SQLITE
def test_originals_that_came_after_the_backup_stay_and_are_listed(
    died: Post, home: Path, ledger_url: str
) -> None:
    late = Archive(str(home / "archive")).put("备份以后收到的报送件".encode())
    outcome = command("restore", "--from", died.backup)
    assert outcome["unknown"] == [late]
    assert Archive(str(home / "archive")).get(late)


@ON_SQLITE
def test_a_setting_changed_since_is_left_and_named(died: Post, home: Path, ledger_url: str) -> None:
    (home / "access.yaml").write_text("users: {a: {role: admin}}\n", encoding="utf-8")
    assert command("restore", "--from", died.backup)["different"] == ["access.yaml"]
    assert "role: admin" in (home / "access.yaml").read_text(encoding="utf-8")
