"""What follows from a violation: money refunded row by row, cases walked to their decision, referral, ban, exposure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from include.domain.bans import three_years_from
from include.domain.campaign import Campaign
from include.domain.model import UnitKind
from include.domain.penalties import Law
from include.domain.units import Unit
from include.rehearsal.desk import Action, Agenda, Desk

RECTIFICATIONS, CASES, REFERRALS, ENTRIES = "rectifications", "cases", "referrals", "entries"
OFFICERS = "SL0001、SL0002"
TO_RECTIFY = timedelta(days=30)
TO_DECIDE = timedelta(days=90)
TO_HEAR = timedelta(days=8)
STEP = 5
"""Working days from one step of a case to the next."""
NOTHING = Decimal("0.00")
INSURANCES = ("职工医保", "居民医保")
PARTIES = {
    UnitKind.MEDICAL_INSTITUTION: "定点医疗机构",
    UnitKind.RETAIL_PHARMACY: "定点零售药店",
}
"""Whom the rehearsal opens cases against."""


class CaseKind(StrEnum):
    LOSS = "loss"  # 一般违规,造成损失
    FRAUD = "fraud"  # 欺诈骗保
    CRIME = "crime"  # 涉嫌犯罪,移送


@dataclass(frozen=True, slots=True)
class Found:
    """A violation: by which unit, where it was found, when it happened; amounts are 元."""

    unit: Unit
    source: str  # as the case register has it
    refund_source: str  # as the refund register has it
    began: date
    ended: date
    violation: Decimal
    fund: Decimal


class Casework:
    """Everything is written on the desk, as staff would; ``major`` is told of the day a suspected crime is referred."""

    def __init__(
        self, campaign: Campaign, desk: Desk, agenda: Agenda, law: Law, chance: random.Random
    ) -> None:
        self._campaign = campaign
        self._desk = desk
        self._agenda = agenda
        self._law = law
        self._chance = chance
        self._refunds = 0
        self._cases = 0
        self.major: date | None = None

    # Refunds

    def rectify(self, found: Found, what: str, on: date) -> None:
        """A demand to rectify and refund; mostly met, sometimes in two parts, late, or not well enough at first."""
        self._refunds += 1
        number = f"ZG-{self._campaign.region}-{on:%Y%m%d}-{self._refunds:04d}"
        due = on + TO_RECTIFY
        self._demand(number, found, what, on, due)
        course = self._chance.random()
        paid_on = self._agenda.later(on, self._chance.randint(8, 18))
        if course < 0.1:
            late = self._agenda.later(due, 2)
            self._agenda.at(
                late, lambda day: self._refund(number, status="逾期", unpaid_reason="申请延期退回（模拟）")
            )
            paid_on = self._agenda.later(late, 4)
        elif course < 0.2:
            half = (found.fund / 2).quantize(Decimal("0.01"))
            self._agenda.at(self._agenda.later(on, 5), lambda day: self._pay(number, half, day))
        self._agenda.at(
            paid_on,
            lambda day: self._pay(number, found.fund, day, status="待验收", result="已整改到位（模拟）"),
        )
        checked_on = self._agenda.later(paid_on, 3)
        if 0.2 <= course < 0.25:
            self._agenda.at(checked_on, lambda day: self._check(number, day, "不通过", status="退回重改"))
            checked_on = self._agenda.later(checked_on, 6)
        self._agenda.at(
            checked_on,
            lambda day: self._check(number, day, "通过", status="已销号", closed_on=day, unpaid_reason=None),
        )

    def _demand(self, number: str, found: Found, what: str, on: date, due: date, case_no: str = "") -> None:
        self._refund(
            number,
            source=found.refund_source,
            fixmedins_code=found.unit.code,
            fixmedins_name=found.unit.name,
            problem_ref=what,
            requirement="停止违规行为，退回违规使用的医保基金（模拟）",
            issued_on=on,
            rectify_due=due,
            measure="已修订收费规则并培训（模拟）",
            status="整改中",
            payable=found.fund,
            paid=NOTHING,
            insurance=self._chance.choice(INSURANCES),
            case_no=case_no or None,
        )

    def _pay(self, number: str, amount: Decimal, on: date, **news: object) -> None:
        paid = {"paid": amount} | (
            {
                "pay_way": "银行转账",
                "paid_on": on,
                "voucher_no": f"MN{on:%Y%m%d}{number[-4:]}",
                "fund_account": "医保基金财政专户",
            }
            if amount
            else {}
        )
        self._refund(number, **paid, **news)

    def _check(self, number: str, on: date, result: str, **news: object) -> None:
        self._refund(number, checker="基金稽核岗", checked_on=on, check_result=result, **news)

    def _refund(self, number: str, **fields: object) -> None:
        self._desk.write("rectification", RECTIFICATIONS, number, rect_no=number, **fields)  # type: ignore[arg-type]

    # Cases

    def open(self, kind: CaseKind, found: Found, on: date) -> str:
        """Open a case and put its steps on the agenda; return its number."""
        self._cases += 1
        number = f"AJ-{self._campaign.region}-{on.year}-{self._cases:04d}"
        is_fraud = kind is not CaseKind.LOSS
        self._case(
            number,
            case_no=number,
            case_name=f"{found.unit.name}涉嫌{'骗取医保基金' if is_fraud else '重复收费'}案",
            source=found.source,
            party_type=PARTIES[found.unit.kind],
            party_name=found.unit.name,
            party_code=found.unit.code,
            violation_types="虚构医药服务项目" if is_fraud else "重复收费",
            status="立案",
            filed_on=on,
            officers=OFFICERS,
            due_on=on + TO_DECIDE,
            occur_start=found.began,
            occur_end=found.ended,
            violation_amt=found.violation,
            loss_amt=NOTHING if is_fraud else found.fund,
            fraud_amt=found.fund if is_fraud else NOTHING,
            **dict.fromkeys(
                ("fine_amt", "recoup_due", "recoup_paid", "liquidated_damages", "fine_paid", "late_fee"),
                NOTHING,
            ),
        )
        looked = self._step(on, lambda day: self._case(number, status="调查"))
        known = self._step(looked, lambda day: self._investigated(number, kind, day))
        if kind is CaseKind.CRIME:
            self._step(known, lambda day: self._refer(number, found, day))
        else:
            self._decide(number, kind, found, known)
        return number

    def _step(self, after: date, action: Action) -> date:
        day = self._agenda.later(after, STEP)
        self._agenda.at(day, action)
        return day

    def _investigated(self, number: str, kind: CaseKind, on: date) -> None:
        nature = {
            CaseKind.LOSS: "一般违规（造成损失）",
            CaseKind.FRAUD: "欺诈骗保",
            CaseKind.CRIME: "涉嫌犯罪",
        }[kind]
        self._case(number, status="调查终结", nature=nature, facts="经查证，违法事实清楚、证据确凿（模拟）")

    def _decide(self, number: str, kind: CaseKind, found: Found, known: date) -> None:
        """Notice, hearing where one is due, legal review, discussion, decision, service, payment, closing."""
        fine = self._fine(kind, found)
        is_grave = fine >= min(self._law.procedure.hearing_organisation, self._law.procedure.discussion)
        told = self._step(
            known,
            lambda day: self._case(
                number,
                status="告知",
                notice_on=day,
                told_fine_amt=fine,
                hearing_told_on=day if is_grave else None,
            ),
        )
        if is_grave:
            heard = self._agenda.later(told + TO_HEAR, 1)
            self._agenda.at(heard, lambda day: self._case(number, status="听证", hearing_on=day))
            told = heard
        reviewed = self._step(told, lambda day: self._case(number, status="法制审核", legal_on=day))
        if is_grave:
            reviewed = self._step(reviewed, lambda day: self._case(number, status="集体讨论", meeting_on=day))
        decided = self._step(reviewed, lambda day: self._decided(number, kind, found, fine, day))
        served = self._step(decided, lambda day: self._case(number, status="送达", served_on=day))
        paid = self._step(served, lambda day: self._executed(number, found, fine, day))
        self._step(
            paid,
            lambda day: self._case(
                number,
                status="结案",
                closed_on=day,
                archive_no=number.removeprefix("AJ-"),
                published_on=day,
                publish_where="局门户网站",
                publish_approvers="分管局长、法制审核岗",
            ),
        )

    def _fine(self, kind: CaseKind, found: Found) -> Decimal:
        """Within the article's range; nothing when the article was not in force when it happened (元)."""
        articles = self._law.cited_in(_BASIS[kind])
        spans = [each.fine(found.fund) for each in articles if each.in_force_on(found.ended)]
        least = min((span.least for span in spans if span), default=NOTHING)
        return least.quantize(Decimal("0.01"))

    def _decided(self, number: str, kind: CaseKind, found: Found, fine: Decimal, on: date) -> None:
        is_fraud = kind is CaseKind.FRAUD
        done = (
            ["追回医保基金"]
            + ["行政处罚"] * bool(fine)
            + ["解除协议", "列入黑名单"] * is_fraud
            + ["公开曝光"]
        )
        paper = f"模拟{'罚' if fine else '协'}字〔{on.year}〕{int(number[-4:])}号"
        ended = {"terminated_on": on, "ban_until": three_years_from(on)} if is_fraud else {}
        fined = {"decision_no": paper, "legal_basis": _BASIS[kind], "fine_amt": fine} if fine else {}
        self._case(
            number,
            status="决定",
            case_name=f"{found.unit.name}{'骗取医保基金' if is_fraud else '重复收费'}案",
            decided_on=on,
            dispositions="；".join(done),
            agreement_doc_no=f"模拟协字〔{on.year}〕{int(number[-4:])}号" if is_fraud or not fine else None,
            recoup_due=found.fund,
            **fined,
            **ended,
        )
        self._recoup(number, found, on)
        if is_fraud:
            self._ban(found, paper, on)

    def _recoup(self, number: str, found: Found, on: date) -> None:
        """What a case orders back has its own line in the refund register, which names the case."""
        line = f"ZG-{number.removeprefix('AJ-')}"
        self._demand(line, found, f"案件{number}责令退回", on, on + TO_RECTIFY, case_no=number)

    def _executed(self, number: str, found: Found, fine: Decimal, on: date) -> None:
        self._case(number, status="执行", recoup_paid=found.fund, recoup_on=on, fine_paid=fine)
        self._recouped(number, found, on)

    def _recouped(self, number: str, found: Found, on: date) -> None:
        line = f"ZG-{number.removeprefix('AJ-')}"
        self._pay(line, found.fund, on, status="待验收", result="已退回（模拟）")
        checked = self._agenda.later(on, 2)
        self._agenda.at(checked, lambda day: self._check(line, day, "通过", status="已销号", closed_on=day))

    def _ban(self, found: Found, paper: str, on: date) -> None:
        self._desk.write(
            "blacklist",
            ENTRIES,
            found.unit.name,
            subject_type=PARTIES[found.unit.kind],
            subject_code=found.unit.code,
            uscc=found.unit.uscc,
            subject_name=found.unit.name,
            reason="虚构医药服务项目骗取医保基金（模拟）",
            basis_doc_no=paper,
            listed_on=on,
            terminated_on=on,
            ban_start=on,
            ban_until=three_years_from(on),
            pushed_credit=False,
        )

    def _refer(self, number: str, found: Found, on: date) -> None:
        """A suspected crime goes to the police; the money is claimed back all the same."""
        referral = f"YS-{number.removeprefix('AJ-')}"
        self._desk.write(
            "referral",
            REFERRALS,
            referral,
            referral_no=referral,
            direction="移出",
            kind="涉嫌犯罪",
            to_org="公安机关",
            from_org="医保部门",
            case_no=number,
            party=found.unit.name,
            suspected="涉嫌诈骗罪",
            amount=found.fund,
            proposed_on=on,
            approver_post="局长",
            approved_on=on,
            sent_on=on,
            referral_doc_no=f"模拟移〔{on.year}〕{int(number[-4:])}号",
            materials="移送书；案件调查报告；涉案物品清单（无）",
            receipt_on=on,
        )
        self._case(
            number,
            status="终止",
            referral_no=referral,
            dispositions="追回医保基金；移送公安",
            recoup_due=found.fund,
            memo="涉嫌犯罪，已移送公安机关，行政处罚程序终止（模拟）",
        )
        self._recoup(number, found, on)
        self._step(on, lambda day: self._taken_up(referral, number, found, day))
        self.major = on

    def _taken_up(self, referral: str, number: str, found: Found, on: date) -> None:
        self._desk.write(
            "referral", REFERRALS, referral, decision="立案", decided_on=on, outcome="已刑事立案侦查（模拟）"
        )
        self._case(number, recoup_paid=found.fund, recoup_on=on)
        self._recouped(number, found, on)

    def _case(self, number: str, **fields: object) -> None:
        self._desk.write("case", CASES, number, **fields)  # type: ignore[arg-type]


_BASIS = {
    CaseKind.LOSS: "条例第三十八条第（四）项",
    CaseKind.FRAUD: "条例第四十条第一款第（三）项",
    CaseKind.CRIME: "条例第四十条第一款第（三）项",
}
