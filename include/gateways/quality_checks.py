"""A form's rules as single checks of single columns: what Great Expectations is then asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from include.domain.form_rules import EachInList, GreaterOrEqual, Rule, UniqueInSheet
from include.domain.forms import Column, ColumnType, Form, Sheet
from include.domain.model import Severity

RETURN = "return"
ASKED_DIRECTLY = (GreaterOrEqual, UniqueInSheet, EachInList)
"""Rules Great Expectations has an expectation for; of the others it is told by a flag where they are broken."""


class Kind(StrEnum):
    EMPTY = "empty"
    FILLED = "filled"
    BETWEEN = "between"
    LENGTH = "length"
    PATTERN = "pattern"
    ONE_OF = "one_of"
    AT_LEAST_OTHER = "at_least_other"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing asked of one frame column; ``field`` is the cell a failure points at.

    ``rule`` is the form's rule behind it; empty for checks that follow from the column alone.
    """

    key: str
    kind: Kind
    columns: tuple[str, ...]
    field: str
    severity: Severity
    rule: Rule | None = None
    least: int | None = None
    most: int | None = None
    pattern: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stack:
    """Checks that ask the same of different columns: put to Great Expectations as one, the columns one upon another.

    An expectation costs 15 ms and more however few rows there are; a form has ten times as many checks as
    different questions.
    """

    checks: tuple[Check, ...]

    @property
    def asked(self) -> Check:
        """Any of them: they differ in nothing but their columns."""
        return self.checks[0]

    @property
    def key(self) -> str:
        return "、".join(check.key for check in self.checks)


def stacks_of(checks: Iterable[Check]) -> list[Stack]:
    """Every check in exactly one stack. What compares rows with each other stands alone."""
    alike: dict[tuple[object, ...], list[Check]] = {}
    for check in checks:
        apart = check.key if check.kind is Kind.ONCE else ""
        question = (check.kind, check.least, check.most, check.pattern, check.options, apart)
        alike.setdefault(question, []).append(check)
    return [Stack(tuple(together)) for together in alike.values()]


def problem_column(field: str) -> str:
    """Why the cell could not be read; empty when it could."""
    return f"{field}.problem"


def written_column(field: str) -> str:
    """What was written, readable or not; empty when nothing was."""
    return f"{field}.written"


def rule_column(rule: Rule, field: str) -> str:
    """1 where the rule is broken, 0 where it holds."""
    return f"{field}.{rule.key}"


def checks_of(form: Form, sheet: Sheet) -> list[Check]:
    """Every check of a sheet: whether cells can be read first, then their values, then rules between them."""
    return [
        *(check for column in sheet.columns for check in _of_column(form, column)),
        *(check for rule in form.rules_of(sheet) for check in _of_rule(form, rule)),
    ]


def in_frame(amount: Decimal, column: Column) -> int:
    """A bound or amount as the frame has it: money in 分."""
    return int(amount * 100) if column.type is ColumnType.MONEY else int(amount)


def _of_column(form: Form, column: Column) -> Iterator[Check]:
    field, severity = column.field, column.severity
    yield Check(f"{field}.readable", Kind.EMPTY, (problem_column(field),), field, severity)
    if column.required:
        yield Check(f"{field}.required", Kind.FILLED, (written_column(field),), field, severity)
    if column.least is not None or column.max is not None:
        least = None if column.least is None else in_frame(column.least, column)
        most = None if column.max is None else in_frame(column.max, column)
        yield Check(f"{field}.range", Kind.BETWEEN, (field,), field, severity, least=least, most=most)
    if column.min_length is not None or column.max_length is not None:
        yield Check(
            f"{field}.length",
            Kind.LENGTH,
            (field,),
            field,
            severity,
            least=column.min_length,
            most=column.max_length,
        )
    if column.pattern is not None:
        whole = f"^(?:{column.pattern})$"
        yield Check(f"{field}.pattern", Kind.PATTERN, (field,), field, severity, pattern=whole)
    if column.type is ColumnType.CHOICE:
        yield Check(f"{field}.choice", Kind.ONE_OF, (field,), field, severity, options=form.options(column))


def _of_rule(form: Form, rule: Rule) -> Iterator[Check]:
    match rule:
        case GreaterOrEqual():
            yield Check(
                rule.key, Kind.AT_LEAST_OTHER, (rule.field, rule.other), rule.field, rule.severity, rule
            )
        case UniqueInSheet():
            yield Check(rule.key, Kind.ONCE, (RETURN, rule.field), rule.field, rule.severity, rule)
        case EachInList():
            pattern = _entries(form, rule.choice_list)
            yield Check(
                rule.key, Kind.PATTERN, (rule.field,), rule.field, rule.severity, rule, pattern=pattern
            )
        case _:
            pointed_at = rule.zero if rule.kind == "all_zero_if" else rule.fields[:1]
            for field in pointed_at:
                key = rule.key if len(pointed_at) == 1 else f"{rule.key}.{field}"
                flag = rule_column(rule, field)
                yield Check(key, Kind.BETWEEN, (flag,), field, rule.severity, rule, least=0, most=0)


def _entries(form: Form, choice_list: str) -> str:
    """A pattern for labels of the list, by label or alias, with ； or 、 between them; brackets of any width."""
    names = [
        re.escape(name).replace("（", "[（(]").replace("）", "[）)]").replace("，", "[，,]")
        for choice in form.lists[choice_list]
        for name in (choice.label, *choice.aliases)
    ]
    entry = f"(?:{'|'.join(sorted(names, key=len, reverse=True))})"
    return rf"^{entry}(?:\s*[；;、]\s*{entry})*[；;、]?$"
