"""Whether the migrations of a service lead to the tables its code speaks of."""

from __future__ import annotations

from sqlalchemy import MetaData, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

_COLUMNS = """
    select table_name, column_name, data_type, is_nullable, coalesce(column_default, ''), is_identity
    from information_schema.columns where table_schema = $1 and table_name = any($2)
    order by table_name, ordinal_position
"""
_INDEXES = r"""
    select regexp_replace(indexdef, ' ON (ONLY )?\S+\.', ' ON ')
    from pg_indexes where schemaname = $1 and tablename = any($2) order by 1
"""
_COMMENTS = """
    select relname, obj_description(c.oid) from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname = $1 and relname = any($2) order by 1
"""


async def assert_migrated(url: str, schema: str, metadata: MetaData) -> None:
    """Columns, indexes and comments in the migrated schema are those of the code's tables."""
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        connect_args={"server_settings": {"search_path": "pg_temp"}},
    )
    tables = list(metadata.tables)
    async with engine.connect() as connection:
        await connection.run_sync(metadata.create_all)
        scratch = await connection.scalar(
            text("select nspname from pg_namespace where oid = pg_my_temp_schema()")
        )
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        for query in (_COLUMNS, _INDEXES, _COMMENTS):
            known = [tuple(row) for row in await raw.fetch(query, scratch, tables)]
            migrated = [tuple(row) for row in await raw.fetch(query, schema, tables)]
            assert migrated == known
            assert known
    await engine.dispose()
