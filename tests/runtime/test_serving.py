"""Commands: whatever happens there is an answer, and the same id has the same one."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import asyncpg
import pytest

from services.runtime.decision import Transient
from services.runtime.network import NatsNetwork, NoAnswerInTime, NobodyAnswers
from services.runtime.serving import LARGEST, LARGEST_ANSWER, written
from sluss_contracts.command import Actor, Answer
from sluss_contracts.vocabulary import Role
from tests.runtime.conftest import Ferryport
from tests.runtime.ferries import CAPTAIN, Board, Moor, ReadManifest, Sink, new
from tests.support.servers import BrokerAccess


def moor(ferry: str = "juno", **more: Any) -> Moor:
    return Moor(command_id=new(), actor=CAPTAIN, ferry=ferry, **more)


def board(passenger: str, ferry: str = "juno", **more: Any) -> Board:
    return Board(**{"command_id": new(), "actor": CAPTAIN, "ferry": ferry, "passenger": passenger} | more)


async def raw(port: Ferryport, subject: str, body: bytes) -> Answer:
    reply = await port.client.request(f"sluss.cmd.ferry.{subject}", body, timeout=10)
    return Answer.model_validate_json(reply.data)


async def events(pool: asyncpg.Pool) -> Counter[str]:
    return Counter(row["type"] for row in await pool.fetch("select type from event"))


async def test_a_command_is_carried_out_and_names_its_events(port: Ferryport) -> None:
    command = moor()
    answer = await port.network.ask(command)
    assert answer.ok
    assert answer.command_id == command.command_id
    row = await port.pool.fetchrow("select id, body from event")
    assert answer.events == (row["id"],)
    assert json.loads(row["body"])["causationid"] == str(command.command_id)


async def test_the_same_id_gives_the_same_answer_and_acts_once(port: Ferryport) -> None:
    await port.network.ask(moor())
    command = board(" Anna ")
    first = await port.network.ask(command)
    again = await asyncio.gather(*(port.network.ask(command) for _ in range(20)))
    assert first.result["ticket"]
    assert set(map(Answer.model_dump_json, again)) == {first.model_dump_json()}
    assert (await events(port.pool))["sluss.ferry.boarded.v1"] == 1


async def test_the_same_command_sent_many_times_at_once_acts_once(port: Ferryport) -> None:
    command = moor()
    answers = await asyncio.gather(*(port.network.ask(command) for _ in range(40)))
    assert len({answer.model_dump_json() for answer in answers}) == 1
    assert (await events(port.pool)) == {"sluss.ferry.moored.v1": 1}


async def test_an_id_used_for_something_else_is_refused(port: Ferryport) -> None:
    await port.network.ask(moor())
    command = board("Anna")
    await port.network.ask(command)
    other = await port.network.ask(board("Berit", command_id=command.command_id))
    assert other.refused is not None
    assert other.refused.code == "command_id_taken"


async def test_a_refusal_carries_the_rules_code_and_stays_the_answer(port: Ferryport) -> None:
    early = board("Anna")
    refused = await port.network.ask(early)
    assert refused.refused is not None
    assert refused.refused.code == "unknown_ferry"
    await port.network.ask(moor())
    assert await port.network.ask(early) == refused
    assert (await port.network.ask(board("Anna"))).ok


async def test_a_role_that_may_not_send_a_command_is_told_who_may(port: Ferryport) -> None:
    passenger = Actor(id="anna", role=Role.PERSON)
    answer = await port.network.ask(Sink(command_id=new(), actor=passenger, ferry="juno"))
    assert answer.refused is not None
    assert answer.refused.code == "not_allowed"
    assert "a person may not sink; these may: operator, service" in answer.refused.message
    # The captain may, and meets what the handler does.
    allowed = await port.network.ask(Sink(command_id=new(), actor=CAPTAIN, ferry="juno"))
    assert allowed.refused is not None
    assert allowed.refused.code == "internal_error"


async def test_of_500_who_claim_the_seat_one_wins_and_499_are_told_who(port: Ferryport) -> None:
    await port.network.ask(moor())
    names = [f"p{n}" for n in range(500)]
    answers = await asyncio.gather(*(port.network.ask(board(name), timeout=30) for name in names))
    winners = [name for name, answer in zip(names, answers, strict=True) if answer.ok]
    assert len(winners) == 1
    told = {answer.refused.message for answer in answers if answer.refused}
    assert told == {f"{winners[0]} has the seat"}
    assert await events(port.pool) == {"sluss.ferry.moored.v1": 1, "sluss.ferry.boarded.v1": 1}


async def test_what_changed_since_one_looked_is_stale(port: Ferryport) -> None:
    await port.network.ask(moor())
    assert (await port.network.ask(board("Anna", expected_sequence=1))).ok
    stale = await port.network.ask(board("Berit", expected_sequence=1))
    assert stale.refused is not None
    assert stale.refused.code == "stale"


async def test_a_question_is_answered_anew_and_never_written_down(port: Ferryport) -> None:
    await port.network.ask(moor())
    await port.network.ask(board("Anna"))
    question = ReadManifest(command_id=new(), actor=CAPTAIN, ferry="juno")
    first, second = await port.network.ask(question), await port.network.ask(question)
    assert first.result["passenger"] == "Anna"
    assert first.result["asked"] != second.result["asked"]
    kept = await port.pool.fetch("select subject from answered_command")
    assert "sluss.cmd.ferry.read_manifest" not in {row["subject"] for row in kept}


async def test_what_cannot_be_done_yet_is_to_be_tried_again_and_not_kept(port: Ferryport) -> None:
    question = ReadManifest(command_id=new(), actor=CAPTAIN, ferry="juno")
    answer = await port.network.ask(question)
    assert answer.refused is not None
    assert (answer.refused.code, answer.refused.message) == ("try_again", "the ferry is not in yet")


async def test_an_error_has_an_id_and_tells_nothing_else(
    port: Ferryport, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await port.network.ask(Sink(command_id=new(), actor=CAPTAIN, ferry="juno"))
    assert answer.refused is not None
    assert answer.refused.code == "internal_error"
    error_id = answer.refused.message.rsplit(" ", 1)[1].rstrip(".")
    printed = capsys.readouterr().out
    assert error_id in printed
    assert "Persson" not in printed + answer.refused.message
    assert "191212121212" not in printed + answer.refused.message


@pytest.mark.parametrize(
    ("body", "code", "path", "fault"),
    [
        (b"{", "malformed", "", "not_json"),
        (b"[]", "malformed", "", "wrong_type"),
        (b"\xff\xfe", "malformed", "", "not_json"),
        (b'{"a":' * 5000, "malformed", "", "not_json"),
        (b"x" * (LARGEST + 1), "too_large", None, None),
    ],
)
async def test_whatever_is_sent_gets_an_answer(
    port: Ferryport, body: bytes, code: str, path: str | None, fault: str | None
) -> None:
    answer = await raw(port, "board", body)
    assert answer.refused is not None
    assert answer.refused.code == code
    if fault:
        assert (answer.refused.faults[0].path, answer.refused.faults[0].code) == (path, fault)
    assert (await port.network.ask(moor())).ok


async def test_faults_point_at_their_fields(port: Ferryport) -> None:
    document = json.loads(board("Anna").model_dump_json())
    del document["passenger"]
    document["actor"]["role"] = "pirate"
    document["parrot"] = True
    answer = await raw(port, "board", json.dumps(document).encode())
    assert answer.refused is not None
    found = {(fault.path, fault.code) for fault in answer.refused.faults}
    assert found == {("/passenger", "missing"), ("/actor/role", "unknown_word"), ("/parrot", "unknown_field")}


async def test_nul_characters_are_refused_before_they_reach_the_database(port: Ferryport) -> None:
    answer = await port.network.ask(board("An\x00na"))
    assert answer.refused is not None
    assert answer.refused.code == "malformed"


async def test_a_command_the_broker_would_not_carry_is_refused_before_it_is_sent(port: Ferryport) -> None:
    answer = await port.network.ask(board("A" * 2_000_000))
    assert answer.refused is not None
    assert answer.refused.code == "too_large"


def test_an_answer_too_large_to_travel_becomes_a_refusal() -> None:
    large = Answer(command_id=new(), result={"words": "x" * LARGEST_ANSWER})
    told = Answer.model_validate_json(written(large))
    assert told.refused is not None
    assert (told.command_id, told.refused.code) == (large.command_id, "too_large")


async def test_a_command_without_a_reply_address_harms_nobody(port: Ferryport) -> None:
    await port.client.publish("sluss.cmd.ferry.moor", moor().model_dump_json().encode())
    assert (await port.network.ask(moor("vesta"))).ok


async def test_a_service_that_is_not_running_is_told_at_once(broker: BrokerAccess) -> None:
    network = NatsNetwork(await broker.connect())
    with pytest.raises(NobodyAnswers, match="the ferry service is not running"):
        await network.ask(moor(), timeout=5)


async def test_a_service_that_does_not_answer_is_transient(broker: BrokerAccess) -> None:
    client = await broker.connect()
    await client.subscribe("sluss.cmd.ferry.moor")
    with pytest.raises(NoAnswerInTime) as silence:
        await NatsNetwork(client).ask(moor(), timeout=0.2)
    assert isinstance(silence.value, Transient)


async def test_commands_taken_on_are_answered_when_the_service_closes(port: Ferryport) -> None:
    await port.network.ask(moor())
    asked = [asyncio.create_task(port.network.ask(board(f"p{n}"), timeout=10)) for n in range(200)]
    await asyncio.sleep(0.05)
    await port.serving.close()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    # Those the broker had handed over were answered; those after it found nobody, and know it.
    assert {type(answer) for answer in answers} <= {Answer, NobodyAnswers}
    assert sum(isinstance(answer, Answer) for answer in answers) > 0
