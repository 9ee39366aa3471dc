"""A whole network, one person through it by the command line, and then nothing of them anywhere."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from sluss.machine.network import Network
from sluss.machine.run_file import RunFile
from tests.contracts.judging import CHECKOUT
from tests.referral.requests import ADDRESS, EMAIL, NAME, NUMBER, NURSE, PHONE, REASON, UNIT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SLUSS = Path(sys.executable).with_name("sluss")
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


@pytest_asyncio.fixture(loop_scope="function")
async def run(tmp_path: Path) -> AsyncIterator[RunFile]:
    network = Network(tmp_path / "town", clock_speed=1.0)
    made = await network.start()
    try:
        yield made
    finally:
        await network.stop()


async def does(run: RunFile, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        SLUSS,
        *words,
        "--data-dir",
        str(run.data),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", "NO_COLOR": "1"},
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def must(run: RunFile, *words: str) -> str:
    """What a command says; another service may hear of the step before a moment later."""
    said = ""
    for _ in range(20):
        code, said = await does(run, *words)
        if code == 0:
            return said
        await asyncio.sleep(1)
    raise AssertionError(f"sluss {' '.join(words)}: {said}")


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
    run: RunFile, tmp_path: Path
) -> None:
    await must(run, "registry", "import", str(TOWN))
    await must(run, "partner", "add", CLINIC)
    file = tmp_path / "referral.json"
    file.write_text(json.dumps(SOMEBODY))
    receipt = await must(run, "submit", str(file), "--as", CLINIC)
    referral = receipt.split("referral ", 1)[1].split()[0]
    anna = ("--as", "anna")
    await must(run, "case", "claim", referral, *anna)
    await must(run, "case", "contact", referral, "reached", *anna)
    await must(run, "case", "plan", referral, GOAL, *anna)

    held = await must(run, "person", "erase", referral, "--yes")
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
    assert "1 erasures written" in await must(run, "person", "erasures", "--to", str(ledger))
    assert "0 erased again" in await must(run, "person", "replay-erasures", str(ledger))
    assert "Erased already" in await must(run, "person", "erase", referral, "--yes")
    assert on_disk(run.data, CANARIES) == []
    assert on_disk(tmp_path, CANARIES), "they would be found: the file they came in has them"
