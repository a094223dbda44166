"""The words of every letter in every situation, kept as files so that a change of a text is seen in its review.

``<kind>/<situation>.txt`` holds subject, preheader and plain text, and the HTML without its styles below them.
After changing a text on purpose: ``python -m tests.gateways.letter_snapshots`` writes them anew.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from include.gateways.letters import Letters
from tests.gateways.letter_situations import SITUATIONS

FOLDER = Path(__file__).parent / "snapshots"
COMMAND = "python -m tests.gateways.letter_snapshots"


def snapshots() -> dict[Path, str]:
    """What every file of the folder should hold."""
    letters = Letters()
    pages = {}
    for title, (kind, letter) in SITUATIONS.items():
        mail = letters.render(kind, letter)
        name = re.sub(r"[^a-z0-9]+", "_", title.lower().replace("t+", "t plus ")).strip("_")
        pages[FOLDER / kind.value / f"{name}.txt"] = (
            f"# {title}\n\n主题：{mail.subject}\n\n{mail.text}\n"
            f"{'-' * 40} HTML {'-' * 40}\n{outline(mail.html)}"
        )
    return pages


def outline(html: str) -> str:
    """The HTML as a reader sees it, without styles: a row or paragraph per line, cells apart by |."""
    reader = _Outline()
    reader.feed(html)
    reader.close()
    reader.flush()
    return "\n".join(reader.lines) + "\n"


class _Outline(HTMLParser):
    BLOCKS = frozenset({"table", "tr", "p", "div", "title", "body"})

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.line = ""

    def flush(self) -> None:
        if words := " ".join(self.line.split()).strip("| "):
            self.lines.append(words)
        self.line = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BLOCKS:
            self.flush()
        self.line += {"br": " / ", "td": " | ", "th": " | ", "a": f"[{dict(attrs).get('href')}] "}.get(
            tag, ""
        )

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self.flush()

    def handle_data(self, data: str) -> None:
        self.line += data


def write() -> None:
    wanted = snapshots()
    for old in FOLDER.rglob("*.txt"):
        if old not in wanted:
            old.unlink()
    for path, content in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    write()
