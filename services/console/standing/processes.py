"""What each process says of itself: whether it is fit for work, and what somebody should see to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson

from services.console.standing.finding import Finding, Trouble, words
from services.console.standing.judging import FROZEN, lasting
from services.runtime.languages import mark

RUNBOOKS: Final[Mapping[str, str]] = {"channel": "channel-down", "broker": "broker-restarted"}
"""The page about it, where a process complains of this part."""
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "channel": ("sluss loops --kind message",),
    "broker": ("sluss streams",),
    "owner": ("sluss streams",),
}

_PROCESSES: Final = """
select clock_timestamp() - seen as silence, ailing, cares from {service}.process order by began
"""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a service."""

    silence: timedelta
    """Since it last gave a sign."""
    ailing: Mapping[str, str]
    """By part, why it is not ready for work."""
    cares: Mapping[str, str]
    """By part, what somebody should see to."""

    @property
    def there(self) -> bool:
        """Whether it gives signs."""
        return self.silence < FROZEN


async def processes_of(connection: Any, service: str) -> list[Process]:
    """Those that have given a sign lately, the oldest first."""
    rows = await connection.fetch(_PROCESSES.format(service=service))
    return [Process(row["silence"], _read(row["ailing"]), _read(row["cares"])) for row in rows]


def _read(told: Any) -> dict[str, str]:
    return dict(orjson.loads(told) if isinstance(told, str) else told)


def of_processes(service: str, found: Sequence[Process]) -> Finding:
    """What a service's processes say. That none of them says anything is its reader's to tell."""
    name = words(mark("what %(service)s says of itself"), service=service)
    there = [each for each in found if each.there]
    fit = sum(1 for each in there if not each.ailing)
    state = words(mark("%(fit)s of %(count)s processes are fit for work"), fit=fit, count=len(there))
    if silent := [each.silence for each in found if not each.there]:
        state = words(
            mark(
                "%(fit)s of %(count)s processes are fit for work; one more last gave a sign %(silence)s ago"
            ),
            fit=fit,
            count=len(there),
            silence=lasting(min(silent)),
        )
    return Finding(service, name, state, tuple(_troubles(there)))


def complaints(told: Iterable[tuple[str, str]]) -> Iterable[Trouble]:
    """What processes complain of, part by part; each said once."""
    for part, why in dict.fromkeys(told):
        what = words(mark("%(part)s: %(why)s"), part=part, why=why)
        yield Trouble(what, _COMMANDS.get(part, ()), RUNBOOKS.get(part, ""))


def _troubles(there: Sequence[Process]) -> Iterable[Trouble]:
    return complaints(pair for each in there for pair in (*each.ailing.items(), *each.cares.items()))
