"""The service at work on a real database, without a broker: letters, commands, events and due dates."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg

from services.referral.app import service
from services.referral.intake import Arrival, take_in
from services.referral.vault.safe import vault
from services.runtime.clock import SetClock
from services.runtime.engine.taking import Taker
from services.runtime.engine.unit import Raced, unit_of_work
from services.runtime.serving import Serving
from services.runtime.timers import Timers
from sluss_contracts.case import CaseClosed
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.referral import ReadPerson, RegisterOrganisation
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import CaseOutcome, Role
from tests.referral.requests import CLINIC, LINK_WORKER, NURSE, OPERATOR, SCHOOL, letter
from tests.support.others import Others, incoming

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
AT_THE_CLINIC = Actor(id=NURSE, role=Role.REFERRER, organisation=CLINIC)
AT_THE_SCHOOL = Actor(id="kuratorn", role=Role.REFERRER, organisation=SCHOOL)


@dataclass
class Office:
    """One database, and whoever writes to it."""

    pool: asyncpg.Pool
    clock: SetClock = field(default_factory=lambda: SetClock(MONDAY))

    def __post_init__(self) -> None:
        self._others = Others(self.clock)

    async def register(self, *organisations: str) -> None:
        for organisation in organisations:
            await self.do(
                RegisterOrganisation,
                OPERATOR,
                organisation=organisation,
                name=organisation.title(),
                kind="clinic",
                area="norrkoping-city",
            )

    async def take(self, *letters: tuple[str, bytes]) -> None:
        """One batch of an ingress, tried again when another was quicker, as it does."""
        while True:
            try:
                async with (
                    self.pool.acquire() as connection,
                    unit_of_work(connection, service, self.clock) as unit,
                ):
                    await take_in(unit, [Arrival(by, raw) for by, raw in letters], vault)
                return
            except Raced:
                await asyncio.sleep(0)

    async def submit(self, submission_id: str, by: str = CLINIC, **changed: Any) -> dict[str, Any]:
        """Hand a referral in; its receipt."""
        await self.take((by, letter(submission_id, organisation=by, **changed)))
        return await self.receipt(submission_id, by)

    async def refer(self, submission_id: str = "remiss-1", by: str = CLINIC, **changed: Any) -> str:
        """Hand a referral in; its id."""
        return str((await self.submit(submission_id, by, **changed))["referral_id"])

    async def take_back(self, referral_id: str, by: str = CLINIC, **changed: Any) -> dict[str, Any]:
        """Take a referral back on the organisation's own stream; the receipt."""
        submission_id = f"back-{uuid4()}"
        data = {"submission_id": submission_id, "referral_id": referral_id, "why": "person_asked"} | changed
        envelope = {"type": "sluss.referral.taken_back.v1", "data": data}
        await self.take((by, letter(submission_id, organisation=by, envelope=envelope)))
        return await self.receipt(submission_id, by)

    async def receipt(self, submission_id: str, by: str = CLINIC) -> dict[str, Any]:
        rows = await self.pool.fetch(
            "select body from event where lane = $1 and kind = 'receipt' order by number desc", f"out.{by}"
        )
        said = [json.loads(row["body"])["data"] for row in rows]
        return next(each for each in said if each.get("submission_id") == submission_id)

    async def said(self, referral_id: str) -> list[str]:
        """Everything said under a key, in order, by the last two words of its type."""
        rows = await self.pool.fetch(
            "select type from event where key = $1 and kind <> 'receipt' order by sequence, id", referral_id
        )
        return [row["type"].removeprefix("sluss.").removesuffix(".v1") for row in rows]

    async def facts(self, name: str) -> list[dict[str, Any]]:
        """The payloads of all events of a type."""
        rows = await self.pool.fetch(
            "select body from event where type = $1 order by recorded", f"sluss.{name}.v1"
        )
        return [json.loads(row["body"])["data"] for row in rows]

    async def state(self, referral_id: str) -> dict[str, Any]:
        state: dict[str, Any] = await self.pool.fetchval(
            "select state from aggregate where kind = 'referral' and id = $1", referral_id
        )
        return state

    async def status(self, referral_id: str) -> str:
        return str((await self.state(referral_id))["status"])

    async def person_of(self, referral_id: str) -> str:
        return str((await self.state(referral_id))["person"])

    async def ask(self, command: type[Command], by: Actor = LINK_WORKER, **said: Any) -> Answer:
        given = command(**{"command_id": uuid4(), "actor": by, **said})
        serving = Serving(service, self.pool, self.clock, None)  # type: ignore[arg-type]
        return await serving.answer(command, given.model_dump_json().encode())

    async def do(self, command: type[Command], by: Actor = LINK_WORKER, **said: Any) -> dict[str, Any]:
        """The same, for what must not be refused; its result."""
        answer = await self.ask(command, by, **said)
        assert answer.refused is None, answer.refused
        return answer.result

    async def refused(self, command: type[Command], by: Actor = LINK_WORKER, **said: Any) -> str:
        """The same, for what must be; by which rule."""
        answer = await self.ask(command, by, **said)
        assert answer.refused is not None, answer
        return answer.refused.code

    async def read(self, referral_id: str, by: Actor = LINK_WORKER) -> Answer:
        return await self.ask(ReadPerson, by, referral_id=referral_id, purpose="visit")

    async def hear(self, *facts: Fact) -> None:
        """One batch from the bus."""
        taker = Taker(service, self.clock)
        async with self.pool.acquire() as connection:
            await taker.take(connection, incoming(taker.readings, map(self._others.say, facts)), {})
        dead = await self.pool.fetch("select code, reason from dead_letter")
        assert not dead, dead

    async def case_closed(self, referral_id: str, outcome: CaseOutcome = CaseOutcome.COMPLETED) -> None:
        state = await self.state(referral_id)
        named = {name: state[name] for name in ("referral_id", "person", "organisation")}
        await self.hear(CaseClosed(**named, outcome=outcome))

    async def pass_days(self, days: int = 0) -> None:
        """Let time pass, and what is due be done."""
        self.clock.move(timedelta(days=days))
        await Timers(service, self.pool, self.clock).fire_due()

    async def everything_written(self) -> Mapping[str, str]:
        """Every table as text."""
        tables = await self.pool.fetch("select tablename from pg_tables where schemaname = 'referral'")
        return {
            table: "\n".join(
                row["t"] for row in await self.pool.fetch(f"select t::text from referral.{table} t")
            )
            for (table,) in tables
        }
