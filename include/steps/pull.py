"""Fill a register from a bureau database: checked, compared and entered exactly as a workbook is."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from include.domain import feeds as rules
from include.domain import rows as row_reading
from include.domain.campaign import Campaign
from include.domain.errors import GiveUp, TryAgain
from include.domain.feeds import SHANGHAI, Feed, Pull, PullState
from include.domain.forms import Column, Form
from include.domain.model import Severity
from include.domain.registers import RegisterMoved, office_form
from include.domain.returns import Finding
from include.domain.values import Cell
from include.steps import registers, roster
from include.steps.ports import Gateways, Source

log = logging.getLogger(__name__)

ROSTER = roster.FORM
MOST_ROWS = 200_000
TOLD = 20
"""Problems that are told one by one; of more only the number."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a query gave, by field of the form; ``loaded_at`` is the newest time it says."""

    cells: list[dict[str, Cell]]
    loaded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of the rows: counts in words, records (条) or units (家) that changed, what is to be looked at."""

    counts: Mapping[str, int]
    changed: int
    notes: tuple[str, ...]


def feeds(
    campaign: Campaign,
    *,
    source_of: Callable[[Feed], Source],
    query_of: Callable[[Campaign, Feed], str],
    on: date,
    dry_run: bool,
    using: Gateways,
) -> dict[str, dict[str, object]]:
    """Pull every feed of the campaign, each by itself; return what came of each, by its title.

    Raise GiveUp at the end, with a sentence for each feed that gave nothing, when there was one.
    """
    told: dict[str, dict[str, object]] = {}
    faults = []
    for each in campaign.feeds:
        try:
            told[each.title] = feed(
                campaign,
                each,
                source_of(each),
                query_of(campaign, each),
                on=on,
                dry_run=dry_run,
                using=using,
            )
        except (GiveUp, TryAgain) as fault:
            log.warning("%s", fault)
            faults.append(str(fault))
    if faults:
        raise GiveUp("；".join(faults))
    return told


def feed(
    campaign: Campaign,
    asked: Feed,
    source: Source,
    query: str,
    *,
    on: date,
    dry_run: bool,
    using: Gateways,
) -> dict[str, object]:
    """Pull one feed and write the pull down, unless it is a dry run. The same rows again change nothing.

    Raise GiveUp for what is too old or in error, TryAgain for a database that cannot be reached.
    """
    form = _form(asked, using)
    given = Given([], None)
    try:
        given = _read(campaign, asked, form, source, query, on)
        if sentence := rules.too_old(asked, given.loaded_at, using.now()):
            raise GiveUp(sentence)
        enter = _enter_roster if asked.form == ROSTER else _enter_register
        entered = enter(campaign, asked, form, given, on=on, dry_run=dry_run, using=using)
    except (GiveUp, TryAgain, RegisterMoved) as fault:
        state = PullState.BROKEN if not given.cells and isinstance(fault, TryAgain) else PullState.REFUSED
        if not dry_run:
            _record(campaign, asked, given, state, 0, str(fault), using)
        raise
    notes = [*entered.notes]
    if warning := rules.getting_old(asked, given.loaded_at, using.now()):
        notes.insert(0, warning)
    for note in notes:
        log.warning("%s：%s", asked.title, note)
    if not dry_run:
        _record(campaign, asked, given, PullState.ENTERED, entered.changed, "；".join(notes[:1]), using)
    return {
        "读取": len(given.cells),
        **entered.counts,
        "提示": notes,
        "结果": "只预演，没有登记" if dry_run else "已登记",
    }


def standing(campaign: Campaign, *, using: Gateways) -> list[tuple[Feed, Pull | None, str]]:
    """Each feed with its latest pull, and why what it gave must not go into a report (empty: it may)."""
    if not campaign.feeds:
        return []
    latest = using.ledger.feeds.last(campaign.id)
    good = using.ledger.feeds.last(campaign.id, entered=True)
    now = using.now()
    return [
        (each, latest.get(each.key), rules.stale(each, good.get(each.key), now) or "")
        for each in campaign.feeds
    ]


def refuse_stale(campaign: Campaign, *, using: Gateways) -> None:
    """Raise GiveUp, with a sentence for each, when what feeds gave is too old for a report."""
    why = [sentence for _, _, sentence in standing(campaign, using=using) if sentence]
    if why:
        raise GiveUp("数据已过时，不能编制统计表：" + "；".join(why))


def _form(asked: Feed, using: Gateways) -> Form:
    if asked.form == ROSTER:
        return using.forms[ROSTER]
    return office_form(registers.register(asked.form, using))


def _read(campaign: Campaign, asked: Feed, form: Form, source: Source, query: str, on: date) -> Given:
    if sentence := rules.why_not_run(query):
        raise GiveUp(f"“{asked.title}”：{sentence}")
    known = {"campaign_id": campaign.id, "region": campaign.region, "starts_on": campaign.starts_on, "on": on}
    parameters = {name: known[name] for name in rules.parameters_in(query)}
    with source.query(query, parameters) as (names, rows):
        fields = _fields(asked, form, names)
        cells: list[dict[str, Cell]] = []
        newest: datetime | None = None
        for row in rows:
            if len(cells) == MOST_ROWS:
                raise GiveUp(f"“{asked.title}”超过{MOST_ROWS}行，没有导入；请在查询中限定范围")
            cells.append({field: row[place] for place, field in fields.items()})
            if asked.loaded_at is not None:
                moment = _moment(asked, row[list(names).index(asked.loaded_at)])
                newest = max(newest, moment) if newest and moment else newest or moment
    return Given(cells, newest)


def _fields(asked: Feed, form: Form, names: Sequence[str]) -> dict[int, str]:
    """Place in the row → field of the form. Raise GiveUp for columns that are no field, and for those missing."""
    columns = form.record_sheets[0].columns
    found: dict[int, str] = {}
    faults = []
    for place, name in enumerate(names):
        column = _named(columns, name)
        if column is not None:
            found[place] = column.field
        elif name != asked.loaded_at:
            faults.append(
                f"列“{name}”不是《{form.title}》的栏目，请在查询中用 AS 改为字段名或栏目名，不需要的不要查出"
            )
    if asked.loaded_at is not None and asked.loaded_at not in names:
        faults.append(f"没有装载时间列“{asked.loaded_at}”，请在查询中查出该列，或修改 loaded_at")
    faults += [
        f"缺少栏目“{column.label}”，请在查询中给出，列名写 {column.field}"
        for column in columns
        if column.required and not column.counter and column.field not in found.values()
    ]
    if len(set(found.values())) < len(found):
        faults.append("有两列是同一个栏目，请只保留一列")
    if faults:
        raise GiveUp(f"“{asked.title}”的查询结果与《{form.title}》不符，没有导入：" + "；".join(faults))
    return found


def _named(columns: Iterable[Column], name: str) -> Column | None:
    return next((each for each in columns if name.lower() == each.field or each.is_called(name)), None)


def _moment(asked: Feed, value: Cell) -> datetime | None:
    """A time without a zone is Beijing's. Raise GiveUp for what is no time."""
    moment = value
    if isinstance(value, str) and value.strip():
        with suppress(ValueError):
            moment = datetime.fromisoformat(value.strip())
    elif isinstance(value, date) and not isinstance(value, datetime):
        moment = datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)
    if moment is None or moment == "":
        return None
    if not isinstance(moment, datetime):
        raise GiveUp(f"“{asked.title}”的装载时间“{value}”不是时间，请改为 2024-06-03 08:00:00 这样的格式")
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _enter_register(
    campaign: Campaign, asked: Feed, form: Form, given: Given, *, on: date, dry_run: bool, using: Gateways
) -> Entered:
    reading = row_reading.reading(form, {form.record_sheets[0].key: given.cells})
    content = _content(given)
    reviewed = registers.review_rows(
        campaign, asked.form, f"{asked.title}.json", reading, content, on=on, using=using
    )
    if reviewed.errors:
        told = "；".join(_told(reviewed.errors))
        raise GiveUp(f"“{asked.title}”有{len(reviewed.errors)}处须改正，没有导入：{told}")
    added = sum(change.old is None for change in reviewed.changes)
    counts = {
        "新增": added,
        "修改": len(reviewed.changes) - added,
        "未变": sum(reviewed.unchanged.values()),
    }
    if not dry_run:
        registers.enter(
            campaign, reviewed, on=on, actor=_actor(asked), reason=f"数据源导入：{asked.title}", using=using
        )
    findings = [finding for file in reviewed.files for finding in file.findings]
    return Entered(counts, len(reviewed.changes), tuple(_told(findings)))


def _enter_roster(
    campaign: Campaign, asked: Feed, form: Form, given: Given, *, on: date, dry_run: bool, using: Gateways
) -> Entered:
    """Rows in error stay outside, as with a roster by workbook."""
    reading = row_reading.reading(form, {roster.UNITS: given.cells})
    reviewed = roster.review_rows(campaign, reading, on=on, using=using)
    if not reviewed.units:
        told = "；".join(_told(reviewed.errors)) or "没有一行数据"
        raise GiveUp(f"“{asked.title}”没有可以导入的单位：{told}")
    if dry_run:
        is_frozen = using.ledger.roster.frozen_on(campaign.id) is not None
        changes = roster.differences(campaign, reviewed, on=on, using=using) if is_frozen else reviewed.units
        counts = {"名册调整" if is_frozen else "名册基数": len(changes)}
    else:
        counts = roster.enter(campaign, _content(given), reviewed, on=on, actor=_actor(asked), using=using)
    changed = sum(number for name, number in counts.items() if name != "岗位")
    return Entered(counts, changed, tuple(_told(reviewed.findings)))


def _told(findings: Sequence[Finding]) -> Iterator[str]:
    """Where and what to write instead, the gravest first."""
    ranked = sorted(findings, key=lambda each: each.severity is not Severity.ERROR)
    for each in ranked[:TOLD]:
        yield f"{each.cell or each.place} {each.message}"
    if len(findings) > TOLD:
        yield f"另有{len(findings) - TOLD}处"


def _content(given: Given) -> bytes:
    """The rows as they are kept. The same rows make the same bytes."""
    return json.dumps(given.cells, ensure_ascii=False, sort_keys=True, default=str).encode()


def _actor(asked: Feed) -> str:
    return f"数据源 {asked.key}"


def _record(
    campaign: Campaign,
    asked: Feed,
    given: Given,
    state: PullState,
    changed: int,
    detail: str,
    using: Gateways,
) -> None:
    pull = Pull(asked.key, using.now(), state, len(given.cells), given.loaded_at, changed, detail)
    using.ledger.feeds.record(campaign.id, pull)
