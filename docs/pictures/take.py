"""Takes the README's picture from a running demonstration: `make picture` while `make demo` runs.

Needs the browser that `make test` installs.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import async_playwright

from sluss.machine.run_file import running

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


async def take(front: str, folder: Path) -> None:
    """The first page as a visitor sees it, in English, down to the end of the board."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 1240}, locale="en-GB")
        await page.goto(front)
        await page.wait_for_timeout(2000)
        await page.screenshot(path=folder / "first-page.png")
        await browser.close()


if __name__ == "__main__":
    data = Path(sys.argv[1] if len(sys.argv) > 1 else ".sluss")
    asyncio.run(take(running(data).front, Path(__file__).parent))
