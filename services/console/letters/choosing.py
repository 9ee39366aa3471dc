"""Which of a service's dead letters a page is about: what its address and its forms say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from services.console.web.tail_query import ZONE
from services.runtime.tending.errands import Which

NAMES = ("code", "type", "because", "key", "before")
"""The conditions, as the fields of an address."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """All of what is named must hold."""

    code: str | None = None
    type: str | None = None
    because: str | None = None
    """The reason, as it stands in the letter."""
    key: str | None = None
    before: datetime | None = None
    """Those that died before."""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """From an address or a form; what is no date counts as none."""
        words = {name: str(given.get(name) or "").strip()[:500] or None for name in NAMES[:-1]}
        return cls(**words, before=_moment(str(given.get("before") or "")))

    @property
    def fields(self) -> dict[str, str]:
        """As fields of an address or a form."""
        words = {name: getattr(self, name) for name in NAMES[:-1]}
        written = f"{self.before.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}" if self.before else None
        return {name: value for name, value in (*words.items(), ("before", written)) if value}

    def which(self) -> Which:
        """The same for an errand."""
        return Which(code=self.code, type=self.type, because=self.because, key=self.key, before=self.before)


def _moment(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=ZONE)
