"""Our contender: the six hops as four services on the real runtime. `python -m benchmarks.chain SERVICE`."""

from __future__ import annotations

import sys
from datetime import date
from types import new_class
from typing import Any, cast

from pydantic import BaseModel, ConfigDict

from benchmarks.hops import HOPS
from services.runtime import connecting
from services.runtime.app import main
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held, Service
from sluss_contracts.event import Event, Fact


class _Step(Fact):
    referral_id: str
    person: str
    organisation: str
    area: str
    language: str
    needs: tuple[str, ...]
    due: date
    note: str


def _step_named(name: str) -> type[_Step]:
    by = next((service for _, service, says in HOPS if says == name), "driver")
    keywords = {"type": f"bench.{name}", "aggregate": f"bench_{by}", "id": "referral_id", "said_by": by}
    made = new_class(
        f"Bench{name.capitalize()}", (_Step,), keywords, lambda body: body.update({"__module__": __name__})
    )
    return cast("type[_Step]", made)


STEPS: dict[str, type[_Step]] = {
    name: _step_named(name) for name in dict.fromkeys(name for read, _, said in HOPS for name in (read, said))
}
"""The same payload under seven names."""


class Progress(BaseModel):
    """How far the referral has come in one service."""

    model_config = ConfigDict(frozen=True)

    step: str
    steps: int


def _evolve(state: Progress | None, fact: Any) -> Progress:
    return Progress(step=fact.FACT, steps=(state.steps if state else 0) + 1)


def build(name: str) -> Service:
    """One of the four services of the path."""
    service = Service(name)
    service.aggregate(f"bench_{name}", Progress, _evolve)
    for read, owner, said in HOPS:
        if owner == name:
            _react(service, STEPS[read], STEPS[said])
    return service


def _react(service: Service, read: type[_Step], said: type[_Step]) -> None:
    @service.on(read)
    def step(held: Held, event: Event[Any], ctx: Ctx) -> Decision:
        return [said.model_construct(**event.data.__dict__)]


async def _accept_any_broker(*_: Any, **__: Any) -> None:
    """For the contender that shows what safety costs; the product itself refuses such a broker."""


if __name__ == "__main__":
    if "--unsafe" in sys.argv:
        started: Any = connecting
        started.require_durable_writes = _accept_any_broker
    main(build(sys.argv[1]))
