"""The migrations lead to the tables the code speaks of."""

from __future__ import annotations

from urllib.parse import urlsplit

from services.navigator.store.tables import metadata
from sluss.machine.postgres import Postgres
from tests.support.tables import assert_migrated


async def test_a_migrated_schema_has_the_tables_the_code_knows(
    postgres_server: Postgres, navigator_url: str
) -> None:
    database = urlsplit(navigator_url).path.strip("/")
    # Only the superuser may make the temporary tables it is compared with.
    await assert_migrated(postgres_server.url(database=database), "navigator", metadata)
