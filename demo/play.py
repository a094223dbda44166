"""The self-check of one campaign, played day by day: what the office does, and what institutions send."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from pathlib import Path

from demo.rest import Api
from demo.roster import write_workbook
from demo.runs import SENDING_APPROVAL, Runs, answer
from include.domain.campaign import Campaign
from include.rehearsal.institutions import SHANGHAI, Cast
from include.steps.ports import Gateways

REPORT = "self_check_statistics"
LET_LEAVE = "同意发送"  # the option a director would click
SIGNATURES = {
    "prepared": ("办公室工作人员经办", "核对无误，送复核"),
    "reviewed": ("办公室主任复核", "复核同意，送审核"),
    "approved": ("副组长审核", "同意报送"),
}
"""Each hand: who signs, and the option they would click."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the play: what happens on it."""

    on: date
    title: str


DAYS = (
    Day(date(2024, 5, 6), "启动：向各单位发本单位专用表"),
    Day(date(2024, 5, 24), "截止前5个工作日"),
    Day(date(2024, 5, 30), "截止前1个工作日"),
    Day(date(2024, 5, 31), "截止日"),
    Day(date(2024, 6, 3), "逾期第1个工作日"),
    Day(date(2024, 6, 5), "逾期第3个工作日"),
)


@dataclass(frozen=True, slots=True)
class Act:
    title: str
    perform: Callable[[], None]


class Play:
    """``say`` shows a line to whoever watches; ``signers`` is the API as the person of each hand."""

    def __init__(
        self,
        campaign: Campaign,
        runs: Runs,
        using: Gateways,
        *,
        signers: Mapping[str, Api],
        inbox: Path,
        mails: Path,
        say: Callable[[str], None],
    ) -> None:
        self._campaign = campaign
        self._runs = runs
        self._using = using
        self._inbox = inbox
        self._mails = mails
        self._say = say
        self._phase = campaign.phase("self_check")
        self._dag = campaign.dag_id(self._phase)
        self._signers = signers
        self._cast: Cast | None = None

    def acts(self) -> list[Act]:
        """Everything in order."""
        return [
            Act("名册与动员部署", self.mobilize),
            Act("自查启动前先预演", self.rehearse),
            *(Act(f"{day.on} {day.title}", partial(self.play, day)) for day in DAYS),
            Act("统计表编制、三道签批、上报", self.report),
        ]

    def mobilize(self) -> None:
        """Hand in the roster, freeze it, announce the campaign."""
        first = DAYS[0].on
        file = self._inbox / self._campaign.id / "roster" / "定点医药机构名册（模拟）.xlsx"
        file.parent.mkdir(parents=True, exist_ok=True)
        roster = write_workbook(file)
        _arrive(file, first, time(8, 0))
        dag_id = self._campaign.dag_id(self._campaign.phase("mobilization"))
        self._runs.wait_for_dag(dag_id)
        run_id = self._runs.run(dag_id, first, asked=partial(self._let_leave, dag_id), dry_run=False)
        contacts = self._runs.result(dag_id, run_id, "check_contacts")
        sent = self._runs.result(dag_id, run_id, "deliver_notices")
        self._say(
            f"名册{contacts['单位']}家已锁定，{len(contacts['电话联系名单'])}家无邮箱列入电话联系名单；"
            f"动员部署通知：{_counted(sent)}"
        )
        self._cast = Cast(
            roster, self._campaign, mails=self._mails, inbox=self._inbox, fetch=self._workbook_by_hand
        )

    def rehearse(self) -> None:
        """What an admin sees first: the plan, with nothing sent."""
        self._runs.wait_for_dag(self._dag)
        run_id = self._runs.run(self._dag, DAYS[0].on)
        self._say(f"预演（未发送）：{_counted(self._runs.result(self._dag, run_id, 'show_plan')['合计'])}")

    def play(self, day: Day) -> None:
        """The institutions send what they send; the scheduler's run of that day deals with it."""
        if self._cast is None:
            raise ValueError("the roster comes first")
        self._cast.drops(day.on, self._runs.watch)
        run_id = self._runs.run(self._dag, day.on, asked=partial(self._let_leave, self._dag), dry_run=False)
        checked = self._runs.result(self._dag, run_id, "check_returns")
        sent = self._runs.result(self._dag, run_id, "deliver_notices")
        progress = self._runs.result(self._dag, run_id, "tally")
        self._say(
            f"收件：{_counted(checked) or '无'}；邮件：{_counted(sent) or '无'}；进度：{_counted(progress)}"
        )

    def _let_leave(self, dag_id: str, run_id: str) -> None:
        """The director looks at a large batch and lets it leave."""
        [batch] = self._using.ledger.outbox.dispatches(self._campaign.id, waiting=True)
        self._say(f"拟发送{batch.entered}份通知，超过规定数量，等待审批；办公室主任同意发送")
        answer(self._signers["reviewed"], dag_id, run_id, SENDING_APPROVAL, LET_LEAVE, reason="名单已核对")

    def report(self) -> None:
        """Compile the statistics, let three hands sign, send them up."""
        upward = self._campaign.report(REPORT)
        dag_id = self._campaign.report_dag_id(upward)
        self._runs.wait_for_dag(dag_id)
        run_id = self._runs.start(dag_id, DAYS[-1].on, dry_run=False)
        self._say("统计表已编制、勾稽核对相符，依次送经办、复核、审核")
        for hand, (who, option) in SIGNATURES.items():
            self._runs.wait_for_approval(dag_id, run_id, f"sign_{hand}")
            answer(self._signers[hand], dag_id, run_id, f"sign_{hand}", option, reason="数据已核对")
            self._say(f"{who}：{option}")
        self._runs.wait(dag_id, run_id)

    def is_over(self) -> bool:
        """Whether the report has gone up already: everything before it has happened then."""
        edition = self._using.ledger.editions.latest(self._campaign.id, REPORT, occasion="once")
        return edition is not None and edition.went_up

    def _workbook_by_hand(self, code: str) -> bytes:
        """What the office hands over to a unit that no mail reaches (``forms build``)."""
        unit = self._using.ledger.roster.unit(self._campaign.id, code)
        if unit is None:
            raise KeyError(code)
        form = self._using.forms["self_check"]
        return self._using.workbooks.prefilled(form, self._campaign, self._phase, unit)


def _arrive(file: Path, day: date, at: time) -> None:
    moment = datetime.combine(day, at, tzinfo=SHANGHAI).timestamp()
    os.utime(file, (moment, moment))


def _counted(counts: dict[str, int]) -> str:
    return "，".join(f"{name}{number}" for name, number in counts.items() if number)
