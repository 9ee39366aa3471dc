"""A whole network, one person through it by the command line, and then nothing of them anywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from sluss.machine.network import Network
from sluss.machine.run_file import RunFile
from tests.contracts.judging import CHECKOUT
from tests.referral.requests import ADDRESS, EMAIL, NAME, NUMBER, NURSE, PHONE, REASON, UNIT
from tests.support.terminal import Terminal, terminal_at

pytestmark = [pytest.mark.slow(minutes=1), pytest.mark.timeout(400)]

TOWN = CHECKOUT / "sluss" / "registry" / "demo.toml"
CLINIC = "vc-strommen"
GOAL = "Vill mata kanariefåglarna med någon annan"
PRESENTED = "Värk i kanarieryggen"
CANARIES = (NAME, PHONE, EMAIL, ADDRESS, REASON, NUMBER, "194608239986", GOAL, PRESENTED)
"""Of the person. Who referred stands in the feedback on their own organisation's stream, and stays there."""
SOMEBODY = {
    "person": {
        "identity_number": NUMBER,
        "name": NAME,
        "contact": {"phone": PHONE, "email": EMAIL, "postal_address": ADDRESS},
        "language": "el",  # nobody in the town speaks it, so a link worker must choose to take this one
        "safe_contact": {"never": ["letter", "email", "sms", "phone"]},
    },
    "area": "norrkoping-centrum",
    "needs": ["company"],
    "consent": {"status": "given", "purposes": ["referral"]},
    "referrer": {"unit": UNIT, "person": NURSE, "channel": "staff"},
    "reason": REASON,
    "presented_as": PRESENTED,
}


@dataclass(frozen=True)
class Town:
    """A network of this test alone, and a keyboard at it."""

    run: RunFile
    terminal: Terminal

    async def does(self, *words: str) -> str:
        """What a command says; another service may hear of the step before a moment later."""
        said = ""
        for _ in range(20):
            code, said = await self.terminal.types(*words)
            if code == 0:
                return said
            await asyncio.sleep(1)
        raise AssertionError(f"sluss {' '.join(words)}: {said}")


@pytest_asyncio.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    network = Network(tmp_path / "town", clock_speed=1.0)
    run = await network.start()
    try:
        async with terminal_at(run.data, tmp_path / "said") as terminal:
            yield Town(run, terminal)
    finally:
        await network.stop()


def as_written(canary: str) -> set[bytes]:
    """How it may stand in a file: as it is, escaped in JSON, in hexadecimal as a dump shows bytes."""
    return {canary.encode(), json.dumps(canary)[1:-1].encode(), canary.encode().hex().encode()}


def found_in(raw: bytes, canaries: Iterable[str]) -> list[str]:
    return [canary for canary in canaries if any(form in raw for form in as_written(canary))]


async def dumped(url: str) -> bytes:
    """Every row of every table of every service, as a dump has it."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "select schemaname, tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        )
        rows = [
            row["t"]
            for schema, table in tables
            for row in await connection.fetch(f'select t::text from "{schema}"."{table}" t')
        ]
        return "\n".join(rows).encode()
    finally:
        await connection.close()


def on_disk(folder: Path, canaries: Iterable[str]) -> list[str]:
    """Files with a canary: the broker's streams, the services' logs, the database's own files."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (there := found_in(path.read_bytes(), canaries)):
            found.append(f"{path.relative_to(folder)}: {there}")
    return found


async def test_of_an_erased_person_nothing_is_left_in_database_streams_or_logs(
    town: Town, tmp_path: Path
) -> None:
    run = town.run
    await town.does("registry", "import", str(TOWN))
    await town.does("partner", "add", CLINIC)
    file = tmp_path / "referral.json"
    file.write_text(json.dumps(SOMEBODY))
    receipt = await town.does("submit", str(file), "--as", CLINIC)
    referral = receipt.split("referral ", 1)[1].split()[0]
    anna = ("--as", "anna")
    await town.does("case", "claim", referral, *anna)
    await town.does("case", "contact", referral, "reached", *anna)
    await town.does("case", "plan", referral, GOAL, *anna)

    held = await town.does("person", "erase", referral, "--yes")
    assert "when the case is over" in held
    connection = await asyncpg.connect(run.postgres.url())
    try:
        async with asyncio.timeout(60):
            while await connection.fetchval("select count(*) from referral.secret"):
                await asyncio.sleep(0.5)
        assert await connection.fetchval("select count(*) from referral.person") == 0
        assert await connection.fetchval("select count(*) from referral.erasure") == 1
        assert await connection.fetchval("select count(*) from referral.event") > 4, "the log is whole"
    finally:
        await connection.close()

    assert found_in(await dumped(run.postgres.url()), CANARIES) == []
    ledger = tmp_path / "erasures.jsonl"
    assert "1 erasures written" in await town.does("person", "erasures", "--to", str(ledger))
    assert "0 erased again" in await town.does("person", "replay-erasures", str(ledger))
    assert "Erased already" in await town.does("person", "erase", referral, "--yes")
    assert on_disk(run.data, CANARIES) == []
    assert on_disk(tmp_path, CANARIES), "they would be found: the file they came in has them"
