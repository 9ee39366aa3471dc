"""Writing many rows in one statement, whatever their columns' types.

The rows travel as one JSON document, which Postgres turns into rows of the table's own types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import FromClause, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert

from services.runtime.rows import upsert


def given(table: Table, *names: str, parameter: str = "rows") -> FromClause:
    """The rows of a parameter as a table with these columns of `table` (all, if none is named)."""
    columns = [column(name, table.c[name].type) for name in names or table.c.keys()]
    rows = func.jsonb_to_recordset(cast(bindparam(parameter, type_=Text), JSONB))
    return rows.table_valued(*columns).render_derived(name="given", with_types=True)


def insertion(table: Table, *names: str) -> Insert:
    """Insert the rows of the parameter `rows`, with these columns (all, if none is named)."""
    rows = given(table, *names)
    return insert(table).from_select([each.name for each in rows.c], select(*rows.c))


def latest(table: Table, *, keep_unsaid: bool) -> Insert:
    """Write the rows unless something later is written: events may be read again, or out of order.

    `keep_unsaid`: what a row leaves out stays as it was; otherwise it is then not known any more.
    """
    rows = insertion(table)
    may_be_left_out = {each.name for each in table.c if each.nullable and keep_unsaid}
    said = [each.name for each in table.c if not each.primary_key and each.name not in may_be_left_out]
    kept = {name: func.coalesce(rows.excluded[name], table.c[name]) for name in may_be_left_out}
    return upsert(rows, *said, where=table.c.sequence < rows.excluded.sequence, **kept)


def packed(rows: Iterable[Mapping[str, Any]]) -> str:
    """The value of such a parameter."""
    return orjson.dumps(list(rows)).decode()
