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

CHANNEL: Final = "channel"
"""The part by which messages go out."""
RUNBOOKS: Final[Mapping[str, str]] = {CHANNEL: "channel-down", "broker": "broker-restarted"}
"""The page about it, where a process complains of this part."""
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    CHANNEL: ("sluss loops --kind message",),
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
    def said(self) -> Iterable[tuple[str, str]]:
        """All it complains of, by part."""
        return (*self.ailing.items(), *self.cares.items())

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


def of_processes(found: Mapping[str, Sequence[Process]]) -> Finding:
    """What the processes of each service say. That a service says nothing at all is its reader's to tell."""
    there = {service: [each for each in some if each.there] for service, some in found.items()}
    all_there = [each for some in there.values() for each in some]
    told = {"fit": sum(1 for each in all_there if not each.ailing), "count": len(all_there)}
    state = words(mark("%(fit)s of %(count)s are fit for work"), **told)
    if silent := [each.silence for some in found.values() for each in some if not each.there]:
        state = words(
            mark("%(fit)s of %(count)s are fit for work; one more last gave a sign %(silence)s ago"),
            **told,
            silence=lasting(min(silent)),
        )
    troubles = [
        trouble
        for service, some in there.items()
        for trouble in complaints(service, (pair for each in some for pair in each.said))
    ]
    return Finding("processes", words(mark("processes")), state, tuple(troubles))


def complaints(service: str, said: Iterable[tuple[str, str]]) -> Iterable[Trouble]:
    """What a service's processes complain of, part by part; each said once."""
    for part, why in dict.fromkeys(said):
        what = words(mark("%(service)s, %(part)s: %(why)s"), service=service, part=part, why=why)
        if part == CHANNEL:
            what = words(mark("no message can go: %(why)s"), why=why)
        yield Trouble(what, _COMMANDS.get(part, ()), RUNBOOKS.get(part, ""))
