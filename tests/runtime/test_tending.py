"""Tending dead letters: who may, what is tried without a trace, and that all of it is written down."""

from __future__ import annotations

import asyncpg
import orjson
import pytest

from services.runtime.clock import NetworkClock
from services.runtime.database import open_pool
from services.runtime.serving import Serving
from services.runtime.tending.errands import Approve, Dismiss, Try, Which
from services.runtime.tending.tending import Tending
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role
from tests.runtime.conftest import Database
from tests.runtime.ferries import ReadManifest, ferry_service, new
from tests.runtime.quay import BURY, NOON, AccessLog, Quay, actions, by, quay
from tests.runtime.test_process import board, moor

__all__ = ["quay"]


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
            BURY,
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
