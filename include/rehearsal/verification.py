"""Clues (线索) issued from above and tips (举报): each verified by itself, answered by itself, some of them late."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from include.domain.campaign import Campaign
from include.domain.model import UnitKind
from include.domain.units import Unit
from include.rehearsal.casework import PARTIES, CaseKind, Casework, Found
from include.rehearsal.desk import Agenda, Desk

CLUES, TIPS, TIPSTERS = "clues", "tips", "tipsters"
TO_VERIFY = 15
"""Working days (《医疗保障行政处罚程序暂行规定》)."""
BATCHES = ("国家局下发", "省局下发", "市局下发", "本地大数据筛查")
"""One batch of clues from each source."""
SUBJECTS = {
    UnitKind.MEDICAL_INSTITUTION: "医疗机构",
    UnitKind.RETAIL_PHARMACY: "零售药店",
    UnitKind.HANDLING_AGENCY: "经办机构",
}
CHANNELS = ("电话", "微信公众号", "来信", "网络")


class Verification:
    """Writes clues and tips on the desk from the day they come in until they are answered."""

    def __init__(
        self,
        campaign: Campaign,
        units: Sequence[Unit],
        desk: Desk,
        agenda: Agenda,
        casework: Casework,
        chance: random.Random,
    ) -> None:
        self._campaign = campaign
        self._units = [unit for unit in units if unit.kind in PARTIES] or list(units)
        self._desk = desk
        self._agenda = agenda
        self._casework = casework
        self._chance = chance
        self._clues = 0
        self._tips = 0
        self._has_case = False

    def receive_batch(self, number: int, size: int, on: date) -> None:
        """The ``number``-th batch (from 0) arrives: so many clues (条)."""
        source = BATCHES[number % len(BATCHES)]
        for unit in self._chance.sample(self._units, min(size, len(self._units))):
            self._clue(unit, source, on, batch=f"{on.year}年第{number + 1}批")

    def receive_tip(self, on: date) -> None:
        """A tip is registered, looked into, and answered."""
        self._tips += 1
        number, unit = self._tips, self._chance.choice(self._units)
        self._tip(
            number,
            tip_no=number,
            received_at=on,
            channel=self._chance.choice(CHANNELS),
            receiver_post="基金稽核岗",
            real_name=number % 2 == 1,
            subject_type=PARTIES.get(unit.kind, "经办机构"),
            subject_code=unit.code,
            subject_name=unit.name,
            content="反映该单位将不属于支付范围的费用纳入医保结算（模拟）",
            status="已登记",
        )
        if number % 2 == 1:
            self._desk.write(
                "tip", TIPSTERS, number, tip_no=number, tipster_name="样例某", tipster_phone="0999-1234567"
            )
        taken = self._agenda.later(on, 2)
        if number % 5 == 0:
            self._agenda.at(taken, lambda day: self._reject(number, day))
            return
        self._agenda.at(taken, lambda day: self._accept(number, day))
        closed = self._agenda.later(on, self._chance.randint(8, 16))
        if number % 4 == 1:
            self._agenda.at(
                taken,
                lambda day: self._tip(number, status="转线索", clue_no=self._clue(unit, "举报", day)),
            )
        self._agenda.at(closed, lambda day: self._close(number, day))
        self._agenda.at(
            self._agenda.later(closed, 3),
            lambda day: self._tip(number, status="已回复", told_on=day, told_way="电话"),
        )

    # Clues

    def _clue(self, unit: Unit, source: str, on: date, *, batch: str = "") -> str:
        self._clues += 1
        number = f"XS-{self._campaign.region}-{on:%Y%m%d}-{self._clues:04d}"
        suspect = Decimal(self._chance.randrange(200_000, 3_000_000)).scaleb(-2)
        is_issued = source.endswith("下发")
        issued = {
            "upper_clue_no": f"MN{on.year}-{self._clues:06d}",
            "issued_by": "上级医疗保障局（模拟）",
            "issue_doc": "疑点线索核查通知（模拟）",
            "issued_on": on,
            "batch_no": batch,
        }
        self._write_clue(
            number,
            clue_no=number,
            source=source,
            subject_type=SUBJECTS.get(unit.kind, "医疗机构"),
            fixmedins_code=unit.code,
            fixmedins_name=unit.name,
            model_code="重复收费",
            content="同一项目同日多次收费，疑似重复收费（模拟）",
            suspect_amt=suspect,
            occurrences=self._chance.randrange(5, 90),
            risk_level=self._chance.choices(("高", "中", "低"), (2, 5, 3))[0],
            received_on=on,
            unit="示例医保经办中心（模拟）",
            due_on=self._agenda.later(on, TO_VERIFY),
            progress="未启动",
            **(issued if is_issued else {}),
        )
        begun = self._agenda.later(on, self._chance.randint(1, 4))
        closed = self._agenda.later(on, self._chance.choices((8, 11, 14, 19), (3, 3, 3, 1))[0])
        self._agenda.at(
            begun, lambda day: self._write_clue(number, progress="核查中", verifiers="稽核岗01、稽核岗02")
        )
        self._agenda.at(closed, lambda day: self._conclude(number, unit, suspect, day))
        if is_issued:
            fed_back = self._agenda.later(closed, self._chance.randint(1, 3))
            self._agenda.at(
                fed_back, lambda day: self._write_clue(number, progress="已反馈", feedback_on=day)
            )
        return number

    def _conclude(self, number: str, unit: Unit, suspect: Decimal, on: date) -> None:
        concluded = {"progress": "已办结", "method": "病历", "closed_on": on, "report_file": f"{number}.pdf"}
        result = self._chance.choices(("查实", "部分查实", "不属实", "正常（有合理解释）"), (3, 2, 2, 3))[0]
        if "查实" not in result:
            self._write_clue(
                number, **concluded, result=result, explain="经核对病历和收费记录，收费与服务相符（模拟）"
            )
            return
        share = Decimal(self._chance.randrange(40, 101)) / 100
        amount = (suspect * share).quantize(Decimal("0.01"))
        fund = (amount * Decimal("0.7")).quantize(Decimal("0.01"))
        found = Found(unit, "线索", "线索核查", *occurred(self._campaign, on), amount, fund)
        case = {}
        if not self._has_case and unit.kind in PARTIES:
            self._has_case = True
            case = {"case_no": self._casework.open(CaseKind.LOSS, found, on)}
        else:
            self._casework.rectify(found, f"线索{number}查实的重复收费", on)
        self._write_clue(
            number,
            **concluded,
            **case,
            result=result,
            confirmed_amt=amount,
            confirmed_fund=fund,
            disposition="责令限期整改；追回医保基金",
        )

    def _write_clue(self, number: str, **fields: object) -> None:
        self._desk.write("clue", CLUES, number, **fields)  # type: ignore[arg-type]

    # Tips

    def _accept(self, number: int, on: date) -> None:
        self._tip(
            number,
            status="已受理",
            accepted="受理",
            unit="示例医保经办中心（模拟）",
            assigned_on=on,
            due_on=self._agenda.later(on, TO_VERIFY),
        )

    def _reject(self, number: int, on: date) -> None:
        self._tip(
            number,
            status="已回复",
            accepted="不予受理",
            reject_reason="不属于医疗保障部门职责，已告知向有关部门反映（模拟）",
            result="不属实",
            reply="已告知不予受理的理由（模拟）",
        )

    def _close(self, number: int, on: date) -> None:
        is_true = self._chance.random() < 0.5
        self._tip(
            number,
            status="办结",
            result="属实" if is_true else "不属实",
            filed="不予立案",
            filed_on=on,
            reply="已告知核查情况（模拟）",
            reward=is_true,
            **({"reward_amt": Decimal("500.00"), "paid_on": on} if is_true else {}),
        )

    def _tip(self, number: int, **fields: object) -> None:
        self._desk.write("tip", TIPS, number, **fields)  # type: ignore[arg-type]


def occurred(campaign: Campaign, on: date) -> tuple[date, date]:
    """First and last day of a violation found that day: the last year of the period the notice looks at."""
    window = campaign.data_window
    end = min(window.end or on, on) if window else on
    begin = max(window.start, end.replace(month=1, day=1)) if window else end.replace(month=1, day=1)
    return min(begin, end), end
