"""All services on paper, and the bus between them."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.runtime.clock import SetClock
from services.runtime.engine.incoming import Readings
from services.runtime.engine.said import Said
from services.runtime.service import Ctx, Handler, Held, Service
from sluss_contracts.command import Answer, Command
from sluss_contracts.event import Audience, Fact
from tests.properties.paper.desk import Desk
from tests.properties.paper.entry import Cause, Entry
from tests.properties.paper.tx import Answers, NotOnPaper


class PaperNetwork:
    """How one service asks another on paper: at once."""

    def __init__(self, town: PaperTown) -> None:
        self._town = town

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        return self._town.desks[command.OWNER].carry_out(command)


class PaperTown:
    """All services, what is between them, and what time it is."""

    def __init__(self, services: Mapping[str, Service], answers: Answers, clock: SetClock) -> None:
        self.answers, self.clock = answers, clock
        self.crashes: list[tuple[Cause, Exception]] = []
        self.network = PaperNetwork(self)
        self.queues: dict[tuple[str, str, str], deque[Said]] = {}
        """What is on its way: by reader, saying service and key."""
        self.delivered: dict[str, list[Said]] = {name: [] for name in services}
        self.partners: dict[str, list[Entry]] = {}
        """What each organisation may read on its own stream."""
        self.commands: set[UUID] = set()
        self.submissions: set[str] = set()
        """Digests of what was submitted: causes, as command ids are."""
        self.seen: dict[str, dict[str, None]] = {}
        """Every id that occurs in a fact, by the name of its field."""
        self.seen_of: dict[str, dict[str, dict[str, None]]] = {}
        """The same under each key."""
        self.reacting = Cause("", "", "")
        """Which reaction is deciding now."""
        self.waited = 0
        """How many events had to wait when they came."""
        self._ids = 0
        self._services = services
        self._readers: dict[type[Fact], list[str]] = {}
        for name, service in services.items():
            for fact in service.reads():
                self._readers.setdefault(fact, []).append(name)
        self.desks = {
            name: Desk(name, self, self.registry(name), Readings(service))
            for name, service in services.items()
        }

    def copy(self) -> PaperTown:
        """A town that goes its own way from here; this one must be at rest."""
        twin = PaperTown.__new__(PaperTown)
        twin.__dict__.update(self.__dict__)
        twin.clock = SetClock(self.clock.now())
        twin.crashes, twin.network = [], PaperNetwork(twin)
        twin.queues = {}
        twin.delivered = {name: list(said) for name, said in self.delivered.items()}
        twin.partners = {name: list(entries) for name, entries in self.partners.items()}
        twin.commands, twin.submissions = set(self.commands), set(self.submissions)
        twin.seen = {field: dict(ids) for field, ids in self.seen.items()}
        twin.seen_of = {
            key: {field: dict(ids) for field, ids in fields.items()} for key, fields in self.seen_of.items()
        }
        twin.desks = {name: desk.copy(twin) for name, desk in self.desks.items()}
        return twin

    def registry(self, name: str) -> Service:
        """A service as it is, but for its tables: lookups are answered on paper."""
        real = self._services[name]
        paper: dict[int, Handler] = {}

        def on_paper(handler: Handler, way: str, name_of: str) -> Handler:
            if id(handler) not in paper:
                paper[id(handler)] = self._handler(real.name, handler, way, name_of)
            return paper[id(handler)]

        service = Service(name, aggregates=real.aggregates, give=real.give)
        service.handlers = {
            fact: on_paper(each, "event", f"{fact.NOUN}.{fact.FACT}") for fact, each in real.handlers.items()
        }
        service.commands = {c: on_paper(each, "command", c.VERB) for c, each in real.commands.items()}
        service.timers = {kind: on_paper(each, "timer", kind) for kind, each in real.timers.items()}
        service.projections = [
            each for each in real.projections if f"{name}.{each[1].__name__}" not in self.answers.left_out
        ]
        service.absorbers = [
            each for each in real.absorbers if f"{name}.{each[1].__name__}" not in self.answers.left_out
        ]
        return service

    def _handler(self, service: str, real: Handler, way: str, name: str) -> Handler:
        town = self

        def handle(held: Held, message: Any, ctx: Ctx) -> Any:
            why = f"{message.data.NOUN}.{message.data.FACT}" if way == "event" else name
            town.reacting = Cause(service, way, why)
            try:
                return real.handle(held, message, dataclasses.replace(ctx, new_id=town.new_id))
            except Exception as error:
                town.desks[service].crashed(Cause(service, way, why), error)
                raise

        paper = Handler(real.name, handle, prepare_with=real.prepare_with, by=real.by)
        if real.look_up is not None:
            known = f"{service}.{real.look_up.__name__}"

            if known in self.answers.real:
                paper.look_up = real.look_up
                return paper

            async def look_up(tx: Any, messages: Sequence[Any]) -> Any:
                try:
                    answer = town.answers.lookups[known]
                except KeyError:
                    raise NotOnPaper(f"no paper answers the lookup {known}") from None
                return answer(tx, messages)

            paper.look_up = look_up
        return paper

    def new_id(self) -> str:
        """A fresh id, the same in every run of the same steps."""
        return str(self.new_uuid())

    def new_uuid(self) -> UUID:
        self._ids += 1
        return UUID(int=(0x019A << 112) | (7 << 76) | (0b10 << 62) | self._ids)

    # --- the bus

    def publish(self, desk: Desk, entries: Sequence[Entry]) -> None:
        for entry in entries:
            fact = entry.fact
            self._note_ids(entry.said.key, fact)
            if fact.AUDIENCE is Audience.PARTNER:
                self.partners.setdefault(str(getattr(fact, "organisation", "")), []).append(entry)
                continue
            for reader in self._readers.get(type(fact), ()):
                if reader != desk.name:
                    queue = self.queues.setdefault((reader, desk.name, entry.said.key), deque())
                    queue.append(entry.said)

    def _note_ids(self, key: str, part: BaseModel) -> None:
        for name in type(part).model_fields:
            value = getattr(part, name)
            if type(value) is str:
                if name.endswith("_id") or name in _NAMES:
                    self.seen.setdefault(name, {})[value] = None
                    self.seen_of.setdefault(key, {}).setdefault(name, {})[value] = None
            elif isinstance(value, tuple):
                for each in value:
                    if isinstance(each, BaseModel):
                        self._note_ids(key, each)

    def deliver(self, chance: Random, most: int = 4) -> bool:
        """Let one reader have a batch: the next of some queues, in order in each. Whether there was any."""
        ways = [place for place, queue in self.queues.items() if queue]
        if not ways:
            return False
        reader = chance.choice(ways)[0]
        mine = [place for place in ways if place[0] == reader]
        batch = []
        for _ in range(chance.randint(1, most)):
            open_ = [place for place in mine if self.queues[place]]
            if not open_:
                break
            batch.append(self.queues[chance.choice(open_)].popleft())
        self.desks[reader].take(batch)
        self.delivered[reader] += batch
        return True

    def deliver_again(self, chance: Random) -> None:
        """The same event once more, as after a broker's restart."""
        reader = chance.choice(list(self.delivered))
        if self.delivered[reader]:
            self.desks[reader].take([chance.choice(self.delivered[reader])])

    def fire(self, chance: Random, most: int = 3) -> bool:
        """Some of what is due at one service. Whether anything was."""
        desks = [desk for desk in self.desks.values() if desk.due()]
        if not desks:
            return False
        desk = chance.choice(desks)
        due = desk.due()[: chance.randint(1, most)]
        return desk.fire(due)

    def try_parked(self) -> bool:
        """Try everything that is parked once more. Whether less is parked afterwards."""
        before = sum(len(desk.parked) for desk in self.desks.values())
        for desk in self.desks.values():
            for key in dict.fromkeys(each.one.key for each in desk.parked):
                desk.retry(key)
        return sum(len(desk.parked) for desk in self.desks.values()) < before


_NAMES = frozenset({"worker", "provider", "activity", "host", "person", "organisation", "team", "pathway"})
