"""Look at the system from outside: tell the office once when something is out of order, and once when it is over."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from include.domain.campaign import TIMEZONE
from include.domain.errors import GiveUp, InDoubt, TryAgain
from include.domain.incidents import Incident, Trouble, reckon
from include.domain.notices import Message, NoticeState, message_id
from include.steps.ports import MailServer
from include.steps.ports.watching import Airflow, Incidents, Machine, Workers

SHANGHAI = ZoneInfo(TIMEZONE)
AIRFLOW = "airflow"
TASK = "task/"
"""What the keys of failed tasks begin with."""
PARTS = {"scheduler": "调度器", "dag_processor": "流程解析器（dag-processor）"}
LEAST_FREE = 0.05
OLDEST_BACKUP = timedelta(hours=36)
CLOCKS_APART = timedelta(minutes=2)
"""A sign of life from the future by more than this: the clocks of two machines differ."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is looked at, how long a trouble may last, and who is told."""

    airflow: Airflow
    workers: Workers
    machine: Machine
    incidents: Incidents
    mail_server: MailServer
    mailbox: str
    mail_domain: str
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Look:
    """What one look has found, and why nobody could be told, if so."""

    open: tuple[Incident, ...]
    told: tuple[Incident, ...]
    fault: str | None


def look(watch: Watch, *, now: datetime) -> Look:
    """One look; a mail that cannot be sent is tried again at the next one."""
    before = watch.incidents.read()
    airflow, unseen = _airflow(watch.airflow, now)
    failures, unseen_tasks = _failures(watch.airflow, now, before)
    found = reckon(
        before,
        [*airflow, *failures, *_workers(watch.workers), *_machine(watch.machine, now)],
        unseen=unseen | unseen_tasks,
        now=now,
        patience=watch.patience,
    )
    told, fault = _tell(watch, (found.begun, found.over), now)
    still = found.told(told)
    watch.incidents.write(still)
    return Look(tuple(each for each in still if each.ended is None), tuple(told), fault)


def _airflow(airflow: Airflow, now: datetime) -> tuple[list[Trouble], set[str]]:
    """The troubles of Airflow, and of which parts nothing is known because it did not answer."""
    try:
        heartbeats = airflow.heartbeats()
    except ConnectionError as fault:
        advice = f"{fault}；请检查接口服务（api-server）和数据库是否在运行"
        return [Trouble(AIRFLOW, "Airflow 无法访问", advice)], {*PARTS, "clock"}
    credible = {
        part: [beat for beat in beats if not _is_ahead(beat, now)] for part, beats in heartbeats.items()
    }
    unseen = {part for part, beats in heartbeats.items() if beats and not credible[part]}
    troubles = [
        Trouble(
            part, f"{title}停止工作", f"请检查{title}是否在运行；停止期间到期的办理和催报，恢复后补办", beat
        )
        for part, title in PARTS.items()
        if part not in unseen
        if (beat := max(credible[part], default=None)) is None or now - beat > _alive(part)
    ]
    try:
        starts = airflow.starts(now=now)
    except ConnectionError:
        return troubles, {"clock", *unseen}
    wrong = [name for name, (queued, began) in starts.items() if not _fit(queued, began, now)]
    if wrong or any(_is_ahead(beat, now) for beats in heartbeats.values() for beat in beats):
        which = f"（{'、'.join(wrong)}）" if wrong else ""
        troubles.append(Trouble("clock", "各机器时钟不一致", f"请核对各机器{which}的时间同步（NTP）"))
    return troubles, unseen


def _is_ahead(beat: datetime, now: datetime) -> bool:
    """Whoever gave this sign of life may have ended long since: it says nothing until the moment has come."""
    return beat - now > CLOCKS_APART


def _fit(queued: datetime, began: datetime, now: datetime) -> bool:
    """No task begins before it is queued, or in the future."""
    return queued - began <= CLOCKS_APART and max(queued, began) - now <= CLOCKS_APART


def _failures(airflow: Airflow, now: datetime, before: Sequence[Incident]) -> tuple[list[Trouble], set[str]]:
    """Tasks that failed, and those of before of which nothing can be found out now."""
    try:
        return airflow.failures(now=now), set()
    except ConnectionError:
        return [], {each.key for each in before if each.key.startswith(TASK)}


def _workers(workers: Workers) -> list[Trouble]:
    if (fault := workers.fault()) is None:
        return []
    return [Trouble("workers", "没有 worker 办理任务", f"{fault}；请检查 Redis 和 worker 是否在运行")]


def _alive(part: str) -> timedelta:
    """So old a sign of life may be: the scheduler gives one every 5 seconds, the others may be busy longer."""
    return timedelta(minutes=1) if part == "scheduler" else timedelta(minutes=3)


def _machine(machine: Machine, now: datetime) -> list[Trouble]:
    troubles = []
    if (fault := machine.ledger_fault()) is not None:
        troubles.append(Trouble("ledger", "台账数据库无法使用", f"{fault}；请检查数据库是否在运行"))
    for title, free in machine.free_shares().items():
        if free < LEAST_FREE:
            advice = f"只剩{free:.1%}；写满后不能收取报送件，请清理或扩容"
            troubles.append(Trouble(f"disk/{title}", f"{title}磁盘将满", advice))
    if (made := machine.last_backup()) is not None and now - made > OLDEST_BACKUP:
        advice = f"最近一份备份是{_zh(made)}的，请检查备份任务"
        troubles.append(Trouble("backup", "备份没有按时完成", advice, made + OLDEST_BACKUP))
    return troubles


def _tell(
    watch: Watch, groups: Sequence[Sequence[Incident]], now: datetime
) -> tuple[list[Incident], str | None]:
    """One mail for what has begun, one for what is over; return those told and why others were not."""
    told: list[Incident] = []
    try:
        for group in (each for each in groups if each):
            with watch.mail_server.session() as session:
                handed = session.send(_message(watch, group, now))
            if handed.state is NoticeState.HELD:
                return told, handed.detail
            told += group
    except InDoubt:
        told += group  # it may have left: never twice
    except (TryAgain, GiveUp) as fault:
        return told, str(fault)
    return told, None


def _message(watch: Watch, group: Sequence[Incident], now: datetime) -> Message:
    is_over = group[0].ended is not None
    titles = "、".join(each.title for each in group)
    lines = [_line(each, now) for each in group]
    if not is_over:
        lines.append("本提示每件事只发一次，恢复正常后再通知一次。")
    key = "\n".join(f"{each.key} {each.since.isoformat()} {is_over}" for each in group)
    return Message(
        message_id=message_id(f"watch/{hashlib.sha256(key.encode()).hexdigest()}", watch.mail_domain),
        to=watch.mailbox,
        subject=f"【督办系统{'恢复' if is_over else '告警'}】{titles}",
        text="\n\n".join(lines) + "\n",
        html="<!DOCTYPE html>\n<html><body>\n"
        + "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
        + "\n</body></html>\n",
    )


def _line(incident: Incident, now: datetime) -> str:
    minutes = round(((incident.ended or now) - incident.since).total_seconds() / 60)
    if incident.ended is not None:
        return (
            f"{incident.title}：{_zh(incident.since)}起，{_zh(incident.ended)}恢复正常，历时约{minutes}分钟。"
        )
    return f"{incident.title}：{_zh(incident.since)}起，已{minutes}分钟。{incident.advice}。"


def _zh(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日{local:%H:%M}"
