"""`sluss case …`: a link worker's steps, as commands to the navigator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, console, done, moment
from sluss.reach import Reached, due_followup, picture_of
from sluss_contracts.command import Command
from sluss_contracts.commands.navigator import (
    AgreePlan,
    BookMeeting,
    ClaimCase,
    CloseCase,
    CompleteTask,
    GoalInWords,
    RecordContact,
    RecordMeeting,
    RequestEnrolment,
)
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.commands.referral import RecordConsent
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    ContactWay,
    MeetingKind,
    MeetingMode,
    PrescriptionKind,
    Role,
)

app = typer.Typer(name="case", help="A link worker's steps with one person.", no_args_is_help=True)

Step = Callable[[str, Reached], Command]

Referral = Annotated[str, typer.Argument(help="The referral's id, or the beginning of it.")]


@app.command("list")
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
        tasks = sorted(picture.tasks.values(), key=lambda task: str(task["due"]))
        for task in tasks:
            whose = task.get("worker") or task["team"]
            if worker in (None, whose):
                kind = str(task["kind"]).replace("_", " ")
                table.add_row(
                    str(task["due"])[:16].replace("T", " "), kind, whose, task["referral_id"], task["task_id"]
                )
        console.print(table if table.row_count else "Nothing waits for anybody.")

    ask(data_dir, show)


@app.command()
def consent(referral: Referral, who: ActingAs, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """The person was asked and said yes: a held referral goes onward."""

    def command(id: str, there: Reached) -> Command:
        return RecordConsent(**by(who, Role.LINK_WORKER), referral_id=id)

    _step(data_dir, referral, "Consent recorded", command)


@app.command()
def claim(referral: Referral, who: ActingAs, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Take a case from the team's inbox."""

    def command(id: str, there: Reached) -> Command:
        return ClaimCase(**by(who, Role.LINK_WORKER), referral_id=id, worker=who)

    _step(data_dir, referral, f"{who} has the case", command)


@app.command()
def contact(
    referral: Referral,
    outcome: Annotated[ContactOutcome, typer.Argument(help="What came of it.")],
    who: ActingAs,
    way: ContactWay = ContactWay.PHONE,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Somebody tried to reach the person."""

    def command(id: str, there: Reached) -> Command:
        return RecordContact(**by(who, Role.LINK_WORKER), referral_id=id, way=way, outcome=outcome)

    _step(data_dir, referral, "Contact attempt recorded", command)


@app.command()
def book(
    referral: Referral,
    starts: Annotated[str, typer.Argument(help="When, as 2027-01-12T14:00.")],
    who: ActingAs,
    kind: MeetingKind = MeetingKind.FIRST,
    mode: MeetingMode = MeetingMode.CLINIC,
    minutes: int = 45,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Agree a time with the person."""

    def command(id: str, there: Reached) -> Command:
        at = moment(starts, there.clock)
        named = by(who, Role.LINK_WORKER)
        return BookMeeting(**named, referral_id=id, kind=kind, mode=mode, starts=at, minutes=minutes)

    _step(data_dir, referral, "Meeting booked", command)


@app.command()
def meeting(
    referral: Referral,
    meeting_id: Annotated[str, typer.Argument(help="The meeting's id, or the beginning of it.")],
    who: ActingAs,
    missed: Annotated[bool, typer.Option("--missed", help="The person did not come.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The meeting was held, or the person did not come."""

    async def record(there: Reached) -> None:
        id = await there.referral(referral)
        found = await there.one_of("meeting", meeting_id, id)
        command = RecordMeeting(
            **by(who, Role.LINK_WORKER), referral_id=id, meeting_id=found["meeting_id"], held=not missed
        )
        done("Meeting recorded", await there.ask(command))

    ask(data_dir, record)


@app.command()
def plan(
    referral: Referral,
    goals: Annotated[list[str], typer.Argument(help="Each goal, in the person's own words.")],
    who: ActingAs,
    kind: PrescriptionKind = PrescriptionKind.SOCIAL,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The person agrees to a plan."""

    def command(id: str, there: Reached) -> Command:
        in_words = tuple(GoalInWords(words=goal, kind=kind) for goal in goals)
        return AgreePlan(**by(who, Role.LINK_WORKER), referral_id=id, goals=in_words)

    _step(data_dir, referral, "Plan agreed", command)


@app.command()
def enrol(
    referral: Referral,
    activity: Annotated[str, typer.Argument(help="The activity's id.")],
    who: ActingAs,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Ask a provider for a place."""

    def command(id: str, there: Reached) -> Command:
        return RequestEnrolment(**by(who, Role.LINK_WORKER), referral_id=id, activity=activity)

    _step(data_dir, referral, "Place asked for", command)


@app.command()
def followup(
    referral: Referral,
    how_it_went: Annotated[str, typer.Argument(help="A code: going_well, needs_more, stopped …")],
    who: ActingAs,
    followup_id: Annotated[
        str, typer.Argument(help="The follow-up's id, or the beginning of it; otherwise the one due.")
    ] = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The person was asked how it went."""

    async def record(there: Reached) -> None:
        id = await there.referral(referral)
        if followup_id:
            found = await there.one_of("followup", followup_id, id)
        else:
            found = due_followup(await there.ledger.story(id))
        command = CompleteFollowUp(
            **by(who, Role.LINK_WORKER),
            referral_id=id,
            followup_id=found["followup_id"],
            how_it_went=how_it_went,
        )
        done("Followed up", await there.ask(command))

    ask(data_dir, record)


@app.command()
def task(
    referral: Referral,
    task_id: Annotated[str, typer.Argument(help="The task's id, or the beginning of it.")],
    who: ActingAs,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """A task is done by other means than the step it waited for."""

    async def record(there: Reached) -> None:
        id = await there.referral(referral)
        found = await there.one_of("task", task_id, id)
        command = CompleteTask(**by(who, Role.LINK_WORKER), referral_id=id, task_id=found["task_id"])
        done("Task done", await there.ask(command))

    ask(data_dir, record)


@app.command()
def close(
    referral: Referral,
    outcome: CaseOutcome,
    who: ActingAs,
    feedback: Annotated[str | None, typer.Option(help="Told to the referrer; nothing else is.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The work is over."""

    def command(id: str, there: Reached) -> Command:
        return CloseCase(**by(who, Role.LINK_WORKER), referral_id=id, outcome=outcome, feedback=feedback)

    _step(data_dir, referral, "Case closed", command)


def _step(data_dir: Path, referral: str, what: str, command: Step) -> None:
    async def send(there: Reached) -> None:
        done(what, await there.ask(command(await there.referral(referral), there)))

    ask(data_dir, send)
