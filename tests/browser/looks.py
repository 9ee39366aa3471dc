"""What holds of every page for everybody, in either colour scheme and at any width."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from axe_playwright_python.async_playwright import AxeResults
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

ALL_RULES: Final[Mapping[str, Any]] = {"resultTypes": ["violations"]}
# Light and dark differ in colours alone, so the dark looks are asked what depends on colours.
OF_COLOUR: Final[Mapping[str, Any]] = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
SCHEMES: Final[Sequence[Literal["light", "dark"]]] = ("light", "dark")

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input:not([type=hidden])")]
    .filter(one => one.checkVisibility() && !one.classList.contains("skip"))
    .map(one => [one.innerText || one.name, (one.closest(".card") || one).getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""


async def found_by_axe(page: Page, rules: Mapping[str, Any] = ALL_RULES) -> str:
    """A report of what axe finds, empty where that is nothing. A page is given axe once: it is large."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found = AxeResults({"violations": await page.evaluate(_RUN, dict(rules))})
    return found.generate_report() if found.violations_count else ""


async def usable(page: Page, state: str, widths: Sequence[int] = (1280, 360)) -> None:
    """Axe finds nothing in either colour scheme at any of these widths, and nothing scrolls sideways."""
    for scheme, width in itertools.product(SCHEMES, widths):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": 800})
        look = f"{state}, {scheme}, {width} px"
        found = await found_by_axe(page, OF_COLOUR if scheme == "dark" else ALL_RULES)
        assert not found, f"{look}: {found}"
        assert await page.evaluate(SIDEWAYS) <= 0, f"{look} scrolls sideways"


_RUN = "rules => axe.run(document, rules).then(found => found.violations)"
