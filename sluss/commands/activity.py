"""`sluss activity …`: what is on offer, as commands to the provider service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from sluss.commands import schedule
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, link, moment
from sluss.commands.cataloguing import contacts, listing, moderating, tasks
from sluss.commands.cataloguing.sending import Activity, AsRole, Place, Street, Town, Who, elsewhere, send
from sluss.reach import Reached
from sluss_contracts.command import Command
from sluss_contracts.commands.provider import (
    CancelSession,
    ProposeActivity,
    PublishProposal,
    ReadActivityLink,
    RescheduleSession,
    VerifyActivity,
    WithdrawActivity,
)
from sluss_contracts.offering import ActivityCategory, Interest
from sluss_contracts.vocabulary import Acceptance, Need, PrescriptionKind, Role

app = typer.Typer(
    name="activity",
    help="What is on offer: suggest, publish, look at, verify, withdraw.",
    no_args_is_help=True,
)
app.add_typer(schedule.app)

Session = Annotated[str, typer.Argument(help="The session's id; see `sluss attendance sessions`.")]

ERRANDS: dict[str, Callable[..., None]] = {
    "list": listing.list_activities,
    "show": listing.show,
    "queue": moderating.queue,
    "review": moderating.review,
    "send-back": moderating.send_back,
    "turn-down": moderating.turn_down,
    "tasks": tasks.list_tasks,
    "task": tasks.done_by_hand,
    "contact": contacts.read_of_activity,
    "give-contact": contacts.give_of_activity,
}
"""What stands in `cataloguing`."""

for name, errand in ERRANDS.items():
    app.command(name)(errand)


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
    about: Annotated[str | None, typer.Option(help="A few sentences for whoever might come.")] = None,
    category: Annotated[ActivityCategory | None, typer.Option(help="What sort of thing it is.")] = None,
    interests: Annotated[
        list[Interest] | None, typer.Option("--interest", help="Whoever likes this.")
    ] = None,
    page: Annotated[str | None, typer.Option(help="Where more is told, as https://…")] = None,
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
            about=about,
            category=category,
            interests=tuple(interests or ()),
            page=page,
        )

    send(data_dir, f"{activity} suggested", command)


@app.command()
def publish(activity: Activity, who: Who, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """A coordinator publishes what was suggested, as it is."""
    send(
        data_dir,
        f"{activity} published",
        lambda there: PublishProposal(**by(who, Role.COORDINATOR), activity=activity),
    )


@app.command()
def verify(
    activity: Activity, who: Who, role: AsRole = Role.PROVIDER, data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """What is published is still right. One that was hidden is shown again."""
    send(data_dir, f"{activity} verified", lambda there: VerifyActivity(**by(who, role), activity=activity))


@app.command()
def withdraw(
    activity: Activity,
    why: Annotated[str, typer.Argument(help="A code: no_leader, no_room, not_suitable …")],
    who: Who,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """It takes place no more: whoever takes part or waits is ended."""

    def command(there: Reached) -> Command:
        return WithdrawActivity(**by(who, role), activity=activity, why=why)

    send(data_dir, f"{activity} withdrawn", command)


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

    send(data_dir, "Session cancelled", command)


@app.command()
def reschedule(
    activity: Activity,
    session: Session,
    starts: Annotated[str, typer.Argument(help="The new time, as 2027-01-12T14:00.")],
    who: Who,
    minutes: Annotated[int | None, typer.Option(help="Otherwise as long as it was.")] = None,
    place: Place = None,
    street: Street = None,
    town: Town = None,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """One occurrence is moved, in time or to another place. Those who take part are told."""
    venue = elsewhere(place, street, town)

    def command(there: Reached) -> Command:
        at = moment(starts)
        return RescheduleSession(
            **by(who, role), activity=activity, session_id=session, starts=at, minutes=minutes, venue=venue
        )

    send(data_dir, "Session moved", command)


@app.command("link")
def show_link(
    activity: Activity,
    who: Annotated[str, typer.Option("--as", help="The coordinator who gives it to the provider.")],
    session: Annotated[str | None, typer.Option(help="A session's id: to report who came to it.")] = None,
    role: Annotated[Role, typer.Option(help="coordinator or operator.")] = Role.COORDINATOR,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show a link by which the provider says whether what is published is still right, or who came."""

    async def show(there: Reached) -> None:
        question = ReadActivityLink(**by(who, role), activity=activity, session_id=session)
        link(await there.ask(question), there.clock)

    ask(data_dir, show)
