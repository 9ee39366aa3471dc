"""The demonstration's letterbox: somebody finds the letter they were sent, and opens the link in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sluss.people.browsing import Browser

_LINK = re.compile(r"https?://\S+/svara/\S+")


class Letterbox:
    """The folder in which messages become files; `browser` opens what they lead to."""

    def __init__(self, folder: Path, browser: Browser | None = None) -> None:
        self._folder = folder
        self._browser = browser or Browser()

    async def answer(self, message_id: str, said: Mapping[str, str]) -> bool:
        """Answer the questions a letter leads to. Whether they were taken; not where no such letter came."""
        link = self._link_in(message_id)
        return link is not None and await self._browser.fill_in(link, said)

    def _link_in(self, message_id: str) -> str | None:
        for letter in sorted(self._folder.glob(f"{message_id}.*")):
            if found := _LINK.search(letter.read_text()):
                return found[0]
        return None
