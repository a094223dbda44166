"""The rows behind refunds, cases, clues, tips, referrals and the blacklist.

A person appears by the number of a case, never by name; a tip without anything about who gave it.
"""

from __future__ import annotations

from include.domain.groups import CLUE_SOURCES
from include.domain.indicators import Source
from include.domain.indicators.facts import handled_on
from include.domain.snapshot_records import Blacklisting, Case, Clue, Rectification, Referral, Tip
from include.domain.violations import violation_zh
from include.gateways.register_words import (
    CASE_STATES,
    CLUE_STATES,
    DISPOSITIONS,
    ORGANISATIONS,
    RECTIFICATION_STATES,
    TIP_STATES,
)
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.detail_list import CODE, NAME, NUMBER, THIS, Cells, List, in_period


def refunds(edition: Compilation) -> List:
    said = in_period(edition)

    def cells(row: Rectification) -> Cells:
        return (
            row.number,
            row.source,
            row.unit_code,
            row.unit_name,
            RECTIFICATION_STATES.get(row.state, row.state),
            row.payable,
            row.paid,
            row.payable - row.paid,
            row.paid_on,
            row.case_no,
            said(row.paid_on) if row.paid else "未计入",
        )

    money = ("应退（元）", "已退（元）", "未退（元）")
    columns = (
        NUMBER,
        ("来源", paper.CENTRED, 10),
        CODE,
        NAME,
        ("整改状态", paper.CENTRED, 10),
        *((title, paper.MONEY, 17.0) for title in money),
        ("退回日期", paper.DAY, 17),
        ("案件编号", paper.CENTRED, 22),
        ("已退计入本期", paper.CENTRED, 13),
    )
    rows = [cells(row) for row in edition.snapshot.rectifications]
    return List(Source.REFUNDS, "整改及退费明细", "单位：元", columns, rows, money)


def cases(edition: Compilation) -> List:
    said = in_period(edition)

    def cells(row: Case) -> Cells:
        return (
            row.number,
            row.party,
            row.unit_code,
            row.unit_name,
            violation_zh(row.conduct),
            CASE_STATES.get(row.state, row.state),
            "；".join(DISPOSITIONS.get(code, code) for code in row.dispositions),
            row.filed_on,
            row.decided_on,
            row.violation_amt,
            row.recoup_paid,
            row.damages_amt,
            row.fine_amt,
            said(handled_on(row)),
        )

    money = ("违规金额（元）", "已退回基金（元）", "违约金（元）", "罚款（元）")
    columns = (
        NUMBER,
        ("当事人类型", paper.CENTRED, 16),
        CODE,
        NAME,
        ("案由", paper.WORDS, 30),
        ("办案阶段", paper.CENTRED, 10),
        ("处理方式", paper.WORDS, 30),
        ("立案日期", paper.DAY, 17),
        ("决定日期", paper.DAY, 17),
        *((title, paper.MONEY, 17.0) for title in money),
        ("处理计入本期", paper.CENTRED, 13),
    )
    rows = [cells(row) for row in edition.snapshot.cases]
    return List(Source.CASES, "案件查处明细", "单位：元（退回基金与罚款不相加）", columns, rows, money)


def clues(edition: Compilation) -> List:
    said = in_period(edition)

    def cells(row: Clue) -> Cells:
        return (
            row.number,
            CLUE_SOURCES.get(row.source, row.source),
            row.batch,
            row.model,
            row.subject,
            row.unit_code,
            row.unit_name,
            row.risk,
            CLUE_STATES.get(row.state, row.state),
            row.received_on,
            row.due_on,
            row.checked_on,
            row.closed_on,
            row.result,
            row.suspect_amt,
            row.confirmed_amt,
            said(row.received_on),
        )

    money = ("疑点金额（元）", "查实金额（元）")
    columns = (
        NUMBER,
        ("线索来源", paper.CENTRED, 14),
        ("批次", paper.CENTRED, 16),
        ("筛查模型", paper.CENTRED, 20),
        ("对象类型", paper.CENTRED, 10),
        CODE,
        NAME,
        ("风险", paper.CENTRED, 7),
        ("核查进度", paper.CENTRED, 10),
        ("接收日期", paper.DAY, 17),
        ("核查期限", paper.DAY, 17),
        ("核查完毕日期", paper.DAY, 17),
        ("办结日期", paper.DAY, 17),
        ("核查结论", paper.CENTRED, 20),
        *((title, paper.MONEY, 17.0) for title in money),
        ("接收计入本期", paper.CENTRED, 13),
    )
    rows = [cells(row) for row in edition.snapshot.clues]
    return List(Source.CLUES, "疑点线索明细", "单位：元", columns, rows, money)


def tips(edition: Compilation) -> List:
    said = in_period(edition)

    def cells(row: Tip) -> Cells:
        return (
            row.number,
            row.received_on,
            row.subject,
            row.unit_code,
            TIP_STATES.get(row.state, row.state),
            "是" if row.accepted else "否",
            row.result,
            "是" if row.is_replied else "否",
            row.reward_amt,
            row.reward_on,
            said(row.received_on),
        )

    columns = (
        ("登记编号", paper.CENTRED, 10),
        ("接收日期", paper.DAY, 17),
        ("被举报对象类型", paper.CENTRED, 18),
        CODE,
        ("办理状态", paper.CENTRED, 12),
        ("是否受理", paper.CENTRED, 10),
        ("核查结果", paper.CENTRED, 12),
        ("是否回复", paper.CENTRED, 10),
        ("奖励金额（元）", paper.MONEY, 16),
        ("发放日期", paper.DAY, 17),
        ("接收计入本期", paper.CENTRED, 13),
    )
    rows = [cells(row) for row in edition.snapshot.tips]
    return List(Source.TIPS, "举报明细（不含举报人信息）", "单位：元", columns, rows, ("奖励金额（元）",))


def referrals(edition: Compilation) -> List:
    said = in_period(edition)

    def cells(row: Referral) -> Cells:
        return (
            row.number,
            row.direction,
            ORGANISATIONS.get(row.from_org, row.from_org),
            ORGANISATIONS.get(row.to_org, row.to_org),
            row.case_no,
            row.amount,
            row.sent_on,
            row.decision,
            row.returned_on,
            said(row.sent_on),
        )

    columns = (
        NUMBER,
        ("方向", paper.CENTRED, 8),
        ("移出单位", paper.CENTRED, 22),
        ("接收单位", paper.CENTRED, 22),
        ("案件编号", paper.CENTRED, 22),
        ("涉案金额（元）", paper.MONEY, 17),
        ("移送日期", paper.DAY, 17),
        ("接收单位决定", paper.CENTRED, 14),
        ("退回日期", paper.DAY, 17),
        THIS,
    )
    rows = [cells(row) for row in edition.snapshot.referrals]
    return List(Source.REFERRALS, "移送明细", "单位：元", columns, rows, ("涉案金额（元）",))


def blacklistings(edition: Compilation) -> List:
    said = in_period(edition)

    def cells(row: Blacklisting) -> Cells:
        return (
            row.subject,
            row.unit_code,
            row.basis_doc_no,
            row.listed_on,
            row.removed_on,
            said(row.listed_on),
        )

    columns = (
        ("对象类型", paper.CENTRED, 18),
        CODE,
        ("依据文书号", paper.WORDS, 32),
        ("列入日期", paper.DAY, 17),
        ("移出日期", paper.DAY, 17),
        THIS,
    )
    rows = [cells(row) for row in edition.snapshot.blacklistings]
    return List(Source.BLACKLISTINGS, "黑名单明细", "", columns, rows)
