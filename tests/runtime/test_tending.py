"""Dead letters tended through the running service: tried, replayed, put right by two people, written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from services.console.letters.asking import tend
from services.runtime.clock import NetworkClock, SetClock
from services.runtime.database import open_pool
from services.runtime.deadletters import DeadLetter, open_dead_letters
from services.runtime.engine.said import Saying
from services.runtime.network import NatsNetwork, NobodyAnswers
from services.runtime.serving import Serving
from services.runtime.tending.errands import (
    Approve,
    Dismiss,
    Errand,
    Propose,
    Reject,
    Replay,
    Try,
    TryAll,
    Unmask,
    Which,
)
from services.runtime.tending.tending import Tending
from services.runtime.tending.unmasking import visible
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.looking import ReadMasked
from sluss_contracts.subjects import tending_subject
from sluss_contracts.vocabulary import Role
from tests.runtime.conftest import Database
from tests.runtime.ferries import PassengerBoarded, ReadManifest, ferry_service, harbour_service, new
from tests.runtime.test_process import FAST, Yard, board, moor, rows, yard
from tests.support.servers import BrokerAccess

__all__ = ["yard"]

STOWAWAY = "a stowaway"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


def refusal(answer: Answer) -> str:
    assert answer.refused is not None, answer
    return answer.refused.code


def by(
    who: str, reason: str = "it was mended", id: UUID | None = None, *, account: str | None = None
) -> dict[str, Any]:
    actor = Actor(id=who, role=Role.OPERATOR, account=account)
    return {"id": id or new(), "actor": actor, "reason": reason}


async def actions(connection: Any) -> list[dict[str, Any]]:
    """What was written down about dead letters, the latest first."""
    rows = await connection.fetch(
        "select actor, action, letters, proposal, reason, outcome from operator_action "
        "where letters <> '{}' order by number desc"
    )
    return [dict(row) for row in rows]


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


@dataclass
class AccessLog:
    """Whoever keeps who has looked at whom; the true one is in tests/console/test_masking.py."""

    noted: list[ReadMasked] = field(default_factory=list)
    away: bool = False

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        if self.away:
            raise NobodyAnswers("nobody keeps it just now")
        assert isinstance(command, ReadMasked)
        self.noted.append(command)
        return Answer(command_id=command.command_id, result={"noted": True})


@dataclass
class Quay:
    """The harbour's dead letters and who tends them, in this process."""

    tending: Tending
    pool: asyncpg.Pool
    numbers: list[int]
    vault: AccessLog
    clock: SetClock

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
    vault, clock = AccessLog(), SetClock(datetime.now(UTC))
    yield Quay(Tending(harbour_service(), pool, clock, vault), pool, numbers, vault, clock)
    pool.terminate()


_BURY = """
insert into dead_letter (event_id, key, subject, body, code, reason) values ($1, $2, $3, $4, $5, $6)
returning number
"""


async def test_a_rejected_correction_leaves_the_letter(quay: Quay) -> None:
    one, *_, nothing = quay.numbers
    data = {"ferry": "alma", "passenger": "Anna"}
    made = await quay.does(Propose(number=one, data=data, **by("ada")))
    await quay.does(Reject(proposal=made["proposal"], **by("ada", "nobody knows that")))
    assert await quay.refuses(Approve(proposal=made["proposal"], **by("cy"))) == "dealt_with"
    assert await quay.refuses(Propose(number=nothing, data=data, **by("ada"))) == "not_an_event"
    assert await quay.waiting() == []
    assert len(await open_dead_letters(quay.pool)) == 4


async def test_many_are_replayed_by_what_they_have_in_common_once_two_people_want_it(quay: Quay) -> None:
    kind = "sluss.ferry.boarded.v1"
    assert await quay.refuses(Replay(which=Which(), **by("ada"))) == "unclear"
    other = Which(code="not_on_the_list", type="sluss.ferry.moored.v1")
    assert await quay.refuses(Replay(which=other, **by("ada"))) == "nothing_to_replay"
    long_ago = Which(code="not_on_the_list", before=NOON - timedelta(days=3650))
    assert await quay.refuses(Replay(which=long_ago, **by("ada"))) == "nothing_to_replay"
    assert await quay.refuses(Replay(which=Which(code="unreadable"), **by("ada"))) == "nothing_to_replay"
    for_another = Which(code="not_on_the_list", because="no subject")
    assert await quay.refuses(Replay(which=for_another, **by("ada"))) == "nothing_to_replay"

    because = "The harbour knows nobody of that name."
    these = Which(code="not_on_the_list", type=kind, because=because)
    dry = await quay.does(TryAll(which=these, **by("ada")))
    assert (dry["would"], dry["tried"], dry["untried"]) == ({"die": 3}, quay.numbers[:3], [])
    errand = Replay(which=these, **by("ada"))
    made = await quay.does(errand)
    assert (made["letters"], made["left"]) == (quay.numbers[:3], [])
    assert await quay.does(errand) == made  # asked again, the same
    second = await quay.does(Replay(which=Which(numbers=tuple(quay.numbers)), **by("bo")))
    assert (second["letters"], second["left"]) == (quay.numbers[:3], quay.numbers[3:])
    assert await quay.waiting() == []  # nobody has agreed

    number = made["proposal"]
    assert await quay.refuses(Approve(proposal=number, **by("ada"))) == "needs_another"
    agreed = Approve(proposal=number, **by("bo"))
    done = await quay.does(agreed)
    assert done == {"proposed_by": "ada", "done": quay.numbers[:3], "left": []}
    assert await quay.waiting() == ["alma", "iris", "juno"]
    assert await quay.does(agreed) == done  # the same errand does nothing more
    assert await quay.refuses(Approve(proposal=number, **by("cy"))) == "dealt_with"
    assert await quay.refuses(Approve(proposal=second["proposal"], **by("ada"))) == "dealt_with"
    assert await quay.waiting() == ["alma", "iris", "juno"]
    gone = Dismiss(which=Which(code="unreadable"), **by("ada"))
    assert await quay.does(gone) == {"done": quay.numbers[3:], "left": []}
    assert await open_dead_letters(quay.pool) == []


async def test_a_second_name_from_the_same_account_is_no_second_person(quay: Quay) -> None:
    these = Which(code="not_on_the_list")
    made = await quay.does(Replay(which=these, **by("ada", account="linus@lots-1")))
    number = made["proposal"]
    same = Approve(proposal=number, **by("bo", account="linus@lots-1"))
    assert await quay.refuses(same) == "same_account"
    own = Approve(proposal=number, **by("ada", account="nour@lots-1"))
    assert await quay.refuses(own) == "needs_another"
    assert await quay.waiting() == []
    await quay.does(Approve(proposal=number, **by("bo", account="nour@lots-1")))
    kept = await quay.pool.fetch("select actor, account, action from operator_action order by number")
    assert [tuple(row) for row in kept] == [
        ("ada", "linus@lots-1", "replay"),
        ("bo", "nour@lots-1", "approve"),
    ]
    # Whoever has signed in to the console has no account at the machine: the name is no claim there.
    await quay.pool.execute("update dead_letter set resolved = null, resolution = null")
    again = await quay.does(Replay(which=these, **by("ada", account="linus@lots-1")))
    await quay.does(Approve(proposal=again["proposal"], **by("bo")))


async def test_what_died_after_a_replay_was_proposed_is_not_replayed_with_it(quay: Quay) -> None:
    made = await quay.does(Replay(which=Which(key="alma"), **by("ada")))
    later = await quay.pool.fetchval(
        "insert into dead_letter (event_id, key, subject, body, code, reason) "
        "select gen_random_uuid(), key, subject, body, code, reason from dead_letter where number = $1 "
        "returning number",
        quay.numbers[0],
    )
    done = await quay.does(Approve(proposal=made["proposal"], **by("bo")))
    assert done["done"] == quay.numbers[:1]
    assert later in {each.number for each in await open_dead_letters(quay.pool)}


async def test_whoever_edits_need_not_see_what_is_masked(quay: Quay) -> None:
    data = {"ferry": None, "passenger": "Anna"}
    made = await quay.does(Propose(number=quay.numbers[0], data=data, **by("ada")))
    body = await quay.pool.fetchval("select body from proposal where number = $1", made["proposal"])
    assert orjson.loads(body)["data"] == {"ferry": "alma", "passenger": "Anna"}


LOOK: dict[str, Any] = {"purpose": "fault_finding"}
WHY = "the sender asks what came"


async def test_one_place_is_seen_for_a_while_and_in_the_access_log_first(quay: Quay) -> None:
    letters = await open_dead_letters(quay.pool)
    one = next(each for each in letters if each.key == "juno")
    look = Unmask(number=one.number, place="passenger", **LOOK, **by("ada", WHY))
    quay.vault.away = True
    assert await quay.refuses(look) == "not_written_down"
    assert await actions(quay.pool) == []
    quay.vault.away = False

    seen = await quay.does(look)
    assert seen["value"] == STOWAWAY
    assert await quay.does(look) == seen  # asked again, the same, and noted once
    [noted] = quay.vault.noted
    assert (noted.actor.id, noted.referral_id, noted.fields, noted.purpose) == (
        "ada",
        "juno",
        ("passenger",),
        "fault_finding",
    )
    [action] = await actions(quay.pool)
    assert (action["action"], action["reason"]) == ("unmask", WHY)
    assert STOWAWAY not in str(action["outcome"])
    assert [*await visible(quay.pool, "harbour", one, "ada")] == ["passenger"]
    assert await visible(quay.pool, "harbour", one, "bo") == {}

    # Neither a place that is not there, nor all at once.
    for place in ("shoe_size", "passenger[0]", "passenger.name", ".", "*"):
        asked = Unmask(number=one.number, place=place, **LOOK, **by("ada", WHY))
        assert await quay.refuses(asked) == "nothing_there"
    short = look.model_dump(mode="json") | {"reason": "why", "id": str(new())}
    assert refusal(await quay.tending.answer(orjson.dumps(short))) == "unclear"

    # A quarter of an hour later it is over.
    quay.clock.move(timedelta(minutes=16))
    assert await quay.refuses(look) == "time_is_up"


async def test_what_is_no_document_is_seen_whole_or_not(quay: Quay) -> None:
    look = Unmask(number=quay.numbers[3], place="*", **LOOK, **by("ada", WHY))
    assert (await quay.does(look))["value"] == "\\xff"
    assert quay.vault.noted == []  # nobody can tell whom it is about; the audit log has it
    assert [each["action"] for each in await actions(quay.pool)] == ["unmask"]


async def test_what_was_done_stays_written_down(quay: Quay) -> None:
    await quay.does(Dismiss(which=Which(key="juno"), **by("ada")))
    for change in ("update operator_action set actor = 'eve'", "delete from operator_action"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await quay.pool.execute(change)


async def test_a_command_is_written_down_that_an_operator_gives_or_somebody_at_the_command_line(
    database: Database,
) -> None:
    pool = await open_pool(database.url("ferry"), "ferry", 2)
    serving = Serving(ferry_service(), pool, NetworkClock(), AccessLog())
    captain = moor("alma")
    ada = moor("juno").model_copy(update={"actor": Actor(id="ada", role=Role.OPERATOR)})
    claimed = captain.actor.model_copy(update={"account": "linus@lots-1"})
    typed = moor("elin").model_copy(update={"actor": claimed})
    asks = ReadManifest(command_id=new(), actor=ada.actor, ferry="juno")
    refused = board("iris").model_copy(update={"actor": ada.actor})
    for command in (captain, ada, ada, asks, refused, typed):
        await serving.answer(type(command), command.model_dump_json().encode())
    rows = await pool.fetch("select errand_id, actor, account, action, outcome from operator_action")
    assert [tuple(row) for row in rows] == [
        (ada.command_id, "ada", None, "ferry.moor", {"about": "juno"}),
        (typed.command_id, claimed.id, "linus@lots-1", "ferry.moor", {"about": "elin"}),
    ]
    pool.terminate()


async def test_only_operators_tend_and_only_what_there_is(quay: Quay) -> None:
    worker = {"id": new(), "actor": Actor(id="eve", role=Role.LINK_WORKER), "reason": "I want to"}
    assert await quay.refuses(Dismiss(which=Which(key="juno"), **worker)) == "not_allowed"
    assert await quay.refuses(Try(number=999, **by("ada"))) == "unknown_dead_letter"
    assert await quay.refuses(Approve(proposal=999, **by("ada"))) == "unknown_proposal"
    assert await actions(quay.pool) == []
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
    tending = Tending(ferry_service(), pool, NetworkClock(), AccessLog())
    would = []
    for number in numbers:
        answer = await tending.answer(Try(number=number, **by("ada")).model_dump_json().encode())
        would.append(answer.result["would"])
    assert would == ["die", "wait", "fail", "apply"]
    assert await pool.fetchval("select count(*) from event") == 0
    assert await pool.fetchval("select max(last) from head") == 0
    pool.terminate()
