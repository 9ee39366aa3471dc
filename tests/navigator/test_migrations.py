"""The migrations lead to the tables the code speaks of."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from services.navigator.store.tables import metadata
from tests.navigator.office import Office

_COLUMNS = """
    select table_name, column_name, data_type, is_nullable, coalesce(column_default, '')
    from information_schema.columns where table_schema = $1 and table_name = any($2)
    order by table_name, ordinal_position
"""
_INDEXES = r"""
    select regexp_replace(indexdef, ' ON \S+\.', ' ON ')
    from pg_indexes where schemaname = $1 and tablename = any($2) order by 1
"""
_COMMENTS = """
    select relname, obj_description(c.oid) from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname = $1 and relname = any($2) order by 1
"""


async def test_a_migrated_schema_has_the_tables_the_code_knows(office: Office, navigator_url: str) -> None:
    url = make_url(navigator_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, connect_args={"server_settings": {"search_path": "pg_temp"}})
    tables = list(metadata.tables)
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        schema = await connection.scalar(
            text("select nspname from pg_namespace where oid = pg_my_temp_schema()")
        )
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        for query in (_COLUMNS, _INDEXES, _COMMENTS):
            known = [tuple(row) for row in await raw.fetch(query, schema, tables)]
            migrated = [tuple(row) for row in await office.pool.fetch(query, "navigator", tables)]
            assert migrated == known
            assert known
    await engine.dispose()
