"""Bringing a service's schema up to date, and making the schema and its role in the first place.

    python -m services.runtime.migrate referral

A service's schema has two histories: the runtime's own tables (`runtime/migrations/versions`) and the
service's (`services/<name>/migrations`). The pages' shared schema `web` has a third. All are carried on in
one transaction under a lock, so replicas that start together do not race and a failed upgrade leaves nothing.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zlib import crc32

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, pool, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from services.runtime.settings import DatabaseSettings, MisconfiguredService, load_settings

_RUNTIME = Path(__file__).parent
WEB = "web"
"""The schema that all services' pages share, and the role without login that owns it."""


class SchemaBehind(Exception):
    """The database lacks steps that this code needs: run `python -m services.runtime.migrate <service>`."""

    code = "schema_behind"


@dataclass(frozen=True, slots=True)
class History:
    """One line of migrations: whose, in which schema, and where its steps are written."""

    name: str
    schema: str
    versions: Path
    version_table: str

    @property
    def written(self) -> bool:
        """Whether there is any step at all."""
        return any(path.suffix == ".py" and path.stem != "__init__" for path in self.versions.glob("*.py"))

    def config(self) -> Config:
        """Alembic's configuration for this history; no file, nothing connects."""
        config = Config()
        config.set_main_option("script_location", str(_RUNTIME / "migrations").replace("%", "%%"))
        config.set_main_option("version_locations", str(self.versions).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.attributes["history"] = self
        return config

    def heads(self) -> set[str]:
        """The newest steps the code knows."""
        return set(ScriptDirectory.from_config(self.config()).get_heads())

    def knows(self, revision: str) -> bool:
        """Whether the code has the step; a newer release may have left one it has not."""
        try:
            return ScriptDirectory.from_config(self.config()).get_revision(revision) is not None
        except CommandError:
            return False

    def reached(self, connection: Connection) -> set[str]:
        """The newest steps the database has taken."""
        options = {"version_table": self.version_table, "version_table_schema": self.schema}
        return set(MigrationContext.configure(connection, opts=options).get_current_heads())

    def upgrade(self, connection: Connection) -> None:
        """Take every missing step, in the caller's transaction."""
        config = self.config()
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")


def histories(service: str) -> list[History]:
    """The histories a service needs, in the order they are carried on."""
    spec = find_spec(f"services.{service}")
    found = [History("runtime", service, _RUNTIME / "migrations" / "versions", "migrated_runtime")]
    if spec and spec.submodule_search_locations:
        own = Path(next(iter(spec.submodule_search_locations))) / "migrations"
        found.append(History(service, service, own, "migrated"))
    found.append(History(WEB, WEB, _RUNTIME / "web" / "migrations" / "versions", "migrated"))
    return [history for history in found if history.written]


async def migrate(url: str, service: str) -> list[str]:
    """Bring a service's schema up to date as its own role. The steps taken, e.g. `runtime:0001`.

    A schema already ahead of this code (an older replica starts during an upgrade) is left as it is.
    """

    def carry_on(connection: Connection) -> list[str]:
        taken = []
        for history in histories(service):
            _act_in(connection, history)
            before = history.reached(connection)
            if any(not history.knows(revision) for revision in before):
                continue
            history.upgrade(connection)
            taken += [
                f"{history.name}:{revision}" for revision in sorted(history.reached(connection) - before)
            ]
        return taken

    return await _run(url, service, carry_on)


async def missing(url: str, service: str) -> list[str]:
    """The newest steps the code knows and the database lacks; empty when the service may start."""

    def compare(connection: Connection) -> list[str]:
        lacking = []
        for history in histories(service):
            reached = history.reached(connection)
            if any(not history.knows(revision) for revision in reached):
                continue
            lacking += [f"{history.name}:{revision}" for revision in sorted(history.heads() - reached)]
        return lacking

    return await _run(url, service, compare)


def _act_in(connection: Connection, history: History) -> None:
    """Make the history's tables land in its schema, owned by whom the schema belongs to."""
    connection.execute(text("reset role"))
    if history.schema == WEB:
        connection.execute(text(f'set local role "{WEB}"'))
    connection.execute(text(f'set local search_path to "{history.schema}"'))


async def _run(url: str, service: str, work: Callable[[Connection], list[str]]) -> list[str]:
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        poolclass=pool.NullPool,
        connect_args={
            "server_settings": {"search_path": service, "application_name": f"sluss-{service}-migrate"}
        },
    )
    try:
        async with engine.begin() as connection:
            # One lock for all services, because they share the schema `web`.
            await connection.execute(
                text("select pg_advisory_xact_lock(:key)"), {"key": crc32(b"sluss migrate")}
            )
            return await connection.run_sync(work)
    except DBAPIError as wrapped:
        # What asyncpg itself said, as everywhere else in the runtime.
        raise (wrapped.orig and wrapped.orig.__cause__) or wrapped from None
    finally:
        await engine.dispose()


async def create_role_and_schema(admin: asyncpg.Connection, service: str, password: str) -> None:
    """Make a service's role, its schema, and leave to use `web`; run again, it sets the password anew.

    `admin` may create roles and schemas in the network's own database. The role reaches its own schema and
    `web` and nothing else: the schema `public` and the database are closed to everybody not named.
    """
    name = _quoted(service)
    async with admin.transaction():
        await admin.execute("select pg_advisory_xact_lock($1)", crc32(b"sluss roles"))
        database = _quoted(await admin.fetchval("select current_database()"))
        for role, login in ((WEB, "nologin"), (service, "login")):
            if not await admin.fetchval("select true from pg_roles where rolname = $1", role):
                await admin.execute(f"create role {_quoted(role)} {login} noinherit")
        # Only the password's verifier travels, so that no statement log can hold the password.
        await admin.execute(f"alter role {name} inherit login password '{_verifier(password)}'")
        for role in (WEB, service):
            await admin.execute(f"create schema if not exists {_quoted(role)} authorization {_quoted(role)}")
        await admin.execute(f"grant {_quoted(WEB)} to {name}")
        await admin.execute(f"revoke all on database {database} from public")
        await admin.execute(f"grant connect on database {database} to {name}")
        await admin.execute("revoke all on schema public from public")


_OPERATED: Final = (
    "event",
    "head",
    "inbox",
    "parked",
    "dead_letter",
    "position",
    "timer",
    "member",
    "process",
    "proposal",
    "operator_action",
)
"""Those of the runtime's tables that tell how a service fares. None of them holds what the vault keeps."""


async def let_read(admin: asyncpg.Connection, reader: str, services: Iterable[str]) -> None:
    """Let one service's role read how the others fare: what they have said, and what they could not handle.

    To be called when all are migrated, by whoever may grant for every schema; again changes nothing.
    """
    for service in services:
        if service != reader:
            tables = ", ".join(f"{_quoted(service)}.{table}" for table in _OPERATED)
            await admin.execute(f"grant usage on schema {_quoted(service)} to {_quoted(reader)}")
            await admin.execute(f"grant select on {tables} to {_quoted(reader)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _verifier(password: str, iterations: int = 4096) -> str:
    """A SCRAM-SHA-256 verifier (RFC 5803), the form in which Postgres keeps passwords."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = (base64.b64encode(part).decode() for part in (salt, client, server))
    salt64, client64, server64 = parts
    return f"SCRAM-SHA-256${iterations}:{salt64}${client64}:{server64}"


def main() -> None:
    """`python -m services.runtime.migrate <service>`, with SLUSS_DATABASE_URL set."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m services.runtime.migrate SERVICE")
    service = sys.argv[1]
    try:
        settings = load_settings(service, DatabaseSettings)
        taken = asyncio.run(migrate(settings.database_url.get_secret_value(), service))
    except MisconfiguredService as fault:
        sys.exit(str(fault))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
        sys.exit(f"{service} could not be migrated: {type(failure).__name__}: {failure}")
    print(f"{service}: {', '.join(taken) if taken else 'up to date'}")


if __name__ == "__main__":
    main()
