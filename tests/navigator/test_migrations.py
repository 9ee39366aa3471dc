"""The migrations lead to the tables the code speaks of."""

from __future__ import annotations

from services.navigator.store.tables import metadata
from tests.navigator.office import Office
from tests.support.tables import assert_migrated


async def test_a_migrated_schema_has_the_tables_the_code_knows(office: Office, navigator_url: str) -> None:
    await assert_migrated(navigator_url, "navigator", metadata)
