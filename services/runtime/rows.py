"""Statements that write one table's rows, and what becomes of a row that is there already.

_KNOW_PACK = sql(upsert(new_row(instruments, "instrument", "version", "pack"), "pack"))
await tx.execute_many(_KNOW_PACK, rows)
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam
from sqlalchemy.dialects.postgresql import Insert, insert


def new_row(table: Table, *columns: str) -> Insert:
    """A row of these columns, each given by a parameter of its name."""
    return insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in columns})


def upsert(
    rows: Insert, /, *columns: str, where: ColumnElement[bool] | None = None, **worked_out: ColumnElement[Any]
) -> Insert:
    """Insert rows of any kind; a row whose primary key is there already takes these columns from the new one.

    `worked_out` are columns that become something else, made of what is there and of `rows.excluded`. Where
    `where` does not hold, the row that is there stays as it is.
    """
    taken = {name: rows.excluded[name] for name in columns}
    return rows.on_conflict_do_update(
        index_elements=list(rows.table.primary_key), set_={**taken, **worked_out}, where=where
    )
