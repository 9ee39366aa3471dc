"""One transaction: the only door to a service's tables while it decides.

Statements are written in SQLAlchemy Core, compiled once at import, and run by asyncpg on the very
connection that commits the service's state, events and reading position:

    OPEN_TASKS = sql(select(task).where(task.c.team == bindparam("team"), task.c.done.is_(False)))
    rows = await tx.fetch(OPEN_TASKS, team="team-city")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql import ClauseElement

_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement and the order of its parameters."""

    text: str
    order: tuple[str, ...]
    fixed: Mapping[str, Any]

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in order; TypeError for one too many or too few."""
        if unknown := given.keys() - set(self.order):
            raise TypeError(f"the statement has no parameters {sorted(unknown)}; it has {sorted(self.order)}")
        try:
            return [given[name] if name in given else self.fixed[name] for name in self.order]
        except KeyError as missing:
            raise TypeError(f"the statement needs a value for {missing}") from None


def sql(statement: ClauseElement) -> Statement:
    """Compile a Core statement. Every value that varies must be a `bindparam`; lists are `= any(...)`."""
    compiled: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    return Statement(str(compiled), tuple(compiled.positiontup or ()), fixed)


class Timers(Protocol):
    """Durable due dates, set and cleared inside the transaction."""

    async def set(self, kind: str, id: str, key: str, due: datetime, **data: Any) -> None:
        """Remember that `kind` is due for `id`; setting it again moves it."""

    async def clear(self, kind: str, id: str) -> None:
        """Forget it; forgetting what is not set is fine."""


class Tx(Protocol):
    """What lookups, projections and absorbers are handed."""

    @property
    def now(self) -> datetime:
        """The network's time, the same during the whole transaction."""

    @property
    def timers(self) -> Timers:
        """Durable due dates, written when the transaction ends."""

    standing: str | None
    """How that stands which the service's handlers are given (`Given.standing`), where it has been read along
    with something else; None where it has not, or no longer holds."""

    async def fetch(
        self, statement: Statement | str, /, *args: Any, **params: Any
    ) -> Sequence[Mapping[str, Any]]:
        """All rows. Positional arguments for SQL text with $1 …, named ones for a compiled statement."""

    async def row(self, statement: Statement | str, /, *args: Any, **params: Any) -> Mapping[str, Any] | None:
        """The first row or None."""

    async def value(self, statement: Statement | str, /, *args: Any, **params: Any) -> Any:
        """The first column of the first row or None."""

    async def execute(self, statement: Statement | str, /, *args: Any, **params: Any) -> None:
        """Run it."""

    async def execute_many(self, statement: Statement | str, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Run it once for each row of named parameters."""
