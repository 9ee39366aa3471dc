"""One thing looked at: how it stands, and where it is not well what that means and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in English with the values it names; pages say it in their own language."""

    text: str
    """With `%(name)s` where a value goes; marked for translation where it is written."""
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


def words(text: str, **values: Any) -> Words:
    """A sentence; the text must be marked."""
    return Words(text, values)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with it, what to do, and the runbook that tells the whole."""

    what: Words
    do: tuple[str, ...] = ()
    """Commands, the next one first."""
    runbook: str = ""
    """A runbook of the handbook, by name: `disk-nearly-full`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    part: str
    """What was looked at: a service, or `broker`, `database`, `loops` …"""
    name: Words
    state: Words
    troubles: tuple[Trouble, ...] = ()

    @property
    def well(self) -> bool:
        """Whether nothing needs doing."""
        return not self.troubles


def plain(text: str) -> Words:
    """A sentence that only the command line says; it may hold a `%`."""
    return Words("%(text)s", {"text": text})
