"""Each service's role reaches its own schema, and replicas that start together do not race."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import asyncpg
import pytest

from services.runtime.migrate import create_role_and_schema, migrate, missing
from tests.runtime.conftest import Database
from tests.support.databases import PASSWORD


@pytest.fixture
async def bare(postgres: str) -> Database:
    admin = await asyncpg.connect(postgres)
    for service in ("ferry", "harbour"):
        await create_role_and_schema(admin, service, PASSWORD)
    await admin.close()
    return Database(postgres)


async def test_what_is_missing_is_named_until_it_is_there(bare: Database) -> None:
    url = bare.url("ferry")
    lacking = await missing(url, "ferry")
    assert any(step.startswith("runtime:") for step in lacking)
    assert await migrate(url, "ferry")
    assert await missing(url, "ferry") == []
    assert await migrate(url, "ferry") == []


async def test_replicas_that_start_together_take_each_step_once(bare: Database) -> None:
    taken = await asyncio.gather(*(migrate(bare.url(s), s) for s in ("ferry", "ferry", "ferry", "harbour")))
    assert sum(bool(steps) for steps in taken[:3]) == 1
    assert await missing(bare.url("ferry"), "ferry") == []
    assert await missing(bare.url("harbour"), "harbour") == []


async def test_tables_land_in_the_services_own_schema(bare: Database) -> None:
    await migrate(bare.url("ferry"), "ferry")
    admin = await asyncpg.connect(bare.admin)
    rows = await admin.fetch(
        "select schemaname, tableowner from pg_tables where tablename in ('event', 'migrated_runtime')"
    )
    await admin.close()
    assert {tuple(row) for row in rows} == {("ferry", "ferry")}


async def test_a_service_cannot_look_into_another(bare: Database) -> None:
    for service in ("ferry", "harbour"):
        await migrate(bare.url(service), service)
    ferry = await asyncpg.connect(bare.url("ferry"))
    try:
        for statement in (
            "select * from harbour.event",
            "insert into harbour.inbox values (gen_random_uuid())",
            "create table harbour.mine (id int)",
            "create table public.mine (id int)",
            "create schema mine",
            "set role harbour",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await ferry.execute(statement)
    finally:
        await ferry.close()


async def test_a_role_the_database_does_not_name_cannot_connect(bare: Database) -> None:
    admin = await asyncpg.connect(bare.admin)
    database = await admin.fetchval("select current_database()")
    allowed = await admin.fetchval("select has_database_privilege('pg_monitor', $1, 'connect')", database)
    await admin.close()
    assert not allowed


async def test_the_password_is_set_anew_and_never_told_to_the_server(bare: Database) -> None:
    admin = await asyncpg.connect(bare.admin)
    told: list[str] = []
    admin.add_query_logger(lambda query: told.append(query.query))
    await create_role_and_schema(admin, "ferry", "an'other \\pass")
    assert await admin.fetchval(
        "select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname = 'ferry'"
    )
    await admin.close()
    assert told
    assert not any("other" in query for query in told)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(bare.url("ferry"))
    again = await asyncpg.connect(bare.url("ferry"), password="an'other \\pass")
    await again.close()
    admin = await asyncpg.connect(bare.admin)
    await create_role_and_schema(admin, "ferry", PASSWORD)
    await admin.close()


async def test_an_older_replica_leaves_a_newer_schema_alone(bare: Database) -> None:
    url = bare.url("ferry")
    await migrate(url, "ferry")
    connection = await asyncpg.connect(url)
    await connection.execute("update ferry.migrated_runtime set version_num = 'from_the_future'")
    await connection.close()
    assert await missing(url, "ferry") == []
    assert await migrate(url, "ferry") == []


def run_migrate(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "SLUSS_DATABASE_URL": url}
    command = [sys.executable, "-m", "services.runtime.migrate", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
async def test_the_command_says_what_it_did(bare: Database) -> None:
    first = await asyncio.to_thread(run_migrate, bare.url("ferry"), "ferry")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("ferry: runtime:")
    second = await asyncio.to_thread(run_migrate, bare.url("ferry"), "ferry")
    assert second.stdout == "ferry: up to date\n"


@pytest.mark.slow
async def test_the_command_says_what_is_wrong_without_the_password(bare: Database) -> None:
    wrong = bare.url("ferry").replace(PASSWORD, "w-r-o-n-g")
    failed = await asyncio.to_thread(run_migrate, wrong, "ferry")
    assert failed.returncode == 1
    assert "could not be migrated" in failed.stderr
    assert "w-r-o-n-g" not in failed.stderr
    assert "Traceback" not in failed.stderr
