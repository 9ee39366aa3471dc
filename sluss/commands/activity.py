"""`sluss activity …`: what is on offer, as commands to the provider service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console, done, moment
from sluss.reach import Reached
from sluss_contracts.command import Command
from sluss_contracts.commands.provider import (
    CancelSession,
    ProposeActivity,
    PublishProposal,
    RescheduleSession,
    ScheduleSession,
    VerifyActivity,
    WithdrawActivity,
)
from sluss_contracts.vocabulary import Acceptance, Need, PrescriptionKind, Role

app = typer.Typer(
    name="activity", help="What is on offer: suggest, publish, verify, withdraw.", no_args_is_help=True
)

Activity = Annotated[str, typer.Argument(help="The activity's id.")]
Session = Annotated[str, typer.Argument(help="The session's id; see `sluss attendance sessions`.")]
Who = Annotated[str, typer.Option("--as", help="Who acts: a provider or somebody of the staff.")]
AsRole = Annotated[Role, typer.Option("--role", help="In which role; a provider acts for itself alone.")]

_STATUS = {
    "activity.proposed": "suggested",
    "activity.published": "published",
    "activity.amended": "published",
    "activity.verified": "published",
    "activity.verification_due": "to be verified",
    "activity.expired": "hidden",
    "activity.withdrawn": "withdrawn",
}


@app.command("list")
def list_activities(
    all_: Annotated[bool, typer.Option("--all", help="Also what is withdrawn.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What there is, and what has become of it; what nobody vouches for comes last.

    Suggestions wait for a coordinator, what is to be verified for its provider, until the date shown.
    """

    async def show(there: Reached) -> None:
        said: dict[str, dict[str, Any]] = {}
        while news := await there.ledger.news():
            for entry in news:
                if status := _STATUS.get(entry.name):
                    known = said.setdefault(entry.data["activity"], {})
                    known.update(entry.data, status=status)
        table = Table(box=None, pad_edge=False)
        for column in ("activity", "status", "until", "provider", "places", "area", "title"):
            table.add_column(column)
        order = list(dict.fromkeys(_STATUS.values()))
        for id, known in sorted(said.items(), key=lambda item: (order.index(item[1]["status"]), item[0])):
            if all_ or known["status"] != "withdrawn":
                until = known["hidden_at"][:10] if known["status"] == "to be verified" else ""
                shown = [known.get(name, "") for name in ("provider", "capacity", "area", "title")]
                table.add_row(id, known["status"], until, *map(str, shown))
        console.print(table if table.row_count else "Nothing is on offer.")

    ask(data_dir, show)


@app.command()
def propose(
    activity: Activity,
    title: Annotated[str, typer.Argument(help="What it is called.")],
    provider: Annotated[str, typer.Argument(help="Who runs it; need not be registered yet.")],
    who: Who,
    needs: Annotated[list[Need], typer.Option("--need", help="What it helps with; give several if so.")],
    area: Annotated[str, typer.Option(help="Where.")],
    kind: PrescriptionKind = PrescriptionKind.SOCIAL,
    capacity: Annotated[int, typer.Option(help="How many may take part at the same time.")] = 10,
    acceptance: Acceptance = Acceptance.REQUIRED,
    role: AsRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Suggest something; a coordinator looks at it before anybody is sent there."""

    def command(there: Reached) -> Command:
        return ProposeActivity(
            **by(who, role),
            activity=activity,
            provider=provider,
            title=title,
            kind=kind,
            needs=tuple(needs),
            area=area,
            capacity=capacity,
            acceptance=acceptance,
        )

    _send(data_dir, f"{activity} suggested", command)


@app.command()
def publish(activity: Activity, who: Who, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """A coordinator publishes what was suggested, as it is."""
    _send(
        data_dir,
        f"{activity} published",
        lambda there: PublishProposal(**by(who, Role.COORDINATOR), activity=activity),
    )


@app.command()
def verify(
    activity: Activity, who: Who, role: AsRole = Role.PROVIDER, data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """What is published is still right. One that was hidden is shown again."""
    _send(data_dir, f"{activity} verified", lambda there: VerifyActivity(**by(who, role), activity=activity))


@app.command()
def withdraw(
    activity: Activity,
    why: Annotated[str, typer.Argument(help="A code: no_leader, no_room, not_suitable …")],
    who: Who,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """It takes place no more: whoever takes part or waits is ended. Turns down a suggestion too."""

    def command(there: Reached) -> Command:
        return WithdrawActivity(**by(who, role), activity=activity, why=why)

    _send(data_dir, f"{activity} withdrawn", command)


@app.command()
def schedule(
    activity: Activity,
    starts: Annotated[str, typer.Argument(help="When, as 2027-01-12T14:00.")],
    who: Who,
    minutes: int = 90,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Add one dated occurrence."""

    def command(there: Reached) -> Command:
        at = moment(starts, there.clock)
        return ScheduleSession(**by(who, role), activity=activity, starts=at, minutes=minutes)

    _send(data_dir, "Session scheduled", command)


@app.command()
def cancel(
    activity: Activity,
    session: Session,
    why: Annotated[str, typer.Argument(help="A code: leader_ill, weather, closed …")],
    who: Who,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """One occurrence does not take place."""

    def command(there: Reached) -> Command:
        return CancelSession(**by(who, role), activity=activity, session_id=session, why=why)

    _send(data_dir, "Session cancelled", command)


@app.command()
def reschedule(
    activity: Activity,
    session: Session,
    starts: Annotated[str, typer.Argument(help="The new time, as 2027-01-12T14:00.")],
    who: Who,
    minutes: Annotated[int | None, typer.Option(help="Otherwise as long as it was.")] = None,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """One occurrence is moved."""

    def command(there: Reached) -> Command:
        at = moment(starts, there.clock)
        return RescheduleSession(
            **by(who, role), activity=activity, session_id=session, starts=at, minutes=minutes
        )

    _send(data_dir, "Session moved", command)


def _send(data_dir: Path, what: str, command: Callable[[Reached], Command]) -> None:
    async def send(there: Reached) -> None:
        done(what, await there.ask(command(there)))

    ask(data_dir, send)
