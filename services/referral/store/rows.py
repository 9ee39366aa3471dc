"""Many rows at once: handed over as arrays, and kept in one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from services.runtime.tx import Statement, sql

_Kind = type[TypeEngine[Any]] | TypeEngine[Any]


def given(**columns: _Kind) -> TableValuedAlias:
    """Rows handed over as one array parameter for each column."""
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in columns.items()]
    typed = [column(name, kind) for name, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*typed, name="given").render_derived()


def keep(table: Table, **columns: _Kind) -> Statement:
    """Insert many rows in one statement; what is there already stays."""
    new = given(**columns)
    rows = select(*(new.c[name] for name in columns))
    return sql(insert(table).from_select(list(columns), rows).on_conflict_do_nothing())
