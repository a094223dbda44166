"""Each incident is told once when it has lasted, and once when it is over, whatever the mail does meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from include.domain.errors import GiveUp, InDoubt, TryAgain
from include.domain.incidents import Incident, Trouble
from include.steps.watch import Look, Watch, look
from tests.fakes import FakeMailServer

START = datetime(2026, 11, 29, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OFFICE = "office@bureau.example"
UP = "up"
SILENT = "silent"


@dataclass
class FakeAirflow:
    """Both parts give signs of life until the scheduler falls silent, or nobody answers at all."""

    now: datetime = START
    beats: dict[str, list[datetime]] = field(default_factory=dict)
    is_down: bool = False

    def heartbeats(self) -> dict[str, list[datetime]]:
        if self.is_down:
            raise ConnectionError("没有答复")
        return {"scheduler": [self.now], "dag_processor": [self.now]} | self.beats

    failed: list[Trouble] = field(default_factory=list)
    begun: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def starts(self, *, now: datetime) -> dict[str, tuple[datetime, datetime]]:
        return self.begun

    def failures(self, *, now: datetime) -> list[Trouble]:
        if self.is_down:
            raise ConnectionError("没有答复")
        return self.failed


@dataclass
class FakeWorkers:
    said: str | None = None

    def fault(self) -> str | None:
        return self.said


@dataclass
class FakeMachine:
    free: float = 0.5
    backup: datetime | None = None
    fault: str | None = None

    def free_shares(self) -> dict[str, float]:
        return {"数据": 0.5, "原件档案": self.free}

    def last_backup(self) -> datetime | None:
        return self.backup

    def ledger_fault(self) -> str | None:
        return self.fault


@dataclass
class FakeIncidents:
    kept: list[Incident] = field(default_factory=list)

    def read(self) -> list[Incident]:
        return self.kept

    def write(self, incidents: object) -> None:
        self.kept = list(incidents)  # type: ignore[call-overload]


@dataclass
class Night:
    """A watch that looks once a minute."""

    watch: Watch
    airflow: FakeAirflow
    workers: FakeWorkers
    machine: FakeMachine
    mail: FakeMailServer
    minute: int = 0

    def pass_(self, minutes: int) -> Look:
        for _ in range(minutes):
            found = self.look()
        return found

    def look(self) -> Look:
        now = START + self.minute * MINUTE
        self.airflow.now = now
        self.minute += 1
        return look(self.watch, now=now)

    @property
    def subjects(self) -> list[str]:
        return [message.subject for message in self.mail.sent]


@pytest.fixture
def night() -> Night:
    airflow, workers, machine, mail = FakeAirflow(), FakeWorkers(), FakeMachine(), FakeMailServer()
    watch = Watch(
        airflow, workers, machine, FakeIncidents(), mail, OFFICE, "bureau.example", patience=5 * MINUTE
    )
    return Night(watch, airflow, workers, machine, mail)


def fall_silent(night: Night) -> None:
    night.airflow.beats["scheduler"] = [START + night.minute * MINUTE]


def test_a_quiet_night_is_told_to_nobody(night: Night) -> None:
    assert night.pass_(60).open == ()
    assert night.mail.sent == []


def test_a_silent_scheduler_is_told_once_and_its_return_once(night: Night) -> None:
    night.pass_(3)
    fall_silent(night)
    night.pass_(5)
    assert night.subjects == [], "not before it has lasted"
    night.pass_(300)
    assert night.subjects == ["【督办系统告警】调度器停止工作"]
    [message] = night.mail.to(OFFICE)
    assert "11月29日08:03起，已5分钟" in message.text
    assert "只发一次" in message.text
    night.airflow.beats.clear()
    night.pass_(300)
    assert night.subjects[1:] == ["【督办系统恢复】调度器停止工作"]
    assert "历时约305分钟" in night.mail.sent[1].text
    assert night.watch.incidents.read() == []


def test_the_operator_is_told_within_ten_minutes(night: Night) -> None:
    fall_silent(night)
    told = next(minute for minute in range(60) if night.look().told)
    assert told <= 10


def test_a_second_incident_of_the_same_kind_is_a_new_one(night: Night) -> None:
    for _ in range(2):
        fall_silent(night)
        night.pass_(10)
        night.airflow.beats.clear()
        night.pass_(10)
    assert [subject[:6] for subject in night.subjects] == ["【督办系统告", "【督办系统恢"] * 2
    assert len({message.message_id for message in night.mail.sent}) == 4


def test_a_short_silence_is_told_to_nobody(night: Night) -> None:
    fall_silent(night)
    night.pass_(4)
    night.airflow.beats.clear()
    night.pass_(60)
    assert night.mail.sent == []


@pytest.mark.parametrize("fault", [TryAgain("连接不上"), GiveUp("密码错误")])
def test_what_could_not_be_told_is_told_later_once(night: Night, fault: Exception) -> None:
    fall_silent(night)
    night.mail.down = fault
    assert night.pass_(20).fault == str(fault)
    assert night.mail.sent == []
    night.mail.down = None
    night.pass_(20)
    assert night.subjects == ["【督办系统告警】调度器停止工作"]


def test_an_end_that_could_not_be_told_is_told_later_once(night: Night) -> None:
    fall_silent(night)
    night.pass_(10)
    night.airflow.beats.clear()
    night.mail.down = TryAgain("连接不上")
    night.pass_(10)
    night.mail.down = None
    night.pass_(10)
    assert [subject[:6] for subject in night.subjects] == ["【督办系统告", "【督办系统恢"]


def test_a_mail_of_which_nobody_knows_is_not_sent_again(night: Night) -> None:
    fall_silent(night)
    night.mail.answers[OFFICE] = InDoubt("没有答复")
    night.pass_(10)
    night.mail.answers.clear()
    night.pass_(60)
    assert night.mail.sent == []


def test_while_airflow_does_not_answer_nothing_is_said_of_its_parts(night: Night) -> None:
    fall_silent(night)
    night.pass_(10)
    night.airflow.is_down = True
    night.pass_(60)
    assert night.subjects == ["【督办系统告警】调度器停止工作", "【督办系统告警】Airflow 无法访问"]
    night.airflow.is_down = False
    night.airflow.beats.clear()
    night.pass_(10)
    assert len(night.subjects) == 3, "both are over, in one mail"
    assert night.subjects[2].startswith("【督办系统恢复】")


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"fault": "connection refused"}, "台账数据库无法使用"),
        ({"free": 0.04}, "原件档案磁盘将满"),
        ({"backup": START - timedelta(hours=37)}, "备份没有按时完成"),
    ],
)
def test_what_is_wrong_with_the_machine_is_told_once(
    night: Night, change: dict[str, object], title: str
) -> None:
    sound = replace(night.machine)
    for name, value in change.items():
        setattr(night.machine, name, value)
    night.pass_(60)
    assert night.subjects == [f"【督办系统告警】{title}"]
    for name in change:
        setattr(night.machine, name, getattr(sound, name))
    night.pass_(10)
    assert night.subjects[1:] == [f"【督办系统恢复】{title}"]


@pytest.mark.parametrize("free", [0.05, 0.5])
def test_room_enough_is_no_trouble(night: Night, free: float) -> None:
    night.machine.free = free
    night.machine.backup = START - timedelta(hours=30)
    assert night.pass_(60).open == ()


def test_tasks_that_fail_are_told_once_however_often_they_fail_again(night: Night) -> None:
    night.airflow.failed = [
        Trouble(f"task/{each}", f"任务失败：{each}", "见日志", START) for each in ("收件", "发送")
    ]
    night.pass_(3)
    night.airflow.is_down = True
    night.pass_(3)
    night.airflow.is_down = False
    night.pass_(60)
    assert night.subjects == ["【督办系统告警】任务失败：收件、任务失败：发送"]
    assert "11月29日08:00起" in night.mail.sent[0].text
    night.airflow.failed.pop()
    night.pass_(60)
    night.airflow.is_down = True
    night.pass_(3)
    night.airflow.is_down = False
    night.pass_(60)
    assert night.subjects[1:] == ["【督办系统恢复】任务失败：发送"], "of the other one nothing more is said"


def test_a_queue_nobody_works_on_is_told_once(night: Night) -> None:
    night.workers.said = "没有 worker 应答"
    night.pass_(60)
    night.workers.said = None
    night.pass_(60)
    assert night.subjects == ["【督办系统告警】没有 worker 办理任务", "【督办系统恢复】没有 worker 办理任务"]


def test_a_sign_of_life_from_the_future_means_that_clocks_differ(night: Night) -> None:
    night.airflow.beats["scheduler"] = [START + timedelta(hours=3)]
    night.pass_(10)
    assert night.subjects == ["【督办系统告警】各机器时钟不一致"]


def test_a_scheduler_that_stops_is_told_of_whatever_one_with_a_wrong_clock_has_left_behind(
    night: Night,
) -> None:
    ahead, last = START + timedelta(hours=3), START + 10 * MINUTE
    for _ in range(10):
        night.airflow.beats["scheduler"] = [START + night.minute * MINUTE, ahead]
        night.look()
    night.airflow.beats["scheduler"] = [last, ahead]
    night.pass_(10)
    assert night.subjects == ["【督办系统告警】各机器时钟不一致", "【督办系统告警】调度器停止工作"]
    night.airflow.beats.clear()
    night.pass_(1)
    assert len(night.subjects) == 3, "both are over, in one mail"


def test_of_a_scheduler_nothing_is_known_while_all_its_signs_of_life_are_from_the_future(
    night: Night,
) -> None:
    fall_silent(night)
    night.pass_(10)
    night.airflow.beats["scheduler"] = [START + timedelta(hours=3)]
    night.pass_(60)
    assert night.subjects == ["【督办系统告警】调度器停止工作", "【督办系统告警】各机器时钟不一致"]


@pytest.mark.parametrize(
    ("queued", "began"), [(0, -60), (-70, -10), (60, 60), (-1, 59)], ids=["behind", "slow", "both", "ahead"]
)
def test_a_machine_whose_task_began_before_it_was_queued_or_tomorrow_has_a_wrong_clock(
    night: Night, queued: int, began: int
) -> None:
    night.airflow.begun = {"worker-7": (START + queued * MINUTE, START + began * MINUTE)}
    night.pass_(10)
    if (queued, began) == (-70, -10):
        assert night.subjects == [], "a task may wait long for its turn"
        return
    assert night.subjects == ["【督办系统告警】各机器时钟不一致"]
    assert "worker-7" in night.mail.sent[0].text
    night.airflow.begun["worker-7"] = (START + 10 * MINUTE, START + 10 * MINUTE)
    night.pass_(10)
    assert night.subjects[1:] == ["【督办系统恢复】各机器时钟不一致"]


def test_a_scheduler_that_never_gave_a_sign_of_life_is_silent(night: Night) -> None:
    night.airflow.beats["scheduler"] = []
    night.pass_(10)
    assert night.subjects == ["【督办系统告警】调度器停止工作"]


def test_a_fault_in_a_mail_is_text_and_no_markup(night: Night) -> None:
    night.machine.fault = "<script>alert(1)</script>"
    night.pass_(10)
    assert "<script>" not in night.mail.sent[0].html
