"""A transaction on paper: reads are answered, and what is written is let go unless a read asks for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from services.runtime.service import Timer
from services.runtime.tx import Statement

if TYPE_CHECKING:
    from tests.properties.paper.desk import Desk
    from tests.properties.paper.unit import PaperUnit


T = TypeVar("T")


class NotOnPaper(LookupError):
    """A reaction wants to read something that the paper town has no answer for."""


def played(work: Awaitable[T]) -> T:
    """Run what is written as a coroutine but waits for nothing outside."""
    running = work.__await__()
    try:
        next(running)
    except StopIteration as done:
        answer: T = done.value
        return answer
    raise NotOnPaper(f"{work} waits for something that is not on paper")


class PaperTimers:
    """Due dates set and cleared in one transaction."""

    def __init__(self) -> None:
        self.wanted: dict[tuple[str, str], Timer | None] = {}

    async def set(self, kind: str, id: str, key: str, due: datetime, **data: Any) -> None:
        if due.tzinfo is None:
            raise ValueError(f"the due date of {kind}/{id} has no time zone")
        self.wanted[kind, id] = Timer(kind, id, key, due, data)

    async def clear(self, kind: str, id: str) -> None:
        self.wanted[kind, id] = None


class PaperTx:
    """A transaction whose reads are answered from `answers`; what is written and never read is let go."""

    def __init__(self, desk: Desk, unit: PaperUnit, now: datetime) -> None:
        self.desk, self.now, self.timers = desk, now, PaperTimers()
        self.standing: str | None = None
        self._unit = unit

    def all(self, kind: str) -> dict[str, Any]:
        """Every aggregate of a kind, by id, as this transaction sees it."""
        found = self.desk.all(kind)
        for held in self._unit.loaded():
            found |= {id: state for (k, id), state in held.items() if k == kind}
        return found

    async def fetch(
        self, statement: Statement | str, /, *args: Any, **params: Any
    ) -> Sequence[Mapping[str, Any]]:
        answer = self.desk.town.answers.reads.get(_key_of(statement))
        if answer is None:
            text = statement if isinstance(statement, str) else statement.text
            raise NotOnPaper(f"{self.desk.name} reads what no paper answers: {' '.join(text.split())[:300]}")
        return answer(self, *args, **params)

    async def row(self, statement: Statement | str, /, *args: Any, **params: Any) -> Any:
        return next(iter(await self.fetch(statement, *args, **params)), None)

    async def value(self, statement: Statement | str, /, *args: Any, **params: Any) -> Any:
        row = await self.row(statement, *args, **params)
        return None if row is None else next(iter(row.values()))

    async def execute(self, statement: Statement | str, /, *args: Any, **params: Any) -> None:
        if (write := self.desk.town.answers.writes.get(_key_of(statement))) is not None:
            write(self, *args, **params)

    async def execute_many(self, statement: Statement | str, rows: Sequence[Mapping[str, Any]], /) -> None:
        for row in rows:
            await self.execute(statement, **row)


def _key_of(statement: Statement | str) -> str:
    return statement if isinstance(statement, str) else statement.text


@dataclass
class Answers:
    """What stands in for the tables."""

    lookups: Mapping[str, Callable[..., Any]]
    """`<service>.<lookup's name>`: answers (tx, messages) as the lookup would."""
    real: frozenset[str]
    """Lookups that run as they are, because every statement they read is answered below."""
    reads: Mapping[str, Callable[..., Sequence[Mapping[str, Any]]]]
    """By a statement's text: answers (tx, **parameters) with rows."""
    writes: Mapping[str, Callable[..., None]]
    """By a statement's text: what is written down because a read asks for it."""
    left_out: frozenset[str]
    """`<service>.<projection's name>`: write what only pages read, and set no timers."""
