"""Two tiny services to try the shell on: a ferry that boards and departs, a harbour that writes it down.

Their facts and commands are real ones, taken out of the network's registries again, so that nobody mistakes
them for a part of the published language. `python -m tests.runtime.ferries ferry` runs one as a process.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.runtime.app import Running, main
from services.runtime.calls import Network
from services.runtime.decision import Decision, Done, Refusal, Wait
from services.runtime.service import Ctx, Held, Service, Timer
from services.runtime.tx import Tx
from sluss_contracts.command import COMMANDS, Actor, Command
from sluss_contracts.event import FACTS, Event, Fact
from sluss_contracts.vocabulary import Key, Role

CAPTAIN = Actor(id="captain", role=Role.SERVICE)


class FerryMoored(Fact, type="ferry.moored", id="ferry", said_by="ferry"):
    ferry: Key
    departs: AwareDatetime
    mood: str = "fair"


class PassengerBoarded(Fact, type="ferry.boarded", id="ferry", said_by="ferry", read_by=("harbour",)):
    ferry: Key
    passenger: str


class FerryDeparted(Fact, type="ferry.departed", id="ferry", said_by="ferry", read_by=("harbour",)):
    ferry: Key


class BoardingLogged(Fact, type="log.written", id="ferry", aggregate="log", said_by="harbour"):
    ferry: Key
    passenger: str


class Moor(Command, owner="ferry", verb="moor", key="ferry"):
    """A ferry comes in, for a while."""

    ferry: Key
    stays: float = 3600.0
    mood: str = "fair"


class Board(Command, owner="ferry", verb="board", key="ferry"):
    """Take the only seat."""

    ferry: Key
    passenger: str


class ReadManifest(Command, owner="ferry", verb="read_manifest", key="ferry"):
    """Who is aboard?"""

    ferry: Key


class Sink(Command, owner="ferry", verb="sink", key="ferry"):
    """Something nobody foresaw: the handler breaks."""

    ferry: Key


for fact in (FerryMoored, PassengerBoarded, FerryDeparted, BoardingLogged):
    del FACTS[fact.TYPE]
for command in (Moor, Board, ReadManifest, Sink):
    del COMMANDS[command.OWNER, command.VERB]


class Ferry(BaseModel):
    model_config = ConfigDict(frozen=True)

    passenger: str | None = None
    departed: bool = False


class Log(BaseModel):
    model_config = ConfigDict(frozen=True)

    names: tuple[str, ...] = ()


def sail(state: Ferry | None, fact: Any) -> Ferry:
    match fact:
        case PassengerBoarded():
            return Ferry(passenger=fact.passenger)
        case FerryDeparted():
            return Ferry(passenger=state.passenger if state else None, departed=True)
    return Ferry()


def write(state: Log | None, fact: BoardingLogged) -> Log:
    return Log(names=(*(state.names if state else ()), fact.passenger))


class SeatTaken(Refusal):
    """There is one seat, and somebody has it."""

    code = "seat_taken"


class NotOnTheList(Refusal):
    """The harbour writes down nobody it does not know."""

    code = "not_on_the_list"


class UnknownFerry(Refusal):
    """No such ferry has come in."""

    code = "unknown_ferry"


def ferry_service() -> Service:
    service = Service("ferry")
    ferries = service.aggregate("ferry", Ferry, sail)

    @service.command(Moor)
    def moor(held: Held, command: Moor, ctx: Ctx) -> Decision:
        departs = ctx.now + timedelta(seconds=command.stays)
        return [FerryMoored(ferry=command.ferry, departs=departs, mood=command.mood)]

    @service.command(Board)
    def board(held: Held, command: Board, ctx: Ctx) -> Decision:
        ferry = held.one(ferries)
        if ferry is None:
            raise UnknownFerry
        if ferry.passenger == command.passenger:
            return []
        if ferry.passenger:
            raise SeatTaken(f"{ferry.passenger} has the seat")
        return Done(
            [PassengerBoarded(ferry=command.ferry, passenger=command.passenger)], {"ticket": ctx.new_id()}
        )

    @board.prepare
    async def greet(command: Board, network: Network) -> Board:
        return command.model_copy(update={"passenger": command.passenger.strip()})

    @service.command(ReadManifest)
    def read_manifest(held: Held, command: ReadManifest, ctx: Ctx) -> Decision:
        ferry = held.one(ferries)
        if ferry is None:
            return Wait("the ferry is not in yet")
        return Done([], {"passenger": ferry.passenger, "asked": ctx.new_id()})

    @service.command(Sink, by={Role.SERVICE, Role.OPERATOR})
    def sink(held: Held, command: Sink, ctx: Ctx) -> Decision:
        raise RuntimeError(f"{command.ferry} went down with Anna Persson, 191212121212")

    @service.project(FerryMoored)
    async def plan_departure(tx: Tx, events: Sequence[Event[FerryMoored]]) -> None:
        for event in events:
            ferry = event.data
            await tx.timers.set("departure", ferry.ferry, ferry.ferry, ferry.departs, mood=ferry.mood)

    @service.timer("departure")
    def depart(held: Held, timer: Timer, ctx: Ctx) -> Decision:
        match timer.data["mood"]:
            case "stormy":
                raise RuntimeError("the engine is wet")
            case "mutinous":
                raise SeatTaken("the captain's")
            case "patient" if not (ferry := held.one(ferries)) or not ferry.passenger:
                return Wait("nobody is aboard")
        return [FerryDeparted(ferry=timer.key)]

    return service


def harbour_service() -> Service:
    service = Service("harbour")
    service.aggregate("log", Log, write)

    @service.on(PassengerBoarded)
    def log_boarding(held: Held, event: Event[PassengerBoarded], ctx: Ctx) -> Decision:
        if event.data.passenger == "a stowaway":
            raise NotOnTheList
        return [BoardingLogged(ferry=event.data.ferry, passenger=event.data.passenger)]

    return service


SERVICES = {"ferry": ferry_service, "harbour": harbour_service}


def new() -> UUID:
    return uuid4()


async def spring_a_leak(running: Running) -> None:
    """A background task that fails, and would tell who was aboard."""
    raise RuntimeError("a leak; Anna Persson is aboard")


if __name__ == "__main__":
    # As a module of its own name, so that the classes exist once.
    from tests.runtime import ferries

    tasks = [ferries.spring_a_leak] if "leaky" in sys.argv else []
    main(ferries.SERVICES[sys.argv[1]](), background=tasks)
