"""Penalties (行政处罚) by article and date, as data: what a fine may be, and what a case must go through.

The articles are those of 《医疗保障基金使用监督管理条例》 (State Council Order 735) and its 实施细则. Conduct is
judged by the law in force when it happened. Amounts are 元.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from include.domain.dates import months_later
from include.domain.model import Day, Key, Strict, Text

REGULATION = "医疗保障基金使用监督管理条例"

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_NUMERAL = "[零一二三四五六七八九十百]+|[0-9]+"
_CITED = re.compile(
    rf"(?P<law>实施细则|细则|条例|[一-龥]+?法)?[》」\s]*第(?P<article>{_NUMERAL})条(?:之一)?(?:第(?P<paragraph>{_NUMERAL})款)?"
)
_ALONE = re.compile(r"[0-9]{1,3}")
_LAWS = {"条例": REGULATION, "实施细则": f"{REGULATION}实施细则", "细则": f"{REGULATION}实施细则"}
BASES = {"loss_amt": "造成基金损失金额", "fraud_amt": "骗取金额"}


class Span(Strict):
    """From ``least`` to ``most``, both included."""

    least: Decimal = Field(ge=0)
    most: Decimal = Field(ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most < self.least:
            raise ValueError(f"上限 most（{self.most}）小于下限 least（{self.least}），请核对两个数")
        return self


class Article(Strict):
    """One article, or paragraph of one, as it was in force for a span of days."""

    key: Key
    law: Text
    article: int | None = Field(default=None, description="条号；未核对的不写")
    paragraph: int | None = None
    effective_from: Day
    effective_until: Day | None = None
    parties: tuple[Text, ...] = Field(min_length=1, description="适用的当事人类型，用案件台账的说法")
    punishes: Text
    consequence: Text
    base: Literal["loss_amt", "fraud_amt"] | None = Field(default=None, description="罚款基数")
    fine_times: Span | None = None
    fine_yuan: Span | None = None
    suspension_months: Span | None = None
    exit: Text | None = None
    ban_years: int | None = None
    natures: tuple[Text, ...] = ()
    source: Text

    @model_validator(mode="after")
    def _times_of_something(self) -> Self:
        if (self.fine_times is None) != (self.base is None):
            raise ValueError(f"条款“{self.key}”的罚款倍数 fine_times 和罚款基数 base 须一并写明")
        return self

    @property
    def name(self) -> str:
        """The article as a document cites it."""
        if self.article is None:
            return self.law
        law = "条例" if self.law == REGULATION else "实施细则"
        paragraph = f"第{_in_words(self.paragraph)}款" if self.paragraph else ""
        return f"{law}第{_in_words(self.article)}条{paragraph}"

    def in_force_on(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_until is None or day <= self.effective_until)

    def fine(self, base: Decimal) -> Span | None:
        """The allowed fine (元) on that base; None when the article knows no fine."""
        if self.fine_yuan is not None:
            return self.fine_yuan
        if self.fine_times is None:
            return None
        return Span(least=_fen(base * self.fine_times.least), most=_fen(base * self.fine_times.most))

    def fine_words(self, base: Decimal) -> str:
        """The allowed fine as a sentence has it."""
        fine = self.fine(base)
        if fine is None:
            return "没有规定罚款"
        span = f"{fine.least:.2f}元至{fine.most:.2f}元"
        if self.fine_times is None or self.base is None:
            return span
        times = self.fine_times
        return f"{BASES[self.base]}（{base:.2f}元）的{times.least:f}至{times.most:f}倍，即{span}"


class Procedure(Strict):
    """Limits (days) and thresholds (元) of a case's way; the thresholds are set by each place."""

    decide_days: int
    extension_days: int
    hearing_person: Decimal
    hearing_organisation: Decimal
    hearing_notice_days: int
    discussion: Decimal
    summary_person: Decimal
    summary_organisation: Decimal
    payment_days: int


class Rewards(Strict):
    """Rewards for tips (举报奖励, 元): one-off, from ``least`` to ``most``; ``share`` of the case value where one is set."""

    least: Decimal = Field(ge=0)
    most: Decimal = Field(ge=0)
    collect_months: int = Field(ge=1, le=12, description="自接到通知起几个月内领取")
    share: Decimal | None = Field(default=None, gt=0, le=1, description="占案值的比例，由各地规定")

    def last_day(self, told_on: date) -> date:
        """The last day on which it can be collected."""
        return months_later(told_on, self.collect_months)


class Cited(NamedTuple):
    law: str
    article: int
    paragraph: int | None


class Law(Strict):
    """All articles in the order of the law, the procedure, and the rewards."""

    articles: tuple[Article, ...]
    procedure: Procedure
    rewards: Rewards

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Self:
        keys = [article.key for article in self.articles]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise ValueError(f"条款“{'、'.join(sorted(doubled))}”写了不止一次")
        return self

    def cited_in(self, text: str) -> tuple[Article, ...]:
        """The articles a text cites that carry consequences here, in force or not; 条例 is meant when no law is said."""
        cited = set(_cited(text))
        return tuple(
            article
            for article in self.articles
            if article.key == text.strip()
            or any(
                (article.law, article.article) == (each.law, each.article)
                and (None in (article.paragraph, each.paragraph) or article.paragraph == each.paragraph)
                for each in cited
            )
        )


def _cited(text: str) -> Iterator[Cited]:
    if _ALONE.fullmatch(text.strip()):
        yield Cited(REGULATION, int(text), None)
    law = REGULATION
    for found in _CITED.finditer(text):
        if found["law"]:
            law = _LAWS.get(found["law"], found["law"])
        paragraph = found["paragraph"]
        yield Cited(law, _number(found["article"]), _number(paragraph) if paragraph else None)


def _number(words: str) -> int:
    """A number below 1000 in digits or Chinese numerals."""
    if words.isdigit():
        return int(words)
    total, digit = 0, 0
    for each in words:
        if each in _DIGITS:
            digit = _DIGITS[each]
        else:
            total, digit = total + (digit or 1) * (10 if each == "十" else 100), 0
    return total + digit


def _in_words(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    head = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
    return head + (digits[ones] if ones or not tens else "")


def _fen(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
