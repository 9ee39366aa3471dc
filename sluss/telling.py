"""Each event in plain words at the command line: in English, without what is masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from services.console.masking import disclose
from services.console.web.telling import plain, tell
from sluss_contracts.event import FACTS, PREFIX

__all__ = ["LOCAL_TIME", "plain", "sentence", "words"]

LOCAL_TIME = ZoneInfo("Europe/Stockholm")
"""Whose clock people go by at the command line: what they read on it, and what they write without a zone."""


class _English:
    def say(self, text: str, /, **values: object) -> str:
        return text % values if values else text

    def moment(self, moment: datetime) -> str:
        return f"{moment.astimezone(LOCAL_TIME):%a %d %b %Y %H:%M}"


ENGLISH = _English()


def sentence(what: str, added: str) -> Text:
    """What happened, and fainter what is worth adding: one column, so that a narrow terminal does."""
    return Text.assemble(what, (f" ({added})" if added else "", "dim"))


def words(name: str, data: dict[str, Any]) -> tuple[str, str]:
    """What happened, and what is worth adding, of an event with this payload."""
    type_ = f"{PREFIX}.{name}.v1"
    return tell(name, disclose(type_, data) if type_ in FACTS else {}, ENGLISH)
