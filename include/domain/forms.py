"""A form (报送表): the one source of workbook, checks, parser and instructions.

``Reading.sheets`` is keyed by ``Sheet.key`` and ``Row.values`` by ``Column.field``; a card sheet is read
as one row. Headers are written without their unit, which is shown behind them in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from string import Formatter

from pydantic import Field, model_validator

from include.domain.form_rules import MESSAGE_WORDS, AddsUp, Condition, EachInList, RefersTo, RowsIf, Rule
from include.domain.model import Day, Key, Severity, Strict, Text
from include.domain.values import normalise, same_name


class ColumnType(StrEnum):
    TEXT = "text"
    MONEY = "money"
    COUNT = "count"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    INSTITUTION_CODE = "institution_code"
    USCC = "uscc"
    REGION = "region"
    PHONE = "phone"
    EMAIL = "email"


NUMBERS = frozenset({ColumnType.MONEY, ColumnType.COUNT})


class Prefill(StrEnum):
    """What the office already knows and writes into the workbook."""

    UNIT_CODE = "unit.code"
    UNIT_NAME = "unit.name"
    CAMPAIGN_TITLE = "campaign.title"
    WINDOW_START = "window.start"
    WINDOW_END = "window.end"
    FORM_VERSION = "form.version"


class Layout(StrEnum):
    CARD = "card"  # 左栏目名、右填写内容
    TABLE = "table"  # 表头加数据行
    SUMMARY = "summary"  # 由公式汇总,不填写、不读取


class Choice(Strict):
    label: Text
    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    aliases: tuple[Text, ...] = Field(default=(), description="实际填报中的其他说法，按本项处理")


class Column(Strict):
    """One column of a table, or one line of a card."""

    field: Key
    header: Text = Field(description="栏目名，不含单位")
    aliases: tuple[Text, ...] = Field(default=(), description="实际文件中见过的其他栏目名")
    type: ColumnType
    unit: Text | None = Field(default=None, description="元、万元、例次、人次、家、个 等")
    required: bool = False
    choices: tuple[Text, ...] = ()
    choice_list: Key | None = Field(default=None, description="lists.yaml 中的清单名")
    min: Decimal | None = None
    max: Decimal | None = None
    min_length: int | None = Field(default=None, ge=1)
    max_length: int | None = Field(default=None, ge=1)
    pattern: str | None = None
    pattern_text: Text | None = Field(default=None, description="pattern 的中文说明，如“20240503-001”")
    severity: Severity = Severity.ERROR
    help: Text | None = None
    example: Text | None = None
    prefill: Prefill | None = None
    locked: bool = False
    counter: bool = Field(default=False, description="序号列：预先编好，空着按顺序补")
    width: int = Field(default=14, ge=4, le=80, description="列宽（字符）")

    @model_validator(mode="after")
    def _consistent(self) -> Column:
        if self.type is ColumnType.CHOICE and bool(self.choices) == (self.choice_list is not None):
            raise ValueError(f"栏目“{self.header}”是选择项，须写 choices 或 choice_list 其中一项")
        if self.pattern is not None and self.pattern_text is None:
            raise ValueError(f"栏目“{self.header}”写了 pattern，须同时写 pattern_text 说明应填的格式")
        if self.pattern is not None and not _is_plain_pattern(self.pattern):
            raise ValueError(f"栏目“{self.header}”的 pattern 不是可用的正则表达式（括号请写成 (?:…)）")
        if self.counter and self.type is not ColumnType.COUNT:
            raise ValueError(f"栏目“{self.header}”是序号（counter），type 须为 count")
        if self.type is ColumnType.MONEY and self.unit not in {"元", "万元"}:
            raise ValueError(f"栏目“{self.header}”是金额，unit 须为“元”或“万元”")
        return self

    @property
    def label(self) -> str:
        """The header with its unit, as the workbook shows it; 涉及人次 says its unit already."""
        if self.unit is None or self.header.endswith(self.unit):
            return self.header
        return f"{self.header}（{self.unit}）"

    @property
    def least(self) -> Decimal | None:
        """Smallest number allowed; numbers are not negative unless the form says so."""
        return Decimal(0) if self.min is None and self.type in NUMBERS else self.min

    def is_called(self, header: str) -> bool:
        """Whether a header seen in a file is this column's, whatever its unit, star, spacing or width."""
        seen = bare_header(header)
        return any(seen == bare_header(name) for name in (self.header, *self.aliases))


class Figure(Strict):
    """One column of a summary: rows counted or a field summed, per group and in all."""

    header: Text
    unit: Text
    sum_of: Key | None = Field(default=None, description="求和的字段；不写则计条数")


class Sheet(Strict):
    key: Key
    title: Text
    aliases: tuple[Text, ...] = ()
    layout: Layout
    columns: tuple[Column, ...] = ()
    optional: bool = Field(default=False, description="整张表可以不报")
    confidential: bool = Field(default=False, description="个人信息：台账中加密保存，写明时才导出")
    rows: int = Field(default=60, ge=1, le=5000, description="模板预留的行数，可在其后继续填写")
    note: Text | None = Field(default=None, description="标题下的一行提示")
    source: Key | None = Field(default=None, description="汇总表取数的工作表")
    group_by: Key | None = Field(default=None, description="汇总表分组的字段")
    figures: tuple[Figure, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Sheet:
        is_summary = self.layout is Layout.SUMMARY
        if is_summary != bool(self.figures and self.source and self.group_by) or is_summary == bool(
            self.columns
        ):
            raise ValueError(
                f"工作表“{self.title}”：汇总表（summary）写 source、group_by、figures，其他表写 columns"
            )
        _once(f"工作表“{self.title}”的字段", (column.field for column in self.columns))
        _once(
            f"工作表“{self.title}”的栏目名",
            (bare_header(name) for column in self.columns for name in (column.header, *column.aliases)),
        )
        return self

    def column(self, field: str) -> Column:
        """Raise KeyError for a field the sheet does not have."""
        for column in self.columns:
            if column.field == field:
                return column
        raise KeyError(field)

    def has(self, field: str) -> bool:
        return any(column.field == field for column in self.columns)


class Detail(Strict):
    """A sheet whose rows belong to the records of a register: the problems of an inspection."""

    sheet: Key
    table: Key = Field(description="台账中的表名")
    of: Key | None = Field(default=None, description="写明所属记录编号的字段；卡片式表格一件一条，不写")
    key: tuple[Key, ...] = Field(default=(), description="同一记录下区分各行的字段；只有一行的不写")


class OfficeRegister(Strict):
    """How the office keeps a form as a register (台账): what tells records apart, and what is followed."""

    key: tuple[Key, ...] = Field(min_length=1, description="区分各条记录的字段")
    unit: Key | None = Field(default=None, description="所涉单位编码的字段")
    state: Key | None = Field(default=None, description="办理状态的字段，只能按规定流程变动")
    due: Key | None = Field(default=None, description="办理期限的字段")
    count_by: tuple[Key, ...] = Field(min_length=1, description="查看台账时按哪些字段计数")
    details: tuple[Detail, ...] = ()
    entries: Mapping[Key, Key] = Field(
        default_factory=dict, description="一格填多项的字段：台账中逐项登记的表名"
    )

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of the records themselves, not of their details."""
        named = (self.unit, self.state, self.due)
        return (*self.key, *(field for field in named if field), *self.count_by, *self.entries)


class Form(Strict):
    """One kind of return or ledger, as loaded: ``lists`` holds the named lists its columns use."""

    key: Key
    title: Text
    version: Text
    accepted_versions: tuple[Text, ...] = Field(default=(), description="仍可报送的旧版本")
    effective_from: Day | None = Field(default=None, description="本表自哪天起使用")
    effective_until: Day | None = Field(default=None, description="本表使用到哪天止（含当天）")
    identified: bool = Field(default=True, description="是否须为系统下发、带单位标识的表")
    import_command: Text | None = Field(
        default=None, description="办公室导入本表的命令，不写即 registers import 加表名"
    )
    purpose: Text = Field(description="填表说明的第一句：什么单位、报什么")
    zero_return: Text | None = Field(default=None, description="没有问题时怎么报（零报告）")
    office_register: OfficeRegister | None = Field(default=None, description="作为台账保存时的要求")
    sheets: tuple[Sheet, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = ()
    lists: Mapping[str, tuple[Choice, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Form:
        if self.effective_from and self.effective_until and self.effective_until < self.effective_from:
            raise ValueError(
                f"停用日期 effective_until（{self.effective_until}）早于"
                f"启用日期 effective_from（{self.effective_from}），请核对两个日期"
            )
        _once("工作表 key", (sheet.key for sheet in self.sheets))
        _once("工作表名称", (name for sheet in self.sheets for name in (sheet.title, *sheet.aliases)))
        _once("规则 key", (rule.key for rule in self.rules))
        for sheet in self.sheets:
            self._check_lists(sheet)
            if sheet.layout is Layout.SUMMARY:
                wanted = [sheet.group_by, *(figure.sum_of for figure in sheet.figures)]
                self._need(f"汇总表“{sheet.title}”", sheet.source, [field for field in wanted if field])
        for rule in self.rules:
            self._check_rule(rule)
            self._check_days(rule)
        if self.office_register is not None:
            self._check_register(self.office_register)
        return self

    def sheet(self, key: str) -> Sheet:
        """Raise KeyError for a sheet the form does not have."""
        for sheet in self.sheets:
            if sheet.key == key:
                return sheet
        raise KeyError(key)

    @property
    def filled_sheets(self) -> tuple[Sheet, ...]:
        """Sheets people fill in, and we read."""
        return tuple(sheet for sheet in self.sheets if sheet.layout is not Layout.SUMMARY)

    @property
    def cards(self) -> tuple[Sheet, ...]:
        return tuple(sheet for sheet in self.sheets if sheet.layout is Layout.CARD)

    @property
    def importing(self) -> str:
        """The command that imports a ledger of the office, as the command line names it."""
        return self.import_command or f"registers import {self.key}"

    @property
    def versions(self) -> frozenset[str]:
        """Versions a return may have."""
        return frozenset({self.version, *self.accepted_versions})

    @property
    def record_sheets(self) -> tuple[Sheet, ...]:
        """The sheets that make up a register's record: the cards together, else the first table."""
        return self.cards or self.filled_sheets[:1]

    def rules_of(self, sheet: Sheet) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.sheet == sheet.key)

    def options(self, column: Column) -> tuple[str, ...]:
        """The Chinese labels a choice column allows."""
        if column.choice_list is None:
            return column.choices
        return tuple(choice.label for choice in self.lists[column.choice_list])

    def option(self, column: Column, written: str) -> str | None:
        """The label somebody meant, by label or alias; None when it is none of them."""
        if column.choice_list is None:
            return next((label for label in column.choices if same_name(label, written)), None)
        for choice in self.lists[column.choice_list]:
            if any(same_name(name, written) for name in (choice.label, *choice.aliases)):
                return choice.label
        return None

    def choice_code(self, choice_list: str, label: str) -> str:
        """The code behind a label of a named list. Raise KeyError for an unknown list or label."""
        for choice in self.lists[choice_list]:
            if choice.label == label:
                return choice.code
        raise KeyError(label)

    def choice_label(self, choice_list: str, code: str) -> str:
        """The label of a code of a named list, the first of several. Raise KeyError for an unknown code."""
        for choice in self.lists[choice_list]:
            if choice.code == code:
                return choice.label
        raise KeyError(code)

    def entries(self, choice_list: str, written: str) -> tuple[str, ...]:
        """The codes of several entries of a named list in one cell, each once; unknown words are left out."""
        found = {
            choice.code: None
            for word in _BETWEEN_ENTRIES.split(written)
            for choice in self.lists[choice_list]
            if any(same_name(name, word) for name in (choice.label, *choice.aliases))
        }
        return tuple(found)

    def _check_lists(self, sheet: Sheet) -> None:
        for column in sheet.columns:
            if column.choice_list is not None and column.choice_list not in self.lists:
                raise ValueError(
                    f"工作表“{sheet.title}”栏目“{column.header}”用的清单“{column.choice_list}”在 lists.yaml 中没有"
                )

    def _check_rule(self, rule: Rule) -> None:
        name = f"规则“{rule.key}”"
        self._need(name, rule.sheet, rule.fields)
        for sheet, fields in _elsewhere(rule):
            self._need(name, sheet, fields)
        when = getattr(rule, "when", None)
        if when is not None:
            self._check_condition(name, rule.sheet, when)
        known = MESSAGE_WORDS | {column.field for column in self.sheet(rule.sheet).columns}
        for _, word, _, _ in Formatter().parse(rule.message):
            if word is not None and word not in known:
                raise ValueError(f"{name}的 message 中“{{{word}}}”不是本表字段，也不是可用的词")

        if isinstance(rule, EachInList) and rule.choice_list not in self.lists:
            raise ValueError(f"{name}用的清单“{rule.choice_list}”在 lists.yaml 中没有")

    def _check_days(self, rule: Rule) -> None:
        """A rule that could only be in force while its form is not is a slip of the pen."""
        if rule.since and self.effective_until and rule.since > self.effective_until:
            raise ValueError(
                f"规则“{rule.key}”自 {rule.since} 起执行，晚于本表的停用日期 {self.effective_until}，"
                "永远不会生效，请核对"
            )
        if rule.until and self.effective_from and rule.until < self.effective_from:
            raise ValueError(
                f"规则“{rule.key}”执行到 {rule.until} 止，早于本表的启用日期 {self.effective_from}，"
                "永远不会生效，请核对"
            )

    def _check_condition(self, name: str, own: str, when: Condition) -> None:
        self._need(f"{name}的条件", when.sheet or own, [when.field])
        if when.sheet not in {None, own} and self.sheet(str(when.sheet)).layout is not Layout.CARD:
            raise ValueError(f"{name}的条件取自工作表“{when.sheet}”，他表的条件只能取自卡片式（card）工作表")

    def _check_register(self, register: OfficeRegister) -> None:
        for field in register.fields:
            if not any(sheet.has(field) for sheet in self.record_sheets):
                raise ValueError(f"office_register 所指的字段“{field}”在台账记录的工作表中不存在")
        for detail in register.details:
            named = (*detail.key, *((detail.of,) if detail.of else ()))
            self._need("office_register 的 details", detail.sheet, named)

    def _need(self, name: str, sheet_key: str | None, fields: Iterable[str]) -> None:
        sheet = next((sheet for sheet in self.filled_sheets if sheet.key == sheet_key), None)
        if sheet is None:
            keys = "、".join(sheet.key for sheet in self.filled_sheets)
            raise ValueError(f"{name}所指的工作表“{sheet_key}”不存在，可选：{keys}")
        for field in fields:
            if not sheet.has(field):
                raise ValueError(f"{name}所指的字段“{field}”在工作表“{sheet.title}”中不存在")


_BETWEEN_ENTRIES = re.compile(r"[；;、]")


@lru_cache(maxsize=4096)
def bare_header(header: str) -> str:
    """A header without star, unit, colon, spaces and width, to compare by."""
    plain = re.sub(r"\s+", "", normalise(header)).strip("*★＊:： ").casefold()
    return re.sub(r"(?:\((?:元|万元|必填|选填|盖章|%|[个家人件条起份张例]次?)\))+$", "", plain).rstrip(":")


def unit_in_header(header: str) -> str | None:
    """元 or 万元 when the header ends with it in brackets."""
    match = re.search(r"\((元|万元)\)\*?:?$", re.sub(r"\s+", "", normalise(header)))
    return match[1] if match else None


def _is_plain_pattern(pattern: str) -> bool:
    """Whether it compiles and captures nothing: pandas warns of groups it does not use."""
    try:
        return re.compile(pattern).groups == 0
    except re.error:
        return False


def _elsewhere(rule: Rule) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(rule, RowsIf):
        yield rule.table, ()
    elif isinstance(rule, RefersTo):
        yield rule.table, (rule.to,)
    elif isinstance(rule, AddsUp):
        yield rule.table, (rule.table_by, rule.amount)


def _once(name: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{name}“{key}”重复，请改为不同的值")
        seen.add(key)
