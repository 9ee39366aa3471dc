"""Dead letters tended through the running service: tried, replayed, put right by two people, written down."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from services.console.letters.asking import tend
from services.runtime.clock import NetworkClock
from services.runtime.database import open_pool
from services.runtime.deadletters import DeadLetter, open_dead_letters
from services.runtime.engine.said import Saying
from services.runtime.network import NatsNetwork, NobodyAnswers
from services.runtime.tending.audit import actions
from services.runtime.tending.errands import (
    Approve,
    Dismiss,
    Errand,
    Propose,
    Reject,
    Replay,
    Try,
    Unmask,
    Which,
)
from services.runtime.tending.tending import Tending
from sluss_contracts.command import Actor, Answer
from sluss_contracts.subjects import tending_subject
from sluss_contracts.vocabulary import Role
from tests.runtime.conftest import Database
from tests.runtime.ferries import PassengerBoarded, ferry_service, harbour_service, new
from tests.runtime.test_process import FAST, Yard, board, moor, rows, yard
from tests.support.servers import BrokerAccess

__all__ = ["yard"]

STOWAWAY = "a stowaway"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


def refusal(answer: Answer) -> str:
    assert answer.refused is not None, answer
    return answer.refused.code


def by(who: str, reason: str = "it was mended", id: UUID | None = None) -> dict[str, Any]:
    return {"id": id or new(), "actor": Actor(id=who, role=Role.OPERATOR), "reason": reason}


@dataclass
class Harbour:
    """A harbour whose list lacks those who came."""

    yard: Yard
    client: Any
    connection: asyncpg.Connection

    async def does(self, errand: Errand) -> dict[str, Any]:
        answer = await tend(self.client, "harbour", errand)
        assert answer.refused is None, answer
        return answer.result

    async def refuses(self, errand: Errand) -> str:
        return refusal(await tend(self.client, "harbour", errand))

    async def letters(self, count: int) -> list[DeadLetter]:
        async with asyncio.timeout(20):
            while len(found := await open_dead_letters(self.connection)) != count:
                await asyncio.sleep(0.05)
        return found

    async def logged(self, count: int) -> list[dict[str, Any]]:
        said = "select body from event order by recorded"
        async with asyncio.timeout(20):
            while len(found := await rows(self.yard.database, "harbour", said)) != count:
                await asyncio.sleep(0.05)
        return [orjson.loads(row["body"]) for row in found]


@pytest.fixture
async def harbour(yard: Yard, broker: BrokerAccess) -> AsyncIterator[Harbour]:
    ferry, harbour = await yard.start("ferry", **FAST), await yard.start("harbour", **FAST)
    await ferry.address()
    await harbour.address()
    client = await broker.connect()
    network = NatsNetwork(client)
    for name in ("juno", "iris", "alma"):
        assert (await network.ask(moor(name, stays=1e7))).ok
        assert (await network.ask(board(name, STOWAWAY))).ok
    connection = await asyncpg.connect(
        yard.database.url("harbour"), server_settings={"search_path": "harbour"}
    )
    yield Harbour(yard, client, connection)
    await connection.close()


async def test_two_people_put_an_event_right(harbour: Harbour) -> None:
    letters = await harbour.letters(3)
    one = next(each for each in letters if each.key == "juno")
    nonsense = await harbour.client.request(tending_subject("harbour"), b'{"errand": "burn"}', timeout=5)
    assert refusal(Answer.model_validate_json(nonsense.data)) == "unclear"
    with pytest.raises(NobodyAnswers):
        await tend(harbour.client, "shipyard", Try(number=1, **by("ada")))

    dry = await harbour.does(Try(number=one.number, **by("ada")))
    assert (dry["would"], dry["code"]) == ("die", "not_on_the_list")
    right = {"ferry": "juno", "passenger": "Anna"}
    dry = await harbour.does(Try(number=one.number, data=right, **by("ada")))
    assert dry == {"would": "apply", "says": ["log.written.v1"]}
    assert await harbour.logged(0) == []  # nothing came of it

    assert (
        await harbour.refuses(Propose(number=one.number, data={"ferry": "juno"}, **by("ada")))
        == "not_yet_right"
    )
    other = {"ferry": "iris", "passenger": "Anna"}
    assert await harbour.refuses(Propose(number=one.number, data=other, **by("ada"))) == "not_yet_right"
    proposal = Propose(number=one.number, data=right, **by("ada", "her name was misspelt"))
    made = await harbour.does(proposal)
    assert await harbour.does(proposal) == made  # asked again, the same
    await harbour.letters(3)  # nothing has happened yet

    number = made["correction"]
    assert await harbour.refuses(Approve(correction=number, **by("ada"))) == "needs_another"
    await harbour.does(Approve(correction=number, **by("bo")))
    [said] = await harbour.logged(1)
    assert said["causationid"] == made["event_id"]
    assert said["data"]["passenger"] == "Anna"
    assert await harbour.refuses(Approve(correction=number, **by("bo"))) == "dealt_with"
    assert len(await harbour.letters(2)) == 2

    [kept] = await rows(harbour.yard.database, "harbour", "select body from correction")
    event = orjson.loads(kept["body"])
    assert (event["source"], event["causationid"]) == ("/sluss/operator", str(one.event_id))
    assert event["id"] == made["event_id"] != str(one.event_id)
    done = [
        (each.actor, each.action, each.letters) for each in await actions(harbour.connection, ["harbour"])
    ]
    assert done == [
        ("bo", "approve", (one.number,)),
        ("ada", "propose", (one.number,)),
        ("ada", "try", (one.number,)),
        ("ada", "try", (one.number,)),
    ]


@dataclass
class Quay:
    """The harbour's dead letters and who tends them, in this process."""

    tending: Tending
    pool: asyncpg.Pool
    numbers: list[int]

    async def does(self, errand: Errand) -> dict[str, Any]:
        answer = await self.tending.answer(errand.model_dump_json().encode())
        assert answer.refused is None, answer
        return answer.result

    async def refuses(self, errand: Errand) -> str:
        return refusal(await self.tending.answer(errand.model_dump_json().encode()))

    async def waiting(self) -> list[str]:
        """The keys of what will be tried again."""
        return [row["key"] for row in await self.pool.fetch("select key from parked order by key")]


@pytest.fixture
async def quay(database: Database) -> AsyncIterator[Quay]:
    """Three stowaways and something that is no event."""
    pool = await open_pool(database.url("harbour"), "harbour", 4)
    numbers = []
    for key in ("alma", "iris", "juno"):
        fact = PassengerBoarded(ferry=key, passenger=STOWAWAY)
        said = Saying("/sluss/ferry", NOON, NOON).wrap(fact, 1, cause="test", correlation=None)
        row = (
            said.id,
            key,
            said.subject,
            said.body,
            "not_on_the_list",
            "The harbour knows nobody of that name.",
        )
        numbers.append(await pool.fetchval(_BURY, *row))
    numbers.append(
        await pool.fetchval(_BURY, None, None, "sluss.evt.1.x", b"\xff", "unreadable", "no subject")
    )
    yield Quay(Tending(harbour_service(), pool, NetworkClock()), pool, numbers)
    pool.terminate()


_BURY = """
insert into dead_letter (event_id, key, subject, body, code, reason) values ($1, $2, $3, $4, $5, $6)
returning number
"""


async def test_a_rejected_correction_leaves_the_letter(quay: Quay) -> None:
    one, *_, nothing = quay.numbers
    data = {"ferry": "alma", "passenger": "Anna"}
    made = await quay.does(Propose(number=one, data=data, **by("ada")))
    await quay.does(Reject(correction=made["correction"], **by("ada", "nobody knows that")))
    assert await quay.refuses(Approve(correction=made["correction"], **by("cy"))) == "dealt_with"
    assert await quay.refuses(Propose(number=nothing, data=data, **by("ada"))) == "not_an_event"
    assert await quay.waiting() == []
    assert len(await open_dead_letters(quay.pool)) == 4


async def test_many_are_replayed_by_what_they_have_in_common_once(quay: Quay) -> None:
    kind = "sluss.ferry.boarded.v1"
    assert await quay.refuses(Replay(which=Which(), **by("ada"))) == "unclear"
    other = Which(code="not_on_the_list", type="sluss.ferry.moored.v1")
    assert await quay.does(Replay(which=other, **by("ada"))) == {"done": [], "left": []}
    long_ago = Which(code="not_on_the_list", before=NOON - timedelta(days=3650))
    assert await quay.does(Replay(which=long_ago, **by("ada"))) == {"done": [], "left": []}

    errand = Replay(which=Which(code="not_on_the_list", type=kind), **by("ada"))
    outcome = await quay.does(errand)
    assert outcome == {"done": quay.numbers[:3], "left": []}
    assert await quay.waiting() == ["alma", "iris", "juno"]
    assert await quay.does(errand) == outcome  # the same errand does nothing more
    again = Replay(which=Which(numbers=tuple(quay.numbers)), **by("ada"))
    assert await quay.does(again) == {"done": [], "left": quay.numbers}  # nor does another
    assert await quay.waiting() == ["alma", "iris", "juno"]
    gone = Dismiss(which=Which(code="unreadable"), **by("ada"))
    assert await quay.does(gone) == {"done": quay.numbers[3:], "left": []}
    assert await open_dead_letters(quay.pool) == []


async def test_what_was_done_stays_written_down(quay: Quay) -> None:
    one = (await open_dead_letters(quay.pool))[0]
    errand = Unmask(number=one.number, **by("ada", "the sender asks what came"))
    shown = await quay.does(errand)
    assert base64.b64decode(shown["body"]) == one.body
    [action] = await actions(quay.pool, ["harbour"])
    assert (action.action, action.reason, action.outcome) == ("unmask", "the sender asks what came", {})
    for change in ("update operator_action set actor = 'eve'", "delete from operator_action"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await quay.pool.execute(change)


async def test_only_operators_tend_and_only_what_there_is(quay: Quay) -> None:
    worker = {"id": new(), "actor": Actor(id="eve", role=Role.LINK_WORKER), "reason": "I want to"}
    assert await quay.refuses(Dismiss(which=Which(key="juno"), **worker)) == "not_allowed"
    assert await quay.refuses(Try(number=999, **by("ada"))) == "unknown_dead_letter"
    assert await quay.refuses(Approve(correction=999, **by("ada"))) == "unknown_correction"
    assert await actions(quay.pool, ["harbour"]) == []
    dry = await quay.does(Try(number=quay.numbers[3], **by("ada")))
    assert (dry["would"], dry["code"]) == ("die", "unreadable")


async def test_a_timer_is_tried_and_leaves_nothing(database: Database) -> None:
    pool = await open_pool(database.url("ferry"), "ferry", 2)
    timer = {"kind": "departure", "id": "juno", "key": "juno", "due": NOON.isoformat()}
    numbers = [
        await pool.fetchval(
            _BURY,
            None,
            "juno",
            "timer.departure",
            orjson.dumps(timer | {"data": {"mood": mood}}),
            "failed",
            "why",
        )
        for mood in ("mutinous", "patient", "stormy", "fair")
    ]
    tending = Tending(ferry_service(), pool, NetworkClock())
    would = []
    for number in numbers:
        answer = await tending.answer(Try(number=number, **by("ada")).model_dump_json().encode())
        would.append(answer.result["would"])
    assert would == ["die", "wait", "fail", "apply"]
    assert await pool.fetchval("select count(*) from event") == 0
    assert await pool.fetchval("select max(last) from head") == 0
    pool.terminate()
