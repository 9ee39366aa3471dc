"""Somebody at a page, whose clicks and keystrokes are counted and whose time is reckoned, not spent.

The reckoning is the keystroke-level model (Card, Moran & Newell 1980): 1.1 s to point at something, 0.2 s to
press, 0.28 s for each key, 0.4 s to move between keyboard and mouse, 1.35 s to think before each act; and,
besides it, 6 s to read each page that comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import Locator, Page

POINT: Final = 1.1
PRESS: Final = 0.2
KEY: Final = 0.28
MOVE: Final = 0.4
THINK: Final = 1.35
READ: Final = 6.0


@dataclass
class Spent:
    """What one part of the way took."""

    what: str
    clicks: int = 0
    keys: int = 0
    pages: int = 0

    @property
    def seconds(self) -> float:
        """Reckoned, not measured."""
        acts = self.clicks * (THINK + POINT + PRESS)
        return acts + self.keys * KEY + self.pages * READ


@dataclass
class Hands:
    """Clicks and writes on one page, and notes what it took."""

    page: Page
    parts: list[Spent] = field(default_factory=list)

    def begin(self, what: str) -> None:
        """What follows belongs to this part."""
        self.parts.append(Spent(what))

    async def go(self, locator: Locator) -> None:
        """Click something that leads to another page."""
        self.parts[-1].clicks += 1
        self.parts[-1].pages += 1
        await locator.click()
        await self.page.wait_for_load_state()

    async def choose(self, locator: Locator) -> None:
        """Click something on the page."""
        self.parts[-1].clicks += 1
        await locator.click()

    async def pick(self, locator: Locator, value: str) -> None:
        """Choose from a list: one click to open it and one on the line."""
        self.parts[-1].clicks += 2
        await locator.select_option(value)

    async def write(self, locator: Locator, words: str) -> None:
        """Point at a field and type."""
        self.parts[-1].clicks += 1
        self.parts[-1].keys += len(words)
        await locator.fill(words)


def table(parts: list[Spent]) -> str:
    """What it took, for the documentation."""
    lines = ["| Step | Clicks | Keys | Pages | Minutes |", "|---|---|---|---|---|"]
    for each in parts:
        minutes = each.seconds / 60
        lines.append(f"| {each.what} | {each.clicks} | {each.keys} | {each.pages} | {minutes:.1f} |")
    clicks, keys = sum(each.clicks for each in parts), sum(each.keys for each in parts)
    pages, seconds = sum(each.pages for each in parts), sum(each.seconds for each in parts)
    return "\n".join(
        [*lines, f"| **All** | **{clicks}** | **{keys}** | **{pages}** | **{seconds / 60:.1f}** |"]
    )
