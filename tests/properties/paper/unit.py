"""The engine's unit of work, over states in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel

from services.runtime.engine.unit import Unit
from services.runtime.lifecycle import OutOfOrder
from sluss_contracts.event import Fact
from tests.properties.paper.entry import Cause, Entry
from tests.properties.paper.tx import PaperTx

if TYPE_CHECKING:
    from tests.properties.paper.desk import Desk


class PaperUnit(Unit):
    """The engine's own unit over states in memory: `say` is real, loading and recording are not."""

    def __init__(self, desk: Desk, cause: Cause | None = None) -> None:
        """`cause`: why something is said where it is no reaction that says it (intake, couriers)."""
        super().__init__(None, desk.service, desk.town.clock)
        self.paper = PaperTx(desk, self, desk.town.clock.now())
        self.tx = self.paper  # type: ignore[assignment]
        self._because = cause
        self.entries: list[Entry] = []
        self._desk = desk
        self._causes: list[tuple[Cause, str | None]] = []

    def loaded(self) -> Iterable[dict[tuple[str, str], BaseModel]]:
        """What is held, with what has been said in this unit."""
        return self._states.values()

    async def load(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key not in self._states:
                self._states[key] = dict(self._desk.states.get(key, {}))
                for (kind, id), sequence in self._desk.sequences.get(key, {}).items():
                    self._sequences[key, kind, id] = sequence

    def say(self, facts: Iterable[Fact], *, cause: str | None, correlation: str | None = None) -> list[UUID]:
        facts = list(facts)
        because = self._because or self._desk.town.reacting
        try:
            ids = super().say(facts, cause=cause, correlation=correlation)
        except OutOfOrder as error:
            # What a lookup read may be older than what the batch has said since; the engine sets the event
            # aside and tries it again. What then still fails is found waiting for ever.
            if because.way != "event":
                self._desk.crashed(because, error)
            raise
        except Exception as error:
            self._desk.crashed(because, error)
            raise
        self._causes += [(because, cause)] * len(ids)
        return ids

    async def finish(self) -> None:
        said, self._said = self._said, []
        if said:
            await self._project(said)
        causes, self._causes = self._causes, []
        self.entries += [
            Entry(each, each.event(), why, cause) for each, (why, cause) in zip(said, causes, strict=True)
        ]
        changed, self._changed = list(self._changed), {}
        self._desk.commit(self, changed)
