"""The concrete `Tx`: one asyncpg connection inside a transaction, and the timers set in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from services.runtime.tx import Statement

_SET_TIMERS = """
insert into timer (kind, id, key, due, data)
select kind, id, key, due, data::jsonb
from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[]) t(kind, id, key, due, data)
order by kind, id
on conflict (kind, id) do update
set key = excluded.key, due = excluded.due, data = excluded.data, tries = 0, not_before = null, reason = null
"""
_CLEAR_TIMERS = "delete from timer using unnest($1::text[], $2::text[]) t(k, i) where kind = k and id = i"


class BufferedTimers:
    """Due dates set and cleared in one transaction, written together at its end; the last word counts."""

    def __init__(self) -> None:
        self._wanted: dict[tuple[str, str], tuple[str, datetime, str] | None] = {}

    async def set(self, kind: str, id: str, key: str, due: datetime, **data: Any) -> None:
        """Remember that `kind` is due for `id`; setting it again moves it. `due` needs a time zone."""
        if due.tzinfo is None:
            raise ValueError(f"the due date of {kind}/{id} has no time zone")
        self._wanted[kind, id] = (key, due, orjson.dumps(data).decode())

    async def clear(self, kind: str, id: str) -> None:
        """Forget it; forgetting what is not set is fine."""
        self._wanted[kind, id] = None

    async def write(self, connection: Any) -> None:
        """Make it so. One statement each for what is set and what is cleared, none when there is nothing."""
        dates = [(kind, id, *date) for (kind, id), date in self._wanted.items() if date]
        gone = [name for name, date in self._wanted.items() if date is None]
        self._wanted.clear()
        if dates:
            await connection.execute(_SET_TIMERS, *(list(column) for column in zip(*dates, strict=True)))
        if gone:
            await connection.execute(_CLEAR_TIMERS, *(list(column) for column in zip(*gone, strict=True)))


class Transaction:
    """What lookups, projections and absorbers are handed (`services.runtime.tx.Tx`)."""

    def __init__(self, connection: Any, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.timers = BufferedTimers()
        self.standing: str | None = None

    async def fetch(
        self, statement: Statement | str, /, *args: Any, **params: Any
    ) -> Sequence[Mapping[str, Any]]:
        """All rows."""
        rows: Sequence[Mapping[str, Any]] = await self.connection.fetch(*_spread(statement, args, params))
        return rows

    async def row(self, statement: Statement | str, /, *args: Any, **params: Any) -> Mapping[str, Any] | None:
        """The first row or None."""
        row: Mapping[str, Any] | None = await self.connection.fetchrow(*_spread(statement, args, params))
        return row

    async def value(self, statement: Statement | str, /, *args: Any, **params: Any) -> Any:
        """The first column of the first row or None."""
        return await self.connection.fetchval(*_spread(statement, args, params))

    async def execute(self, statement: Statement | str, /, *args: Any, **params: Any) -> None:
        """Run it."""
        await self.connection.execute(*_spread(statement, args, params))

    async def execute_many(self, statement: Statement | str, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Run it once for each row of named parameters, in one round trip."""
        if isinstance(statement, str):
            raise TypeError("execute_many takes a compiled statement, since rows are named parameters")
        if rows:
            await self.connection.executemany(statement.text, [statement.arguments(row) for row in rows])


def _spread(statement: Statement | str, args: tuple[Any, ...], params: Mapping[str, Any]) -> tuple[Any, ...]:
    if isinstance(statement, str):
        if params:
            raise TypeError("SQL text takes positional arguments ($1 …), not named ones")
        return (statement, *args)
    if args:
        raise TypeError("a compiled statement takes named parameters, not positional ones")
    return (statement.text, *statement.arguments(params))
