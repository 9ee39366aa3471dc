"""Tasks done by other means than their step, and the end of a case."""

from __future__ import annotations

from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, done
from sluss.commands.casework.step import InRole, Referral, take
from sluss.reach import Reached
from sluss_contracts.command import Command
from sluss_contracts.commands.navigator import CloseCase, CompleteTask
from sluss_contracts.vocabulary import CaseOutcome, Role


def task(
    referral: Referral,
    task_id: Annotated[str, typer.Argument(help="The task's id, or the beginning of it.")],
    who: ActingAs,
    how: Annotated[str, typer.Option(help="A code.")] = "done",
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """A task is done by other means than the step it waited for."""

    async def record(there: Reached) -> None:
        id = await there.referral(referral)
        found = await there.one_of("task", task_id, id)
        command = CompleteTask(**by(who, role), referral_id=id, task_id=found["task_id"], how=how)
        done("Task done", await there.ask(command))

    ask(data_dir, record)


def close(
    referral: Referral,
    outcome: CaseOutcome,
    who: ActingAs,
    feedback: Annotated[str | None, typer.Option(help="Told to the referrer; nothing else is.")] = None,
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The work is over."""

    def command(id: str, there: Reached) -> Command:
        return CloseCase(**by(who, role), referral_id=id, outcome=outcome, feedback=feedback)

    take(data_dir, referral, "Case closed", command)
