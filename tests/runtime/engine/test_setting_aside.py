"""What cannot be handled is parked in order or becomes a dead letter, and the rest goes on."""

from __future__ import annotations

from typing import Any

from services.runtime.decision import Decision, Wait
from services.runtime.engine.parking import TRIES
from services.runtime.service import Ctx, Held, Service
from services.runtime.tx import Tx
from sluss_contracts.event import Event, write_event
from sluss_contracts.subjects import EVENT_STREAM, slot_of
from tests.runtime.engine.conftest import Open
from tests.runtime.engine.lab import (
    NoteFiled,
    NoteRead,
    NoteWritten,
    Trail,
    follow,
    reader,
)
from tests.runtime.engine.playing import an_event, owning, put, trails, until
from tests.support.servers import BrokerAccess


async def test_a_key_whose_event_failed_waits_in_order_while_others_go_on(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("reader"), await broker.connect()
    service = Service("reader")
    service.aggregate("reading", Trail, follow)
    failures = 3

    @service.on(NoteWritten)
    def read(held: Held, event: Event[NoteWritten], ctx: Ctx) -> Decision:
        nonlocal failures
        if event.data.text == "fails" and failures:
            failures -= 1
            raise ConnectionError("something outside is down")
        return [NoteRead(story=event.data.story, n=event.data.n)]

    async with owning(service, database, client):
        await put(client, an_event(NoteWritten(story="troubled", n=1, text="fails")))
        for n in (2, 3, 4):
            await put(client, an_event(NoteWritten(story="troubled", n=n), sequence=n))
            await put(client, an_event(NoteWritten(story="calm", n=n - 1), sequence=n - 1))

        async def calm_is_done() -> bool:
            return bool((await trails(other)).get("calm") == [1, 2, 3])

        await until(calm_is_done)

        async def troubled_is_done() -> bool:
            return bool((await trails(other)).get("troubled") == [1, 2, 3, 4])

        await until(troubled_is_done)
    assert failures == 0
    assert await other.fetchval("select count(*) from parked") == 0


async def test_what_fails_again_and_again_is_a_dead_letter_and_its_key_goes_on(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    """A mistake of our own must not hold up everything about one person for ever."""
    other, client = await open_connection("reader"), await broker.connect()
    service = Service("reader")
    service.aggregate("reading", Trail, follow)

    @service.on(NoteWritten)
    def read(held: Held, event: Event[NoteWritten], ctx: Ctx) -> Decision:
        if event.data.text == "fails":
            raise OverflowError("a date beyond every calendar")
        return [NoteRead(story=event.data.story, n=event.data.n)]

    async with owning(service, database, client):
        await put(client, an_event(NoteWritten(story="troubled", n=1, text="fails")))
        await put(client, an_event(NoteWritten(story="troubled", n=2), sequence=2))

        async def both_are_parked() -> bool:
            return bool(await other.fetchval("select count(*) = 2 from parked"))

        await until(both_are_parked)
        await other.execute("update parked set tries = $1, due = now() where due <> 'infinity'", TRIES)

        async def the_key_goes_on() -> bool:
            return bool((await trails(other)).get("troubled") == [2])

        await until(the_key_goes_on)
    letter = await other.fetchrow("select code, reason from dead_letter")
    assert letter["code"] == "failed"
    assert "OverflowError" in letter["reason"]
    assert "calendar" not in letter["reason"], "what an error says may hold what somebody wrote"
    assert await other.fetchval("select count(*) from parked") == 0


async def test_an_effect_waits_for_its_cause_which_may_overtake_it(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("third"), await broker.connect()
    service = Service("third")
    seen = service.aggregate("file", Trail, follow)

    @service.on(NoteRead)
    def effect(held: Held, event: Event[NoteRead], ctx: Ctx) -> Decision:
        trail = held.one(seen)
        if trail is None or -event.data.n not in trail.seen:
            return Wait("the note has not come yet")
        return [NoteFiled(story=event.data.story, n=event.data.n)]

    @service.on(NoteWritten)
    def cause(held: Held, event: Event[NoteWritten], ctx: Ctx) -> Decision:
        return [NoteFiled(story=event.data.story, n=-event.data.n)]

    async with owning(service, database, client):
        effects = [an_event(NoteRead(story="s1", n=n), source="/sluss/reader", sequence=n) for n in (1, 2, 3)]
        await put(client, *effects)

        async def parked() -> bool:
            return bool(await other.fetchval("select count(*) from parked") == 3)

        await until(parked)
        assert await other.fetchval("select count(*) from parked where due < 'infinity'") == 1
        for n in (1, 2, 3):
            await put(client, an_event(NoteWritten(story="s1", n=n), sequence=n))

        async def done() -> bool:
            return bool(await other.fetchval("select count(*) from parked") == 0)

        await until(done)
    trail = (await trails(other, "file"))["s1"]
    assert [n for n in trail if n > 0] == [1, 2, 3]
    assert [-n for n in trail if n < 0] == [1, 2, 3]
    assert all(trail.index(-n) < trail.index(n) for n in (1, 2, 3))


async def test_a_refused_event_becomes_a_dead_letter_and_its_key_goes_on(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("reader"), await broker.connect()
    refused = an_event(NoteWritten(story="s1", n=99, text="illegible"))
    async with owning(reader()[0], database, client):
        await put(client, refused, an_event(NoteWritten(story="s1", n=1)))

        async def read() -> bool:
            return bool(await trails(other) == {"s1": [1]})

        await until(read)
    [letter] = await other.fetch("select * from dead_letter")
    assert (letter["code"], letter["event_id"], letter["key"]) == ("illegible", refused.id, "s1")
    assert letter["body"] == write_event(refused)


async def test_poison_becomes_a_dead_letter_with_its_bytes_and_blocks_nothing(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("reader"), await broker.connect()
    event = an_event(NoteWritten(story="s1", n=1))
    nested = b"[" * 100_000
    with_nul = write_event(event).replace(b'"n":1', b'"n":"\\u0000"')
    elsewhere = write_event(an_event(NoteWritten(story="another-story", n=1)))
    bodies = (
        b"not json",
        b"",
        nested,
        with_nul,
        b"\xff\xfe",
        elsewhere,
        b'{"id": "' + b"x" * 500_000 + b'"}',
    )
    async with owning(reader()[0], database, client):
        for body in bodies:
            await put(client, event, body=body)
        await client.jetstream().publish(
            f"sluss.evt.{slot_of('s1')}.note.forgotten.v1.s1", b"a type nobody knows", stream=EVENT_STREAM
        )
        await put(client, event)

        async def read() -> bool:
            return bool(await trails(other) == {"s1": [1]})

        await until(read)
    letters = await other.fetch("select code, body from dead_letter order by number")
    assert [letter["body"] for letter in letters] == list(bodies)
    assert [letter["code"] for letter in letters] == ["unreadable"] * 5 + ["misfiled", "unreadable"]


async def test_a_statement_that_fails_sets_aside_the_guilty_event_alone(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("reader"), await broker.connect()
    service, _ = reader()
    await other.execute("create table board (n int check (n <> 13))")

    @service.project(NoteRead)
    async def write_board(tx: Tx, events: Any) -> None:
        await tx.execute("insert into board select unnest($1::int[])", [event.data.n for event in events])

    async with owning(service, database, client):
        await put(client, *(an_event(NoteWritten(story=f"s{n}", n=n)) for n in range(10, 20)))

        async def read() -> bool:
            return bool(len(await trails(other)) == 9)

        await until(read)
        [parked] = await other.fetch("select key, tries, reason from parked")
        assert parked["key"] == "s13"
        assert "CheckViolation" in parked["reason"]
        assert await other.fetchval("select count(*) from board") == 9
        await other.execute("alter table board drop constraint board_n_check")

        async def mended() -> bool:
            return bool((await trails(other)).get("s13") == [13])

        await until(mended)


async def test_text_that_no_column_takes_is_dead_and_never_tried_again(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("reader"), await broker.connect()
    service, _ = reader()
    await other.execute("create table texts (t text)")

    @service.absorb(NoteWritten)
    async def keep(tx: Tx, events: Any) -> None:
        await tx.execute("insert into texts select unnest($1::text[])", [event.data.text for event in events])

    async with owning(service, database, client):
        await put(
            client,
            an_event(NoteWritten(story="s1", n=1, text="a\0b")),
            an_event(NoteWritten(story="s2", n=1)),
        )

        async def read() -> bool:
            return bool(await trails(other) == {"s2": [1]})

        await until(read)
    assert await other.fetchval("select code from dead_letter") == "unstorable"
    assert await other.fetchval("select count(*) from texts") == 1
