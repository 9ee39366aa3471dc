"""A small service to try the engine on: people write notes, the service counts and chains them.

Its facts are real facts, but they are taken out of the network's registry again, so that nobody mistakes
them for a part of the published language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Decision, Refusal, Wait
from services.runtime.service import Aggregate, Ctx, Held, Service
from sluss_contracts.event import FACTS, Audience, Event, Fact
from sluss_contracts.vocabulary import Key, Slug


class NoteWritten(Fact, type="note.written", id="story", said_by="lab", read_by=("reader",)):
    story: Key
    n: int
    text: str = ""


class NoteRead(Fact, type="note.read", id="story", aggregate="reading", said_by="reader", read_by=("third",)):
    story: Key
    n: int


class NoteFiled(Fact, type="note.filed", id="story", aggregate="file", said_by="third", read_by=("console",)):
    story: Key
    n: int


class NoteSeen(Fact, type="note.seen", id="story", aggregate="sight", said_by="third", read_by=("console",)):
    story: Key
    n: int


class SlipPrinted(
    Fact,
    type="slip.printed",
    id="slip",
    key="story",
    said_by="lab",
    read_by=("partner",),
    audience=Audience.PARTNER,
):
    slip: Key
    story: Key
    organisation: Slug


for fact in (NoteWritten, NoteRead, NoteFiled, NoteSeen, SlipPrinted):
    del FACTS[fact.TYPE]


class Trail(BaseModel):
    """Which notes were seen, in which order."""

    model_config = ConfigDict(frozen=True)

    seen: tuple[int, ...] = ()


def follow(trail: Trail | None, fact: Any) -> Trail:
    return Trail(seen=(*(trail.seen if trail else ()), fact.n))


class Illegible(Refusal):
    """The note cannot be read by anybody."""

    code = "illegible"


def writer(name: str = "lab") -> tuple[Service, Aggregate[Trail]]:
    """A service that writes notes; slips to partners are a ledger without state."""
    service = Service(name)
    notes = service.aggregate("note", Trail, follow)
    service.aggregate("slip", Trail, follow, keep=False)
    return service, notes


def reader(name: str = "reader") -> tuple[Service, Aggregate[Trail]]:
    """A service that reads notes and says of each that it has."""
    service = Service(name)
    readings = service.aggregate("reading", Trail, follow)

    @service.on(NoteWritten)
    def read(held: Held, event: Event[NoteWritten], ctx: Ctx) -> Decision:
        if event.data.text == "illegible":
            raise Illegible
        return [NoteRead(story=event.data.story, n=event.data.n)]

    return service, readings


def in_order(numbers: Sequence[int]) -> bool:
    return list(numbers) == list(range(1, len(numbers) + 1))


def third(name: str = "third") -> tuple[Service, Aggregate[Trail]]:
    """A service that files a note's reading, but not before the note itself has come."""
    service = Service(name)
    files = service.aggregate("file", Trail, follow)
    seen = service.aggregate("sight", Trail, follow)

    @service.on(NoteWritten)
    def see(held: Held, event: Event[NoteWritten], ctx: Ctx) -> Decision:
        return [NoteSeen(story=event.data.story, n=event.data.n)]

    @service.on(NoteRead)
    def file(held: Held, event: Event[NoteRead], ctx: Ctx) -> Decision:
        known = held.one(seen)
        if known is None or event.data.n not in known.seen:
            return Wait("the note itself has not come yet")
        return [NoteFiled(story=event.data.story, n=event.data.n)]

    return service, files
