"""The clues of a screening, handed to each handling unit (承办单位) as a batch: one mail with its evidence annex.

Persons stand in the annex under a pseudonym; who they are the register shows to whoever may look them up there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from include.domain.campaign import EVERY_UNIT, Campaign, Phase, Post, PostRole
from include.domain.letters import OfficeMatter, OfficeTaskLetter
from include.domain.notices import Attachment, NewNotice, NoticeKind, notice_key
from include.domain.registers import DUE, NUMBER, OWN_OFFICE, STATE
from include.domain.screening import Scored
from include.steps import reconcile, screened_clues
from include.steps.ports import Gateways
from include.steps.screened_clues import Facts

UNSTATED = "未填承办单位"
AT_THE_OFFICE = (UNSTATED, OWN_OFFICE)
CLOSED = ("已办结", "已反馈")
DUE_TEXT = "自接收之日起15个工作日内核查完毕"
WORK = "逐条开展核查，有线索必核查；查实的依法依规处理，不属实的写明理由"


@dataclass(frozen=True, slots=True)
class Batch:
    """The clues of one day for one unit: number → hit, in the order of numbers."""

    unit: str
    clues: tuple[tuple[str, Scored], ...]


def of_hits(campaign: Campaign, hits: Sequence[Scored], *, on: date, using: Gateways) -> list[Batch]:
    """Those of the hits that became clues on that day, by handling unit: the same however often it is asked."""
    by_key = {screened_clues.key_of_hit(each.hit): each for each in hits}
    found: defaultdict[str, list[tuple[str, Scored]]] = defaultdict(list)
    for clue in _of_day(campaign, on, using):
        if (hit := by_key.get(screened_clues.key_of(clue))) is not None:
            found[_unit(clue)].append((str(clue[NUMBER]), hit))
    return [Batch(unit, tuple(sorted(found[unit], key=lambda each: each[0]))) for unit in sorted(found)]


def plan(
    campaign: Campaign, annexes: Mapping[str, Sequence[Attachment]], *, on: date, using: Gateways
) -> int:
    """Enter a mail to each unit with clues of that day; return how many (封) are new.

    A unit that has more of them after another run is told once more, of all of them; nothing else is told twice.
    """
    by_unit: defaultdict[str, list[Facts]] = defaultdict(list)
    for clue in _of_day(campaign, on, using):
        by_unit[_unit(clue)].append(clue)
    return using.ledger.outbox.plan(
        [
            _notice(campaign, unit, clues, tuple(annexes.get(unit, ())), on, using)
            for unit, clues in sorted(by_unit.items())
        ]
    )


def without_post(campaign: Campaign, *, on: date, using: Gateways) -> list[str]:
    """A sentence for each unit with clues of that day for which no post stands, so that the office hands them on."""
    units = sorted({_unit(clue) for clue in _of_day(campaign, on, using)} - set(AT_THE_OFFICE))
    return [
        f"承办单位“{unit}”没有对应的管辖经办机构岗位，线索批次改发“{_post(campaign, unit).title}”转办；"
        "请在专项行动配置 posts 中为该单位增加 handling_unit 岗位，或把名称写入已有岗位的 handles"
        for unit in units
        if _handling_post(campaign, unit) is None
    ]


def about(
    text: OfficeTaskLetter, key: str, attachments: Sequence[Attachment], *, using: Gateways
) -> OfficeTaskLetter | None:
    """What the mail says of its clues at this moment; None when all are closed, or a later mail has more of them."""
    number, _, size = key.rpartition(".")
    first = f"XS-{number}"
    own = screened_clues.own(text.campaign, using=using)
    named = next((each for each in own if each[NUMBER] == first), None)
    if named is None:
        return None
    clues = [
        each
        for each in own
        if each.get("received_on") == named.get("received_on") and _unit(each) == _unit(named)
    ]
    if len(clues) > int(size) or all(each.get(STATE) in CLOSED for each in clues):
        return None
    return replace(
        text,
        title=f"疑点线索{len(clues)}条（{named.get('batch_no')}）",
        due_text=DUE_TEXT,
        text=WORK,
        lines=_by_model(clues),
        attachments=tuple(each.name for each in attachments),
    )


def _of_day(campaign: Campaign, on: date, using: Gateways) -> list[Facts]:
    return [each for each in screened_clues.own(campaign, using=using) if each.get("received_on") == on]


def _unit(clue: Facts) -> str:
    return str(clue.get("unit") or UNSTATED)


def _notice(
    campaign: Campaign,
    unit: str,
    clues: Sequence[Facts],
    annexes: tuple[Attachment, ...],
    on: date,
    using: Gateways,
) -> NewNotice:
    mode, post, phase = using.mail_server.mode, _post(campaign, unit), _phase(campaign, on)
    first = min(str(each[NUMBER]) for each in clues)
    step_key = f"{OfficeMatter.CLUE_BATCH.value}.{first.removeprefix('XS-')}.{len(clues)}"
    due = max((day for each in clues if isinstance(day := each.get(DUE), date)), default=on)
    return NewNotice(
        key=notice_key(mode, campaign.id, NoticeKind.OFFICE_TASK.value, step_key, post.key),
        mode=mode,
        campaign_id=campaign.id,
        kind=NoticeKind.OFFICE_TASK,
        planned_on=on,
        phase_key=phase.key,
        step_key=step_key,
        post_key=post.key,
        due_on=due,
        attachments=annexes,
        useful_until=due,
    )


def _post(campaign: Campaign, unit: str) -> Post:
    """The post that stands for the unit, else the office's, which hands the batch on."""
    office = (PostRole.OFFICE_STAFF, PostRole.OFFICE_DIRECTOR)
    return _handling_post(campaign, unit) or reconcile.office_post(campaign, *office)


def _handling_post(campaign: Campaign, unit: str) -> Post | None:
    """The unit's own post, or the one that stands for every agency: a clue's unit is the one the roster names."""
    if unit in AT_THE_OFFICE:
        return None
    every = (each for each in campaign.posts if EVERY_UNIT in each.handles)
    return campaign.handling_post(unit) or next(every, None)


def _phase(campaign: Campaign, on: date) -> Phase:
    under_way = [each for each in campaign.phases if each.start <= on <= each.due]
    return under_way[-1] if under_way else campaign.phases[-1]


def _by_model(clues: Sequence[Facts]) -> tuple[tuple[str, str], ...]:
    counts = Counter(str(each.get("model_code")) for each in clues)
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in clues:
        amounts[str(each.get("model_code"))] += Decimal(str(each.get("suspect_amt") or 0))
    return tuple(
        (model, f"{counts[model]}条，疑点金额{amounts[model]:,.2f}元")
        for model in sorted(counts, key=lambda each: (-counts[each], each))
    )
