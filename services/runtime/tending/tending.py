"""Carrying errands out: one transaction each, written down in it, always an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg
from faststream.nats import NatsRouter
from faststream.nats.response import NatsResponse
from pydantic import ValidationError

from services.runtime.broker import make_router
from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.database import DATABASE_AWAY
from services.runtime.deadletters import DeadLetter, UnknownDeadLetter, dead_letter, dismiss, which_numbers
from services.runtime.decision import NotAllowed, Refusal, Transient
from services.runtime.logging import failure, logger
from services.runtime.service import Service
from services.runtime.tending import proposals
from services.runtime.tending.audit import done_before, write_down
from services.runtime.tending.corrections import corrected
from services.runtime.tending.errands import (
    ERRAND,
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
from services.runtime.tending.proposals import UnknownProposal
from services.runtime.tending.trial import outcome_of
from services.runtime.tending.unmasking import LASTS, NotWrittenDown, TimeIsUp, question, value_at
from sluss_contracts.command import Answer, Fault, Refused
from sluss_contracts.commands.looking import ReadMasked
from sluss_contracts.faults import faults_of
from sluss_contracts.subjects import tending_subject
from sluss_contracts.vocabulary import Role

_ALL_OF_THEM = "Say which: numbers, or a code, a type, a key, a date."
_TRIED: Final = 100
"""Dead letters that one errand tries at most: each is handled as it would be, one after the other."""


class Unclear(Refusal):
    """The errand does not match what a service takes; see the faults."""

    code = "unclear"


class Tending:
    """One service's dead letters, tended by whoever operates the network."""

    def __init__(self, service: Service, pool: asyncpg.Pool, clock: Clock, network: Network) -> None:
        self._service = service
        self._pool = pool
        self._clock = clock
        self._network = network
        self._facts = {fact.TYPE: fact for fact in service.reads()}
        self._log = logger(service.name)

    def router(self) -> NatsRouter:
        """One subscriber for all errands; replicas share them."""
        router = make_router()

        @router.subscriber(tending_subject(self._service.name), queue=self._service.name, decoder=_untouched)
        async def tend(body: bytes) -> NatsResponse:
            answer = await self.answer(body)
            return NatsResponse(
                answer.model_dump_json().encode(), headers={"content-type": "application/json"}
            )

        return router

    async def answer(self, body: bytes) -> Answer:
        """Carry out the errand in `body`."""
        errand: Errand | None = None
        try:
            errand = _parsed(body)
            if errand.actor.role is not Role.OPERATOR:
                raise NotAllowed("only operators tend dead letters")
            if isinstance(errand, Unmask):
                return Answer(command_id=errand.id, result=await self._unmask(errand))
            async with self._pool.acquire() as connection:
                return Answer(command_id=errand.id, result=await self._once(connection, errand))
        except Refusal as refusal:
            return _refused(errand, refusal.code, str(refusal), refusal.faults)
        except (UnknownDeadLetter, UnknownProposal) as unknown:
            return _refused(errand, unknown.code, str(unknown))
        except DATABASE_AWAY as error:
            self._log.warning("database_away", **failure(error))
            return _refused(
                errand, "try_again", f"{self._service.name} cannot reach its database; try again."
            )
        except Exception as error:
            self._log.error("errand_failed", kind=errand.errand if errand else None, **failure(error))
            return _refused(
                errand, "internal_error", f"Something is wrong in {self._service.name}; see its log."
            )

    async def _once(self, connection: Any, errand: Errand) -> dict[str, Any]:
        if isinstance(errand, Try):
            return await self._try(connection, errand)
        if isinstance(errand, TryAll):
            return await self._try_all(connection, errand)
        try:
            async with connection.transaction():
                before = await done_before(connection, errand.id)
                if before is None:
                    return await self._carry_out(connection, errand)
                return before
        except asyncpg.UniqueViolationError as raced:
            if raced.constraint_name != "operator_action_errand_id_key":
                raise
            return await done_before(connection, errand.id) or {}

    async def _carry_out(self, connection: Any, errand: Errand) -> dict[str, Any]:
        by, letters, kept = errand.actor, list[int](), None
        outcome: dict[str, Any]
        match errand:
            case Replay(which=which):
                numbers = await self._meant(connection, which)
                kept, letters, left = await proposals.propose_replay(
                    connection, numbers, by=by, reason=errand.reason
                )
                outcome = {"proposal": kept, "letters": letters, "left": left}
            case Dismiss(which=which):
                letters = await self._meant(connection, which)
                done = [number for number in letters if await dismiss(connection, number, by=by.id)]
                outcome = {"done": done, "left": sorted(set(letters) - set(done))}
            case Propose(number=number, data=data):
                letter, letters = await dead_letter(connection, number), [number]
                id_, body = corrected(letter, self._facts, data, self._clock.now(), self._clock.wall())
                kept = await proposals.propose_event(
                    connection, letter, id_, body, by=by, reason=errand.reason
                )
                outcome = {"proposal": kept, "event_id": str(id_)}
            case Approve(proposal=number):
                made, done, left = await proposals.approve(connection, number, by=by)
                kept, letters = number, list(made.letters)
                outcome = _of(made) | {"done": done, "left": left}
            case Reject(proposal=number):
                made = await proposals.reject(connection, number, by=by)
                kept, letters, outcome = number, list(made.letters), _of(made)
            case Try() | TryAll() | Unmask():
                raise TypeError(f"{errand.errand} is carried out elsewhere")
        await write_down(connection, errand, errand.actor, letters=letters, proposal=kept, outcome=outcome)
        return outcome

    async def _meant(self, connection: Any, which: Which) -> list[int]:
        if which.everything:
            raise Unclear(faults=[Fault(path="/which", code="missing", remedy=_ALL_OF_THEM)])
        return await which_numbers(connection, **which.model_dump())

    async def _unmask(self, errand: Unmask) -> dict[str, Any]:
        """The vault is asked on no connection of ours: it may be this very service."""
        async with self._pool.acquire() as connection:
            letter = await dead_letter(connection, errand.number)
            before = await done_before(connection, errand.id)
        value = value_at(letter, errand.place)
        if before is None:
            asked = question(letter, self._facts, errand)
            if asked is not None and not await self._noted(asked):
                raise NotWrittenDown
            before = {
                "place": errand.place,
                "purpose": errand.purpose,
                "until": (self._clock.wall() + LASTS).isoformat(),
                "access_log": asked is not None,
            }
            async with self._pool.acquire() as connection, connection.transaction():
                await write_down(connection, errand, errand.actor, letters=[letter.number], outcome=before)
        if datetime.fromisoformat(before["until"]) <= self._clock.wall():
            raise TimeIsUp
        return {"value": value, "until": before["until"]}

    async def _noted(self, asked: ReadMasked) -> bool:
        try:
            return (await self._network.ask(asked)).refused is None
        except Transient:
            return False

    async def _try(self, connection: Any, errand: Try) -> dict[str, Any]:
        letter: DeadLetter = await dead_letter(connection, errand.number)
        body = letter.body
        if errand.data is not None:
            _, body = corrected(letter, self._facts, errand.data, self._clock.now(), self._clock.wall())
        found = await outcome_of(connection, self._service, self._clock, letter, body)
        async with connection.transaction():
            if await done_before(connection, errand.id) is None:
                await write_down(connection, errand, errand.actor, letters=[letter.number], outcome=found)
        return found

    async def _try_all(self, connection: Any, errand: TryAll) -> dict[str, Any]:
        numbers = await self._meant(connection, errand.which)
        would: Counter[str] = Counter()
        for number in numbers[:_TRIED]:
            letter = await dead_letter(connection, number)
            found = await outcome_of(connection, self._service, self._clock, letter, letter.body)
            would[found["would"]] += 1
        outcome = {"would": dict(would), "tried": numbers[:_TRIED], "untried": numbers[_TRIED:]}
        async with connection.transaction():
            if await done_before(connection, errand.id) is None:
                await write_down(connection, errand, errand.actor, letters=numbers[:_TRIED], outcome=outcome)
        return outcome


def _parsed(body: bytes) -> Errand:
    try:
        return ERRAND.validate_json(body)
    except ValidationError as invalid:
        raise Unclear(faults=faults_of(invalid)) from None


def _of(proposal: proposals.Proposal) -> dict[str, Any]:
    event = {"event_id": str(proposal.event_id)} if proposal.event_id else {}
    return {"proposed_by": proposal.proposed_by} | event


def _refused(errand: Errand | None, code: str, message: str, faults: Sequence[Fault] = ()) -> Answer:
    refused = Refused(code=code, message=message, faults=tuple(faults))
    return Answer(command_id=errand.id if errand else None, refused=refused)


async def _untouched(message: Any) -> bytes:
    """Read here, so that what is wrong can be told."""
    body: bytes = message.body
    return body
