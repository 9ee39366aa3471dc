"""A dry run: an event goes through the service's handlers as it would now, and then nothing has happened."""

from __future__ import annotations

from typing import Any

from services.runtime.clock import Clock
from services.runtime.deadletters import DeadLetter
from services.runtime.decision import Refusal, Transient
from services.runtime.engine.deciding import decide, told
from services.runtime.engine.incoming import Incoming, Readings
from services.runtime.engine.parking import Blocked, SetAside
from services.runtime.engine.unit import Unit
from services.runtime.service import Service
from services.runtime.timers import SUBJECT as TIMER
from services.runtime.timers import Postponed, handle, kept_timer

_BOUNDS = "set local lock_timeout = '2s'; set local statement_timeout = '5s'"


class _Enough(Exception):
    """Ends the transaction, so that all of it is undone."""


async def outcome_of(
    connection: Any, service: Service, clock: Clock, letter: DeadLetter, body: bytes
) -> dict[str, Any]:
    """`would`: `apply` (with the types of what would be said), `wait`, `die` (with code and reason), `fail`,
    `ignore`. Everything is rolled back: no state, no event, no number, no timer is left."""
    found: dict[str, Any] = {}
    try:
        async with connection.transaction():
            await connection.execute(_BOUNDS)
            unit = Unit(connection, service, clock)
            if letter.subject.startswith(f"{TIMER}."):
                found = await _timer(service, unit, body)
            else:
                found = await _event(service, unit, letter, body)
            if found["would"] == "apply":
                await unit.finish()
                types = [row.subject.split(".") for row in unit.numbered]
                found["says"] = [".".join(parts[3:6]) for parts in types]
            raise _Enough
    except _Enough:
        return found
    except Exception as error:  # a lookup, a projection, a lock that somebody else holds
        return {"would": "fail", "reason": told(error)}


async def _event(service: Service, unit: Unit, letter: DeadLetter, body: bytes) -> dict[str, Any]:
    one = Readings(service).read(letter.subject, body)
    if one is None:
        return {"would": "ignore", "reason": "the service does not read this type any longer"}
    if not isinstance(one, Incoming):
        return {"would": "die", "code": one.code, "reason": one.reason}
    aside = SetAside()
    await unit.load([one.key])
    await decide(service, unit, [one], Blocked(), aside)
    if aside.dead:
        return {"would": "die", "code": aside.dead[0].code, "reason": aside.dead[0].reason}
    for _, reason, waits in aside.parked:
        return {"would": "wait" if waits else "fail", "reason": reason}
    return {"would": "apply"}


async def _timer(service: Service, unit: Unit, body: bytes) -> dict[str, Any]:
    timer = kept_timer(body)
    await unit.load([timer.key])
    try:
        await handle(service, unit, [timer])
    except Postponed as wait:
        return {"would": "wait", "reason": str(wait)}
    except Refusal as refusal:
        return {"would": "die", "code": refusal.code, "reason": str(refusal)}
    except Transient as trouble:
        return {"would": "fail", "reason": trouble.code}
    return {"would": "apply"}
