"""What an event ought to have said: tried, proposed by one and approved by another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import pytest

from services.console.letters.asking import tend
from services.runtime.deadletters import DeadLetter, open_dead_letters
from services.runtime.network import NatsNetwork, NobodyAnswers
from services.runtime.tending.errands import Approve, Errand, Propose, Reject, Try
from sluss_contracts.command import Answer
from sluss_contracts.subjects import tending_subject
from tests.runtime.quay import STOWAWAY, Quay, actions, by, quay, refusal
from tests.runtime.test_process import FAST, Yard, board, moor, rows, yard
from tests.support.servers import BrokerAccess

__all__ = ["quay", "yard"]


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

    number = made["proposal"]
    assert await harbour.refuses(Approve(proposal=number, **by("ada"))) == "needs_another"
    await harbour.does(Approve(proposal=number, **by("bo")))
    [said] = await harbour.logged(1)
    assert said["causationid"] == made["event_id"]
    assert said["data"]["passenger"] == "Anna"
    assert await harbour.refuses(Approve(proposal=number, **by("bo"))) == "dealt_with"
    assert len(await harbour.letters(2)) == 2

    [kept] = await rows(harbour.yard.database, "harbour", "select body from proposal")
    event = orjson.loads(kept["body"])
    assert (event["source"], event["causationid"]) == ("/sluss/operator", str(one.event_id))
    assert event["id"] == made["event_id"] != str(one.event_id)
    done = [
        (each["actor"], each["action"], each["letters"], each["proposal"])
        for each in await actions(harbour.connection)
    ]
    assert done == [
        ("bo", "approve", [one.number], number),
        ("ada", "propose", [one.number], number),
        ("ada", "try", [one.number], None),
        ("ada", "try", [one.number], None),
    ]


async def test_a_rejected_correction_leaves_the_letter(quay: Quay) -> None:
    one, *_, nothing = quay.numbers
    data = {"ferry": "alma", "passenger": "Anna"}
    made = await quay.does(Propose(number=one, data=data, **by("ada")))
    await quay.does(Reject(proposal=made["proposal"], **by("ada", "nobody knows that")))
    assert await quay.refuses(Approve(proposal=made["proposal"], **by("cy"))) == "dealt_with"
    assert await quay.refuses(Propose(number=nothing, data=data, **by("ada"))) == "not_an_event"
    assert await quay.waiting() == []
    assert len(await open_dead_letters(quay.pool)) == 4


async def test_whoever_edits_need_not_see_what_is_masked(quay: Quay) -> None:
    data = {"ferry": None, "passenger": "Anna"}
    made = await quay.does(Propose(number=quay.numbers[0], data=data, **by("ada")))
    body = await quay.pool.fetchval("select body from proposal where number = $1", made["proposal"])
    assert orjson.loads(body)["data"] == {"ferry": "alma", "passenger": "Anna"}
