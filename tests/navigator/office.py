"""The navigator at work on a real database: it hears what others say and carries out what people ask.

Everything goes the way it goes in the service: events through the engine's own transaction, commands through
the command service. The bus between them is the tests' own hand, but where a test says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4, uuid5

import asyncpg

from services.navigator.app import service
from services.runtime.clock import SetClock
from services.runtime.engine.incoming import Incoming, Readings
from services.runtime.engine.taking import Taker
from services.runtime.serving import Serving
from sluss_contracts.activity import ActivityPublished
from sluss_contracts.command import Actor, Answer, Command, Refused
from sluss_contracts.commands.referral import KeepWords
from sluss_contracts.commands.staff import RecordLeave, RegisterLinkWorker, RegisterTeam
from sluss_contracts.event import Fact
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.vocabulary import Need, PrescriptionKind, Role
from tests.support.others import Others, incoming

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Vault:
    """Keeps words as the referral service does: the same question twice gives the same references."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.refuses: str | None = None
        self.acute = False
        """Whether it finds that the words speak of suicide or violence."""

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        assert isinstance(command, KeepWords), f"nobody asked for {command.VERB}"
        if self.refuses:
            return Answer(refused=Refused(code=self.refuses, message="nothing is known of it"))
        refs = [str(uuid5(command.command_id, str(number))) for number in range(len(command.words))]
        self.words.update(zip(refs, command.words, strict=True))
        told = {"acute": True} if self.acute else {}
        return Answer(command_id=command.command_id, result={"refs": refs, **told})


@dataclass
class Office:
    """One database with any number of replicas of the navigator at it."""

    pool: asyncpg.Pool
    clock: SetClock = field(default_factory=lambda: SetClock(MONDAY))
    vault: Vault = field(default_factory=Vault)

    def __post_init__(self) -> None:
        self._others = Others(self.clock)

    def serving(self) -> Serving:
        """One replica's commands."""
        return Serving(service, self.pool, self.clock, self.vault)

    def incoming(self, facts: Sequence[Fact]) -> list[Incoming]:
        """The facts as events from the bus, with the next sequence of each aggregate."""
        return incoming(Readings(service), map(self._others.say, facts))

    async def hear(self, *facts: Fact) -> list[str]:
        """One batch from the bus. The types of what was said, in order."""
        taker = Taker(service, self.clock)
        async with self.pool.acquire() as connection:
            said = await taker.take(connection, self.incoming(facts), {})
        assert taker.counts.dead == 0, await self.rows("select code, reason from dead_letter")
        return [".".join(each.subject.split(".")[3:5]) for each in said]

    async def settle(self, *keys: str) -> None:
        """Try again what waits for its cause, as the owner does until nothing waits."""
        taker = Taker(service, self.clock)
        for _ in range(5):
            async with self.pool.acquire() as connection:
                await taker.retry(connection, keys)

    async def ask(self, command: type[Command], by: str | Actor = "anna", **said: Any) -> Answer:
        """Somebody asks for something."""
        actor = by if isinstance(by, Actor) else Actor(id=by, role=Role.LINK_WORKER)
        given = command(**{"command_id": uuid4(), "actor": actor, **said})
        return await self.serving().answer(command, given.model_dump_json().encode())

    async def do(self, command: type[Command], by: str | Actor = "anna", **said: Any) -> dict[str, Any]:
        """The same, for what must not be refused; what was made."""
        answer = await self.ask(command, by, **said)
        assert answer.refused is None, answer.refused
        return answer.result

    async def team(self, team: str = "city", *areas: str) -> None:
        await self.do(RegisterTeam, SIV, team=team, name=team.title(), areas=areas or ("centrum",))

    async def worker(self, worker: str, team: str = "city", **said: Any) -> None:
        usual = {"areas": ("centrum",), "languages": ("sv",), "capacity": 5}
        await self.do(
            RegisterLinkWorker, SIV, worker=worker, name=worker.title(), team=team, **{**usual, **said}
        )

    async def away(self, worker: str, starts: date, days: int = 1) -> None:
        await self.do(RecordLeave, SIV, worker=worker, starts=starts, ends=starts + timedelta(days=days - 1))

    async def rows(self, query: str, *args: Any) -> list[Mapping[str, Any]]:
        return [dict(row) for row in await self.pool.fetch(query, *args)]

    async def value(self, query: str, *args: Any) -> Any:
        return await self.pool.fetchval(query, *args)

    async def load(self, worker: str) -> int:
        return int(await self.value("select load from link_worker where worker = $1", worker))

    async def whose(self, referral: str) -> tuple[str, str | None]:
        row = await self.pool.fetchrow("select team, worker from case_file where referral_id = $1", referral)
        assert row is not None, f"{referral} has no case"
        return row["team"], row["worker"]


SIV = Actor(id="siv", role=Role.COORDINATOR)


def accepted(referral: str, **said: Any) -> ReferralAccepted:
    usual: dict[str, Any] = {
        "person": f"p-{referral}",
        "organisation": "clinic",
        "area": "centrum",
        "language": "sv",
        "needs": (Need.COMPANY,),
        "pathway": "open-network",
    }
    return ReferralAccepted(referral_id=referral, **{**usual, **said})


def published(activity: str = "choir") -> ActivityPublished:
    return ActivityPublished(
        activity=activity,
        provider="korpen",
        title=activity.title(),
        kind=PrescriptionKind.CULTURE,
        needs=(Need.COMPANY,),
        area="centrum",
        languages=("sv",),
        capacity=8,
    )
