"""What commands were answered, kept so that whoever asks again with the same id hears the same."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import asyncpg
from sqlalchemy import bindparam, select

from services.runtime.decision import Refusal
from services.runtime.rows import new_row
from services.runtime.tables import answered_command
from services.runtime.tx import sql
from sluss_contracts.command import Answer, Command
from sluss_contracts.subjects import command_subject

KEPT = timedelta(days=30)
"""How long an answer is kept."""

_FIND = sql(
    select(answered_command.c.digest, answered_command.c.answer).where(
        answered_command.c.command_id == bindparam("command_id")
    )
)
_KEEP = sql(new_row(answered_command, "command_id", "subject", "digest", "answer"))
_FORGET = "delete from answered_command where answered < now() - $1::interval"


class IdTaken(Refusal):
    """Another command has this id already. An id belongs to one command for ever; make a new one."""

    code = "command_id_taken"


async def kept_answer(connection: Any, given: Command) -> Answer | None:
    """What this very command was answered, or None. Raises `IdTaken` if its id was another command's."""
    row = await connection.fetchrow(_FIND.text, *_FIND.arguments({"command_id": given.command_id}))
    if row is None:
        return None
    if not secrets.compare_digest(row["digest"], _digest(given)):
        raise IdTaken()
    return Answer.model_validate(row["answer"], extra="ignore")


async def keep_answer(connection: Any, given: Command, answer: Answer) -> None:
    """Write it down; `already_kept` tells the error when another has done so at the same time."""
    row = {
        "command_id": given.command_id,
        "subject": command_subject(given.OWNER, given.VERB),
        "digest": _digest(given),
        "answer": answer.model_dump(mode="json"),
    }
    await connection.execute(_KEEP.text, *_KEEP.arguments(row))


def already_kept(error: asyncpg.UniqueViolationError) -> bool:
    """Whether the command was answered by another transaction meanwhile."""
    return bool(error.table_name == answered_command.name)


async def forget_old_answers(connection: Any) -> None:
    """Delete answers nobody will ask for again."""
    await connection.execute(_FORGET, KEPT)


def _digest(given: Command) -> bytes:
    return hashlib.sha256(f"{given.VERB}\n{given.model_dump_json()}".encode()).digest()
