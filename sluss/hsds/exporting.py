"""Writing the catalogue as the standard publishes it: everything that is told to everybody, and what was
carried."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from services.provider.hsds import naming, reading, shapes
from services.provider.hsds.reading import Asked, Document

TOGETHER = 200

Export = Callable[[AsyncEngine], AsyncIterator[Document]]


async def services(engine: AsyncEngine) -> AsyncIterator[Document]:
    """Every service, whole, with who runs it."""
    async for whole in reading.all_services(engine, TOGETHER):
        yield shapes.whole_service(whole.service, whole.organization)


async def organizations(engine: AsyncEngine) -> AsyncIterator[Document]:
    """Every organization, without what it runs: that is told of by itself."""
    page = 1
    while (found := await reading.find_organizations(engine, Asked(page=page, per_page=TOGETHER))).documents:
        for each in found.documents:
            yield each
        page += 1


async def taxonomies(engine: AsyncEngine) -> AsyncIterator[Document]:
    """Every taxonomy, ours and others'."""
    for each in (await naming.find_taxonomies(engine, Asked(per_page=naming.MOST))).documents:
        yield each


async def taxonomy_terms(engine: AsyncEngine) -> AsyncIterator[Document]:
    """Every term, ours and others'."""
    for each in (await naming.find_terms(engine, Asked(per_page=naming.MOST))).documents:
        yield each


EXPORTS: dict[str, Export] = {
    "organizations": organizations,
    "taxonomies": taxonomies,
    "taxonomy_terms": taxonomy_terms,
    "services": services,
}
"""What there is to write, in the order in which it is brought in again."""


async def write(
    engine: AsyncEngine,
    what: str,
    out: IO[bytes],
    *,
    public: bool,
    on_written: Callable[[], None] = lambda: None,
) -> int:
    """Write a list of all there is, and count it. `public` leaves out the names of people."""
    written = 0
    out.write(b"[")
    async for document in EXPORTS[what](engine):
        shown: Any = shapes.for_everybody(document) if public else document
        out.write(b",\n" if written else b"\n")
        out.write(orjson.dumps(shown))
        written += 1
        on_written()
    out.write(b"\n]\n")
    return written


async def write_all(
    engine: AsyncEngine, folder: Path, *, public: bool, on_written: Callable[[], None] = lambda: None
) -> dict[str, int]:
    """A file for each, whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    for what in EXPORTS:
        half = folder / f".{what}.json.new"
        with half.open("wb") as out:
            counts[what] = await write(engine, what, out, public=public, on_written=on_written)
        half.replace(folder / f"{what}.json")
    return counts
