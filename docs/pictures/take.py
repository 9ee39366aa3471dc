"""Takes the README's pictures from a running demonstration: `make picture` while `make demo` runs.

Needs the browser that `make test` installs.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from sluss.machine.run_file import running

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_SETTLED = 1500
"""Milliseconds in which whatever comes by itself has come."""


@dataclass(frozen=True)
class Picture:
    """One page as somebody sees it."""

    name: str
    """Of the file, without `.png`."""
    person: str | None
    """Who has signed in, as the demonstration's login calls them; None for a visitor."""
    path: str
    follow: tuple[str, ...] = ()
    """What to click on, one after the other, to come to the page that is meant (CSS selectors)."""
    width: int = 1280
    height: int = 1000


_STORY = ("main a[href^='/console/events/']", "main a[href^='/console/story/']")
PICTURES = (
    Picture("first-page", None, "/", height=1240),
    Picture("today", "link_worker/bashir", "/today"),
    Picture("case", "link_worker/bashir", "/today", follow=("main a[href^='/cases/']",)),
    Picture("case-on-a-phone", "link_worker/bashir", "/today", ("main a[href^='/cases/']",), 360, 1000),
    Picture("story", "operator/demo-operator", "/console?type=feedback.issued", _STORY, height=1400),
)


async def take(front: str, folder: Path) -> None:
    """All of them, in English."""
    async with async_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
        for picture in PICTURES:
            await _take(browser, front, picture, folder)
        await browser.close()


async def _take(browser: Browser, front: str, picture: Picture, folder: Path) -> None:
    size = {"width": picture.width, "height": picture.height}
    page = await browser.new_page(viewport=size, locale="en-GB")  # type: ignore[arg-type]
    if picture.person:
        await _sign_in(page, front, picture.person)
    await page.goto(front + picture.path)
    for link in picture.follow:
        await page.wait_for_timeout(_SETTLED)
        await page.locator(link).first.click()
    await page.wait_for_timeout(_SETTLED)
    await page.screenshot(path=folder / f"{picture.name}.png")
    await page.close()


async def _sign_in(page: Page, front: str, person: str) -> None:
    await page.goto(f"{front}/login")
    await page.locator(f"form:has(input[value='{person}']) button").click()
    await page.wait_for_load_state()


if __name__ == "__main__":
    data = Path(sys.argv[1] if len(sys.argv) > 1 else ".sluss")
    asyncio.run(take(running(data).front, Path(__file__).parent))
