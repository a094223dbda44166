"""Letters (邮件文字): what has to be said, put into the words of the template files in ``include/notices``.

Each kind has a one-line ``subject.j2``, a ``preheader.j2`` (what a list of mails shows after the subject) and
one ``body.j2``. The body is written once and rendered twice, as plain text and as HTML, so the two can never
say different things; ``parts.text.j2`` and ``parts.html.j2`` give its paragraphs and tables their shape.

A campaign folder may replace any of these files, or one block of a body: its own ``<kind>/body.j2`` then says
``{% extends "default/<kind>/body.j2" %}`` and the blocks that differ.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateRuntimeError,
)

from include.domain.campaign import TIMEZONE, PhaseKind
from include.domain.dates import zh_date
from include.domain.errors import TryAgain
from include.domain.letters import Deadline, DueDate, Letter
from include.domain.milestones import shown as per_day
from include.domain.notices import NoticeKind, Rendered
from include.domain.obligations import ObligationState
from include.gateways import calendar_entries

DEFAULTS = Path(__file__).resolve().parent.parent / "notices"
WEEKDAYS = "一二三四五六日"
LONG_VALUE = 40
TEXT_WIDTH = 76
"""Columns of the plain text: 38 Chinese characters, and within the 78 of RFC 5322 §2.1.1."""

_PIECE = re.compile(r"[!-~]+|\s|.")
_HANGING = re.compile(r"\d+\. | *")
_NEVER_FIRST = frozenset("，。、；：！？）》〉”’】…—％%")
_NEVER_LAST = "（《〈“‘【"


@dataclass(frozen=True, slots=True)
class _Files:
    """The templates of one kind of mail."""

    subject: Template
    preheader: Template
    text: Template
    html: Template


class Letters:
    """Templates under ``root``; ``overrides`` holds the campaign folders, whose ``notices`` come first."""

    def __init__(self, root: Path = DEFAULTS, overrides: Path | None = None) -> None:
        self._root = root
        self._overrides = overrides
        self._environments: dict[tuple[str, bool], Environment] = {}
        self._found: dict[tuple[str, NoticeKind], _Files] = {}

    def render(self, kind: NoticeKind, letter: Letter) -> Rendered:
        """The subject on one line, the plain text and the HTML.

        Raise TryAgain when a template names something the letter does not have: the notice stays planned
        and leaves once the template is corrected.
        """
        words = {"letter": letter, "kind": kind, "body": f"{kind.value}/body.j2"}
        try:
            files = self._files(letter.campaign.id, kind)
            return Rendered(
                subject=header(files.subject.render(words)),
                text=_tidy(files.text.render(words)),
                html=_compact(files.html.render(words, preheader=one_line(files.preheader.render(words)))),
            )
        except (TemplateError, AttributeError, TypeError, ValueError) as mistake:
            raise TryAgain(f"“{kind.zh}”的邮件模板有误，更正后将自动重试：{mistake}") from mistake

    def calendar_file(self, entries: Sequence[DueDate]) -> bytes:
        """The due dates as a calendar file (.ics); the same facts give the same bytes."""
        return calendar_entries.calendar_file(entries)

    def _files(self, campaign_id: str, kind: NoticeKind) -> _Files:
        """Looked for once: Jinja would look again, in every folder, for a file that a kind does not have."""
        key = (campaign_id, kind)
        if key not in self._found:
            plain = self._environment(campaign_id, escape=False)
            escaped = self._environment(campaign_id, escape=True)
            self._found[key] = _Files(
                subject=plain.get_template(f"{kind.value}/subject.j2"),
                preheader=plain.get_template(f"{kind.value}/preheader.j2"),
                text=plain.select_template([f"{kind.value}/text.j2", "base.text.j2"]),
                html=escaped.select_template([f"{kind.value}/html.j2", "base.html.j2"]),
            )
        return self._found[key]

    def _environment(self, campaign_id: str, *, escape: bool) -> Environment:
        key = (campaign_id, escape)
        if key not in self._environments:
            own = [self._overrides / campaign_id / "notices"] if self._overrides else []
            self._environments[key] = _environment(own, self._root, escape=escape)
        return self._environments[key]


def _environment(own: list[Path], root: Path, *, escape: bool) -> Environment:
    defaults = FileSystemLoader(root)
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(own), defaults, PrefixLoader({"default": defaults})]),
        autoescape=escape,  # noqa: S701 - off for plain text only, which has nothing to escape
        undefined=StrictUndefined,
        finalize=_present,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.tests["ends_with"] = str.endswith
    environment.globals |= {"ObligationState": ObligationState, "PhaseKind": PhaseKind}
    environment.filters |= {
        "zh_date": zh_date,
        "month_day": month_day,
        "weekday": weekday,
        "zh_time": zh_time,
        "short_time": short_time,
        "time_left": time_left,
        "book_title": book_title,
        "quoted": quoted,
        "sentence": sentence,
        "one_line": one_line,
        "joined": joined,
        "clip": clip,
        "per_day": per_day,
    }
    return environment


def weekday(day: date) -> str:
    return f"星期{WEEKDAYS[day.weekday()]}"


def month_day(day: date) -> str:
    """5月31日, for a subject or a narrow column; the year stands in the text."""
    return f"{day.month}月{day.day}日"


def zh_time(moment: datetime) -> str:
    """2024年5月24日14时05分 in Asia/Shanghai; the moment must be zone-aware."""
    local = moment.astimezone(ZoneInfo(TIMEZONE))
    return f"{zh_date(local)}{local:%H}时{local:%M}分"


def short_time(moment: datetime) -> str:
    """5月24日14时05分, for a subject."""
    return zh_time(moment).partition("年")[2]


def time_left(deadline: Deadline, on: date) -> str:
    """How the due date stands to the day of writing, in working days (工作日)."""
    left = deadline.working_days_left
    if on > deadline.due_on:
        # Free days after the due date are late too, though no working day has passed.
        return f"已逾期{max(1, -left)}个工作日"
    if on == deadline.due_on:
        return "今日截止"
    return f"剩余{left}个工作日" if left > 0 else "截止前已无其他工作日"


def book_title(title: str) -> str:
    """《…》, with book-title marks inside it turned to 〈…〉 (GB/T 15834-2011, 4.15.3.4)."""
    inner = title.strip().replace("《", "〈").replace("》", "〉")
    return f"《{inner}》"


def quoted(words: str) -> str:
    """“…”, with quotation marks inside it turned to ‘…’ (GB/T 15834-2011, 4.8.3.3)."""
    inner = words.strip().replace("“", "‘").replace("”", "’")
    return f"“{inner}”"


def sentence(words: str) -> str:
    """With its full stop; notices list their points with or without one."""
    return words.strip() if words.strip().endswith(("。", "！", "；", "。”")) else f"{words.strip()}。"


def one_line(text: str) -> str:
    """Without line breaks and doubled spaces; escaped text stays escaped."""
    return type(text)(" ".join(text.split()))


def header(text: str) -> str:
    """For a header field: one line, nothing that does not show (RFC 5322 §2.2; no bidirectional tricks)."""
    return "".join(sign for sign in one_line(text) if unicodedata.category(sign) not in ("Cc", "Cf"))


def joined(text: str) -> str:
    """Template lines put together as one Chinese paragraph, which has no spaces between lines."""
    return type(text)("".join(line.strip() for line in text.splitlines()))


def clip(text: str, length: int = LONG_VALUE) -> str:
    """At most so many characters, the cut marked."""
    return text if len(text) <= length else f"{text[:length]}……"


def _present(value: Any) -> Any:
    if value is None:
        raise TemplateRuntimeError("模板引用的内容为空（None）")
    return value


def _compact(markup: str) -> str:
    """Without the blank lines and indents that templates leave behind."""
    return "\n".join(line.strip() for line in markup.splitlines() if line.strip()) + "\n"


def _tidy(text: str) -> str:
    """Lines of ``TEXT_WIDTH``, without trailing blanks, never more than one empty line, one line end at the end."""
    wrapped = "\n".join(line for long in text.splitlines() for line in _wrapped(long.rstrip()))
    return re.sub(r"\n{3,}", "\n\n", wrapped).strip("\n") + "\n"


def _wrapped(line: str) -> Iterator[str]:
    """The line in pieces that fit, the later ones indented like a list's text.

    Chinese breaks between any two characters, except that no closing mark begins a line and no opening mark
    ends one (GB/T 15834-2011, 5.1); names of files, addresses and codes are never broken.
    """
    if 2 * len(line) <= TEXT_WIDTH:
        yield line
        return
    hanging = _HANGING.match(line)
    indent = " " * len(hanging.group()) if hanging else ""
    now, room = "", TEXT_WIDTH
    for piece in _PIECE.findall(line):
        columns = _columns(piece)
        if columns > room and now.strip() and piece not in _NEVER_FIRST:
            kept = now.rstrip(_NEVER_LAST)
            yield kept.rstrip()
            now = indent + now[len(kept) :]
            room = TEXT_WIDTH - _columns(now)
        now += piece
        room -= columns
    yield now


@lru_cache(maxsize=4096)
def _columns(text: str) -> int:
    """As a Chinese font shows it: signs of ambiguous width, such as “ and ①, are wide."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)
