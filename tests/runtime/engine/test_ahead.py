"""The owner's connection begins the next transaction where it commits the last."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from services.runtime.engine.ahead import BegunAhead
from tests.runtime.engine.conftest import Open


@pytest.fixture
async def raw(open_connection: Open) -> Any:
    connection = await open_connection(owner=True)
    await connection.execute(
        "create temporary table said (word text primary key deferrable initially deferred)"
    )
    return connection


async def _say(ahead: BegunAhead, *words: str, then: BaseException | None = None) -> None:
    async with ahead.transaction():
        for word in words:
            await ahead.execute("insert into said values ($1)", word)
        if then:
            raise then


async def _said(other: Any) -> list[str]:
    return [row["word"] for row in await other.fetch("select word from said order by word")]


async def test_what_was_done_is_committed_and_the_next_transaction_has_begun(raw: Any) -> None:
    ahead = BegunAhead(raw)
    await _say(ahead, "one")
    assert raw.is_in_transaction()
    await _say(ahead, "two")
    await raw.execute("rollback")
    assert await _said(raw) == ["one", "two"]


async def test_it_holds_nothing_while_it_waits(raw: Any, open_connection: Open) -> None:
    ahead, other = BegunAhead(raw), await open_connection()
    async with ahead.transaction():
        await ahead.executemany("insert into said values ($1)", [("one",), ("two",)])
    pid = raw.get_server_pid()
    seen = await other.fetchrow(
        "select state, backend_xid, backend_xmin from pg_stat_activity where pid = $1", pid
    )
    assert tuple(seen) == ("idle in transaction", None, None)


async def test_a_transaction_that_fails_leaves_nothing_and_the_next_begins_anew(raw: Any) -> None:
    ahead = BegunAhead(raw)
    with pytest.raises(ZeroDivisionError):
        await _say(ahead, "no", then=ZeroDivisionError())
    assert not raw.is_in_transaction()
    async with ahead.transaction():
        assert await ahead.fetchval("select count(*) from said") == 0


async def test_a_commit_that_is_refused_raises_and_begins_nothing(raw: Any) -> None:
    ahead = BegunAhead(raw)
    with pytest.raises(asyncpg.UniqueViolationError):
        await _say(ahead, "twice", "twice")
    assert not raw.is_in_transaction()
    assert await ahead.fetch("select * from said") == []


async def test_a_statement_of_its_own_is_committed_by_itself(raw: Any) -> None:
    ahead = BegunAhead(raw)
    async with ahead.transaction():
        pass
    await ahead.execute("insert into said values ('alone')")
    assert not raw.is_in_transaction()
    assert await ahead.fetchrow("select word from said") == ("alone",)


async def test_transactions_are_not_nested(raw: Any) -> None:
    ahead = BegunAhead(raw)
    async with ahead.transaction():
        with pytest.raises(asyncpg.InterfaceError, match="under way"):
            async with ahead.transaction():
                raise AssertionError


async def test_a_connection_that_is_lost_says_what_was_lost_first(raw: Any) -> None:
    ahead = BegunAhead(raw)
    with pytest.raises(ZeroDivisionError):
        await _lose(ahead, then=ZeroDivisionError())
    assert ahead.is_closed()
    with pytest.raises(asyncpg.InterfaceError):
        await _say(ahead, "too late")


async def _lose(ahead: BegunAhead, *, then: BaseException) -> None:
    async with ahead.transaction():
        ahead.terminate()
        raise then
