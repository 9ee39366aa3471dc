"""The migration leads to the tables the calendar speaks of."""

from __future__ import annotations

from urllib.parse import urlsplit

from services.provider.app import service
from services.provider.calendar.tables import metadata
from sluss.machine.postgres import Postgres
from tests.support.desk import schema_of
from tests.support.tables import assert_migrated


async def test_a_migrated_schema_has_the_calendars_tables(postgres_server: Postgres) -> None:
    database = urlsplit(await schema_of(postgres_server, service)).path.strip("/")
    # Only the superuser may make the temporary tables it is compared with.
    await assert_migrated(postgres_server.url(database=database), service.name, metadata)
