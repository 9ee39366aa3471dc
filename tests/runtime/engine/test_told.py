"""What is kept of an error names things, and never repeats the values they held."""

from __future__ import annotations

import asyncpg
import pytest
from pydantic import BaseModel, ValidationError

from services.runtime.engine.deciding import told

CANARY = "canary-in-a-value"


async def test_a_database_error_names_table_and_column_but_not_the_row(postgres: str) -> None:
    connection = await asyncpg.connect(postgres)
    try:
        await connection.execute("create table person (name text, area text not null)")
        with pytest.raises(asyncpg.PostgresError) as caught:
            await connection.execute("insert into person values ($1, null)", CANARY)
        assert CANARY in str(caught.value)
        assert told(caught.value) == "NotNullViolationError (23502) person area"
    finally:
        await connection.close()


def test_a_validation_error_names_the_place_but_not_the_input() -> None:
    class Person(BaseModel):
        age: int

    with pytest.raises(ValidationError) as caught:
        Person.model_validate({"age": CANARY})
    assert CANARY in str(caught.value)
    assert told(caught.value) == "ValidationError: Person: age"


def test_an_error_of_the_language_names_its_place_but_not_the_value() -> None:
    nobody: dict[str, str] = {}
    with pytest.raises(KeyError) as caught:
        nobody[CANARY]
    assert CANARY in str(caught.value)
    assert told(caught.value).startswith("KeyError at test_told.py:")


def test_an_error_from_outside_keeps_its_first_line() -> None:
    assert told(TimeoutError("the vault\ndid not answer")) == "TimeoutError: the vault"
