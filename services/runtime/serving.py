"""Commands: request-reply in, one transaction, always an answer out.

The same command id gives the same answer, for as long as answers are kept (`answers.KEPT`). Questions, whose
verb begins with `read_`, are the exception: they change nothing, their answers may hold what only the vault
may keep, and so they are answered anew and never written down.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
from faststream.nats import NatsRouter
from faststream.nats.message import NatsMessage
from faststream.nats.response import NatsResponse
from faststream.nats.subscriber.usecases.core_subscriber import ConcurrentCoreSubscriber
from nats.errors import Error as NatsError
from pydantic import ValidationError

from services.runtime import tracing
from services.runtime.answers import IdTaken, already_kept, keep_answer, kept_answer
from services.runtime.broker import make_router
from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.database import DATABASE_AWAY
from services.runtime.decision import NotAllowed, Refusal, Transient
from services.runtime.engine.unit import Raced, Unit, unit_of_work
from services.runtime.logging import failure, logger
from services.runtime.service import Handler, Held, Service
from services.runtime.tending.audit import write_down_command
from services.runtime.together import carry_out, decide_together, require_expected
from sluss_contracts.command import Answer, Command, Fault, Refused
from sluss_contracts.faults import faults_of
from sluss_contracts.subjects import command_subject
from sluss_contracts.vocabulary import Role

LARGEST = 512 * 1024
"""Bytes of a command; more is refused unread."""
LARGEST_ANSWER = 900 * 1024
"""Bytes of an answer, below what the broker carries."""
PATIENCE = 20.0
"""Seconds after which a command is given up and its sender told to try again."""
_AT_ONCE = 32
"""Commands of one verb that one process takes on at a time; the pool bounds how many have a connection."""
_RACES = 50
"""Attempts at a transaction that others keep overtaking."""


DONE = "done"
Answered = Callable[[str, str, float], None]
"""Takes a verb, what became of the command (`done`, or the code of the refusal), and the seconds it took."""


class _Sent(NamedTuple):
    """A command as it came: its bytes, and the trace it is a step of."""

    body: bytes
    traceparent: str


class Malformed(Refusal):
    """The command does not match its contract; see the faults."""

    code = "malformed"


class TooLarge(Refusal):
    """The command, or the answer to it, is larger than the network carries. Ask for less at a time."""

    code = "too_large"


class Serving:
    """Carries out one service's commands."""

    def __init__(
        self,
        service: Service,
        pool: asyncpg.Pool,
        clock: Clock,
        network: Network,
        answered: Answered = lambda *_: None,
    ) -> None:
        """`answered` is told of each answer."""
        self.service = service
        self._answered = answered
        self._pool = pool
        self._clock = clock
        self._network = network
        self._log = logger(service.name)
        self._underway = 0

        self._router: NatsRouter | None = None

    def router(self) -> NatsRouter:
        """One subscriber for each command the service has declared; replicas share them in a queue group."""
        if self._router is None:
            self._router = make_router()
            for command in self.service.commands:
                self._subscribe(self._router, command)
        return self._router

    def _subscribe(self, router: NatsRouter, command: type[Command]) -> None:
        subject = command_subject(command.OWNER, command.VERB)

        @router.subscriber(
            subject,
            queue=self.service.name,
            decoder=_untouched,
            max_workers=_AT_ONCE,
            title=f"{command.OWNER}.{command.VERB}",
            description=(command.__doc__ or "").strip(),
        )
        async def answer_command(sent: _Sent) -> NatsResponse:
            answer = await self.answer(command, sent.body, traceparent=sent.traceparent)
            return NatsResponse(written(answer), headers={"content-type": "application/json"})

    async def close(self) -> None:
        """Take on no more commands, and wait until each one taken on has been answered.

        FastStream's own stop drops what it has received and not begun; its sender would wait in vain.
        """
        subscribers = [sub for sub in self.router().subscribers if isinstance(sub, ConcurrentCoreSubscriber)]
        for subscriber in subscribers:
            subscription, subscriber.subscription = subscriber.subscription, None
            if subscription is not None:
                with contextlib.suppress(NatsError):
                    await subscription.drain()  # type: ignore[no-untyped-call]
        quiet = 0
        while quiet < 3:
            waiting = sum(s.send_stream.statistics().current_buffer_used for s in subscribers)
            quiet = 0 if self._underway or waiting else quiet + 1
            await asyncio.sleep(0.01)

    async def answer(self, command: type[Command], body: bytes, *, traceparent: str = "") -> Answer:
        """Carry out the command in `body`; whatever happens, there is an answer."""
        self._underway += 1
        began = time.perf_counter()
        name, kind = f"{command.OWNER}.{command.VERB}", tracing.SpanKind.SERVER
        try:
            with tracing.span(name, kind=kind, parent=traceparent) as span:
                answer = await self._answer(command, body)
                outcome = answer.refused.code if answer.refused else DONE
                if span is not None:
                    span.set_attributes({"sluss.service": self.service.name, "sluss.outcome": outcome})
            self._answered(command.VERB, outcome, time.perf_counter() - began)
            return answer
        finally:
            self._underway -= 1

    async def _answer(self, command: type[Command], body: bytes) -> Answer:
        given: Command | None = None
        try:
            given = parse(command, body)
            async with asyncio.timeout(PATIENCE):
                return await self._carry_out(given, self.service.commands[command])
        except Refusal as refusal:
            return _refused(given, refusal.code, str(refusal), refusal.faults)
        except Transient as trouble:
            return _refused(given, "try_again", str(trouble) or "Try again in a moment.")
        except TimeoutError:
            return _refused(given, "try_again", f"{command.OWNER} is too busy; try again in a moment.")
        except DATABASE_AWAY as error:
            self._log.warning("database_away", verb=command.VERB, **failure(error))
            return _refused(given, "try_again", f"{command.OWNER} cannot reach its database; try again.")
        except Exception as error:
            error_id = secrets.token_hex(6)
            self._log.error(
                "command_failed",
                error_id=error_id,
                verb=command.VERB,
                command_id=given.command_id if given else None,
                **failure(error),
            )
            told = f"Something is wrong in the {command.OWNER} service; its log has it under {error_id}."
            return _refused(given, "internal_error", told)

    async def _carry_out(self, given: Command, handler: Handler) -> Answer:
        if is_question(type(given)):
            return await self._decided(await self._prepared(given, handler), given, handler)
        if handler.by is not None and given.actor.role not in handler.by:
            roles = ", ".join(sorted(role.value for role in handler.by))
            raise NotAllowed(f"a {given.actor.role.value} may not {given.VERB}; these may: {roles}")
        if handler.prepare_with and (kept := await kept_answer(self._pool, given)):
            return kept  # nothing is prepared twice
        try:
            return await self._decided(await self._prepared(given, handler), given, handler)
        except IdTaken:
            raise
        except Refusal as refusal:
            answer = _refused(given, refusal.code, str(refusal), refusal.faults)
            return await self._keep_refusal(given, answer)

    async def _prepared(self, given: Command, handler: Handler) -> Command:
        if handler.prepare_with is None:
            return given
        prepared: Command = await handler.prepare_with(given, self._network)
        return prepared

    async def _decided(self, prepared: Command, given: Command, handler: Handler) -> Answer:
        question = is_question(type(given))
        for _ in range(_RACES):
            try:
                async with (
                    self._pool.acquire() as connection,
                    unit_of_work(connection, self.service, self._clock) as unit,
                ):
                    if not question and (kept := await kept_answer(connection, given)):
                        return kept
                    answer = await self._decide_or_deny(unit, prepared, handler)
                    if not question:
                        await unit.finish()
                        await keep_answer(connection, given, answer)
                        if given.actor.role is Role.OPERATOR or given.actor.account:
                            await write_down_command(connection, given)
                    elif answer.events:
                        raise TypeError(f"{given.VERB} is a question, yet its handler says facts")
                return answer
            except Raced:
                continue
            except asyncpg.UniqueViolationError as error:
                if not already_kept(error):
                    raise
                if kept := await kept_answer(self._pool, given):
                    return kept
        raise Transient("Too many are changing this at the same time; try again in a moment.")

    async def _decide_or_deny(self, unit: Unit, given: Command, handler: Handler) -> Answer:
        """A denied question still commits what its lookup wrote down: that somebody tried to read."""
        try:
            return await self._decide(unit, given, handler)
        except Refusal as refusal:
            if not is_question(type(given)):
                raise
            return _refused(given, refusal.code, str(refusal), refusal.faults)

    async def _decide(self, unit: Unit, given: Command, handler: Handler) -> Answer:
        if handler.parts:
            return await decide_together(unit, self.service, given)
        held = Held({})
        if given.KEY_FIELD:
            await unit.load([given.partition_key])
            held = unit.held(given.partition_key)
            require_expected(unit, self.service, given, held)
        looked_up = await handler.look_up(unit.tx, [given]) if handler.look_up else None
        common = await self.service.give(unit.tx) if self.service.give else None
        return await carry_out(unit, handler, held, given, looked_up, common)

    async def _keep_refusal(self, given: Command, answer: Answer) -> Answer:
        try:
            await keep_answer(self._pool, given, answer)
        except asyncpg.UniqueViolationError:
            return await kept_answer(self._pool, given) or answer
        return answer


def parse(command: type[Command], body: bytes) -> Command:
    """A command from its bytes. Raises `TooLarge` or `Malformed` with the place of each fault."""
    if len(body) > LARGEST:
        raise TooLarge(f"A command may have {LARGEST} bytes; this one has {len(body)}.")
    try:
        given = command.model_validate_json(body)
    except ValidationError as invalid:
        raise Malformed(faults=faults_of(invalid)) from None
    if b"\x00" in body or b"\\u0000" in body:
        fault = Fault(path="", code="wrong_value", remedy="Remove the NUL characters; no text has them.")
        raise Malformed(faults=[fault])
    return given


def is_question(command: type[Command]) -> bool:
    """Whether a command only asks; its answer is then never kept."""
    return command.VERB.startswith("read_")


def _refused(given: Command | None, code: str, message: str, faults: Sequence[Fault] = ()) -> Answer:
    command_id: UUID | None = given.command_id if given else None
    return Answer(command_id=command_id, refused=Refused(code=code, message=message, faults=tuple(faults)))


def written(answer: Answer) -> bytes:
    """An answer's bytes; one that is too large to travel becomes a refusal."""
    body = answer.model_dump_json().encode()
    if len(body) <= LARGEST_ANSWER:
        return body
    refused = Refused(code=TooLarge.code, message=TooLarge.__doc__ or "")
    return Answer(command_id=answer.command_id, refused=refused).model_dump_json().encode()


async def _untouched(message: NatsMessage) -> _Sent:
    """Commands are parsed here, so that what is wrong with one can be told to its sender."""
    return _Sent(message.body, message.headers.get(tracing.TRACEPARENT, ""))
