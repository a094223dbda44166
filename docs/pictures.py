"""Takes the handbook's pictures from the demo's running Airflow: ``make demo``, then ``make pictures``."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from demo.environment import STAFF
from demo.stack import Stack
from include.settings import ROOT

PICTURES = ROOT / "docs" / "pictures"
CAMPAIGN, ON = "wushen_2024", "2024-06-03"
UNIT = "H15062690005"
DESKTOP, PHONE = 1280, 390
MOST = 1700
"""Pixels of height kept of a page: a reader of the handbook wants its beginning."""


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    path: str
    width: int = DESKTOP


SHOWN = (
    Picture("today", "/"),
    Picture("today-phone", "/", PHONE),
    Picture("campaign", f"/campaigns/{CAMPAIGN}?phase=self_check"),
    Picture("unit", f"/units/{CAMPAIGN}/{UNIT}"),
    Picture("outbox", f"/outbox?campaign={CAMPAIGN}"),
    Picture("act", f"/acts/desk_limit_due_date?campaign={CAMPAIGN}&unit={UNIT}&form=self_check"),
    Picture("approval", "/approvals/1"),
    Picture("reports", f"/reports?campaign={CAMPAIGN}"),
    Picture("forms", f"/forms?campaign={CAMPAIGN}"),
)


def main() -> None:
    """Raise SystemExit where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is needed: apt-get install chromium fonts-noto-cjk")
    PICTURES.mkdir(exist_ok=True)
    stack = Stack(ROOT / ".airflow")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--lang=zh-CN"])
        for each in SHOWN:
            _take(each, browser, stack)
        browser.close()


def _take(picture: Picture, browser: Browser, stack: Stack) -> None:
    viewport = {"width": picture.width, "height": 900}
    context = browser.new_context(viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
    with stack.api(STAFF) as api:
        context.add_cookies([{"name": "_token", "value": api.token(), "url": stack.ports.api_url}])
    page = context.new_page()
    page.goto(f"{stack.ports.api_url}/duban/?on={ON}")
    page.goto(f"{stack.ports.api_url}/duban{picture.path}")
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    height = min(page.evaluate("document.documentElement.scrollHeight"), MOST)
    file = PICTURES / f"{picture.name}.png"
    page.screenshot(
        path=file, full_page=True, clip={"x": 0, "y": 0, "width": picture.width, "height": height}
    )
    context.close()


if __name__ == "__main__":
    main()
