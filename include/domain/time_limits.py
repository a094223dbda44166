"""Time limits (办理时限) of single records in the registers: what is due by when, and what may move it.

A limit without a source is not in the table: nothing is due on a day nobody set. A calendar limit that ends
on a free day stays on that day; its reminders come on the working day before, as for every due date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from include.domain.ladder import Step
from include.domain.registers import DUE, STATE
from include.domain.returns import Value
from include.domain.workdays import ONE_DAY, WorkdayCalendar

Values = Mapping[str, Value]


class Counting(StrEnum):
    WORKING = "working"  # 工作日
    CALENDAR = "calendar"  # 自然日

    @property
    def zh(self) -> str:
        return "个工作日" if self is Counting.WORKING else "日"


class ChangeKind(StrEnum):
    PAUSE = "pause"  # 暂停计算
    RESUME = "resume"  # 恢复计算
    EXTEND = "extend"  # 延长

    @property
    def zh(self) -> str:
        return {"pause": "暂停计算", "resume": "恢复计算", "extend": "延长"}[self.value]


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension the rule allows: at most so many days, and, where ``after`` is named, once it is filled in."""

    days: int
    after: str = ""
    after_words: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """What is due on a record: ``days`` after the day in ``start``, or the agreed day in ``by``.

    It runs in these ``states`` (empty: whatever the state), while ``start`` is filled and ``done`` is not,
    and only for records whose fields have one of the values in ``only``.
    """

    register: str
    key: str
    what: str
    source: str
    states: tuple[str, ...] = ()
    start: str = ""
    days: int = 0
    by: str = ""
    done: str = ""
    counting: Counting = Counting.WORKING
    only: Mapping[str, tuple[Value, ...]] | None = None
    extensions: tuple[Extension, ...] = ()
    may_pause: bool = False
    is_agreed: bool = False
    """The office set the day and may set a later one, with a reason, as often as it must."""

    def runs(self, values: Values) -> bool:
        only = self.only or {}
        return (
            (not self.states or values.get(STATE) in self.states)
            and values.get(self.by or self.start) is not None
            and not (self.done and values.get(self.done))
            and all(values.get(field) in wanted for field, wanted in only.items())
        )

    @property
    def allowed(self) -> str:
        """What the rule says about extensions, for a refusal."""
        if self.is_agreed:
            return "可以延长，须写明天数"
        if not self.extensions:
            return "不得延长"
        steps = [
            f"第{number}次不超过{each.days}{self.counting.zh}"
            + (f"，须{each.after_words}" if each.after_words else "")
            for number, each in enumerate(self.extensions, start=1)
        ]
        return f"最多延长{len(self.extensions)}次：" + "；".join(steps)


_PROCEDURE = "《医疗保障行政处罚程序暂行规定》（国家医疗保障局令第4号）"
_TIPS = "《医疗保障基金使用监督管理举报处理暂行办法》（国家医疗保障局令第5号）"
_REFERRALS = "《行政执法机关移送涉嫌犯罪案件的规定》和医保发〔2021〕49号"
_VERIFICATION = (Extension(15),)
ISSUED = ("国家局下发", "省局下发", "市局下发")
"""Sources of clues that must be fed back, each by itself."""
_CASE_STAGES = ("立案", "调查", "调查终结", "告知", "听证", "法制审核", "集体讨论")

LIMITS: tuple[Limit, ...] = (
    Limit(
        "tip", "verify", "核查并决定是否立案", f"{_PROCEDURE}：15个工作日，经批准可延长15个工作日",
        states=("已登记", "已受理", "转线索"), start="received_at", days=15, done="filed_on",
        extensions=_VERIFICATION, may_pause=True,
    ),
    Limit(
        "tip", "tell", "将是否立案告知实名举报人", f"{_TIPS}：作出决定之日起5个工作日内",
        states=("已受理", "转线索", "办结"), start="filed_on", days=5, done="told_on", only={"real_name": (True,)},
    ),
    Limit(
        "clue", "verify", "核查并办结", f"线索下发时确定的核查期限；{_PROCEDURE}：可延长一次15个工作日",
        states=("未启动", "核查中", "待复核"), by=DUE, extensions=_VERIFICATION, may_pause=True,
    ),
    Limit(
        "clue", "feed_back", "向下发单位逐条反馈", "线索下发时确定的核查期限，逐条核查、逐条反馈",
        states=("已办结",), by=DUE, done="feedback_on", only={"source": ISSUED},
        extensions=_VERIFICATION, may_pause=True,
    ),
    Limit(
        "rectification", "rectify", "完成整改、退清应退金额", "整改要求载明的整改期限",
        states=("未启动", "整改中", "退回重改", "逾期"), by=DUE, is_agreed=True,
    ),
    Limit(
        "rectification", "check", "组织验收、销号", "整改要求载明的整改期限",
        states=("待验收",), by=DUE, is_agreed=True,
    ),
    Limit(
        "case", "decide", "作出处理决定",
        f"{_PROCEDURE}：立案之日起90日，经批准可延长30日，集体讨论后可再延长30日",
        states=_CASE_STAGES, start="filed_on", days=90, done="decided_on", counting=Counting.CALENDAR,
        extensions=(Extension(30), Extension(30, "meeting_on", "先集体讨论并登记集体讨论日期")), may_pause=True,
    ),
    Limit(
        "case", "execute", "督促缴清罚款、退清医保基金并结案", "处罚决定书载明的缴款期限：送达之日起15日内",
        states=("送达", "执行"), start="served_on", days=15, counting=Counting.CALENDAR,
    ),
    Limit(
        "referral", "approve", "决定是否移送", f"{_REFERRALS}：自接到书面报告之日起3日内",
        start="proposed_on", days=3, done="approved_on", counting=Counting.CALENDAR,
        only={"direction": ("移出",), "kind": ("涉嫌犯罪",)},
    ),
    Limit(
        "referral", "hand_over", "移送公安机关", f"{_REFERRALS}：决定移送的，24小时内",
        start="approved_on", days=1, done="sent_on", counting=Counting.CALENDAR,
        only={"direction": ("移出",), "kind": ("涉嫌犯罪",)},
    ),
    Limit(
        "referral", "administer", "对退回的案件作行政处理", f"{_PROCEDURE}：15个工作日，经批准可延长15个工作日",
        start="returned_on", days=15, done="outcome", only={"direction": ("移出",)},
        extensions=_VERIFICATION, may_pause=True,
    ),
    Limit(
        "blacklist", "remove", "核对禁止申请期满，办理移出", "列入时确定的禁止申请期（3年）",
        by="ban_until", done="removed_on",
    ),
)  # fmt: skip
"""In the order of the work. No inspection limit: no law or notice sets one for a single inspection."""

FOLLOWED: tuple[str, ...] = ("tip", "clue", "rectification", "case", "referral", "inspection", "blacklist")

PAUSE_GROUNDS = ("检测", "检验", "检疫", "鉴定", "听证", "公告", "专家评审")
"""What the procedure rules do not count."""

PAUSED_STATES = {"case": "中止"}
"""A state in which no limit runs; the days in it do not count."""

LADDER: tuple[Step, ...] = (
    Step(key="before_3", offset=-3, title="期限前3个工作日提醒"),
    Step(key="due_day", offset=0, title="期限当日提醒"),
    Step(key="after_1", offset=1, title="逾期1个工作日催办"),
)
"""The rungs for the post that handles the record."""

ESCALATION: tuple[Step, ...] = (
    Step(key="after_3", offset=3, title="逾期3个工作日报告", to_unit=False, to_posts=("office_director",)),
)
"""The rungs for the director of the office."""


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A pause, a resumption or an extension of one limit of one record, by its approver, with its reason.

    ``days`` is of an extension; ``ground`` of a pause. ``starts_on`` is the first day that does not count, or
    the first that counts again.
    """

    register: str
    number: str
    limit: str
    kind: ChangeKind
    starts_on: date
    reason: str
    approved_by: str
    days: int = 0
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A state and the day the ledger saw it."""

    state: str
    since: date


@dataclass(frozen=True, slots=True)
class History:
    """What happened to the limits of one record, in order."""

    changes: tuple[LimitChange, ...] = ()
    states: tuple[Entered, ...] = ()


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the ladder a record was put on by a digest; each exists once for its due date."""

    register: str
    number: str
    limit: str
    due_on: date
    rung: str
    notice_key: str


@dataclass(frozen=True, slots=True)
class Due:
    """The limit that runs: due that day, or paused since a day and then due on none."""

    limit: Limit
    due_on: date | None
    paused_since: date | None = None
    extended: int = 0


def is_final(register: str, values: Values) -> bool:
    """Whether nothing is left to do on the record."""
    state = values.get(STATE)
    match register:
        case "tip":
            return state == "已回复"
        case "clue":
            return state == "已反馈" or (state == "已办结" and values.get("source") not in ISSUED)
        case "rectification":
            return state == "已销号"
        case "case":
            return state in {"结案", "终止"}
        case "referral":
            is_back = values.get("returned_on") is not None or values.get("decision") == "退回"
            return values.get("outcome") is not None if is_back else values.get("decision") is not None
        case "inspection":
            return values.get("status") == "完成"
        case "blacklist":
            return values.get("removed_on") is not None
    raise ValueError(f"台账“{register}”没有逐条督办的时限")


def running(register: str, values: Values) -> Limit | None:
    """The limit that runs on a record; None when it is final, or nothing says by when."""
    if is_final(register, values):
        return None
    return next((each for each in LIMITS if each.register == register and each.runs(values)), None)


def due(register: str, values: Values, history: History, calendar: WorkdayCalendar) -> Due | None:
    """What is due by when. Raise UnknownYear when working days reach a year without an arrangement."""
    limit = running(register, values)
    if limit is None:
        return None
    spans = _pauses(register, limit, history)
    extensions = [
        each for each in history.changes if each.kind is ChangeKind.EXTEND and each.limit == limit.key
    ]
    if spans and spans[-1][1] is None:
        return Due(limit, None, spans[-1][0], len(extensions))
    paused = _Paused([(first, last) for first, last in spans if last is not None])
    extra = sum(each.days for each in extensions)
    if limit.by:
        agreed = _day(values[limit.by])
        day = _counted(agreed, paused.until(agreed), Counting.CALENDAR, paused, calendar)
        day = _counted(day, extra, limit.counting, paused, calendar)
    else:
        day = _counted(_day(values[limit.start]), limit.days + extra, limit.counting, paused, calendar)
    return Due(limit, day, None, len(extensions))


def refusal(register: str, values: Values, history: History, change: LimitChange, *, on: date) -> str | None:
    """Why the change may not be, with the rule; None when it may. ``change.limit`` must be the one that runs."""
    limit = running(register, values)
    if is_final(register, values):
        return f"{change.number}已办理完毕（{_state(values)}），期限已经终止，不能{change.kind.zh}"
    if limit is None:
        return f"{change.number}目前（{_state(values)}）没有法定或约定的期限在计算，无需{change.kind.zh}"
    if not change.reason.strip():
        return f"{change.kind.zh}期限须写明理由（依据：{limit.source}）"
    if not change.approved_by.strip():
        return f"{change.kind.zh}期限须经批准，请写明批准岗位（依据：{limit.source}）"
    if change.starts_on > on:
        return f"{change.kind.zh}的日期（{change.starts_on}）晚于办理日期（{on}），请写实际日期"
    if change.kind is ChangeKind.EXTEND:
        return _no_extension(limit, values, history, change)
    return _no_pause(register, limit, history, change)


def _no_extension(limit: Limit, values: Values, history: History, change: LimitChange) -> str | None:
    rule = f"依据：{limit.source}"
    if limit.is_agreed:
        return None if change.days > 0 else f"请写明延长多少{limit.counting.zh}（{rule}）"
    given = sum(each.kind is ChangeKind.EXTEND and each.limit == limit.key for each in history.changes)
    if given >= len(limit.extensions):
        done = f"已延长{given}次，不能再延长" if given else "不能延长"
        return f"{change.number}“{limit.what}”{done}：{limit.allowed}（{rule}）"
    allowed = limit.extensions[given]
    if allowed.after and values.get(allowed.after) is None:
        return f"{change.number}第{given + 1}次延长须{allowed.after_words}（{rule}）"
    if not 0 < change.days <= allowed.days:
        return f"延长{change.days}{limit.counting.zh}不符合规定：{limit.allowed}（{rule}）"
    return None


def _no_pause(register: str, limit: Limit, history: History, change: LimitChange) -> str | None:
    spans = _pauses(register, limit, history)
    is_paused = bool(spans) and spans[-1][1] is None
    if change.kind is ChangeKind.RESUME:
        if not is_paused:
            return f"{change.number}的期限没有暂停，无需恢复"
        first = spans[-1][0]
        return f"恢复日期（{change.starts_on}）早于暂停日期（{first}）" if change.starts_on < first else None
    if not limit.may_pause:
        return f"{change.number}“{limit.what}”的期限不能暂停（依据：{limit.source}）"
    if change.ground not in PAUSE_GROUNDS:
        return f"只有{'、'.join(PAUSE_GROUNDS)}的时间不计入期限（依据：{_PROCEDURE}），请选择其中一项"
    if is_paused:
        return f"{change.number}的期限已自{spans[-1][0]}起暂停，请先恢复"
    if spans and spans[-1][1] is not None and change.starts_on < spans[-1][1]:
        return f"暂停日期（{change.starts_on}）早于上次恢复日期（{spans[-1][1]}）"
    return None


class _Paused:
    """The days that do not count."""

    def __init__(self, spans: Sequence[tuple[date, date]]) -> None:
        self._spans = spans

    def __contains__(self, day: date) -> bool:
        return any(first <= day < last for first, last in self._spans)

    def until(self, day: date) -> int:
        """How many of them are up to that day."""
        return sum(max(0, (min(last, day + ONE_DAY) - first).days) for first, last in self._spans)


def _pauses(register: str, limit: Limit, history: History) -> list[tuple[date, date | None]]:
    """From the first day that does not count to the first that counts again, in order; None: not yet."""
    moves = [
        (each.starts_on, each.kind is ChangeKind.PAUSE)
        for each in history.changes
        if each.limit == limit.key and each.kind is not ChangeKind.EXTEND
    ]
    spans = _spans(moves)
    if register in PAUSED_STATES:
        halt = PAUSED_STATES[register]
        spans = _merged([*spans, *_spans([(each.since, each.state == halt) for each in history.states])])
    return spans


def _spans(moves: Sequence[tuple[date, bool]]) -> list[tuple[date, date | None]]:
    spans: list[tuple[date, date | None]] = []
    for day, pauses in moves:
        is_open = bool(spans) and spans[-1][1] is None
        if pauses and not is_open:
            spans.append((day, None))
        elif not pauses and is_open:
            spans[-1] = (spans[-1][0], day)
    return spans


def _merged(spans: Sequence[tuple[date, date | None]]) -> list[tuple[date, date | None]]:
    """Overlapping spans as one: a day is taken out once."""
    merged: list[tuple[date, date | None]] = []
    for first, last in sorted(spans, key=lambda span: span[0]):
        before = merged[-1] if merged else None
        if before is None or (before[1] is not None and before[1] < first):
            merged.append((first, last))
        else:
            end = None if last is None or before[1] is None else max(last, before[1])
            merged[-1] = (before[0], end)
    return merged


def _counted(start: date, days: int, counting: Counting, paused: _Paused, calendar: WorkdayCalendar) -> date:
    """So many days after the start, which is not counted itself; nor are paused days."""
    day = start
    while days:
        day += ONE_DAY
        if day not in paused and (counting is Counting.CALENDAR or calendar.is_working_day(day)):
            days -= 1
    return day


def _day(value: Value) -> date:
    if not isinstance(value, date):
        raise TypeError(f"期限的起算日须是日期，而不是“{value}”")
    return value


def _state(values: Values) -> str:
    return str(values.get(STATE) or values.get("status") or "办理中")
