"""What it takes to read a directory of 100 000 services, and to bring one in.

`python -m benchmarks.hsds [--services 100000] [--bring-in 2000]` writes a directory of so many services, each
as large as a real one (about 4 kB; a hundred organizations for every thousand), and reads it as `sluss hsds
import` does, record by record with everything checked: in a process of its own, so that its memory is seen. A
thousand are read the same way, to compare. Then so many are brought into an empty network through the door
that commands come in by, and once more, when nothing has changed.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.databases import migrated
from services.provider.app import service as provider_service
from services.provider.hsds.checking import faults_in
from services.provider.hsds.shapes import entities, shape_of
from services.runtime.clock import SetClock
from services.runtime.serving import Serving
from sluss.hsds.importing import Importer, Report
from sluss.hsds.reader import Piece, pieces
from sluss.hsds.terms import Terms
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.outside_record import Assumed
from sluss_contracts.vocabulary import Need, OrganisationKind, Role

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NAMES = UUID("5f8f5c1e-9d5b-4c44-8f0e-1e6d0a1f7b22")
FEW = 1000

console = Console(highlight=False)


def _id(*what: object) -> str:
    return str(uuid5(NAMES, "/".join(map(str, what))))


def made_up(number: int) -> dict[str, Any]:
    """One service, with what a directory tells of one."""
    id, town = _id("service", number), ("Norrköping", "Linköping", "Umeå", "Högsby")[number % 4]
    phone = {"id": _id("phone", number), "number": f"011-{number % 100:02} 00 00", "type": "voice"}
    return {
        "id": id,
        "name": f"Verksamhet {number}",
        "description": "Vi ses varje vecka, dricker kaffe och gör något tillsammans. " * 12,
        "status": "active",
        "url": f"https://katalog.example/{number}",
        "application_process": "Kom som du är, eller ring först. " * 6,
        "minimum_age": 16 + number % 50,
        "last_modified": "2026-02-01T08:00:00Z",
        "organization": {
            "id": _id("organization", number // 10),
            "name": f"Förening {number // 10}",
            "description": "En förening bland andra. " * 5,
        },
        "languages": [{"id": _id("language", number), "code": "sv", "name": "Svenska"}],
        "phones": [phone],
        "cost_options": [
            {"id": _id("cost", number), "amount": number % 5 * 50, "currency": "SEK", "option": "term"}
        ],
        "service_at_locations": [
            {
                "id": _id("at", number),
                "location": {
                    "id": _id("location", number),
                    "location_type": "physical",
                    "name": f"Lokal {number % 700}",
                    "latitude": 58.5 + number % 100 / 1000,
                    "longitude": 16.1 + number % 100 / 1000,
                    "addresses": [
                        {
                            "id": _id("address", number),
                            "address_1": f"Storgatan {number % 90 + 1}",
                            "city": town,
                            "state_province": "Östergötland",
                            "postal_code": "602 24",
                            "country": "SE",
                            "address_type": "physical",
                        }
                    ],
                    "accessibility": [{"id": _id("access", number), "description": "Hiss och ramp. " * 10}],
                },
            }
        ],
        "attributes": [
            {
                "id": _id("attribute", number, each),
                "taxonomy_term": {
                    "id": _id("term", number % 40 + each),
                    "name": f"Term {number % 40 + each}",
                    "description": "Ett ord ur en annan taxonomi.",
                    "taxonomy": "katalog",
                },
            }
            for each in range(3)
        ],
    }


def write(file: Path, many: int) -> None:
    """A file of so many services, as a list."""
    with file.open("wb") as out:
        out.write(b"[")
        for number in range(many):
            out.write((b",\n" if number else b"\n") + orjson.dumps(made_up(number)))
        out.write(b"\n]\n")


def read(file: Path) -> None:
    """Read a file as an import does, and tell what it took. Runs in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, records, things = time.perf_counter(), 0, 0
    with file.open("rb") as opened:
        for piece in pieces(opened):
            assert piece.document is not None, piece.faults
            shape = shape_of(piece.document)
            assert not faults_in(shape, piece.document)
            records += 1
            things += sum(1 for _ in entities(shape, piece.document))
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = {"records": records, "things": things, "seconds": took, "before": before, "after": after}
    sys.stdout.buffer.write(orjson.dumps(told))


class Door:
    """The provider service, as commands come in to it, without the bus."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    async def ask(self, command: Command) -> Answer:
        """Its answer, which must be a yes."""
        answer = await self._serving.answer(type(command), command.model_dump_json().encode())
        assert answer.ok, answer.refused
        return answer


async def bring_in(folder: Path, file: Path, many: int) -> list[tuple[str, float]]:
    """The first so many into an empty network, and again: what each took."""
    server = Postgres(folder / "postgres")
    await server.start()
    try:
        async with migrated(server, "brought_in", "provider", connections=8) as pool:
            door = Door(Serving(provider_service, pool, SetClock(NOW), None))  # type: ignore[arg-type]
            kind = OrganisationKind.ASSOCIATION
            assumed = Assumed(needs=(Need.COMPANY,), capacity=10, area="stan", organisation_kind=kind)
            terms = Terms(Actor(id="siv", role=Role.COORDINATOR), assumed, register=True)
            found = []
            for what in ("brought in", "again, unchanged"):
                report = Report()
                began = time.perf_counter()
                with file.open("rb") as opened:
                    first: Iterator[Piece] = islice(pieces(opened), many)
                    await Importer(door, terms, report).bring_in(file.name, first)
                console.print(f"{what}: {dict(report.counts)}")
                found.append((what, many / (time.perf_counter() - began)))
            return found
    finally:
        await server.stop()


def _in_a_process(file: Path) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.hsds", "--read", str(file)], check=True, capture_output=True
    )
    told: dict[str, Any] = orjson.loads(ran.stdout)
    return told


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--services", type=int, default=100_000)
    parser.add_argument("--bring-in", type=int, default=2000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        read(given.read)
        return
    table = Table(box=None)
    for column in ("services", "MB", "seconds", "a second", "memory, MiB", "of which before"):
        table.add_column(column, justify="right")
    with tempfile.TemporaryDirectory(prefix="sluss-bench-") as name:
        folder = Path(name)
        for many in (FEW, given.services):
            file = folder / f"{many}.json"
            write(file, many)
            told = _in_a_process(file)
            table.add_row(
                f"{many:,}",
                f"{file.stat().st_size / 1e6:.0f}",
                f"{told['seconds']:.1f}",
                f"{many / told['seconds']:,.0f}",
                f"{told['after'] / 1024:.0f}",
                f"{told['before'] / 1024:.0f}",
            )
        console.print(table)
        for what, a_second in asyncio.run(bring_in(folder, file, given.bring_in)):
            console.print(f"{what}: {a_second:,.0f} services a second")


if __name__ == "__main__":
    main()
