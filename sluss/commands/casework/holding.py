"""Who has a case: in line, claimed, handed on, and a whole caseload handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, console, done
from sluss.commands.casework.step import InRole, Referral, take
from sluss.reach import Reached, picture_of
from sluss.telling import LOCAL_TIME
from sluss_contracts.command import Command
from sluss_contracts.commands.navigator import ClaimCase, ReassignCase
from sluss_contracts.commands.referral import RecordConsent
from sluss_contracts.commands.staff import HandOverCaseload
from sluss_contracts.vocabulary import Role


def list_cases(
    worker: Annotated[str | None, typer.Option(help="Only this link worker's.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Open tasks: what waits for whom, the earliest due first."""

    async def show(there: Reached) -> None:
        picture = await picture_of(there)
        table = Table(box=None, pad_edge=False)
        for column in ("due", "task", "whose", "referral", "task id"):
            table.add_column(column)
        dues = {id: datetime.fromisoformat(str(task["due"])) for id, task in picture.tasks.items()}
        for id, due in sorted(dues.items(), key=lambda item: item[1]):
            task = picture.tasks[id]
            whose = task.get("worker") or task["team"]
            if worker in (None, whose):
                kind = str(task["kind"]).replace("_", " ")
                table.add_row(
                    f"{due.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}", kind, whose, task["referral_id"], id
                )
        console.print(table if table.row_count else "Nothing waits for anybody.")

    ask(data_dir, show)


def consent(referral: Referral, who: ActingAs, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """The person was asked and said yes: a held referral goes onward."""

    def command(id: str, there: Reached) -> Command:
        return RecordConsent(**by(who, Role.LINK_WORKER), referral_id=id)

    take(data_dir, referral, "Consent recorded", command)


def claim(
    referral: Referral,
    who: ActingAs,
    role: InRole = Role.LINK_WORKER,
    worker: Annotated[
        str | None, typer.Option(help="Who is to have it, when a coordinator gives it to somebody.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Take a case from the team's inbox."""
    whose = worker or who

    def command(id: str, there: Reached) -> Command:
        return ClaimCase(**by(who, role), referral_id=id, worker=whose)

    take(data_dir, referral, f"{whose} has the case", command)


def reassign(
    referral: Referral,
    who: ActingAs,
    to: Annotated[str | None, typer.Option(help="The link worker who takes over; the team if none.")] = None,
    because: Annotated[
        str, typer.Option(help="A code: handed_on, conflict_of_interest, asked_for_another …")
    ] = "handed_on",
    role: InRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Hand a case on to somebody else, or back to the team's inbox."""

    def command(id: str, there: Reached) -> Command:
        return ReassignCase(**by(who, role), referral_id=id, worker=to, because=because)

    take(data_dir, referral, f"{to} has the case" if to else "The case is back in the team's inbox", command)


def hand_over(
    worker: Annotated[str, typer.Argument(help="The link worker who leaves.")],
    who: ActingAs,
    to: Annotated[
        str | None,
        typer.Option(help="Who takes over what they may have; whoever the policy chooses if none."),
    ] = None,
    because: Annotated[str, typer.Option(help="A code.")] = "link_worker_left",
    role: InRole = Role.COORDINATOR,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """A link worker leaves: every open case goes to whoever is named or chosen, or back in line."""

    async def send(there: Reached) -> None:
        command = HandOverCaseload(**by(who, role), worker=worker, because=because, to=to)
        done(f"The cases of {worker} are being handed over", await there.ask(command))

    ask(data_dir, send)
