"""Bringing files of the standard into a running network, record by record, in bounded memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from pydantic import ValidationError

from services.provider.domain.outside import digest
from services.provider.hsds.checking import faults_in
from services.provider.hsds.ids import record_of
from services.provider.hsds.shapes import Entity, entities, shape_of
from services.runtime.ending import end
from sluss.hsds.planning import needs_reading, plan_organization, plan_other, plan_service
from sluss.hsds.reader import Piece
from sluss.hsds.terms import Kept, Known, Outcome, Plan, Terms, Unready
from sluss.machine.errors import MachineError
from sluss.reach import RefusedByRule
from sluss_contracts.command import Answer, Command, Fault, Refused
from sluss_contracts.commands.outside_record import (
    BringInRecords,
    Brought,
    KeepOutsideRecord,
    ReadOutsideRecord,
    ReadOutsideRecords,
)
from sluss_contracts.faults import faults_of
from sluss_contracts.outside_record import Assumed, RecordKind
from sluss_contracts.schedule import Timetable

TOGETHER = 50
"""Records looked at together."""
AT_ONCE = 16
"""Records asked about at the same time."""
UNDERWAY = 3
"""So many times those looked at together may be on their way."""
LARGEST_SENT = 256 * 1024
"""Characters of what is sent in one command; a record that is larger goes by itself."""
REMEMBERED = 10_000
"""Organizations remembered as dealt with; each service may repeat its own."""


class Network(Protocol):
    """Who is asked, and carries commands out."""

    async def ask(self, command: Command) -> Answer: ...


@dataclass(frozen=True)
class Found:
    """What is wrong with a record, or worth knowing, and where it stands."""

    file: str
    number: int
    """Which record of the file, from 1."""
    id: str
    fault: Fault

    def __str__(self) -> str:
        which = f" ({self.id})" if self.id else ""
        place = f"{self.file}: record {self.number}{which}"
        if self.fault.path:
            place = f"{place} {self.fault.path}"
        return f"{place}: {self.fault.remedy} [{self.fault.code}]"


@dataclass
class Report:
    """What came of an import."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    on_fault: Callable[[Found], None] = lambda found: None
    on_note: Callable[[Found], None] = lambda found: None


@dataclass(frozen=True)
class _Placed:
    """A thing a record tells of, with the record's place."""

    entity: Entity
    file: str
    number: int

    @property
    def record(self) -> str:
        return record_of(self.entity.kind, self.entity.id)


class Importer:
    """Brings records in. `only_check` sends nothing that changes anything."""

    def __init__(self, network: Network, terms: Terms, report: Report, *, only_check: bool = False) -> None:
        self._network = network
        self._terms = terms
        self._report = report
        self._only_check = only_check
        self._settled: dict[Any, Any] = {}
        self._made: dict[Any, Known] = {}
        self._doors = asyncio.Semaphore(AT_ONCE)
        self._underway: dict[asyncio.Task[None], frozenset[str]] = {}

    async def bring_in(self, file: str, read: Iterable[Piece], hint: str | None = None) -> None:
        """Every record of a file, in its order; a faulty one is told of, and the rest goes on."""
        together: list[_Placed] = []
        there: set[str] = set()
        try:
            for piece in read:
                for placed in self._sound(file, piece, hint):
                    again = placed.record in there and placed.entity.kind is RecordKind.SERVICE
                    if again or len(together) >= TOGETHER:
                        await self._settle(together)
                        together, there = [], set()
                    together.append(placed)
                    there.add(placed.record)
            await self._settle(together)
            await self._all_done()
        finally:
            await end(*self._underway)

    def _sound(self, file: str, piece: Piece, hint: str | None) -> Iterator[_Placed]:
        """What a record tells of, where nothing is wrong with it."""
        faults, id = piece.faults, ""
        if piece.document is not None:
            shape = shape_of(piece.document, hint)
            faults = faults_in(shape, piece.document)
            id = _id_of(piece.document)
            if not faults:
                yield from (_Placed(each, file, piece.number) for each in entities(shape, piece.document))
        if faults:
            self._report.counts[Outcome.FAULTY] += 1
        for fault in faults:
            self._report.on_fault(Found(file, piece.number, id, fault))

    async def _settle(self, together: list[_Placed]) -> None:
        """Organizations first: services go by how those stand, and go on their way beside the next ones."""
        wanted = [each for each in together if not self._is_settled(each)]
        if not wanted:
            return
        if any(each.record in kept for kept in self._underway.values() for each in wanted):
            await self._all_done()  # the same record again goes by what has come of it
        known = await self._known(wanted)
        runs = [each for each in wanted if each.entity.kind is RecordKind.ORGANIZATION]
        while runs := [each for each in runs if not self._is_settled(each)]:
            first = {each.record: each for each in reversed(runs)}  # a record may say otherwise than another
            await self._bring(list(first.values()), known)
            runs = [each for each in runs if first[each.record] is not each]
        rest = [each for each in wanted if each.entity.kind is not RecordKind.ORGANIZATION]
        while len(self._underway) >= UNDERWAY:
            await self._some_done()
        if rest:
            task = asyncio.create_task(self._bring(rest, known))
            self._underway[task] = frozenset(each.record for each in rest)

    async def _all_done(self) -> None:
        while self._underway:
            await self._some_done()

    async def _some_done(self) -> None:
        done, _ = await asyncio.wait(self._underway, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            del self._underway[task]
            task.result()

    async def _known(self, wanted: list[_Placed]) -> dict[str, Known]:
        names = {each.record for each in wanted}
        named = (each.entity.organization for each in wanted)
        names |= {record_of(RecordKind.ORGANIZATION, id) for id in named if id}
        found = {name: self._made[name] for name in names if name in self._made}
        rest = sorted(names - set(found))
        for first in range(0, len(rest), 200):
            asked = ReadOutsideRecords(**self._by(), records=tuple(rest[first : first + 200]))
            told = (await self._network.ask(asked)).result["known"]
            found |= {record: Known(**said) for record, said in told.items()}
        return found

    async def _bring(self, wanted: list[_Placed], known: dict[str, Known]) -> None:
        """Plan each, and send what they lead to: as many at a time as a command holds."""
        plans = await asyncio.gather(*(self._planned(each, known) for each in wanted))
        planned = [(each, plan) for each, plan in zip(wanted, plans, strict=True) if plan]
        sent: list[tuple[_Placed, Plan]] = []
        size = 0
        for placed, plan in planned:
            if not plan.commands or self._only_check:
                self._came(placed, plan, known)
                continue
            large = sum(len(each.model_dump_json()) for each in plan.commands)
            if sent and (size + large > LARGEST_SENT or len(sent) >= TOGETHER):
                await self._send(sent, known)
                sent, size = [], 0
            sent.append((placed, plan))
            size += large
        if sent:
            await self._send(sent, known)

    async def _planned(self, placed: _Placed, known: dict[str, Known]) -> Plan | None:
        """What a record leads to; None where something is wrong with it, which is told."""
        entity, there = placed.entity, known.get(placed.record)
        async with self._doors:
            try:
                kept = await self._kept(placed.record) if there and needs_reading(entity, there) else None
                return self._plan(entity, there, kept, known)
            except Unready as unready:
                self._tell(placed, unready.fault)
            except ValidationError as invalid:
                for number, fault in enumerate(faults_of(invalid)):
                    self._tell(placed, fault, count=number == 0)
            except MachineError as refused:
                self._refused(placed, str(refused))
        return None

    async def _send(self, plans: Sequence[tuple[_Placed, Plan]], known: dict[str, Known]) -> None:
        """In one command and one transaction. Where that as a whole is refused, each by itself: it is not for
        one record to keep the others out."""
        brought = tuple(Brought(**{each.VERB: each for each in plan.commands}) for _, plan in plans)
        try:
            answer = await self._network.ask(BringInRecords(**self._by(), records=brought))
        except MachineError as refused:
            if len(plans) == 1:
                self._refused(plans[0][0], f"{refused} [{refused.code}]")
                return
            for each in plans:
                await self._send([each], known)
            return
        told = answer.result["refused"]
        for number, (placed, plan) in enumerate(plans):
            if no := told.get(str(number)):
                refusal = RefusedByRule.by(Refused.model_validate(no))
                self._refused(placed, f"{refusal} [{refusal.code}]")
            else:
                self._came(placed, plan, known)

    def _came(self, placed: _Placed, plan: Plan, known: dict[str, Known]) -> None:
        if placed.entity.kind is RecordKind.ORGANIZATION:
            self._remember(placed, plan, known.get(placed.record), known)
        self._report.counts[plan.outcome] += 1
        for note in plan.notes:
            self._report.on_note(self._found(placed, Fault(path="", code=plan.outcome, remedy=note)))

    def _refused(self, placed: _Placed, why: str) -> None:
        self._tell(placed, Fault(path="", code="refused", remedy=why))

    def _plan(self, entity: Entity, there: Known | None, kept: Kept | None, known: dict[str, Known]) -> Plan:
        match entity.kind:
            case RecordKind.SERVICE:
                runs = known.get(record_of(RecordKind.ORGANIZATION, entity.organization or ""))
                return plan_service(entity, there, kept, runs, self._terms)
            case RecordKind.ORGANIZATION:
                return plan_organization(entity, there, kept, self._terms)
            case _:
                return plan_other(entity, there, self._terms)

    async def _kept(self, record: str) -> Kept:
        told = (await self._network.ask(ReadOutsideRecord(**self._by(), record=record))).result
        return Kept(
            document=told["document"],
            assumed=Assumed.model_validate(told["assumed"] or {}),
            offer=told["offer"],
            timetable=Timetable.model_validate(told["timetable"]) if told["timetable"] is not None else None,
            sequence=told["sequence"],
        )

    def _remember(self, placed: _Placed, plan: Plan, there: Known | None, known: dict[str, Known]) -> None:
        """An organization is dealt with once, however many services repeat it."""
        registered = self._terms.register or (there is not None and there.standing == "registered")
        name = there.name if there else next(each.partition_key for each in plan.commands)
        told = [digest(each.document) for each in plan.commands if isinstance(each, KeepOutsideRecord)]
        known[placed.record] = Known(
            name=name,
            digest=told[-1] if told else there.digest if there else None,
            standing="registered" if registered else "proposed",
            laid_out=True,
        )
        if self._only_check:
            self._made[placed.record] = known[placed.record]
        self._settled[self._mark(placed)] = None
        for kept in (self._settled, self._made):
            while len(kept) > REMEMBERED:
                kept.pop(next(iter(kept)))

    def _is_settled(self, placed: _Placed) -> bool:
        return placed.entity.kind is RecordKind.ORGANIZATION and self._mark(placed) in self._settled

    def _mark(self, placed: _Placed) -> tuple[str, str]:
        return placed.record, digest(placed.entity.document)

    def _tell(self, placed: _Placed, fault: Fault, *, count: bool = True) -> None:
        if count:
            self._report.counts[Outcome.FAULTY] += 1
        self._report.on_fault(self._found(placed, fault))

    def _found(self, placed: _Placed, fault: Fault) -> Found:
        path = f"{placed.entity.path}{fault.path}"
        return Found(placed.file, placed.number, placed.entity.id, fault.model_copy(update={"path": path}))

    def _by(self) -> dict[str, Any]:
        return {"command_id": uuid4(), "actor": self._terms.actor}


def _id_of(document: dict[str, Any]) -> str:
    """The record's own id where it looks like one; a fault travels further than the file does."""
    id = document.get("id")
    return id if isinstance(id, str) and len(id) <= 60 and id.isascii() and id.isprintable() else ""
