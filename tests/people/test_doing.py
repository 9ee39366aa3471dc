"""About one referral one thing is done at a time, in order; what is refused is looked at anew."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from services.runtime.calls import Network
from sluss.people.acting import Act, command_id
from sluss.people.doing import Doing
from sluss_contracts.command import Actor, Answer, Command, Refused
from sluss_contracts.commands.navigator import ClaimCase
from sluss_contracts.vocabulary import Role

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


class Door:
    """Answers when it is let, and refuses what it is told to."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.asked: list[Any] = []
        self.refuses: set[str] = set()

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        self.asked.append(command)
        await self.opened.wait()
        refused = None
        if getattr(command, "worker", "") in self.refuses:
            refused = Refused(code="claimed_by_another", message="somebody was first")
        return Answer(command_id=command.command_id, refused=refused)


async def nobody(_: Any) -> None:
    """Nobody takes anything back."""


def claim(referral: str, worker: str, at: datetime = NOON) -> Act:
    what = f"{referral}:{worker}"
    by = Actor(id=worker, role=Role.LINK_WORKER)
    command = ClaimCase(command_id=command_id(7, what), actor=by, referral_id=referral, worker=worker)
    return Act(what, at, command)


def doing(door: Door) -> Doing:
    return Doing(cast(Network, door), nobody)


async def until_asked(door: Door, times: int) -> list[str]:
    while len(door.asked) < times:
        await asyncio.sleep(0)
    return [command.worker for command in door.asked]


async def test_one_thing_at_a_time_and_the_first_that_came_up_first() -> None:
    door = Door()
    people = doing(door)
    to_do = [claim("r1", "berit", NOON), claim("r1", "anna", NOON - timedelta(hours=1)), claim("r2", "carl")]
    people.start(to_do, NOON)
    assert sorted(await until_asked(door, 2)) == ["anna", "carl"]
    door.opened.set()
    await people.finish()
    people.start(to_do, NOON)
    await people.finish()
    assert [command.worker for command in door.asked][2:] == ["berit"]
    people.start(to_do, NOON)
    assert not people.something, "what is done is not done again"


async def test_what_is_to_come_is_told_and_not_done() -> None:
    door = Door()
    people = doing(door)
    later = NOON + timedelta(days=1)
    assert people.start([claim("r1", "anna", later)], NOON) == [later]
    assert not people.something


async def test_what_a_rule_refuses_is_another_try_with_another_id_and_is_given_up_in_the_end() -> None:
    door = Door()
    door.opened.set()
    door.refuses = {"anna"}
    people = doing(door)
    act = claim("r1", "anna")
    assert isinstance(act.command, ClaimCase)
    people.start([act], NOON)
    await people.finish()
    people.start([act], NOON)
    await people.finish()
    first, second = door.asked
    assert first.command_id == act.command.command_id != second.command_id
    assert people.refusals["claimed_by_another"] == 2
    assert "somebody was first" in people.last_refusal["r1"]
    people.forget("r1")
    assert people.last_refusal == {}


async def test_whoever_looks_about_waits_to_see_what_came_of_it() -> None:
    door = Door()
    door.opened.set()
    people = Doing(cast(Network, door), nobody, looks_about=True)
    to_do = [claim("r1", "anna"), claim("r1", "berit")]
    people.start(to_do, NOON)
    await people.finish()
    people.start(to_do, NOON)
    await people.finish()
    assert await until_asked(door, 1) == ["anna"], "the second waits"
    assert people.look_about()
    people.start(to_do, NOON)
    await people.finish()
    assert await until_asked(door, 2) == ["anna", "berit"]
