"""Carrying errands out: one transaction each, written down in it, always an answer."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import asyncpg
from faststream.nats import NatsRouter
from faststream.nats.response import NatsResponse
from pydantic import ValidationError

from services.runtime.broker import make_router
from services.runtime.clock import Clock
from services.runtime.database import DATABASE_AWAY
from services.runtime.deadletters import (
    DeadLetter,
    NotReplayable,
    UnknownDeadLetter,
    dead_letter,
    dismiss,
    replay,
    which_numbers,
)
from services.runtime.decision import NotAllowed, Refusal
from services.runtime.logging import failure, logger
from services.runtime.service import Service
from services.runtime.tending import corrections
from services.runtime.tending.audit import done_before, write_down
from services.runtime.tending.corrections import UnknownCorrection, corrected
from services.runtime.tending.errands import (
    ERRAND,
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
from services.runtime.tending.trial import outcome_of
from sluss_contracts.command import Answer, Fault, Refused
from sluss_contracts.faults import faults_of
from sluss_contracts.subjects import tending_subject
from sluss_contracts.vocabulary import Role

_ALL_OF_THEM = "Say which: numbers, or a code, a type, a key, a date."


class Unclear(Refusal):
    """The errand does not match what a service takes; see the faults."""

    code = "unclear"


class Tending:
    """One service's dead letters, tended by whoever operates the network."""

    def __init__(self, service: Service, pool: asyncpg.Pool, clock: Clock) -> None:
        self._service = service
        self._pool = pool
        self._clock = clock
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
            async with self._pool.acquire() as connection:
                return Answer(command_id=errand.id, result=await self._once(connection, errand))
        except Refusal as refusal:
            return _refused(errand, refusal.code, str(refusal), refusal.faults)
        except (UnknownDeadLetter, UnknownCorrection, NotReplayable) as unknown:
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
        by = errand.actor.id
        match errand:
            case Replay(which=which):
                numbers = await self._meant(connection, which)
                outcome = await self._each(connection, numbers, replaying=True, by=by)
                await write_down(connection, errand, errand.actor, letters=numbers, outcome=outcome)
            case Dismiss(which=which):
                numbers = await self._meant(connection, which)
                outcome = await self._each(connection, numbers, replaying=False, by=by)
                await write_down(connection, errand, errand.actor, letters=numbers, outcome=outcome)
            case Propose(number=number, data=data):
                letter = await dead_letter(connection, number)
                id_, body = corrected(letter, self._facts, data, self._clock.now(), self._clock.wall())
                kept = await corrections.propose(connection, letter, id_, body, by=by, reason=errand.reason)
                outcome = {"correction": kept, "event_id": str(id_)}
                await write_down(
                    connection, errand, errand.actor, letters=[number], correction=kept, outcome=outcome
                )
            case Approve(correction=number) | Reject(correction=number):
                approved = isinstance(errand, Approve)
                made = await corrections.decide(connection, number, by=by, approved=approved)
                outcome = {"event_id": str(made.event_id), "proposed_by": made.proposed_by}
                await write_down(
                    connection,
                    errand,
                    errand.actor,
                    letters=[made.letter],
                    correction=number,
                    outcome=outcome,
                )
            case Unmask(number=number):
                letter = await dead_letter(connection, number)
                await write_down(connection, errand, errand.actor, letters=[number], outcome={})
                return {"body": base64.b64encode(letter.body).decode()}
            case Try():
                raise TypeError("what is tried is not done")
        return outcome

    async def _meant(self, connection: Any, which: Which) -> list[int]:
        if which.everything:
            raise Unclear(faults=[Fault(path="/which", code="missing", remedy=_ALL_OF_THEM)])
        return await which_numbers(connection, **which.model_dump())

    async def _each(
        self, connection: Any, numbers: Sequence[int], *, replaying: bool, by: str
    ) -> dict[str, Any]:
        """Those that were dealt with meanwhile, or cannot be replayed, are left out and told of."""
        done: list[int] = []
        left: list[int] = []
        for number in numbers:
            try:
                act = replay if replaying else dismiss
                (done if await act(connection, number, by=by) else left).append(number)
            except NotReplayable:
                left.append(number)
        return {"done": done, "left": left}

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


def _parsed(body: bytes) -> Errand:
    try:
        return ERRAND.validate_json(body)
    except ValidationError as invalid:
        raise Unclear(faults=faults_of(invalid)) from None


def _refused(errand: Errand | None, code: str, message: str, faults: Sequence[Fault] = ()) -> Answer:
    refused = Refused(code=code, message=message, faults=tuple(faults))
    return Answer(command_id=errand.id if errand else None, refused=refused)


async def _untouched(message: Any) -> bytes:
    """Read here, so that what is wrong can be told."""
    body: bytes = message.body
    return body
