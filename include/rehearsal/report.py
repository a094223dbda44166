"""What a rehearsal leaves behind: a closing table for people, the same as JSON, and files in its folder."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from include.domain.notices import NoticeKind
from include.rehearsal.play import Outcome
from include.rehearsal.timeline import counted, text_of
from include.steps.reconcile import FAILED, SENT

Rows = list[tuple[str, str]]


def closing(outcome: Outcome) -> list[tuple[str, Rows]]:
    """Titled rows; a part of which there is nothing is left out."""
    parts = [
        ("通知（份）", _mails(outcome)),
        ("收到的文件（份）", [(verdict.zh, str(number)) for verdict, number in outcome.returns.items()]),
        (
            "报送任务（家）",
            [
                (title, counted({state.zh: number for state, number in counts.items()}))
                for title, counts in outcome.obligations.items()
            ],
        ),
        ("台账（条）", [(title, str(number)) for title, number in outcome.registers.items()]),
        (
            "退回医保基金（元）",
            list(zip(("应退", "已退", "未退"), outcome.refunds, strict=True)),
        ),
        ("进度节点", [(title, text) for title, _, text in outcome.milestones]),
        (
            "报告",
            [(f"{day} {each.title}", each.sentence) for day, each in outcome.reports],
        ),
    ]
    return [(title, rows) for title, rows in parts if rows]


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Everything for programs; the same for the same campaign, seed and number of units."""
    return {
        "campaign": outcome.campaign.id,
        "seed": outcome.seed,
        "units": outcome.units,
        "days": [day.as_dict() for day in outcome.days],
        "mails": _by_kind(outcome),
        "returns": {verdict.value: number for verdict, number in outcome.returns.items()},
        "registers": outcome.registers,
        "refunds": dict(zip(("payable", "paid", "outstanding"), outcome.refunds, strict=True)),
        "milestones": [
            {"title": title, "reached": reached, "text": text} for title, reached, text in outcome.milestones
        ],
        "reports": [
            {
                "on": day.isoformat(),
                "report": each.report.key,
                "occasion": each.occasion.key,
                "due": each.occasion.due.isoformat(),
                "sent": each.is_sent,
                "sentence": each.sentence,
            }
            for day, each in outcome.reports
        ],
        "problems": outcome.problems,
    }


def keep(outcome: Outcome, home: Path) -> None:
    """Write the timeline, the closing table and the reports that went up into the rehearsal's folder."""
    tables = "\n".join(
        f"\n{title}\n" + "\n".join(f"  {name}  {words}" for name, words in rows)
        for title, rows in closing(outcome)
    )
    problems = "".join(f"✗ {problem}\n" for problem in outcome.problems)
    (home / "timeline.txt").write_text(f"{text_of(outcome.days)}\n{tables}\n{problems}", encoding="utf-8")
    (home / "timeline.json").write_text(
        json.dumps(as_dict(outcome), ensure_ascii=False, indent=2), encoding="utf-8"
    )
    (home / "reports").mkdir(exist_ok=True)
    for name, content in outcome.files.items():
        (home / "reports" / name).write_bytes(content)


def _mails(outcome: Outcome) -> Rows:
    return [
        (
            NoticeKind(kind).zh,
            counted({"列入": counts["planned"]})
            + "："
            + counted({"已发": counts["sent"], "未发": counts["skipped"], "未成功": counts["failed"]}),
        )
        for kind, counts in _by_kind(outcome).items()
    ]


def _by_kind(outcome: Outcome) -> dict[str, dict[str, int]]:
    """Kind → planned, and what became of it."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (kind, state), number in outcome.mails.items():
        where = "sent" if state in SENT else "failed" if state in FAILED else "skipped"
        found[kind.value][where] += number
        found[kind.value]["planned"] += number
    return {
        kind: {name: counts[name] for name in ("planned", "sent", "skipped", "failed")}
        for kind, counts in found.items()
    }
